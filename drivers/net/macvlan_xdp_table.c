// SPDX-License-Identifier: GPL-2.0
/*
 * The table of a port's macvlans: one probe finds a frame's macvlan, whether
 * there is one or four thousand.
 *
 * Writers hold RTNL. A slot is filled device first, key last, and never filled
 * again: a reader that finds a key finds the device that goes with it. An
 * entry that goes leaves its slot marked; a table too full of entries and
 * marks is replaced by a new one.
 */
#include <linux/log2.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "macvlan_xdp.h"

/**
 * macvlan_xdp_table_alloc - an empty table
 * @entries: how many it must hold
 *
 * Return: the table, to be freed with kvfree_rcu(); or %NULL.
 */
struct macvlan_xdp_table *macvlan_xdp_table_alloc(unsigned int entries)
{
	unsigned int bits = order_base_2(max(entries, 1U) * 8);
	struct macvlan_xdp_table *table;

	table = kvzalloc(struct_size(table, slots, 1UL << bits), GFP_KERNEL);
	if (!table)
		return NULL;
	table->mult = get_random_u64() | 1;
	table->shift = 64 - bits;
	return table;
}

static void macvlan_xdp_table_insert(struct macvlan_xdp_table *table,
				     struct macvlan_xdp_dev *mdev, u64 key)
{
	unsigned long mask = (1UL << (64 - table->shift)) - 1;
	unsigned long i = (key * table->mult) >> table->shift;

	while (table->slots[i].key)
		i = (i + 1) & mask;
	WRITE_ONCE(table->slots[i].dev, mdev);
	/* pairs with smp_load_acquire() in macvlan_xdp_lookup() */
	smp_store_release(&table->slots[i].key, key);
	table->used++;
	table->live++;
}

static struct macvlan_xdp_table *
macvlan_xdp_table_copy(const struct macvlan_xdp_table *old)
{
	unsigned long i, n = 1UL << (64 - old->shift);
	struct macvlan_xdp_table *table;

	table = macvlan_xdp_table_alloc(old->live + 1);
	if (!table)
		return NULL;
	for (i = 0; i < n; i++)
		if (old->slots[i].key && old->slots[i].key != MACVLAN_XDP_GONE)
			macvlan_xdp_table_insert(table, old->slots[i].dev,
						 old->slots[i].key);
	return table;
}

/**
 * macvlan_xdp_table_add - have frames to an address be a macvlan's
 * @port: the port
 * @mdev: the macvlan; not in the table
 * @key: its address
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int macvlan_xdp_table_add(struct macvlan_xdp_port *port,
			  struct macvlan_xdp_dev *mdev, u64 key)
{
	struct macvlan_xdp_table *table = rtnl_dereference(port->table);

	if ((table->used + 1) * 4 > 1UL << (64 - table->shift)) {
		struct macvlan_xdp_table *old = table;

		table = macvlan_xdp_table_copy(old);
		if (!table)
			return -ENOMEM;
		rcu_assign_pointer(port->table, table);
		kvfree_rcu(old, rcu);
	}
	macvlan_xdp_table_insert(table, mdev, key);
	mdev->key = key;
	return 0;
}

/**
 * macvlan_xdp_table_del - take a macvlan out again
 * @port: the port
 * @mdev: the macvlan; may not be in the table
 *
 * Context: RTNL. Readers may still find it until an RCU grace period has
 * passed.
 */
void macvlan_xdp_table_del(struct macvlan_xdp_port *port,
			   struct macvlan_xdp_dev *mdev)
{
	struct macvlan_xdp_table *table = rtnl_dereference(port->table);
	unsigned long mask = (1UL << (64 - table->shift)) - 1;
	unsigned long i = (mdev->key * table->mult) >> table->shift;

	if (!mdev->key)
		return;
	while (table->slots[i].key && table->slots[i].dev != mdev)
		i = (i + 1) & mask;
	if (!WARN_ON(!table->slots[i].key))
		WRITE_ONCE(table->slots[i].key, MACVLAN_XDP_GONE);
	table->live--;
	mdev->key = 0;
}
