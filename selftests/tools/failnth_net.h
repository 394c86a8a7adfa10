/* SPDX-License-Identifier: GPL-2.0 */
/* What failnth asks the network for: changes, under fire; a picture of all there is; frames. */
#ifndef SELFTESTS_FAILNTH_NET_H
#define SELFTESTS_FAILNTH_NET_H

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/xdp_rx_handler.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "failnth_faults.h"
#include "nl.h"

#define FRAME_TYPE	0x88b5
#define FENCE_TYPE	0x88b6
#define NR_UNTAGGED	3
#define NR_TAGGED	2	/* meet a program on the skb path */
#define NR_FRAMES	(NR_UNTAGGED + NR_TAGGED)

/* ---- namespaces, and one socket of each kind in each of them */

static struct space {
	const char *name;
	int net, route, genl, any;
} spaces[] = { { .name = "gen" }, { .name = "low" }, { .name = "far" } };

enum { GEN, LOW, FAR, NR_SPACES };

static int genl_id;

static int netlink(int protocol)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), one = 1;

	if (fd < 0)
		err(1, "netlink");
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	return fd;
}

static void open_spaces(void)
{
	char path[64];
	int i;

	for (i = 0; i < NR_SPACES; i++) {
		snprintf(path, sizeof(path), "/run/netns/%s", spaces[i].name);
		spaces[i].net = open(path, O_RDONLY | O_CLOEXEC);
		lab_enter(spaces[i].name);
		spaces[i].route = netlink(NETLINK_ROUTE);
		spaces[i].genl = netlink(NETLINK_GENERIC);
		spaces[i].any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	}
	lab_enter("");
}

static int dev_index(int space, const char *name)
{
	struct ifreq ifr = {};

	strcpy(ifr.ifr_name, name);
	return ioctl(spaces[space].any, SIOCGIFINDEX, &ifr) ? 0 : ifr.ifr_ifindex;
}

/* ---- netlink */

#define UNSURE	1	/* the kernel had no memory for the answer */

static char message[8192];
static unsigned int seq;

static struct nlmsghdr *rtnl_link(int type, int flags, const char *name, int space)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(message);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	ifi->ifi_index = name ? dev_index(space, name) : 0;
	return nlh;
}

/* Send it, under fire. Returns 0, UNSURE, or a negative error. */
static int talk(int fd, struct nlmsghdr *nlh)
{
	const struct nlmsgerr *answer;
	static char buf[16384];
	struct nlmsghdr *reply;
	ssize_t got;
	int error;

	nlh->nlmsg_seq = ++seq;
	arm();
	error = send(fd, nlh, nlh->nlmsg_len, 0) < 0 ? -errno : 0;
	disarm();
	if (error)
		return error;
	for (;;) {
		got = recv(fd, buf, sizeof(buf), 0);
		if (got < 0)
			return errno == ENOBUFS ? UNSURE : -errno;
		reply = (void *)buf;
		if (reply->nlmsg_seq != seq || reply->nlmsg_type != NLMSG_ERROR)
			continue;
		answer = mnl_nlmsg_get_payload(reply);
		return answer->error;
	}
}

/* What @each makes of every message of a dump */
static int dump(int fd, struct nlmsghdr *nlh, mnl_cb_t each, void *data)
{
	static char buf[65536];
	ssize_t got;
	int more = 1;

	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = ++seq;
	if (send(fd, nlh, nlh->nlmsg_len, 0) < 0)
		return -1;
	while (more > 0) {
		got = recv(fd, buf, sizeof(buf), 0);
		if (got < 0 && errno == ENOBUFS)
			continue;
		more = got < 0 ? -1 : mnl_cb_run(buf, got, seq, 0, each, data);
	}
	return more;
}

static int genl_id_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr;

	(void)data;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			genl_id = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static struct nlmsghdr *genl(int type, int cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(message);
	struct genlmsghdr *head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	head->cmd = cmd;
	head->version = 1;
	return nlh;
}

static void find_family(void)
{
	static char buf[16384];
	struct nlmsghdr *nlh = genl(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	ssize_t got;

	genl_id = 0;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = ++seq;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, XDP_RXH_FAMILY_NAME);
	send(spaces[LOW].genl, nlh, nlh->nlmsg_len, 0);
	got = recv(spaces[LOW].genl, buf, sizeof(buf), 0);
	if (got > 0)
		mnl_cb_run(buf, got, seq, 0, genl_id_cb, NULL);
}

/* ---- what there is, as text: all of it that an operation that fails must leave alone */

struct text {
	char *line[64];
	int n, space;
};

static void __attribute__((format(printf, 2, 3))) add(struct text *text, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (text->n == 64 || vasprintf(&text->line[text->n++], fmt, args) < 0)
		errx(1, "too much to say");
	va_end(args);
}

static void features_of(int space, const char *name, char *out)
{
	struct {
		struct ethtool_gfeatures head;
		struct ethtool_get_features_block block[4];
	} get = { .head = { .cmd = ETHTOOL_GFEATURES, .size = 4 } };
	struct ifreq ifr = { .ifr_data = (void *)&get };
	__u32 i;

	strcpy(ifr.ifr_name, name);
	if (ioctl(spaces[space].any, SIOCETHTOOL, &ifr))
		get.head.size = 0;
	for (i = 0; i < get.head.size && i < 4; i++)
		out += sprintf(out, "%x/%x ", get.block[i].active, get.block[i].requested);
	*out = 0;
}

static void xdp_of(const struct nlattr *nest, char *out)
{
	const struct nlattr *attr;
	unsigned int mode = 0, id = 0;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == IFLA_XDP_ATTACHED)
			mode = mnl_attr_get_u8(attr);
		if (mnl_attr_get_type(attr) == IFLA_XDP_PROG_ID)
			id = mnl_attr_get_u32(attr);
	}
	sprintf(out, "xdp %u %u", mode, id);
}

static int link_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	char xdp[32] = "", features[128] = "";
	const char *name = "?";
	const struct nlattr *attr;
	unsigned long long mac = 0;
	struct text *text = data;
	unsigned int mtu = 0, master = 0;

	mnl_attr_for_each(attr, nlh, sizeof(*ifi)) {
		switch (mnl_attr_get_type(attr)) {
		case IFLA_IFNAME:
			name = mnl_attr_get_str(attr);
			break;
		case IFLA_MTU:
			mtu = mnl_attr_get_u32(attr);
			break;
		case IFLA_ADDRESS:
			memcpy(&mac, mnl_attr_get_payload(attr), 6);
			break;
		case IFLA_MASTER:
			master = mnl_attr_get_u32(attr);
			break;
		case IFLA_XDP:
			xdp_of(attr, xdp);
			break;
		}
	}
	features_of(text->space, name, features);
	add(text, "%s:%s %s mtu %u mac %llx master %u %s features %s", spaces[text->space].name, name,
	    ifi->ifi_flags & IFF_UP ? "up" : "down", mtu, mac, master, xdp, features);
	return MNL_CB_OK;
}

/* A node's id is never used again, so not a part of what must be the same. */
static int last_node;

static int chain_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr, *in, *edge;
	struct text *text = data;
	char line[512], *end = line;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == XDP_RXH_A_HINTS || mnl_attr_get_type(attr) == XDP_RXH_A_HAND_UP)
			end += sprintf(end, " switch %u", mnl_attr_get_u32(attr));
		if (mnl_attr_get_type(attr) != XDP_RXH_A_NODE)
			continue;
		mnl_attr_for_each_nested(in, attr) {
			if (mnl_attr_get_type(in) == XDP_RXH_A_NODE_ID &&
			    mnl_attr_get_u32(in) != XDP_RXH_NODE_ENTRY)
				last_node = mnl_attr_get_u32(in);
			if (mnl_attr_get_type(in) == XDP_RXH_A_NODE_PROG_ID)
				end += sprintf(end, " node %u", mnl_attr_get_u32(in));
			if (mnl_attr_get_type(in) != XDP_RXH_A_NODE_EDGE)
				continue;
			mnl_attr_for_each_nested(edge, in)
				if (mnl_attr_get_type(edge) == XDP_RXH_A_EDGE_CODE)
					end += sprintf(end, " on %d", (int)mnl_attr_get_u32(edge));
		}
		if (end > line + sizeof(line) - 100)
			break;
	}
	*end = 0;
	add(text, "chain%s", line);
	return MNL_CB_OK;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *state(void)
{
	static const char *const modules[] = { "xdp_rx_handler", "macvlan_xdp", "macvtap_xdp", "macvlan", "tap",
					       "bonding_xdp" };
	struct text text = {};
	size_t size, i;
	FILE *file;
	char *all_of_it;
	int j;

	for (text.space = GEN; text.space <= FAR; text.space++) {
		if (dump(spaces[text.space].route, rtnl_link(RTM_GETLINK, 0, NULL, 0), link_cb, &text) < 0)
			err(1, "links");
		if (genl_id && dump(spaces[text.space].genl, genl(genl_id, XDP_RXH_CMD_CHAIN_GET), chain_cb,
				    &text) < 0)
			err(1, "chains");
	}
	for (i = 0; i < 6; i++) {
		char path[64], count[16] = "absent";

		snprintf(path, sizeof(path), "/sys/module/%s/refcnt", modules[i]);
		file = fopen(path, "r");
		if (file) {
			if (fscanf(file, "%15s", count) != 1)
				strcpy(count, "?");
			fclose(file);
		}
		add(&text, "module %s %s", modules[i], count);
	}
	qsort(text.line, text.n, sizeof(*text.line), by_text);

	file = open_memstream(&all_of_it, &size);
	for (j = 0; j < text.n; j++) {
		fprintf(file, "%s\n", text.line[j]);
		free(text.line[j]);
	}
	fclose(file);
	return all_of_it;
}

/* ---- frames */

/* What a socket is bound to: not to a device that has gone, nor come back since. */
static int bound_to(int s)
{
	struct sockaddr_ll is = {};
	socklen_t len = sizeof(is);
	int error;

	if (getsockname(s, (void *)&is, &len))
		return -1;
	len = sizeof(error);
	getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &len);	/* it was down */
	return is.sll_ifindex;
}

/* Closing a packet socket waits for a grace period: so they stay, a few of them, while their devices do. */
static int packet_socket(int space, const char *name, int type)
{
	static struct packet {
		int fd, space, type;
		unsigned int used;
	} all_of_them[8];
	struct packet *sock, *oldest = all_of_them;
	static unsigned int now;
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(type),
		.sll_ifindex = dev_index(space, name),
	};

	for (sock = all_of_them; sock < all_of_them + 8; sock++) {
		if (sock->fd && sock->space == space && sock->type == type &&
		    bound_to(sock->fd) == to.sll_ifindex) {
			sock->used = ++now;
			return sock->fd;
		}
		if (sock->used < oldest->used)
			oldest = sock;
	}
	if (oldest->fd)
		close(oldest->fd);
	lab_enter(spaces[space].name);
	oldest->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	lab_enter("");
	if (oldest->fd < 0 || !to.sll_ifindex || bind(oldest->fd, (void *)&to, sizeof(to)))
		err(1, "%s:%s", spaces[space].name, name);
	oldest->space = space;
	oldest->type = type;
	oldest->used = ++now;
	return oldest->fd;
}

static void send_frame(int fd, const unsigned char *to, bool tagged, int type)
{
	unsigned char frame[64] = {}, *at = frame + 12;
	__be16 word = htons(type);

	memcpy(frame, to, 6);
	memcpy(frame + 6, "\2\0\0\0\0\xaa", 6);
	if (tagged) {
		memcpy(at, "\x81\0\0\5", 4);
		at += 4;
	}
	memcpy(at, &word, 2);
	if (send(fd, frame, sizeof(frame), 0) != sizeof(frame))
		err(1, "send");
}

/*
 * The end of a veth drops what is sent until core, in the background and under RTNL, has noticed that the other
 * end went up.
 */
static void await_running(int space, const char *name)
{
	struct ifreq ifr = {};

	strcpy(ifr.ifr_name, name);
	while (!ioctl(spaces[space].any, SIOCGIFFLAGS, &ifr) && !(ifr.ifr_flags & IFF_RUNNING))
		poll(NULL, 0, 1);
	talk(spaces[space].route, rtnl_link(RTM_GETLINK, 0, name, space));
}

static bool over_bond(void) { return dev_index(LOW, "bond0"); }

/*
 * How many of NR_FRAMES get to the stack of the upper. A frame to the lower comes behind them; if that is a slave,
 * a link-local one, which no driver shows the programs above, and which is seen before the bond is.
 */
static int arrive(int wire, int lower_space, int space, const char *upper, const unsigned char *mac)
{
	static const char *const peers[] = { "peer", "peer2" }, *const lowers[] = { "lower", "lower2" };
	static const unsigned char host[] = { 2, 0, 0, 0, 0, 1 }, link_local[] = { 1, 0x80, 0xc2, 0, 0, 0xe };
	int from = packet_socket(GEN, peers[wire], 0);
	int to = packet_socket(space, upper, FRAME_TYPE);
	int fence = packet_socket(lower_space, lowers[wire], over_bond() ? ETH_P_ALL : FENCE_TYPE);
	struct pollfd poll_fence = { .fd = fence, .events = POLLIN };
	const __be16 fence_type = htons(FENCE_TYPE);
	char buf[128];
	int i, n = 0;

	await_running(GEN, peers[wire]);
	for (i = 0; i < NR_FRAMES; i++)
		send_frame(from, mac, i >= NR_UNTAGGED, FRAME_TYPE);
	send_frame(from, over_bond() ? link_local : host, false, FENCE_TYPE);
	do {
		if (poll(&poll_fence, 1, 10000 * lab_scale()) != 1)
			errx(1, "frames are lost on the way to %s", lowers[wire]);
		recv(fence, buf, sizeof(buf), 0);
	} while (memcmp(buf + 2 * ETH_ALEN, &fence_type, sizeof(fence_type)));
	while (recv(to, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		n++;
	return n;
}

#endif /* SELFTESTS_FAILNTH_NET_H */
