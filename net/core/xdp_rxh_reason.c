// SPDX-License-Identifier: GPL-2.0
/*
 * Why an upper can't have a native program: the checks that attaching makes
 * before it changes anything, and the words for what they find. Who asks for
 * the status of an upper gets the answer that attaching to it would give.
 *
 * Which program it is does not matter here: that programs with and without
 * xdp.frags can't be mixed is found when one is attached.
 *
 * All of this is under RTNL.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <uapi/linux/xdp_rx_handler.h>

#include "xdp_rxh.h"

#define XDP_RXH_NAME	KBUILD_MODNAME ": "

/**
 * struct xdp_rxh_refusal - what is said of a reason
 * @err: the errno of attaching, a negative one
 * @words: for extack, with our name in front; say what to do
 */
struct xdp_rxh_refusal {
	int err;
	const char *words;
};

/* of those without an errno core says so, or ndo_bpf is not there to be asked */
static const struct xdp_rxh_refusal
xdp_rxh_refusals[XDP_RXH_REASON_MAX + 1] = {
	[XDP_RXH_REASON_NO_PROG] = {
		.words = XDP_RXH_NAME
		"Device has no program: attach one (ip link set dev ... xdpdrv)",
	},
	[XDP_RXH_REASON_GENERIC] = {
		.words = XDP_RXH_NAME
		"Device has a generic XDP program; detach it (ip link set dev ... xdpgeneric off) and attach it as xdpdrv",
	},
	[XDP_RXH_REASON_GENERIC_LINK] = {
		.words = XDP_RXH_NAME
		"A bpf_link holds the device's generic XDP program; native XDP is there once that has gone",
	},
	[XDP_RXH_REASON_DRIVER] = {
		.words = XDP_RXH_NAME
		"The program is run by the driver's own XDP, as it was there before our module; detach it and attach it again",
	},
	[XDP_RXH_REASON_ABOVE] = {
		.words = XDP_RXH_NAME
		"A device stacked on this one has an XDP program; detach that first: programs are attached bottom-up",
	},
	[XDP_RXH_REASON_NO_HANDLER] = {
		.err = -EOPNOTSUPP,
		.words = XDP_RXH_NAME
		"No XDP rx handler on the lower device",
	},
	[XDP_RXH_REASON_LOWER_GOES] = {
		.err = -ENODEV,
		.words = XDP_RXH_NAME
		"Lower device is going away",
	},
	[XDP_RXH_REASON_LOWER_NO_XDP] = {
		.err = -EOPNOTSUPP,
		.words = XDP_RXH_NAME
		"Lower device has no native XDP; use xdpgeneric",
	},
	[XDP_RXH_REASON_LOWER_GENERIC] = {
		.err = -EBUSY,
		.words = XDP_RXH_NAME
		"Lower device has a generic XDP program; detach it first or attach it as xdpdrv",
	},
	[XDP_RXH_REASON_LOWER_LINK] = {
		.err = -EBUSY,
		.words = XDP_RXH_NAME
		"Lower device's XDP program is held by a bpf_link; detach the link and attach the program with 'ip link' instead, or have it hand frames up itself (xdp-rxh set dev ... hand-up program)",
	},
	[XDP_RXH_REASON_HAND_UP_OFF] = {
		.err = -EPERM,
		.words = XDP_RXH_NAME
		"Lower device is set to hand no frames up (xdp-rxh set dev ... hand-up); use xdpgeneric",
	},
	[XDP_RXH_REASON_HANDLER_NONE] = {
		.err = -EPERM,
		.words = XDP_RXH_NAME
		"Device is set to be handed no frames (xdp-rxh set dev ... handler); use xdpgeneric",
	},
	[XDP_RXH_REASON_HANDLER_OTHER] = {
		.err = -EPERM,
		.words = XDP_RXH_NAME
		"Device is set to another handler than its lower has (xdp-rxh set dev ... handler); use xdpgeneric",
	},
	[XDP_RXH_REASON_SLAVE_PROGRAM] = {
		.err = -EOPNOTSUPP,
		.words = XDP_RXH_NAME
		"The program of a bond's slave can't hand frames up (xdp-rxh set dev ... hand-up on)",
	},
	[XDP_RXH_REASON_NO_OWN_PROG] = {
		.err = -EOPNOTSUPP,
		.words = XDP_RXH_NAME
		"Lower device has no program of its own in its driver that could hand frames up",
	},
	[XDP_RXH_REASON_NO_REDIRECT] = {
		.err = -EOPNOTSUPP,
		.words = XDP_RXH_NAME
		"Lower device's driver can't redirect, so programs can't hand frames up",
	},
	[XDP_RXH_REASON_VLAN] = {
		.err = -EOPNOTSUPP,
		.words = XDP_RXH_NAME
		"VLAN offload of the lower device hides tags from XDP and can't be turned off; use xdpgeneric",
	},
	[XDP_RXH_REASON_CSUM] = {
		.err = -EOPNOTSUPP,
		.words = XDP_RXH_NAME
		"Checksum offload of the lower device's peer can't be turned off; use xdpgeneric",
	},
};

/**
 * xdp_rxh_words - a reason in words, and what to do
 * @reason: XDP_RXH_REASON_*
 *
 * Return: the words, or %NULL for %XDP_RXH_REASON_NATIVE.
 */
const char *xdp_rxh_words(u32 reason)
{
	const char *words = xdp_rxh_refusals[reason].words;

	return words ? words + strlen(XDP_RXH_NAME) : NULL;
}

/**
 * xdp_rxh_refuse - say why a program is not attached
 * @reason: XDP_RXH_REASON_*
 * @extack: is told in words
 *
 * Return: 0 for %XDP_RXH_REASON_NATIVE, else a negative errno.
 */
int xdp_rxh_refuse(u32 reason, struct netlink_ext_ack *extack)
{
	const struct xdp_rxh_refusal *refusal = &xdp_rxh_refusals[reason];

	if (extack && refusal->words)
		extack->_msg = refusal->words;
	return refusal->err;
}

/**
 * xdp_rxh_switch_reason - do those who own a lower let an upper have a program
 * @upper: the upper, or a leg
 *
 * Context: RTNL.
 *
 * Return: XDP_RXH_REASON_*, %XDP_RXH_REASON_NATIVE if nothing is in the way.
 */
u32 xdp_rxh_switch_reason(const struct xdp_rxh_upper *upper)
{
	bool by_program = upper->port->hand_up == XDP_RXH_HAND_UP_PROGRAM;
	const struct xdp_rxh_upper *whole = upper->whole ?: upper;

	if (upper->port->hand_up == XDP_RXH_HAND_UP_OFF)
		return XDP_RXH_REASON_HAND_UP_OFF;
	if (whole->handler == XDP_RXH_HANDLER_NONE)
		return XDP_RXH_REASON_HANDLER_NONE;
	if (whole->handler == (by_program ? XDP_RXH_HANDLER_MODULE :
					    XDP_RXH_HANDLER_PROGRAM))
		return XDP_RXH_REASON_HANDLER_OTHER;
	if (by_program && upper->whole)
		return XDP_RXH_REASON_SLAVE_PROGRAM;
	return XDP_RXH_REASON_NATIVE;
}

/**
 * xdp_rxh_has_native - can a device have a port program?
 * @lower: the device
 *
 * Not what has its program run by a port of its own lower's, as a macvlan that
 * is a bond's slave, nor a bond that would give it to such a slave: port programs
 * share what there is one of per CPU.
 *
 * Context: RTNL.
 *
 * Return: true if so.
 */
bool xdp_rxh_has_native(struct net_device *lower)
{
	const struct xdp_rxh_upper *upper = xdp_rxh_upper_find(lower);
	struct net_device *slave;
	struct list_head *iter;

	if (!lower->netdev_ops->ndo_bpf || (upper && upper->port))
		return false;
	if (!netif_is_bond_master(lower) || xdp_rxh_upper_stackable(lower))
		return true;
	netdev_for_each_lower_dev(lower, slave, iter) {
		upper = xdp_rxh_upper_find(slave);
		if (upper && upper->port)
			return false;
	}
	return true;
}

/**
 * xdp_rxh_port_reason - may a port without programs get its first
 * @port: the port
 *
 * Context: RTNL.
 *
 * Return: XDP_RXH_REASON_*, %XDP_RXH_REASON_NATIVE if nothing is in the way.
 */
u32 xdp_rxh_port_reason(const struct xdp_rxh_port *port)
{
	bool by_program = port->hand_up == XDP_RXH_HAND_UP_PROGRAM;
	struct net_device *lower = port->dev;
	bool stackable = xdp_rxh_upper_stackable(lower);

	if (by_program && (port->stuck || stackable))
		return XDP_RXH_REASON_NO_OWN_PROG;
	if (!port->registered)
		return XDP_RXH_REASON_NO_HANDLER;
	if (lower->reg_state != NETREG_REGISTERED)
		return XDP_RXH_REASON_LOWER_GOES;
	if (!xdp_rxh_has_native(lower))
		return XDP_RXH_REASON_LOWER_NO_XDP;
	if (lower->xdp_state[XDP_MODE_SKB].prog ||
	    lower->xdp_state[XDP_MODE_SKB].link)
		return XDP_RXH_REASON_LOWER_GENERIC;
	if (lower->xdp_state[XDP_MODE_DRV].link && !stackable && !by_program)
		return XDP_RXH_REASON_LOWER_LINK;
	if (by_program &&
	    !(netdev_xdp_features(lower) & NETDEV_XDP_ACT_REDIRECT))
		return XDP_RXH_REASON_NO_REDIRECT;
	return XDP_RXH_REASON_NATIVE;
}

static u32 xdp_rxh_lowers_reason(const struct xdp_rxh_upper *upper,
				 const struct net_device **whom);

/* By one lower: @port's. */
static u32 xdp_rxh_lower_reason(const struct xdp_rxh_upper *upper,
				const struct xdp_rxh_port *port,
				const struct net_device **whom)
{
	const struct xdp_rxh_upper *below;
	u32 reason;

	*whom = port->dev;
	reason = xdp_rxh_switch_reason(upper);
	if (reason == XDP_RXH_REASON_HANDLER_NONE ||
	    reason == XDP_RXH_REASON_HANDLER_OTHER)
		*whom = upper->dev;
	if (reason || port->nr_progs)
		return reason;
	reason = xdp_rxh_port_reason(port);
	if (reason)
		return reason;
	below = xdp_rxh_upper_stackable(port->dev);
	return below ? xdp_rxh_lowers_reason(below, whom) :
		       xdp_rxh_offload_reason(port->dev);
}

static u32 xdp_rxh_lowers_reason(const struct xdp_rxh_upper *upper,
				 const struct net_device **whom)
{
	const struct xdp_rxh_upper *leg;
	u32 reason;

	if (upper->port) {
		reason = xdp_rxh_lower_reason(upper, upper->port, whom);
		if (!reason && rcu_access_pointer(upper->type->deliver))
			reason = xdp_rxh_csum_reason(upper->port->dev);
		return reason;
	}
	if (upper->users)
		return XDP_RXH_REASON_NATIVE;
	list_for_each_entry(leg, &upper->legs, list) {
		reason = xdp_rxh_lower_reason(leg, leg->port, whom);
		if (reason)
			return reason;
	}
	return XDP_RXH_REASON_NATIVE;
}

/* Core asks these before it asks ndo_bpf. */
static u32 xdp_rxh_own_reason(const struct xdp_rxh_upper *upper,
			      const struct net_device **whom)
{
	const struct bpf_xdp_entity *state = upper->dev->xdp_state;
	struct net_device *above;
	struct list_head *iter;

	/* that the link has gone is not noticed at once */
	if (state[XDP_MODE_SKB].link || (upper->waiting && upper->port))
		return XDP_RXH_REASON_GENERIC_LINK;
	if (upper->waiting)
		return XDP_RXH_REASON_DRIVER;
	if (state[XDP_MODE_SKB].prog)
		return XDP_RXH_REASON_GENERIC;
	rcu_read_lock();	/* RTNL keeps them */
	netdev_for_each_upper_dev_rcu(upper->dev, above, iter) {
		if (!dev_xdp_prog_count(above))
			continue;
		*whom = above;
		break;
	}
	rcu_read_unlock();
	return *whom == upper->dev ? XDP_RXH_REASON_NATIVE :
				     XDP_RXH_REASON_ABOVE;
}

/**
 * xdp_rxh_upper_reason - has an upper a native program, and if not, why not
 * @upper: the upper; no leg
 * @whom: receives the device that the reason is about
 *
 * Changes nothing.
 *
 * Context: RTNL.
 *
 * Return: XDP_RXH_REASON_*
 */
u32 xdp_rxh_upper_reason(const struct xdp_rxh_upper *upper,
			 const struct net_device **whom)
{
	u32 reason;

	ASSERT_RTNL();
	*whom = upper->dev;
	if (upper->entry)
		return XDP_RXH_REASON_NATIVE;
	reason = xdp_rxh_own_reason(upper, whom);
	if (reason)
		return reason;
	if (!upper->ops) {
		*whom = upper->port->dev;
		return XDP_RXH_REASON_LOWER_NO_XDP;
	}
	reason = xdp_rxh_lowers_reason(upper, whom);
	if (reason)
		return reason;
	*whom = upper->dev;
	return XDP_RXH_REASON_NO_PROG;
}
