/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How an upper's program is run: inlined, with the handler that names the
 * upper, into the one function a port program calls. For modules that define a
 * handler; what is in these structs is xdp_rx_handler.ko's business.
 */
#ifndef _LINUX_XDP_RX_HANDLER_RUN_H
#define _LINUX_XDP_RX_HANDLER_RUN_H

#include <linux/bits.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/if_vlan.h>
#include <linux/jump_label.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/u64_stats_sync.h>
#include <linux/xdp_rx_handler.h>
#include <net/xdp.h>

/**
 * enum xdp_rxh_stat - per-upper counters that are not verdicts
 * @XDP_RXH_SKB: frames that met the program on the skb path
 * @XDP_RXH_TX_ERRORS: XDP_TX that could not be carried out
 * @XDP_RXH_REDIRECT_ERRORS: XDP_REDIRECT that could not be carried out
 * @XDP_RXH_ERRORS: frames lost for other reasons, no memory for instance
 * @XDP_RXH_XMIT: frames transmitted through ndo_xdp_xmit()
 * @XDP_RXH_XMIT_ERRORS: frames ndo_xdp_xmit() could not transmit
 * @XDP_RXH_STATS: number of counters
 */
enum xdp_rxh_stat {
	XDP_RXH_SKB,
	XDP_RXH_TX_ERRORS,
	XDP_RXH_REDIRECT_ERRORS,
	XDP_RXH_ERRORS,
	XDP_RXH_XMIT,
	XDP_RXH_XMIT_ERRORS,
	XDP_RXH_STATS,
};

/* any verdict that is none, in the same arrays */
#define XDP_RXH_INVALID		(XDP_REDIRECT + 1)
#define XDP_RXH_VERDICTS	(XDP_RXH_INVALID + 1)
/* XDP_PASS of a frame that the in-tree driver will not see */
#define XDP_RXH_DELIVERED	XDP_RXH_VERDICTS

/**
 * struct xdp_rxh_count - frames and bytes
 * @packets: frames
 * @bytes: their bytes, Ethernet header included, as received
 */
struct xdp_rxh_count {
	u64_stats_t packets;
	u64_stats_t bytes;
};

/**
 * struct xdp_rxh_stats - one CPU's counters of one upper
 * @native: verdicts of frames that met the program in the lower's driver, and
 *	%XDP_RXH_DELIVERED
 * @rx: frames the in-tree driver never sees, to be added to its rx counters
 * @tx: likewise for its tx counters
 * @skb: verdicts of frames that met the program on the skb path
 * @misc: by enum xdp_rxh_stat
 * @syncp: guards the 64 bit counters on 32 bit machines
 * @mark: of frames that are not to be transmitted out of the upper, until this
 *	CPU next flushes its queue; 0 while there are none
 *
 * All of @native but XDP_PASS is part of rx too, and not counted twice on the
 * fast path: xdp_rxh_get_stats64() adds them up.
 */
struct xdp_rxh_stats {
	struct xdp_rxh_count native[XDP_RXH_VERDICTS + 1];
	struct xdp_rxh_count rx;
	struct xdp_rxh_count tx;
	u64_stats_t skb[XDP_RXH_VERDICTS];
	u64_stats_t misc[XDP_RXH_STATS];
	struct u64_stats_sync syncp;
	u32 mark;
};

/**
 * struct xdp_rxh_chained - the programs behind the one attached to a device
 * @chain: these, or %NULL
 * @generation: counts the changes of @chain and of the attached program
 * @last_node: the id last given to a node of @chain
 */
struct xdp_rxh_chained {
	struct xdp_rxh_chain *chain;
	u64 generation;
	u32 last_node;
};

/**
 * struct xdp_rxh_upper - an upper device that may have a native program, or
 *	one leg of such a device: the device as seen from one of its lowers
 * @prog: its program, or what its chain is compiled to; written under RTNL,
 *	read under RCU
 * @dev: the upper; alive as long as this is reachable
 * @stats: per-CPU counters
 * @port: the lower's state; %NULL for an upper with several, whose legs have one
 * @type: what kind of upper it is
 * @readers: how many readers @type's deliver finds, or a 0; written under RTNL,
 *	what it points to stays as long as @dev
 * @sink_flags: of a struct xdp_frame that the sink shall deliver to it
 * @priv: argument for @type's functions
 * @next: port program of the port that is this very device, where uppers of
 *	its own have programs: run on what @prog passed. Only of an upper with
 *	legs, and of its legs; written under RTNL, read under RCU
 * @queue_base: of a leg: what its lower's first queue is numbered
 * @nr_queues: of a leg: how many of them may feed AF_XDP sockets
 * @slot: of a leg: its place among the upper's
 * @id: names this upper in struct xdp_frame's flags on the way to the sink
 * @whole: of a leg: the upper it is a leg of
 * @legs: of an upper with several lowers: its legs, by @list
 * @users: of such an upper: @prog and @next, as far as set
 * @frags: likewise: whether these take frames in several fragments
 * @list: in @port's uppers, or in @legs; RTNL
 * @node: in the hash of uppers by device; written under RTNL, read under RCU
 * @hook: the netdev ingress hook while a program is attached
 * @hook_net: namespace @hook is registered in, %NULL when it is not
 * @ops: the copies its operations are taken from, stays until @rcu; %NULL
 *	where it has been given none
 * @entry: the program attached to it, with a reference; RTNL
 * @chained: the programs behind @entry; RTNL
 * @waiting: it gets ndo_bpf as soon as a bpf_link has gone
 * @handler: which way of being handed up @entry may have, XDP_RXH_HANDLER_*;
 *	RTNL
 * @meta: writes metadata for @prog, or %NULL; RTNL
 * @rcu: frees it
 */
struct xdp_rxh_upper {
	struct bpf_prog __rcu *prog;
	struct net_device *dev;
	struct xdp_rxh_stats __percpu *stats;
	struct xdp_rxh_port *port;
	struct xdp_rxh_type *type;
	const int *readers;
	u32 sink_flags;
	u32 id;
	void *priv;
	struct bpf_prog __rcu *next;
	u32 queue_base;
	u32 nr_queues;
	u32 slot;

	/* slow path */
	struct xdp_rxh_upper *whole;
	struct list_head legs;
	unsigned int users;
	bool frags;
	struct list_head list;
	struct hlist_node node;
	struct nf_hook_ops hook;
	struct net *hook_net;
	struct xdp_rxh_ops *ops;
	struct bpf_prog *entry;
	struct xdp_rxh_chained chained;
	bool waiting;
	u8 handler;
	struct xdp_rxh_meta *meta;
	struct rcu_head rcu;
};

/**
 * struct xdp_rxh_shadow - what xdp_buff's rxq is left pointing to
 * @rxq: names the upper and the lower's queue
 * @orig: the driver's own, put back when the xdp_buff comes round again
 */
struct xdp_rxh_shadow {
	struct xdp_rxq_info rxq;
	struct xdp_rxq_info *orig;
};

/**
 * struct xdp_rxh_port - our state for one lower device
 * @dev: the lower
 * @handler: names the upper a frame is for; stays, for those still using it
 * @priv: @handler's argument
 * @sink_ifindex: the sink in @dev's namespace, 0 when there is none
 * @generic_rxq: where @dev's rx queues begin, in which are the xdp_rxq_infos
 *	of programs that are run generically
 * @generic_size: their size in bytes
 * @no_sink: the same, or all there is while there is no sink
 * @shadow: one for each queue of @dev, which a frame for an
 *	AF_XDP socket of an upper leaves with; lives as long as @dev
 * @nr_shadow: how many
 * @first: what runs ahead of @handler: @own, or what the lower's chain is
 *	compiled to, or %NULL; written under RTNL, read under RCU
 * @own: @dev's own native program, or %NULL
 * @prog: the port program while the driver has it, or %NULL
 * @stuck: module of @handler, held because the driver refused to give @prog
 *	back, or %NULL
 * @shadow_used: a driver may still point to @shadow
 * @below: where @dev is itself an upper with legs: that, whose frames are given
 *	to @prog; set while @prog is
 * @registered: @handler is to be used
 * @recorded: @dev's xdp_state names @prog, with a reference
 * @orphan: the upper that was @below has gone: there is no driver any more
 * @hints: programs may ask the driver what it knows of a frame
 * @nr_progs: uppers with a program, and the lower's chain
 * @chained: the programs behind @own
 * @chain_owner: module of @handler, held while there is a chain
 * @hand_up: whether uppers may have programs, XDP_RXH_HAND_UP_*; other than
 *	the default it holds a reference
 * @by_program: frames are handed up by @dev's own program, as @hand_up said when
 *	the first upper got its: its driver has no port program
 * @kfunc_node: where the kfunc finds it, while @by_program
 * @refs: uppers, registered handlers and @hand_up
 * @uppers: all of them, by xdp_rxh_upper.list
 * @list: in the list of all ports
 * @sink_net: namespace whose sink is held, or %NULL
 * @tracker: reference on @dev
 * @rcu: frees it
 *
 * All but what @handler does is written under RTNL and published by RCU with
 * the port program that holds a pointer to it.
 */
struct xdp_rxh_port {
	void *priv;
	bool shadow_used;
	int sink_ifindex;
	unsigned long generic_rxq;
	unsigned long generic_size;
	unsigned long no_sink;
	struct net_device *dev;
	const struct xdp_rx_handler *handler;
	struct xdp_rxh_shadow *shadow;
	unsigned int nr_shadow;
	struct bpf_prog __rcu *first;
	struct bpf_prog *own;
	struct xdp_rxh_upper *below;

	/* slow path */
	struct bpf_prog *prog;
	struct module *stuck;
	bool registered;
	bool recorded;
	bool orphan;
	bool hints;
	unsigned int nr_progs;
	struct xdp_rxh_chained chained;
	struct module *chain_owner;
	u8 hand_up;
	bool by_program;
	struct hlist_node kfunc_node;
	unsigned int refs;
	struct list_head uppers;
	struct list_head list;
	struct net *sink_net;
	netdevice_tracker tracker;
	struct rcu_head rcu;
};

static inline void xdp_rxh_count_add(struct xdp_rxh_upper *upper,
				     size_t offset, s64 packets, s64 bytes)
{
	struct xdp_rxh_stats *stats = this_cpu_ptr(upper->stats);
	struct xdp_rxh_count *count = (void *)stats + offset;

	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&count->packets, packets);
	u64_stats_add(&count->bytes, bytes);
	u64_stats_update_end(&stats->syncp);
}

static inline void xdp_rxh_count_misc(struct xdp_rxh_upper *upper,
				      enum xdp_rxh_stat stat)
{
	struct xdp_rxh_stats *stats = this_cpu_ptr(upper->stats);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->misc[stat]);
	u64_stats_update_end(&stats->syncp);
}

/*
 * What xdp_buff's rxq points to while an upper's program runs. One for each
 * CPU and not for each queue: with BH off nothing else on a CPU runs programs,
 * and lowers whose queues are not ours to number (a bond hands us those of its
 * slaves) need no special care.
 */
DECLARE_PER_CPU(struct xdp_rxq_info, xdp_rxh_rxq);

u32 xdp_rxh_verdict(struct xdp_buff *xdp, struct xdp_rxh_upper *upper,
		    u32 act, u32 len);
void xdp_rxh_fix_rxq(struct xdp_buff *xdp, const struct xdp_rxh_port *port);
u32 xdp_rxh_leg_tx(struct xdp_buff *xdp, struct xdp_rxh_upper *leg,
		   struct net_device *dev, u32 len);
unsigned int xdp_rxh_hook(struct xdp_rxh_upper *upper, struct sk_buff *skb);
u32 xdp_rxh_bpf_run_stats(const struct bpf_prog *prog, struct xdp_buff *xdp);
u32 xdp_rxh_trace(struct xdp_buff *xdp, struct xdp_rxh_port *port,
		  struct xdp_rxh_upper *upper);

DECLARE_STATIC_KEY_FALSE(xdp_rxh_trace_key);

/* Is one of the events xdp_rxh:* enabled? Every frame takes the slow path then. */
static __always_inline bool xdp_rxh_tracing(void)
{
	return static_branch_unlikely(&xdp_rxh_trace_key);
}

/* Not bpf_prog_run_xdp(): that redirects XDP_TX of any bond's slave. */
static __always_inline u32 xdp_rxh_bpf_run(const struct bpf_prog *prog,
					   struct xdp_buff *xdp)
{
	/* out of line, or the program needs a register across the call */
	if (static_branch_unlikely(&bpf_stats_enabled_key))
		return xdp_rxh_bpf_run_stats(prog, xdp);
	return BPF_DISPATCHER_FUNC(xdp)(xdp, prog->insnsi, prog->bpf_func);
}

/*
 * A frame on its way from one upper to another over their lower, which no
 * driver has seen, carries this in napi_id. Nobody writes that between there
 * and the ingress hook; frames of a driver have its NAPI's, all others none or
 * what is left of sender_cpu, which is smaller than any.
 */
#define XDP_RXH_NAPI_ID		UINT_MAX

static __always_inline bool xdp_rxh_marked(const struct sk_buff *skb)
{
	return skb->napi_id == XDP_RXH_NAPI_ID;
}

static __always_inline struct xdp_rxh_port *
xdp_rxh_insn_port(const struct bpf_insn *insn)
{
	return *(struct xdp_rxh_port *const *)insn;
}

static __always_inline const struct bpf_prog *
xdp_rxh_prog(const struct xdp_rxh_upper *upper)
{
	return rcu_dereference_check(upper->prog, rcu_read_lock_bh_held());
}

/**
 * xdp_rxh_next - a frame goes on to what is stacked on a leg's upper
 * @xdp: the frame, passed by the upper's program, if it has one
 * @leg: the leg it came in by
 *
 * Context: as the driver runs XDP programs: BH off.
 *
 * Return: the verdict for the driver.
 */
static __always_inline u32 xdp_rxh_next(struct xdp_buff *xdp,
					const struct xdp_rxh_upper *leg)
{
	const struct bpf_prog *next;

	next = rcu_dereference_check(leg->next, rcu_read_lock_bh_held());
	return next ? next->bpf_func(xdp, next->insnsi) : XDP_PASS;
}

static __always_inline void
xdp_rxh_count(struct xdp_rxh_upper *upper, u32 act, unsigned long len)
{
	struct xdp_rxh_stats *stats = this_cpu_ptr(upper->stats);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->native[act].packets);
	u64_stats_add(&stats->native[act].bytes, len);
	u64_stats_update_end(&stats->syncp);
}

/* xdp_rxh_enter() copies both by one word. */
static_assert(offsetof(struct xdp_rxq_info, queue_index) == 8 &&
	      offsetof(struct xdp_rxq_info, reg_state) == 12);

static __always_inline struct xdp_rxq_info *
xdp_rxh_enter(struct xdp_buff *xdp, const struct xdp_rxh_upper *upper,
	      const struct xdp_rxq_info *orig)
{
	struct xdp_rxq_info *rxq = this_cpu_ptr(&xdp_rxh_rxq);

	rxq->dev = upper->dev;
	((u64 *)rxq)[1] = ((const u64 *)orig)[1];
	xdp->rxq = rxq;
	return rxq;
}

static __always_inline void
xdp_rxh_enter_as(struct xdp_buff *xdp, const struct xdp_rxh_upper *upper,
		 bool frags, u32 base)
{
	struct xdp_rxq_info *orig = xdp->rxq, *rxq;

	rxq = xdp_rxh_enter(xdp, upper, orig);
	rxq->queue_index += base;
	if (frags) {
		rxq->mem = orig->mem;
		rxq->napi_id = orig->napi_id;
		rxq->frag_size = orig->frag_size;
	}
}

/**
 * xdp_rxh_run - run an upper's program on a frame of its lower
 * @xdp: the driver's frame
 * @upper: the upper the port's handler named
 * @prog: the upper's program
 * @frags: the frame may be in several fragments
 * @base: what the lower's first queue is numbered: 0, but for legs
 *
 * The program sees the driver's own xdp_buff, with an xdp_rxq_info of the
 * upper's for as long as it runs. The memory model and the size of fragments
 * are for helpers that work on fragments, and kept up only for those.
 *
 * Context: as the driver runs XDP programs: BH off.
 *
 * Return: the program's verdict, to be counted and carried out.
 */
static __always_inline u32 xdp_rxh_run(struct xdp_buff *xdp,
				       const struct xdp_rxh_upper *upper,
				       const struct bpf_prog *prog, bool frags,
				       u32 base)
{
	struct xdp_rxq_info *orig = xdp->rxq;
	u32 act;

	xdp_rxh_enter_as(xdp, upper, frags, base);
	act = xdp_rxh_bpf_run(prog, xdp);
	xdp->rxq = orig;
	return act;
}

/* The high bits of xdp_buff's and xdp_frame's flags, which are ours. */
#define XDP_RXH_F_MASK		GENMASK(31, 8)

/**
 * xdp_rxh_can_sink - would the sink get this frame back?
 * @xdp: the frame
 * @port: of the lower
 * @room: bytes of headroom wanted behind struct xdp_frame
 *
 * Not where the port program is run on an skb, by do_xdp_generic() for the
 * driver, nor from a pool of AF_XDP's; and the driver must be able to convert
 * it to an xdp_frame. (Without metadata data_meta may be data + 1.)
 *
 * Return: true if so.
 */
static __always_inline bool xdp_rxh_can_sink(const struct xdp_buff *xdp,
					     const struct xdp_rxh_port *port,
					     size_t room)
{
	return likely(xdp->rxq->mem.type != MEM_TYPE_XSK_BUFF_POOL) &&
	       likely((unsigned long)xdp->rxq - port->generic_rxq >=
		      READ_ONCE(port->no_sink)) &&
	       likely(xdp->data_meta - xdp->data_hard_start >
		      sizeof(struct xdp_frame) + room);
}

/**
 * xdp_rxh_can_redirect - would core take this frame from the driver?
 * @xdp: the frame
 *
 * Return: false for frames in several fragments on kernels that redirect none.
 */
static __always_inline bool xdp_rxh_can_redirect(struct xdp_buff *xdp)
{
	return xdp_rxh_redirects_frags() || !xdp_buff_has_frags(xdp);
}

/**
 * xdp_rxh_xmits - would core redirect this frame to a device?
 * @dev: the device
 * @xdp: the frame; xdp_rxh_can_redirect()
 *
 * Return: false if it has no ndo_xdp_xmit for such a frame.
 */
static inline bool xdp_rxh_xmits(const struct net_device *dev,
				 struct xdp_buff *xdp)
{
	xdp_features_t needed = NETDEV_XDP_ACT_NDO_XMIT;

	if (xdp_buff_has_frags(xdp))
		needed |= NETDEV_XDP_ACT_NDO_XMIT_SG;
	return (netdev_xdp_features(dev) & needed) == needed;
}

/**
 * xdp_rxh_target - have the driver redirect this frame to a device
 * @xdp: the frame
 * @ifindex: the device, in the namespace of the lower
 * @flags: for the sink: what it shall do with the frame, in the bits of
 *	%XDP_RXH_F_MASK; for others 0
 *
 * As bpf_redirect() does it.
 */
static __always_inline void xdp_rxh_target(struct xdp_buff *xdp, u32 ifindex,
					   u32 flags)
{
	struct bpf_redirect_info *ri = bpf_net_ctx_get_ri();

	xdp->flags = (xdp->flags & ~XDP_RXH_F_MASK) | flags;
	/* the others are looked at for maps only */
	ri->tgt_index = ifindex;
	ri->map_id = INT_MAX;
	ri->map_type = BPF_MAP_TYPE_UNSPEC;
}

/**
 * xdp_rxh_sink_target - have the driver redirect this frame to the sink
 * @xdp: the frame; xdp_rxh_can_sink()
 * @port: of the lower
 * @flags: as for xdp_rxh_target()
 */
static __always_inline void
xdp_rxh_sink_target(struct xdp_buff *xdp, const struct xdp_rxh_port *port,
		    u32 flags)
{
	xdp_rxh_target(xdp, READ_ONCE(port->sink_ifindex), flags);
}

/**
 * xdp_rxh_deliver - a passed frame for its upper's reader, by way of the sink
 * @xdp: the frame, in one piece, and not shorter than an Ethernet header: no
 *	program can make it so
 * @upper: the upper
 * @len: length of the frame as it was received, in bytes
 *
 * Return: true if the driver is to be told %XDP_REDIRECT; false, and nothing
 * has changed, where the upper has no reader or the frame can't go this way.
 */
static __always_inline bool xdp_rxh_deliver(struct xdp_buff *xdp,
					    struct xdp_rxh_upper *upper,
					    unsigned long len)
{
	const struct xdp_rxh_port *port = upper->port;
	const int *readers = READ_ONCE(upper->readers);

	if (READ_ONCE(*readers) <= 0 ||
	    unlikely(!xdp_rxh_can_sink(xdp, port, 0)))
		return false;
	xdp_rxh_sink_target(xdp, port, upper->sink_flags);
	xdp_rxh_count(upper, XDP_RXH_DELIVERED, len);
	return true;
}

/**
 * DEFINE_XDP_RX_HANDLER - define a struct xdp_rx_handler
 * @name: its name; it is static
 * @fn: its function, an xdp_rx_handler_func_t
 * @fast: bool (const void *data, const void *data_end, void *priv,
 *	struct xdp_rxh_upper **upper), __always_inline and without a call:
 *	stores what @fn would return and returns true, in the cases that
 *	matter; returns false in all others
 *
 * What is unlikely starts afresh in a function of its own, so that the fast
 * path need not keep anything for it.
 */
#define DEFINE_XDP_RX_HANDLER(name, fn, fast)				\
static noinline u32 name##_slow(struct xdp_buff *xdp,			\
				struct xdp_rxh_port *port)		\
{									\
	u32 len = xdp_get_buff_len(xdp), act;				\
	struct xdp_rxh_upper *upper;					\
	const struct bpf_prog *prog;					\
									\
	upper = fn(xdp->data, xdp->data_end, port->priv);		\
	if (xdp_rxh_tracing())						\
		return xdp_rxh_trace(xdp, port, upper);			\
	prog = upper ? xdp_rxh_prog(upper) : NULL;			\
	if (!prog)							\
		return XDP_PASS;					\
	act = xdp_rxh_run(xdp, upper, prog, true, 0);			\
	if (act != XDP_DROP)						\
		return xdp_rxh_verdict(xdp, upper, act, len);		\
	xdp_rxh_count(upper, act, len);					\
	return act;							\
}									\
									\
static unsigned int name##_run(const void *ctx,				\
			       const struct bpf_insn *insn)		\
{									\
	struct xdp_rxh_port *port = xdp_rxh_insn_port(insn);		\
	struct xdp_buff *xdp = (struct xdp_buff *)ctx;			\
	const void *data = xdp->data, *data_end = xdp->data_end;	\
	struct xdp_rxh_upper *upper, *again;				\
	unsigned long len = data_end - data;				\
	const struct bpf_prog *prog;					\
	u32 act;							\
									\
	if (xdp_rxh_tracing() ||					\
	    unlikely(!fast(data, data_end, port->priv, &upper)) ||	\
	    unlikely(xdp_buff_has_frags(xdp)))				\
		return name##_slow(xdp, port);				\
	prog = xdp_rxh_prog(upper);					\
	if (unlikely(!prog))						\
		return XDP_PASS;					\
									\
	act = xdp_rxh_run(xdp, upper, prog, false, 0);			\
	if (likely(act == XDP_DROP)) {					\
		xdp_rxh_count(upper, XDP_DROP, len);			\
		return XDP_DROP;					\
	}								\
	if (act == XDP_PASS && likely(!upper->port->shadow_used)) {	\
		if (xdp_rxh_deliver(xdp, upper, len))			\
			return XDP_REDIRECT;				\
		if (likely(fast(xdp->data, xdp->data_end,		\
				upper->port->priv, &again)) &&		\
		    likely(again == upper)) {				\
			/* its upper's still: nothing to do */		\
			xdp_rxh_count(upper, XDP_PASS, len);		\
			return XDP_PASS;				\
		}							\
	}								\
	return xdp_rxh_verdict(xdp, upper, act, len);			\
}									\
									\
static unsigned int name##_hook(void *priv, struct sk_buff *skb,	\
				const struct nf_hook_state *state)	\
{									\
	struct xdp_rxh_upper *upper = priv, *native;			\
									\
	if (!skb_vlan_tag_present(skb) && !xdp_rxh_marked(skb) &&	\
	    likely(fast(skb_mac_header(skb), skb_tail_pointer(skb),	\
			upper->port->priv, &native)) &&			\
	    likely(native == upper))					\
		return NF_ACCEPT;	/* it ran in the driver */	\
	return xdp_rxh_hook(upper, skb);				\
}									\
									\
static const struct xdp_rx_handler name = {				\
	.func = fn,							\
	.run = name##_run,						\
	.hook = name##_hook,						\
}

#endif /* _LINUX_XDP_RX_HANDLER_RUN_H */
