// SPDX-License-Identifier: GPL-2.0
/*
 * Legs: uppers with several lowers, as a bond.
 *
 * Such an upper has no port. For each of its lowers it has a leg, which is a
 * struct xdp_rxh_upper too: the one that the handler of that lower's port
 * names. So the fast path finds the lower's port and the upper's program where
 * it finds those of an upper with one lower. Legs share the upper's counters
 * and its id; frames that the sink gets, and sk_buffs, know the upper only.
 *
 * Where the device is the lower of others, as a bond of macvlans, its own port
 * is not given to its driver: the legs run that port's program on frames that
 * the upper's program passed.
 *
 * Under RTNL; the fast path reads @prog and @next of a leg under RCU.
 */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "xdp_rxh.h"
#include "xdp_rxh_chain.h"

/**
 * xdp_rxh_upper_stackable - the upper whose legs run the programs of a port
 * @dev: the port's device
 *
 * Context: RTNL.
 *
 * Return: the upper, or %NULL where @dev is no upper with legs, or its driver
 * has a program that we leave alone.
 */
struct xdp_rxh_upper *xdp_rxh_upper_stackable(const struct net_device *dev)
{
	struct xdp_rxh_upper *upper = xdp_rxh_upper_find(dev);

	if (!upper || upper->port || !upper->ops || upper->waiting ||
	    upper->type->withdrawn)
		return NULL;
	return upper;
}

/**
 * xdp_rxh_has_leg - does a device's XDP depend on another's
 * @upper: the device's upper
 * @lower: any device, @upper's own included
 *
 * Context: RTNL.
 *
 * Return: true if @upper's XDP features are to be computed anew when those of
 * @lower change.
 */
bool xdp_rxh_has_leg(const struct xdp_rxh_upper *upper,
		     const struct net_device *lower)
{
	const struct xdp_rxh_upper *leg;

	if (upper->port)
		return upper->port->dev == lower;
	/* a bond computes them itself, and wrongly */
	if (upper->dev == lower)
		return true;
	list_for_each_entry(leg, &upper->legs, list)
		if (leg->port->dev == lower)
			return true;
	return false;
}

/**
 * xdp_rxh_legs_features - XDP features that all lowers of an upper have
 * @upper: an upper with legs
 *
 * Context: RTNL.
 *
 * Return: the features.
 */
xdp_features_t xdp_rxh_legs_features(const struct xdp_rxh_upper *upper)
{
	xdp_features_t features = ~(xdp_features_t)0;
	const struct xdp_rxh_upper *leg;

	list_for_each_entry(leg, &upper->legs, list) {
		features &= netdev_xdp_features(leg->port->dev);
		if (!xdp_rxh_has_native(leg->port->dev))
			features &= NETDEV_XDP_ACT_NDO_XMIT |
				    NETDEV_XDP_ACT_NDO_XMIT_SG;
	}
	return features;
}

static void xdp_rxh_legs_detach(struct xdp_rxh_upper *upper,
				struct xdp_rxh_upper *end)
{
	struct xdp_rxh_upper *leg;

	list_for_each_entry(leg, &upper->legs, list) {
		if (leg == end)
			break;
		xdp_rxh_port_detach(leg->port, upper->type->owner);
	}
}

static int xdp_rxh_legs_attach(struct xdp_rxh_upper *upper,
			       const struct bpf_prog *prog,
			       struct netlink_ext_ack *extack)
{
	struct xdp_rxh_upper *leg;
	int err;

	list_for_each_entry(leg, &upper->legs, list) {
		err = xdp_rxh_port_attach_upper(leg, prog, extack);
		if (err) {
			xdp_rxh_legs_detach(upper, leg);
			return err;
		}
	}
	err = xdp_rxh_hook_add(upper);
	if (err) {
		NL_SET_ERR_MSG_MOD(extack, "Can't register the ingress hook");
		xdp_rxh_legs_detach(upper, NULL);
	}
	return err;
}

/**
 * xdp_rxh_legs_hints - xdp_rxh_port_hints() for all lowers of an upper
 * @upper: an upper with legs
 * @bound: whether a program is bound to it
 * @extack: says what is wrong
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0, or a negative errno: some lowers may keep more than they need then.
 */
int xdp_rxh_legs_hints(struct xdp_rxh_upper *upper, bool bound,
		       struct netlink_ext_ack *extack)
{
	struct xdp_rxh_upper *leg;
	int err = 0;

	list_for_each_entry(leg, &upper->legs, list)
		err = err ?: xdp_rxh_port_hints(leg->port, bound, extack);
	return err;
}

/* One more program on legs that run one already, the upper's or one above it. */
static int xdp_rxh_legs_share(struct xdp_rxh_upper *upper,
			      const struct bpf_prog *prog,
			      struct netlink_ext_ack *extack)
{
	if (upper->frags != prog->aux->xdp_has_frags) {
		NL_SET_ERR_MSG_MOD(extack,
				   "Programs with and without xdp.frags can't be mixed on a device and those above it");
		return -EOPNOTSUPP;
	}
	return xdp_rxh_legs_hints(upper, xdp_prog_is_dev_bound(prog), extack);
}

/**
 * xdp_rxh_legs_get - have the drivers below run an upper's program, or what is
 *	stacked on it
 * @upper: an upper with legs
 * @prog: the program, or the port program of what is stacked
 * @extack: says what is wrong
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0, or a negative errno and nothing changed.
 */
int xdp_rxh_legs_get(struct xdp_rxh_upper *upper, const struct bpf_prog *prog,
		     struct netlink_ext_ack *extack)
{
	int err;

	ASSERT_RTNL();
	err = upper->users ? xdp_rxh_legs_share(upper, prog, extack) :
			     xdp_rxh_legs_attach(upper, prog, extack);
	if (err)
		return err;
	upper->frags = prog->aux->xdp_has_frags;
	upper->users++;
	return 0;
}

/**
 * xdp_rxh_legs_put - undo xdp_rxh_legs_get()
 * @upper: an upper with legs, which name the program no more
 *
 * Context: RTNL; may sleep.
 */
void xdp_rxh_legs_put(struct xdp_rxh_upper *upper)
{
	ASSERT_RTNL();
	if (--upper->users)
		return;
	xdp_rxh_hook_del(upper);
	xdp_rxh_legs_detach(upper, NULL);
}

/**
 * xdp_rxh_legs_replace - a program on an upper's legs is about to be replaced
 * @upper: an upper with legs
 * @prog: the new program
 * @old: the one it is to replace
 * @extack: says what is wrong
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0, or a negative errno and nothing changed.
 */
int xdp_rxh_legs_replace(struct xdp_rxh_upper *upper,
			 const struct bpf_prog *prog,
			 const struct bpf_prog *old,
			 struct netlink_ext_ack *extack)
{
	struct xdp_rxh_upper *leg;
	int err;

	ASSERT_RTNL();
	if (upper->users > 1)
		return xdp_rxh_legs_share(upper, prog, extack);

	list_for_each_entry(leg, &upper->legs, list) {
		err = xdp_rxh_port_replace(leg->port, prog, extack);
		if (err)
			goto err_replace;
	}
	upper->frags = prog->aux->xdp_has_frags;
	return 0;

err_replace:
	list_for_each_entry_continue_reverse(leg, &upper->legs, list)
		xdp_rxh_port_replace(leg->port, old, NULL);
	return err;
}

static int xdp_rxh_stack_first(struct xdp_rxh_upper *upper,
			       const struct bpf_prog *prog,
			       struct netlink_ext_ack *extack)
{
	int err;

	if (!try_module_get(upper->type->owner)) {
		NL_SET_ERR_MSG_MOD(extack, "Module is being unloaded");
		return -ENODEV;
	}
	err = xdp_rxh_legs_get(upper, prog, extack);
	if (err)
		module_put(upper->type->owner);
	return err;
}

/**
 * xdp_rxh_upper_stack - run a port program on what an upper passes
 * @upper: an upper with legs
 * @prog: program of the port that is @upper's device, or %NULL; the port keeps
 *	its reference until a grace period after this was called with another
 * @extack: says what is wrong
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0, or a negative errno and nothing changed; with %NULL always 0.
 */
int xdp_rxh_upper_stack(struct xdp_rxh_upper *upper, struct bpf_prog *prog,
			struct netlink_ext_ack *extack)
{
	struct bpf_prog *old = rtnl_dereference(upper->next);
	struct xdp_rxh_upper *leg;
	int err = 0;

	ASSERT_RTNL();
	if (prog)
		err = old ? xdp_rxh_legs_replace(upper, prog, old, extack) :
			    xdp_rxh_stack_first(upper, prog, extack);
	if (err)
		return err;
	rcu_assign_pointer(upper->next, prog);
	list_for_each_entry(leg, &upper->legs, list)
		rcu_assign_pointer(leg->next, prog);
	if (old && !prog) {
		xdp_rxh_legs_put(upper);
		module_put(upper->type->owner);
	}
	return 0;
}

/**
 * xdp_rxh_leg_add - an upper has got one more lower
 * @upper: an upper with legs
 * @lower: the lower; has an XDP rx handler
 *
 * Context: RTNL; may sleep.
 *
 * Return: the leg, for the handler to return and until xdp_rxh_leg_del(); or an
 * ERR_PTR(). xdp_rxh_leg_start() has to be called next.
 */
struct xdp_rxh_upper *xdp_rxh_leg_add(struct xdp_rxh_upper *upper,
				      struct net_device *lower)
{
	struct xdp_rxh_upper *leg;
	int err;

	ASSERT_RTNL();
	leg = kzalloc(sizeof(*leg), GFP_KERNEL);
	if (!leg)
		return ERR_PTR(-ENOMEM);
	leg->port = xdp_rxh_port_get(lower);
	if (IS_ERR(leg->port)) {
		err = PTR_ERR(leg->port);
		goto err_leg;
	}
	leg->dev = upper->dev;
	leg->stats = upper->stats;
	leg->type = upper->type;
	leg->priv = upper->priv;
	leg->readers = upper->readers;
	leg->sink_flags = upper->sink_flags;
	leg->id = upper->id;
	leg->whole = upper;
	INIT_LIST_HEAD(&leg->legs);
	err = xdp_rxh_meta_leg(leg);
	if (err)
		goto err_port;
	xdp_rxh_meta_publish(leg, xdp_rxh_upper_first(upper));
	rcu_assign_pointer(leg->next, rtnl_dereference(upper->next));
	INIT_LIST_HEAD(&leg->list);
	return leg;

err_port:
	xdp_rxh_port_put(leg->port);
err_leg:
	kfree(leg);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(xdp_rxh_leg_add);

/**
 * xdp_rxh_leg_set_queues - number the queues of a leg's lower
 * @leg: the leg
 * @slot: its place among those of the upper; programs see its queues from
 *	@slot times @nr on
 * @nr: how many may feed AF_XDP sockets of the upper
 *
 * No two legs' numbers may overlap, or two CPUs would feed one socket: to change
 * those of several, set @nr to 0 for all, wait for an RCU grace period and set
 * them anew. Until then programs see the old numbers.
 */
void xdp_rxh_leg_set_queues(struct xdp_rxh_upper *leg, u32 slot, u32 nr)
{
	if (!nr) {
		WRITE_ONCE(leg->nr_queues, 0);
		return;
	}
	leg->slot = slot;
	WRITE_ONCE(leg->queue_base, slot * nr);
	xdp_rxh_meta_queues(leg);
	/* pairs with smp_load_acquire() in xdp_rxh_to_xsk() */
	smp_store_release(&leg->nr_queues, nr);
}
EXPORT_SYMBOL_GPL(xdp_rxh_leg_set_queues);

/**
 * xdp_rxh_leg_start - have a leg's frames meet the upper's program
 * @leg: the leg
 * @extack: says what is wrong
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0; or a negative errno where the upper has a program that the lower
 * can't run: xdp_rxh_leg_del() is all that can be done then.
 */
int xdp_rxh_leg_start(struct xdp_rxh_upper *leg, struct netlink_ext_ack *extack)
{
	struct xdp_rxh_upper *upper = leg->whole;
	const struct xdp_rxh_chain *chain = upper->chained.chain;
	struct bpf_prog *prog;
	int err;

	ASSERT_RTNL();
	if (upper->users) {
		if (!xdp_rxh_has_native(leg->port->dev)) {
			NL_SET_ERR_MSG_MOD(extack,
					   "Device has no native XDP: detach the programs of the bond and above it first, or attach them as xdpgeneric");
			return -EOPNOTSUPP;
		}
		prog = upper->entry ?: rtnl_dereference(upper->next);
		err = xdp_rxh_port_attach_upper(leg, prog, extack);
		if (err)
			return err;
		err = xdp_rxh_port_hints(leg->port, chain && chain->bound,
					 extack);
		if (err) {
			xdp_rxh_port_detach(leg->port, upper->type->owner);
			return err;
		}
	}
	list_add_tail(&leg->list, &upper->legs);
	xdp_rxh_upper_features(upper->dev);
	prog = rtnl_dereference(upper->next);
	if (prog)
		xdp_rxh_upper_joined(xdp_rxh_insn_port(prog->insnsi));
	return 0;
}
EXPORT_SYMBOL_GPL(xdp_rxh_leg_start);

/**
 * xdp_rxh_leg_del - an upper has lost a lower
 * @leg: the leg; freed after an RCU grace period
 *
 * Context: RTNL; may sleep. The lower runs no program of the upper's any more
 * on return.
 */
void xdp_rxh_leg_del(struct xdp_rxh_upper *leg)
{
	struct xdp_rxh_upper *upper = leg->whole;
	bool stuck;

	ASSERT_RTNL();
	RCU_INIT_POINTER(leg->prog, NULL);
	RCU_INIT_POINTER(leg->next, NULL);
	if (!list_empty(&leg->list)) {
		list_del_init(&leg->list);
		if (upper->users)
			xdp_rxh_port_detach(leg->port, upper->type->owner);
		xdp_rxh_upper_features(upper->dev);
	}
	stuck = leg->port->stuck;
	xdp_rxh_port_put(leg->port);
	xdp_rxh_meta_free(leg);
	if (!stuck)	/* else the lower's driver still comes by */
		kfree_rcu(leg, rcu);
}
EXPORT_SYMBOL_GPL(xdp_rxh_leg_del);
