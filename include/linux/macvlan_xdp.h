/* SPDX-License-Identifier: GPL-2.0 */
/* What macvlan_xdp.ko offers to macvtap_xdp.ko. */
#ifndef _LINUX_MACVLAN_XDP_H
#define _LINUX_MACVLAN_XDP_H

struct net_device;
struct xdp_buff;
struct xdp_rxh_deliver;

void macvlan_xdp_set_deliver(const struct xdp_rxh_deliver *deliver);
void macvlan_xdp_forward(struct net_device *dev, int n, struct xdp_buff *bufs);

#endif /* _LINUX_MACVLAN_XDP_H */
