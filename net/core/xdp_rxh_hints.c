// SPDX-License-Identifier: GPL-2.0
/*
 * xdp_rxh_hints.ko: what a NIC knows of a frame, for programs of uppers.
 *
 * A program that is bound to an upper calls the functions found here when it
 * is loaded: their addresses are in its code from then on, and nobody tells
 * when it goes. So once they have been given to a device this module stays
 * until the machine is rebooted, and all that may be unloaded is elsewhere.
 *
 * A driver finds what it knows from the xdp_buff and its rxq, which must be
 * the driver's own, not the upper's.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/xdp.h>

#include "xdp_rxh_hints.h"

DEFINE_PER_CPU(struct xdp_rxq_info *, xdp_rxh_hints_rxq);
EXPORT_PER_CPU_SYMBOL_GPL(xdp_rxh_hints_rxq);

/*
 * The driver's functions, with its own rxq in the xdp_buff; -ENODATA on the skb
 * path, where no driver has the frame, -EOPNOTSUPP where it has none.
 */
static const struct xdp_metadata_ops *xdp_rxh_hints_enter(struct xdp_buff *xdp)
{
	struct xdp_rxq_info *rxq = this_cpu_read(xdp_rxh_hints_rxq);
	const struct xdp_metadata_ops *ops;

	/* an upper that is itself a slave: the driver's is not known, only ours */
	if (!rxq || rxq == xdp->rxq)
		return ERR_PTR(-ENODATA);
	ops = netdev_xdp_metadata_ops(rxq->dev);
	if (!ops)
		return ERR_PTR(-EOPNOTSUPP);
	xdp->rxq = rxq;
	return ops;
}

static int xdp_rxh_hints_timestamp(const struct xdp_md *ctx, u64 *timestamp)
{
	struct xdp_buff *xdp = (struct xdp_buff *)ctx;
	struct xdp_rxq_info *upper = xdp->rxq;
	const struct xdp_metadata_ops *ops = xdp_rxh_hints_enter(xdp);
	int err = -EOPNOTSUPP;

	if (IS_ERR(ops))
		return PTR_ERR(ops);
	if (ops->xmo_rx_timestamp)
		err = ops->xmo_rx_timestamp(ctx, timestamp);
	xdp->rxq = upper;
	return err;
}

static int xdp_rxh_hints_hash(const struct xdp_md *ctx, u32 *hash,
			      enum xdp_rss_hash_type *rss_type)
{
	struct xdp_buff *xdp = (struct xdp_buff *)ctx;
	struct xdp_rxq_info *upper = xdp->rxq;
	const struct xdp_metadata_ops *ops = xdp_rxh_hints_enter(xdp);
	int err = -EOPNOTSUPP;

	if (IS_ERR(ops))
		return PTR_ERR(ops);
	if (ops->xmo_rx_hash)
		err = ops->xmo_rx_hash(ctx, hash, rss_type);
	xdp->rxq = upper;
	return err;
}

static int xdp_rxh_hints_vlan_tag(const struct xdp_md *ctx, __be16 *vlan_proto,
				  u16 *vlan_tci)
{
	struct xdp_buff *xdp = (struct xdp_buff *)ctx;
	struct xdp_rxq_info *upper = xdp->rxq;
	const struct xdp_metadata_ops *ops = xdp_rxh_hints_enter(xdp);
	int err = -EOPNOTSUPP;

	if (IS_ERR(ops))
		return PTR_ERR(ops);
	if (ops->xmo_rx_vlan_tag)
		err = ops->xmo_rx_vlan_tag(ctx, vlan_proto, vlan_tci);
	xdp->rxq = upper;
	return err;
}

/* By XDP_RXH_HAS_*: netlink shows which functions are there. */
static struct xdp_metadata_ops xdp_rxh_hints_ops[XDP_RXH_HAS_ALL + 1]
	__ro_after_init;

/**
 * xdp_rxh_hints_has - what a lower's driver can tell of a frame
 * @lower: the lower, or an upper that has been given what its lowers have
 *
 * Context: RTNL.
 *
 * Return: XDP_RXH_HAS_*.
 */
unsigned int xdp_rxh_hints_has(const struct net_device *lower)
{
	const struct xdp_metadata_ops *ops = netdev_xdp_metadata_ops(lower);
	unsigned int has = 0;

	if (!ops)
		return 0;
	if (ops->xmo_rx_timestamp)
		has |= XDP_RXH_HAS_TIMESTAMP;
	if (ops->xmo_rx_hash)
		has |= XDP_RXH_HAS_HASH;
	if (ops->xmo_rx_vlan_tag)
		has |= XDP_RXH_HAS_VLAN_TAG;
	return has;
}
EXPORT_SYMBOL_GPL(xdp_rxh_hints_has);

/**
 * xdp_rxh_hints_give - programs that are bound to an upper may ask the drivers
 *	below
 * @upper: the device; in-tree drivers of such have no functions of their own
 * @has: for what, XDP_RXH_HAS_*; 0 takes the functions away again
 *
 * Context: RTNL.
 *
 * Return: true if that is a change.
 */
bool xdp_rxh_hints_give(struct net_device *upper, unsigned int has)
{
	static bool given;

	if (has == xdp_rxh_hints_has(upper))
		return false;
	if (has && !given) {
		__module_get(THIS_MODULE);
		given = true;
	}
	netdev_set_xdp_metadata_ops(upper,
				    has ? &xdp_rxh_hints_ops[has] : NULL);
	return true;
}
EXPORT_SYMBOL_GPL(xdp_rxh_hints_give);

static int __init xdp_rxh_hints_init(void)
{
	struct xdp_metadata_ops *ops;
	unsigned int has;

	for (has = 1; has <= XDP_RXH_HAS_ALL; has++) {
		ops = &xdp_rxh_hints_ops[has];
		if (has & XDP_RXH_HAS_TIMESTAMP)
			ops->xmo_rx_timestamp = xdp_rxh_hints_timestamp;
		if (has & XDP_RXH_HAS_HASH)
			ops->xmo_rx_hash = xdp_rxh_hints_hash;
		if (has & XDP_RXH_HAS_VLAN_TAG)
			ops->xmo_rx_vlan_tag = xdp_rxh_hints_vlan_tag;
	}
	return 0;
}

static void __exit xdp_rxh_hints_exit(void)
{
}

module_init(xdp_rxh_hints_init);
module_exit(xdp_rxh_hints_exit);

MODULE_DESCRIPTION("XDP hints for stacked network devices");
MODULE_LICENSE("GPL");
