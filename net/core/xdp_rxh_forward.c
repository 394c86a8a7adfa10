// SPDX-License-Identifier: GPL-2.0
/*
 * From one upper's user to another upper's reader, on one lower; and whether
 * what is for others may leave by the lower without an sk_buff.
 *
 * What a virtual machine sends to its neighbour becomes an sk_buff, leaves the
 * one upper, comes in again by the lower, meets the other upper's program and
 * ends in that one's queue. Where nobody on this way would look at it, the
 * program is given the frame as it is, and the queue what the program passes.
 *
 * Process context (vhost's thread) with BH off, under RCU. Each frame is a page
 * fragment with a reference on its page: MEM_TYPE_PAGE_SHARED.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netfilter.h>
#include <net/sch_generic.h>

#include "xdp_rxh.h"

static unsigned int xdp_rxh_nr_hooks(struct nf_hook_entries __rcu *const *hooks)
{
	const struct nf_hook_entries *entries = rcu_dereference(*hooks);

	return entries ? entries->num_hook_entries : 0;
}

/* @ours: how many of its ingress hooks are this project's */
static bool xdp_rxh_seen_in(struct net_device *dev, unsigned int ours)
{
	return dev_nit_active(dev) || netdev_has_tc_ingress(dev) ||
	       rcu_access_pointer(dev->xdp_prog) ||
	       xdp_rxh_nr_hooks(&dev->nf_hooks_ingress) != ours;
}

/*
 * A qdisc that core itself would go past is none here. That of a device that
 * is down, or has no carrier, is not one of these.
 */
static bool xdp_rxh_queued_out(const struct net_device *dev)
{
	unsigned int i, n = READ_ONCE(dev->real_num_tx_queues);
	const struct Qdisc *q;

	for (i = 0; i < n; i++) {
		q = rcu_dereference(netdev_get_tx_queue(dev, i)->qdisc);
		if (q->enqueue && (!(q->flags & TCQ_F_CAN_BYPASS) ||
				   !qdisc_is_empty(q)))
			return true;
	}
	return false;
}

static bool xdp_rxh_seen_out(struct net_device *dev)
{
#ifdef CONFIG_NETFILTER_EGRESS
	if (xdp_rxh_nr_hooks(&dev->nf_hooks_egress))
		return true;
#endif
	return dev_nit_active(dev) || netdev_has_tc_egress(dev) ||
	       xdp_rxh_queued_out(dev);
}

/*
 * What was sent as an sk_buff before may still wait to be received by the
 * lower: nothing may overtake it.
 */
static bool xdp_rxh_skbs_wait(void)
{
	const struct softnet_data *sd = this_cpu_ptr(&softnet_data);

	return !skb_queue_empty_lockless(&sd->input_pkt_queue) ||
	       !skb_queue_empty_lockless(&sd->process_queue);
}

/* Does what we count for the device show? Not while its operations are its own. */
static bool xdp_rxh_counted(const struct xdp_rxh_upper *upper)
{
	const struct net_device_ops *ops = READ_ONCE(upper->dev->netdev_ops);

	return ops->ndo_get_stats64 == xdp_rxh_get_stats64;
}

/**
 * xdp_rxh_may_forward - may what an upper's user sends to siblings go past the
 *	lower
 * @from: the upper
 *
 * Context: BH off, RCU read side.
 *
 * Return: false where somebody would see the sk_buff leave @from, or come in by
 * the lower, where others wait to do so on this CPU, or nobody on the lower has a
 * program.
 */
bool xdp_rxh_may_forward(const struct xdp_rxh_upper *from)
{
	struct net_device *lower = from->port->dev;

	return READ_ONCE(from->port->nr_progs) && xdp_rxh_counted(from) &&
	       lower->flags & IFF_UP && !xdp_rxh_seen_out(from->dev) &&
	       !xdp_rxh_seen_in(lower, 0) && !xdp_rxh_skbs_wait();
}
EXPORT_SYMBOL_GPL(xdp_rxh_may_forward);

/**
 * xdp_rxh_may_leave - may what an upper's user sends go to the lower's
 *	ndo_xdp_xmit as it is
 * @from: the upper
 *
 * Context: BH off, RCU read side.
 *
 * Return: false where @from has no program, somebody would see the sk_buff leave
 * @from or the lower, it would have to queue there, or the lower is stacked
 * itself: who watches the devices below would see it, too.
 */
bool xdp_rxh_may_leave(const struct xdp_rxh_upper *from)
{
	struct net_device *lower = from->port->dev;

	return rcu_access_pointer(from->prog) && xdp_rxh_counted(from) &&
	       lower->netdev_ops->ndo_xdp_xmit && lower->flags & IFF_UP &&
	       netdev_xdp_features(lower) & NETDEV_XDP_ACT_NDO_XMIT &&
	       list_empty(&lower->adj_list.lower) &&
	       !netdev_get_sb_channel(from->dev) &&
	       !xdp_rxh_seen_out(from->dev) && !xdp_rxh_seen_out(lower);
}
EXPORT_SYMBOL_GPL(xdp_rxh_may_leave);

/* Where to, or %NULL for the skb path. */
static const struct xdp_rxh_deliver *
xdp_rxh_forward_to(const struct xdp_rxh_upper *to, const struct bpf_prog *prog)
{
	if (READ_ONCE(*READ_ONCE(to->readers)) <= 0 ||
	    !(to->dev->flags & IFF_UP) || !xdp_rxh_counted(to) ||
	    xdp_rxh_seen_in(to->dev, prog ? 1 : 0))
		return NULL;
	return rcu_dereference(to->type->deliver);
}

static u32 xdp_rxh_forward_run(struct xdp_rxh_upper *to,
			       const struct bpf_prog *prog,
			       struct xdp_buff *xdp)
{
	struct bpf_redirect_info *ri = bpf_net_ctx_get_ri();

	/* what it looked up for the last frame is not for this one */
	ri->map_id = 0;
	ri->map_type = BPF_MAP_TYPE_UNSPEC;
	return xdp_rxh_tracing() ? xdp_rxh_trace_run(xdp, to, prog) :
				   xdp_rxh_run(xdp, to, prog, false, 0);
}

/* The frame, if the upper passes it; else it is gone. */
static struct xdp_frame *xdp_rxh_forward_one(struct xdp_rxh_upper *to,
					     const struct bpf_prog *prog,
					     struct xdp_buff *xdp,
					     unsigned int len)
{
	u32 act = prog ? xdp_rxh_forward_run(to, prog, xdp) : XDP_PASS;
	struct xdp_frame *frame;

	switch (act) {
	case XDP_PASS:
	case XDP_TX:
	case XDP_REDIRECT:
		/* no program can take the room that this needs */
		frame = xdp_convert_buff_to_frame(xdp);
		if (likely(frame))
			break;
		xdp_rxh_lost(xdp->data_hard_start, to);
		act = XDP_DROP;
		fallthrough;
	case XDP_DROP:
		xdp_rxh_count(to, act, len);
		page_frag_free(xdp->data_hard_start);
		return NULL;
	default:
		xdp_rxh_exception(to->dev, xdp_rxh_chained_of(to), prog, xdp,
				  act);
		xdp_rxh_count(to, min_t(u32, act, XDP_RXH_INVALID), len);
		page_frag_free(xdp->data_hard_start);
		return NULL;
	}
	if (act != XDP_PASS) {
		xdp_rxh_count(to, act, len);
		xdp_rxh_hook_finish(to, frame, act);
		return NULL;
	}
	if (prog)
		xdp_rxh_count(to, XDP_RXH_DELIVERED, len);
	else
		xdp_rxh_count_add(to, offsetof(struct xdp_rxh_stats, rx), 1,
				  len);
	return frame;
}

/**
 * xdp_rxh_forward - take frames from an upper's user to another upper's reader
 * @from: the upper that transmits them; xdp_rxh_may_forward()
 * @to: the upper, on the same lower, that receives them
 * @n: number of frames, at most %XDP_BULK_QUEUE_SIZE
 * @bufs: the frames, page fragments in one piece, not shorter than an Ethernet
 *	header, of which there is nothing to tell an sk_buff; those taken have
 *	their data set to %NULL, the others are for the skb path
 *
 * Takes none where neither of the two has a program, or where somebody would
 * see the sk_buff come in by @to. Counts those taken on both.
 *
 * Context: BH off, RCU read side.
 */
void xdp_rxh_forward(struct xdp_rxh_upper *from, struct xdp_rxh_upper *to,
		     int n, struct xdp_buff *bufs)
{
	const struct net_device *lower = from->port->dev;
	const struct bpf_prog *prog = xdp_rxh_prog(to);
	unsigned int len, packets = 0, bytes = 0, max;
	struct xdp_frame *frames[XDP_BULK_QUEUE_SIZE];
	struct bpf_net_context ctx_here, *ctx;
	const struct xdp_rxh_deliver *deliver;
	/* a queue that no driver feeds, as on the skb path */
	struct xdp_rxq_info rxq = {
		.dev = to->dev,
		.queue_index = lower->real_num_rx_queues,
		.mem.type = MEM_TYPE_PAGE_SHARED,
	};
	int i, passed = 0;

	if (!prog && !rcu_access_pointer(from->prog))
		return;
	deliver = xdp_rxh_forward_to(to, prog);
	if (!deliver)
		return;

	ctx = bpf_net_ctx_set(&ctx_here);
	max = READ_ONCE(lower->mtu) + lower->hard_header_len + VLAN_HLEN;
	for (i = 0; i < n; i++) {
		struct xdp_buff *xdp = &bufs[i];

		len = xdp->data_end - xdp->data;
		if (len > max ||
		    xdp->data - xdp->data_hard_start < XDP_PACKET_HEADROOM)
			continue;
		xdp->rxq = &rxq;
		if (xdp_rxh_tracing())
			xdp_rxh_trace_forward(from, to, prog, xdp);
		frames[passed] = xdp_rxh_forward_one(to, prog, xdp, len);
		passed += !!frames[passed];
		xdp->data = NULL;
		packets++;
		bytes += len;
	}
	if (xdp_rxh_tracing())
		xdp_rxh_trace_deliver(deliver, to->dev, passed, frames);
	else if (passed)
		deliver->deliver(to->dev, passed, frames);
	bpf_net_ctx_clear(ctx);
	xdp_rxh_count_add(from, offsetof(struct xdp_rxh_stats, tx), packets,
			  bytes);
}
EXPORT_SYMBOL_GPL(xdp_rxh_forward);
