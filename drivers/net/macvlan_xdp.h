/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of macvlan_xdp.ko share. */
#ifndef _MACVLAN_XDP_H
#define _MACVLAN_XDP_H

#include <linux/etherdevice.h>
#include <linux/if_macvlan.h>
#include <linux/netdevice.h>
#include <linux/unaligned.h>
#include <linux/xdp_rx_handler.h>

/**
 * struct macvlan_xdp_slot - one place of a table
 * @key: MAC address, see macvlan_xdp_key(); 0 if never used
 * @dev: the macvlan
 */
struct macvlan_xdp_slot {
	u64 key;
	struct macvlan_xdp_dev *dev;
};

/* of an entry taken out; no MAC address has the upper bits set */
#define MACVLAN_XDP_GONE	(~0ULL)

/**
 * struct macvlan_xdp_table - macvlans by MAC address
 * @mult: odd random multiplier of the hash
 * @shift: 64 less the logarithm of the number of slots
 * @used: slots with a key, gone ones included; writers only
 * @live: entries; writers only
 * @rcu: frees it
 * @slots: open addressing, linear probing, at most a quarter in use
 *
 * Looked up under RCU; changed in place under RTNL, or replaced as a whole.
 */
struct macvlan_xdp_table {
	u64 mult;
	unsigned int shift;
	unsigned int used;
	unsigned int live;
	struct rcu_head rcu;
	struct macvlan_xdp_slot slots[];
};

/**
 * struct macvlan_xdp_port - a lower device with macvlans on it
 * @table: its macvlans that are up
 * @all: the upper that gets all frames (passthru mode), or %NULL
 * @nr_source: macvlans in source mode that are up: as these may take or copy
 *	any frame, none is native while there is one
 * @lower: the lower device
 * @devs: its macvlans, by macvlan_xdp_dev.list
 * @list: in the list of all ports
 * @rcu: frees it
 */
struct macvlan_xdp_port {
	struct macvlan_xdp_table __rcu *table;
	struct xdp_rxh_upper *all;
	unsigned int nr_source;

	/* slow path */
	struct net_device *lower;
	struct list_head devs;
	struct list_head list;
	struct rcu_head rcu;
};

/**
 * struct macvlan_xdp_dev - a macvlan
 * @upper: what xdp_rx_handler.ko keeps for it
 * @dev: the device
 * @port: its lower's
 * @key: MAC address it is in the table with, 0 if it is not
 * @source: counted in @port's nr_source
 * @list: in @port's devs
 * @rcu: frees it
 */
struct macvlan_xdp_dev {
	struct xdp_rxh_upper *upper;
	struct net_device *dev;

	/* slow path */
	struct macvlan_xdp_port *port;
	u64 key;
	bool source;
	struct list_head list;
	struct rcu_head rcu;
};

/*
 * A MAC address as the low 48 bits of a number, by one load: needs two bytes
 * behind it, which in an Ethernet header both addresses have.
 */
static inline u64 macvlan_xdp_key(const void *addr)
{
#ifdef __BIG_ENDIAN
	return get_unaligned((const u64 *)addr) >> 16;
#else
	return get_unaligned((const u64 *)addr) & GENMASK_ULL(47, 0);
#endif
}

static inline struct macvlan_xdp_dev *
macvlan_xdp_lookup(const struct macvlan_xdp_table *table, u64 key)
{
	unsigned long mask = (1UL << (64 - table->shift)) - 1;
	unsigned long i = (key * table->mult) >> table->shift;

	for (;; i = (i + 1) & mask) {
		const struct macvlan_xdp_slot *slot = &table->slots[i];
		u64 found = smp_load_acquire(&slot->key);

		if (likely(found == key))
			return slot->dev;
		if (!found)
			return NULL;
	}
}

/* macvlan_xdp_table.c */
struct macvlan_xdp_table *macvlan_xdp_table_alloc(unsigned int entries);
int macvlan_xdp_table_add(struct macvlan_xdp_port *port,
			  struct macvlan_xdp_dev *mdev, u64 key);
void macvlan_xdp_table_del(struct macvlan_xdp_port *port,
			   struct macvlan_xdp_dev *mdev);

/* macvlan_xdp_xmit.c */
bool macvlan_xdp_is_local(void *priv, const struct ethhdr *eth);
int macvlan_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames,
		     u32 flags);

#endif /* _MACVLAN_XDP_H */
