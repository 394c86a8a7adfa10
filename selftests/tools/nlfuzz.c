// SPDX-License-Identifier: GPL-2.0
/*
 * Random messages to the generic netlink family "xdp_rxh": nlfuzz NS:IF[,IF...] SEED COUNT PROG...
 *
 * Most are almost right: known attributes, ids and descriptors that mean something, and then something cut
 * off, changed or repeated. They are about any of the devices, of which the first must be an upper, and seldom about
 * others. A message that is refused must say why and leave all chains and switches as they were, generations
 * included; one that is accepted counts one generation, if it is an edit at all, and changes no more than one device.
 * What a dump says of a device must be what the device says itself. The seed repeats a run.
 */
#define _GNU_SOURCE
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/xdp_rx_handler.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "lab.h"

#define MAX_PROGS	8
#define MAX_DEVS	4

static struct lab_dev devs[MAX_DEVS];
static int fds[MAX_PROGS], nr_fds, nr_devs, genl, family;
static unsigned int seq;
static unsigned long long rng;
static char out[16384];

static unsigned int rnd(unsigned int n)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (rng >> 11) % n;
}

/* ---- what the chains are */

/* How often the dump that is under way told of each */
static int dumped[MAX_DEVS];

static struct chain {
	unsigned long long generation;
	ssize_t len;
	char payload[16384];
} before[MAX_DEVS], after[MAX_DEVS];

static ssize_t receive(char *buf, size_t size)
{
	ssize_t got = recv(genl, buf, size, 0);

	if (got < 0)
		err(1, "no answer");
	return got;
}

static struct nlmsghdr *begin(int type, int cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(out);
	struct genlmsghdr *head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = ++seq;
	head->cmd = cmd;
	head->version = 1;
	return nlh;
}

static const char *attr_of(const struct nlmsghdr *nlh, int type)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == type)
			return mnl_attr_get_payload(attr);
	return NULL;
}

static void look(struct chain *chain, const struct lab_dev *dev)
{
	static char buf[32768];
	struct nlmsghdr *nlh = begin(family, XDP_RXH_CMD_CHAIN_GET);
	const char *at;

	mnl_attr_put_u32(nlh, XDP_RXH_A_IFINDEX, dev->ifindex);
	send(genl, nlh, nlh->nlmsg_len, 0);
	receive(buf, sizeof(buf));
	nlh = (void *)buf;
	if (nlh->nlmsg_type != family)
		errx(1, "the chain of %s can't be had", dev->spec);
	chain->len = mnl_nlmsg_get_payload_len(nlh);
	if (chain->len > (ssize_t)sizeof(chain->payload))
		errx(1, "a chain of %zd bytes", chain->len);
	memcpy(chain->payload, mnl_nlmsg_get_payload(nlh), chain->len);
	at = attr_of(nlh, XDP_RXH_A_GENERATION);
	if (!at)
		errx(1, "a chain without a generation");
	memcpy(&chain->generation, at, sizeof(chain->generation));
}

static void find_family(void)
{
	static char buf[16384];
	struct nlmsghdr *nlh = begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	const char *at;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, XDP_RXH_FAMILY_NAME);
	send(genl, nlh, nlh->nlmsg_len, 0);
	receive(buf, sizeof(buf));
	at = ((struct nlmsghdr *)buf)->nlmsg_type == NLMSG_ERROR ? NULL : attr_of((void *)buf, CTRL_ATTR_FAMILY_ID);
	if (!at)
		errx(1, "no family " XDP_RXH_FAMILY_NAME);
	family = *(const __u16 *)at;
}

/* ---- messages */

static bool is_edit(int cmd)
{
	return cmd >= XDP_RXH_CMD_CHAIN_SET && cmd <= XDP_RXH_CMD_NODE_DEL;
}

static bool is_get(int cmd)
{
	return cmd == XDP_RXH_CMD_CHAIN_GET || cmd == XDP_RXH_CMD_STATUS_GET;
}

static int command(void)
{
	static const int often[] = { XDP_RXH_CMD_SWITCH_SET, XDP_RXH_CMD_CHAIN_GET, XDP_RXH_CMD_STATUS_GET };

	if (!rnd(20))
		return rnd(12);
	return rnd(2) ? XDP_RXH_CMD_CHAIN_SET + (int)rnd(5) : often[rnd(3)];
}

static __u32 node_id(void)
{
	static const __u32 odd[] = { 0, XDP_RXH_NODE_STOP, XDP_RXH_NODE_STOP - 1, 1U << 31 };

	return rnd(8) ? 1 + rnd(6) : odd[rnd(4)];
}

static __u32 code(void)
{
	return rnd(6) ? rnd(6) : rnd(2) ? XDP_RXH_CODE_ANY : rnd(1000);
}

static __u32 prog_fd(void)
{
	return rnd(10) ? (__u32)fds[rnd(nr_fds)] : rnd(2) ? (__u32)genl : rnd(2000) - 1000U;
}

static bool room(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_len < sizeof(out) - 1024;
}

static void put_edge(struct nlmsghdr *nlh)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, XDP_RXH_A_NODE_EDGE);

	if (rnd(20))
		mnl_attr_put_u32(nlh, XDP_RXH_A_EDGE_CODE, code());
	if (rnd(20))
		mnl_attr_put_u32(nlh, XDP_RXH_A_EDGE_TO, node_id());
	mnl_attr_nest_end(nlh, nest);
}

static void put_node(struct nlmsghdr *nlh, __u32 id)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, XDP_RXH_A_NODE);
	int i, edges = rnd(3);

	if (rnd(30))
		mnl_attr_put_u32(nlh, XDP_RXH_A_NODE_ID, rnd(10) ? id : node_id());
	if (id != XDP_RXH_NODE_ENTRY ? rnd(8) : !rnd(20))
		mnl_attr_put_u32(nlh, XDP_RXH_A_NODE_PROG_FD, prog_fd());
	for (i = 0; i < edges && room(nlh); i++)
		put_edge(nlh);
	mnl_attr_nest_end(nlh, nest);
}

static void put_junk(struct nlmsghdr *nlh)
{
	char junk[64];
	size_t i, len = rnd(sizeof(junk));

	for (i = 0; i < len; i++)
		junk[i] = rnd(256);
	mnl_attr_put(nlh, rnd(20) | (rnd(4) ? 0 : NLA_F_NESTED), len, junk);
}

/* A value of a switch that has @n of them, from 0 on; or none that it has */
static __u32 position(unsigned int n)
{
	return rnd(10) ? rnd(n) : rnd(2) ? n : rnd(~0U);
}

static void put_switches(struct nlmsghdr *nlh)
{
	if (rnd(2))
		mnl_attr_put_u32(nlh, XDP_RXH_A_HAND_UP, position(XDP_RXH_HAND_UP_MAX + 1));
	if (rnd(2))
		mnl_attr_put_u32(nlh, XDP_RXH_A_HANDLER, position(XDP_RXH_HANDLER_MAX + 1));
	if (rnd(2))
		mnl_attr_put_u32(nlh, XDP_RXH_A_HINTS, position(XDP_RXH_HINTS_ALL + 1));
}

static void put_attrs(struct nlmsghdr *nlh, int cmd, bool dump)
{
	unsigned int i, nodes = rnd(20) ? rnd(6) : rnd(140), dev = rnd(nr_devs);

	/* a device that only has a switch that was touched can have an empty chain: it would count that as an edit */
	if (dump ? !rnd(4) : rnd(40))
		mnl_attr_put_u32(nlh, XDP_RXH_A_IFINDEX, rnd(20) ? (unsigned int)devs[dev].ifindex :
						 is_edit(cmd) ? rnd(~0U) : rnd(20));
	if (!rnd(is_edit(cmd) ? 4 : 40))
		mnl_attr_put_u64(nlh, XDP_RXH_A_GENERATION, before[dev].generation + !rnd(3));
	if (cmd == XDP_RXH_CMD_CHAIN_SET || !rnd(40))
		for (i = 0; i < nodes && room(nlh); i++)
			put_node(nlh, i + 1);
	if (is_edit(cmd) && cmd != XDP_RXH_CMD_CHAIN_SET ? rnd(20) : !rnd(40))
		mnl_attr_put_u32(nlh, XDP_RXH_A_FROM, node_id());
	if (cmd == XDP_RXH_CMD_EDGE_ADD || cmd == XDP_RXH_CMD_EDGE_DEL || !rnd(40))
		mnl_attr_put_u32(nlh, XDP_RXH_A_CODE, code());
	if (cmd == XDP_RXH_CMD_EDGE_ADD && rnd(2))
		mnl_attr_put_u32(nlh, XDP_RXH_A_TO, node_id());
	else if (cmd == XDP_RXH_CMD_EDGE_ADD || cmd == XDP_RXH_CMD_NODE_REPLACE)
		mnl_attr_put_u32(nlh, XDP_RXH_A_PROG_FD, prog_fd());
	if (!rnd(2) && (cmd == XDP_RXH_CMD_NODE_DEL || !rnd(20)))
		mnl_attr_put(nlh, XDP_RXH_A_CLOSE_UP, 0, NULL);
	if (!rnd(2) && (cmd == XDP_RXH_CMD_EDGE_ADD || !rnd(20)))
		mnl_attr_put(nlh, XDP_RXH_A_REPLACE, 0, NULL);
	if (cmd == XDP_RXH_CMD_SWITCH_SET || !rnd(40))
		put_switches(nlh);
	while (!rnd(8) && room(nlh))
		put_junk(nlh);
}

/* Cut off, or changed in a few bytes: behind the headers, so that it still gets to the family. */
static void damage(struct nlmsghdr *nlh)
{
	unsigned int head = MNL_NLMSG_HDRLEN + GENL_HDRLEN, i, times;

	if (nlh->nlmsg_len <= head)
		return;
	if (!rnd(8))
		nlh->nlmsg_len = head + rnd(nlh->nlmsg_len - head);
	times = rnd(6) ? 0 : 1 + rnd(4);
	for (i = 0; i < times && nlh->nlmsg_len > head; i++)
		out[head + rnd(nlh->nlmsg_len - head)] = rnd(256);
}

/* ---- answers */

/* One of a dump's messages: of a device of ours it begins with what that says itself, the command apart. */
static void tell(const struct nlmsghdr *nlh)
{
	const char *payload = mnl_nlmsg_get_payload(nlh), *at = attr_of(nlh, XDP_RXH_A_IFINDEX);
	ssize_t len = mnl_nlmsg_get_payload_len(nlh);
	int i;

	if (nlh->nlmsg_type != family || !at)
		errx(1, "a message of type %u in a dump, or without a device", nlh->nlmsg_type);
	for (i = 0; i < nr_devs; i++) {
		if (*(const __u32 *)at != (__u32)devs[i].ifindex)
			continue;
		dumped[i]++;
		if (len < before[i].len || memcmp(payload + GENL_HDRLEN, before[i].payload + GENL_HDRLEN,
						  before[i].len - GENL_HDRLEN))
			errx(1, "%s is another in a dump", devs[i].spec);
	}
}

/* The error that an acknowledgement, or the end of a dump, begins with; @why is the kernel's word, if it has one. */
static int verdict(const struct nlmsghdr *nlh, const char **why)
{
	const struct nlmsgerr *ack = mnl_nlmsg_get_payload(nlh);
	unsigned int skip = sizeof(ack->error);
	const struct nlattr *attr;

	if (!ack->error || !(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return ack->error;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		skip = sizeof(*ack);
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
			skip += MNL_ALIGN(ack->msg.nlmsg_len) - sizeof(struct nlmsghdr);
	}
	mnl_attr_for_each(attr, nlh, skip)
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			*why = mnl_attr_get_str(attr);
	return ack->error;
}

static int answer(const char **why)
{
	static char buf[65536];
	const struct nlmsghdr *nlh;
	int left;

	*why = NULL;
	memset(dumped, 0, sizeof(dumped));
	for (;;) {
		left = receive(buf, sizeof(buf));
		for (nlh = (void *)buf; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			if (nlh->nlmsg_seq != seq)
				continue;
			if (nlh->nlmsg_type == NLMSG_ERROR || nlh->nlmsg_type == NLMSG_DONE)
				return verdict(nlh, why);
			if (nlh->nlmsg_flags & NLM_F_MULTI)
				tell(nlh);
		}
	}
}

/* Uppers are in every dump; of lowers a dump of chains has but those that have one, or a switch that was touched. */
static void check_dump(int number, int cmd)
{
	int i;

	for (i = 0; i < nr_devs; i++)
		if (dumped[i] > 1 || (!dumped[i] && (!i || cmd == XDP_RXH_CMD_STATUS_GET)))
			errx(1, "message %d, command %d, dumped %s %d times", number, cmd, devs[i].spec, dumped[i]);
}

/* What the message has changed: nothing, if it was refused with @error. */
static void check_chains(int number, int cmd, int error)
{
	unsigned long long edits = 0;
	int i, changed = 0;

	for (i = 0; i < nr_devs; i++) {
		look(&after[i], &devs[i]);
		edits += after[i].generation - before[i].generation;
		changed += before[i].len != after[i].len || memcmp(before[i].payload, after[i].payload, after[i].len);
		before[i] = after[i];
	}
	if (error && changed)
		errx(1, "message %d, command %d, refused with %s, changed a chain or switch", number, cmd,
		     strerror(-error));
	if (!error && (edits != is_edit(cmd) || changed > (is_edit(cmd) || cmd == XDP_RXH_CMD_SWITCH_SET)))
		errx(1, "message %d, command %d, took generations on by %llu and changed %d devices", number, cmd,
		     edits, changed);
}

/* The devices of "NS:IF,IF..." */
static void open_devs(char *specs)
{
	char spec[sizeof(devs[0].spec)];
	const char *name;

	lab_open(strtok(specs, ",") ?: "", &devs[nr_devs++]);
	while ((name = strtok(NULL, ","))) {
		if (nr_devs == MAX_DEVS)
			errx(2, "too many devices");
		snprintf(spec, sizeof(spec), "%s:%s", devs[0].ns, name);
		lab_open(spec, &devs[nr_devs++]);
	}
}

static void open_genl(void)
{
	struct timeval limit = { .tv_sec = 10 * lab_scale() };
	int one = 1;

	genl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	setsockopt(genl, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(genl, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(genl, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	find_family();
}

int main(int argc, char **argv)
{
	int i, cmd, count, error, accepted = 0, silent = 0, switched = 0, dumps = 0;
	unsigned long long seed;
	struct nlmsghdr *nlh;
	const char *why;
	bool dump;

	if (argc < 5)
		errx(2, "Usage: nlfuzz NS:IF[,IF...] SEED COUNT PROG...");
	seed = strtoull(argv[2], NULL, 0);
	rng = seed * 2 + 1;
	count = atoi(argv[3]);
	for (i = 4; i < argc && nr_fds < MAX_PROGS; i++)
		fds[nr_fds++] = lab_prog(argv[i]);
	open_devs(argv[1]);
	open_genl();
	printf("seed %llu\n", seed);
	fflush(stdout);

	for (i = 0; i < nr_devs; i++)
		look(&before[i], &devs[i]);
	for (i = 0; i < count; i++) {
		cmd = command();
		dump = !rnd(is_get(cmd) ? 2 : 40);
		nlh = begin(family, cmd);
		nlh->nlmsg_flags |= NLM_F_ACK | (dump ? NLM_F_DUMP : 0);
		put_attrs(nlh, cmd, dump);
		damage(nlh);
		send(genl, nlh, nlh->nlmsg_len, 0);
		error = answer(&why);
		if (!error && dump)
			check_dump(i, cmd);
		check_chains(i, cmd, error);
		/* that there is no such command core says by the error alone */
		if (error && !why && error != -EOPNOTSUPP) {
			printf("message %d, command %d: %s, and no word\n", i, cmd, strerror(-error));
			silent++;
		}
		accepted += !error;
		switched += !error && cmd == XDP_RXH_CMD_SWITCH_SET;
		dumps += !error && dump;
	}
	printf("%d messages: %d accepted (%d switched, %d dumped), %d refused, %d of these without a word\n", count,
	       accepted, switched, dumps, count - accepted, silent);
	return silent ? 1 : 0;
}
