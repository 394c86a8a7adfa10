// SPDX-License-Identifier: GPL-2.0
/*
 * Uppers: how an in-tree device gets native XDP.
 *
 * Each upper device has its net_device_ops and ethtool_ops replaced by copies
 * in which ndo_bpf, ndo_xdp_xmit and the statistics are ours, one set of
 * copies for each set of originals. So everything that attaches programs works
 * on it as on a NIC.
 *
 * All of this is under RTNL, but for look-ups by device and by id, which RCU
 * protects: an upper is freed a grace period after it was taken from both.
 */
#include <linux/bitfield.h>
#include <linux/ethtool.h>
#include <linux/hashtable.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/stop_machine.h>
#include <linux/xarray.h>
#include <uapi/linux/xdp_rx_handler.h>

#include "xdp_rxh.h"
#include "xdp_rxh_chain.h"
#include "xdp_rxh_hints.h"

static DEFINE_HASHTABLE(xdp_rxh_uppers, 10);
static DEFINE_XARRAY_ALLOC1(xdp_rxh_ids);

/* Uppers whose generic program is held by a bpf_link: see below. */
static unsigned int xdp_rxh_nr_waiting;
static void xdp_rxh_wait_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(xdp_rxh_wait, xdp_rxh_wait_work);

/**
 * xdp_rxh_upper_find - the upper of a device
 * @dev: any device
 *
 * Context: RTNL or RCU read side.
 *
 * Return: the upper or %NULL.
 */
struct xdp_rxh_upper *xdp_rxh_upper_find(const struct net_device *dev)
{
	struct xdp_rxh_upper *upper;

	hash_for_each_possible_rcu(xdp_rxh_uppers, upper, node,
				   (unsigned long)dev, lockdep_rtnl_is_held())
		if (upper->dev == dev)
			return upper;
	return NULL;
}

/**
 * __xdp_rxh_upper_priv - what a module gave xdp_rxh_upper_add() for a device
 * @dev: any device
 * @owner: the module; xdp_rxh_upper_priv() says %THIS_MODULE
 *
 * Context: RTNL or RCU read side.
 *
 * Return: the argument, or %NULL if @dev is no upper of a kind of @owner's.
 */
void *__xdp_rxh_upper_priv(const struct net_device *dev,
			   const struct module *owner)
{
	const struct xdp_rxh_upper *upper = xdp_rxh_upper_find(dev);

	return upper && upper->type->owner == owner ? upper->priv : NULL;
}
EXPORT_SYMBOL_GPL(__xdp_rxh_upper_priv);

/**
 * xdp_rxh_upper_next - go through the uppers of a namespace
 * @net: the namespace
 * @after: an upper's id, or 0; uppers come in the order of theirs
 *
 * Context: RTNL.
 *
 * Return: the next upper, or %NULL.
 */
struct xdp_rxh_upper *xdp_rxh_upper_next(const struct net *net, u32 after)
{
	unsigned long id = after;
	struct xdp_rxh_upper *upper;

	ASSERT_RTNL();
	do {
		upper = xa_find_after(&xdp_rxh_ids, &id, ULONG_MAX, XA_PRESENT);
	} while (upper && !net_eq(dev_net(upper->dev), net));
	return upper;
}

/**
 * xdp_rxh_upper_by_id - the upper that a frame's flags name
 * @id: its id
 *
 * Context: RCU read side.
 *
 * Return: the upper or %NULL.
 */
struct xdp_rxh_upper *xdp_rxh_upper_by_id(u32 id)
{
	return xa_load(&xdp_rxh_ids, id);
}

/* Readers of XDP frames are not told of unfinished checksums. */
static int xdp_rxh_finish_sums(const struct xdp_rxh_upper *upper)
{
	if (!rcu_access_pointer(upper->type->deliver))
		return 0;
	return xdp_rxh_csum_off(upper->port->dev);
}

static void xdp_rxh_check_sums(const struct xdp_rxh_upper *upper)
{
	if (upper->entry && xdp_rxh_finish_sums(upper))
		netdev_err(upper->dev, "checksums of the lower device's peer are not finished\n");
}

/**
 * xdp_rxh_upper_joined - a device came below a port's lower
 * @port: the port, which has a port program
 *
 * Context: RTNL.
 */
void xdp_rxh_upper_joined(struct xdp_rxh_port *port)
{
	const struct xdp_rxh_upper *upper;

	list_for_each_entry(upper, &port->uppers, list)
		xdp_rxh_check_sums(upper);
}

/* Have the driver below, or the drivers, run an upper's first program. */
static int xdp_rxh_lowers_attach(struct xdp_rxh_upper *upper,
				 const struct bpf_prog *prog,
				 struct netlink_ext_ack *extack)
{
	int err;

	if (!upper->port)
		return xdp_rxh_legs_get(upper, prog, extack);
	err = xdp_rxh_port_attach_upper(upper, prog, extack);
	if (err)
		return err;
	err = xdp_rxh_hook_add(upper);
	if (err) {
		NL_SET_ERR_MSG_MOD(extack, "Can't register the ingress hook");
		xdp_rxh_port_detach(upper->port, upper->type->owner);
	}
	return err;
}

static void xdp_rxh_lowers_detach(struct xdp_rxh_upper *upper)
{
	if (!upper->port) {
		xdp_rxh_legs_put(upper);
		return;
	}
	xdp_rxh_hook_del(upper);
	xdp_rxh_port_detach(upper->port, upper->type->owner);
}

/**
 * xdp_rxh_upper_first - the program an upper's frames meet, metadata apart
 * @upper: the upper; no leg
 *
 * Context: RTNL.
 *
 * Return: what its chain is compiled to, its only program, or %NULL.
 */
struct bpf_prog *xdp_rxh_upper_first(const struct xdp_rxh_upper *upper)
{
	const struct xdp_rxh_chain *chain = upper->chained.chain;

	return chain ? chain->prog : upper->entry;
}

/* What frames meet from now on: here and on all legs. */
static void xdp_rxh_set_prog(struct xdp_rxh_upper *upper, struct bpf_prog *prog)
{
	struct xdp_rxh_upper *leg;

	xdp_rxh_meta_publish(upper, prog);
	list_for_each_entry(leg, &upper->legs, list)
		xdp_rxh_meta_publish(leg, prog);
}

static int xdp_rxh_attach(struct xdp_rxh_upper *upper, struct bpf_prog *prog,
			  struct netlink_ext_ack *extack)
{
	int err;

	if (!try_module_get(upper->type->owner)) {
		NL_SET_ERR_MSG_MOD(extack, "Module is being unloaded");
		return -ENODEV;
	}
	err = xdp_rxh_lowers_attach(upper, prog, extack);
	if (err) {
		module_put(upper->type->owner);
		return err;
	}
	err = xdp_rxh_finish_sums(upper);
	if (err) {
		xdp_rxh_refuse(XDP_RXH_REASON_CSUM, extack);
		goto err_lowers;
	}
	upper->entry = prog;
	upper->chained.generation++;
	xdp_rxh_set_prog(upper, prog);
	return 0;

err_lowers:
	xdp_rxh_lowers_detach(upper);
	module_put(upper->type->owner);
	return err;
}

static void xdp_rxh_detach(struct xdp_rxh_upper *upper)
{
	struct xdp_rxh_chain *chain = upper->chained.chain;

	xdp_rxh_set_prog(upper, NULL);
	xdp_rxh_lowers_detach(upper);
	bpf_prog_put(upper->entry);
	upper->entry = NULL;
	WRITE_ONCE(upper->chained.chain, NULL);
	upper->chained.generation++;
	if (chain) {
		xdp_rxh_chain_free(chain);
		xdp_rxh_netlink_notify(upper->dev);
	}
	module_put(upper->type->owner);
}

static void xdp_rxh_publish(struct xdp_rxh_upper *upper,
			    struct xdp_rxh_chain *chain)
{
	struct xdp_rxh_chain *old = upper->chained.chain;

	if (chain && !chain->prog) {
		xdp_rxh_chain_free(chain);
		chain = NULL;
	}
	/* pairs with smp_load_acquire() in xdp_rxh_trace_bpf() */
	smp_store_release(&upper->chained.chain, chain);
	upper->chained.generation++;
	xdp_rxh_set_prog(upper, chain ? chain->prog : upper->entry);
	xdp_rxh_chain_free(old);
}

/**
 * xdp_rxh_upper_set_chain - replace the programs behind an upper's own
 * @upper: the upper, which has a program
 * @chain: the new chain; becomes the upper's if this succeeds
 * @extack: says what is wrong
 *
 * Every frame meets the chain as it was or as it is then.
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0, or as xdp_rxh_chain_finish(), and nothing changed.
 */
int xdp_rxh_upper_set_chain(struct xdp_rxh_upper *upper,
			    struct xdp_rxh_chain *chain,
			    struct netlink_ext_ack *extack)
{
	int err;

	ASSERT_RTNL();
	err = xdp_rxh_chain_finish(chain, upper->dev, extack);
	if (err)
		return err;
	err = upper->port ? xdp_rxh_port_hints(upper->port, chain->bound, extack) :
			    xdp_rxh_legs_hints(upper, chain->bound, extack);
	if (!err)
		xdp_rxh_publish(upper, chain);
	return err;
}

/* The attached program is another one: at the head of the same chain. */
static int xdp_rxh_replace(struct xdp_rxh_upper *upper, struct bpf_prog *prog,
			   struct netlink_ext_ack *extack)
{
	struct xdp_rxh_chain *chain = NULL;
	struct bpf_prog *old = upper->entry;
	bool chained = upper->chained.chain;
	int err;

	if (chained) {
		chain = xdp_rxh_chain_copy(upper->chained.chain, prog);
		if (!chain)
			return -ENOMEM;
		err = xdp_rxh_chain_finish(chain, upper->dev, extack);
		if (err)
			goto err_chain;
	}
	err = upper->port ? xdp_rxh_port_replace(upper->port, prog, extack) :
			    xdp_rxh_legs_replace(upper, prog, old, extack);
	if (err)
		goto err_chain;
	upper->entry = prog;
	xdp_rxh_publish(upper, chain);
	bpf_prog_put(old);
	if (chained)
		xdp_rxh_netlink_notify(upper->dev);
	return 0;

err_chain:
	xdp_rxh_chain_free(chain);
	return err;
}

static int xdp_rxh_setup_prog(struct xdp_rxh_upper *upper,
			      struct bpf_prog *prog,
			      struct netlink_ext_ack *extack)
{
	/* a port program, by way of a bond whose slave the upper is */
	if (prog && !prog->aux->id) {
		NL_SET_ERR_MSG_MOD(extack,
				   "A slave of the lower bond has its programs run by a lower of its own; use xdpgeneric");
		return -EOPNOTSUPP;
	}
	if (prog)
		return upper->entry ? xdp_rxh_replace(upper, prog, extack) :
				      xdp_rxh_attach(upper, prog, extack);
	if (upper->entry)
		xdp_rxh_detach(upper);
	return 0;
}

/* ndo_bpf of an upper */
static int xdp_rxh_bpf(struct net_device *dev, struct netdev_bpf *bpf)
{
	struct xdp_rxh_upper *upper = xdp_rxh_upper_find(dev);

	ASSERT_RTNL();
	if (!upper)
		return -ENODEV;

	switch (bpf->command) {
	case XDP_SETUP_PROG:
		return xdp_rxh_setup_prog(upper, bpf->prog, bpf->extack);
	case XDP_SETUP_XSK_POOL:
		/* frames are in the lower's memory: AF_XDP copies */
		return bpf->xsk.pool ? -EOPNOTSUPP : 0;
	default:
		return -EINVAL;
	}
}

/*
 * Drivers run programs such that XDP_TX of any bond's slave is rewritten while
 * a program is on any bond: the port program has done that already.
 */
static struct net_device *xdp_rxh_get_xmit_slave(struct net_device *dev,
						 struct xdp_buff *xdp)
{
	return NULL;
}

static struct xdp_rxh_ops *xdp_rxh_ops_get(struct xdp_rxh_type *type,
					   const struct net_device *dev)
{
	struct net_device_ops *ndo;
	struct xdp_rxh_ops *ops;
	int i;

	list_for_each_entry(ops, &type->ops, list)
		if (ops->orig == dev->netdev_ops &&
		    ops->orig_ethtool == dev->ethtool_ops)
			return ops;

	ops = kzalloc(sizeof(*ops), GFP_KERNEL);
	if (!ops)
		return NULL;
	ops->orig = dev->netdev_ops;
	ops->orig_ethtool = dev->ethtool_ops;
	for (i = 0; i < 4; i++) {
		ndo = &ops->ndo[i / 2][i % 2];
		*ndo = *dev->netdev_ops;
		ndo->ndo_bpf = xdp_rxh_bpf;
		if (type->native)	/* adds up what its lowers count */
			ndo->ndo_xdp_get_xmit_slave = xdp_rxh_get_xmit_slave;
		else
			ndo->ndo_get_stats64 = xdp_rxh_get_stats64;
		if (i / 2)
			ndo->ndo_xdp_xmit = type->xdp_xmit;
		if (i % 2)
			ndo->ndo_start_xmit = xdp_rxh_start_xmit;
	}
	ops->waiting = *dev->netdev_ops;
	ops->waiting.ndo_start_xmit = xdp_rxh_start_xmit;
	ops->ethtool = *dev->ethtool_ops;
	xdp_rxh_ethtool_fill(&ops->ethtool);
	list_add(&ops->list, &type->ops);
	return ops;
}

/**
 * xdp_rxh_type_release - free the interposed operations of a type
 * @type: the type; none of its uppers is left
 *
 * At module unload, behind xdp_rxh_type_withdraw(), or under RTNL when the
 * driver they are taken from may go.
 *
 * Context: process context, may sleep.
 */
void xdp_rxh_type_release(struct xdp_rxh_type *type)
{
	struct xdp_rxh_ops *ops, *tmp;

	synchronize_net();
	list_for_each_entry_safe(ops, tmp, &type->ops, list) {
		list_del(&ops->list);
		kfree(ops);
	}
}
EXPORT_SYMBOL_GPL(xdp_rxh_type_release);

/* What all drivers below an upper can tell of a frame, its programs may ask. */
static bool xdp_rxh_give_hints(const struct xdp_rxh_upper *upper)
{
	unsigned int has = XDP_RXH_HAS_ALL;
	const struct xdp_rxh_upper *leg;

	if (upper->port)
		has = xdp_rxh_hints_has(upper->port->dev);
	else if (list_empty(&upper->legs))
		has = 0;
	list_for_each_entry(leg, &upper->legs, list)
		has &= xdp_rxh_hints_has(leg->port->dev);
	return xdp_rxh_hints_give(upper->dev, has);
}

static void xdp_rxh_features(struct xdp_rxh_upper *upper)
{
	xdp_features_t mask = NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_REDIRECT |
			      NETDEV_XDP_ACT_RX_SG;
	xdp_features_t features;

	features = upper->port ? netdev_xdp_features(upper->port->dev) :
				 xdp_rxh_legs_features(upper);
	if (!upper->port)	/* takes them to its lowers as they are */
		mask |= NETDEV_XDP_ACT_NDO_XMIT_SG;
	features &= mask;
	if (upper->dev->netdev_ops->ndo_xdp_xmit)
		features |= NETDEV_XDP_ACT_NDO_XMIT;
	/* uppers of its own have what it has */
	if (xdp_rxh_give_hints(upper) &&
	    upper->dev->reg_state == NETREG_REGISTERED &&
	    netdev_xdp_features(upper->dev) == features)
		netdev_notify_xdp_features(upper->dev);
	xdp_set_features_flag(upper->dev, features);
}

/*
 * The copy that is right for the device now. devmap allocates a device's bulk
 * queue at NETDEV_REGISTER, if it has ndo_xdp_xmit by then, and uses it without
 * looking: @registering says that it has yet to do so.
 */
static void xdp_rxh_select_ops(struct xdp_rxh_upper *upper, bool registering)
{
	bool marks = upper->port && upper->port->nr_progs > 0;
	const struct net_device_ops *ndo;
	struct net_device *dev = upper->dev;
	struct xdp_rxh_ops *ops = upper->ops;
	bool xmit;

	if (upper->type->withdrawn)
		return;
	if (upper->waiting) {
		ndo = marks ? &ops->waiting : ops->orig;
	} else {
		xmit = upper->type->xdp_xmit && (dev->xdp_bulkq || registering);
		ndo = &ops->ndo[xmit][marks];
		WRITE_ONCE(dev->ethtool_ops, &ops->ethtool);
	}
	/* pairs with readers' dereference of what it points to */
	smp_store_release(&dev->netdev_ops, ndo);
	if (!upper->waiting)
		xdp_rxh_features(upper);
}

/**
 * xdp_rxh_upper_programs - a port has got its first program or lost its last
 * @port: the port
 *
 * Context: RTNL.
 */
void xdp_rxh_upper_programs(struct xdp_rxh_port *port)
{
	struct xdp_rxh_upper *upper;

	list_for_each_entry(upper, &port->uppers, list)
		if (upper->ops)
			xdp_rxh_select_ops(upper, false);
}

/**
 * xdp_rxh_upper_features - a lower's XDP features have changed
 * @lower: any device
 *
 * Context: RTNL.
 */
void xdp_rxh_upper_features(struct net_device *lower)
{
	struct xdp_rxh_upper *upper;
	int i;

	hash_for_each(xdp_rxh_uppers, i, upper, node)
		if (xdp_rxh_has_leg(upper, lower) && upper->ops &&
		    !upper->waiting && !upper->type->withdrawn)
			xdp_rxh_features(upper);
}

/* Likewise a program that was attached by a driver with ndo_bpf of its own. */
static bool xdp_rxh_must_wait(const struct xdp_rxh_upper *upper)
{
	const struct bpf_xdp_entity *state = upper->dev->xdp_state;

	return state[XDP_MODE_SKB].link ||
	       (!upper->port && upper->dev->netdev_ops == upper->ops->orig &&
		(state[XDP_MODE_DRV].prog || state[XDP_MODE_DRV].link));
}

/*
 * A bpf_link that holds a generic program asks the device for its mode anew
 * when it is released: with ndo_bpf there it would be taken for a native one
 * and the program never detached. Nobody tells when it is gone, so look.
 */
static void xdp_rxh_wait_work(struct work_struct *work)
{
	struct xdp_rxh_upper *upper;
	int i;

	if (!rtnl_trylock()) {
		schedule_delayed_work(&xdp_rxh_wait, 1);
		return;
	}
	hash_for_each(xdp_rxh_uppers, i, upper, node) {
		if (!upper->waiting || xdp_rxh_must_wait(upper))
			continue;
		upper->waiting = false;
		xdp_rxh_nr_waiting--;
		xdp_rxh_select_ops(upper, false);
		netdev_info(upper->dev, "native XDP available\n");
	}
	if (xdp_rxh_nr_waiting)
		schedule_delayed_work(&xdp_rxh_wait, HZ);
	rtnl_unlock();
}

static int xdp_rxh_interpose(struct xdp_rxh_upper *upper, bool registering)
{
	struct net_device *dev = upper->dev;
	struct xdp_rxh_ops *ops;

	/* without native XDP below, plain "xdp" shall go on to mean generic */
	if (upper->type->withdrawn ||
	    (upper->port && !upper->port->dev->netdev_ops->ndo_bpf))
		return 0;
	ops = xdp_rxh_ops_get(upper->type, dev);
	if (!ops)
		return -ENOMEM;
	upper->ops = ops;
	if (xdp_rxh_must_wait(upper)) {
		netdev_info(dev, dev->xdp_state[XDP_MODE_SKB].link ?
			    "no native XDP while a bpf_link holds a generic program\n" :
			    "native XDP is the driver's own until its program is detached\n");
		upper->waiting = true;
		xdp_rxh_nr_waiting++;
		schedule_delayed_work(&xdp_rxh_wait, HZ);
	}
	xdp_rxh_select_ops(upper, registering);
	return 0;
}

/* Forget about the copies; nobody uses the device's operations. */
static void xdp_rxh_restore(struct xdp_rxh_upper *upper)
{
	if (!upper->ops)
		return;
	if (upper->waiting)
		xdp_rxh_nr_waiting--;
	upper->waiting = false;
	xdp_rxh_hints_give(upper->dev, 0);
	WRITE_ONCE(upper->dev->ethtool_ops, upper->ops->orig_ethtool);
	WRITE_ONCE(upper->dev->netdev_ops, upper->ops->orig);
}

static int xdp_rxh_restore_all(void *data)
{
	const struct xdp_rxh_type *type = data;
	struct xdp_rxh_upper *upper;
	int i;

	hash_for_each(xdp_rxh_uppers, i, upper, node)
		if (upper->type == type)
			xdp_rxh_restore(upper);
	return 0;
}

/**
 * xdp_rxh_type_withdraw - give all devices of a type their operations back
 * @type: the type
 *
 * At module unload, ahead of unregistering the notifier: no device of the type
 * has a native program then, nor can get one.
 *
 * devmap looks at ndo_xdp_xmit when it queues a frame and calls it when it
 * flushes the queue: it must not go away in between. Both happen in one
 * section with BH off, which on most kernels stop_machine() can't interrupt.
 * Where it can be preempted (PREEMPT_RT), devices have xdp_features, which
 * devmap asks before it queues: these go first, and a grace period earlier.
 *
 * Context: RTNL; may sleep.
 */
void xdp_rxh_type_withdraw(struct xdp_rxh_type *type)
{
	struct xdp_rxh_upper *upper;
	int i;

	ASSERT_RTNL();
	type->withdrawn = true;
	hash_for_each(xdp_rxh_uppers, i, upper, node)
		if (upper->type == type && upper->ops && !upper->waiting)
			xdp_set_features_flag(upper->dev, 0);
	synchronize_net();
	stop_machine(xdp_rxh_restore_all, type, NULL);
}
EXPORT_SYMBOL_GPL(xdp_rxh_type_withdraw);

static void xdp_rxh_upper_free(struct rcu_head *rcu)
{
	struct xdp_rxh_upper *upper;

	upper = container_of(rcu, struct xdp_rxh_upper, rcu);
	free_percpu(upper->stats);
	kfree(upper);
}

static void xdp_rxh_find_readers(struct xdp_rxh_upper *upper)
{
	static const int none;
	const struct xdp_rxh_deliver *deliver;
	const int *readers = NULL;

	deliver = rtnl_dereference(upper->type->deliver);
	if (deliver)
		readers = deliver->readers(upper->dev);
	WRITE_ONCE(upper->readers, readers ?: &none);
}

/**
 * xdp_rxh_type_set_deliver - where frames go that a type's programs passed
 * @type: the type
 * @deliver: to their readers, without an sk_buff; or %NULL for the skb path
 *
 * After a change to %NULL, what was given before is in use until a grace period
 * has passed.
 *
 * Context: RTNL.
 */
void xdp_rxh_type_set_deliver(struct xdp_rxh_type *type,
			      const struct xdp_rxh_deliver *deliver)
{
	struct xdp_rxh_upper *upper;
	int i;

	ASSERT_RTNL();
	rcu_assign_pointer(type->deliver, deliver);
	hash_for_each(xdp_rxh_uppers, i, upper, node) {
		if (upper->type != type)
			continue;
		xdp_rxh_check_sums(upper);
		xdp_rxh_find_readers(upper);
	}
}
EXPORT_SYMBOL_GPL(xdp_rxh_type_set_deliver);

/*
 * Who administers an upper, but not its lower, can make another one of it, in any
 * namespace of his. What the lower's owners have said of the one holds for the
 * other.
 */
static u8 xdp_rxh_upper_inherit(const struct xdp_rxh_port *port)
{
	const struct xdp_rxh_upper *other;
	u8 handler = XDP_RXH_HANDLER_ANY;

	if (ns_capable_noaudit(dev_net(port->dev)->user_ns, CAP_NET_ADMIN))
		return handler;
	list_for_each_entry(other, &port->uppers, list)
		if (handler != XDP_RXH_HANDLER_NONE &&
		    other->handler != XDP_RXH_HANDLER_ANY &&
		    ns_capable_noaudit(dev_net(other->dev)->user_ns,
				       CAP_NET_ADMIN))
			handler = other->handler;
	return handler;
}

/**
 * xdp_rxh_upper_add - give a device native XDP
 * @dev: the upper device
 * @lower: the device it is stacked on, or %NULL for one whose type has @native:
 *	such a device has as many as xdp_rxh_leg_add() tells
 * @type: what kind of device it is
 * @priv: argument for @type's functions; must stay until an RCU grace period
 *	after xdp_rxh_upper_del()
 * @registering: this is called for @dev's NETDEV_REGISTER itself, not for one
 *	that a notifier is told of afterwards
 *
 * To be called at NETDEV_REGISTER, with a notifier priority above 0, so that
 * @dev has its ndo_xdp_xmit before devmap looks for it.
 *
 * Context: RTNL; may sleep.
 *
 * Return: the upper, for xdp_rx_handler_func_t to return and until
 * xdp_rxh_upper_del(); or an ERR_PTR().
 */
struct xdp_rxh_upper *xdp_rxh_upper_add(struct net_device *dev,
					struct net_device *lower,
					struct xdp_rxh_type *type, void *priv,
					bool registering)
{
	u32 max = FIELD_MAX(XDP_RXH_F_ID);
	struct xdp_rxh_upper *upper;
	int err = -ENOMEM;

	ASSERT_RTNL();
	upper = kzalloc(sizeof(*upper), GFP_KERNEL);
	if (!upper)
		return ERR_PTR(-ENOMEM);
	upper->dev = dev;
	upper->type = type;
	upper->priv = priv;
	upper->chained.last_node = XDP_RXH_NODE_ENTRY;
	upper->stats = netdev_alloc_pcpu_stats(struct xdp_rxh_stats);
	if (!upper->stats)
		goto err_free;

	INIT_LIST_HEAD(&upper->legs);
	upper->port = lower ? xdp_rxh_port_get(lower) : NULL;
	if (IS_ERR(upper->port)) {
		err = PTR_ERR(upper->port);
		goto err_stats;
	}
	err = xa_alloc(&xdp_rxh_ids, &upper->id, upper,
		       XA_LIMIT(1, max), GFP_KERNEL);
	if (err)
		goto err_port;
	upper->sink_flags = xdp_rxh_sink_flags(upper, XDP_RXH_KIND_DELIVER);
	xdp_rxh_find_readers(upper);
	hash_add_rcu(xdp_rxh_uppers, &upper->node, (unsigned long)dev);
	if (upper->port) {
		upper->handler = xdp_rxh_upper_inherit(upper->port);
		list_add(&upper->list, &upper->port->uppers);
	} else {
		INIT_LIST_HEAD(&upper->list);
	}
	err = xdp_rxh_interpose(upper, registering);
	if (err)
		goto err_list;
	return upper;

err_list:
	list_del(&upper->list);
	hash_del_rcu(&upper->node);
	xa_erase(&xdp_rxh_ids, upper->id);
	if (upper->port)
		xdp_rxh_port_put(upper->port);
	call_rcu(&upper->rcu, xdp_rxh_upper_free);
	return ERR_PTR(err);
err_port:
	if (upper->port)
		xdp_rxh_port_put(upper->port);
err_stats:
	free_percpu(upper->stats);
err_free:
	kfree(upper);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(xdp_rxh_upper_add);

/**
 * xdp_rxh_upper_del - take native XDP from a device again
 * @upper: the upper; the handler must not return it any more
 *
 * Core has detached its program, if it had one: a device is unregistered only
 * then, and a module that could be unloaded has none attached.
 *
 * Context: RTNL; may sleep. @upper is freed after an RCU grace period.
 */
void xdp_rxh_upper_del(struct xdp_rxh_upper *upper)
{
	ASSERT_RTNL();
	xdp_rxh_port_orphan(upper);
	WARN_ON(rcu_access_pointer(upper->prog) || upper->users);
	WARN_ON(!list_empty(&upper->legs));

	/*
	 * The device is down and a grace period has passed since, or its
	 * operations have been withdrawn: nobody is about to call what goes.
	 */
	xdp_rxh_restore(upper);
	xdp_rxh_hook_del(upper);
	list_del(&upper->list);
	hash_del_rcu(&upper->node);
	xa_erase(&xdp_rxh_ids, upper->id);
	if (upper->port)
		xdp_rxh_port_put(upper->port);
	xdp_rxh_meta_free(upper);
	call_rcu(&upper->rcu, xdp_rxh_upper_free);
}
EXPORT_SYMBOL_GPL(xdp_rxh_upper_del);

/**
 * xdp_rxh_upper_event - a device came to a namespace, is leaving it or went up
 * @dev: any device
 * @event: NETDEV_REGISTER, NETDEV_UNREGISTER or NETDEV_UP
 *
 * A netdev hook is of a namespace, a program of a device.
 *
 * Context: RTNL.
 */
void xdp_rxh_upper_event(struct net_device *dev, unsigned long event)
{
	struct xdp_rxh_upper *upper = xdp_rxh_upper_find(dev);

	if (!upper)
		return;
	if (event == NETDEV_UNREGISTER) {
		xdp_rxh_hook_del(upper);
		return;
	}
	/* devmap comes behind us, and may have had no memory for its queue */
	if (upper->ops)
		xdp_rxh_select_ops(upper, event == NETDEV_REGISTER);
	/* it is down; xdp_rxh_upper_pre_up() tries again */
	if ((rcu_access_pointer(upper->prog) || upper->users) &&
	    xdp_rxh_hook_add(upper))
		netdev_warn(dev, "no ingress hook: it can't go up\n");
}

/**
 * xdp_rxh_upper_pre_up - a device is about to go up
 * @dev: any device; without its hook, which may not have found memory when it
 *	changed namespaces, frames would get past its program
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0, or a negative errno, with which @dev stays down.
 */
int xdp_rxh_upper_pre_up(struct net_device *dev)
{
	struct xdp_rxh_upper *upper = xdp_rxh_upper_find(dev);

	if (!upper || !(rcu_access_pointer(upper->prog) || upper->users))
		return 0;
	return xdp_rxh_hook_add(upper);
}

void xdp_rxh_upper_exit(void)
{
	cancel_delayed_work_sync(&xdp_rxh_wait);
	/* xdp_rxh_upper_free() is our code */
	rcu_barrier();
	xa_destroy(&xdp_rxh_ids);
}
