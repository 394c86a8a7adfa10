/* SPDX-License-Identifier: GPL-2.0 */
/* What xdp_rx_handler.ko has of xdp_rxh_hints.ko. */
#ifndef _XDP_RXH_HINTS_H
#define _XDP_RXH_HINTS_H

#include <linux/bits.h>
#include <linux/percpu.h>

struct net_device;
struct xdp_rxq_info;

/* of struct xdp_metadata_ops */
#define XDP_RXH_HAS_TIMESTAMP	BIT(0)
#define XDP_RXH_HAS_HASH	BIT(1)
#define XDP_RXH_HAS_VLAN_TAG	BIT(2)
#define XDP_RXH_HAS_ALL		(BIT(3) - 1)

/*
 * The driver's own rxq of the frame whose upper's program is about to run on
 * this CPU; NULL where no driver has the frame. BH off.
 */
DECLARE_PER_CPU(struct xdp_rxq_info *, xdp_rxh_hints_rxq);

unsigned int xdp_rxh_hints_has(const struct net_device *lower);
bool xdp_rxh_hints_give(struct net_device *upper, unsigned int has);

#endif /* _XDP_RXH_HINTS_H */
