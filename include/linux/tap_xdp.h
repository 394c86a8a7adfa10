/* SPDX-License-Identifier: GPL-2.0 */
/*
 * XDP frames into the queues of a tap (macvtap, ipvtap): what our tap.ko
 * offers on top of the in-tree one's <linux/if_tap.h>.
 */
#ifndef _LINUX_TAP_XDP_H
#define _LINUX_TAP_XDP_H

struct net_device;
struct xdp_frame;

const int *tap_xdp_readers(const struct net_device *dev);
int tap_xdp_deliver(struct net_device *dev, int n, struct xdp_frame **frames);

#endif /* _LINUX_TAP_XDP_H */
