// SPDX-License-Identifier: GPL-2.0
/*
 * VLAN tags must be where a program can see them, and checksums must be
 * finished where a frame goes on without an skb.
 *
 * Whether a frame meets the upper's program in the driver depends on its tag
 * (a tagged one does not, see Documentation/design.rst). A tag that the
 * hardware strips, or that a veth peer hands over beside the frame, is
 * invisible there and visible on the skb: the program would run twice. So
 * while a port program is attached such offloads are off: rx stripping on the
 * lower and on the devices below it, tx insertion on the peer of a veth.
 *
 * The stack behind a veth's peer leaves checksums to a device that has none to
 * offer: they are finished where a frame leaves the machine. Which ones are not
 * yet is said in the skb only, and a reader of XDP frames can't be told. So while
 * an upper with such a reader has a program, the peer finishes them.
 *
 * All of this is under RTNL.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <uapi/linux/xdp_rx_handler.h>

#include "xdp_rxh.h"

#define XDP_RXH_VLAN_RX	(NETIF_F_HW_VLAN_CTAG_RX | NETIF_F_HW_VLAN_STAG_RX)
#define XDP_RXH_VLAN_TX	(NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_STAG_TX)
#define XDP_RXH_CSUM_TX	(NETIF_F_CSUM_MASK | NETIF_F_SCTP_CRC)

/**
 * struct xdp_rxh_vlan - offloads that must stay off on a device
 * @list: in xdp_rxh_vlans
 * @lower: the port's lower they are off for
 * @below: @lower, or the device below it, on whose account; only compared
 * @dev: the device they are off on
 * @mask: which
 * @saved: which of them were wanted before
 * @tracker: reference on @dev
 */
struct xdp_rxh_vlan {
	struct list_head list;
	struct net_device *lower;
	struct net_device *below;
	struct net_device *dev;
	netdev_features_t mask;
	netdev_features_t saved;
	netdevice_tracker tracker;
};

static LIST_HEAD(xdp_rxh_vlans);

static void xdp_rxh_vlan_free(struct xdp_rxh_vlan *vlan)
{
	list_del(&vlan->list);
	netdev_put(vlan->dev, &vlan->tracker);
	kfree(vlan);
}

static bool xdp_rxh_vlan_clear(struct net_device *dev, netdev_features_t mask)
{
	if (!(dev->features & mask))
		return true;
	dev->wanted_features &= ~mask;
	netdev_update_features(dev);
	return !(dev->features & mask);
}

static int xdp_rxh_vlan_off_dev(struct net_device *lower,
				struct net_device *below,
				struct net_device *dev, netdev_features_t mask)
{
	struct xdp_rxh_vlan *vlan;

	vlan = kzalloc(sizeof(*vlan), GFP_KERNEL);
	if (!vlan)
		return -ENOMEM;
	vlan->lower = lower;
	vlan->below = below;
	vlan->dev = dev;
	vlan->mask = mask;
	vlan->saved = dev->wanted_features & dev->features & mask;
	netdev_hold(dev, &vlan->tracker, GFP_KERNEL);
	list_add(&vlan->list, &xdp_rxh_vlans);

	return xdp_rxh_vlan_clear(dev, mask) ? 0 : -EOPNOTSUPP;
}

static struct net_device *xdp_rxh_vlan_peer(struct net_device *dev)
{
	struct net_device *peer = NULL;

	if (dev->netdev_ops->ndo_get_peer_dev) {
		rcu_read_lock();
		peer = dev->netdev_ops->ndo_get_peer_dev(dev);
		rcu_read_unlock();	/* RTNL keeps it */
	}
	return peer;
}

static int xdp_rxh_vlan_off_one(struct net_device *dev,
				struct netdev_nested_priv *priv)
{
	struct net_device *lower = priv->data, *peer;
	int err;

	err = xdp_rxh_vlan_off_dev(lower, dev, dev, XDP_RXH_VLAN_RX);
	if (err)
		return err;
	peer = xdp_rxh_vlan_peer(dev);
	return peer ? xdp_rxh_vlan_off_dev(lower, dev, peer, XDP_RXH_VLAN_TX) :
		      0;
}

/* On whichever device, or on @dev. */
static bool xdp_rxh_csum_is_off(const struct net_device *lower,
				const struct net_device *dev)
{
	const struct xdp_rxh_vlan *vlan;

	list_for_each_entry(vlan, &xdp_rxh_vlans, list)
		if (vlan->lower == lower && vlan->mask == XDP_RXH_CSUM_TX &&
		    (!dev || vlan->dev == dev))
			return true;
	return false;
}

static int xdp_rxh_csum_off_one(struct net_device *dev,
				struct netdev_nested_priv *priv)
{
	struct net_device *peer = xdp_rxh_vlan_peer(dev);

	if (!peer || xdp_rxh_csum_is_off(priv->data, peer))
		return 0;
	return xdp_rxh_vlan_off_dev(priv->data, dev, peer, XDP_RXH_CSUM_TX);
}

/**
 * xdp_rxh_csum_off - have checksums of a lower's frames finished
 * @lower: the lower of a port with a port program
 *
 * xdp_rxh_vlan_restore() undoes this, too.
 *
 * Context: RTNL.
 *
 * Return: 0, or a negative errno and what could be turned off is.
 */
int xdp_rxh_csum_off(struct net_device *lower)
{
	struct netdev_nested_priv priv = { .data = lower };
	int err;

	ASSERT_RTNL();
	err = xdp_rxh_csum_off_one(lower, &priv);
	return err ?: netdev_walk_all_lower_dev(lower, xdp_rxh_csum_off_one,
						&priv);
}

/* Features that are on and that nobody may turn off */
static netdev_features_t xdp_rxh_fixed(const struct net_device *dev)
{
	return dev->features & ~dev->hw_features;
}

static int xdp_rxh_vlan_is_fixed(struct net_device *dev,
				 struct netdev_nested_priv *priv)
{
	const struct net_device *peer = xdp_rxh_vlan_peer(dev);

	return xdp_rxh_fixed(dev) & XDP_RXH_VLAN_RX ||
	       (peer && xdp_rxh_fixed(peer) & XDP_RXH_VLAN_TX);
}

static int xdp_rxh_csum_is_fixed(struct net_device *dev,
				 struct netdev_nested_priv *priv)
{
	const struct net_device *peer = xdp_rxh_vlan_peer(dev);

	return peer && xdp_rxh_fixed(peer) & XDP_RXH_CSUM_TX;
}

/**
 * xdp_rxh_offload_reason - would xdp_rxh_vlan_off() work
 * @lower: the port's lower
 *
 * Context: RTNL.
 *
 * Return: %XDP_RXH_REASON_NATIVE if so, as far as features tell.
 */
u32 xdp_rxh_offload_reason(struct net_device *lower)
{
	struct netdev_nested_priv priv = {};

	return xdp_rxh_vlan_is_fixed(lower, &priv) ||
	       netdev_walk_all_lower_dev(lower, xdp_rxh_vlan_is_fixed, &priv) ?
	       XDP_RXH_REASON_VLAN : XDP_RXH_REASON_NATIVE;
}

/**
 * xdp_rxh_csum_reason - would xdp_rxh_csum_off() work
 * @lower: the port's lower
 *
 * Context: RTNL.
 *
 * Return: %XDP_RXH_REASON_NATIVE if so, as far as features tell.
 */
u32 xdp_rxh_csum_reason(struct net_device *lower)
{
	struct netdev_nested_priv priv = {};

	return xdp_rxh_csum_is_fixed(lower, &priv) ||
	       netdev_walk_all_lower_dev(lower, xdp_rxh_csum_is_fixed, &priv) ?
	       XDP_RXH_REASON_CSUM : XDP_RXH_REASON_NATIVE;
}

static void xdp_rxh_vlan_restore_one(struct xdp_rxh_vlan *vlan)
{
	vlan->mask = 0;		/* no more xdp_rxh_vlan_recheck() */
	vlan->dev->wanted_features |= vlan->saved;
	if (vlan->saved && vlan->dev->reg_state == NETREG_REGISTERED)
		netdev_update_features(vlan->dev);
	xdp_rxh_vlan_free(vlan);
}

/**
 * xdp_rxh_vlan_restore - put back what xdp_rxh_vlan_off() turned off
 * @lower: the port's lower
 *
 * Context: RTNL.
 */
void xdp_rxh_vlan_restore(struct net_device *lower)
{
	struct xdp_rxh_vlan *vlan, *tmp;

	ASSERT_RTNL();
	list_for_each_entry_safe(vlan, tmp, &xdp_rxh_vlans, list)
		if (vlan->lower == lower)
			xdp_rxh_vlan_restore_one(vlan);
}

/**
 * xdp_rxh_vlan_off - have VLAN tags left in the frames of a lower
 * @lower: the port's lower
 * @extack: says what could not be turned off
 *
 * Context: RTNL.
 *
 * Return: 0, or a negative errno and nothing changed.
 */
int xdp_rxh_vlan_off(struct net_device *lower, struct netlink_ext_ack *extack)
{
	struct netdev_nested_priv priv = { .data = lower };
	int err;

	ASSERT_RTNL();
	err = xdp_rxh_vlan_off_one(lower, &priv);
	if (!err)
		err = netdev_walk_all_lower_dev(lower, xdp_rxh_vlan_off_one,
						&priv);
	if (!err)
		return 0;

	xdp_rxh_vlan_restore(lower);
	return err == -EOPNOTSUPP ?
	       xdp_rxh_refuse(XDP_RXH_REASON_VLAN, extack) : err;
}

/**
 * xdp_rxh_vlan_joined - a device came below another
 * @lower: the other; where it has a port program, @dev shall leave tags in
 *	frames as well
 * @dev: the device
 *
 * Context: RTNL.
 */
void xdp_rxh_vlan_joined(struct net_device *lower, struct net_device *dev)
{
	struct netdev_nested_priv priv = { .data = lower };
	struct xdp_rxh_vlan *vlan;

	list_for_each_entry(vlan, &xdp_rxh_vlans, list) {
		if (vlan->lower != lower || vlan->dev != lower)
			continue;
		if (xdp_rxh_vlan_off_one(dev, &priv))
			netdev_err(dev, "VLAN offload can't be turned off: XDP programs above %s may run twice for tagged frames\n",
				   netdev_name(lower));
		if (xdp_rxh_csum_is_off(lower, NULL))
			xdp_rxh_csum_off_one(dev, &priv);
		return;
	}
}

/**
 * xdp_rxh_vlan_left - a device is no longer below another
 * @lower: the other
 * @dev: the device
 *
 * Context: RTNL.
 */
void xdp_rxh_vlan_left(struct net_device *lower, struct net_device *dev)
{
	struct xdp_rxh_vlan *vlan, *tmp;

	list_for_each_entry_safe(vlan, tmp, &xdp_rxh_vlans, list)
		if (vlan->lower == lower && vlan->dev != lower &&
		    vlan->below == dev)
			xdp_rxh_vlan_restore_one(vlan);
}

/**
 * xdp_rxh_vlan_forget - a device is going
 * @dev: the device
 *
 * Context: RTNL, NETDEV_UNREGISTER.
 */
void xdp_rxh_vlan_forget(struct net_device *dev)
{
	struct xdp_rxh_vlan *vlan, *tmp;

	list_for_each_entry_safe(vlan, tmp, &xdp_rxh_vlans, list)
		if (vlan->dev == dev)
			xdp_rxh_vlan_free(vlan);
}

/**
 * xdp_rxh_vlan_recheck - a device's features have changed
 * @dev: the device
 *
 * Context: RTNL, NETDEV_FEAT_CHANGE.
 */
void xdp_rxh_vlan_recheck(struct net_device *dev)
{
	struct xdp_rxh_vlan *vlan;

	list_for_each_entry(vlan, &xdp_rxh_vlans, list) {
		if (vlan->dev != dev || !(dev->features & vlan->mask))
			continue;
		netdev_warn(dev, "%s offload stays off while a program is attached above %s\n",
			    vlan->mask == XDP_RXH_CSUM_TX ? "checksum" : "VLAN",
			    netdev_name(vlan->lower));
		if (!xdp_rxh_vlan_clear(dev, vlan->mask))
			netdev_err(dev, "it can't be turned off: XDP programs above %s may run twice for tagged frames\n",
				   netdev_name(vlan->lower));
		return;
	}
}
