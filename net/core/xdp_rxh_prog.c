// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that are functions of ours.
 *
 * A bpf_prog runs by a call of bpf_func(ctx, insnsi). Where the JIT has not
 * put its code there, that is an interpreter, which makes of insnsi what it
 * will. For a port program it is the handler's run function, and insnsi holds
 * the port. So a driver's call lands in that function at once, there is no
 * generated code to step through or to look up in a stack trace, and it makes
 * no difference whether the JIT is on. The verifier never sees such a program:
 * it has no id and can't be had by user space.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <net/bonding.h>
#include <net/netdev_rx_queue.h>

#include "xdp_rxh.h"
#include "xdp_rxh_hints.h"

static struct bpf_prog *xdp_rxh_prog_alloc(xdp_rxh_run_t *run, const void *data,
					   bool frags)
{
	struct bpf_prog *prog;

	BUILD_BUG_ON(sizeof(data) > sizeof(prog->insnsi[0]));

	prog = bpf_prog_alloc(bpf_prog_size(1), __GFP_NOWARN);
	if (!prog)
		return NULL;

	prog->len = 1;
	prog->type = BPF_PROG_TYPE_XDP;
	prog->expected_attach_type = BPF_XDP;
	prog->gpl_compatible = 1;
	prog->aux->xdp_has_frags = frags;
	strscpy(prog->aux->name, "xdp_rx_handler", sizeof(prog->aux->name));
	memcpy(prog->insnsi, &data, sizeof(data));
	prog->bpf_func = run;
	/* bpf_prog_alloc() leaves it at none */
	atomic64_set(&prog->aux->refcnt, 1);
	return prog;
}

/* Does a bond drop what this slave of its receives? */
static bool xdp_rxh_is_inactive(const struct net_device *dev)
{
	const struct slave *slave;

	if (!netif_is_bond_slave(dev))
		return false;
	slave = rcu_dereference_check(dev->rx_handler_data,
				      rcu_read_lock_bh_held());
	return slave && bond_is_slave_inactive((struct slave *)slave);
}

/*
 * What comes ahead of the handler where there is anything: the lower's own
 * program or chain, and a bond's decision not to have a frame.
 */
static unsigned int xdp_rxh_run_first(const void *ctx,
				      const struct bpf_insn *insn)
{
	struct xdp_rxh_port *port = xdp_rxh_insn_port(insn);
	struct xdp_buff *xdp = (struct xdp_buff *)ctx;
	u32 act;

	/* the device of an earlier frame's may be gone */
	xdp_rxh_fix_rxq(xdp, port);
	/* came in by a slave of the bond that is the lower */
	if (xdp->rxq->dev != port->dev && !port->below &&
	    xdp_rxh_is_inactive(xdp->rxq->dev))
		return XDP_PASS;
	if (rcu_access_pointer(port->first)) {
		act = xdp_rxh_run_own(xdp, port);
		if (act != XDP_PASS)
			return act;
	}
	return port->handler->run(ctx, insn);
}

/* Where the driver gives its programs no xdp_buff of its own, as tun at times. */
static bool xdp_rxh_is_generic(const struct xdp_rxq_info *rxq)
{
	const struct net_device *dev = rxq->dev;

	return (unsigned long)rxq - (unsigned long)dev->_rx <
	       dev->num_rx_queues * sizeof(dev->_rx[0]);
}

/* The same where an upper's program may ask what the driver knows of a frame. */
static unsigned int xdp_rxh_run_hints(const void *ctx,
				      const struct bpf_insn *insn)
{
	struct xdp_rxh_port *port = xdp_rxh_insn_port(insn);
	struct xdp_buff *xdp = (struct xdp_buff *)ctx;
	struct xdp_rxq_info *before, *rxq;
	u32 act;

	xdp_rxh_fix_rxq(xdp, port);
	rxq = xdp_rxh_is_generic(xdp->rxq) ? NULL : xdp->rxq;
	/* below may be another port of this kind, whose own is put back */
	before = this_cpu_read(xdp_rxh_hints_rxq);
	this_cpu_write(xdp_rxh_hints_rxq, rxq);
	act = xdp_rxh_run_first(ctx, insn);
	this_cpu_write(xdp_rxh_hints_rxq, before);
	return act;
}

/* The lower's own program, and no handler. */
static unsigned int xdp_rxh_run_pass(const void *ctx,
				     const struct bpf_insn *insn)
{
	struct xdp_rxh_port *port = xdp_rxh_insn_port(insn);
	struct xdp_buff *xdp = (struct xdp_buff *)ctx;

	xdp_rxh_fix_rxq(xdp, port);
	return rcu_access_pointer(port->first) ? xdp_rxh_run_own(xdp, port) :
						 XDP_PASS;
}

/**
 * xdp_rxh_prog_pass - have a port program ask no handler any more
 * @prog: the port program, which a driver does not give back
 *
 * Context: process context. The handler may be running until an RCU grace
 * period has passed.
 */
void xdp_rxh_prog_pass(struct bpf_prog *prog)
{
	WRITE_ONCE(prog->bpf_func, xdp_rxh_run_pass);
}

/**
 * xdp_rxh_prog_port - make a port program
 * @port: the port, complete; must stay until the driver has given the program
 *	back and an RCU grace period has passed
 * @frags: whether the driver may give it frames in several fragments
 *
 * Context: process context, may sleep.
 *
 * Return: the program with one reference, to be given back with
 * bpf_prog_put(), or %NULL if there is no memory.
 */
struct bpf_prog *xdp_rxh_prog_port(const struct xdp_rxh_port *port, bool frags)
{
	bool first = rcu_access_pointer(port->first) ||
		     (netif_is_bond_master(port->dev) && !port->below);
	xdp_rxh_run_t *run = port->handler->run;

	if (port->hints)
		run = xdp_rxh_run_hints;
	else if (first)
		run = xdp_rxh_run_first;
	return xdp_rxh_prog_alloc(run, port, frags);
}

/**
 * xdp_rxh_prog_call - make a program that is a function of ours
 * @run: the function
 * @data: for it to find where @run's @insn points to
 *
 * Context: process context, may sleep.
 *
 * Return: as xdp_rxh_prog_port().
 */
struct bpf_prog *xdp_rxh_prog_call(xdp_rxh_run_t *run, const void *data)
{
	return xdp_rxh_prog_alloc(run, data, true);
}

/**
 * xdp_rxh_prog_skb - make the program that stands in for an upper's own on the
 *	skb path
 *
 * Context: process context, may sleep.
 *
 * Return: as xdp_rxh_prog_port().
 */
struct bpf_prog *xdp_rxh_prog_skb(void)
{
	return xdp_rxh_prog_alloc(xdp_rxh_run_skb, NULL, true);
}
