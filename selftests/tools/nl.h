/* SPDX-License-Identifier: GPL-2.0 */
/* What tools that speak to the family "xdp_rxh" share. One socket, in the namespace it was opened in. */
#ifndef SELFTESTS_NL_H
#define SELFTESTS_NL_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/xdp_rx_handler.h>

#include "lab.h"

static struct mnl_socket *nl_sock;
static __u16 nl_family;
static char nl_buffer[65536];

/* Returns what the kernel says: 0, or a positive errno. */
static inline int nl_talk(struct nlmsghdr *nlh, mnl_cb_t answer, void *data)
{
	static unsigned int seq;
	ssize_t len;
	int more;

	nlh->nlmsg_seq = ++seq;
	if (mnl_socket_sendto(nl_sock, nlh, nlh->nlmsg_len) < 0)
		err(1, "netlink");
	do {
		len = mnl_socket_recvfrom(nl_sock, nl_buffer, sizeof(nl_buffer));
		if (len < 0)
			err(1, "netlink");
		more = mnl_cb_run(nl_buffer, len, seq, mnl_socket_get_portid(nl_sock), answer, data);
	} while (more > 0);
	return more < 0 ? errno : 0;
}

static inline struct nlmsghdr *nl_message(__u16 type, __u8 cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl_buffer);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
	return nlh;
}

static inline int nl_on_family(const struct nlmsghdr *nlh, void *data)
{
	struct nlattr *attr;

	(void)data;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			nl_family = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static inline void nl_open(void)
{
	struct nlmsghdr *nlh;

	nl_sock = mnl_socket_open(NETLINK_GENERIC);
	if (!nl_sock || mnl_socket_bind(nl_sock, 0, MNL_SOCKET_AUTOPID))
		err(1, "netlink");
	nlh = nl_message(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, XDP_RXH_FAMILY_NAME);
	if (nl_talk(nlh, nl_on_family, NULL))
		errx(1, "no family " XDP_RXH_FAMILY_NAME);
}

/* A node of a chain, with program @fd unless that is negative, and one edge unless @to is 0. */
static inline void nl_put_node(struct nlmsghdr *nlh, __u32 id, int fd, __u32 code, __u32 to)
{
	struct nlattr *node = mnl_attr_nest_start(nlh, XDP_RXH_A_NODE), *edge;

	mnl_attr_put_u32(nlh, XDP_RXH_A_NODE_ID, id);
	if (fd >= 0)
		mnl_attr_put_u32(nlh, XDP_RXH_A_NODE_PROG_FD, fd);
	if (to) {
		edge = mnl_attr_nest_start(nlh, XDP_RXH_A_NODE_EDGE);
		mnl_attr_put_u32(nlh, XDP_RXH_A_EDGE_CODE, code);
		mnl_attr_put_u32(nlh, XDP_RXH_A_EDGE_TO, to);
		mnl_attr_nest_end(nlh, edge);
	}
	mnl_attr_nest_end(nlh, node);
}

#endif /* SELFTESTS_NL_H */
