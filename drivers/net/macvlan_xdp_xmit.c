// SPDX-License-Identifier: GPL-2.0
/*
 * Out of a macvlan: ndo_xdp_xmit, for programs elsewhere that redirect into
 * one, and what XDP_TX of its own program has to know.
 *
 * Runs with BH off, under RCU, for any number of CPUs at a time.
 */
#include <linux/macvlan_xdp.h>
#include <linux/xdp_rx_handler_run.h>
#include <net/xdp.h>

#include "macvlan_xdp.h"

/* The macvlan on the same lower that has a frame's address, or %NULL. */
static struct xdp_rxh_upper *
macvlan_xdp_sibling(const struct macvlan_xdp_dev *mdev,
		    const struct ethhdr *eth)
{
	const struct macvlan_xdp_table *table;

	table = rcu_dereference_check(mdev->port->table,
				      rcu_read_lock_bh_held());
	return macvlan_xdp_table_find(table, macvlan_xdp_key(eth->h_dest));
}

static bool macvlan_xdp_bridges(const struct net_device *dev)
{
	const struct macvlan_dev *vlan = netdev_priv(dev);

	return READ_ONCE(vlan->mode) == MACVLAN_MODE_BRIDGE;
}

/**
 * macvlan_xdp_is_local - does a frame stay on this machine
 * @priv: the macvlan that transmits it
 * @eth: the frame's Ethernet header, complete
 * @sibling: receives the upper of the macvlan that gets it, %NULL for several
 *
 * In bridge mode macvlan hands frames to its siblings itself: those to the
 * address of one of them, and copies of multicasts.
 *
 * Context: BH off.
 *
 * Return: true if the device's own transmit must see the frame.
 */
bool macvlan_xdp_is_local(void *priv, const struct ethhdr *eth,
			  const struct xdp_rxh_upper **sibling)
{
	const struct macvlan_xdp_dev *mdev = priv;

	*sibling = NULL;
	if (!macvlan_xdp_bridges(mdev->dev))
		return false;
	if (is_multicast_ether_addr(eth->h_dest))
		return true;
	*sibling = macvlan_xdp_sibling(mdev, eth);
	return *sibling && macvlan_xdp_bridges((*sibling)->dev);
}

/* The sibling that a frame goes to as it is, or %NULL for the skb path. */
static struct xdp_rxh_upper *
macvlan_xdp_forward_to(const struct macvlan_xdp_dev *mdev,
		       const struct xdp_buff *xdp)
{
	const struct ethhdr *eth = xdp->data;
	struct xdp_rxh_upper *to;

	if (eth_type_vlan(eth->h_proto))
		return NULL;
	/* no multicast address is ever in the table */
	to = macvlan_xdp_sibling(mdev, eth);
	return to && macvlan_xdp_bridges(to->dev) ? to : NULL;
}

/* To siblings' readers. */
static void macvlan_xdp_to_siblings(const struct macvlan_xdp_dev *mdev, int n,
				    struct xdp_buff *bufs)
{
	struct xdp_rxh_upper *to;
	int i, run;

	for (i = 0; i < n; i += run) {
		to = macvlan_xdp_forward_to(mdev, &bufs[i]);
		for (run = 1; i + run < n; run++)
			if (macvlan_xdp_forward_to(mdev, &bufs[i + run]) != to)
				break;
		if (to)
			xdp_rxh_forward(mdev->upper, to, run, bufs + i);
	}
}

/**
 * struct macvlan_xdp_tx - what became of frames
 * @sent: taken by the lower's ndo_xdp_xmit()
 * @bytes: their bytes
 * @skbs: taken by the macvlan's own transmit
 */
struct macvlan_xdp_tx {
	unsigned int sent;
	unsigned int bytes;
	unsigned int skbs;
};

static int macvlan_xdp_xmit_skbs(struct net_device *dev, int n,
				 struct xdp_frame **frames,
				 struct macvlan_xdp_tx *tx)
{
	int i;

	for (i = 0; i < n; i++)
		if (xdp_rxh_xmit_skb(dev, frames[i]))
			break;
	tx->skbs += i;
	return i;
}

/*
 * Straight out of the lower. One without ndo_xdp_xmit, or that is not ready
 * for it (a veth whose peer does not poll), takes the frames as skbs.
 */
static int macvlan_xdp_xmit_lower(struct net_device *dev, int n,
				  struct xdp_frame **frames, u32 flags,
				  struct macvlan_xdp_tx *tx)
{
	struct net_device *lower = macvlan_dev_real_dev(dev);
	const struct net_device_ops *ops = lower->netdev_ops;
	unsigned int len[XDP_BULK_QUEUE_SIZE];
	int i, sent = -EOPNOTSUPP;

	n = min_t(int, n, ARRAY_SIZE(len));
	for (i = 0; i < n; i++)
		len[i] = xdp_get_frame_len(frames[i]);

	if (ops->ndo_xdp_xmit && (lower->flags & IFF_UP) &&
	    (netdev_xdp_features(lower) & NETDEV_XDP_ACT_NDO_XMIT))
		sent = ops->ndo_xdp_xmit(lower, n, frames, flags);
	if (sent < 0)
		return macvlan_xdp_xmit_skbs(dev, n, frames, tx);

	for (i = 0; i < sent; i++)
		tx->bytes += len[i];
	tx->sent += sent;
	return sent;
}

/* Does a frame of a macvtap's user leave by the lower, and is it nothing odd? */
static bool macvlan_xdp_leaves(struct macvlan_xdp_dev *mdev,
			       const struct xdp_buff *xdp)
{
	const struct net_device *lower = mdev->port->lower;
	const struct xdp_rxh_upper *sibling;
	unsigned int len;

	if (!xdp->data)
		return false;
	len = xdp->data_end - xdp->data;
	/* short ones are for the driver's transmit to pad */
	return len >= ETH_ZLEN &&
	       len <= READ_ONCE(lower->mtu) + lower->hard_header_len +
		      VLAN_HLEN &&
	       !macvlan_xdp_is_local(mdev, xdp->data, &sibling);
}

/*
 * What the lower's ndo_xdp_xmit does not take, leaves as an skb: there may be a
 * queue for it, and who counts it otherwise.
 */
static void macvlan_xdp_leave(struct macvlan_xdp_dev *mdev, int n,
			      struct xdp_buff *bufs)
{
	struct xdp_rxq_info rxq = { .mem.type = MEM_TYPE_PAGE_SHARED };
	struct xdp_frame *frames[XDP_BULK_QUEUE_SIZE];
	struct macvlan_xdp_tx tx = {};
	int i, sent;

	for (i = 0; i < n; i++) {
		bufs[i].rxq = &rxq;
		frames[i] = xdp_convert_buff_to_frame(&bufs[i]);
		/* no room ahead of it: this one and the rest as they were */
		if (unlikely(!frames[i]))
			break;
		bufs[i].data = NULL;
	}
	n = i;
	sent = macvlan_xdp_xmit_lower(mdev->dev, n, frames, XDP_XMIT_FLUSH,
				      &tx);
	if (sent < n)
		sent += macvlan_xdp_xmit_skbs(mdev->dev, n - sent,
					      frames + sent, &tx);
	for (i = sent; i < n; i++)
		xdp_return_frame(frames[i]);
	xdp_rxh_count_xmit(mdev->dev, tx.sent, tx.bytes, tx.skbs, n - sent);
}

/*
 * Out of the lower. A frame in between that needs an skb leaves later than those
 * behind it: a flow keeps its order where all its frames go one way.
 */
static void macvlan_xdp_to_lower(struct macvlan_xdp_dev *mdev, int n,
				 struct xdp_buff *bufs)
{
	int i, run;

	for (i = 0; i < n; i += run + 1) {
		for (run = 0; i + run < n; run++)
			if (!macvlan_xdp_leaves(mdev, &bufs[i + run]))
				break;
		if (run)
			macvlan_xdp_leave(mdev, run, bufs + i);
	}
}

/**
 * macvlan_xdp_forward - take what a macvtap's user sends to siblings there, or
 *	out of the lower
 * @dev: the macvtap
 * @n: number of frames, at most %XDP_BULK_QUEUE_SIZE
 * @bufs: the frames, as for xdp_rxh_forward(); those taken have their data set
 *	to %NULL
 *
 * Context: BH off, RCU read side.
 */
void macvlan_xdp_forward(struct net_device *dev, int n, struct xdp_buff *bufs)
{
	struct macvlan_xdp_dev *mdev = xdp_rxh_upper_priv(dev);

	if (!mdev)
		return;
	if (macvlan_xdp_bridges(dev) && !READ_ONCE(mdev->port->nr_source) &&
	    xdp_rxh_may_forward(mdev->upper))
		macvlan_xdp_to_siblings(mdev, n, bufs);
	if (xdp_rxh_may_leave(mdev->upper))
		macvlan_xdp_to_lower(mdev, n, bufs);
}
EXPORT_SYMBOL_GPL(macvlan_xdp_forward);

/**
 * macvlan_xdp_xmit - ndo_xdp_xmit of a macvlan
 * @dev: the macvlan
 * @n: number of frames
 * @frames: the frames
 * @flags: XDP_XMIT_FLUSH or none
 *
 * Context: BH off, RCU read side.
 *
 * Return: how many of @frames were taken, from the first on: the others stay
 * the caller's. A negative errno means none.
 */
int macvlan_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames,
		     u32 flags)
{
	struct macvlan_xdp_dev *mdev = xdp_rxh_upper_priv(dev);
	const struct xdp_rxh_upper *sibling;
	struct macvlan_xdp_tx tx = {};
	int i = 0, run, taken;

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	if (unlikely(!mdev || !netif_running(dev) || !netif_carrier_ok(dev)))
		return -ENETDOWN;

	while (i < n) {
		if (xdp_rxh_excludes(dev, frames[i])) {
			xdp_return_frame(frames[i++]);
			continue;
		}
		for (run = 0; i + run < n && run < XDP_BULK_QUEUE_SIZE; run++)
			if (macvlan_xdp_is_local(mdev, frames[i + run]->data,
						 &sibling) ||
			    xdp_rxh_excludes(dev, frames[i + run]))
				break;
		if (run)
			taken = macvlan_xdp_xmit_lower(dev, run, frames + i,
						       flags, &tx);
		else
			taken = macvlan_xdp_xmit_skbs(dev, run = 1, frames + i,
						      &tx);
		i += taken;
		if (taken != run)
			break;
	}
	xdp_rxh_excluded(dev, frames, flags);
	xdp_rxh_count_xmit(dev, tx.sent, tx.bytes, tx.skbs, n - i);
	return i;
}
