/* SPDX-License-Identifier: GPL-2.0 */
/* What race asks of the kernel by netlink. Everything may be gone by the time it is asked for. */
#ifndef SELFTESTS_RACE_NET_H
#define SELFTESTS_RACE_NET_H

#include <libmnl/libmnl.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <linux/xdp_rx_handler.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "nl.h"

static bool with_failures;
static unsigned long long state;

/* What comes next is a matter of the seed and these two alone, not of how what was before it went. */
static void draw_from(unsigned long long seed, unsigned int stream, unsigned int at)
{
	state = seed + (((unsigned long long)stream << 32) + at) * 0xd1342543de82ef95ull;
}

static unsigned int draw(unsigned int below)
{
	unsigned long long z = (state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return (z ^ (z >> 31)) % below;
}

static bool failing;

/*
 * From now on this process's allocations may fail, or not. For workers only: they would write to the file of the
 * process that forks them if that had opened it.
 */
static void let_fail(bool fail)
{
	static int fd = -1;

	if (!with_failures)
		return;
	failing = fail;
	if (fd < 0)
		fd = open("/proc/self/make-it-fail", O_WRONLY | O_CLOEXEC);
	if (pwrite(fd, fail ? "1" : "0", 1, 0) != 1)
		err(1, "/proc/self/make-it-fail");
}

static int open_space(const char *ns)
{
	char path[64];

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int enter(const char *ns)
{
	int fd = open_space(ns), error;

	if (fd < 0)
		return -ENODEV;
	error = setns(fd, CLONE_NEWNET) ? -ENODEV : 0;
	close(fd);
	return error;
}

/*
 * The answer is an error, 0 included, or with @flags 0 a message, which is left in @reply. A socket holds
 * its namespace, so none is kept.
 */
static char reply[65536];

static int ask(const char *ns, int family, struct nlmsghdr *nlh, unsigned int flags)
{
	struct nlmsghdr *answer = (struct nlmsghdr *)reply;
	bool was_failing = failing;
	struct mnl_socket *nl;
	int error, len;

	error = enter(ns);
	if (error)
		return error;
	nl = mnl_socket_open2(family, SOCK_CLOEXEC);
	if (!nl)
		return -errno;
	nlh->nlmsg_flags |= NLM_F_REQUEST | flags;
	len = mnl_socket_sendto(nl, nlh, nlh->nlmsg_len);
	error = -errno;
	/* done, or not: only the answer is missing */
	if (was_failing)
		let_fail(false);
	if (len >= 0) {
		len = recv(mnl_socket_get_fd(nl), reply, sizeof(reply), MSG_DONTWAIT);
		error = -errno;
	}
	mnl_socket_close(nl);
	if (was_failing)
		let_fail(true);
	if (len < 0)
		return error;
	if (answer->nlmsg_type != NLMSG_ERROR)
		return 0;
	if (len < (int)NLMSG_LENGTH(sizeof(struct nlmsgerr)))
		errx(1, "netlink: short answer");
	return ((struct nlmsgerr *)mnl_nlmsg_get_payload(answer))->error;
}

static int talk(const char *ns, struct nlmsghdr *nlh)
{
	return ask(ns, NETLINK_ROUTE, nlh, NLM_F_ACK);
}

/* ---- messages about links */

static char message[8192];

static struct nlmsghdr *link_message(int type, const char *name, unsigned int flags, unsigned int change)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(message);
	struct ifinfomsg *ifi;

	nlh->nlmsg_type = type;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_flags = flags;
	ifi->ifi_change = change;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	return nlh;
}

/* if_nametoindex() would have the kernel look for a module of the name of a device that is gone. */
static int index_of(const char *ns, const char *name)
{
	const struct nlmsghdr *answer = (struct nlmsghdr *)reply;

	if (ask(ns, NETLINK_ROUTE, link_message(RTM_GETLINK, name, 0, 0), 0) || answer->nlmsg_type != RTM_NEWLINK)
		return 0;
	return ((struct ifinfomsg *)mnl_nlmsg_get_payload(answer))->ifi_index;
}

static int set_up(const char *ns, const char *name, bool up)
{
	return talk(ns, link_message(RTM_NEWLINK, name, up ? IFF_UP : 0, IFF_UP));
}

static int delete_link(const char *ns, const char *name)
{
	return talk(ns, link_message(RTM_DELLINK, name, 0, 0));
}

static int set_address(const char *ns, const char *name, const unsigned char *mac)
{
	struct nlmsghdr *nlh = link_message(RTM_NEWLINK, name, 0, 0);

	mnl_attr_put(nlh, IFLA_ADDRESS, ETH_ALEN, mac);
	return talk(ns, nlh);
}

/* IFLA_MTU, IFLA_TXQLEN, IFLA_MASTER */
static int set_number(const char *ns, const char *name, int attr, __u32 value)
{
	struct nlmsghdr *nlh = link_message(RTM_NEWLINK, name, 0, 0);

	mnl_attr_put_u32(nlh, attr, value);
	return talk(ns, nlh);
}

static int set_prog(const char *ns, const char *name, int fd, __u32 flags)
{
	struct nlmsghdr *nlh = link_message(RTM_NEWLINK, name, 0, 0);
	struct nlattr *xdp = mnl_attr_nest_start(nlh, IFLA_XDP);

	mnl_attr_put_u32(nlh, IFLA_XDP_FD, fd);
	mnl_attr_put_u32(nlh, IFLA_XDP_FLAGS, flags);
	mnl_attr_nest_end(nlh, xdp);
	return talk(ns, nlh);
}

/* With memory: core warns when it has none to rename a device on its way. */
static int move(const char *ns, const char *name, const char *to)
{
	struct nlmsghdr *nlh = link_message(RTM_NEWLINK, name, 0, 0);
	int fd = open_space(to), error;
	bool was_failing = failing;

	if (fd < 0)
		return -ENODEV;
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, fd);
	if (was_failing)
		let_fail(false);
	error = talk(ns, nlh);
	if (was_failing)
		let_fail(true);
	close(fd);
	return error;
}

struct info {
	struct nlattr *info, *data;
};

static struct info info_start(struct nlmsghdr *nlh, const char *kind)
{
	struct info at;

	at.info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, kind);
	at.data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	return at;
}

static void info_end(struct nlmsghdr *nlh, struct info at)
{
	mnl_attr_nest_end(nlh, at.data);
	mnl_attr_nest_end(nlh, at.info);
}

static int set_macvlan_mode(const char *ns, const char *name, const char *kind, __u32 mode)
{
	struct nlmsghdr *nlh = link_message(RTM_NEWLINK, name, 0, 0);
	struct info at = info_start(nlh, kind);

	mnl_attr_put_u32(nlh, IFLA_MACVLAN_MODE, mode);
	info_end(nlh, at);
	return talk(ns, nlh);
}

/*
 * In the namespace "low", where its lower is. Its queue for broadcasts is short: by default 1000 of them wait for
 * macvlan's worker, minutes on a slow host, and a page pool that is to go complains of its pages among them.
 */
static int add_macvlan(const char *name, const char *kind, const char *over, const unsigned char *mac, __u32 mode)
{
	int lower = index_of("low", over);
	struct nlmsghdr *nlh;
	struct info at;

	if (!lower)
		return -ENODEV;
	nlh = link_message(RTM_NEWLINK, name, IFF_UP, IFF_UP);
	nlh->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	mnl_attr_put(nlh, IFLA_ADDRESS, ETH_ALEN, mac);
	mnl_attr_put_u32(nlh, IFLA_LINK, lower);
	at = info_start(nlh, kind);
	mnl_attr_put_u32(nlh, IFLA_MACVLAN_MODE, mode);
	mnl_attr_put_u32(nlh, IFLA_MACVLAN_BC_QUEUE_LEN, 64);
	info_end(nlh, at);
	return talk("low", nlh);
}

static void put_two_queues(struct nlmsghdr *nlh)
{
	mnl_attr_put_u32(nlh, IFLA_NUM_TX_QUEUES, 2);
	mnl_attr_put_u32(nlh, IFLA_NUM_RX_QUEUES, 2);
}

/* A veth from the namespace "gen" to "low", with a queue for each sender */
static int add_veth(const char *near, const char *far, const unsigned char *near_mac, const unsigned char *far_mac)
{
	struct nlmsghdr *nlh = link_message(RTM_NEWLINK, near, IFF_UP, IFF_UP);
	int fd = open_space("low"), error;
	struct nlattr *peer;
	struct info at;

	nlh->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	mnl_attr_put(nlh, IFLA_ADDRESS, ETH_ALEN, near_mac);
	put_two_queues(nlh);
	at = info_start(nlh, "veth");
	peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, far);
	mnl_attr_put(nlh, IFLA_ADDRESS, ETH_ALEN, far_mac);
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, fd);
	put_two_queues(nlh);
	mnl_attr_nest_end(nlh, peer);
	info_end(nlh, at);
	error = talk("gen", nlh);
	close(fd);
	return error;
}

/* A bond in the namespace "low": made with NLM_F_CREATE in @flags, changed without. */
static int set_bond(const char *name, unsigned int flags, int attr, __u32 value)
{
	struct nlmsghdr *nlh = link_message(RTM_NEWLINK, name, flags ? IFF_UP : 0, flags ? IFF_UP : 0);
	struct info at;

	nlh->nlmsg_flags = flags;
	at = info_start(nlh, "bond");
	if (attr == IFLA_BOND_ACTIVE_SLAVE)	/* an index, 0 for none; the others are bytes */
		mnl_attr_put_u32(nlh, attr, value);
	else
		mnl_attr_put_u8(nlh, attr, value);
	if (flags)
		mnl_attr_put_u32(nlh, IFLA_BOND_MIIMON, 20);
	info_end(nlh, at);
	return talk("low", nlh);
}

/* ---- chains */

static int genl_ask(const char *ns, struct nlmsghdr *nlh, unsigned int flags)
{
	return ask(ns, NETLINK_GENERIC, nlh, flags);
}

static struct nlmsghdr *genl_message(int type, int cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(message);
	struct genlmsghdr *head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));

	nlh->nlmsg_type = type;
	head->cmd = cmd;
	head->version = 1;
	return nlh;
}

/* It has another number each time the module is loaded. */
static int family_id(void)
{
	struct nlmsghdr *nlh = genl_message(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	const struct nlattr *attr;
	int error;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, XDP_RXH_FAMILY_NAME);
	error = genl_ask("low", nlh, 0);
	if (error)
		return error;
	mnl_attr_for_each(attr, (struct nlmsghdr *)reply, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			return mnl_attr_get_u16(attr);
	return -ENOENT;
}

static int chain_message(const char *ns, const char *name, int cmd, struct nlmsghdr **nlh)
{
	int index = index_of(ns, name), family = family_id();

	if (!index || family < 0)
		return index ? family : -ENODEV;
	*nlh = genl_message(family, cmd);
	mnl_attr_put_u32(*nlh, XDP_RXH_A_IFINDEX, index);
	return 0;
}

/* One edit: at @code of the node @from, or of the node itself. What is there already may be replaced. */
static int chain_edit(const char *ns, const char *name, int cmd, __u32 from, __u32 code, int prog)
{
	struct nlmsghdr *nlh;
	int error = chain_message(ns, name, cmd, &nlh);

	if (error)
		return error;
	mnl_attr_put_u32(nlh, XDP_RXH_A_FROM, from);
	if (cmd == XDP_RXH_CMD_EDGE_ADD || cmd == XDP_RXH_CMD_EDGE_DEL)
		mnl_attr_put_u32(nlh, XDP_RXH_A_CODE, code);
	if (cmd == XDP_RXH_CMD_EDGE_ADD || cmd == XDP_RXH_CMD_NODE_REPLACE)
		mnl_attr_put_u32(nlh, XDP_RXH_A_PROG_FD, prog);
	if (cmd == XDP_RXH_CMD_EDGE_ADD)
		mnl_attr_put(nlh, XDP_RXH_A_REPLACE, 0, NULL);
	if (cmd == XDP_RXH_CMD_NODE_DEL)
		mnl_attr_put(nlh, XDP_RXH_A_CLOSE_UP, 0, NULL);
	return genl_ask(ns, nlh, NLM_F_ACK);
}

/* A chain of its own making, of up to three programs behind the attached one; none empties it. */
static int chain_set(const char *ns, const char *name, const int *progs, unsigned int nr)
{
	struct nlmsghdr *nlh;
	int error = chain_message(ns, name, XDP_RXH_CMD_CHAIN_SET, &nlh);
	unsigned int i;

	if (error)
		return error;
	nl_put_node(nlh, XDP_RXH_NODE_ENTRY, -1, XDP_PASS, nr ? 1001 : 0);
	for (i = 0; i < nr; i++)
		nl_put_node(nlh, 1001 + i, progs[i], XDP_PASS, i + 1 < nr ? 1002 + i : 0);
	return genl_ask(ns, nlh, NLM_F_ACK);
}

/* Of what a device is as a lower, and of the metadata of an upper's program */
static int switch_set(const char *ns, const char *name, int attr, __u32 value)
{
	struct nlmsghdr *nlh;
	int error = chain_message(ns, name, XDP_RXH_CMD_SWITCH_SET, &nlh);

	if (error)
		return error;
	mnl_attr_put_u32(nlh, attr, value);
	return genl_ask(ns, nlh, NLM_F_ACK);
}

static int chain_get(const char *ns, const char *name)
{
	struct nlmsghdr *nlh;

	return chain_message(ns, name, XDP_RXH_CMD_CHAIN_GET, &nlh) ?: genl_ask(ns, nlh, 0);
}

/* ---- statistics: those of "ip -s link" come with its index, these by ethtool */

static int ethtool_stats(const char *ns, const char *name)
{
	static struct {
		struct ethtool_stats head;
		__u64 values[4096];
	} stats = { .head = { .cmd = ETHTOOL_GSTATS } };
	struct ifreq ifr = { .ifr_data = (void *)&stats };
	int fd, error;

	if (!index_of(ns, name))
		return -ENODEV;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	strcpy(ifr.ifr_name, name);
	stats.head.n_stats = 4096;
	error = ioctl(fd, SIOCETHTOOL, &ifr) ? -errno : 0;
	close(fd);
	return error;
}

#endif /* SELFTESTS_RACE_NET_H */
