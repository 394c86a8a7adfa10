// SPDX-License-Identifier: GPL-2.0
/*
 * macvlan_xdp.ko: native XDP on the in-tree macvlan and macvtap devices.
 *
 * For each lower device with macvlans on it this keeps a table of them by MAC
 * address, and registers the handler that answers from it which macvlan a
 * frame is for. What the table holds follows the devices by netdevice
 * notifier, under RTNL; the handler reads it under RCU.
 *
 * Not answered for, that is left to the skb path, where the program meets the
 * frame as xdpgeneric would:
 *   - multicast and broadcast: every macvlan gets a copy of its own;
 *   - VLAN-tagged frames: the tag is taken off before the macvlan sees them;
 *   - all frames, while a macvlan in source mode is up.
 */
#include <linux/macvlan_xdp.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/xdp_rx_handler_run.h>
#include <net/rtnetlink.h>
#include <uapi/linux/xdp_rx_handler.h>

#include "macvlan_xdp.h"

static LIST_HEAD(macvlan_xdp_ports);
/* what the notifier is told is not happening now */
static bool macvlan_xdp_loading, macvlan_xdp_unloading;
static int macvlan_xdp_missed;	/* why a device was, while loading */

/* What takes all frames of a macvlan with a program to the skb path. */
static u32 macvlan_xdp_notes(const void *priv)
{
	const struct macvlan_xdp_dev *mdev = priv;
	const struct macvlan_dev *vlan = netdev_priv(mdev->dev);
	u32 notes = 0;

	if (mdev->port->nr_source)
		notes |= XDP_RXH_NOTE_SOURCE;
	if (mdev->dev->flags & IFF_UP && !mdev->key &&
	    vlan->mode != MACVLAN_MODE_PASSTHRU)
		notes |= XDP_RXH_NOTE_NO_MEMORY;
	return notes;
}

static u32 macvtap_xdp_notes(const void *priv);

static struct xdp_rxh_type macvlan_xdp_type = {
	.owner = THIS_MODULE,
	.xdp_xmit = macvlan_xdp_xmit,
	.is_local = macvlan_xdp_is_local,
	.notes = macvlan_xdp_notes,
	.ops = LIST_HEAD_INIT(macvlan_xdp_type.ops),
};

/* The same for macvtaps, whose readers macvtap_xdp.ko knows how to reach. */
static struct xdp_rxh_type macvtap_xdp_type = {
	.owner = THIS_MODULE,
	.xdp_xmit = macvlan_xdp_xmit,
	.is_local = macvlan_xdp_is_local,
	.notes = macvtap_xdp_notes,
	.ops = LIST_HEAD_INIT(macvtap_xdp_type.ops),
};

static u32 macvtap_xdp_notes(const void *priv)
{
	return macvlan_xdp_notes(priv) |
	       (rcu_access_pointer(macvtap_xdp_type.deliver) ?
		0 : XDP_RXH_NOTE_NO_TAP);
}

/**
 * macvlan_xdp_set_deliver - have macvtaps' passed frames delivered
 * @deliver: how, or %NULL for the skb path
 *
 * After a change to %NULL the caller waits for a grace period before what it
 * gave goes away.
 *
 * Context: process; takes RTNL.
 */
void macvlan_xdp_set_deliver(const struct xdp_rxh_deliver *deliver)
{
	rtnl_lock();
	xdp_rxh_type_set_deliver(&macvtap_xdp_type, deliver);
	rtnl_unlock();
}
EXPORT_SYMBOL_GPL(macvlan_xdp_set_deliver);

/* xdp_rx_handler_func_t */
static struct xdp_rxh_upper *
macvlan_xdp_handle_frame(const void *data, const void *data_end, void *priv)
{
	const struct macvlan_xdp_table *table;
	const struct macvlan_xdp_port *port = priv;
	const struct ethhdr *eth = data;
	struct xdp_rxh_upper *all;

	if (data + sizeof(*eth) > data_end)
		return NULL;
	if (is_multicast_ether_addr(eth->h_dest) ||
	    eth_type_vlan(eth->h_proto) || READ_ONCE(port->nr_source))
		return NULL;
	all = READ_ONCE(port->all);
	if (all)
		return all;

	table = rcu_dereference_check(port->table, rcu_read_lock_bh_held());
	return macvlan_xdp_table_find(table, macvlan_xdp_key(eth->h_dest));
}

/*
 * The same where the first or the second slot holds it, as one mostly does: a
 * table is sparse. No multicast address is ever in it.
 */
static __always_inline bool
macvlan_xdp_fast(const void *data, const void *data_end, void *priv,
		 struct xdp_rxh_upper **upper)
{
	const struct macvlan_xdp_port *port = priv;
	const struct macvlan_xdp_table *table;
	const struct macvlan_xdp_slot *slot;
	const struct ethhdr *eth = data;
	u64 key;

	if (data + sizeof(*eth) > data_end)
		return false;
	/* both VLAN types have this bit, IPv4's and ARP's do not */
	if (*(const u8 *)&eth->h_proto & 0x80 && eth_type_vlan(eth->h_proto))
		return false;

	table = rcu_dereference_check(port->fast, rcu_read_lock_bh_held());
	key = macvlan_xdp_key(eth->h_dest);
	slot = macvlan_xdp_slot(table, key);
	/* data_race(): aligned words, each compared once */
	if (unlikely(data_race(slot->key) != key)) {
		slot++;
		/* data_race(): likewise */
		if (data_race(slot->key) != key)
			return false;
	}
	/* pairs with smp_store_release() in macvlan_xdp_table_insert() */
	smp_acquire__after_ctrl_dep();
	*upper = slot->upper;
	return true;
}

DEFINE_XDP_RX_HANDLER(macvlan_xdp_rx_handler, macvlan_xdp_handle_frame,
		      macvlan_xdp_fast);

static struct macvlan_xdp_port *
macvlan_xdp_port_find(const struct net_device *lower)
{
	struct macvlan_xdp_port *port;

	list_for_each_entry(port, &macvlan_xdp_ports, list)
		if (port->lower == lower)
			return port;
	return NULL;
}

static struct macvlan_xdp_port *macvlan_xdp_port_create(struct net_device *lower)
{
	struct macvlan_xdp_table *table;
	struct macvlan_xdp_port *port;
	int err = -ENOMEM;

	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return ERR_PTR(-ENOMEM);
	table = macvlan_xdp_table_alloc(1);
	if (!table)
		goto err_port;
	port->lower = lower;
	INIT_LIST_HEAD(&port->devs);
	macvlan_xdp_table_publish(port, table);
	err = netdev_xdp_rx_handler_register(lower, &macvlan_xdp_rx_handler,
					     port);
	if (err)
		goto err_table;
	list_add(&port->list, &macvlan_xdp_ports);
	return port;

err_table:
	kvfree(table);
err_port:
	kfree(port);
	return ERR_PTR(err);
}

static void macvlan_xdp_port_destroy(struct macvlan_xdp_port *port)
{
	struct macvlan_xdp_table *table = rtnl_dereference(port->table);

	list_del(&port->list);
	if (!netdev_xdp_rx_handler_unregister(port->lower))
		return;		/* the lower's driver still calls us with it */
	kvfree_rcu(table, rcu);
	kfree_rcu(port, rcu);
}

static int macvlan_xdp_dev_add(struct net_device *dev)
{
	struct net_device *lower = macvlan_dev_real_dev(dev);
	struct macvlan_xdp_port *port;
	struct macvlan_xdp_dev *mdev;
	struct xdp_rxh_type *type;
	int err;

	mdev = kzalloc(sizeof(*mdev), GFP_KERNEL);
	if (!mdev)
		return -ENOMEM;
	port = macvlan_xdp_port_find(lower);
	if (!port)
		port = macvlan_xdp_port_create(lower);
	if (IS_ERR(port)) {
		err = PTR_ERR(port);
		goto err_mdev;
	}
	mdev->dev = dev;
	mdev->port = port;
	type = strcmp(dev->rtnl_link_ops->kind, "macvtap") ?
	       &macvlan_xdp_type : &macvtap_xdp_type;
	mdev->upper = xdp_rxh_upper_add(dev, lower, type, mdev,
					!macvlan_xdp_loading);
	if (IS_ERR(mdev->upper)) {
		err = PTR_ERR(mdev->upper);
		goto err_port;
	}
	list_add(&mdev->list, &port->devs);
	return 0;

err_port:
	if (list_empty(&port->devs))
		macvlan_xdp_port_destroy(port);
err_mdev:
	kfree(mdev);
	return err;
}

/*
 * Have the port's table follow the device. Where there is no memory for that,
 * the frames take the skb path.
 */
static void macvlan_xdp_dev_update(struct macvlan_xdp_dev *mdev, bool up)
{
	const struct macvlan_dev *vlan = netdev_priv(mdev->dev);
	bool passthru = vlan->mode == MACVLAN_MODE_PASSTHRU;
	bool source = up && vlan->mode == MACVLAN_MODE_SOURCE;
	struct macvlan_xdp_port *port = mdev->port;
	u64 key = 0;

	if (up && !passthru)
		key = macvlan_xdp_key(mdev->dev->dev_addr);
	if (key != mdev->key) {
		macvlan_xdp_table_del(port, mdev);
		if (key && macvlan_xdp_table_add(port, mdev, key))
			netdev_warn(mdev->dev, "no memory: XDP on the skb path only\n");
	}

	if (passthru)
		WRITE_ONCE(port->all, up ? mdev->upper : NULL);

	if (source != mdev->source) {
		WRITE_ONCE(port->nr_source, port->nr_source + (source ? 1 : -1));
		mdev->source = source;
	}
	macvlan_xdp_table_publish(port, rtnl_dereference(port->table));
}

static void macvlan_xdp_dev_del(struct macvlan_xdp_dev *mdev)
{
	struct macvlan_xdp_port *port = mdev->port;

	macvlan_xdp_dev_update(mdev, false);
	list_del(&mdev->list);
	xdp_rxh_upper_del(mdev->upper);
	kfree_rcu(mdev, rcu);
	if (list_empty(&port->devs))
		macvlan_xdp_port_destroy(port);
}

static bool macvlan_xdp_is_ours(const struct net_device *dev)
{
	const struct rtnl_link_ops *ops = dev->rtnl_link_ops;

	/* netif_is_macvlan() is not true yet at NETDEV_REGISTER */
	return ops && (!strcmp(ops->kind, "macvlan") ||
		       !strcmp(ops->kind, "macvtap"));
}

static int macvlan_xdp_event(struct notifier_block *nb, unsigned long event,
			     void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct macvlan_xdp_dev *mdev;
	int err;

	if (!macvlan_xdp_is_ours(dev))
		return NOTIFY_DONE;
	mdev = xdp_rxh_upper_priv(dev);

	switch (event) {
	case NETDEV_REGISTER:
		if (mdev)
			break;	/* came from another namespace */
		err = macvlan_xdp_dev_add(dev);
		if (err)
			netdev_warn(dev, "no native XDP: error %d\n", err);
		/* neither a new device nor our loading is done by halves */
		if (err == -ENOMEM && !macvlan_xdp_loading)
			return notifier_from_errno(err);
		if (err == -ENOMEM)
			macvlan_xdp_missed = err;
		break;
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:	/* of its mode, for one */
	case NETDEV_CHANGEADDR:
		if (mdev)
			macvlan_xdp_dev_update(mdev, dev->flags & IFF_UP);
		break;
	case NETDEV_UNREGISTER:
		/* unless it only moves to another namespace */
		if (mdev && (macvlan_xdp_unloading ||
			     dev->reg_state != NETREG_REGISTERED))
			macvlan_xdp_dev_del(mdev);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block macvlan_xdp_nb = {
	.notifier_call = macvlan_xdp_event,
	/* ahead of devmap, see xdp_rxh_upper_add(), and of macvlan */
	.priority = 1,
};

/* RTNL */
static void macvlan_xdp_withdraw(void)
{
	macvlan_xdp_unloading = true;
	xdp_rxh_type_withdraw(&macvlan_xdp_type);
	xdp_rxh_type_withdraw(&macvtap_xdp_type);
}

static void macvlan_xdp_leave(void)
{
	unregister_netdevice_notifier(&macvlan_xdp_nb);
	xdp_rxh_type_release(&macvlan_xdp_type);
	xdp_rxh_type_release(&macvtap_xdp_type);
	symbol_put(macvlan_dellink);
}

static int __init macvlan_xdp_init(void)
{
	bool used;
	int err;

	/* our copies of its operations must not outlive macvlan.ko */
	if (!symbol_get(macvlan_dellink))
		return -ENOENT;
	macvlan_xdp_loading = true;
	err = register_netdevice_notifier(&macvlan_xdp_nb);
	macvlan_xdp_loading = false;
	if (err) {
		symbol_put(macvlan_dellink);
		return err;
	}
	if (!macvlan_xdp_missed)
		return 0;

	rtnl_lock();
	/* a program attached since then holds us: it stays, by halves */
	used = module_refcount(THIS_MODULE) > 1;
	if (!used)
		macvlan_xdp_withdraw();
	rtnl_unlock();
	if (used)
		return 0;
	macvlan_xdp_leave();
	return macvlan_xdp_missed;
}

static void __exit macvlan_xdp_exit(void)
{
	rtnl_lock();
	macvlan_xdp_withdraw();
	rtnl_unlock();
	macvlan_xdp_leave();
}

module_init(macvlan_xdp_init);
module_exit(macvlan_xdp_exit);

MODULE_DESCRIPTION("Native XDP for macvlan and macvtap");
MODULE_LICENSE("GPL");
MODULE_SOFTDEP("pre: macvlan");
