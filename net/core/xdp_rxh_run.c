// SPDX-License-Identifier: GPL-2.0
/*
 * The fast path: an upper's program on the lower driver's xdp_buff.
 *
 * Runs in the driver's NAPI poll (or wherever the driver runs programs), BH
 * off, which is the RCU read side for everything reached from a port program.
 * Nothing here takes a lock or writes memory another CPU reads, but for the
 * per-queue shadow, which belongs to the queue as its NAPI does.
 */
#include <linux/bpf_trace.h>
#include <net/net_namespace.h>
#include <trace/events/xdp.h>

#include "xdp_rxh.h"
#include "xdp_rxh_chain.h"

DEFINE_PER_CPU_ALIGNED(struct xdp_rxq_info, xdp_rxh_rxq);
EXPORT_PER_CPU_SYMBOL_GPL(xdp_rxh_rxq);

/**
 * xdp_rxh_exception - report XDP_ABORTED or an unknown verdict
 * @dev: device whose program it was
 * @chained: its chain
 * @prog: the program that was run
 * @xdp: the frame, as that has left it
 * @act: its verdict
 *
 * Fires the tracepoint the driver would, but with the device and the program
 * that are to blame; the caller then returns %XDP_DROP to the driver.
 */
void xdp_rxh_exception(const struct net_device *dev,
		       const struct xdp_rxh_chained *chained,
		       const struct bpf_prog *prog, const struct xdp_buff *xdp,
		       u32 act)
{
	prog = xdp_rxh_chain_blame(chained, xdp_rxh_meta_blame(prog), xdp);
	if (act != XDP_ABORTED)
		bpf_warn_invalid_xdp_action((struct net_device *)dev,
					    (struct bpf_prog *)prog, act);
	trace_xdp_exception(dev, prog, act);
}

/* Is this port program run on an skb, by do_xdp_generic() for the driver? */
static bool xdp_rxh_rxq_is_generic(const struct xdp_rxh_port *port,
				   const struct xdp_rxq_info *rxq)
{
	return (unsigned long)rxq - port->generic_rxq < port->generic_size;
}

/**
 * xdp_rxh_fix_rxq - have a frame name its driver's own queue
 * @xdp: the driver's frame
 * @port: the port it came in by
 *
 * A driver that keeps its xdp_buff from frame to frame comes round with the
 * shadow that an earlier frame left it with, and must not leave with it.
 */
void xdp_rxh_fix_rxq(struct xdp_buff *xdp, const struct xdp_rxh_port *port)
{
	const void *rxq = xdp->rxq;

	if (unlikely(port->shadow_used) &&
	    rxq >= (const void *)port->shadow &&
	    rxq < (const void *)(port->shadow + port->nr_shadow))
		xdp->rxq = container_of(xdp->rxq, struct xdp_rxh_shadow,
					rxq)->orig;
}
EXPORT_SYMBOL_GPL(xdp_rxh_fix_rxq);

/**
 * xdp_rxh_bpf_run_stats - run a program while bpf_stats are enabled
 * @prog: the program
 * @xdp: the frame
 *
 * Return: its verdict.
 */
u32 xdp_rxh_bpf_run_stats(const struct bpf_prog *prog, struct xdp_buff *xdp)
{
	return __bpf_prog_run(prog, xdp, BPF_DISPATCHER_FUNC(xdp));
}
EXPORT_SYMBOL_GPL(xdp_rxh_bpf_run_stats);

static bool xdp_rxh_port_to_sink(struct xdp_buff *xdp,
				 const struct xdp_rxh_port *port,
				 const struct xdp_rxh_upper *upper,
				 enum xdp_rxh_kind kind, u32 ifindex)
{
	struct xdp_rxh_note *note;

	if (!xdp_rxh_can_sink(xdp, port, sizeof(*note)) ||
	    !xdp_rxh_can_redirect(xdp))
		return false;

	note = xdp->data_hard_start + sizeof(struct xdp_frame);
	note->ifindex = ifindex;
	xdp_rxh_sink_target(xdp, port, xdp_rxh_sink_flags(upper, kind));
	return true;
}

static bool xdp_rxh_to_sink(struct xdp_buff *xdp,
			    const struct xdp_rxh_upper *upper,
			    enum xdp_rxh_kind kind, u32 ifindex)
{
	return xdp_rxh_port_to_sink(xdp, upper->port, upper, kind, ifindex);
}

static u32 xdp_rxh_pass(struct xdp_buff *xdp, struct xdp_rxh_upper *upper,
			u32 len)
{
	if (!xdp_buff_has_frags(xdp) &&
	    likely(xdp->data + ETH_HLEN <= xdp->data_end) &&
	    xdp_rxh_deliver(xdp, upper, len))
		return XDP_REDIRECT;

	if (likely(xdp_rxh_still_ours(xdp, upper))) {
		xdp_rxh_count(upper, XDP_PASS, len);
		return xdp_rxh_next(xdp, upper);
	}

	/* The skb path would take it to somebody else, or run it again. */
	if (!xdp_rxh_to_sink(xdp, upper, XDP_RXH_KIND_DELIVER, 0)) {
		xdp_rxh_count(upper, XDP_DROP, len);
		xdp_rxh_count_misc(upper, XDP_RXH_ERRORS);
		return XDP_DROP;
	}
	xdp_rxh_count(upper, XDP_RXH_DELIVERED, len);
	return XDP_REDIRECT;
}

/* Out of @dev, @out itself or a lower of its, for a frame that came in by @port. */
static u32 xdp_rxh_tx_by(struct xdp_buff *xdp, const struct xdp_rxh_port *port,
			 const struct xdp_rxh_upper *out,
			 const struct net_device *dev)
{
	if (!dev)
		return XDP_DROP;
	if (dev == xdp->rxq->dev)
		return XDP_TX;
	if (dev == out->dev || !xdp_rxh_xmits(dev, xdp))
		return xdp_rxh_port_to_sink(xdp, port, out, XDP_RXH_KIND_TX,
					    0) ? XDP_REDIRECT : XDP_DROP;
	if (!xdp_rxh_can_redirect(xdp))
		return XDP_DROP;
	xdp_rxh_target(xdp, dev->ifindex, 0);
	return XDP_REDIRECT;
}

/**
 * xdp_rxh_leg_tx - XDP_TX of the program of an upper with legs
 * @xdp: the frame
 * @leg: the leg it came in by
 * @dev: what struct xdp_rxh_type's tx_dev has chosen
 * @len: length of the frame as it was received, in bytes
 *
 * Context: BH off, RCU read side.
 *
 * Return: the verdict for the driver.
 */
u32 xdp_rxh_leg_tx(struct xdp_buff *xdp, struct xdp_rxh_upper *leg,
		   struct net_device *dev, u32 len)
{
	u32 act = xdp_rxh_tx_by(xdp, leg->port, leg, dev);

	xdp_rxh_count(leg, XDP_TX, len);
	if (act == XDP_DROP)
		xdp_rxh_count_misc(leg, XDP_RXH_TX_ERRORS);
	return act;
}
EXPORT_SYMBOL_GPL(xdp_rxh_leg_tx);

static u32 xdp_rxh_tx(struct xdp_buff *xdp, struct xdp_rxh_upper *upper,
		      u32 len)
{
	const struct xdp_rxh_type *type = upper->type;
	const struct xdp_rxh_upper *sibling;
	const struct xdp_rxh_upper *below = upper->port->below;
	u32 tx_len = xdp_get_buff_len(xdp);
	u32 act = XDP_TX;

	if (upper->whole)
		return xdp_rxh_leg_tx(xdp, upper,
				      type->tx_dev(upper->priv, xdp), len);
	if (type->is_local &&
	    type->is_local(upper->priv, xdp->data, &sibling)) {
		if (xdp_rxh_to_sink(xdp, upper, XDP_RXH_KIND_TX, 0)) {
			act = XDP_REDIRECT;
		} else {
			xdp_rxh_count_misc(upper, XDP_RXH_TX_ERRORS);
			act = XDP_DROP;
		}
	} else {
		if (below)
			act = xdp_rxh_tx_by(xdp, upper->port, below,
					    below->type->tx_dev(below->priv,
								xdp));
		if (act == XDP_DROP)
			xdp_rxh_count_misc(upper, XDP_RXH_TX_ERRORS);
		else
			xdp_rxh_count_add(upper,
					  offsetof(struct xdp_rxh_stats, tx),
					  1, tx_len);
	}
	xdp_rxh_count(upper, XDP_TX, len);
	return act;
}

/*
 * xsk_rcv() wants to see the socket's device and queue in xdp->rxq, after we
 * have returned. The frame must be a native one on a queue of the lower's own,
 * so that one NAPI only ever feeds the socket.
 */
static bool xdp_rxh_to_xsk(struct xdp_buff *xdp, struct xdp_rxh_upper *upper)
{
	struct xdp_rxh_port *port = upper->port;
	struct xdp_rxq_info *orig = xdp->rxq;
	u32 queue = orig->queue_index;
	struct xdp_rxh_shadow *shadow;

	/* a pool's buffers keep their rxq: a socket of the lower's then */
	if (orig->mem.type == MEM_TYPE_XSK_BUFF_POOL)
		return true;
	if (orig->dev != port->dev || queue >= port->nr_shadow ||
	    xdp_rxh_rxq_is_generic(port, orig))
		return false;
	/* pairs with smp_store_release() in xdp_rxh_leg_set_queues() */
	if (upper->whole && queue >= smp_load_acquire(&upper->nr_queues))
		return false;

	shadow = &port->shadow[queue];
	shadow->orig = orig;
	shadow->rxq.dev = upper->dev;
	shadow->rxq.queue_index = READ_ONCE(upper->queue_base) + queue;
	shadow->rxq.reg_state = orig->reg_state;
	shadow->rxq.mem = orig->mem;
	shadow->rxq.napi_id = orig->napi_id;
	shadow->rxq.frag_size = orig->frag_size;
	if (!port->shadow_used)
		port->shadow_used = true;
	xdp->rxq = &shadow->rxq;
	return true;
}

static u32 xdp_rxh_redirect(struct xdp_buff *xdp, struct xdp_rxh_upper *upper,
			    u32 len)
{
	struct bpf_redirect_info *ri = bpf_net_ctx_get_ri();
	const struct xdp_rxh_port *port = upper->port;
	bool ok = true;

	/* Nobody but us may address an upper through the sink. */
	xdp->flags &= ~XDP_RXH_F_MASK;

	switch (ri->map_type) {
	case BPF_MAP_TYPE_XSKMAP:
		ok = xdp_rxh_to_xsk(xdp, upper);
		break;
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_DEVMAP_HASH:
		/* devmap would exclude the lower and all its uppers */
		if (ri->map && ri->flags & BPF_F_EXCLUDE_INGRESS) {
			ri->flags &= ~BPF_F_EXCLUDE_INGRESS;
			/* an skb would not keep it */
			if (!xdp_rxh_rxq_is_generic(port, xdp->rxq))
				xdp->flags |= xdp_rxh_exclude(upper, ri->map);
		}
		break;
	case BPF_MAP_TYPE_CPUMAP:
		/*
		 * The other CPU hands the frame to the lower, whose rx_handler
		 * steers and counts it. One it would steer elsewhere, or
		 * where the hook would run the program again, is delivered
		 * from here.
		 */
		if (!port->by_program && xdp_rxh_still_ours(xdp, upper))
			xdp_rxh_count_add(upper,
					  offsetof(struct xdp_rxh_stats, rx),
					  -1, -(s64)len);
		else
			ok = xdp_rxh_to_sink(xdp, upper,
					     XDP_RXH_KIND_DELIVER, 0);
		break;
	case BPF_MAP_TYPE_UNSPEC:
		if (ri->map_id == INT_MAX &&
		    !net_eq(dev_net(upper->dev), dev_net(port->dev)))
			ok = xdp_rxh_to_sink(xdp, upper,
					     XDP_RXH_KIND_REDIRECT,
					     ri->tgt_index);
		break;
	default:
		break;
	}

	xdp_rxh_count(upper, XDP_REDIRECT, len);
	if (ok)
		return XDP_REDIRECT;
	xdp_rxh_count_misc(upper, XDP_RXH_REDIRECT_ERRORS);
	return XDP_DROP;
}

/**
 * xdp_rxh_verdict - carry out an upper's verdict
 * @xdp: the frame
 * @upper: the upper
 * @act: the verdict, anything but %XDP_DROP
 * @len: length of the frame as it was received, in bytes
 *
 * Return: the verdict for the driver.
 */
u32 xdp_rxh_verdict(struct xdp_buff *xdp, struct xdp_rxh_upper *upper,
		    u32 act, u32 len)
{
	const struct bpf_prog *prog;

	xdp_rxh_fix_rxq(xdp, upper->port);

	switch (act) {
	case XDP_PASS:
		return xdp_rxh_pass(xdp, upper, len);
	case XDP_TX:
		return xdp_rxh_tx(xdp, upper, len);
	case XDP_REDIRECT:
		return xdp_rxh_redirect(xdp, upper, len);
	default:
		prog = xdp_rxh_prog(upper);
		if (prog)
			xdp_rxh_exception(upper->dev,
					  xdp_rxh_chained_of(upper), prog, xdp,
					  act);
		xdp_rxh_count(upper, min_t(u32, act, XDP_RXH_INVALID), len);
		return XDP_DROP;
	}
}
EXPORT_SYMBOL_GPL(xdp_rxh_verdict);

/**
 * xdp_rxh_run_own - run the lower's own program, or its chain
 * @xdp: the driver's frame, which names the driver's own queue
 * @port: the port
 *
 * Called by the port program ahead of the handler.
 *
 * Context: as the driver runs XDP programs: BH off.
 *
 * Return: %XDP_PASS where an upper may have the frame, or the verdict for the
 * driver.
 */
u32 xdp_rxh_run_own(struct xdp_buff *xdp, struct xdp_rxh_port *port)
{
	struct bpf_redirect_info *ri = bpf_net_ctx_get_ri();
	const struct bpf_prog *own;
	u32 act;

	own = rcu_dereference_check(port->first, rcu_read_lock_bh_held());
	if (!own)
		return XDP_PASS;
	act = xdp_rxh_tracing() ? xdp_rxh_trace_run_own(xdp, port, own) :
				  xdp_rxh_bpf_run(own, xdp);
	switch (act) {
	case XDP_PASS:
		/* What it looked up is not for the upper's program to use. */
		ri->map_id = 0;
		ri->map_type = BPF_MAP_TYPE_UNSPEC;
		return XDP_PASS;
	case XDP_DROP:
	case XDP_TX:
		return act;
	case XDP_REDIRECT:
		xdp->flags &= ~XDP_RXH_F_MASK;
		return act;
	default:
		xdp_rxh_exception(port->dev, &port->chained, own, xdp, act);
		return XDP_DROP;
	}
}
