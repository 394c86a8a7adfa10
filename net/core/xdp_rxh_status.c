// SPDX-License-Identifier: GPL-2.0
/*
 * What the netlink family tells of a device's state: what is attached where,
 * whether its program runs natively, its counters, and how full the queues of
 * its readers are. What is in an upper's way is xdp_rxh_reason.c's to say.
 *
 * An upper may be in a container: of a lower in another namespace it is told
 * nothing but what the lower's being so means for it.
 *
 * All of this is under RTNL.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>
#include <uapi/linux/xdp_rx_handler.h>

#include "xdp_rxh.h"
#include "xdp_rxh_chain.h"

static bool xdp_rxh_is_used(const struct xdp_rxh_upper *upper)
{
	return upper->entry || upper->users;
}

/* The upper whose legs frames of a slave come in by, or %NULL. */
static struct xdp_rxh_upper *xdp_rxh_master(struct net_device *slave)
{
	struct net_device *master = netdev_master_upper_dev_get(slave);
	struct xdp_rxh_upper *upper = NULL;

	if (master)
		upper = xdp_rxh_upper_find(master);
	return upper && !upper->port ? upper : NULL;
}

static u32 xdp_rxh_lower_notes(const struct xdp_rxh_port *port)
{
	u32 notes = 0;

	if (port->stuck)
		notes |= XDP_RXH_NOTE_STUCK;
	if (port->nr_progs && !port->sink_net)
		notes |= XDP_RXH_NOTE_NO_SINK;
	if (port->hand_up == XDP_RXH_HAND_UP_PROGRAM || port->by_program)
		notes |= XDP_RXH_NOTE_BY_PROGRAM;
	return notes;
}

/* Of what @upper passes, natively: whether its reader gets it as it is. */
static u32 xdp_rxh_reader_notes(const struct xdp_rxh_upper *upper)
{
	if (rcu_access_pointer(upper->type->deliver) &&
	    READ_ONCE(*upper->readers) <= 0)
		return XDP_RXH_NOTE_NO_READER;
	return 0;
}

static u32 xdp_rxh_type_notes(const struct xdp_rxh_upper *upper)
{
	return upper->type->notes ? upper->type->notes(upper->priv) : 0;
}

static u32 xdp_rxh_upper_notes(const struct xdp_rxh_upper *upper)
{
	const struct xdp_rxh_upper *leg;
	u32 notes = 0;

	if (upper->ops && !upper->waiting && upper->type->xdp_xmit &&
	    !upper->dev->netdev_ops->ndo_xdp_xmit)
		notes |= XDP_RXH_NOTE_NO_XMIT;
	if (upper->port)
		notes |= xdp_rxh_lower_notes(upper->port);
	list_for_each_entry(leg, &upper->legs, list)
		notes |= xdp_rxh_lower_notes(leg->port);
	if (!xdp_rxh_is_used(upper))
		return notes;

	if (!upper->hook_net)
		notes |= XDP_RXH_NOTE_NO_HOOK;
	notes |= xdp_rxh_type_notes(upper) | xdp_rxh_reader_notes(upper);
	if (upper->port && upper->port->below)
		notes |= xdp_rxh_type_notes(upper->port->below);
	return notes;
}

static int xdp_rxh_put_reason(struct sk_buff *msg,
			      const struct xdp_rxh_upper *upper)
{
	const struct net_device *whom;
	u32 reason = xdp_rxh_upper_reason(upper, &whom);
	const char *words = xdp_rxh_words(reason);

	if (nla_put_u32(msg, XDP_RXH_A_REASON, reason) ||
	    nla_put_u32(msg, XDP_RXH_A_NOTES, xdp_rxh_upper_notes(upper)) ||
	    (words && nla_put_string(msg, XDP_RXH_A_WHY, words)))
		return -EMSGSIZE;
	if (whom == upper->dev ||
	    !net_eq(dev_net(whom), dev_net(upper->dev)))
		return 0;
	return nla_put_string(msg, XDP_RXH_A_WHOM, whom->name);
}

/* 0 where there is none. */
static u32 xdp_rxh_generic_id(const struct net_device *dev)
{
	const struct bpf_prog *prog = rtnl_dereference(dev->xdp_prog);

	return prog ? prog->aux->id : 0;
}

static int xdp_rxh_put_own(struct sk_buff *msg, const struct xdp_rxh_port *port)
{
	const struct xdp_rxh_upper *upper = xdp_rxh_upper_find(port->dev);
	const struct xdp_rxh_chain *chain = port->chained.chain;
	const struct bpf_prog *prog = xdp_rxh_lower_entry(port);
	u32 generic = xdp_rxh_generic_id(port->dev);

	if (upper && upper->entry) {
		prog = upper->entry;
		chain = upper->chained.chain;
	}
	if ((prog && nla_put_u32(msg, XDP_RXH_A_LOWER_PROG_ID, prog->aux->id)) ||
	    (prog && nla_put_string(msg, XDP_RXH_A_LOWER_PROG_NAME,
				    prog->aux->name)) ||
	    (port->dev->xdp_state[XDP_MODE_DRV].link &&
	     nla_put_flag(msg, XDP_RXH_A_LOWER_LINK)) ||
	    (chain && nla_put_u32(msg, XDP_RXH_A_LOWER_CHAIN, chain->nr - 1)) ||
	    (generic && nla_put_u32(msg, XDP_RXH_A_LOWER_GENERIC, generic)))
		return -EMSGSIZE;
	return 0;
}

static int xdp_rxh_put_lower(struct sk_buff *msg,
			     const struct xdp_rxh_port *port)
{
	const struct xdp_rxh_upper *upper = xdp_rxh_master(port->dev);
	struct nlattr *nest = nla_nest_start(msg, XDP_RXH_A_LOWER);
	u32 uppers = !!upper;
	u32 native = upper && xdp_rxh_is_used(upper);

	list_for_each_entry(upper, &port->uppers, list) {
		uppers++;
		native += !!upper->entry;
	}
	if (!nest ||
	    nla_put_string(msg, XDP_RXH_A_LOWER_NAME, port->dev->name) ||
	    (port->prog && nla_put_flag(msg, XDP_RXH_A_LOWER_PORT_PROG)) ||
	    nla_put_u32(msg, XDP_RXH_A_LOWER_UPPERS, uppers) ||
	    nla_put_u32(msg, XDP_RXH_A_LOWER_NATIVE, native) ||
	    xdp_rxh_put_own(msg, port))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/* What is below an upper, as far as those in its namespace may know. */
static int xdp_rxh_put_lowers(struct sk_buff *msg,
			      const struct xdp_rxh_upper *upper)
{
	const struct net *net = dev_net(upper->dev);
	const struct xdp_rxh_upper *leg;
	int err = 0;

	if (upper->port && net_eq(dev_net(upper->port->dev), net))
		err = xdp_rxh_put_lower(msg, upper->port);
	list_for_each_entry(leg, &upper->legs, list)
		if (!err && net_eq(dev_net(leg->port->dev), net))
			err = xdp_rxh_put_lower(msg, leg->port);
	return err;
}

static int xdp_rxh_put_ring(struct sk_buff *msg,
			    const struct xdp_rxh_upper *upper)
{
	const struct xdp_rxh_deliver *deliver;
	struct xdp_rxh_fill fill = {};
	struct nlattr *nest;

	deliver = rtnl_dereference(upper->type->deliver);
	if (!deliver)
		return 0;
	deliver->fill(upper->dev, &fill);
	if (!fill.queues)
		return 0;
	nest = nla_nest_start(msg, XDP_RXH_A_RING);
	if (!nest || nla_put_u32(msg, XDP_RXH_A_RING_QUEUES, fill.queues) ||
	    nla_put_u32(msg, XDP_RXH_A_RING_QUEUED, fill.queued) ||
	    nla_put_u32(msg, XDP_RXH_A_RING_SIZE, fill.size) ||
	    nla_put_u32(msg, XDP_RXH_A_RING_WORST_QUEUED, fill.worst_queued) ||
	    nla_put_u32(msg, XDP_RXH_A_RING_WORST_SIZE, fill.worst_size))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

/**
 * xdp_rxh_put_status - the state of a device
 * @msg: the message that it goes into
 * @dev: the device, an upper or a lower or both
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0 or -EMSGSIZE.
 */
int xdp_rxh_put_status(struct sk_buff *msg, struct net_device *dev)
{
	const struct xdp_rxh_upper *upper = xdp_rxh_upper_find(dev);
	const struct xdp_rxh_port *port = xdp_rxh_port_find(dev);
	u32 generic = xdp_rxh_generic_id(dev);

	ASSERT_RTNL();
	if (nla_put_string(msg, XDP_RXH_A_IFNAME, dev->name) ||
	    (generic && nla_put_u32(msg, XDP_RXH_A_GENERIC, generic)) ||
	    (port && xdp_rxh_put_lower(msg, port)) ||
	    xdp_rxh_put_counters(msg, dev, upper, port))
		return -EMSGSIZE;
	if (!upper)
		return nla_put_u32(msg, XDP_RXH_A_NOTES,
				   xdp_rxh_lower_notes(port));
	if (xdp_rxh_put_reason(msg, upper) || xdp_rxh_put_lowers(msg, upper) ||
	    xdp_rxh_put_ring(msg, upper))
		return -EMSGSIZE;
	return 0;
}

/**
 * xdp_rxh_status_size - how much room xdp_rxh_put_status() needs
 * @dev: the device
 *
 * Context: RTNL.
 *
 * Return: bytes, rather too many.
 */
size_t xdp_rxh_status_size(const struct net_device *dev)
{
	const struct xdp_rxh_upper *upper = xdp_rxh_upper_find(dev);
	size_t lower = nla_total_size(nla_total_size(IFNAMSIZ) +
				      nla_total_size(BPF_OBJ_NAME_LEN) +
				      8 * nla_total_size(sizeof(u32)));
	const struct xdp_rxh_upper *leg;
	/* its name, another's, and what is of numbers only */
	size_t size = 2 * nla_total_size(IFNAMSIZ) + 2 * lower +
		      12 * nla_total_size(sizeof(u32)) +
		      XDP_RXH_A_COUNT_MAX * nla_total_size_64bit(sizeof(u64));

	if (!upper)
		return size;
	list_for_each_entry(leg, &upper->legs, list)
		size += lower;
	return size + nla_total_size(512);	/* words */
}
