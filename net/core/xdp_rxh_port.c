// SPDX-License-Identifier: GPL-2.0
/*
 * Ports: what we keep for a lower device, and the port program its driver is
 * given while an upper has a program.
 *
 * Under RTNL throughout. The fast path reaches a port through the pointer that
 * its port program holds, so a port is complete before its program is
 * handed to the driver, and freed an RCU grace period after the driver has
 * given it back.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include <net/netdev_rx_queue.h>
#include <uapi/linux/xdp_rx_handler.h>

#include "xdp_rxh.h"
#include "xdp_rxh_chain.h"

static LIST_HEAD(xdp_rxh_ports);

/*
 * A lower outlives its port: a new one's chain must not look like one of the
 * old one's. Where the next port goes on counting.
 */
static struct xdp_rxh_chained xdp_rxh_retired = {
	.last_node = XDP_RXH_NODE_ENTRY,
};

/**
 * xdp_rxh_port_find - the port of a device
 * @lower: any device
 *
 * Context: RTNL.
 *
 * Return: the port, or %NULL.
 */
struct xdp_rxh_port *xdp_rxh_port_find(const struct net_device *lower)
{
	struct xdp_rxh_port *port;

	list_for_each_entry(port, &xdp_rxh_ports, list)
		if (port->dev == lower)
			return port;
	return NULL;
}

/**
 * xdp_rxh_port_next - go through the ports of a namespace whose device is no
 *	upper
 * @net: the namespace
 * @after: an ifindex, or 0; ports come in the order of theirs
 * @all: all of them, and not only those that have a chain, or a switch that is
 *	not as it was
 *
 * Context: RTNL.
 *
 * Return: the next port, or %NULL.
 */
struct xdp_rxh_port *xdp_rxh_port_next(const struct net *net, int after,
				       bool all)
{
	struct xdp_rxh_port *port, *next = NULL;

	list_for_each_entry(port, &xdp_rxh_ports, list) {
		if (!all && !port->chained.chain &&
		    port->hand_up == XDP_RXH_HAND_UP_ON)
			continue;
		if (net_eq(dev_net(port->dev), net) &&
		    port->dev->ifindex > after &&
		    (!next || port->dev->ifindex < next->dev->ifindex) &&
		    !xdp_rxh_upper_find(port->dev))
			next = port;
	}
	return next;
}

/**
 * xdp_rxh_port_get - the port of a lower device, made where there is none
 * @lower: the lower device
 *
 * Context: RTNL; may sleep.
 *
 * Return: the port with a reference, or an ERR_PTR().
 */
struct xdp_rxh_port *xdp_rxh_port_get(struct net_device *lower)
{
	struct xdp_rxh_port *port;

	ASSERT_RTNL();
	port = xdp_rxh_port_find(lower);
	if (port) {
		port->refs++;
		return port;
	}

	port = kzalloc(sizeof(*port), GFP_KERNEL);
	if (!port)
		return ERR_PTR(-ENOMEM);
	port->dev = lower;
	port->generic_rxq = (unsigned long)lower->_rx;
	port->generic_size = lower->num_rx_queues * sizeof(*lower->_rx);
	port->no_sink = ULONG_MAX;
	port->refs = 1;
	port->hand_up = XDP_RXH_HAND_UP_ON;
	port->chained = xdp_rxh_retired;
	INIT_LIST_HEAD(&port->uppers);
	netdev_hold(lower, &port->tracker, GFP_KERNEL);
	list_add(&port->list, &xdp_rxh_ports);
	return port;
}

/*
 * The shadow belongs to the lower, not to us: a driver that keeps its xdp_buff
 * keeps a pointer into it, beyond the port and beyond this module. Where no
 * frame ever left with it, it can go.
 */
static void xdp_rxh_shadow_free(struct xdp_rxh_port *port)
{
	if (port->shadow && !port->shadow_used)
		devm_kfree(&port->dev->dev, port->shadow);
	port->shadow = NULL;
	port->nr_shadow = 0;
}

/* What a driver may still point to must not name an upper that is gone. */
static void xdp_rxh_shadow_reset(struct xdp_rxh_port *port)
{
	unsigned int i;

	for (i = 0; port->shadow_used && i < port->nr_shadow; i++) {
		port->shadow[i].rxq.dev = port->dev;
		port->shadow[i].rxq.queue_index = i;
	}
}

static int xdp_rxh_shadow_alloc(struct xdp_rxh_port *port)
{
	unsigned int nr = port->dev->num_rx_queues;

	if (port->shadow)
		return 0;
	port->shadow = devm_kcalloc(&port->dev->dev, nr, sizeof(*port->shadow),
				    GFP_KERNEL);
	if (!port->shadow)
		return -ENOMEM;
	port->nr_shadow = nr;
	port->shadow_used = false;
	return 0;
}

/**
 * xdp_rxh_port_put - give back a reference on a port
 * @port: the port
 *
 * Context: RTNL.
 */
void xdp_rxh_port_put(struct xdp_rxh_port *port)
{
	ASSERT_RTNL();
	if (--port->refs)
		return;
	list_del(&port->list);
	xdp_rxh_retired.generation = max(xdp_rxh_retired.generation,
					 port->chained.generation);
	xdp_rxh_retired.last_node = max(xdp_rxh_retired.last_node,
					port->chained.last_node);
	xdp_rxh_shadow_free(port);
	netdev_put(port->dev, &port->tracker);
	kfree_rcu(port, rcu);
}

/*
 * Core refuses to touch a lower's program while a direct upper has one, but
 * does not look two levels up, nor does bonding. Let the lower's xdp_state name
 * the port program, so that devices below it, which may come later, are
 * protected too. The program has no id: nobody is shown it.
 */
static void xdp_rxh_port_record(struct xdp_rxh_port *port,
				struct bpf_prog *prog)
{
	struct bpf_xdp_entity *state = &port->dev->xdp_state[XDP_MODE_DRV];

	if (port->recorded) {
		port->recorded = false;
		if (state->prog == port->prog) {
			state->prog = NULL;
			bpf_prog_put(port->prog);
		}
	}
	if (prog && !port->own && !(port->below && port->below->entry)) {
		bpf_prog_inc(prog);
		state->prog = prog;
		port->recorded = true;
	}
}

/* Hands @prog, may be %NULL, to the driver, which gets a reference of its own. */
static int xdp_rxh_port_setup(struct xdp_rxh_port *port, struct bpf_prog *prog,
			      struct netlink_ext_ack *extack)
{
	struct net_device *lower = port->dev;
	struct netdev_bpf bpf = {
		.command = XDP_SETUP_PROG,
		.prog = prog,
		.extack = extack,
	};
	int err;

	if (port->orphan)
		return 0;
	if (port->below)
		return xdp_rxh_upper_stack(port->below, prog, extack);
	/* bonding forgets to put the program that it replaces */
	if (prog && netif_is_bond_master(lower)) {
		err = xdp_rxh_port_setup(port, NULL, extack);
		if (err)
			return err;
	}
	if (prog)
		bpf_prog_inc(prog);
	err = dev_xdp_propagate(lower, &bpf);
	if (err && prog)
		bpf_prog_put(prog);
	return err;
}

/**
 * xdp_rxh_port_swap - a new port program in place of the present one, if any
 * @port: the port
 * @frags: whether it takes frames in several fragments
 * @extack: says what is wrong
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0, or a negative errno and nothing changed.
 */
int xdp_rxh_port_swap(struct xdp_rxh_port *port, bool frags,
		      struct netlink_ext_ack *extack)
{
	struct bpf_prog *old = port->prog ?: port->own;
	struct bpf_prog *prog;
	int err;

	prog = xdp_rxh_prog_port(port, frags);
	if (!prog)
		return -ENOMEM;
	err = xdp_rxh_port_setup(port, prog, extack);
	if (err) {
		bpf_prog_put(prog);
		/* a bond has given up what it had */
		if (netif_is_bond_master(port->dev) && !port->below && old)
			xdp_rxh_port_setup(port, old, NULL);
		return err;
	}

	xdp_rxh_port_record(port, prog);
	if (port->prog)
		bpf_prog_put(port->prog);
	port->prog = prog;
	return 0;
}

/* All programs of a port see the same frames: in fragments or not. */
static int xdp_rxh_port_check_frags(const struct xdp_rxh_port *port,
				    const struct bpf_prog *prog,
				    unsigned int others,
				    struct netlink_ext_ack *extack)
{
	bool frags = prog->aux->xdp_has_frags;

	if (port->by_program)	/* asks each time */
		return 0;
	if ((port->own && port->own->aux->xdp_has_frags != frags) ||
	    (others && port->prog->aux->xdp_has_frags != frags)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "Programs with and without xdp.frags can't be mixed on one lower device");
		return -EOPNOTSUPP;
	}
	return 0;
}

/* What runs first is the chain, if there is one, or @own. */
static void xdp_rxh_port_set_own(struct xdp_rxh_port *port,
				 struct bpf_prog *own)
{
	struct xdp_rxh_chain *chain = port->chained.chain;

	port->own = own;
	rcu_assign_pointer(port->first, chain ? chain->prog : own);
}

static void xdp_rxh_port_put_own(struct xdp_rxh_port *port)
{
	struct bpf_prog *own = port->own;

	xdp_rxh_port_set_own(port, NULL);
	if (own)
		bpf_prog_put(own);
}

static int xdp_rxh_port_install(struct xdp_rxh_port *port,
				const struct bpf_prog *prog,
				struct netlink_ext_ack *extack)
{
	struct net_device *lower = port->dev;
	struct bpf_prog *stuck_own = port->own;
	int err;

	/* the program of an upper with legs is not for us to run */
	port->below = xdp_rxh_upper_stackable(lower);
	err = xdp_rxh_refuse(xdp_rxh_port_reason(port), extack);
	if (err)
		goto err_below;

	xdp_rxh_port_set_own(port, port->below ? NULL :
				   lower->xdp_state[XDP_MODE_DRV].prog);
	if (port->own)
		bpf_prog_inc(port->own);

	err = xdp_rxh_port_check_frags(port, prog, 0, extack);
	if (err)
		goto err_own;
	err = xdp_rxh_shadow_alloc(port);
	if (err)
		goto err_own;
	err = xdp_rxh_sink_get(port);
	if (err) {
		NL_SET_ERR_MSG_MOD(extack, "Can't create the sink device");
		goto err_own;
	}
	err = port->below ? 0 : xdp_rxh_vlan_off(lower, extack);
	if (err)
		goto err_sink;
	err = xdp_rxh_port_swap(port, prog->aux->xdp_has_frags, extack);
	if (err)
		goto err_vlan;
	if (stuck_own) {
		synchronize_net();
		bpf_prog_put(stuck_own);
	}
	return 0;

err_vlan:
	xdp_rxh_vlan_restore(lower);
err_sink:
	xdp_rxh_sink_put(port);
err_own:
	xdp_rxh_port_put_own(port);
	xdp_rxh_port_set_own(port, stuck_own);
err_below:
	port->below = NULL;
	return err;
}

/* The lower's own program is to hand frames up: its driver keeps it as it is. */
static int xdp_rxh_port_install_kfunc(struct xdp_rxh_port *port,
				      struct netlink_ext_ack *extack)
{
	struct net_device *lower = port->dev;
	int err;

	err = xdp_rxh_refuse(xdp_rxh_port_reason(port), extack);
	if (err)
		return err;
	err = xdp_rxh_sink_get(port);
	if (err) {
		NL_SET_ERR_MSG_MOD(extack, "Can't create the sink device");
		return err;
	}
	err = xdp_rxh_vlan_off(lower, extack);
	if (err) {
		xdp_rxh_sink_put(port);
		return err;
	}
	WRITE_ONCE(port->by_program, true);
	xdp_rxh_kfunc_add(port);
	return 0;
}

static void xdp_rxh_port_release_kfunc(struct xdp_rxh_port *port)
{
	xdp_rxh_kfunc_del(port);
	WRITE_ONCE(port->by_program, false);
	xdp_rxh_kfunc_sync();
	xdp_rxh_vlan_restore(port->dev);
	xdp_rxh_sink_put(port);
}

/**
 * xdp_rxh_port_hints - a program may ask the driver what it knows of a frame
 * @port: the port, whose driver has a port program
 * @bound: whether a program of an upper is bound to it, so that it may
 * @extack: says what is wrong
 *
 * From the first such program on, until the last program goes, the port program
 * keeps the driver's rxq for it.
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0, or a negative errno and nothing changed.
 */
int xdp_rxh_port_hints(struct xdp_rxh_port *port, bool bound,
		       struct netlink_ext_ack *extack)
{
	int err;

	/* handed up, a frame is no driver's any more that could be asked */
	if (port->by_program || port->hints || !bound)
		return 0;
	port->hints = true;
	err = xdp_rxh_port_swap(port, port->prog->aux->xdp_has_frags, extack);
	if (err)
		port->hints = false;
	return err;
}

static void xdp_rxh_port_stick(struct xdp_rxh_port *port, struct module *owner)
{
	__module_get(owner);
	port->stuck = owner;
	port->refs++;
}

static void xdp_rxh_port_unstick(struct xdp_rxh_port *port)
{
	module_put(port->stuck);
	port->stuck = NULL;
	port->refs--;
}

/**
 * xdp_rxh_port_attach - one more upper has a program
 * @port: the upper's port
 * @prog: the program
 * @extack: says what is wrong
 *
 * With the first one the lower's driver is given the port program. The lower's
 * own native program, if any, becomes part of it.
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0, or a negative errno and nothing changed.
 */
int xdp_rxh_port_attach(struct xdp_rxh_port *port, const struct bpf_prog *prog,
			struct netlink_ext_ack *extack)
{
	int err;

	ASSERT_RTNL();
	if (!port->nr_progs && port->hand_up == XDP_RXH_HAND_UP_PROGRAM) {
		err = xdp_rxh_port_install_kfunc(port, extack);
	} else if (!port->nr_progs) {
		port->hints = xdp_prog_is_dev_bound(prog);
		err = xdp_rxh_port_install(port, prog, extack);
		if (!err && port->stuck)
			xdp_rxh_port_unstick(port);
	} else {
		err = xdp_rxh_port_check_frags(port, prog, port->nr_progs,
					       extack);
		if (!err)
			err = xdp_rxh_port_hints(port,
						 xdp_prog_is_dev_bound(prog),
						 extack);
	}
	if (err)
		return err;
	if (!port->nr_progs++)
		xdp_rxh_upper_programs(port);
	return 0;
}

/**
 * xdp_rxh_port_attach_upper - an upper, or a leg of one, gets its first program
 * @upper: the upper or the leg
 * @prog: the program
 * @extack: says what is wrong
 *
 * Provided that those who own the lower let it.
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0, or a negative errno and nothing changed.
 */
int xdp_rxh_port_attach_upper(struct xdp_rxh_upper *upper,
			      const struct bpf_prog *prog,
			      struct netlink_ext_ack *extack)
{
	int err = xdp_rxh_refuse(xdp_rxh_switch_reason(upper), extack);

	if (err)
		return err;
	/* while it was down, its chain may have lost the driver to a link */
	xdp_rxh_lower_recheck(upper->port->dev);
	return xdp_rxh_port_attach(upper->port, prog, extack);
}

/* The caller has a reference on @port. */
static void xdp_rxh_port_switch(struct xdp_rxh_port *port, u8 hand_up)
{
	port->refs -= port->hand_up != XDP_RXH_HAND_UP_ON;
	port->hand_up = hand_up;
	port->refs += port->hand_up != XDP_RXH_HAND_UP_ON;
}

static int xdp_rxh_port_check_switch(const struct xdp_rxh_port *port,
				     u8 hand_up, struct netlink_ext_ack *extack)
{
	bool by_program = hand_up == XDP_RXH_HAND_UP_PROGRAM;

	if (hand_up != XDP_RXH_HAND_UP_OFF && port->nr_progs &&
	    by_program != port->by_program) {
		NL_SET_ERR_MSG_MOD(extack,
				   "Detach the native programs above the device, and delete its chain, first");
		return -EBUSY;
	}
	return by_program ? xdp_rxh_kfunc_get(extack) : 0;
}

/**
 * xdp_rxh_port_set_hand_up - may uppers of a device have native programs
 * @lower: the device, which need have no uppers yet
 * @hand_up: XDP_RXH_HAND_UP_*
 * @extack: says what is wrong
 *
 * Programs that are attached stay. It lasts as long as the device and this
 * module, whatever becomes of the uppers.
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0; -ENOMEM; -EBUSY if it can't be done while there are programs; or as
 * xdp_rxh_kfunc_get().
 */
int xdp_rxh_port_set_hand_up(struct net_device *lower, u8 hand_up,
			     struct netlink_ext_ack *extack)
{
	struct xdp_rxh_port *port = xdp_rxh_port_get(lower);
	int err;

	if (IS_ERR(port))
		return PTR_ERR(port);
	err = xdp_rxh_port_check_switch(port, hand_up, extack);
	if (!err)
		xdp_rxh_port_switch(port, hand_up);
	xdp_rxh_port_put(port);
	return err;
}

/* Of the module, ahead of unloading it: no port is left but for a switch. */
void xdp_rxh_port_exit(void)
{
	struct xdp_rxh_port *port, *tmp;

	rtnl_lock();
	list_for_each_entry_safe(port, tmp, &xdp_rxh_ports, list) {
		port->refs++;
		xdp_rxh_port_switch(port, XDP_RXH_HAND_UP_ON);
		xdp_rxh_port_put(port);
	}
	WARN_ON(!list_empty(&xdp_rxh_ports));
	rtnl_unlock();
}

/**
 * xdp_rxh_port_replace - an upper's program is about to be replaced
 * @port: the upper's port
 * @prog: the new program
 * @extack: says what is wrong
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0, or a negative errno and nothing changed.
 */
int xdp_rxh_port_replace(struct xdp_rxh_port *port, const struct bpf_prog *prog,
			 struct netlink_ext_ack *extack)
{
	bool hints = port->hints;
	int err;

	ASSERT_RTNL();
	err = xdp_rxh_port_check_frags(port, prog, port->nr_progs - 1, extack);
	if (err)
		return err;
	if (port->by_program)
		return 0;
	port->hints |= xdp_prog_is_dev_bound(prog);
	if (port->prog->aux->xdp_has_frags == prog->aux->xdp_has_frags &&
	    port->hints == hints)
		return 0;
	err = xdp_rxh_port_swap(port, prog->aux->xdp_has_frags, extack);
	if (err)
		port->hints = hints;
	return err;
}

/* The driver runs the port program no more. */
static void xdp_rxh_port_release(struct xdp_rxh_port *port)
{
	bpf_prog_put(port->prog);
	port->prog = NULL;
	xdp_rxh_vlan_restore(port->dev);
	/* Frames may still be inside it, or from there on their way to the sink. */
	synchronize_net();
	xdp_rxh_sink_put(port);
	port->below = NULL;
	xdp_rxh_shadow_reset(port);
	xdp_rxh_port_put_own(port);
}

/**
 * xdp_rxh_port_detach - one upper less has a program
 * @port: the upper's port
 * @owner: the module of the port's handler
 *
 * With the last one the lower's driver gets its own program back, provided
 * core still names it: core takes it from a dying lower before anybody is
 * told. A driver that refuses keeps the port program, which then passes every
 * frame on, and a reference on @owner.
 *
 * Context: RTNL; may sleep.
 */
void xdp_rxh_port_detach(struct xdp_rxh_port *port, struct module *owner)
{
	struct net_device *lower = port->dev;
	struct bpf_prog *own = port->own;
	int err;

	ASSERT_RTNL();
	if (--port->nr_progs) {
		if (port->by_program)
			xdp_rxh_kfunc_sync();
		return;
	}

	xdp_rxh_upper_programs(port);
	if (port->by_program) {
		xdp_rxh_port_release_kfunc(port);
		return;
	}
	if (own && lower->xdp_state[XDP_MODE_DRV].prog != own)
		own = NULL;
	xdp_rxh_port_record(port, NULL);
	/* a link's has taken the port program's place: see xdp_rxh_lower_recheck() */
	err = xdp_rxh_lower_link(port) ? 0 : xdp_rxh_port_setup(port, own, NULL);
	if (!err) {
		xdp_rxh_port_release(port);
		return;
	}
	netdev_err(lower, "driver keeps the port program: error %d\n", err);
	xdp_rxh_prog_pass(port->prog);
	xdp_rxh_vlan_restore(lower);
	synchronize_net();
	xdp_rxh_sink_put(port);
	xdp_rxh_port_stick(port, owner);
}

/**
 * xdp_rxh_port_dying - a device is being unregistered
 * @lower: the device; closed, so that its driver runs no program any more
 *
 * Context: RTNL.
 */
void xdp_rxh_port_dying(struct net_device *lower)
{
	struct xdp_rxh_port *port = xdp_rxh_port_find(lower);

	if (!port)
		return;
	port->refs++;		/* keep it till the end of this function */
	if (port->stuck) {
		xdp_rxh_port_release(port);
		xdp_rxh_port_unstick(port);
	}
	xdp_rxh_port_switch(port, XDP_RXH_HAND_UP_ON);
	/*
	 * Of devices that are unregistered together, uppers may keep the port
	 * for longer than the lower has its memory. A tun's writer may still be
	 * inside a program that its driver has given back.
	 */
	if (port->shadow) {
		synchronize_net();
		xdp_rxh_shadow_free(port);
	}
	xdp_rxh_port_put(port);
}

/**
 * xdp_rxh_port_orphan - a stacked port's device goes before what is on it
 * @below: the upper that goes, whose device the port's is; has no legs any more
 *
 * Of devices that are unregistered together, a bond may be finished while a
 * macvlan on it still has its program.
 *
 * Context: RTNL; may sleep.
 */
void xdp_rxh_port_orphan(struct xdp_rxh_upper *below)
{
	struct xdp_rxh_port *port = xdp_rxh_port_find(below->dev);

	if (!port || port->below != below)
		return;
	xdp_rxh_upper_stack(below, NULL, NULL);
	port->below = NULL;
	port->orphan = true;
	/* the device's before its last reference goes; no frame is under way */
	xdp_rxh_shadow_free(port);
}

/**
 * xdp_rxh_port_leaving - a device is about to leave its namespace
 * @lower: the device; where it has a port program, that must not redirect to the
 *	sink any more: the next namespace may have another device of that number
 *
 * Though it is down: tun runs its program then, too.
 *
 * Context: RTNL; may sleep.
 */
void xdp_rxh_port_leaving(struct net_device *lower)
{
	struct xdp_rxh_port *port = xdp_rxh_port_find(lower);

	if (!port || !port->nr_progs)
		return;
	WRITE_ONCE(port->no_sink, ULONG_MAX);
	synchronize_net();
}

/**
 * xdp_rxh_port_moved - a device was registered in a namespace
 * @lower: the device; where it has a port program, that port needs the sink of
 *	the namespace it is in now
 *
 * Context: RTNL.
 */
void xdp_rxh_port_moved(struct net_device *lower)
{
	struct xdp_rxh_port *port = xdp_rxh_port_find(lower);

	if (!port || !port->nr_progs || port->sink_net == dev_net(lower))
		return;
	xdp_rxh_sink_put(port);
	/* it is down; xdp_rxh_port_pre_up() tries again */
	if (xdp_rxh_sink_get(port))
		netdev_warn(lower, "no sink device: it can't go up\n");
}

/**
 * xdp_rxh_port_pre_up - a device is about to go up
 * @lower: the device; where it has a port program, that needs a sink
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0, or a negative errno, with which @lower stays down.
 */
int xdp_rxh_port_pre_up(struct net_device *lower)
{
	struct xdp_rxh_port *port = xdp_rxh_port_find(lower);

	return port && port->nr_progs ? xdp_rxh_sink_get(port) : 0;
}

/**
 * netdev_xdp_rx_handler_register - name the uppers of a device's frames
 * @lower: device to register the handler for
 * @handler: names the upper a frame is for
 * @priv: argument for @handler; must stay until an RCU grace period after
 *	netdev_xdp_rx_handler_unregister()
 *
 * The twin of netdev_rx_handler_register(). A device has one handler at most.
 * The handler is first called when an upper of @lower gets a native program.
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0, -EBUSY if @lower has a handler already, -ENOMEM.
 */
int netdev_xdp_rx_handler_register(struct net_device *lower,
				   const struct xdp_rx_handler *handler,
				   void *priv)
{
	struct xdp_rxh_port *port;

	ASSERT_RTNL();
	port = xdp_rxh_port_get(lower);
	if (IS_ERR(port))
		return PTR_ERR(port);
	if (port->registered) {
		xdp_rxh_port_put(port);
		return -EBUSY;
	}
	port->priv = priv;
	port->handler = handler;
	port->registered = true;
	return 0;
}
EXPORT_SYMBOL_GPL(netdev_xdp_rx_handler_register);

/**
 * netdev_xdp_rx_handler_unregister - take back a device's handler
 * @lower: the device
 *
 * No upper of @lower may have a native program any more.
 *
 * Context: RTNL. The handler may still be running, and its argument in use,
 * until an RCU grace period has passed.
 *
 * Return: true; false where the lower's driver refused to give up the port
 * program, which goes on calling the handler: its argument must then never be
 * freed. The driver has said so in the log, and the modules can't be unloaded.
 */
bool netdev_xdp_rx_handler_unregister(struct net_device *lower)
{
	struct xdp_rxh_port *port = xdp_rxh_port_find(lower);
	bool idle;

	ASSERT_RTNL();
	if (port)
		xdp_rxh_lower_drop_chain(port);
	if (WARN_ON(!port || !port->registered || port->nr_progs))
		return true;
	idle = !port->stuck;
	port->registered = !idle;
	xdp_rxh_port_put(port);
	return idle;
}
EXPORT_SYMBOL_GPL(netdev_xdp_rx_handler_unregister);
