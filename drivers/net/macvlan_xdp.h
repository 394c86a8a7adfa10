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
 * @upper: the macvlan
 */
struct macvlan_xdp_slot {
	u64 key;
	struct xdp_rxh_upper *upper;
};

/* of an entry taken out; no key has the high bits set */
#define MACVLAN_XDP_GONE	(~0ULL)

/**
 * struct macvlan_xdp_table - macvlans by MAC address
 * @mult: odd random multiplier of the hash
 * @mask: size of @slots in bytes, a power of two, less that of a slot: no
 *	offset within a slot passes it
 * @used: slots with a key, gone ones included; writers only
 * @live: entries; writers only
 * @far: entries behind the two slots that the fast path looks at, those gone
 *	since included; writers only
 * @rcu: frees it
 * @slots: open addressing, linear probing, at most an eighth in use, and one
 *	more behind the last
 *
 * Looked up under RCU; changed in place under RTNL, or replaced as a whole.
 */
struct macvlan_xdp_table {
	u64 mult;
	unsigned long mask;
	unsigned int used;
	unsigned int live;
	unsigned int far;
	struct rcu_head rcu;
	struct macvlan_xdp_slot slots[];
};

/**
 * struct macvlan_xdp_port - a lower device with macvlans on it
 * @fast: @table, or one that is always empty where it is not enough to look
 *	into it because @all or @nr_source is set
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
	struct macvlan_xdp_table __rcu *fast;
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
 * A MAC address as a number, by one load: needs two bytes behind it, which in
 * an Ethernet header both addresses have.
 */
static __always_inline u64 macvlan_xdp_key(const void *addr)
{
	return get_unaligned_be64(addr) >> 16;
}

/*
 * The slot to look for a key in first. Multiplying carries upwards: all of what
 * tells addresses of one vendor apart is below the bits that are used. (A 128
 * bit product would use them all, and have the stack realigned.)
 */
static __always_inline struct macvlan_xdp_slot *
macvlan_xdp_slot(const struct macvlan_xdp_table *table, u64 key)
{
	return (void *)table->slots +
	       (((key * table->mult) >> 32) & table->mask);
}

/* macvlan_xdp_table.c */
void macvlan_xdp_table_publish(struct macvlan_xdp_port *port,
			       struct macvlan_xdp_table *table);
struct macvlan_xdp_table *macvlan_xdp_table_alloc(unsigned int entries);
struct xdp_rxh_upper *
macvlan_xdp_table_find(const struct macvlan_xdp_table *table, u64 key);
int macvlan_xdp_table_add(struct macvlan_xdp_port *port,
			  struct macvlan_xdp_dev *mdev, u64 key);
void macvlan_xdp_table_del(struct macvlan_xdp_port *port,
			   struct macvlan_xdp_dev *mdev);

/* macvlan_xdp_xmit.c */
bool macvlan_xdp_is_local(void *priv, const struct ethhdr *eth,
			  const struct xdp_rxh_upper **sibling);
int macvlan_xdp_xmit(struct net_device *dev, int n, struct xdp_frame **frames,
		     u32 flags);

#endif /* _MACVLAN_XDP_H */
