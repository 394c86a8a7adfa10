// SPDX-License-Identifier: GPL-2.0
/*
 * Fail each allocation that an operation makes in the kernel, one after the other, and look what is left.
 *
 * failnth OPERATION...: the Nth allocation fails, for N = 1, 2, ... until the operation needs no more of them;
 * then all from the Nth on. An operation that fails must have changed nothing, and succeed when it is
 * repeated; one that succeeds in spite of it must have done all it does otherwise. Frames, in the driver and
 * on the skb path, must be treated accordingly each time.
 *
 * The devices are those of fault.test.sh. Only one system call of each operation is under fire, and of that
 * only what "scope" says, by the stack (6.1's fail-nth does since tools/vm/debug-kernel has been at it).
 */
#define _GNU_SOURCE
#include <linux/if_tun.h>
#include <linux/if_xdp.h>
#include <sys/syscall.h>

#include "failnth_net.h"

static const unsigned char mv0_mac[] = { 2, 0, 0, 0, 1, 0 };
static const unsigned char other_mac[] = { 2, 0, 0, 0, 1, 0x77 };

/* ---- operations */

static int drop, pass, aborted, frags;	/* programs; "aborted" passes frames that are not of the tool "frames" */

static int set_xdp(const char *name, int prog)
{
	int space = dev_index(LOW, name) ? LOW : FAR;
	struct nlmsghdr *nlh = rtnl_link(RTM_SETLINK, 0, name, space);
	struct nlattr *nest = mnl_attr_nest_start(nlh, IFLA_XDP);

	mnl_attr_put_u32(nlh, IFLA_XDP_FD, prog);
	mnl_attr_put_u32(nlh, IFLA_XDP_FLAGS, XDP_FLAGS_DRV_MODE);
	mnl_attr_nest_end(nlh, nest);
	return talk(spaces[space].route, nlh);
}

static void must(int error, const char *what)
{
	if (error)
		errx(1, "%s: %s", what, error == UNSURE ? "unsure" : strerror(-error));
}

static int set_up(int space, const char *name, bool up)
{
	struct nlmsghdr *nlh = rtnl_link(RTM_SETLINK, 0, name, space);
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	ifi->ifi_flags = up ? IFF_UP : 0;
	ifi->ifi_change = IFF_UP;
	return talk(spaces[space].route, nlh);
}

static int move(const char *name, int from, int to)
{
	struct nlmsghdr *nlh = rtnl_link(RTM_SETLINK, 0, name, from);

	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, spaces[to].net);
	return talk(spaces[from].route, nlh);
}

static int set_mac(const unsigned char *mac)
{
	struct nlmsghdr *nlh = rtnl_link(RTM_SETLINK, 0, "mv0", LOW);

	mnl_attr_put(nlh, IFLA_ADDRESS, 6, mac);
	return talk(spaces[LOW].route, nlh);
}

static int add_upper(const char *lower, const char *kind)
{
	struct nlmsghdr *nlh = rtnl_link(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, NULL, LOW);
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct nlattr *info, *data;

	ifi->ifi_flags = ifi->ifi_change = IFF_UP;
	mnl_attr_put_u32(nlh, IFLA_LINK, dev_index(LOW, lower));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "new");
	mnl_attr_put(nlh, IFLA_ADDRESS, 6, other_mac);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, kind);
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u32(nlh, IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return talk(spaces[LOW].route, nlh);
}

static int add_bond(void)
{
	struct nlmsghdr *nlh = rtnl_link(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, NULL, LOW);
	struct nlattr *info;

	mnl_attr_put_strz(nlh, IFLA_IFNAME, "new");
	mnl_attr_put(nlh, IFLA_ADDRESS, 6, other_mac);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "bond");
	mnl_attr_nest_end(nlh, info);
	return talk(spaces[LOW].route, nlh);
}

/* A slave of the bond, or of none */
static int set_master(const char *name, const char *bond)
{
	struct nlmsghdr *nlh = rtnl_link(RTM_SETLINK, 0, name, LOW);

	mnl_attr_put_u32(nlh, IFLA_MASTER, *bond ? dev_index(LOW, bond) : 0);
	return talk(spaces[LOW].route, nlh);
}

static int del_link(const char *name)
{
	return talk(spaces[LOW].route, rtnl_link(RTM_DELLINK, 0, name, LOW));
}

static struct nlmsghdr *edit(const char *name, int cmd, int from)
{
	struct nlmsghdr *nlh = genl(genl_id, cmd);

	mnl_attr_put_u32(nlh, XDP_RXH_A_IFINDEX, dev_index(LOW, name));
	if (from)
		mnl_attr_put_u32(nlh, XDP_RXH_A_FROM, from);
	return nlh;
}

static int add_edge(const char *name, int prog)
{
	struct nlmsghdr *nlh = edit(name, XDP_RXH_CMD_EDGE_ADD, XDP_RXH_NODE_ENTRY);

	mnl_attr_put_u32(nlh, XDP_RXH_A_CODE, 2 /* XDP_PASS */);
	mnl_attr_put_u32(nlh, XDP_RXH_A_PROG_FD, prog);
	return talk(spaces[LOW].genl, nlh);
}

static int del_edge(const char *name)
{
	struct nlmsghdr *nlh = edit(name, XDP_RXH_CMD_EDGE_DEL, XDP_RXH_NODE_ENTRY);

	mnl_attr_put_u32(nlh, XDP_RXH_A_CODE, 2 /* XDP_PASS */);
	return talk(spaces[LOW].genl, nlh);
}

static int set_hints(const char *name, __u32 hints)
{
	struct nlmsghdr *nlh = edit(name, XDP_RXH_CMD_SWITCH_SET, 0);

	mnl_attr_put_u32(nlh, XDP_RXH_A_HINTS, hints);
	/* as a lower, which it is of none */
	if (!strcmp(name, "mv0"))
		mnl_attr_put_u32(nlh, XDP_RXH_A_HAND_UP, hints ? XDP_RXH_HAND_UP_OFF : XDP_RXH_HAND_UP_ON);
	return talk(spaces[LOW].genl, nlh);
}

/* ---- operations that are no netlink message */

static int fd = -1;		/* what the operation opened */
static const char *module_file;

static int act_load(void)
{
	int file = open(module_file, O_RDONLY | O_CLOEXEC), error;

	if (file < 0)
		err(1, "%s", module_file);
	arm();
	error = syscall(SYS_finit_module, file, "", 0) ? -errno : 0;
	disarm();
	close(file);
	find_family();
	return error;
}

static void unload(void)
{
	char name[64];

	snprintf(name, sizeof(name), "%s", strrchr(module_file, '/') + 1);
	*strchr(name, '.') = 0;
	if (syscall(SYS_delete_module, name, O_NONBLOCK))
		err(1, "unload %s", name);
	find_family();
}

/* The node is where fault.test.sh made it. */
static int act_open(void)
{
	const char *node = getenv("TEST_TAP_NODE");

	arm();
	fd = open(node, O_RDWR | O_CLOEXEC);
	disarm();
	return fd < 0 ? -errno : 0;
}

static void open_tap(void) { must(act_open(), "open"); }
static void close_fd(void) { close(fd); }

static int act_resize(void)
{
	struct nlmsghdr *nlh = rtnl_link(RTM_SETLINK, 0, "mv0", LOW);

	mnl_attr_put_u32(nlh, IFLA_TXQLEN, 700);
	return talk(spaces[LOW].route, nlh);
}

static void size_back(void)
{
	struct nlmsghdr *nlh = rtnl_link(RTM_SETLINK, 0, "mv0", LOW);

	mnl_attr_put_u32(nlh, IFLA_TXQLEN, 500);
	must(talk(spaces[LOW].route, nlh), "size");
	close_fd();
}

static int act_offload(void)
{
	int error;

	arm();
	error = ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4) ? -errno : 0;
	disarm();
	return error;
}

static void offload_back(void)
{
	if (ioctl(fd, TUNSETOFFLOAD, 0))
		err(1, "TUNSETOFFLOAD");
	close_fd();
}

static void xdp_socket(void)
{
	static char memory[64 * 4096] __attribute__((aligned(4096)));
	struct xdp_umem_reg reg = { .addr = (unsigned long)memory, .len = sizeof(memory), .chunk_size = 4096 };
	int size = 64;

	lab_enter("low");
	fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	lab_enter("");
	if (fd < 0 || setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)) ||
	    setsockopt(fd, SOL_XDP, XDP_UMEM_FILL_RING, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_XDP, XDP_UMEM_COMPLETION_RING, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_XDP, XDP_RX_RING, &size, sizeof(size)))
		err(1, "AF_XDP");
	must(set_xdp("mv0", pass), "attach");
}

static int act_bind(void)
{
	struct sockaddr_xdp to = { .sxdp_family = AF_XDP, .sxdp_ifindex = dev_index(LOW, "mv0") };
	int error;

	arm();
	error = bind(fd, (void *)&to, sizeof(to)) ? -errno : 0;
	disarm();
	return error;
}

/* before each attempt: as they were */
static void attach_drop(void) { must(set_xdp("mv0", drop), "attach"); }
static void attach_pass(void) { must(set_xdp("mv0", pass), "attach"); }
static void attach_other(void) { must(set_xdp("mv1", pass), "attach"); }
static void make_chain(void) { attach_pass(); must(add_edge("mv0", drop), "edge"); free(state()); }

/* what it needs there could not go with it */
static void move_without(const char *dev)
{
	bool was = all;

	attach_drop();
	all = true;
	nth = 1;
	must(move(dev, LOW, FAR), "move");
	all = was;
}

static void bond_drop(void) { must(set_xdp("bond0", drop), "attach to the bond"); }
static void bond_pass(void) { must(set_xdp("bond0", pass), "attach to the bond"); }
static void bond_down(void) { bond_drop(); must(set_up(LOW, "bond0", false), "down"); }

static void move_upper_without(void) { move_without("mv0"); }
static void move_lower_without(void) { move_without("lower"); }

static void lower_pass(void) { must(set_xdp("lower", pass), "attach to the lower"); }
static void enslaved(void) { bond_drop(); must(set_master("lower2", "bond0"), "enslave"); }

/* under fire */
static int act_attach(void) { return set_xdp("mv0", drop); }
static int act_detach(void) { return set_xdp("mv0", -1); }
static int act_replace(void) { return set_xdp("mv0", pass); }
static int act_replace_frags(void) { return set_xdp("mv0", frags); }
static int act_attach_new(void) { return set_xdp("new", drop); }
static int act_new(void) { return add_upper("lower", "macvlan"); }
static int act_new_first(void) { return add_upper("lower2", "macvlan"); }
static int act_new_tap(void) { return add_upper("lower2", "macvtap"); }
static int act_new_above(void) { return add_upper("bond0", "macvlan"); }
static int act_new_bond(void) { return add_bond(); }
static int act_bond_attach(void) { return set_xdp("bond0", drop); }
static int act_bond_detach(void) { return set_xdp("bond0", -1); }
static int act_bond_replace(void) { return set_xdp("bond0", pass); }
static int act_bond_frags(void) { return set_xdp("bond0", frags); }
static int act_bond_up(void) { return set_up(LOW, "bond0", true); }
static int act_enslave(void) { return set_master("lower2", "bond0"); }
static int act_release(void) { return set_master("lower2", ""); }
static int act_move(void) { return move("mv0", LOW, FAR); }
static int act_move_lower(void) { return move("lower", LOW, FAR); }
static int act_up(void) { return set_up(FAR, "mv0", true); }
static int act_lower_up(void) { return set_up(FAR, "lower", true); }
static int act_edge(void) { return add_edge("mv0", drop); }
static int act_lower_edge(void) { return add_edge("lower", pass); }
static int act_bond_edge(void) { return add_edge("bond0", drop); }
static int act_entry(void) { return set_xdp("mv0", aborted); }

/* So often that the table of addresses has to be made anew, once. */
static int act_mac(void)
{
	unsigned int again = nth;
	int i, error = 0;

	for (i = 0; i < 41 && !error; i++) {
		nth = consumed ? 0 : again;
		error = set_mac(i % 2 ? mv0_mac : other_mac);
	}
	return error;
}

static int act_node(void)
{
	struct nlmsghdr *nlh = edit("mv0", XDP_RXH_CMD_NODE_REPLACE, last_node);

	mnl_attr_put_u32(nlh, XDP_RXH_A_PROG_FD, aborted);
	return talk(spaces[LOW].genl, nlh);
}

static int act_set(void)
{
	struct nlmsghdr *nlh = edit("mv0", XDP_RXH_CMD_CHAIN_SET, 0);

	nl_put_node(nlh, XDP_RXH_NODE_ENTRY, -1, XDP_PASS, 2);
	nl_put_node(nlh, 2, pass, XDP_PASS, 3);
	nl_put_node(nlh, 3, drop, 0, 0);
	return talk(spaces[LOW].genl, nlh);
}

static int act_hints(void) { return set_hints("mv0", XDP_RXH_HINTS_ALL); }
static int act_bond_hints(void) { return set_hints("bond0", XDP_RXH_HINTS_ALL); }

static void new_upper(void) { must(act_new_first(), "newlink"); }
static void bond_drop_hints(void) { bond_drop(); must(act_bond_hints(), "hints"); }

/* after it has succeeded, and again after the state was looked at */
static void detach(void) { must(set_xdp("mv0", -1), "detach"); }
static void detach_other(void) { detach(); must(set_xdp("mv1", -1), "detach"); }
static void no_hints(void) { must(set_hints("mv0", 0), "no hints"); detach(); }
static void close_and_detach(void) { close_fd(); detach(); }
static void up_and_detach(void) { must(set_up(LOW, "mv0", true), "up"); detach(); }
static void mac_and_detach(void) { must(set_mac(mv0_mac), "mac"); detach(); }
static void far_up(void) { must(set_up(FAR, "mv0", true), "up"); }
static void lower_up(void) { must(set_up(FAR, "lower", true), "up"); }

static void bond_detach(void) { must(set_xdp("bond0", -1), "detach from the bond"); }
static void both_detach(void) { detach(); bond_detach(); }
static void release(void) { must(set_master("lower2", ""), "release"); both_detach(); }

static void bond_no_hints(void) { must(set_hints("bond0", 0), "no hints"); bond_detach(); }
static void release_no_hints(void) { must(set_hints("bond0", 0), "no hints"); release(); }

static void no_lower_edge(void) { must(del_edge("lower"), "no edge"); detach(); }
static void no_lower_edge_alone(void) { must(del_edge("lower"), "no edge"); }
static void detach_lower(void) { detach(); must(set_xdp("lower", -1), "detach from the lower"); }

static void new_native(void) { must(set_xdp("new", drop), "attach to the new one"); }

static void del_new(void) { must(del_link("new"), "delete"); }

static void come_back(void)
{
	must(move("mv0", FAR, LOW), "back");
	up_and_detach();
}

static void lower_back(void)
{
	must(move("lower", FAR, LOW), "back");
	must(set_up(LOW, "lower", true), "up");
	up_and_detach();
}

/**
 * struct operation - what to put under fire
 * @name: for the command line; "load" is followed by the module's file
 * @prepare: makes what it starts from; may be NULL
 * @act: the operation: 0, UNSURE or a negative error
 * @after: what follows once it has succeeded, before frames are sent; may be NULL
 * @undo: from there back to what was before @prepare
 * @where: namespace of @upper then
 * @upper: device that frames are sent to, mv0 if NULL
 * @mac: its address, mv0's if NULL
 * @wire: 1 if it is on lower2
 * @lower_at: namespace of the lower then
 * @many: it makes a new device on the way, whose allocations are core's for the most part: beyond the first of
 *	them not each one is tried, unless TEST_FAULT_EVERY is set
 * @before: how many of NR_FRAMES get to the stack beforehand, -1: don't look
 * @then: and after it
 */
static const struct operation {
	const char *name;
	void (*prepare)(void);
	int (*act)(void);
	void (*after)(void);
	void (*undo)(void);
	int where;
	const char *upper;
	const unsigned char *mac;
	int wire;
	int lower_at;
	bool many;
	int before, then;
} operations[] = {
	{ "attach_first", NULL, act_attach, NULL, detach, LOW, .lower_at = LOW, .many = true, .before = NR_FRAMES },
	{ "attach", NULL, act_attach, NULL, detach, LOW, .lower_at = LOW, .before = NR_FRAMES },
	{ "attach_second", attach_other, act_attach, NULL, detach_other, LOW, .lower_at = LOW, .before = NR_FRAMES },
	{ "attach_new", new_upper, act_attach_new, NULL, del_new, LOW, "new", other_mac, .wire = 1, .lower_at = LOW,
	  .before = -1 },
	{ "attach_own", lower_pass, act_attach, NULL, detach_lower, LOW, .lower_at = LOW, .before = NR_FRAMES },
	{ "detach", attach_drop, act_detach, NULL, detach, LOW, .lower_at = LOW, .then = NR_FRAMES },
	{ "replace", attach_drop, act_replace, NULL, detach, LOW, .lower_at = LOW, .then = NR_FRAMES },
	{ "replace_frags", attach_drop, act_replace_frags, NULL, detach, LOW, .lower_at = LOW, .then = NR_FRAMES },
	{ "newlink", NULL, act_new, new_native, del_new, LOW, "new", other_mac, .lower_at = LOW, .before = -1 },
	{ "newlink_first", NULL, act_new_first, new_native, del_new, LOW, "new", other_mac, .wire = 1, .lower_at = LOW,
	  .before = -1 },
	{ "newlink_tap", NULL, act_new_tap, new_native, del_new, LOW, "new", other_mac, .wire = 1, .lower_at = LOW,
	  .before = -1 },
	{ "move", attach_drop, act_move, far_up, come_back, FAR, .lower_at = LOW },
	{ "move_lower", attach_drop, act_move_lower, lower_up, lower_back, LOW, .lower_at = FAR, .many = true },
	{ "up", move_upper_without, act_up, NULL, come_back, FAR, .lower_at = LOW, .before = -1 },
	{ "lower_up", move_lower_without, act_lower_up, NULL, lower_back, LOW, .lower_at = FAR, .many = true,
	  .before = -1 },
	{ "mac", attach_drop, act_mac, NULL, mac_and_detach, LOW, NULL, other_mac, .lower_at = LOW },
	{ "edge", attach_pass, act_edge, NULL, detach, LOW, .lower_at = LOW, .before = NR_FRAMES },
	{ "node", make_chain, act_node, NULL, detach, LOW, .lower_at = LOW, .then = NR_FRAMES },
	{ "chain", attach_pass, act_set, NULL, detach, LOW, .lower_at = LOW, .before = NR_FRAMES },
	{ "entry", make_chain, act_entry, NULL, detach, LOW, .lower_at = LOW },
	{ "lower_edge", attach_drop, act_lower_edge, NULL, no_lower_edge, LOW, .lower_at = LOW },
	{ "lower_edge_alone", NULL, act_lower_edge, NULL, no_lower_edge_alone, LOW, .lower_at = LOW,
	  .before = NR_FRAMES, .then = NR_FRAMES },
	{ "bond_attach", NULL, act_bond_attach, NULL, bond_detach, LOW, .lower_at = LOW, .before = NR_FRAMES },
	{ "bond_attach_above", bond_pass, act_attach, NULL, both_detach, LOW, .lower_at = LOW, .before = NR_FRAMES },
	{ "bond_detach", bond_drop, act_bond_detach, NULL, bond_detach, LOW, .lower_at = LOW, .then = NR_FRAMES },
	{ "bond_replace", bond_drop, act_bond_replace, NULL, bond_detach, LOW, .lower_at = LOW, .then = NR_FRAMES },
	{ "bond_replace_frags", bond_drop, act_bond_frags, NULL, bond_detach, LOW, .lower_at = LOW,
	  .then = NR_FRAMES },
	{ "bond_up", bond_down, act_bond_up, NULL, bond_detach, LOW, .lower_at = LOW, .before = -1 },
	{ "bond_hints", bond_drop, act_bond_hints, NULL, bond_no_hints, LOW, .lower_at = LOW },
	{ "bond_edge", bond_pass, act_bond_edge, NULL, bond_detach, LOW, .lower_at = LOW, .before = NR_FRAMES },
	{ "bond_newlink", NULL, act_new_bond, new_native, del_new, LOW, .lower_at = LOW, .before = NR_FRAMES,
	  .then = NR_FRAMES },
	{ "bond_newlink_above", NULL, act_new_above, new_native, del_new, LOW, "new", other_mac, .lower_at = LOW,
	  .before = -1 },
	{ "enslave", bond_drop, act_enslave, NULL, release, LOW, .wire = 1, .lower_at = LOW },
	{ "enslave_hints", bond_drop_hints, act_enslave, NULL, release_no_hints, LOW, .wire = 1, .lower_at = LOW },
	{ "enslave_below", attach_drop, act_enslave, NULL, release, LOW, .wire = 1, .lower_at = LOW },
	{ "release", enslaved, act_release, NULL, both_detach, LOW, .lower_at = LOW },
	{ "hints", attach_drop, act_hints, NULL, no_hints, LOW, .lower_at = LOW },
	{ "load", NULL, act_load, NULL, unload, LOW, .lower_at = LOW, .before = NR_FRAMES, .then = NR_FRAMES },
	{ "bind", xdp_socket, act_bind, NULL, close_and_detach, LOW, .lower_at = LOW, .before = NR_FRAMES,
	  .then = NR_FRAMES },
	/* a queue that is open takes the frames */
	{ "open", NULL, act_open, NULL, close_fd, LOW, .lower_at = LOW, .before = NR_FRAMES },
	{ "resize", open_tap, act_resize, NULL, size_back, LOW, .lower_at = LOW },
	{ "offload", open_tap, act_offload, NULL, offload_back, LOW, .lower_at = LOW },
};

/* ---- the rounds */

static void same(const char *is, const char *was, const char *op, unsigned int n, const char *what)
{
	if (!strcmp(is, was))
		return;
	printf("%s, allocation %u%s, %s: there was\n%sand there is\n%s", op, n, all ? " and all behind it" : "",
	       what, was, is);
	exit(1);
}

static void frames_then(const struct operation *op, unsigned int n)
{
	int got = arrive(op->wire, op->lower_at, op->where, op->upper ?: "mv0", op->mac ?: mv0_mac);

	if (got != op->then)
		errx(1, "%s, allocation %u: %d frames got through, not %d", op->name, n, got, op->then);
}

static void frames_before(const struct operation *op, unsigned int n)
{
	int got;

	if (op->before < 0)
		return;
	got = arrive(0, LOW, LOW, "mv0", mv0_mac);
	if (got != op->before)
		errx(1, "%s, allocation %u failed: %d frames get through, not %d", op->name, n, got, op->before);
}

/* One attempt with the @n-th failing, 0 for none. Returns whether it needed that many. */
static bool attempt(const struct operation *op, unsigned int n, char **goal, int *failed)
{
	char *before, *after;
	bool needed;
	int error;

	if (op->prepare)
		op->prepare();
	before = state();
	nth = n;
	consumed = false;
	error = op->act();
	needed = consumed;
	after = state();
	if (getenv("TEST_FAULT_VERBOSE"))
		printf("%s %u: %d\n", op->name, n, error);

	/* the answer got lost: both is right */
	if (error == UNSURE)
		error = strcmp(after, before) ? 0 : -ENOBUFS;
	if (error && !n)
		errx(1, "%s fails: %s", op->name, strerror(-error));
	if (error) {
		*failed += 1;
		same(after, before, op->name, n, strerror(-error));
		frames_before(op, n);
		error = op->act();
		if (error)
			errx(1, "%s, allocation %u failed, and then: %s", op->name, n, strerror(-error));
	}
	if (op->after)
		op->after();
	free(after);
	after = state();
	if (*goal)
		same(after, *goal, op->name, n, "done");
	else
		*goal = strdup(after);
	frames_then(op, n);
	op->undo();
	if (over_bond()) {
		int got = arrive(0, LOW, LOW, "mv0", mv0_mac);

		if (got != NR_FRAMES)
			errx(1, "%s, allocation %u: in the end %d frames get through", op->name, n, got);
	}
	free(before);
	free(after);
	return needed;
}

static unsigned int next(const struct operation *op, unsigned int n)
{
	return op->many && n >= 8 && !getenv("TEST_FAULT_EVERY") ? n + n / 4 : n + 1;
}

static void run(const struct operation *op)
{
	unsigned int n = 0, rounds = 0;
	char *goal = NULL, *begin, *end;
	int failed = 0;

	/* A program elsewhere in the namespace, if it can be: the sink is there, and stays. */
	if (dev_index(LOW, "keeper") && !module_file)
		must(set_xdp("keeper", strstr(op->name, "first") ? -1 : pass), "keeper");
	begin = state();
	attempt(op, 0, &goal, &failed);
	for (all = false;; all = true) {
		for (n = 1; attempt(op, n, &goal, &failed); n = next(op, n))
			rounds++;
		if (all)
			break;
		printf("%s: %s%u allocations, ", op->name, op->many ? "less than " : "", n - !op->many);
		fflush(stdout);
	}
	printf("%u rounds: refused %d times, done %d times\n", rounds, failed, rounds - failed);
	all = false;
	end = state();
	same(end, begin, op->name, n, "in the end");
	free(begin);
	free(end);
	free(goal);
	if (dev_index(LOW, "keeper") && !module_file)
		must(set_xdp("keeper", -1), "keeper");
}

int main(int argc, char **argv)
{
	const char *scope = getenv("TEST_FAULT_SCOPE");
	cpu_set_t cpus;
	size_t j;
	int i;

	/* one CPU, so that frames keep their order */
	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	open_spaces();
	find_family();
	drop = lab_prog("drop");
	pass = lab_prog("pass");
	aborted = lab_prog("aborted");
	frags = lab_prog("frags");
	faults_on();
	for (i = 1; i < argc; i++) {
		for (j = 0; j < sizeof(operations) / sizeof(*operations); j++)
			if (!strcmp(argv[i], operations[j].name))
				break;
		if (j == sizeof(operations) / sizeof(*operations))
			errx(2, "no operation %s", argv[i]);
		if (!strcmp(argv[i], "load"))
			module_file = argv[++i];
		if (!scope)
			module_file ? scope_symbol("do_one_initcall") : scope_ours();
		else if (strcmp(scope, "all"))
			scope_symbol(scope);
		run(&operations[j]);
	}
	return 0;
}
