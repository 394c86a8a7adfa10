// SPDX-License-Identifier: GPL-2.0
/*
 * The tracing events xdp_rxh:*, and the ways of frames while one is enabled.
 *
 * One static key for all of them: it costs the fast path one nop. While it is
 * on, frames take the slow path and are handled by xdp_rxh_trace(), which does
 * the same and says so. Chains are not run as compiled, but node by node.
 *
 * Context as of the fast path: BH off, RCU read side.
 */
#include <linux/jump_label.h>
#include <linux/percpu.h>

#define CREATE_TRACE_POINTS
#include <trace/events/xdp_rxh.h>

#include "xdp_rxh.h"
#include "xdp_rxh_chain.h"

/* as much of a frame as filters may want to see */
#define XDP_RXH_TRACE_BYTES	128U

DEFINE_STATIC_KEY_FALSE(xdp_rxh_trace_key);
EXPORT_SYMBOL_GPL(xdp_rxh_trace_key);

/*
 * The frame that this CPU has told of, and is about to show a handler; or that
 * is on the skb path, where its buffer may change.
 */
static DEFINE_PER_CPU(const void *, xdp_rxh_trace_frame);

/**
 * xdp_rxh_trace_reg - an event is being enabled
 *
 * Context: process; may sleep.
 *
 * Return: 0.
 */
int xdp_rxh_trace_reg(void)
{
	static_branch_inc(&xdp_rxh_trace_key);
	return 0;
}

/**
 * xdp_rxh_trace_unreg - an event has been disabled
 *
 * Context: process; may sleep.
 */
void xdp_rxh_trace_unreg(void)
{
	static_branch_dec(&xdp_rxh_trace_key);
}

static u32 xdp_rxh_trace_caplen(const void *data, const void *end)
{
	return min_t(unsigned long, end - data, XDP_RXH_TRACE_BYTES);
}

static void xdp_rxh_trace_rx(struct xdp_buff *xdp,
			     const struct xdp_rxh_port *port)
{
	xdp_rxh_fix_rxq(xdp, port);
	trace_xdp_rxh_rx(xdp->data_hard_start, port->dev,
			 xdp->rxq->queue_index, port->below,
			 xdp_get_buff_len(xdp), xdp->data,
			 xdp_rxh_trace_caplen(xdp->data, xdp->data_end));
}

/**
 * xdp_rxh_trace_choice - a handler has been asked
 * @xdp: the frame
 * @port: the port it came to, which is told of here if it was not before
 * @upper: whom it is for, or %NULL
 */
void xdp_rxh_trace_choice(struct xdp_buff *xdp, const struct xdp_rxh_port *port,
			  const struct xdp_rxh_upper *upper)
{
	const void *frame = xdp->data_hard_start;

	if (this_cpu_read(xdp_rxh_trace_frame) != frame)
		xdp_rxh_trace_rx(xdp, port);
	this_cpu_write(xdp_rxh_trace_frame, NULL);
	trace_xdp_rxh_choice(frame, port->dev, upper ? upper->dev : NULL,
			     upper && xdp_rxh_prog(upper));
}

/* A chain as it would run compiled. */
static u32 xdp_rxh_trace_chain(struct xdp_buff *xdp, const void *frame,
			       const struct net_device *dev, u32 floor,
			       struct xdp_rxh_chain *chain)
{
	struct xdp_rxh_node *node = &chain->nodes[0];
	u32 act, to;

	do {
		act = XDP_PASS;
		if (node->prog) {
			act = node->prog->bpf_func(xdp, node->prog->insnsi);
			trace_xdp_rxh_prog(frame, dev, node->prog, node->id,
					   floor, act);
		}
		xdp_rxh_chain_mark(chain, node, xdp);
		to = act < XDP_RXH_ANY ? node->next[act] : 0;
		node = xdp_rxh_chain_node(chain, to ?: node->next[XDP_RXH_ANY]);
	} while (node);
	return act;
}

static u32 xdp_rxh_trace_bpf(struct xdp_buff *xdp, const void *frame,
			     const struct net_device *dev, u32 floor,
			     const struct xdp_rxh_chained *chained,
			     const struct bpf_prog *prog)
{
	/* pairs with smp_store_release() where it is published */
	struct xdp_rxh_chain *chain = smp_load_acquire(&chained->chain);
	u32 act;

	prog = xdp_rxh_meta_unwrap(prog, xdp);
	/* it may have been replaced since @prog was */
	if (chain && chain->prog == prog)
		return xdp_rxh_trace_chain(xdp, frame, dev, floor, chain);
	act = xdp_rxh_bpf_run(prog, xdp);
	trace_xdp_rxh_prog(frame, dev, prog, 0, floor, act);
	return act;
}

/**
 * xdp_rxh_trace_run - run an upper's program as xdp_rxh_run() does
 * @xdp: the frame
 * @upper: the upper
 * @prog: its program
 *
 * Return: the program's verdict.
 */
u32 xdp_rxh_trace_run(struct xdp_buff *xdp, const struct xdp_rxh_upper *upper,
		      const struct bpf_prog *prog)
{
	struct xdp_rxq_info *orig = xdp->rxq;
	u32 act;

	xdp_rxh_enter_as(xdp, upper, true, READ_ONCE(upper->queue_base));
	act = xdp_rxh_trace_bpf(xdp, xdp->data_hard_start, upper->dev,
				XDP_RXH_FLOOR_UPPER,
				xdp_rxh_chained_of(upper), prog);
	xdp->rxq = orig;
	return act;
}

/**
 * xdp_rxh_trace_run_own - run the lower's own program, or its chain
 * @xdp: the frame
 * @port: the port it came to
 * @own: the program
 *
 * Return: the program's verdict.
 */
u32 xdp_rxh_trace_run_own(struct xdp_buff *xdp,
			  const struct xdp_rxh_port *port,
			  const struct bpf_prog *own)
{
	const void *frame = xdp->data_hard_start;
	u32 act;

	xdp_rxh_trace_rx(xdp, port);
	act = xdp_rxh_trace_bpf(xdp, frame, port->dev, XDP_RXH_FLOOR_LOWER,
				&port->chained, own);
	this_cpu_write(xdp_rxh_trace_frame, (act == XDP_PASS ? frame : NULL));
	return act;
}

/**
 * xdp_rxh_trace_sent - a verdict is carried out as on the skb path
 * @frame: the frame's buffer
 * @upper: whose program it was
 * @act: %XDP_TX or %XDP_REDIRECT
 */
void xdp_rxh_trace_sent(const void *frame, const struct xdp_rxh_upper *upper,
			u32 act)
{
	const struct bpf_redirect_info *ri = bpf_net_ctx_get_ri();

	if (act == XDP_TX)
		trace_xdp_rxh_delivery(frame, upper->dev, XDP_RXH_END_XMIT, 0,
				       0);
	else
		trace_xdp_rxh_delivery(frame, upper->dev, XDP_RXH_END_REDIRECT,
				       ri->map_id == INT_MAX ? 0 : ri->map_id,
				       ri->tgt_index);
}

/**
 * xdp_rxh_trace_lost - tell of a frame that is lost, as rx_xdp_errors counts it
 * @frame: its buffer
 * @upper: the upper it was for
 */
void xdp_rxh_trace_lost(const void *frame, const struct xdp_rxh_upper *upper)
{
	trace_xdp_rxh_delivery(frame, upper->dev, XDP_RXH_END_ERROR, 0, 0);
}

/**
 * xdp_rxh_trace_skb - a frame meets an upper's program on the skb path
 * @upper: the upper
 * @skb: the frame
 */
void xdp_rxh_trace_skb(const struct xdp_rxh_upper *upper,
		       const struct sk_buff *skb)
{
	const void *data = skb_mac_header(skb);

	/* the buffer may be replaced until the program runs */
	this_cpu_write(xdp_rxh_trace_frame, skb->head);
	trace_xdp_rxh_skb(skb->head, upper->dev, skb_get_queue_mapping(skb),
			  false, skb->len + (skb->data - skb_mac_header(skb)),
			  data,
			  xdp_rxh_trace_caplen(data, skb_tail_pointer(skb)));
}

/**
 * xdp_rxh_trace_run_skb - run an upper's program on the frame that
 *	xdp_rxh_trace_skb() told of
 * @xdp: the frame
 * @upper: the upper
 * @prog: its program
 *
 * Return: the program's verdict.
 */
u32 xdp_rxh_trace_run_skb(struct xdp_buff *xdp,
			  const struct xdp_rxh_upper *upper,
			  const struct bpf_prog *prog)
{
	const void *frame = this_cpu_read(xdp_rxh_trace_frame);
	u32 act;

	act = xdp_rxh_trace_bpf(xdp, frame, upper->dev, XDP_RXH_FLOOR_SKB,
				&upper->chained, prog);
	if (act == XDP_PASS)
		return act;
	if (act == XDP_TX || act == XDP_REDIRECT)
		xdp_rxh_trace_sent(frame, upper, act);
	this_cpu_write(xdp_rxh_trace_frame, NULL);
	return act;
}

/**
 * xdp_rxh_trace_skb_done - that frame goes on, or no further
 * @upper: the upper
 * @lost: the program never saw it
 */
void xdp_rxh_trace_skb_done(const struct xdp_rxh_upper *upper, bool lost)
{
	trace_xdp_rxh_delivery(this_cpu_read(xdp_rxh_trace_frame), upper->dev,
			       lost ? XDP_RXH_END_ERROR : XDP_RXH_END_STACK,
			       0, 0);
	this_cpu_write(xdp_rxh_trace_frame, NULL);
}

/**
 * xdp_rxh_trace_forward - a frame goes from one upper's user to another's
 * @from: the upper that sends it
 * @to: the upper that gets it
 * @native: whether that has a program
 * @xdp: the frame
 */
void xdp_rxh_trace_forward(const struct xdp_rxh_upper *from,
			   const struct xdp_rxh_upper *to, bool native,
			   const struct xdp_buff *xdp)
{
	u32 len = xdp->data_end - xdp->data;

	trace_xdp_rxh_forward(xdp->data_hard_start, from->dev,
			      xdp->rxq->queue_index, false, len, xdp->data,
			      min(len, XDP_RXH_TRACE_BYTES));
	trace_xdp_rxh_choice(xdp->data_hard_start, from->port->dev, to->dev,
			     native);
}

/**
 * xdp_rxh_trace_sink - the sink has dealt with a frame
 * @upper: the upper it was for
 * @frame: the frame, which may be gone
 * @kind: what was to be done with it
 * @err: how that went
 */
void xdp_rxh_trace_sink(const struct xdp_rxh_upper *upper, const void *frame,
			enum xdp_rxh_kind kind, int err)
{
	u32 how;

	switch (kind) {
	case XDP_RXH_KIND_DELIVER:
		how = err ? XDP_RXH_END_ERROR : XDP_RXH_END_STACK;
		break;
	case XDP_RXH_KIND_TX:
		how = err ? XDP_RXH_END_TX_ERROR : XDP_RXH_END_XMIT;
		break;
	case XDP_RXH_KIND_HAND_UP:
		if (!err)
			return;		/* its way begins */
		how = XDP_RXH_END_ERROR;
		break;
	default:
		how = err ? XDP_RXH_END_REDIRECT_ERROR :
			    XDP_RXH_END_REDIRECT;
		break;
	}
	trace_xdp_rxh_delivery(frame, upper->dev, how, 0, 0);
}

/**
 * xdp_rxh_trace_deliver - have frames delivered, each by itself
 * @deliver: how
 * @dev: the upper device
 * @n: number of frames
 * @frames: the frames, gone in any case
 */
void xdp_rxh_trace_deliver(const struct xdp_rxh_deliver *deliver,
			   struct net_device *dev, int n,
			   struct xdp_frame **frames)
{
	const void *frame;
	int i;

	for (i = 0; i < n; i++) {
		frame = frames[i];
		trace_xdp_rxh_delivery(frame, dev,
				       deliver->deliver(dev, 1, &frames[i]) ?
				       XDP_RXH_END_READER :
				       XDP_RXH_END_READER_ERROR, 0, 0);
	}
}

/* @act is what @upper's program said, @ret what the driver is told. */
static void xdp_rxh_trace_end(const struct xdp_buff *xdp, const void *frame,
			      const struct xdp_rxh_upper *upper, u32 act,
			      u32 ret)
{
	const struct bpf_redirect_info *ri = bpf_net_ctx_get_ri();
	u32 kind = FIELD_GET(XDP_RXH_F_KIND, xdp->flags);
	static const u32 lost[] = {
		[XDP_PASS] = XDP_RXH_END_ERROR,
		[XDP_TX] = XDP_RXH_END_TX_ERROR,
		[XDP_REDIRECT] = XDP_RXH_END_REDIRECT_ERROR,
	};
	u32 map = 0, to = 0, how;

	if (ret == XDP_DROP) {
		how = lost[act];
	} else if (ret == XDP_REDIRECT) {
		/* the sink will tell of it */
		if (kind != XDP_RXH_KIND_NONE && kind != XDP_RXH_KIND_EXCLUDE)
			return;
		how = act == XDP_TX ? XDP_RXH_END_TX : XDP_RXH_END_REDIRECT;
		map = ri->map_id == INT_MAX ? 0 : ri->map_id;
		to = ri->tgt_index;
	} else {
		how = ret == XDP_TX ? XDP_RXH_END_TX : XDP_RXH_END_PASS;
	}
	trace_xdp_rxh_delivery(frame, upper->dev, how, map, to);
}

/**
 * xdp_rxh_trace_verdict - carry out a verdict as xdp_rxh_verdict() does
 * @xdp: the frame
 * @upper: the upper
 * @act: the verdict
 * @len: length of the frame as it was received, in bytes
 *
 * Return: the verdict for the driver.
 */
u32 xdp_rxh_trace_verdict(struct xdp_buff *xdp, struct xdp_rxh_upper *upper,
			  u32 act, u32 len)
{
	/* a program behind may overwrite what is at the other end of this */
	const void *frame = xdp->data_hard_start;
	bool on = act == XDP_PASS && rcu_access_pointer(upper->next) &&
		  xdp_rxh_still_ours(xdp, upper);
	u32 ret = xdp_rxh_verdict(xdp, upper, act, len);

	/* of what it meets next on its way up that one tells */
	if (!on && act >= XDP_PASS && act <= XDP_REDIRECT)
		xdp_rxh_trace_end(xdp, frame, upper, act, ret);
	return ret;
}

/**
 * xdp_rxh_trace - what a handler's run function does, while that is watched
 * @xdp: the frame
 * @port: the port it came to
 * @upper: whom the handler says it is for, or %NULL
 *
 * Return: the verdict for the driver.
 */
u32 xdp_rxh_trace(struct xdp_buff *xdp, struct xdp_rxh_port *port,
		  struct xdp_rxh_upper *upper)
{
	u32 len = xdp_get_buff_len(xdp), act;
	const struct bpf_prog *prog;

	xdp_rxh_fix_rxq(xdp, port);
	xdp_rxh_trace_choice(xdp, port, upper);
	if (!upper)
		return XDP_PASS;
	prog = xdp_rxh_prog(upper);
	if (!prog)
		return xdp_rxh_next(xdp, upper);
	act = xdp_rxh_trace_run(xdp, upper, prog);
	if (act != XDP_DROP)
		return xdp_rxh_trace_verdict(xdp, upper, act, len);
	xdp_rxh_count(upper, act, len);
	return act;
}
EXPORT_SYMBOL_GPL(xdp_rxh_trace);
