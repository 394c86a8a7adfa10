/* SPDX-License-Identifier: GPL-2.0 */
/*
 * XDP frames into the queues of a tap (macvtap, ipvtap): what our tap.ko
 * offers on top of the in-tree one's <linux/if_tap.h>.
 */
#ifndef _LINUX_TAP_XDP_H
#define _LINUX_TAP_XDP_H

struct net_device;
struct xdp_buff;
struct xdp_frame;
struct xdp_rxh_fill;

/**
 * struct tap_xdp_ops - what a tap without tap_xdp_set_ops() does by skbs
 * @forward: takes those of @n frames, which the user of @dev transmits, that
 *	can reach another tap's reader, or leave the machine, as they are, and
 *	sets their data to %NULL; @n is at most %XDP_BULK_QUEUE_SIZE. Each is a page fragment with a
 *	reference on its page, without metadata, its rxq not set. Context: BH
 *	off, RCU read side; process.
 */
struct tap_xdp_ops {
	void (*forward)(struct net_device *dev, int n, struct xdp_buff *bufs);
};

const int *tap_xdp_readers(const struct net_device *dev);
int tap_xdp_deliver(struct net_device *dev, int n, struct xdp_frame **frames);
void tap_xdp_fill(const struct net_device *dev, struct xdp_rxh_fill *fill);
void tap_xdp_set_ops(const struct tap_xdp_ops *ops);

#endif /* _LINUX_TAP_XDP_H */
