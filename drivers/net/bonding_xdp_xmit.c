// SPDX-License-Identifier: GPL-2.0
/*
 * Out of a bond: the slave that XDP_TX leaves by, and ndo_xdp_xmit.
 *
 * Where bonding chooses a slave for XDP it is asked. In the other modes (tlb,
 * alb, broadcast) the choice is part of its transmit, which gets an sk_buff.
 *
 * Runs with BH off, under RCU, for any number of CPUs at a time.
 */
#include <linux/xdp_rx_handler_run.h>
#include <net/bonding.h>
#include <net/xdp.h>

#include "bonding_xdp.h"

/*
 * The choice among @slaves where it takes no look into the frame's payload, as
 * bonding makes it: the only one, or by what the policy layer2 is documented to
 * make of the addresses and the type.
 */
static __always_inline struct slave *
bonding_xdp_by_header(const struct bonding *bond,
		      const struct bond_up_slave *slaves,
		      const struct xdp_buff *xdp)
{
	const struct ethhdr *eth = xdp->data;
	unsigned int count;

	count = slaves ? READ_ONCE(slaves->count) : 0;
	if (count == 1)
		return slaves->arr[0];
	if (!count || bond->params.xmit_policy != BOND_XMIT_POLICY_LAYER2 ||
	    xdp->data + sizeof(*eth) > xdp->data_end)
		return NULL;
	return slaves->arr[(eth->h_dest[5] ^ eth->h_source[5] ^
			    be16_to_cpu(eth->h_proto)) % count];
}

/* bonding_xdp_tx_dev(), in line where it is wanted for each frame */
static __always_inline struct net_device *
bonding_xdp_choose(const struct bonding_xdp_bond *xbond, struct xdp_buff *xdp)
{
	const struct bonding *bond = netdev_priv(xbond->dev);
	const struct bond_up_slave *slaves;
	const struct slave *slave = NULL;

	/* one that was never up has no counters for its choice */
	if (unlikely(!(xbond->dev->flags & IFF_UP)))
		return NULL;
	switch (BOND_MODE(bond)) {
	case BOND_MODE_XOR:
	case BOND_MODE_8023AD:
		slaves = rcu_dereference_check(bond->usable_slaves,
					       rcu_read_lock_bh_held());
		slave = bonding_xdp_by_header(bond, slaves, xdp);
		break;
	case BOND_MODE_ACTIVEBACKUP:
		slave = rcu_dereference_check(bond->curr_active_slave,
					      rcu_read_lock_bh_held());
		break;
	case BOND_MODE_ROUNDROBIN:
		break;
	default:
		return xbond->dev;
	}
	return slave ? slave->dev :
		       xbond->orig->ndo_xdp_get_xmit_slave(xbond->dev, xdp);
}

/**
 * bonding_xdp_tx_dev - the slave that a frame leaves by
 * @priv: the bond
 * @xdp: the frame
 *
 * Context: BH off, RCU read side.
 *
 * Return: the slave's device; the bond's, in modes where bonding chooses no
 * slave for XDP; or %NULL where the bond has none to send by.
 */
struct net_device *bonding_xdp_tx_dev(void *priv, struct xdp_buff *xdp)
{
	return bonding_xdp_choose(priv, xdp);
}

/**
 * bonding_xdp_tx - carry out XDP_TX of a bond's program
 * @xdp: the frame
 * @leg: the leg it came in by
 * @len: its length as it was received, in bytes
 *
 * Out of a slave here, at once; by the bond's own transmit, or not at all, in
 * xdp_rxh_leg_tx().
 *
 * Context: BH off, RCU read side.
 *
 * Return: the verdict for the driver.
 */
u32 bonding_xdp_tx(struct xdp_buff *xdp, struct xdp_rxh_upper *leg, u32 len)
{
	struct net_device *dev = bonding_xdp_choose(leg->priv, xdp);
	u32 act = XDP_TX;

	if (dev != xdp->rxq->dev) {
		if (unlikely(!dev) || dev == leg->dev ||
		    !xdp_rxh_can_redirect(xdp) || !xdp_rxh_xmits(dev, xdp))
			return xdp_rxh_leg_tx(xdp, leg, dev, len);
		xdp_rxh_target(xdp, dev->ifindex, 0);
		act = XDP_REDIRECT;
	}
	xdp_rxh_count(leg, XDP_TX, len);
	return act;
}

/*
 * Returns how many were sent by @dev; frees the others. The bond itself takes
 * them as skbs, and so does a slave without ndo_xdp_xmit, or that is not ready
 * for it (a veth whose peer does not poll).
 */
static int bonding_xdp_xmit_by(const struct bonding_xdp_bond *bond,
			       struct net_device *dev, int n,
			       struct xdp_frame **frames, u32 flags)
{
	const struct net_device_ops *ops = dev->netdev_ops;
	int i, sent = -EOPNOTSUPP;

	if (dev != bond->dev && ops->ndo_xdp_xmit && (dev->flags & IFF_UP) &&
	    (netdev_xdp_features(dev) & NETDEV_XDP_ACT_NDO_XMIT))
		sent = ops->ndo_xdp_xmit(dev, n, frames, flags);
	if (sent < 0)
		for (sent = 0; sent < n; sent++)
			if (xdp_rxh_xmit_skb(dev, frames[sent]))
				break;
	for (i = sent; i < n; i++)
		xdp_return_frame(frames[i]);
	return sent;
}

/*
 * Choose for each, then send what goes by one slave at a time. Returns how many
 * were sent; adds to @excluded those that were not meant for the bond.
 */
static int bonding_xdp_xmit_bulk(struct bonding_xdp_bond *bond, int n,
				 struct xdp_frame **frames, u32 flags,
				 int *excluded)
{
	struct net_device *devs[XDP_BULK_QUEUE_SIZE], *dev;
	struct xdp_frame *bulk[XDP_BULK_QUEUE_SIZE];
	int i, j, count, sent = 0;
	struct xdp_buff xdp;

	for (i = 0; i < n; i++) {
		xdp_convert_frame_to_buff(frames[i], &xdp);
		if (xdp_rxh_excludes(bond->dev, frames[i])) {
			devs[i] = NULL;
			(*excluded)++;
		} else {
			devs[i] = bonding_xdp_tx_dev(bond, &xdp);
		}
		if (!devs[i])
			xdp_return_frame(frames[i]);
	}
	for (i = 0; i < n; i++) {
		dev = devs[i];
		if (!dev)
			continue;
		for (count = 0, j = i; j < n; j++) {
			if (devs[j] != dev)
				continue;
			bulk[count++] = frames[j];
			devs[j] = NULL;
		}
		sent += bonding_xdp_xmit_by(bond, dev, count, bulk, flags);
	}
	return sent;
}

/**
 * bonding_xdp_xmit - ndo_xdp_xmit of a bond
 * @dev: the bond
 * @n: number of frames
 * @frames: the frames
 * @flags: XDP_XMIT_FLUSH or none
 *
 * Slaves count what they send, and the bond adds that up.
 *
 * Context: BH off.
 *
 * Return: @n: frames that could not be sent are counted and freed here, for
 * those of one slave may lie between those of another; a negative errno means
 * that all are still the caller's.
 */
int bonding_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames,
		     u32 flags)
{
	struct bonding_xdp_bond *bond = xdp_rxh_upper_priv(dev);
	int i, run, sent = 0, excluded = 0;

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	if (unlikely(!bond || !netif_running(dev) || !netif_carrier_ok(dev)))
		return -ENETDOWN;

	/* for bonding's own choice: xdp_do_flush() has BH off only */
	rcu_read_lock();
	for (i = 0; i < n; i += run) {
		run = min_t(int, n - i, XDP_BULK_QUEUE_SIZE);
		sent += bonding_xdp_xmit_bulk(bond, run, frames + i, flags,
					      &excluded);
	}
	rcu_read_unlock();
	xdp_rxh_excluded(dev, frames, flags);
	xdp_rxh_count_xmit(dev, 0, 0, sent, n - sent - excluded);
	return n;
}
