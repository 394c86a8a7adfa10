/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of bonding_xdp.ko share. */
#ifndef _BONDING_XDP_H
#define _BONDING_XDP_H

#include <linux/netdevice.h>
#include <linux/xdp_rx_handler.h>

struct slave;

/**
 * struct bonding_xdp_bond - a bond
 * @upper: what xdp_rx_handler.ko keeps for it
 * @dev: the device
 * @orig: the operations bonding gave it
 * @slaves: its slaves, by bonding_xdp_slave.list
 * @queues: what a slave's slot is multiplied by to number its queues
 * @rcu: frees it
 */
struct bonding_xdp_bond {
	struct xdp_rxh_upper *upper;
	struct net_device *dev;
	const struct net_device_ops *orig;
	struct list_head slaves;
	unsigned int queues;
	struct rcu_head rcu;
};

/**
 * struct bonding_xdp_slave - a slave
 * @slave: bonding's; stays until @leg has been deleted
 * @leg: the bond as this slave's handler names it
 * @dev: the slave's device
 * @slot: its number in the bond, the lowest that was free
 * @list: in struct bonding_xdp_bond's slaves
 * @rcu: frees it
 */
struct bonding_xdp_slave {
	struct slave *slave;
	struct xdp_rxh_upper *leg;

	/* slow path */
	struct net_device *dev;
	unsigned int slot;
	struct list_head list;
	struct rcu_head rcu;
};

u32 bonding_xdp_tx(struct xdp_buff *xdp, struct xdp_rxh_upper *leg, u32 len);
struct net_device *bonding_xdp_tx_dev(void *priv, struct xdp_buff *xdp);
int bonding_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames,
		     u32 flags);

#endif /* _BONDING_XDP_H */
