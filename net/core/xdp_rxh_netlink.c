// SPDX-License-Identifier: GPL-2.0
/*
 * Generic netlink family "xdp_rxh": who wants to look at chains, or to change
 * them; and who lets whom have programs that run in the lower's driver.
 * Documentation/netlink/specs/xdp_rxh.yaml describes the messages.
 *
 * A change is made to a copy of the chain and takes effect whole or not at
 * all. It may carry the generation it was thought out for. Requests are
 * handled one at a time and under RTNL.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "xdp_rxh.h"
#include "xdp_rxh_chain.h"

static struct genl_family xdp_rxh_family;

/**
 * struct xdp_rxh_target - the device that a request is about
 * @dev: the device
 * @upper: as an upper, or %NULL
 * @port: its port as a lower, which it is where it is no upper; else its lower's
 * @entry: the program that its chain begins with, or %NULL
 * @chained: what is behind that
 */
struct xdp_rxh_target {
	struct net_device *dev;
	struct xdp_rxh_upper *upper;
	struct xdp_rxh_port *port;
	struct bpf_prog *entry;
	struct xdp_rxh_chained *chained;
};

static const struct nla_policy xdp_rxh_edge_policy[XDP_RXH_A_EDGE_MAX + 1] = {
	[XDP_RXH_A_EDGE_CODE] = { .type = NLA_U32 },
	[XDP_RXH_A_EDGE_TO] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy xdp_rxh_node_policy[XDP_RXH_A_NODE_MAX + 1] = {
	[XDP_RXH_A_NODE_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[XDP_RXH_A_NODE_PROG_FD] = { .type = NLA_U32 },
	[XDP_RXH_A_NODE_EDGE] = NLA_POLICY_NESTED(xdp_rxh_edge_policy),
};

static const struct nla_policy xdp_rxh_get_policy[XDP_RXH_A_IFINDEX + 1] = {
	[XDP_RXH_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy xdp_rxh_set_policy[XDP_RXH_A_REPLACE + 1] = {
	[XDP_RXH_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[XDP_RXH_A_GENERATION] = { .type = NLA_U64 },
	[XDP_RXH_A_NODE] = NLA_POLICY_NESTED(xdp_rxh_node_policy),
};

static const struct nla_policy xdp_rxh_edit_policy[XDP_RXH_A_REPLACE + 1] = {
	[XDP_RXH_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[XDP_RXH_A_GENERATION] = { .type = NLA_U64 },
	[XDP_RXH_A_FROM] = NLA_POLICY_MIN(NLA_U32, 1),
	[XDP_RXH_A_CODE] = { .type = NLA_U32 },
	[XDP_RXH_A_TO] = NLA_POLICY_MIN(NLA_U32, 1),
	[XDP_RXH_A_PROG_FD] = { .type = NLA_U32 },
	[XDP_RXH_A_CLOSE_UP] = { .type = NLA_FLAG },
	[XDP_RXH_A_REPLACE] = { .type = NLA_FLAG },
};

static const struct nla_policy xdp_rxh_switch_policy[XDP_RXH_A_HINTS + 1] = {
	[XDP_RXH_A_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[XDP_RXH_A_HAND_UP] = NLA_POLICY_MAX(NLA_U32, XDP_RXH_HAND_UP_MAX),
	[XDP_RXH_A_HANDLER] = NLA_POLICY_MAX(NLA_U32, XDP_RXH_HANDLER_MAX),
	[XDP_RXH_A_HINTS] = NLA_POLICY_MASK(NLA_U32, XDP_RXH_HINTS_ALL),
};

static u32 xdp_rxh_code(unsigned int slot)
{
	return slot == XDP_RXH_ANY ? XDP_RXH_CODE_ANY : slot;
}

/* the slot of an edge's code, or -EINVAL */
static int xdp_rxh_slot(u32 code, struct netlink_ext_ack *extack)
{
	if (code == XDP_RXH_CODE_ANY)
		return XDP_RXH_ANY;
	if (code < XDP_RXH_ANY)
		return code;
	NL_SET_ERR_MSG_MOD(extack, "No such return code of XDP programs");
	return -EINVAL;
}

static int xdp_rxh_put_edges(struct sk_buff *msg,
			     const struct xdp_rxh_node *node)
{
	struct nlattr *edge;
	unsigned int i;

	for (i = 0; i < XDP_RXH_EDGES; i++) {
		if (!node->next[i])
			continue;
		edge = nla_nest_start(msg, XDP_RXH_A_NODE_EDGE);
		if (!edge ||
		    nla_put_u32(msg, XDP_RXH_A_EDGE_CODE, xdp_rxh_code(i)) ||
		    nla_put_u32(msg, XDP_RXH_A_EDGE_TO, node->next[i]))
			return -EMSGSIZE;
		nla_nest_end(msg, edge);
	}
	return 0;
}

static int xdp_rxh_put_node(struct sk_buff *msg,
			    const struct xdp_rxh_node *node)
{
	struct nlattr *nest = nla_nest_start(msg, XDP_RXH_A_NODE);
	const struct bpf_prog *prog = node->prog;

	if (!nest || nla_put_u32(msg, XDP_RXH_A_NODE_ID, node->id) ||
	    (prog && nla_put_u32(msg, XDP_RXH_A_NODE_PROG_ID, prog->aux->id)) ||
	    (prog && nla_put_string(msg, XDP_RXH_A_NODE_PROG_NAME,
				    prog->aux->name)) ||
	    xdp_rxh_put_edges(msg, node))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static struct xdp_rxh_target xdp_rxh_upper_target(struct xdp_rxh_upper *upper)
{
	return (struct xdp_rxh_target){
		.dev = upper->dev,
		.upper = upper,
		.port = upper->port,
		.entry = upper->entry,
		.chained = &upper->chained,
	};
}

static struct xdp_rxh_target xdp_rxh_lower_target(struct xdp_rxh_port *port)
{
	return (struct xdp_rxh_target){
		.dev = port->dev,
		.port = port,
		.entry = xdp_rxh_lower_entry(port),
		.chained = &port->chained,
	};
}

/* Returns whether @dev is a device that can have a chain. */
static bool xdp_rxh_find_target(struct net_device *dev,
				struct xdp_rxh_target *target)
{
	struct xdp_rxh_upper *upper = xdp_rxh_upper_find(dev);
	struct xdp_rxh_port *port;

	if (upper) {
		*target = xdp_rxh_upper_target(upper);
		return true;
	}
	port = xdp_rxh_port_find(dev);
	if (port)
		*target = xdp_rxh_lower_target(port);
	return port;
}

/* What the device is set to as a lower, and as an upper. */
static int xdp_rxh_put_switches(struct sk_buff *msg,
				const struct xdp_rxh_target *target)
{
	const struct xdp_rxh_port *port = xdp_rxh_port_find(target->dev);

	if (port && nla_put_u32(msg, XDP_RXH_A_HAND_UP, port->hand_up))
		return -EMSGSIZE;
	if (!target->upper)
		return 0;
	if (nla_put_u32(msg, XDP_RXH_A_HANDLER, target->upper->handler) ||
	    nla_put_u32(msg, XDP_RXH_A_HINTS,
			xdp_rxh_meta_hints(target->upper)) ||
	    nla_put_u32(msg, XDP_RXH_A_META_TYPE,
			xdp_rxh_meta_type_id(target->upper)))
		return -EMSGSIZE;
	return 0;
}

static int xdp_rxh_put_chain(struct sk_buff *msg,
			     const struct xdp_rxh_target *target)
{
	const struct xdp_rxh_chain *chain = target->chained->chain;
	const struct xdp_rxh_node entry = {
		.id = XDP_RXH_NODE_ENTRY,
		.prog = target->entry,
	};
	const struct net_device *lower;
	unsigned int i;
	int err = 0;

	if (nla_put_u32(msg, XDP_RXH_A_IFINDEX, target->dev->ifindex) ||
	    nla_put_u64_64bit(msg, XDP_RXH_A_GENERATION,
			      target->chained->generation, XDP_RXH_A_PAD))
		return -EMSGSIZE;
	lower = target->upper && target->port ? target->port->dev : NULL;
	if (lower && net_eq(dev_net(lower), dev_net(target->dev)) &&
	    nla_put_u32(msg, XDP_RXH_A_LOWER_IFINDEX, lower->ifindex))
		return -EMSGSIZE;
	if (xdp_rxh_put_switches(msg, target))
		return -EMSGSIZE;
	if (!chain)
		return entry.prog ? xdp_rxh_put_node(msg, &entry) : 0;
	for (i = 0; i < chain->nr && !err; i++)
		err = xdp_rxh_put_node(msg, &chain->nodes[i]);
	return err;
}

static int xdp_rxh_fill(struct sk_buff *msg,
			const struct xdp_rxh_target *target, u32 portid,
			u32 seq, int flags, u8 cmd)
{
	void *head = genlmsg_put(msg, portid, seq, &xdp_rxh_family, flags, cmd);

	if (!head)
		return -EMSGSIZE;
	if (xdp_rxh_put_chain(msg, target) ||
	    (cmd == XDP_RXH_CMD_STATUS_GET &&
	     xdp_rxh_put_status(msg, target->dev))) {
		genlmsg_cancel(msg, head);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, head);
	return 0;
}

static struct sk_buff *xdp_rxh_message(const struct xdp_rxh_target *target,
				       u32 portid, u32 seq, u8 cmd)
{
	const struct xdp_rxh_chain *chain = target->chained->chain;
	unsigned int nr = chain ? chain->nr : 1;
	size_t node = nla_total_size(3 * nla_total_size(sizeof(u32)) +
				     nla_total_size(BPF_OBJ_NAME_LEN) +
				     XDP_RXH_EDGES *
				     nla_total_size(2 * nla_total_size(4)));
	size_t size = nr * node + 8 * nla_total_size_64bit(8);
	struct sk_buff *msg;

	if (cmd == XDP_RXH_CMD_STATUS_GET)
		size += xdp_rxh_status_size(target->dev);
	msg = genlmsg_new(size, GFP_KERNEL);
	if (msg && xdp_rxh_fill(msg, target, portid, seq, 0, cmd)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

/**
 * xdp_rxh_netlink_notify - tell listeners that a chain has changed
 * @dev: the upper or lower whose it is
 *
 * Context: RTNL; may sleep.
 */
void xdp_rxh_netlink_notify(struct net_device *dev)
{
	struct net *net = dev_net(dev);
	struct xdp_rxh_target target;
	struct sk_buff *msg;

	if (!genl_has_listeners(&xdp_rxh_family, net, 0) ||
	    !xdp_rxh_find_target(dev, &target))
		return;
	msg = xdp_rxh_message(&target, 0, 0, XDP_RXH_CMD_CHAIN_NTF);
	if (msg)
		genlmsg_multicast_netns(&xdp_rxh_family, net, msg, 0, 0,
					GFP_KERNEL);
}

static struct net_device *xdp_rxh_info_dev(struct genl_info *info)
{
	struct net_device *dev;

	if (!info->attrs[XDP_RXH_A_IFINDEX]) {
		NL_SET_ERR_MSG_MOD(info->extack, "Which device? No ifindex");
		return ERR_PTR(-EINVAL);
	}
	dev = __dev_get_by_index(genl_info_net(info),
				 nla_get_u32(info->attrs[XDP_RXH_A_IFINDEX]));
	if (dev)
		return dev;
	NL_SET_ERR_MSG_MOD(info->extack, "No such device");
	return ERR_PTR(-ENODEV);
}

static int xdp_rxh_info_target(struct genl_info *info,
			       struct xdp_rxh_target *target)
{
	struct net_device *dev = xdp_rxh_info_dev(info);

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	if (!xdp_rxh_find_target(dev, target)) {
		NL_SET_ERR_MSG_MOD(info->extack,
				   "Device is neither an upper with native XDP nor the lower of one: it can have no chain");
		return -EOPNOTSUPP;
	}
	return 0;
}

static int xdp_rxh_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct xdp_rxh_target target;
	struct sk_buff *msg;
	int err;

	err = xdp_rxh_info_target(info, &target);
	if (err)
		return err;
	msg = xdp_rxh_message(&target, info->snd_portid, info->snd_seq,
			      info->genlhdr->cmd);
	return msg ? genlmsg_reply(msg, info) : -ENOMEM;
}

static int xdp_rxh_get_start(struct netlink_callback *cb)
{
	/* a chain with as many nodes and edges as can be */
	cb->min_dump_alloc = SKB_WITH_OVERHEAD(SZ_32K);
	return 0;
}

static u8 xdp_rxh_dump_cmd(const struct netlink_callback *cb)
{
	const struct genlmsghdr *genlhdr = nlmsg_data(cb->nlh);

	return genlhdr->cmd;
}

/*
 * All uppers, by their ids, and then lowers, by ifindex: for their chains those
 * that have one, or a switch that was touched. Where a dump goes on: args[0]
 * says after which upper, args[1] after which lower.
 */
static bool xdp_rxh_next_target(const struct net *net,
				const struct netlink_callback *cb,
				struct xdp_rxh_target *target)
{
	bool all = xdp_rxh_dump_cmd(cb) == XDP_RXH_CMD_STATUS_GET;
	struct xdp_rxh_upper *upper = NULL;
	struct xdp_rxh_port *port;

	if (!cb->args[1])
		upper = xdp_rxh_upper_next(net, cb->args[0]);
	if (upper) {
		*target = xdp_rxh_upper_target(upper);
		return true;
	}
	port = xdp_rxh_port_next(net, cb->args[1], all);
	if (port)
		*target = xdp_rxh_lower_target(port);
	return port;
}

static int xdp_rxh_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct net *net = sock_net(cb->skb->sk);
	struct xdp_rxh_target target;
	int err = 0;

	rtnl_lock();
	while (xdp_rxh_next_target(net, cb, &target)) {
		err = xdp_rxh_fill(msg, &target, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, NLM_F_MULTI,
				   xdp_rxh_dump_cmd(cb));
		if (err)
			break;
		if (target.upper)
			cb->args[0] = target.upper->id;
		else
			cb->args[1] = target.dev->ifindex;
	}
	rtnl_unlock();
	return err && !msg->len ? err : msg->len;
}

/* The device to be edited, provided that it is as the request expects. */
static int xdp_rxh_info_edit(struct genl_info *info,
			     struct xdp_rxh_target *target)
{
	struct nlattr *generation = info->attrs[XDP_RXH_A_GENERATION];
	int err;

	err = xdp_rxh_info_target(info, target);
	if (err)
		return err;
	if (!target->upper) {
		/* of a device that is down nobody tells that it changed */
		xdp_rxh_lower_recheck(target->dev);
		*target = xdp_rxh_lower_target(target->port);
	}
	if (generation &&
	    nla_get_u64(generation) != target->chained->generation) {
		NL_SET_ERR_MSG_ATTR(info->extack, generation,
				    "xdp_rx_handler: Chain has changed meanwhile: it is of another generation");
		return -ESTALE;
	}
	if (target->upper && !target->entry) {
		NL_SET_ERR_MSG_MOD(info->extack,
				   "Device has no native XDP program to begin a chain with; attach one first (ip link set ... xdpdrv)");
		return -ENOENT;
	}
	return 0;
}

static int xdp_rxh_publish_chain(const struct xdp_rxh_target *target,
				 struct xdp_rxh_chain *chain,
				 struct genl_info *info)
{
	int err;

	err = target->upper ?
	      xdp_rxh_upper_set_chain(target->upper, chain, info->extack) :
	      xdp_rxh_lower_set_chain(target->port, chain, info->extack);
	if (!err)
		xdp_rxh_netlink_notify(target->dev);
	return err;
}

static struct bpf_prog *xdp_rxh_prog_get(const struct nlattr *attr,
					 struct netlink_ext_ack *extack)
{
	struct bpf_prog *prog;

	prog = bpf_prog_get_type_dev(nla_get_u32(attr), BPF_PROG_TYPE_XDP,
				     true);
	if (IS_ERR(prog))
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "xdp_rx_handler: File descriptor is not that of an XDP program");
	return prog;
}

/* A new node for the program that an attribute names; @id is its id then. */
static struct xdp_rxh_node *xdp_rxh_new_node(struct xdp_rxh_chain *chain,
					     const struct nlattr *fd, u32 id,
					     struct netlink_ext_ack *extack)
{
	struct xdp_rxh_node *node;
	struct bpf_prog *prog;

	prog = xdp_rxh_prog_get(fd, extack);
	if (IS_ERR(prog))
		return ERR_CAST(prog);
	node = xdp_rxh_chain_add(chain, prog, id);
	if (!node) {
		bpf_prog_put(prog);
		NL_SET_ERR_MSG_MOD(extack, "More than 128 programs");
		return ERR_PTR(-E2BIG);
	}
	return node;
}

/* An id that the device has not given to a node yet */
static u32 xdp_rxh_new_id(struct xdp_rxh_chained *chained,
			  struct netlink_ext_ack *extack)
{
	if (chained->last_node == XDP_RXH_NODE_STOP - 1) {
		NL_SET_ERR_MSG_MOD(extack,
				   "All node ids have been used; create the device anew");
		return 0;
	}
	return ++chained->last_node;
}

static struct xdp_rxh_node *xdp_rxh_info_from(struct xdp_rxh_chain *chain,
					      struct genl_info *info)
{
	struct nlattr *attr = info->attrs[XDP_RXH_A_FROM];
	struct xdp_rxh_node *node;

	if (!attr) {
		NL_SET_ERR_MSG_MOD(info->extack, "Which node?");
		return ERR_PTR(-EINVAL);
	}
	node = xdp_rxh_chain_node(chain, nla_get_u32(attr));
	if (!node) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "xdp_rx_handler: No such node");
		return ERR_PTR(-ENOENT);
	}
	return node;
}

static int xdp_rxh_info_slot(struct genl_info *info)
{
	if (!info->attrs[XDP_RXH_A_CODE]) {
		NL_SET_ERR_MSG_MOD(info->extack, "Which return code?");
		return -EINVAL;
	}
	return xdp_rxh_slot(nla_get_u32(info->attrs[XDP_RXH_A_CODE]),
			    info->extack);
}

static int xdp_rxh_edge_target(struct xdp_rxh_chained *chained,
			       struct xdp_rxh_chain *chain,
			       struct genl_info *info, u32 *to)
{
	struct nlattr *attr = info->attrs[XDP_RXH_A_TO];
	struct nlattr *fd = info->attrs[XDP_RXH_A_PROG_FD];
	struct xdp_rxh_node *node;

	if (!attr == !fd) {
		NL_SET_ERR_MSG_MOD(info->extack,
				   "An edge leads to either a node or a new program");
		return -EINVAL;
	}
	if (fd) {
		*to = xdp_rxh_new_id(chained, info->extack);
		if (!*to)
			return -EOVERFLOW;
		node = xdp_rxh_new_node(chain, fd, *to, info->extack);
		return PTR_ERR_OR_ZERO(node);
	}
	*to = nla_get_u32(attr);
	if (*to == XDP_RXH_NODE_STOP || xdp_rxh_chain_node(chain, *to))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr, "xdp_rx_handler: No such node");
	return -ENOENT;
}

static int xdp_rxh_edge_add(struct xdp_rxh_chained *chained,
			    struct xdp_rxh_chain *chain,
			    struct genl_info *info)
{
	struct xdp_rxh_node *from = xdp_rxh_info_from(chain, info);
	int slot, err;
	u32 to;

	if (IS_ERR(from))
		return PTR_ERR(from);
	slot = xdp_rxh_info_slot(info);
	if (slot < 0)
		return slot;
	if (from->next[slot] && !info->attrs[XDP_RXH_A_REPLACE]) {
		NL_SET_ERR_MSG_MOD(info->extack,
				   "The node has an edge for that return code");
		return -EEXIST;
	}
	err = xdp_rxh_edge_target(chained, chain, info, &to);
	if (!err)
		from->next[slot] = to;
	return err;
}

static int xdp_rxh_edge_del(struct xdp_rxh_chain *chain, struct genl_info *info)
{
	struct xdp_rxh_node *from = xdp_rxh_info_from(chain, info);
	int slot;

	if (IS_ERR(from))
		return PTR_ERR(from);
	slot = xdp_rxh_info_slot(info);
	if (slot < 0)
		return slot;
	if (!from->next[slot]) {
		NL_SET_ERR_MSG_MOD(info->extack,
				   "The node has no edge for that return code");
		return -ENOENT;
	}
	from->next[slot] = 0;
	return 0;
}

static int xdp_rxh_not_entry(const struct xdp_rxh_node *node,
			     struct netlink_ext_ack *extack)
{
	if (node->id != XDP_RXH_NODE_ENTRY)
		return 0;
	NL_SET_ERR_MSG_MOD(extack,
			   "The entry program is attached to the device; use ip link set ... xdpdrv");
	return -EINVAL;
}

static int xdp_rxh_node_replace(struct xdp_rxh_chain *chain, struct genl_info *info)
{
	struct xdp_rxh_node *node = xdp_rxh_info_from(chain, info);
	struct bpf_prog *prog;
	int err;

	if (IS_ERR(node))
		return PTR_ERR(node);
	err = xdp_rxh_not_entry(node, info->extack);
	if (err)
		return err;
	if (!info->attrs[XDP_RXH_A_PROG_FD]) {
		NL_SET_ERR_MSG_MOD(info->extack, "Which program?");
		return -EINVAL;
	}
	prog = xdp_rxh_prog_get(info->attrs[XDP_RXH_A_PROG_FD], info->extack);
	if (IS_ERR(prog))
		return PTR_ERR(prog);
	bpf_prog_put(node->prog);
	node->prog = prog;
	return 0;
}

static int xdp_rxh_node_del(struct xdp_rxh_chain *chain, struct genl_info *info)
{
	struct xdp_rxh_node *node = xdp_rxh_info_from(chain, info);
	int err;

	if (IS_ERR(node))
		return PTR_ERR(node);
	err = xdp_rxh_not_entry(node, info->extack);
	if (!err)
		xdp_rxh_chain_remove(chain, node->id,
				     info->attrs[XDP_RXH_A_CLOSE_UP]);
	return err;
}

/* One node of a chain that is given whole: kept from the old one, or new */
static int xdp_rxh_set_node(struct xdp_rxh_chain *chain,
			    struct xdp_rxh_chain *old, struct nlattr **tb,
			    struct netlink_ext_ack *extack)
{
	struct nlattr *fd = tb[XDP_RXH_A_NODE_PROG_FD];
	struct xdp_rxh_node *node;
	u32 id;

	if (!tb[XDP_RXH_A_NODE_ID]) {
		NL_SET_ERR_MSG_MOD(extack, "A node has no id");
		return -EINVAL;
	}
	id = nla_get_u32(tb[XDP_RXH_A_NODE_ID]);
	if (id == XDP_RXH_NODE_ENTRY && !fd)
		return 0;
	if (xdp_rxh_chain_node(chain, id) || id == XDP_RXH_NODE_STOP) {
		NL_SET_ERR_MSG_ATTR(extack, tb[XDP_RXH_A_NODE_ID],
				    "xdp_rx_handler: A node's id is given twice, or can't be one");
		return -EINVAL;
	}
	if (fd)
		return PTR_ERR_OR_ZERO(xdp_rxh_new_node(chain, fd, id, extack));

	node = old ? xdp_rxh_chain_node(old, id) : NULL;
	if (!node) {
		NL_SET_ERR_MSG_ATTR(extack, tb[XDP_RXH_A_NODE_ID],
				    "xdp_rx_handler: A node without a program is not in the present chain");
		return -ENOENT;
	}
	if (!xdp_rxh_chain_add(chain, node->prog, id)) {
		NL_SET_ERR_MSG_MOD(extack, "More than 128 programs");
		return -E2BIG;
	}
	bpf_prog_inc(node->prog);
	return 0;
}

static int xdp_rxh_set_edge(struct xdp_rxh_chain *chain,
			    struct xdp_rxh_node *node, struct nlattr *attr,
			    struct netlink_ext_ack *extack)
{
	struct nlattr *tb[XDP_RXH_A_EDGE_MAX + 1];
	int slot, err;
	u32 to;

	err = nla_parse_nested(tb, XDP_RXH_A_EDGE_MAX, attr,
			       xdp_rxh_edge_policy, extack);
	if (err)
		return err;
	if (!tb[XDP_RXH_A_EDGE_CODE] || !tb[XDP_RXH_A_EDGE_TO]) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "xdp_rx_handler: An edge needs a return code and a target");
		return -EINVAL;
	}
	slot = xdp_rxh_slot(nla_get_u32(tb[XDP_RXH_A_EDGE_CODE]), extack);
	if (slot < 0)
		return slot;
	to = nla_get_u32(tb[XDP_RXH_A_EDGE_TO]);
	if (node->next[slot]) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "xdp_rx_handler: Two edges for one return code");
		return -EINVAL;
	}
	if (to != XDP_RXH_NODE_STOP && !xdp_rxh_chain_node(chain, to)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[XDP_RXH_A_EDGE_TO],
				    "xdp_rx_handler: No such node");
		return -ENOENT;
	}
	node->next[slot] = to;
	return 0;
}

/*
 * Ids of nodes that are new are only good inside the message that brought
 * them: from now on they have ones that were never used.
 */
static int xdp_rxh_set_ids(struct xdp_rxh_chained *chained,
			   struct xdp_rxh_chain *chain, const u8 *is_new,
			   struct netlink_ext_ack *extack)
{
	u32 ids[XDP_RXH_CHAIN_NODES];
	struct xdp_rxh_node *node;
	unsigned int i, j;

	for (i = 0; i < chain->nr; i++) {
		ids[i] = chain->nodes[i].id;
		if (is_new[i])
			ids[i] = xdp_rxh_new_id(chained, extack);
		if (!ids[i])
			return -EOVERFLOW;
	}
	for (i = 0; i < chain->nr; i++) {
		for (j = 0; j < XDP_RXH_EDGES; j++) {
			node = xdp_rxh_chain_node(chain,
						  chain->nodes[i].next[j]);
			if (node)
				chain->nodes[i].next[j] =
					ids[node - chain->nodes];
		}
	}
	for (i = 0; i < chain->nr; i++)
		chain->nodes[i].id = ids[i];
	return 0;
}

static int xdp_rxh_set_chain(struct xdp_rxh_chained *chained,
			     struct xdp_rxh_chain *chain,
			     struct genl_info *info)
{
	struct nlattr *tb[XDP_RXH_A_NODE_MAX + 1], *attr, *edge;
	u8 is_new[XDP_RXH_CHAIN_NODES] = {};
	struct xdp_rxh_node *node;
	int rem, left, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != XDP_RXH_A_NODE)
			continue;
		err = nla_parse_nested(tb, XDP_RXH_A_NODE_MAX, attr,
				       xdp_rxh_node_policy, info->extack);
		if (!err)
			err = xdp_rxh_set_node(chain, chained->chain, tb,
					       info->extack);
		if (err)
			return err;
		if (tb[XDP_RXH_A_NODE_PROG_FD])
			is_new[chain->nr - 1] = 1;
	}
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != XDP_RXH_A_NODE)
			continue;
		err = nla_parse_nested(tb, XDP_RXH_A_NODE_MAX, attr,
				       xdp_rxh_node_policy, info->extack);
		if (err)
			return err;
		node = xdp_rxh_chain_node(chain,
					  nla_get_u32(tb[XDP_RXH_A_NODE_ID]));
		nla_for_each_nested(edge, attr, left) {
			if (nla_type(edge) != XDP_RXH_A_NODE_EDGE)
				continue;
			err = xdp_rxh_set_edge(chain, node, edge, info->extack);
			if (err)
				return err;
		}
	}
	return xdp_rxh_set_ids(chained, chain, is_new, info->extack);
}

static int xdp_rxh_edit(struct xdp_rxh_chained *chained,
			struct xdp_rxh_chain *chain, struct genl_info *info)
{
	switch (info->genlhdr->cmd) {
	case XDP_RXH_CMD_CHAIN_SET:
		return xdp_rxh_set_chain(chained, chain, info);
	case XDP_RXH_CMD_EDGE_ADD:
		return xdp_rxh_edge_add(chained, chain, info);
	case XDP_RXH_CMD_EDGE_DEL:
		return xdp_rxh_edge_del(chain, info);
	case XDP_RXH_CMD_NODE_REPLACE:
		return xdp_rxh_node_replace(chain, info);
	default:
		return xdp_rxh_node_del(chain, info);
	}
}

static int xdp_rxh_edit_doit(struct sk_buff *skb, struct genl_info *info)
{
	bool whole = info->genlhdr->cmd == XDP_RXH_CMD_CHAIN_SET;
	struct xdp_rxh_target target;
	struct xdp_rxh_chain *chain;
	u32 last_node;
	int err;

	err = xdp_rxh_info_edit(info, &target);
	if (err)
		return err;
	chain = xdp_rxh_chain_copy(whole ? NULL : target.chained->chain,
				   target.entry);
	if (!chain)
		return -ENOMEM;
	last_node = target.chained->last_node;
	err = xdp_rxh_edit(target.chained, chain, info);
	if (!err)
		err = xdp_rxh_publish_chain(&target, chain, info);
	if (err) {
		/* nobody has seen the ids: else refusals could use them up */
		target.chained->last_node = last_node;
		xdp_rxh_chain_free(chain);
	}
	return err;
}

/*
 * An upper in a container is the container's, but what it is handed comes from
 * the lower's driver: those who own that decide.
 */
static struct xdp_rxh_upper *xdp_rxh_info_upper(struct sk_buff *skb,
						struct genl_info *info,
						const struct net_device *dev)
{
	struct xdp_rxh_upper *upper = xdp_rxh_upper_find(dev);
	const struct net *net;

	if (!upper) {
		NL_SET_ERR_MSG_MOD(info->extack,
				   "Device is no upper with native XDP: it has no handler");
		return ERR_PTR(-EOPNOTSUPP);
	}
	net = dev_net(upper->port ? upper->port->dev : dev);
	if (netlink_ns_capable(skb, net->user_ns, CAP_NET_ADMIN))
		return upper;
	NL_SET_ERR_MSG_MOD(info->extack,
			   "That is for those who own the lower device");
	return ERR_PTR(-EPERM);
}

/* All that is asked for, or nothing. */
static int xdp_rxh_switch(struct net_device *dev, struct genl_info *info)
{
	struct nlattr *hand_up = info->attrs[XDP_RXH_A_HAND_UP];
	struct nlattr *handler = info->attrs[XDP_RXH_A_HANDLER];
	struct nlattr *hints = info->attrs[XDP_RXH_A_HINTS];
	struct xdp_rxh_upper *upper = xdp_rxh_upper_find(dev);
	struct xdp_rxh_meta **metas = NULL;
	int err = 0;

	if (hints) {
		metas = xdp_rxh_meta_prepare(upper, nla_get_u32(hints));
		if (!metas)
			return -ENOMEM;
	}
	if (hand_up)
		err = xdp_rxh_port_set_hand_up(dev, nla_get_u32(hand_up),
					       info->extack);
	if (err) {
		if (metas)
			xdp_rxh_meta_abort(upper, metas);
		return err;
	}
	if (metas)
		xdp_rxh_meta_commit(upper, metas, xdp_rxh_upper_first(upper));
	if (handler)
		upper->handler = nla_get_u32(handler);
	return 0;
}

static int xdp_rxh_switch_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct net_device *dev = xdp_rxh_info_dev(info);
	struct xdp_rxh_upper *upper;
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	if (!info->attrs[XDP_RXH_A_HAND_UP] &&
	    !info->attrs[XDP_RXH_A_HANDLER] && !info->attrs[XDP_RXH_A_HINTS]) {
		NL_SET_ERR_MSG_MOD(info->extack, "Which switch?");
		return -EINVAL;
	}
	if (info->attrs[XDP_RXH_A_HANDLER]) {
		upper = xdp_rxh_info_upper(skb, info, dev);
		if (IS_ERR(upper))
			return PTR_ERR(upper);
	}
	if (info->attrs[XDP_RXH_A_HINTS] && !xdp_rxh_upper_find(dev)) {
		NL_SET_ERR_MSG_MOD(info->extack,
				   "Device is no upper with native XDP: nobody would write its metadata");
		return -EOPNOTSUPP;
	}
	err = xdp_rxh_switch(dev, info);
	if (!err)
		xdp_rxh_netlink_notify(dev);
	return err;
}

/* All requests but dumps */
static int xdp_rxh_doit(struct sk_buff *skb, struct genl_info *info)
{
	int err;

	rtnl_lock();
	switch (info->genlhdr->cmd) {
	case XDP_RXH_CMD_CHAIN_GET:
	case XDP_RXH_CMD_STATUS_GET:
		err = xdp_rxh_get_doit(skb, info);
		break;
	case XDP_RXH_CMD_SWITCH_SET:
		err = xdp_rxh_switch_doit(skb, info);
		break;
	default:
		err = xdp_rxh_edit_doit(skb, info);
		break;
	}
	rtnl_unlock();
	return err;
}

#define XDP_RXH_EDIT_OP(command, attrs, max) {			\
	.cmd = (command),					\
	.flags = GENL_UNS_ADMIN_PERM,				\
	.policy = (attrs),					\
	.maxattr = (max),					\
	.doit = xdp_rxh_doit,					\
}

#define XDP_RXH_GET_OP(command) {				\
	.cmd = (command),					\
	.policy = xdp_rxh_get_policy,				\
	.maxattr = XDP_RXH_A_IFINDEX,				\
	.doit = xdp_rxh_doit,					\
	.start = xdp_rxh_get_start,				\
	.dumpit = xdp_rxh_get_dumpit,				\
}

static const struct genl_ops xdp_rxh_genl_ops[] = {
	XDP_RXH_GET_OP(XDP_RXH_CMD_CHAIN_GET),
	XDP_RXH_GET_OP(XDP_RXH_CMD_STATUS_GET),
	XDP_RXH_EDIT_OP(XDP_RXH_CMD_CHAIN_SET, xdp_rxh_set_policy,
			XDP_RXH_A_REPLACE),
	XDP_RXH_EDIT_OP(XDP_RXH_CMD_EDGE_ADD, xdp_rxh_edit_policy,
			XDP_RXH_A_REPLACE),
	XDP_RXH_EDIT_OP(XDP_RXH_CMD_EDGE_DEL, xdp_rxh_edit_policy,
			XDP_RXH_A_REPLACE),
	XDP_RXH_EDIT_OP(XDP_RXH_CMD_NODE_REPLACE, xdp_rxh_edit_policy,
			XDP_RXH_A_REPLACE),
	XDP_RXH_EDIT_OP(XDP_RXH_CMD_NODE_DEL, xdp_rxh_edit_policy,
			XDP_RXH_A_REPLACE),
	XDP_RXH_EDIT_OP(XDP_RXH_CMD_SWITCH_SET, xdp_rxh_switch_policy,
			XDP_RXH_A_HINTS),
};

static const struct genl_multicast_group xdp_rxh_groups[] = {
	{ .name = XDP_RXH_MCGRP_CHAIN },
};

static struct genl_family xdp_rxh_family __ro_after_init = {
	.name = XDP_RXH_FAMILY_NAME,
	.version = XDP_RXH_FAMILY_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.ops = xdp_rxh_genl_ops,
	.n_ops = ARRAY_SIZE(xdp_rxh_genl_ops),
	.mcgrps = xdp_rxh_groups,
	.n_mcgrps = ARRAY_SIZE(xdp_rxh_groups),
};

int __init xdp_rxh_netlink_init(void)
{
	return genl_register_family(&xdp_rxh_family);
}

void xdp_rxh_netlink_exit(void)
{
	genl_unregister_family(&xdp_rxh_family);
}

MODULE_ALIAS_GENL_FAMILY(XDP_RXH_FAMILY_NAME);
