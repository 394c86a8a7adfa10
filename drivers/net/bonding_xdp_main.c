// SPDX-License-Identifier: GPL-2.0
/*
 * bonding_xdp.ko: native XDP on the in-tree bonds, in all modes.
 *
 * Each bond is an upper with a leg for each slave; the handler of a slave's
 * port names that leg. Slaves follow the bond's by netdevice notifier, under
 * RTNL.
 *
 * Not answered for, that is left to the skb path, where the bond sees the
 * frame before its program may drop it, as with xdpgeneric:
 *   - LACP, ARP, IPv6 neighbour discovery and link-local frames: monitors and
 *     ALB live on them. Whatever the mode: what decides is in the frame;
 *   - VLAN-tagged frames: the tag is taken off before the bond sees them, and
 *     probes may be inside;
 *   - what an inactive slave receives, which the bond drops. In ALB mode only
 *     multicasts, and what meets the program is a matter of the frame again;
 *   - all frames of a bridged bond in ALB mode, which rewrites them.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/xdp_rx_handler_run.h>
#include <net/bonding.h>
#include <net/ndisc.h>
#include <uapi/linux/xdp_rx_handler.h>

#include "bonding_xdp.h"

/* what the notifier is told is not happening now */
static bool bonding_xdp_loading, bonding_xdp_unloading;
static int bonding_xdp_missed;	/* why a bond was, while loading */
static unsigned int bonding_xdp_nr_bonds;

/* Monitors may have several of these in mind: none is ever native. */
static bool bonding_xdp_is_ipv6_native(const struct ipv6hdr *ip6,
				       const void *data_end)
{
	const struct icmp6hdr *icmp6 = (const void *)(ip6 + 1);

	if ((const void *)(ip6 + 1) > data_end)
		return false;
	if (ip6->nexthdr != IPPROTO_ICMPV6)
		return true;
	return (const void *)(icmp6 + 1) <= data_end &&
	       icmp6->icmp6_type != NDISC_NEIGHBOUR_SOLICITATION &&
	       icmp6->icmp6_type != NDISC_NEIGHBOUR_ADVERTISEMENT;
}

/* In ALB mode a bridged bond gives frames another address. */
static bool bonding_xdp_is_rewritten(const struct bonding_xdp_bond *xbond)
{
	const struct bonding *bond = netdev_priv(xbond->dev);

	return BOND_MODE(bond) == BOND_MODE_ALB &&
	       netif_is_bridge_port(xbond->dev);
}

static u32 bonding_xdp_notes(const void *priv)
{
	return bonding_xdp_is_rewritten(priv) ? XDP_RXH_NOTE_ALB : 0;
}

/* Would the bond's program see the frame natively, if its slave is active? */
static bool bonding_xdp_native(void *priv, const void *data,
			       const void *data_end)
{
	const struct bonding_xdp_bond *xbond = priv;
	const struct ethhdr *eth = data;

	if (data + sizeof(*eth) > data_end)
		return false;
	if (bonding_xdp_is_rewritten(xbond))
		return false;
	if (is_link_local_ether_addr(eth->h_dest))
		return false;
	switch (eth->h_proto) {
	case htons(ETH_P_ARP):
	case htons(ETH_P_SLOW):
	case htons(ETH_P_8021Q):
	case htons(ETH_P_8021AD):
		return false;
	case htons(ETH_P_IPV6):
		return bonding_xdp_is_ipv6_native((const void *)(eth + 1),
						  data_end);
	default:
		return true;
	}
}

/* xdp_rx_handler_func_t */
static struct xdp_rxh_upper *
bonding_xdp_handle_frame(const void *data, const void *data_end, void *priv)
{
	const struct bonding_xdp_slave *slave = priv;
	const struct ethhdr *eth = data;

	if (!bonding_xdp_native(slave->leg->priv, data, data_end))
		return NULL;
	if (bond_is_slave_inactive(slave->slave) &&
	    (BOND_MODE(slave->slave->bond) != BOND_MODE_ALB ||
	     is_multicast_ether_addr(eth->h_dest)))
		return NULL;
	return slave->leg;
}

/*
 * The same for unicast IP of an active slave; in ALB mode (@alb, which stays
 * while a bond has slaves) not of bridged bonds.
 */
static __always_inline bool
bonding_xdp_fast(const void *data, const void *data_end,
		 const struct bonding_xdp_slave *slave, bool alb)
{
	const struct ethhdr *eth = data;
	const struct ipv6hdr *ip6 = (const void *)(eth + 1);

	if (data + sizeof(*eth) > data_end)
		return false;
	if (eth->h_proto != htons(ETH_P_IP) &&
	    (eth->h_proto != htons(ETH_P_IPV6) ||
	     (const void *)(ip6 + 1) > data_end ||
	     ip6->nexthdr == IPPROTO_ICMPV6))
		return false;
	return !(eth->h_dest[0] & 1) &&
	       !bond_is_slave_inactive(slave->slave) &&
	       !(alb && netif_is_bridge_port(slave->leg->dev));
}

/* Where the ARP monitor does not validate, any frame shows that a link is up. */
static noinline void bonding_xdp_seen(struct slave *slave)
{
	struct bonding *bond = slave->bond;

	if (!slave_do_arp_validate(bond, slave) &&
	    !slave_do_arp_validate_only(bond) &&
	    time_before(READ_ONCE(slave->last_rx), jiffies))
		WRITE_ONCE(slave->last_rx, jiffies);
}

static __always_inline bool
bonding_xdp_is_monitored(const struct bonding_xdp_slave *slave)
{
	return unlikely(slave->slave->bond->params.arp_interval);
}

static noinline u32 bonding_xdp_run_slow(struct xdp_buff *xdp,
					 const struct bonding_xdp_slave *slave)
{
	u32 len = xdp_get_buff_len(xdp), act;
	struct xdp_rxh_upper *leg;
	const struct bpf_prog *prog;

	leg = bonding_xdp_handle_frame(xdp->data, xdp->data_end, (void *)slave);
	if (leg && bonding_xdp_is_monitored(slave))
		bonding_xdp_seen(slave->slave);
	if (xdp_rxh_tracing())
		return xdp_rxh_trace(xdp, slave->leg->port, leg);
	if (!leg)
		return XDP_PASS;
	/* a shadow is numbered as the bond's queues are already */
	xdp_rxh_fix_rxq(xdp, leg->port);
	prog = xdp_rxh_prog(leg);
	if (!prog)
		return xdp_rxh_next(xdp, leg);
	act = xdp_rxh_run(xdp, leg, prog, true, READ_ONCE(leg->queue_base));
	if (act != XDP_DROP)
		return xdp_rxh_verdict(xdp, leg, act, len);
	xdp_rxh_count(leg, act, len);
	return act;
}

static __always_inline unsigned int
bonding_xdp_run_mode(struct xdp_buff *xdp, const struct xdp_rxh_port *port,
		     bool alb)
{
	const void *data = xdp->data, *data_end = xdp->data_end;
	const struct bonding_xdp_slave *slave = port->priv;
	unsigned long len = data_end - data;
	const struct bpf_prog *prog;
	struct xdp_rxh_upper *leg;
	u32 act;

	if (xdp_rxh_tracing() ||
	    unlikely(!bonding_xdp_fast(data, data_end, slave, alb)) ||
	    unlikely(xdp_buff_has_frags(xdp)) || unlikely(port->shadow_used))
		return bonding_xdp_run_slow(xdp, slave);
	leg = slave->leg;
	if (bonding_xdp_is_monitored(slave))
		bonding_xdp_seen(slave->slave);
	prog = xdp_rxh_prog(leg);
	if (!prog)
		return xdp_rxh_next(xdp, leg);

	/* each thing kept while the program runs takes a register */
	OPTIMIZER_HIDE_VAR(len);
	act = xdp_rxh_run(xdp, leg, prog, false, READ_ONCE(leg->queue_base));
	if (likely(act == XDP_DROP)) {
		xdp_rxh_count(leg, XDP_DROP, len);
		return XDP_DROP;
	}
	if (act == XDP_TX)
		return bonding_xdp_tx(xdp, leg, len);
	if (act == XDP_PASS &&
	    likely(bonding_xdp_fast(xdp->data, xdp->data_end, leg->port->priv,
				    alb))) {
		xdp_rxh_count(leg, XDP_PASS, len);
		return xdp_rxh_next(xdp, leg);
	}
	return xdp_rxh_verdict(xdp, leg, act, len);
}

/* xdp_rxh_run_t */
static unsigned int bonding_xdp_run(const void *ctx, const struct bpf_insn *insn)
{
	return bonding_xdp_run_mode((struct xdp_buff *)ctx,
				    xdp_rxh_insn_port(insn), false);
}

/* xdp_rxh_run_t */
static unsigned int bonding_xdp_run_alb(const void *ctx,
					const struct bpf_insn *insn)
{
	return bonding_xdp_run_mode((struct xdp_buff *)ctx,
				    xdp_rxh_insn_port(insn), true);
}

static const struct xdp_rx_handler bonding_xdp_rx_handler = {
	.func = bonding_xdp_handle_frame,
	.run = bonding_xdp_run,
};

static const struct xdp_rx_handler bonding_xdp_rx_handler_alb = {
	.func = bonding_xdp_handle_frame,
	.run = bonding_xdp_run_alb,
};

static struct xdp_rxh_type bonding_xdp_type = {
	.owner = THIS_MODULE,
	.xdp_xmit = bonding_xdp_xmit,
	.native = bonding_xdp_native,
	.tx_dev = bonding_xdp_tx_dev,
	.notes = bonding_xdp_notes,
	.ops = LIST_HEAD_INIT(bonding_xdp_type.ops),
};

static struct bonding_xdp_slave *
bonding_xdp_slave_find(const struct bonding_xdp_bond *bond,
		       const struct net_device *dev)
{
	struct bonding_xdp_slave *slave;

	list_for_each_entry(slave, &bond->slaves, list)
		if (slave->dev == dev)
			return slave;
	return NULL;
}

/*
 * Number the slaves' queues: slot times what the largest has, and its own. Of a
 * slave that is given more queues later these feed no sockets.
 */
static void bonding_xdp_number_queues(struct bonding_xdp_bond *bond)
{
	struct bonding_xdp_slave *slave;
	unsigned int queues = 1;

	list_for_each_entry(slave, &bond->slaves, list)
		queues = max(queues, slave->dev->real_num_rx_queues);
	if (queues != bond->queues) {
		list_for_each_entry(slave, &bond->slaves, list)
			xdp_rxh_leg_set_queues(slave->leg, slave->slot, 0);
		synchronize_net();
		bond->queues = queues;
	}
	list_for_each_entry(slave, &bond->slaves, list)
		xdp_rxh_leg_set_queues(slave->leg, slave->slot, queues);
}

static void bonding_xdp_slave_insert(struct bonding_xdp_bond *bond,
				     struct bonding_xdp_slave *slave)
{
	struct list_head *prev = &bond->slaves;
	struct bonding_xdp_slave *other;

	list_for_each_entry(other, &bond->slaves, list) {
		if (other->slot != slave->slot)
			break;
		slave->slot++;
		prev = &other->list;
	}
	list_add(&slave->list, prev);
	bonding_xdp_number_queues(bond);
}

static void bonding_xdp_slave_free(struct bonding_xdp_slave *slave)
{
	xdp_rxh_leg_del(slave->leg);
	if (netdev_xdp_rx_handler_unregister(slave->dev))
		kfree_rcu(slave, rcu);
}

static int bonding_xdp_slave_add(struct bonding_xdp_bond *bond,
				 struct net_device *dev,
				 struct netlink_ext_ack *extack)
{
	const struct xdp_rx_handler *handler = &bonding_xdp_rx_handler;
	struct bonding_xdp_slave *slave;
	int err;

	slave = kzalloc(sizeof(*slave), GFP_KERNEL);
	if (!slave)
		return -ENOMEM;
	slave->dev = dev;
	slave->slave = bond_slave_get_rtnl(dev);
	if (BOND_MODE(slave->slave->bond) == BOND_MODE_ALB)
		handler = &bonding_xdp_rx_handler_alb;
	err = netdev_xdp_rx_handler_register(dev, handler, slave);
	if (err)
		goto err_slave;
	slave->leg = xdp_rxh_leg_add(bond->upper, dev);
	if (IS_ERR(slave->leg)) {
		err = PTR_ERR(slave->leg);
		goto err_handler;
	}
	bonding_xdp_slave_insert(bond, slave);
	err = xdp_rxh_leg_start(slave->leg, extack);
	if (err) {
		list_del(&slave->list);
		bonding_xdp_slave_free(slave);
	}
	return err;

err_handler:
	netdev_xdp_rx_handler_unregister(dev);
err_slave:
	kfree(slave);
	return err;
}

static void bonding_xdp_slave_del(struct bonding_xdp_slave *slave)
{
	list_del(&slave->list);
	bonding_xdp_slave_free(slave);
}

static void bonding_xdp_bond_del(struct bonding_xdp_bond *bond)
{
	struct bonding_xdp_slave *slave, *tmp;
	struct net_device *lower = NULL;

	list_for_each_entry_safe(slave, tmp, &bond->slaves, list) {
		lower = slave->dev;
		bonding_xdp_slave_del(slave);
	}
	xdp_rxh_upper_del(bond->upper);
	/* have bonding compute what it can do without us */
	if (lower && bond->dev->reg_state == NETREG_REGISTERED)
		netdev_notify_xdp_features(lower);
	kfree_rcu(bond, rcu);
	/* bonding.ko, which exports nothing to hold it by, may go now */
	if (!--bonding_xdp_nr_bonds)
		xdp_rxh_type_release(&bonding_xdp_type);
}

static int bonding_xdp_bond_add(struct net_device *dev)
{
	struct bonding_xdp_bond *bond;
	struct net_device *lower;
	struct list_head *iter;
	int err;

	bond = kzalloc(sizeof(*bond), GFP_KERNEL);
	if (!bond)
		return -ENOMEM;
	bond->dev = dev;
	bond->orig = dev->netdev_ops;
	INIT_LIST_HEAD(&bond->slaves);
	bond->upper = xdp_rxh_upper_add(dev, NULL, &bonding_xdp_type, bond,
					!bonding_xdp_loading);
	if (IS_ERR(bond->upper)) {
		err = PTR_ERR(bond->upper);
		kfree(bond);
		return err;
	}
	bonding_xdp_nr_bonds++;
	netdev_for_each_lower_dev(dev, lower, iter) {
		err = bonding_xdp_slave_add(bond, lower, NULL);
		if (err) {
			bonding_xdp_bond_del(bond);
			return err;
		}
	}
	return 0;
}

static bool bonding_xdp_is_ours(const struct net_device *dev)
{
	return dev->rtnl_link_ops && !strcmp(dev->rtnl_link_ops->kind, "bond");
}

/*
 * bonding joins a slave when all else about it is ready, and undoes it first.
 * Joining is for the last notifier: when another one refuses it, those that
 * agreed are not told.
 */
static int bonding_xdp_changeupper(struct net_device *dev, bool last,
				   struct netdev_notifier_changeupper_info *info)
{
	struct netlink_ext_ack *extack;
	struct bonding_xdp_slave *slave;
	struct bonding_xdp_bond *bond;

	if (!info->master || !bonding_xdp_is_ours(info->upper_dev) ||
	    info->linking != last)
		return NOTIFY_DONE;
	bond = xdp_rxh_upper_priv(info->upper_dev);
	if (!bond)
		return NOTIFY_DONE;
	slave = bonding_xdp_slave_find(bond, dev);
	if (slave)
		bonding_xdp_slave_del(slave);
	if (!last)
		return NOTIFY_DONE;
	extack = netdev_notifier_info_to_extack(&info->info);
	return notifier_from_errno(bonding_xdp_slave_add(bond, dev, extack));
}

static int bonding_xdp_event(struct notifier_block *nb, unsigned long event,
			     void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	int err;

	if (event == NETDEV_REGISTER) {
		if (!bonding_xdp_is_ours(dev) || bonding_xdp_unloading ||
		    xdp_rxh_upper_priv(dev))
			return NOTIFY_DONE;
		err = bonding_xdp_bond_add(dev);
		if (err)
			netdev_warn(dev, "no native XDP: error %d\n", err);
		/* neither a new device nor our loading is done by halves */
		if (err == -ENOMEM && !bonding_xdp_loading)
			return notifier_from_errno(err);
		if (err == -ENOMEM)
			bonding_xdp_missed = err;
	} else if (event == NETDEV_CHANGEUPPER) {
		return bonding_xdp_changeupper(dev, false, ptr);
	}
	return NOTIFY_DONE;
}

static struct notifier_block bonding_xdp_nb = {
	.notifier_call = bonding_xdp_event,
	/* ahead of devmap, see xdp_rxh_upper_add() */
	.priority = 1,
};

/* What is stacked on a bond goes when the bond does, and mostly first. */
static int bonding_xdp_event_last(struct notifier_block *nb,
				  unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	if (event == NETDEV_CHANGEUPPER)
		return bonding_xdp_changeupper(dev, true, ptr);
	if (event == NETDEV_UNREGISTER && bonding_xdp_is_ours(dev) &&
	    xdp_rxh_upper_priv(dev) &&
	    (bonding_xdp_unloading || dev->reg_state != NETREG_REGISTERED))
		bonding_xdp_bond_del(xdp_rxh_upper_priv(dev));
	return NOTIFY_DONE;
}

static struct notifier_block bonding_xdp_nb_last = {
	.notifier_call = bonding_xdp_event_last,
	.priority = INT_MIN,
};

/* RTNL */
static void bonding_xdp_withdraw(void)
{
	bonding_xdp_unloading = true;
	xdp_rxh_type_withdraw(&bonding_xdp_type);
}

static void bonding_xdp_leave(void)
{
	/* all bonds go in one section of RTNL, while slaves are still followed */
	unregister_netdevice_notifier(&bonding_xdp_nb_last);
	unregister_netdevice_notifier(&bonding_xdp_nb);
	xdp_rxh_type_release(&bonding_xdp_type);
}

static int __init bonding_xdp_init(void)
{
	bool used;
	int err;

	err = register_netdevice_notifier(&bonding_xdp_nb_last);
	if (err)
		return err;
	bonding_xdp_loading = true;
	err = register_netdevice_notifier(&bonding_xdp_nb);
	bonding_xdp_loading = false;
	if (err) {
		unregister_netdevice_notifier(&bonding_xdp_nb_last);
		return err;
	}
	if (!bonding_xdp_missed)
		return 0;

	rtnl_lock();
	/* a program attached since then holds us: it stays, by halves */
	used = module_refcount(THIS_MODULE) > 1;
	if (!used)
		bonding_xdp_withdraw();
	rtnl_unlock();
	if (used)
		return 0;
	bonding_xdp_leave();
	return bonding_xdp_missed;
}

static void __exit bonding_xdp_exit(void)
{
	rtnl_lock();
	bonding_xdp_withdraw();
	rtnl_unlock();
	bonding_xdp_leave();
}

module_init(bonding_xdp_init);
module_exit(bonding_xdp_exit);

MODULE_DESCRIPTION("Native XDP for bonding");
MODULE_LICENSE("GPL");
MODULE_SOFTDEP("pre: bonding");
