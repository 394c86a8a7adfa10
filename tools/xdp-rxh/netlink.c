// SPDX-License-Identifier: GPL-2.0
/* The messages of the generic netlink family xdp_rxh. */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "xdp-rxh.h"

/* more than any chain needs */
static char buffer[65536];
static struct mnl_socket *sock;
static __u16 family;

/* Ends with the kernel's own words for what is wrong, if it has any: in attributes behind @skip bytes */
static void __attribute__((noreturn)) refused(const struct nlmsghdr *nlh, size_t skip, int error)
{
	const char *why = NULL;
	struct nlattr *attr;

	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_for_each(attr, nlh, skip)
			if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
				why = mnl_attr_get_str(attr);
	errx(2, "%s%s%s", why ?: "", why ? ": " : "", strerror(-error));
}

static int on_error(const struct nlmsghdr *nlh, void *data)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*error);

	(void)data;
	if (!error->error)
		return MNL_CB_STOP;
	if (!family && error->error == -ENOENT)
		errx(2, "no netlink family " XDP_RXH_FAMILY_NAME ": modprobe macvlan_xdp, or bonding_xdp");
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += error->msg.nlmsg_len - sizeof(error->msg);
	refused(nlh, skip, error->error);
}

/* A dump that failed half-way ends like one that is complete, but for this number. */
static int on_done(const struct nlmsghdr *nlh, void *data)
{
	const int *error = mnl_nlmsg_get_payload(nlh);

	(void)data;
	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(*error) && *error < 0)
		refused(nlh, sizeof(*error), *error);
	return MNL_CB_STOP;
}

static mnl_cb_t on_control[] = { [NLMSG_ERROR] = on_error, [NLMSG_DONE] = on_done };

static void talk(struct nlmsghdr *nlh, mnl_cb_t answer, void *data)
{
	static unsigned int seq;
	ssize_t len;
	int more;

	nlh->nlmsg_seq = ++seq;
	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
		err(1, "netlink");
	do {
		len = mnl_socket_recvfrom(sock, buffer, sizeof(buffer));
		if (len < 0)
			err(1, "netlink");
		more = mnl_cb_run2(buffer, len, seq, mnl_socket_get_portid(sock),
				   answer, data, on_control,
				   sizeof(on_control) / sizeof(*on_control));
		if (more < 0)
			err(1, "netlink");
	} while (more > 0);
}

static struct nlmsghdr *message(__u16 type, __u8 cmd, __u8 version, __u16 flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	return nlh;
}

static int on_family(const struct nlmsghdr *nlh, void *data)
{
	struct nlattr *attr;

	(void)data;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			family = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static void netlink_open(void)
{
	struct nlmsghdr *nlh;
	int one = 1;

	if (sock)
		return;
	sock = mnl_socket_open(NETLINK_GENERIC);
	if (!sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID))
		err(1, "netlink");
	mnl_socket_setsockopt(sock, NETLINK_EXT_ACK, &one, sizeof(one));
	nlh = message(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, NLM_F_ACK);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, XDP_RXH_FAMILY_NAME);
	talk(nlh, on_family, NULL);
}

static void put_node(struct nlmsghdr *nlh, const struct node *node)
{
	struct nlattr *nest, *edge;
	unsigned int i;

	nest = mnl_attr_nest_start(nlh, XDP_RXH_A_NODE);
	mnl_attr_put_u32(nlh, XDP_RXH_A_NODE_ID, node->id);
	if (node->fd >= 0)
		mnl_attr_put_u32(nlh, XDP_RXH_A_NODE_PROG_FD, node->fd);
	for (i = 0; i < EDGES; i++) {
		if (!node->next[i])
			continue;
		edge = mnl_attr_nest_start(nlh, XDP_RXH_A_NODE_EDGE);
		mnl_attr_put_u32(nlh, XDP_RXH_A_EDGE_CODE,
				 i == ANY ? XDP_RXH_CODE_ANY : i);
		mnl_attr_put_u32(nlh, XDP_RXH_A_EDGE_TO, node->next[i]);
		mnl_attr_nest_end(nlh, edge);
	}
	mnl_attr_nest_end(nlh, nest);
}

void netlink_request(const struct request *request)
{
	struct nlmsghdr *nlh;
	unsigned int i;

	netlink_open();
	nlh = message(family, request->cmd, XDP_RXH_FAMILY_VERSION,
		      NLM_F_ACK);
	mnl_attr_put_u32(nlh, XDP_RXH_A_IFINDEX, request->ifindex);
	if (request->has_generation)
		mnl_attr_put_u64(nlh, XDP_RXH_A_GENERATION, request->generation);
	if (request->from)
		mnl_attr_put_u32(nlh, XDP_RXH_A_FROM, request->from);
	if (request->code)
		mnl_attr_put_u32(nlh, XDP_RXH_A_CODE, request->code - 1 == ANY ?
				 XDP_RXH_CODE_ANY : request->code - 1);
	if (request->to)
		mnl_attr_put_u32(nlh, XDP_RXH_A_TO, request->to);
	if (request->fd >= 0)
		mnl_attr_put_u32(nlh, XDP_RXH_A_PROG_FD, request->fd);
	if (request->close_up)
		mnl_attr_put(nlh, XDP_RXH_A_CLOSE_UP, 0, NULL);
	if (request->replace)
		mnl_attr_put(nlh, XDP_RXH_A_REPLACE, 0, NULL);
	if (request->hand_up)
		mnl_attr_put_u32(nlh, XDP_RXH_A_HAND_UP, request->hand_up - 1);
	if (request->handler)
		mnl_attr_put_u32(nlh, XDP_RXH_A_HANDLER, request->handler - 1);
	if (request->hints)
		mnl_attr_put_u32(nlh, XDP_RXH_A_HINTS, request->hints - 1);
	for (i = 0; request->chain && i < request->chain->nr; i++)
		put_node(nlh, &request->chain->nodes[i]);
	talk(nlh, NULL, NULL);
}

static void get_edge(const struct nlattr *nest, struct node *node)
{
	__u32 code = 0, to = 0;
	struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == XDP_RXH_A_EDGE_CODE)
			code = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == XDP_RXH_A_EDGE_TO)
			to = mnl_attr_get_u32(attr);
	}
	if (code == XDP_RXH_CODE_ANY)
		code = ANY;
	if (code < EDGES)
		node->next[code] = to;
}

static void get_node(const struct nlattr *nest, struct node *node)
{
	struct nlattr *attr;

	node->fd = -1;
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case XDP_RXH_A_NODE_ID:
			node->id = mnl_attr_get_u32(attr);
			break;
		case XDP_RXH_A_NODE_PROG_ID:
			node->prog_id = mnl_attr_get_u32(attr);
			break;
		case XDP_RXH_A_NODE_PROG_NAME:
			snprintf(node->name, sizeof(node->name), "%s",
				 mnl_attr_get_str(attr));
			break;
		case XDP_RXH_A_NODE_EDGE:
			get_edge(attr, node);
			break;
		}
	}
}

static int on_chain(const struct nlmsghdr *nlh, void *data)
{
	void (*show)(const struct chain *chain) = data;
	struct chain chain = {};
	struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case XDP_RXH_A_IFINDEX:
			chain.ifindex = mnl_attr_get_u32(attr);
			break;
		case XDP_RXH_A_LOWER_IFINDEX:
			chain.lower = mnl_attr_get_u32(attr);
			break;
		case XDP_RXH_A_HAND_UP:
			chain.hand_up = mnl_attr_get_u32(attr) + 1;
			break;
		case XDP_RXH_A_HANDLER:
			chain.handler = mnl_attr_get_u32(attr) + 1;
			break;
		case XDP_RXH_A_HINTS:
			chain.hints = mnl_attr_get_u32(attr);
			break;
		case XDP_RXH_A_META_TYPE:
			chain.meta_type = mnl_attr_get_u32(attr);
			break;
		case XDP_RXH_A_GENERATION:
			chain.generation = mnl_attr_get_u64(attr);
			break;
		case XDP_RXH_A_NODE:
			if (chain.nr < XDP_RXH_CHAIN_NODES)
				get_node(attr, &chain.nodes[chain.nr++]);
			break;
		default:
			get_status(attr, &chain.status);
			break;
		}
	}
	show(&chain);
	free(chain.status.lowers);
	return MNL_CB_OK;
}

void netlink_get(__u8 cmd, __u32 ifindex, void (*show)(const struct chain *chain))
{
	struct nlmsghdr *nlh;

	netlink_open();
	nlh = message(family, cmd, XDP_RXH_FAMILY_VERSION,
		      ifindex ? NLM_F_ACK : NLM_F_DUMP);
	if (ifindex)
		mnl_attr_put_u32(nlh, XDP_RXH_A_IFINDEX, ifindex);
	talk(nlh, on_chain, show);
}
