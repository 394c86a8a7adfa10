// SPDX-License-Identifier: GPL-2.0
/*
 * Chains on lowers: programs behind a lower's own, or without one, ahead of
 * what its uppers have.
 *
 * Core lets nobody change a lower's program while an upper has one. A chain can
 * be changed at any time: it is the port program's, which core knows nothing
 * of. It counts as one more user of that, so that the port program is there
 * where no upper has a program. Then core would let the lower's own program be
 * replaced, the port program and the chain with it: see
 * xdp_rxh_lower_recheck().
 *
 * All of this is under RTNL.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "xdp_rxh.h"
#include "xdp_rxh_chain.h"

/**
 * xdp_rxh_lower_entry - the program that a lower's chain begins with
 * @port: the lower's port
 *
 * Context: RTNL.
 *
 * Return: the lower's own native program, or %NULL.
 */
struct bpf_prog *xdp_rxh_lower_entry(const struct xdp_rxh_port *port)
{
	return port->nr_progs && !port->by_program ?
	       port->own : port->dev->xdp_state[XDP_MODE_DRV].prog;
}

static void xdp_rxh_lower_publish(struct xdp_rxh_port *port,
				  struct xdp_rxh_chain *chain)
{
	/* pairs with smp_load_acquire() in xdp_rxh_trace_bpf() */
	smp_store_release(&port->chained.chain, chain);
	rcu_assign_pointer(port->first, chain ? chain->prog : port->own);
}

/* The port program must have something to run ahead of the handler, or not. */
static int xdp_rxh_lower_swap(struct xdp_rxh_port *port,
			      struct netlink_ext_ack *extack)
{
	return xdp_rxh_port_swap(port, port->prog->aux->xdp_has_frags, extack);
}

static int xdp_rxh_lower_begin(struct xdp_rxh_port *port,
			       struct xdp_rxh_chain *chain,
			       struct netlink_ext_ack *extack)
{
	const struct bpf_prog *prog = xdp_rxh_chain_first(chain);
	struct xdp_rxh_upper *upper;
	bool installed = port->nr_progs;
	int err;

	if (port->by_program || port->hand_up == XDP_RXH_HAND_UP_PROGRAM) {
		NL_SET_ERR_MSG_MOD(extack,
				   "Device is set to hand frames up by its own program: it can have no chain");
		return -EBUSY;
	}
	upper = list_first_entry_or_null(&port->uppers, struct xdp_rxh_upper,
					 list);
	if (!upper || upper->type->withdrawn ||
	    !try_module_get(upper->type->owner)) {
		NL_SET_ERR_MSG_MOD(extack, "Device is the lower of no other");
		return -ENODEV;
	}
	port->chain_owner = upper->type->owner;
	xdp_rxh_lower_publish(port, chain);
	err = xdp_rxh_port_attach(port, prog, extack);
	if (err)
		goto err_publish;
	if (installed && !port->own)
		err = xdp_rxh_lower_swap(port, extack);
	if (err)
		goto err_attach;
	return 0;

err_attach:
	/* an upper has a program: nothing but a number to put back */
	xdp_rxh_port_detach(port, port->chain_owner);
err_publish:
	xdp_rxh_lower_publish(port, NULL);
	module_put(port->chain_owner);
	return err;
}

static void xdp_rxh_lower_end(struct xdp_rxh_port *port)
{
	struct xdp_rxh_chain *chain = port->chained.chain;

	xdp_rxh_lower_publish(port, NULL);
	/* should that fail the present one stays, and finds nothing to run first */
	if (port->nr_progs > 1)
		xdp_rxh_lower_swap(port, NULL);
	xdp_rxh_port_detach(port, port->chain_owner);
	module_put(port->chain_owner);
	xdp_rxh_chain_free(chain);
}

static int xdp_rxh_lower_change(struct xdp_rxh_port *port,
				struct xdp_rxh_chain *chain,
				struct netlink_ext_ack *extack)
{
	struct xdp_rxh_chain *old = port->chained.chain;
	int err;

	err = xdp_rxh_port_replace(port, xdp_rxh_chain_first(chain), extack);
	if (err)
		return err;
	xdp_rxh_lower_publish(port, chain);
	xdp_rxh_chain_free(old);
	return 0;
}

/**
 * xdp_rxh_lower_set_chain - replace the programs behind a lower's own
 * @port: the lower's port
 * @chain: the new chain, which begins with xdp_rxh_lower_entry(); becomes the
 *	port's if this succeeds
 * @extack: says what is wrong
 *
 * Every frame meets the chain as it was or as it is then.
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0; as xdp_rxh_chain_finish() or xdp_rxh_port_attach(), and nothing
 * changed.
 */
int xdp_rxh_lower_set_chain(struct xdp_rxh_port *port,
			    struct xdp_rxh_chain *chain,
			    struct netlink_ext_ack *extack)
{
	int err;

	ASSERT_RTNL();
	err = xdp_rxh_chain_finish(chain, port->dev, extack);
	if (err)
		return err;
	if (!chain->prog) {
		if (port->chained.chain)
			xdp_rxh_lower_end(port);
		xdp_rxh_chain_free(chain);
	} else if (port->chained.chain) {
		err = xdp_rxh_lower_change(port, chain, extack);
	} else {
		err = xdp_rxh_lower_begin(port, chain, extack);
	}
	if (!err)
		port->chained.generation++;
	return err;
}

/**
 * xdp_rxh_lower_drop_chain - the port's handler is about to go
 * @port: the port
 *
 * Context: RTNL; may sleep.
 */
void xdp_rxh_lower_drop_chain(struct xdp_rxh_port *port)
{
	/* of what happened to a device that was down nobody told */
	xdp_rxh_lower_recheck(port->dev);
	if (!port->chained.chain)
		return;
	xdp_rxh_lower_end(port);
	port->chained.generation++;
	xdp_rxh_netlink_notify(port->dev);
}

/* The lower's own program is in the driver: put it at the chain's head. */
static int xdp_rxh_lower_head(struct xdp_rxh_port *port)
{
	struct xdp_rxh_chain *old = port->chained.chain, *chain;
	int err;

	chain = xdp_rxh_chain_copy(old, port->own);
	if (!chain)
		return -ENOMEM;
	err = xdp_rxh_chain_finish(chain, port->dev, NULL);
	if (err)
		goto err_chain;
	xdp_rxh_lower_publish(port, chain);
	err = xdp_rxh_port_swap(port, port->own->aux->xdp_has_frags, NULL);
	if (err)
		goto err_publish;
	xdp_rxh_chain_free(old);
	return 0;

err_publish:
	xdp_rxh_lower_publish(port, old);
err_chain:
	xdp_rxh_chain_free(chain);
	return err;
}

/**
 * xdp_rxh_lower_link - has a lower's driver a bpf_link's program?
 * @port: the lower's port
 *
 * Then it has no port program. (A bond with native XDP of ours may have both.)
 *
 * Context: RTNL.
 *
 * Return: true if so.
 */
bool xdp_rxh_lower_link(const struct xdp_rxh_port *port)
{
	return port->dev->xdp_state[XDP_MODE_DRV].link && !port->below;
}

/**
 * xdp_rxh_lower_recheck - a device may have been given another program
 * @lower: any device
 *
 * Nobody tells when a device's program is changed, but that something was
 * changed. Where no upper had a program, core let that be. A lower's new
 * program comes before its chain, as an upper's does; without one, or with a
 * bpf_link's, the chain goes.
 *
 * Context: RTNL; may sleep.
 */
void xdp_rxh_lower_recheck(struct net_device *lower)
{
	struct xdp_rxh_port *port = xdp_rxh_port_find(lower);
	struct bpf_prog *is, *was;

	if (!port || !port->chained.chain)
		return;
	is = lower->xdp_state[XDP_MODE_DRV].prog;
	was = port->recorded ? port->prog : port->own;
	if (is == was && !xdp_rxh_lower_link(port))
		return;
	port->recorded = false;		/* core has put it */
	port->chained.generation++;
	was = port->own;
	port->own = is;
	if (is)
		bpf_prog_inc(is);
	if (!is || xdp_rxh_lower_head(port)) {
		if (is)
			netdev_warn(lower, "its chain does not go with the new program, and was removed\n");
		xdp_rxh_lower_end(port);
	}
	if (was)
		bpf_prog_put(was);
	xdp_rxh_netlink_notify(lower);
}
