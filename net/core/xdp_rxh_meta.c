// SPDX-License-Identifier: GPL-2.0
/*
 * Metadata in front of the packet, for programs of uppers that ask for it:
 * where a frame came in, its flow hash, when it came. See the layouts in
 * include/uapi/linux/xdp_rx_handler.h.
 *
 * An upper that wants it, and each of its legs, is given a program of ours in
 * place of its own, which writes the metadata and calls that. So an upper that
 * does not want it pays nothing, and each leg's knows the leg.
 *
 * Set under RTNL; what frames need is published by RCU.
 */
#include <linux/netdevice.h>
#include <linux/btf_ids.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/xdp_flow_hash.h>
#include <uapi/linux/xdp_rx_handler.h>

#include "xdp_rxh.h"

/**
 * struct xdp_rxh_meta - how an upper, or a leg, gets its metadata
 * @prog: the upper's program or chain, as long as frames are shown @wrapper;
 *	written under RTNL, read under RCU
 * @ifindex: where the lower's stands; stays as long as frames come by
 * @type_id: what the metadata ends with
 * @slot: of a leg: its place; U32_MAX for an upper with legs, whose program
 *	runs on the skb path then
 * @base: of a leg: what its first queue is numbered
 * @hints: what it has, XDP_RXH_HINTS_*
 * @dev: the upper
 * @wrapper: the program that writes it, and calls @prog
 * @rcu: frees it
 */
struct xdp_rxh_meta {
	const struct bpf_prog __rcu *prog;
	const int *ifindex;
	u32 type_id;
	u32 slot;
	u32 base;
	u32 hints;
	const struct net_device *dev;
	struct bpf_prog *wrapper;
	struct rcu_head rcu;
};

/* In the order of XDP_RXH_META_*; 0 where the build has no BTF */
BTF_ID_LIST(xdp_rxh_meta_btf_ids)
BTF_ID(struct, xdp_rxh_meta_macvlan)
BTF_ID(struct, xdp_rxh_meta_macvlan_ext)
BTF_ID(struct, xdp_rxh_meta_bond)
BTF_ID(struct, xdp_rxh_meta_bond_ext)

static_assert(offsetofend(struct xdp_rxh_meta_macvlan, type_id) ==
	      sizeof(struct xdp_rxh_meta_macvlan));
static_assert(offsetofend(struct xdp_rxh_meta_macvlan_ext, type_id) ==
	      sizeof(struct xdp_rxh_meta_macvlan_ext));
static_assert(offsetofend(struct xdp_rxh_meta_bond, type_id) ==
	      sizeof(struct xdp_rxh_meta_bond));
static_assert(offsetofend(struct xdp_rxh_meta_bond_ext, type_id) ==
	      sizeof(struct xdp_rxh_meta_bond_ext));
/* the most that bpf_xdp_adjust_meta() of 6.1 knows */
static_assert(sizeof(struct xdp_rxh_meta_bond_ext) <= 32);

static u32 xdp_rxh_meta_type(const struct xdp_rxh_upper *upper, u32 hints)
{
	u32 index = (upper->whole || !upper->port) * 2;

	if (hints & ~XDP_RXH_HINTS_RX)
		index++;
	return xdp_rxh_meta_btf_ids[index] ?: XDP_RXH_META_MACVLAN + index;
}

/*
 * Room for @size bytes of metadata in front of the packet? Not where the driver
 * has no metadata, or the lower's program left some.
 */
static __always_inline bool xdp_rxh_meta_push(struct xdp_buff *xdp, size_t size)
{
	if (unlikely(xdp->data_meta != xdp->data) ||
	    unlikely(xdp->data - size <
		     xdp->data_hard_start + sizeof(struct xdp_frame)))
		return false;
	xdp->data_meta = xdp->data - size;
	return true;
}

static __always_inline const struct xdp_rxh_meta *
xdp_rxh_insn_meta(const struct bpf_insn *insn)
{
	return *(const struct xdp_rxh_meta *const *)insn;
}

/**
 * struct xdp_rxh_meta_extras - what *_ext have ahead of the others
 * @rx_time: see struct xdp_rxh_meta_macvlan_ext
 * @rx_hash: likewise
 */
struct xdp_rxh_meta_extras {
	u64 rx_time;
	u32 rx_hash;
} __packed __aligned(4);

#define XDP_RXH_META_EXTENDS(type)					\
	static_assert(sizeof(struct type##_ext) ==			\
		      sizeof(struct xdp_rxh_meta_extras) +		\
		      sizeof(struct type) &&				\
		      offsetof(struct type##_ext, rx_ifindex) ==	\
		      sizeof(struct xdp_rxh_meta_extras) +		\
		      offsetof(struct type, rx_ifindex))

XDP_RXH_META_EXTENDS(xdp_rxh_meta_macvlan);
XDP_RXH_META_EXTENDS(xdp_rxh_meta_bond);

/* out of the way of those who do not want it */
static noinline void xdp_rxh_meta_extra(const struct xdp_buff *xdp,
					const struct xdp_rxh_meta *meta)
{
	struct xdp_rxh_meta_extras *to = xdp->data_meta;
	u32 hints = meta->hints;

	to->rx_time = hints & XDP_RXH_HINTS_TIME ? ktime_get_mono_fast_ns() : 0;
	to->rx_hash = hints & XDP_RXH_HINTS_HASH ?
		      xdp_flow_hash(meta->dev, xdp->data,
				    xdp->data_end - xdp->data) : 0;
}

static __always_inline void
xdp_rxh_meta_put_macvlan(const struct xdp_buff *xdp,
			 const struct xdp_rxh_meta *meta)
{
	struct xdp_rxh_meta_macvlan *to = xdp->data - sizeof(*to);

	*to = (struct xdp_rxh_meta_macvlan) {
		.rx_ifindex = READ_ONCE(*meta->ifindex),
		.rx_queue = xdp->rxq->queue_index,
		.type_id = meta->type_id,
	};
}

static __always_inline void
xdp_rxh_meta_put_bond(const struct xdp_buff *xdp,
		      const struct xdp_rxh_meta *meta)
{
	struct xdp_rxh_meta_bond *to = xdp->data - sizeof(*to);

	*to = (struct xdp_rxh_meta_bond) {
		.rx_slot = READ_ONCE(meta->slot),
		.rx_ifindex = READ_ONCE(*meta->ifindex),
		/* the program is shown the bond's number; this is the slave's */
		.rx_queue = xdp->rxq->queue_index - READ_ONCE(meta->base),
		.type_id = meta->type_id,
	};
}

static __always_inline void
xdp_rxh_meta_write(struct xdp_buff *xdp, const struct xdp_rxh_meta *meta,
		   bool legs, bool ext)
{
	size_t size = legs ? sizeof(struct xdp_rxh_meta_bond) :
			     sizeof(struct xdp_rxh_meta_macvlan);

	if (ext)
		size += sizeof(struct xdp_rxh_meta_extras);
	if (likely(xdp_rxh_meta_push(xdp, size))) {
		if (ext)
			xdp_rxh_meta_extra(xdp, meta);
		if (legs)
			xdp_rxh_meta_put_bond(xdp, meta);
		else
			xdp_rxh_meta_put_macvlan(xdp, meta);
	}
}

static __always_inline const struct bpf_prog *
xdp_rxh_meta_prog(const struct xdp_rxh_meta *meta)
{
	return rcu_dereference_check(meta->prog, rcu_read_lock_bh_held());
}

/* Write the metadata, and go on: frames are shown us only while there is @prog. */
static __always_inline unsigned int
xdp_rxh_meta_do(const void *ctx, const struct bpf_insn *insn, bool legs,
		bool ext)
{
	const struct xdp_rxh_meta *meta = xdp_rxh_insn_meta(insn);
	struct xdp_buff *xdp = (struct xdp_buff *)ctx;

	xdp_rxh_meta_write(xdp, meta, legs, ext);
	return xdp_rxh_bpf_run(xdp_rxh_meta_prog(meta), xdp);
}

static unsigned int xdp_rxh_run_macvlan(const void *ctx,
					const struct bpf_insn *insn)
{
	return xdp_rxh_meta_do(ctx, insn, false, false);
}

static unsigned int xdp_rxh_run_macvlan_ext(const void *ctx,
					    const struct bpf_insn *insn)
{
	return xdp_rxh_meta_do(ctx, insn, false, true);
}

static unsigned int xdp_rxh_run_bond(const void *ctx,
				     const struct bpf_insn *insn)
{
	return xdp_rxh_meta_do(ctx, insn, true, false);
}

static unsigned int xdp_rxh_run_bond_ext(const void *ctx,
					 const struct bpf_insn *insn)
{
	return xdp_rxh_meta_do(ctx, insn, true, true);
}

/* [legs][more than XDP_RXH_HINTS_RX] */
static xdp_rxh_run_t * const xdp_rxh_meta_run[2][2] = {
	{ xdp_rxh_run_macvlan, xdp_rxh_run_macvlan_ext },
	{ xdp_rxh_run_bond, xdp_rxh_run_bond_ext },
};

/**
 * xdp_rxh_meta_publish - what an upper's, or a leg's, frames meet from now on
 * @upper: the upper or leg
 * @prog: its program or chain, or %NULL
 *
 * Context: RTNL.
 */
void xdp_rxh_meta_publish(struct xdp_rxh_upper *upper, struct bpf_prog *prog)
{
	struct xdp_rxh_meta *meta = upper->meta;

	/* those who have just been shown the wrapper go on to what it was */
	if (meta && prog) {
		rcu_assign_pointer(meta->prog, prog);
		prog = meta->wrapper;
	}
	rcu_assign_pointer(upper->prog, prog);
}

/* The index + 1 of a wrapper's function, or 0 where @prog is none. */
static unsigned int xdp_rxh_meta_wraps(const struct bpf_prog *prog)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		if (prog->bpf_func == xdp_rxh_meta_run[i / 2][i % 2])
			return i + 1;
	return 0;
}

/**
 * xdp_rxh_meta_blame - the program that gave a verdict
 * @prog: what was run
 *
 * Context: RCU read side.
 *
 * Return: @prog, or the program behind it where it is a wrapper.
 */
const struct bpf_prog *xdp_rxh_meta_blame(const struct bpf_prog *prog)
{
	return xdp_rxh_meta_wraps(prog) ?
	       xdp_rxh_meta_prog(xdp_rxh_insn_meta(prog->insnsi)) : prog;
}

/**
 * xdp_rxh_meta_unwrap - what a wrapper does ahead of the program
 * @prog: what is to be run
 * @xdp: the frame, which gets its metadata where @prog is a wrapper
 *
 * Context: BH off, RCU read side.
 *
 * Return: the program to run instead.
 */
const struct bpf_prog *xdp_rxh_meta_unwrap(const struct bpf_prog *prog,
					   struct xdp_buff *xdp)
{
	unsigned int which = xdp_rxh_meta_wraps(prog);
	const struct xdp_rxh_meta *meta;

	if (!which--)
		return prog;
	meta = xdp_rxh_insn_meta(prog->insnsi);
	xdp_rxh_meta_write(xdp, meta, which / 2, which % 2);
	return xdp_rxh_meta_prog(meta);
}

/**
 * xdp_rxh_meta_queues - a leg's queues are numbered anew
 * @leg: the leg
 *
 * Context: RTNL.
 */
void xdp_rxh_meta_queues(const struct xdp_rxh_upper *leg)
{
	struct xdp_rxh_meta *meta = leg->meta;

	if (!meta)
		return;
	WRITE_ONCE(meta->slot, leg->slot);
	WRITE_ONCE(meta->base, leg->queue_base);
}

static struct xdp_rxh_meta *xdp_rxh_meta_alloc(const struct xdp_rxh_upper *upper,
					       u32 hints)
{
	static const int unknown;
	bool legs = upper->whole || !upper->port;
	bool ext = hints & ~XDP_RXH_HINTS_RX;
	struct xdp_rxh_meta *meta;

	meta = kzalloc(sizeof(*meta), GFP_KERNEL);
	if (!meta)
		return NULL;
	meta->dev = upper->dev;
	meta->ifindex = upper->port ? &upper->port->dev->ifindex : &unknown;
	meta->slot = upper->whole ? upper->slot : U32_MAX;
	meta->base = upper->queue_base;
	meta->hints = hints;
	meta->type_id = xdp_rxh_meta_type(upper, hints);
	meta->wrapper = xdp_rxh_prog_call(xdp_rxh_meta_run[legs][ext], meta);
	if (meta->wrapper)
		return meta;
	kfree(meta);
	return NULL;
}

static void xdp_rxh_meta_release(struct xdp_rxh_meta *meta)
{
	if (!meta)
		return;
	bpf_prog_put(meta->wrapper);	/* after a grace period, too */
	kfree_rcu(meta, rcu);
}

/**
 * xdp_rxh_meta_free - an upper, or a leg, gets no metadata any more
 * @upper: the upper or leg, which frames reach no more, or which has just been
 *	published without
 *
 * Context: RTNL. It is freed after an RCU grace period.
 */
void xdp_rxh_meta_free(struct xdp_rxh_upper *upper)
{
	xdp_rxh_meta_release(upper->meta);
	upper->meta = NULL;
}

/**
 * xdp_rxh_meta_leg - a leg gets what its upper gets
 * @leg: the leg, which frames can't reach yet
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int xdp_rxh_meta_leg(struct xdp_rxh_upper *leg)
{
	u32 hints = xdp_rxh_meta_hints(leg->whole);

	if (!hints)
		return 0;
	leg->meta = xdp_rxh_meta_alloc(leg, hints);
	return leg->meta ? 0 : -ENOMEM;
}

/**
 * xdp_rxh_meta_hints - what an upper's metadata has
 * @upper: the upper
 *
 * Context: RTNL.
 *
 * Return: XDP_RXH_HINTS_*, or 0 for no metadata.
 */
u32 xdp_rxh_meta_hints(const struct xdp_rxh_upper *upper)
{
	return upper->meta ? upper->meta->hints : 0;
}

/**
 * xdp_rxh_meta_type_id - what an upper's metadata ends with
 * @upper: the upper
 *
 * Context: RTNL.
 *
 * Return: the id of its layout, or 0 for no metadata.
 */
u32 xdp_rxh_meta_type_id(const struct xdp_rxh_upper *upper)
{
	return upper->meta ? upper->meta->type_id : 0;
}

static void xdp_rxh_meta_swap(struct xdp_rxh_upper *upper,
			      struct xdp_rxh_meta *meta, struct bpf_prog *prog)
{
	struct xdp_rxh_meta *old = upper->meta;

	upper->meta = meta;
	xdp_rxh_meta_publish(upper, prog);
	xdp_rxh_meta_release(old);
}

/**
 * xdp_rxh_meta_prepare - get what it takes to give an upper other metadata
 * @upper: the upper; no leg
 * @hints: what it shall have, XDP_RXH_HINTS_*; 0 for none
 *
 * Context: RTNL, until xdp_rxh_meta_commit() or xdp_rxh_meta_abort(), one of
 * which must follow; may sleep.
 *
 * Return: for these, or %NULL if there is no memory.
 */
struct xdp_rxh_meta **xdp_rxh_meta_prepare(const struct xdp_rxh_upper *upper,
					   u32 hints)
{
	struct xdp_rxh_meta **metas, **meta;
	const struct xdp_rxh_upper *leg;

	ASSERT_RTNL();
	metas = kcalloc(1 + list_count_nodes((struct list_head *)&upper->legs),
			sizeof(*metas), GFP_KERNEL);
	if (!metas || !hints)
		return metas;
	meta = metas;
	*meta = xdp_rxh_meta_alloc(upper, hints);
	if (!*meta++)
		goto err_metas;
	list_for_each_entry(leg, &upper->legs, list) {
		*meta = xdp_rxh_meta_alloc(leg, hints);
		if (!*meta++)
			goto err_metas;
	}
	return metas;

err_metas:
	xdp_rxh_meta_abort(upper, metas);
	return NULL;
}

/**
 * xdp_rxh_meta_abort - an upper keeps the metadata it has
 * @upper: the upper
 * @metas: what xdp_rxh_meta_prepare() returned; freed
 *
 * Context: RTNL.
 */
void xdp_rxh_meta_abort(const struct xdp_rxh_upper *upper,
			struct xdp_rxh_meta **metas)
{
	struct xdp_rxh_meta **meta = metas;
	const struct xdp_rxh_upper *leg;

	xdp_rxh_meta_release(*meta++);
	list_for_each_entry(leg, &upper->legs, list)
		xdp_rxh_meta_release(*meta++);
	kfree(metas);
}

/**
 * xdp_rxh_meta_commit - give an upper's program other metadata, or none
 * @upper: the upper
 * @metas: what xdp_rxh_meta_prepare() returned; freed
 * @prog: its program or chain, or %NULL
 *
 * Every frame has the metadata as it was or as it is then.
 *
 * Context: RTNL.
 */
void xdp_rxh_meta_commit(struct xdp_rxh_upper *upper,
			 struct xdp_rxh_meta **metas, struct bpf_prog *prog)
{
	struct xdp_rxh_meta **meta = metas;
	struct xdp_rxh_upper *leg;

	ASSERT_RTNL();
	xdp_rxh_meta_swap(upper, *meta++, prog);
	list_for_each_entry(leg, &upper->legs, list)
		xdp_rxh_meta_swap(leg, *meta++, prog);
	kfree(metas);
}
