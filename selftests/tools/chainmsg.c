// SPDX-License-Identifier: GPL-2.0
/*
 * chainmsg NS:IF: messages about the device's chain that nobody should send. The device has a program and a
 * chain of two. Each message must be refused, with the errno that its line names, and change nothing.
 */
#define _GNU_SOURCE
#include <stdbool.h>

#include "nl.h"

#define NONE		0xdeadbeefu	/* as a value: no such attribute */
#define PASS		2

/* A message: attributes that are not NONE; ifindex 0 stands for the device's own, fd -1 for a program's */
struct bad {
	const char *what;
	int expected;
	__u8 cmd;
	__u32 ifindex, from, code, to, fd;
};

static const struct bad table[] = {
	{ "no ifindex", EINVAL, XDP_RXH_CMD_EDGE_DEL, NONE, 1, PASS, NONE, NONE },
	{ "ifindex of nobody", ENODEV, XDP_RXH_CMD_EDGE_DEL, 12345, 1, PASS, NONE, NONE },
	{ "a device without chains", EOPNOTSUPP, XDP_RXH_CMD_EDGE_DEL, 1, 1, PASS, NONE, NONE },
	{ "no node", EINVAL, XDP_RXH_CMD_EDGE_DEL, 0, NONE, PASS, NONE, NONE },
	{ "node 0", ERANGE, XDP_RXH_CMD_EDGE_DEL, 0, 0, PASS, NONE, NONE },
	{ "node that is not there", ENOENT, XDP_RXH_CMD_EDGE_DEL, 0, 99, PASS, NONE, NONE },
	{ "stop as a node", ENOENT, XDP_RXH_CMD_EDGE_DEL, 0, XDP_RXH_NODE_STOP, PASS, NONE, NONE },
	{ "no code", EINVAL, XDP_RXH_CMD_EDGE_DEL, 0, 1, NONE, NONE, NONE },
	{ "code 5", EINVAL, XDP_RXH_CMD_EDGE_DEL, 0, 1, 5, NONE, NONE },
	{ "code -2", EINVAL, XDP_RXH_CMD_EDGE_DEL, 0, 1, -2, NONE, NONE },
	{ "edge that is not there", ENOENT, XDP_RXH_CMD_EDGE_DEL, 0, 1, 0, NONE, NONE },
	{ "edge to nowhere", EINVAL, XDP_RXH_CMD_EDGE_ADD, 0, 1, 0, NONE, NONE },
	{ "edge to node and program", EINVAL, XDP_RXH_CMD_EDGE_ADD, 0, 1, 0, XDP_RXH_NODE_STOP, -1 },
	{ "edge to node 0", ERANGE, XDP_RXH_CMD_EDGE_ADD, 0, 1, 0, 0, NONE },
	{ "edge to itself", ELOOP, XDP_RXH_CMD_EDGE_ADD, 0, 1, 0, 1, NONE },
	{ "edge that is there", EEXIST, XDP_RXH_CMD_EDGE_ADD, 0, 1, PASS, XDP_RXH_NODE_STOP, NONE },
	{ "a file descriptor of nothing", EBADF, XDP_RXH_CMD_EDGE_ADD, 0, 1, 0, NONE, 999 },
	{ "a file descriptor of a file", EINVAL, XDP_RXH_CMD_EDGE_ADD, 0, 1, 0, NONE, 0 },
	{ "replace without a program", EINVAL, XDP_RXH_CMD_NODE_REPLACE, 0, 2, NONE, NONE, NONE },
	{ "replace the attached program", EINVAL, XDP_RXH_CMD_NODE_REPLACE, 0, 1, NONE, NONE, -1 },
	{ "delete the attached program", EINVAL, XDP_RXH_CMD_NODE_DEL, 0, 1, NONE, NONE, NONE },
	{ "an attribute of other commands", EINVAL, XDP_RXH_CMD_CHAIN_GET, 0, 1, NONE, NONE, NONE },
	{ "no switch", EINVAL, XDP_RXH_CMD_SWITCH_SET, 0, NONE, NONE, NONE, NONE },
	{ "a switch of nobody", ENODEV, XDP_RXH_CMD_SWITCH_SET, 12345, NONE, NONE, NONE, NONE },
	{ "an attribute of chains", EINVAL, XDP_RXH_CMD_SWITCH_SET, 0, 1, NONE, NONE, NONE },
	{ "a notification", EOPNOTSUPP, XDP_RXH_CMD_CHAIN_NTF, 0, NONE, NONE, NONE, NONE },
	{ "command 0", EOPNOTSUPP, XDP_RXH_CMD_UNSPEC, 0, NONE, NONE, NONE, NONE },
	{ "a command to come", EOPNOTSUPP, 77, 0, NONE, NONE, NONE, NONE },
};

static struct lab_dev dev;
static int prog, failed;

static int on_generation(const struct nlmsghdr *nlh, void *data)
{
	struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == XDP_RXH_A_GENERATION)
			*(__u64 *)data = mnl_attr_get_u64(attr);
	return MNL_CB_OK;
}

static __u64 generation(void)
{
	struct nlmsghdr *nlh = nl_message(nl_family, XDP_RXH_CMD_CHAIN_GET);
	__u64 value = 0;

	mnl_attr_put_u32(nlh, XDP_RXH_A_IFINDEX, dev.ifindex);
	if (nl_talk(nlh, on_generation, &value))
		err(1, "get");
	return value;
}

/* With @expected 0 any refusal will do. */
static void refused(struct nlmsghdr *nlh, const char *what, int expected)
{
	__u64 before = generation();
	int said;

	said = nl_talk(nlh, NULL, NULL);
	if (!said || (expected && said != expected)) {
		printf("%s: %s, not %s\n", what, said ? strerrorname_np(said) : "accepted",
		       expected ? strerrorname_np(expected) : "refused");
		failed = 1;
	}
	if (generation() != before) {
		printf("%s: something has changed\n", what);
		failed = 1;
	}
}

/* A copy: what generation() asks takes the buffer. */
static struct nlmsghdr *keep(const struct nlmsghdr *nlh, __u32 len)
{
	static char copy[sizeof(nl_buffer)];

	memcpy(copy, nlh, len);
	((struct nlmsghdr *)copy)->nlmsg_len = len;
	return (struct nlmsghdr *)copy;
}

static void put(struct nlmsghdr *nlh, __u16 type, __u32 value)
{
	if (value != NONE)
		mnl_attr_put_u32(nlh, type, value);
}

static void refuse_table(void)
{
	const struct bad *bad;
	struct nlmsghdr *nlh;

	for (bad = table; bad < table + sizeof(table) / sizeof(*table); bad++) {
		nlh = nl_message(nl_family, bad->cmd);
		put(nlh, XDP_RXH_A_IFINDEX, bad->ifindex ?: (__u32)dev.ifindex);
		put(nlh, XDP_RXH_A_FROM, bad->from);
		put(nlh, XDP_RXH_A_CODE, bad->code);
		put(nlh, XDP_RXH_A_TO, bad->to);
		put(nlh, XDP_RXH_A_PROG_FD, bad->fd == (__u32)-1 ? (__u32)prog : bad->fd);
		refused(keep(nlh, nlh->nlmsg_len), bad->what, bad->expected);
	}
}

struct bad_node {
	__u32 id, fd, code, to;
};

static struct nlmsghdr *set(const struct bad_node *nodes, unsigned int nr)
{
	struct nlmsghdr *nlh = nl_message(nl_family, XDP_RXH_CMD_CHAIN_SET);
	struct nlattr *nest, *edge;
	unsigned int i;

	mnl_attr_put_u32(nlh, XDP_RXH_A_IFINDEX, dev.ifindex);
	for (i = 0; i < nr; i++) {
		nest = mnl_attr_nest_start(nlh, XDP_RXH_A_NODE);
		put(nlh, XDP_RXH_A_NODE_ID, nodes[i].id);
		put(nlh, XDP_RXH_A_NODE_PROG_FD, nodes[i].fd == (__u32)-1 ? (__u32)prog : nodes[i].fd);
		if (nodes[i].to) {
			edge = mnl_attr_nest_start(nlh, XDP_RXH_A_NODE_EDGE);
			put(nlh, XDP_RXH_A_EDGE_CODE, nodes[i].code);
			put(nlh, XDP_RXH_A_EDGE_TO, nodes[i].to);
			mnl_attr_nest_end(nlh, edge);
		}
		mnl_attr_nest_end(nlh, nest);
	}
	return keep(nlh, nlh->nlmsg_len);
}

static void refuse_chains(void)
{
	struct bad_node many[XDP_RXH_CHAIN_NODES];
	unsigned int i;

#define SET(what, errno_, ...) do {						\
		const struct bad_node nodes[] = { __VA_ARGS__ };		\
		refused(set(nodes, sizeof(nodes) / sizeof(*nodes)), what, errno_);	\
	} while (0)
	SET("a node without id", EINVAL, { NONE, -1, NONE, 0 });
	SET("a node with id 0", ERANGE, { 0, -1, NONE, 0 });
	SET("a node called stop", EINVAL, { XDP_RXH_NODE_STOP, -1, NONE, 0 });
	SET("the attached program anew", EINVAL, { 1, -1, NONE, 0 });
	SET("a node twice", EINVAL, { 7, -1, NONE, 0 }, { 7, -1, NONE, 0 });
	SET("a node that is not there", ENOENT, { 7, NONE, NONE, 0 });
	SET("an edge without code", EINVAL, { 1, NONE, NONE, XDP_RXH_NODE_STOP });
	SET("an edge without target", EINVAL, { 1, NONE, PASS, NONE });
	SET("an edge to a node that is not there", ENOENT, { 1, NONE, PASS, 9 });
	SET("code 5 in a chain", EINVAL, { 1, NONE, 5, XDP_RXH_NODE_STOP });
	SET("a cycle", ELOOP, { 1, NONE, PASS, 7 }, { 7, -1, PASS, 8 }, { 8, -1, PASS, 7 });
	for (i = 0; i < XDP_RXH_CHAIN_NODES; i++)
		many[i] = (struct bad_node){ i + 2, -1, PASS, 0 };
	refused(set(many, i), "129 programs", E2BIG);
}

/* Cut anywhere but between attributes it is not one. */
static void refuse_pieces(void)
{
	const struct bad_node nodes[] = { { 1, NONE, PASS, 7 }, { 7, -1, NONE, 0 } };
	struct nlmsghdr *nlh = set(nodes, 2);
	__u32 full = nlh->nlmsg_len, len;
	char saved[1024], what[32];

	memcpy(saved, nlh, full);
	for (len = sizeof(*nlh); len < full; len++) {
		/* behind the header, behind ifindex: messages, if not this one */
		if (len == 20 || len == 28)
			continue;
		snprintf(what, sizeof(what), "%u of %u bytes", len, full);
		refused(keep((struct nlmsghdr *)saved, len), what, 0);
	}
}

/* Switches that have no such position, or that the device has not got */
static void refuse_switches(void)
{
	static const struct {
		const char *what;
		int expected;
		__u16 type;
		__u32 ifindex, value;
	} table[] = {
		{ "hand-up to come", ERANGE, XDP_RXH_A_HAND_UP, 0, XDP_RXH_HAND_UP_MAX + 1 },
		{ "hand-up -1", ERANGE, XDP_RXH_A_HAND_UP, 0, -1 },
		{ "a handler to come", ERANGE, XDP_RXH_A_HANDLER, 0, XDP_RXH_HANDLER_MAX + 1 },
		{ "a handler of no upper", EOPNOTSUPP, XDP_RXH_A_HANDLER, 1, XDP_RXH_HANDLER_NONE },
	};
	struct nlmsghdr *nlh;
	unsigned int i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		nlh = nl_message(nl_family, XDP_RXH_CMD_SWITCH_SET);
		mnl_attr_put_u32(nlh, XDP_RXH_A_IFINDEX, table[i].ifindex ?: (__u32)dev.ifindex);
		mnl_attr_put_u32(nlh, table[i].type, table[i].value);
		refused(keep(nlh, nlh->nlmsg_len), table[i].what, table[i].expected);
	}
}

/* Attributes of any other length, and such as do not exist */
static void refuse_shapes(void)
{
	struct nlmsghdr *nlh;
	char what[48];
	__u16 type, len;

	for (type = XDP_RXH_A_IFINDEX; type <= XDP_RXH_A_MAX + 2; type++) {
		for (len = 0; len < 12; len++) {
			if ((len == 4 && type != XDP_RXH_A_GENERATION) ||
			    (len == 8 && type == XDP_RXH_A_GENERATION) ||
			    (!len && (type == XDP_RXH_A_CLOSE_UP || type == XDP_RXH_A_REPLACE)))
				continue;
			nlh = nl_message(nl_family, XDP_RXH_CMD_EDGE_ADD);
			put(nlh, XDP_RXH_A_FROM, 1);
			put(nlh, XDP_RXH_A_CODE, 0);
			put(nlh, XDP_RXH_A_TO, XDP_RXH_NODE_STOP);
			if (type != XDP_RXH_A_IFINDEX)
				put(nlh, XDP_RXH_A_IFINDEX, dev.ifindex);
			mnl_attr_put(nlh, type, len, "\1\0\0\0\0\0\0\0\0\0\0\0");
			snprintf(what, sizeof(what), "attribute %u of %u bytes", type, len);
			refused(keep(nlh, nlh->nlmsg_len), what, 0);
		}
	}
}

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(2, "Usage: chainmsg NS:IF");
	lab_open(argv[1], &dev);
	nl_open();
	prog = lab_prog("pass");
	refuse_table();
	refuse_chains();
	refuse_pieces();
	refuse_shapes();
	refuse_switches();
	return failed;
}
