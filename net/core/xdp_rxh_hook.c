// SPDX-License-Identifier: GPL-2.0
/*
 * The skb path: frames that reach an upper without having met its program.
 *
 * While a program is attached natively, a netdev ingress hook on the upper
 * asks the port's handler the question it was asked in the driver. The same
 * answer means that the program has run; any other that it has not, and it is
 * run here, through do_xdp_generic(), as xdpgeneric would.
 *
 * Runs in softirq or with BH off, under RCU. What do_xdp_generic() is given is
 * one program of ours for all uppers, which finds the upper in a per-CPU
 * variable: so verdicts can be counted and exceptions name the right program.
 */
#include <linux/etherdevice.h>
#include <linux/icmpv6.h>
#include <linux/if_vlan.h>
#include <linux/ipv6.h>
#include <linux/netfilter_netdev.h>
#include <linux/rtnetlink.h>

#include "xdp_rxh.h"

static struct bpf_prog *xdp_rxh_skb_prog;
/* upper whose program do_xdp_generic() is about to run on this CPU */
static DEFINE_PER_CPU(struct xdp_rxh_upper *, xdp_rxh_skb_upper);

/**
 * struct xdp_rxh_passed - an skb on its way past the program of its upper
 * @skb: the skb, or %NULL
 * @upper: the upper; an ingress filter may send copies to others first
 */
struct xdp_rxh_passed {
	const struct sk_buff *skb;
	const struct xdp_rxh_upper *upper;
};

static DEFINE_PER_CPU(struct xdp_rxh_passed, xdp_rxh_skb_passed);

/**
 * struct xdp_rxh_known - what the program has said already of the next skb
 * @act: its verdict, or 0
 * @map_id: of struct bpf_redirect_info, where core may forget it (Linux 6.1)
 * @map_type: likewise
 */
struct xdp_rxh_known {
	u32 act;
	u32 map_id;
	enum bpf_map_type map_type;
};

static DEFINE_PER_CPU(struct xdp_rxh_known, xdp_rxh_skb_known);

static void xdp_rxh_count_skb(struct xdp_rxh_upper *upper, u32 act)
{
	struct xdp_rxh_stats *stats = this_cpu_ptr(upper->stats);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->skb[act]);
	u64_stats_inc(&stats->misc[XDP_RXH_SKB]);
	u64_stats_update_end(&stats->syncp);
}

/* The verdict that xdp_rxh_hook_finish() is carrying out, if it is; once. */
static u32 xdp_rxh_known_act(void)
{
	struct xdp_rxh_known *known = this_cpu_ptr(&xdp_rxh_skb_known);
	struct bpf_redirect_info *ri;
	u32 act = known->act;

	if (likely(!act))
		return 0;
	known->act = 0;
	ri = bpf_net_ctx_get_ri();
	ri->map_id = known->map_id;
	ri->map_type = known->map_type;
	return act;
}

/**
 * xdp_rxh_run_skb - run the upper's program on an skb dressed as an xdp_buff
 * @ctx: do_xdp_generic()'s struct xdp_buff
 * @insn: not used
 *
 * The program sees a queue that no driver feeds, the one after the lower's
 * last: an AF_XDP socket must never be fed by a driver, which takes no lock,
 * and by the skb path at a time.
 *
 * Context: BH off, between writing xdp_rxh_skb_upper and its next use.
 *
 * Return: the verdict for do_xdp_generic().
 */
unsigned int xdp_rxh_run_skb(const void *ctx, const struct bpf_insn *insn)
{
	struct xdp_buff *xdp = (struct xdp_buff *)ctx;
	struct xdp_rxh_upper *upper = this_cpu_read(xdp_rxh_skb_upper);
	struct xdp_rxq_info *orig = xdp->rxq;
	const struct bpf_prog *prog;
	u32 known, act;

	known = xdp_rxh_known_act();
	prog = xdp_rxh_prog(upper);
	if (!prog && !known)
		return XDP_PASS;

	/*
	 * A queue that no driver feeds: the one behind the lower's last; none
	 * at all of an upper whose legs number theirs one after the other.
	 */
	xdp_rxh_enter(xdp, upper, orig)->queue_index = upper->port ?
		upper->port->dev->real_num_rx_queues : U32_MAX;
	if (known)
		act = known;
	else if (xdp_rxh_tracing())
		act = xdp_rxh_trace_run_skb(xdp, upper, prog);
	else
		act = xdp_rxh_bpf_run(prog, xdp);

	switch (act) {
	case XDP_REDIRECT:
	case XDP_DROP:
	case XDP_PASS:
	case XDP_TX:
		if (!known)
			xdp_rxh_count_skb(upper, act);
		/* xsk_generic_rcv() has yet to look at the queue */
		if (act == XDP_REDIRECT &&
		    bpf_net_ctx_get_ri()->map_type == BPF_MAP_TYPE_XSKMAP)
			return act;
		break;
	default:
		xdp_rxh_exception(upper->dev, xdp_rxh_chained_of(upper), prog,
				  xdp, act);
		xdp_rxh_count_skb(upper, min_t(u32, act, XDP_RXH_INVALID));
		act = XDP_DROP;
		break;
	}
	xdp->rxq = orig;
	return act;
}

/*
 * What a kind with legs reads behind the Ethernet header. In the driver the frame
 * was linear, and some make an skb of it with all but that header in a fragment.
 */
#define XDP_RXH_LEGS_READ	(sizeof(struct ipv6hdr) + sizeof(struct icmp6hdr))

static bool xdp_rxh_ran_natively(const struct xdp_rxh_upper *upper,
				 struct sk_buff *skb)
{
	const struct xdp_rxh_port *port = upper->port;

	/* it was in the frame when the driver saw it */
	if (skb_vlan_tag_present(skb))
		return false;
	if (port && READ_ONCE(port->by_program))
		return false;	/* would not have come this way */
	if (!port) {
		pskb_may_pull(skb, min_t(u32, skb->len, XDP_RXH_LEGS_READ));
		return upper->type->native(upper->priv, skb_mac_header(skb),
					   skb_tail_pointer(skb));
	}
	return port->handler->func(skb_mac_header(skb), skb_tail_pointer(skb),
				   port->priv) == upper;
}

/*
 * An upper with legs may have uppers itself, whose programs the frame has not
 * met where it has not met this one's: tell the hook of the one it is for.
 */
static unsigned int xdp_rxh_hook_accept(const struct xdp_rxh_upper *upper,
					struct sk_buff *skb)
{
	const struct xdp_rxh_upper *above;
	const struct bpf_prog *next;
	const struct xdp_rxh_port *port;

	next = rcu_dereference(upper->next);
	if (next) {
		port = xdp_rxh_insn_port(next->insnsi);
		above = port->handler->func(skb_mac_header(skb),
					    skb_tail_pointer(skb), port->priv);
		/* without a program it has no hook to take the mark away */
		if (above && rcu_access_pointer(above->prog))
			skb->napi_id = XDP_RXH_NAPI_ID;
	}
	return NF_ACCEPT;
}

/*
 * Linear, private and with XDP's headroom, in place: the caller keeps its
 * pointer, so do_xdp_generic() must find nothing to replace.
 */
static int xdp_rxh_skb_prepare(struct sk_buff *skb)
{
	int head = XDP_PACKET_HEADROOM + skb->mac_len - skb_headroom(skb);
	int tail = skb->data_len -
		   (skb_end_pointer(skb) - skb_tail_pointer(skb));
	int err;

	if (!skb_cloned(skb) && !skb_is_nonlinear(skb) && head <= 0)
		return 0;
	if (WARN_ON_ONCE(skb_shared(skb)))
		return -EBUSY;

	err = pskb_expand_head(skb, head > 0 ? SKB_DATA_ALIGN(head) : 0,
			       tail > 0 ? tail + SMP_CACHE_BYTES : 0,
			       GFP_ATOMIC);
	return err ?: skb_linearize(skb);
}

/**
 * xdp_rxh_hook - the ingress hook of an upper, for frames that may not have
 *	met its program
 * @upper: the upper
 * @skb: frame for it
 *
 * Context: BH off, RCU read side.
 *
 * Return: an nf verdict.
 */
unsigned int xdp_rxh_hook(struct xdp_rxh_upper *upper, struct sk_buff *skb)
{
	bool marked = xdp_rxh_marked(skb);

	if (marked)
		skb->napi_id = 0;
	if (this_cpu_read(xdp_rxh_skb_passed.skb) == skb &&
	    this_cpu_read(xdp_rxh_skb_passed.upper) == upper) {
		this_cpu_write(xdp_rxh_skb_passed.skb, NULL);
		return xdp_rxh_hook_accept(upper, skb);
	}
	if (!marked && xdp_rxh_ran_natively(upper, skb))
		return NF_ACCEPT;
	if (!rcu_access_pointer(upper->prog))
		return xdp_rxh_hook_accept(upper, skb);

	if (xdp_rxh_tracing())
		xdp_rxh_trace_skb(upper, skb);
	skb->mac_len = skb->data - skb_mac_header(skb);
	if (xdp_rxh_skb_prepare(skb)) {
		if (xdp_rxh_tracing())
			xdp_rxh_trace_skb_done(upper, true);
		xdp_rxh_count_misc(upper, XDP_RXH_ERRORS);
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return NF_STOLEN;
	}

	this_cpu_write(xdp_rxh_skb_upper, upper);
	if (do_xdp_generic(xdp_rxh_skb_prog, &skb) != XDP_PASS)
		return NF_STOLEN;

	if (xdp_rxh_tracing())
		xdp_rxh_trace_skb_done(upper, false);
	/* The program may have pushed a tag, which core has looked for already. */
	if (eth_type_vlan(skb->protocol) && !skb_vlan_untag(skb)) {
		xdp_rxh_count_misc(upper, XDP_RXH_ERRORS);
		return NF_STOLEN;
	}
	return xdp_rxh_hook_accept(upper, skb);
}
EXPORT_SYMBOL_GPL(xdp_rxh_hook);

/* of an upper with legs, or whose lower's own program hands frames up */
static unsigned int xdp_rxh_hook_legs(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	return xdp_rxh_hook(priv, skb);
}

/**
 * xdp_rxh_start_xmit - ndo_start_xmit of an upper while its port has programs
 * @skb: frame, at its Ethernet header
 * @dev: the upper device
 *
 * macvlan hands unicast frames for a sibling to the lower, as if received
 * there. Nothing in the frame tells them from those of the wire, whose program
 * has run in the driver: the sender may put any source address in it.
 *
 * Context: as ndo_start_xmit: BH off, RCU read side.
 *
 * Return: as the device's own.
 */
netdev_tx_t xdp_rxh_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	const struct xdp_rxh_upper *upper = xdp_rxh_upper_find(dev);
	const struct ethhdr *eth = (struct ethhdr *)skb->data;
	const struct xdp_rxh_upper *sibling = NULL;

	if (unlikely(!upper || !upper->ops)) {
		dev_core_stats_tx_dropped_inc(dev);
		kfree_skb_reason(skb, SKB_DROP_REASON_DEV_READY);
		return NETDEV_TX_OK;
	}
	if (skb_headlen(skb) >= sizeof(*eth) && upper->type->is_local &&
	    upper->type->is_local(upper->priv, eth, &sibling) &&
	    sibling && rcu_access_pointer(sibling->prog))
		skb->napi_id = XDP_RXH_NAPI_ID;
	return upper->ops->orig->ndo_start_xmit(skb, dev);
}

/**
 * xdp_rxh_hook_deliver - hand a frame to its upper's stack, program done
 * @upper: the upper
 * @skb: as eth_type_trans() leaves it, skb->dev the upper's; consumed
 *
 * Context: BH off.
 */
void xdp_rxh_hook_deliver(struct xdp_rxh_upper *upper, struct sk_buff *skb)
{
	this_cpu_write(xdp_rxh_skb_passed.upper, upper);
	this_cpu_write(xdp_rxh_skb_passed.skb, skb);
	/* not netif_receive_skb(): RPS could take it to another CPU */
	netif_receive_skb_core(skb);
	this_cpu_write(xdp_rxh_skb_passed.skb, NULL);
}

/**
 * xdp_rxh_hook_finish - carry out a program's verdict as the skb path does
 * @upper: the upper, whose program has said it, and counted it
 * @frame: the frame; consumed
 * @act: %XDP_TX or %XDP_REDIRECT
 *
 * Context: BH off, RCU read side, on the CPU and in the bpf_net_context that
 * the program ran.
 */
void xdp_rxh_hook_finish(struct xdp_rxh_upper *upper, struct xdp_frame *frame,
			 u32 act)
{
	struct xdp_rxh_known *known = this_cpu_ptr(&xdp_rxh_skb_known);
	struct sk_buff *skb = xdp_build_skb_from_frame(frame, upper->dev);
	const struct bpf_redirect_info *ri = bpf_net_ctx_get_ri();

	if (unlikely(!skb)) {
		xdp_rxh_lost(frame, upper);
		xdp_return_frame(frame);
		return;
	}
	if (xdp_rxh_tracing())
		xdp_rxh_trace_sent(frame, upper, act);
	this_cpu_write(xdp_rxh_skb_upper, upper);
	known->map_id = ri->map_id;
	known->map_type = ri->map_type;
	known->act = act;
	do_xdp_generic(xdp_rxh_skb_prog, &skb);
	/* it may have found no memory, and not come to the program */
	if (unlikely(known->act))
		xdp_rxh_count_misc(upper, XDP_RXH_ERRORS);
	known->act = 0;
}

/**
 * xdp_rxh_hook_add - watch an upper's ingress
 * @upper: upper with a native program, or about to get one
 *
 * Context: RTNL.
 *
 * Return: 0 or a negative errno.
 */
int xdp_rxh_hook_add(struct xdp_rxh_upper *upper)
{
	struct net *net = dev_net(upper->dev);
	int err;

	ASSERT_RTNL();
	if (upper->hook_net)
		return 0;

	upper->hook.hook = upper->port && !upper->port->by_program ?
			   upper->port->handler->hook : xdp_rxh_hook_legs;
	upper->hook.dev = upper->dev;
	upper->hook.priv = upper;
	upper->hook.pf = NFPROTO_NETDEV;
	upper->hook.hooknum = NF_NETDEV_INGRESS;
	upper->hook.priority = INT_MIN;
	err = nf_register_net_hook(net, &upper->hook);
	if (!err)
		upper->hook_net = net;
	return err;
}

/**
 * xdp_rxh_hook_del - stop watching an upper's ingress
 * @upper: the upper
 *
 * Context: RTNL. The hook may still run until an RCU grace period has passed.
 */
void xdp_rxh_hook_del(struct xdp_rxh_upper *upper)
{
	ASSERT_RTNL();
	if (!upper->hook_net)
		return;
	nf_unregister_net_hook(upper->hook_net, &upper->hook);
	upper->hook_net = NULL;
}

int __init xdp_rxh_hook_init(void)
{
	xdp_rxh_skb_prog = xdp_rxh_prog_skb();
	return xdp_rxh_skb_prog ? 0 : -ENOMEM;
}

void xdp_rxh_hook_exit(void)
{
	bpf_prog_put(xdp_rxh_skb_prog);
}
