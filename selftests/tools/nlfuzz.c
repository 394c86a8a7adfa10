// SPDX-License-Identifier: GPL-2.0
/*
 * Random messages to the generic netlink family "xdp_rxh": nlfuzz NS:IF SEED COUNT PROG...
 *
 * Most are almost right: known attributes, ids and descriptors that mean something, and then something cut
 * off, changed or repeated. A message that is refused must say why and leave the chain as it was, generation
 * included; one that is accepted counts one generation, if it is an edit at all. The seed repeats a run.
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

static struct lab_dev dev;
static int fds[MAX_PROGS], nr_fds, genl, family;
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

/* ---- what the chain is */

struct chain {
	ssize_t len;
	char payload[16384];
};

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

static unsigned long long look(struct chain *chain)
{
	static char buf[32768];
	struct nlmsghdr *nlh = begin(family, XDP_RXH_CMD_CHAIN_GET);
	unsigned long long generation;
	const char *at;

	mnl_attr_put_u32(nlh, XDP_RXH_A_IFINDEX, dev.ifindex);
	send(genl, nlh, nlh->nlmsg_len, 0);
	receive(buf, sizeof(buf));
	nlh = (void *)buf;
	if (nlh->nlmsg_type != family)
		errx(1, "the chain can't be had");
	chain->len = mnl_nlmsg_get_payload_len(nlh);
	memcpy(chain->payload, mnl_nlmsg_get_payload(nlh), chain->len);
	at = attr_of(nlh, XDP_RXH_A_GENERATION);
	if (!at)
		errx(1, "a chain without a generation");
	memcpy(&generation, at, sizeof(generation));
	return generation;
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

static void put_attrs(struct nlmsghdr *nlh, int cmd, unsigned long long generation)
{
	unsigned int i, nodes = rnd(20) ? rnd(6) : rnd(140);

	if (rnd(40))
		mnl_attr_put_u32(nlh, XDP_RXH_A_IFINDEX, rnd(20) ? (unsigned int)dev.ifindex : rnd(20));
	if (!rnd(4))
		mnl_attr_put_u64(nlh, XDP_RXH_A_GENERATION, generation + !rnd(3));
	if (cmd == XDP_RXH_CMD_CHAIN_SET || !rnd(40))
		for (i = 0; i < nodes && room(nlh); i++)
			put_node(nlh, i + 1);
	if (cmd != XDP_RXH_CMD_CHAIN_SET && rnd(20))
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
	/* seldom: what is set so stays */
	if (cmd == XDP_RXH_CMD_SWITCH_SET) {
		if (rnd(3))
			mnl_attr_put_u32(nlh, XDP_RXH_A_HAND_UP, rnd(4));
		if (rnd(3))
			mnl_attr_put_u32(nlh, XDP_RXH_A_HANDLER, rnd(4));
	}
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

/* The error of an acknowledgement; @why is the kernel's word, if it has one. */
static int answer(const char **why)
{
	static char buf[65536];
	const struct nlmsgerr *ack;
	const struct nlmsghdr *nlh;
	const struct nlattr *attr;
	unsigned int skip;

	*why = NULL;
	do {
		receive(buf, sizeof(buf));
		nlh = (void *)buf;
	} while (nlh->nlmsg_seq != seq || nlh->nlmsg_type != NLMSG_ERROR);
	ack = mnl_nlmsg_get_payload(nlh);
	if (!ack->error || !(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return ack->error;
	skip = sizeof(*ack);
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += MNL_ALIGN(ack->msg.nlmsg_len) - sizeof(struct nlmsghdr);
	mnl_attr_for_each(attr, nlh, skip)
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			*why = mnl_attr_get_str(attr);
	return ack->error;
}

int main(int argc, char **argv)
{
	static struct chain before, after;
	unsigned long long was, is, seed;
	int i, cmd, count, error, one = 1, accepted = 0, silent = 0;
	struct timeval limit = { .tv_sec = 10 * lab_scale() };
	struct nlmsghdr *nlh;
	const char *why;

	if (argc < 5)
		errx(2, "Usage: nlfuzz NS:IF SEED COUNT PROG...");
	seed = strtoull(argv[2], NULL, 0);
	rng = seed * 2 + 1;
	count = atoi(argv[3]);
	for (i = 4; i < argc && nr_fds < MAX_PROGS; i++)
		fds[nr_fds++] = lab_prog(argv[i]);
	lab_open(argv[1], &dev);
	genl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	setsockopt(genl, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(genl, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(genl, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	find_family();
	printf("seed %llu\n", seed);
	fflush(stdout);

	was = look(&before);
	for (i = 0; i < count; i++) {
		cmd = rnd(20) ? XDP_RXH_CMD_CHAIN_SET + rnd(5) : rnd(12);
		nlh = begin(family, cmd);
		nlh->nlmsg_flags |= NLM_F_ACK;
		put_attrs(nlh, cmd, was);
		damage(nlh);
		send(genl, nlh, nlh->nlmsg_len, 0);
		error = answer(&why);
		is = look(&after);
		if (error && (before.len != after.len || memcmp(before.payload, after.payload, after.len)))
			errx(1, "message %d, command %d, refused with %s, changed the chain", i, cmd,
			     strerror(-error));
		if (!error && cmd != XDP_RXH_CMD_CHAIN_GET &&
		    is != was + (cmd != XDP_RXH_CMD_SWITCH_SET))
			errx(1, "message %d, command %d, took generation %llu to %llu", i, cmd, was, is);
		/* that there is no such command core says by the error alone */
		if (error && !why && error != -EOPNOTSUPP) {
			printf("message %d, command %d: %s, and no word\n", i, cmd, strerror(-error));
			silent++;
		}
		accepted += !error;
		was = is;
		before = after;
	}
	printf("%d messages: %d accepted, %d refused, %d of these without a word\n", count, accepted,
	       count - accepted, silent);
	return silent ? 1 : 0;
}
