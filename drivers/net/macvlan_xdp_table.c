// SPDX-License-Identifier: GPL-2.0
/*
 * The table of a port's macvlans: one probe finds a frame's macvlan, whether
 * there is one or four thousand.
 *
 * Writers hold RTNL. A slot is filled device first, key last, and never filled
 * again: a reader that finds a key finds the device that goes with it. An
 * entry that goes leaves its slot marked; a table too full of entries and
 * marks is replaced by a new one.
 *
 * Addresses that follow each other lie at equal distances, whatever the
 * multiplier: with one in thirty all of them fall in few places, and most are
 * far from where they are looked for first. Such a table is replaced, too.
 */
#include <linux/log2.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "macvlan_xdp.h"

/* One slot, and one behind it, that are never filled, and not empty either. */
static struct {
	struct macvlan_xdp_table table;
	struct macvlan_xdp_slot slots[2];
} macvlan_xdp_none = {
	.slots = {
		{ .key = MACVLAN_XDP_GONE },
		{ .key = MACVLAN_XDP_GONE },
	},
};

/**
 * macvlan_xdp_table_publish - have frames looked up in a port's table
 * @port: the port; all else about it is up to date
 * @table: its table
 *
 * Context: RTNL.
 */
void macvlan_xdp_table_publish(struct macvlan_xdp_port *port,
			       struct macvlan_xdp_table *table)
{
	bool special = port->all || port->nr_source;

	rcu_assign_pointer(port->table, table);
	rcu_assign_pointer(port->fast,
			   special ? &macvlan_xdp_none.table : table);
}

/**
 * macvlan_xdp_table_alloc - an empty table
 * @entries: how many it must hold
 *
 * Return: the table, to be freed with kvfree_rcu(); or %NULL.
 */
struct macvlan_xdp_table *macvlan_xdp_table_alloc(unsigned int entries)
{
	/* few of them, and a chance meeting in a slot would be a frequent one */
	unsigned long nr = roundup_pow_of_two(max(entries, 16U) * 16);
	struct macvlan_xdp_table *table;

	table = kvzalloc(struct_size(table, slots, nr + 1),
			 GFP_KERNEL | __GFP_NOWARN);
	if (!table)
		return NULL;
	table->mult = get_random_u64() | 1;
	table->mask = (nr - 1) * sizeof(table->slots[0]);
	/* where address 0 is looked for, and must not meet an empty key */
	table->slots[0].key = MACVLAN_XDP_GONE;
	table->slots[1].key = MACVLAN_XDP_GONE;
	table->used = 2;
	/* the fast path looks one slot further, never at the first again */
	table->slots[nr].key = MACVLAN_XDP_GONE;
	return table;
}

static struct macvlan_xdp_slot *
macvlan_xdp_next(const struct macvlan_xdp_table *table,
		 const struct macvlan_xdp_slot *slot)
{
	unsigned long offset = (void *)(slot + 1) - (void *)table->slots;

	return (void *)table->slots + (offset & table->mask);
}

/**
 * macvlan_xdp_table_find - look further than at the first slot
 * @table: the table
 * @key: address to look for
 *
 * Context: RTNL or RCU read side.
 *
 * Return: the macvlan's upper or %NULL.
 */
struct xdp_rxh_upper *
macvlan_xdp_table_find(const struct macvlan_xdp_table *table, u64 key)
{
	const struct macvlan_xdp_slot *slot = macvlan_xdp_slot(table, key);
	u64 found;

	for (;;) {
		/* pairs with smp_store_release() of who fills the slot */
		found = smp_load_acquire(&slot->key);
		if (!found)
			return NULL;
		if (found == key)
			return slot->upper;
		slot = macvlan_xdp_next(table, slot);
	}
}

static void macvlan_xdp_table_insert(struct macvlan_xdp_table *table,
				     struct xdp_rxh_upper *upper, u64 key)
{
	struct macvlan_xdp_slot *slot = macvlan_xdp_slot(table, key);
	unsigned int steps;

	for (steps = 0; slot->key; steps++)
		slot = macvlan_xdp_next(table, slot);
	WRITE_ONCE(slot->upper, upper);
	/* pairs with the smp_load_acquire() of those who look */
	smp_store_release(&slot->key, key);
	table->used++;
	table->live++;
	table->far += steps > 1;
}

/* Random addresses: one in five hundred; and a few are always possible. */
static bool macvlan_xdp_table_is_poor(const struct macvlan_xdp_table *table)
{
	return table->far > 4 + table->live / 32;
}

static unsigned long macvlan_xdp_table_size(const struct macvlan_xdp_table *table)
{
	return table->mask / sizeof(table->slots[0]) + 1;
}

static struct macvlan_xdp_table *
macvlan_xdp_table_copy_once(const struct macvlan_xdp_table *old)
{
	unsigned long i, n = macvlan_xdp_table_size(old);
	struct macvlan_xdp_table *table;

	table = macvlan_xdp_table_alloc(old->live + 1);
	if (!table)
		return NULL;
	for (i = 0; i < n; i++)
		if (old->slots[i].key && old->slots[i].key != MACVLAN_XDP_GONE)
			macvlan_xdp_table_insert(table, old->slots[i].upper,
						 old->slots[i].key);
	return table;
}

/* With another multiplier, and a good one if three tries find any. */
static struct macvlan_xdp_table *
macvlan_xdp_table_copy(const struct macvlan_xdp_table *old)
{
	struct macvlan_xdp_table *table = NULL;
	int tries;

	for (tries = 0; tries < 3; tries++) {
		kvfree(table);
		table = macvlan_xdp_table_copy_once(old);
		if (!table || !macvlan_xdp_table_is_poor(table))
			break;
	}
	return table;
}

/* Returns the port's table then, or %NULL: it is the old one still. */
static struct macvlan_xdp_table *
macvlan_xdp_table_replace(struct macvlan_xdp_port *port,
			  struct macvlan_xdp_table *old)
{
	struct macvlan_xdp_table *table = macvlan_xdp_table_copy(old);

	if (table) {
		macvlan_xdp_table_publish(port, table);
		kvfree_rcu(old, rcu);
	}
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

	if ((table->used + 1) * 8 > macvlan_xdp_table_size(table)) {
		table = macvlan_xdp_table_replace(port, table);
		if (!table)
			return -ENOMEM;
	}
	macvlan_xdp_table_insert(table, mdev->upper, key);
	mdev->key = key;
	/* a poor one does, too, where there is no memory */
	if (macvlan_xdp_table_is_poor(table))
		macvlan_xdp_table_replace(port, table);
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
	struct macvlan_xdp_slot *slot = macvlan_xdp_slot(table, mdev->key);

	if (!mdev->key)
		return;
	while (slot->key && slot->key != mdev->key)
		slot = macvlan_xdp_next(table, slot);
	if (!WARN_ON(!slot->key))
		WRITE_ONCE(slot->key, MACVLAN_XDP_GONE);
	table->live--;
	mdev->key = 0;
}
