/* SPDX-License-Identifier: GPL-2.0 */
/* What macvlan_xdp.ko offers to macvtap_xdp.ko. */
#ifndef _LINUX_MACVLAN_XDP_H
#define _LINUX_MACVLAN_XDP_H

struct xdp_rxh_deliver;

void macvlan_xdp_set_deliver(const struct xdp_rxh_deliver *deliver);

#endif /* _LINUX_MACVLAN_XDP_H */
