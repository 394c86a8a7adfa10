/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of xdp_rx_handler.ko share. */
#ifndef _XDP_RXH_H
#define _XDP_RXH_H

#include <linux/bitfield.h>
#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/u64_stats_sync.h>
#include <linux/xdp_rx_handler.h>
#include <linux/xdp_rx_handler_run.h>
#include <net/xdp.h>

struct xdp_rxh_chain;

/**
 * struct xdp_rxh_ops - the copies for one set of originals
 * @orig: the original net_device_ops
 * @orig_ethtool: the original ethtool_ops
 * @list: in the type's ops
 * @ndo: copies: the second two with ndo_xdp_xmit, the odd ones with an
 *	ndo_start_xmit that marks frames for siblings
 * @waiting: copy for a device that can't have ndo_bpf yet, but marks frames
 * @ethtool: copy of the ethtool_ops
 */
struct xdp_rxh_ops {
	const struct net_device_ops *orig;
	const struct ethtool_ops *orig_ethtool;
	struct list_head list;
	struct net_device_ops ndo[2][2];
	struct net_device_ops waiting;
	struct ethtool_ops ethtool;
};

/*
 * How a frame tells the sink what to do with it: the high bits of xdp_buff's
 * and xdp_frame's flags, which no BPF program can write. The low eight are the
 * kernel's (two are in use).
 */
#define XDP_RXH_F_ID		GENMASK(28, 8)
#define XDP_RXH_F_KIND		GENMASK(31, 29)
/* in place of an upper's id: see xdp_rxh_exclude() */
#define XDP_RXH_F_MARK		GENMASK(20, 8)
#define XDP_RXH_F_CPU		GENMASK(28, 21)

/**
 * enum xdp_rxh_kind - what the sink, or an upper, shall do with a frame
 * @XDP_RXH_KIND_NONE: nothing; it was not sent by us
 * @XDP_RXH_KIND_DELIVER: hand it to the upper's stack, past the program
 * @XDP_RXH_KIND_TX: transmit it out of the upper
 * @XDP_RXH_KIND_REDIRECT: transmit it out of the device whose index, in the
 *	upper's namespace, stands in struct xdp_rxh_note
 * @XDP_RXH_KIND_EXCLUDE: not to be transmitted out of the upper, whose program
 *	sent it to all devices of a map but that one
 * @XDP_RXH_KIND_HAND_UP: run the upper's program on it
 */
enum xdp_rxh_kind {
	XDP_RXH_KIND_NONE,
	XDP_RXH_KIND_DELIVER,
	XDP_RXH_KIND_TX,
	XDP_RXH_KIND_REDIRECT,
	XDP_RXH_KIND_EXCLUDE,
	XDP_RXH_KIND_HAND_UP,
};

/**
 * struct xdp_rxh_note - lies behind struct xdp_frame in a frame's headroom
 * @ifindex: for %XDP_RXH_KIND_REDIRECT
 *
 * Only believed where the frame's flags say that we wrote it.
 */
struct xdp_rxh_note {
	u32 ifindex;
};

/* For a frame's flags: what to do with it, and for whom. */
static inline u32 xdp_rxh_sink_flags(const struct xdp_rxh_upper *upper,
				     enum xdp_rxh_kind kind)
{
	return FIELD_PREP(XDP_RXH_F_KIND, kind) |
	       FIELD_PREP(XDP_RXH_F_ID, upper->id);
}

/* Would the handler name this upper again? */
static inline bool xdp_rxh_still_ours(const struct xdp_buff *xdp,
				      const struct xdp_rxh_upper *upper)
{
	const struct xdp_rxh_port *port = upper->port;

	return port->handler->func(xdp->data, xdp->data_end,
				   port->priv) == upper;
}

/* xdp_rxh_run.c */
u32 xdp_rxh_run_own(struct xdp_buff *xdp, struct xdp_rxh_port *port);
void xdp_rxh_exception(const struct net_device *dev,
		       const struct xdp_rxh_chained *chained,
		       const struct bpf_prog *prog, const struct xdp_buff *xdp,
		       u32 act);

static inline const struct xdp_rxh_chained *
xdp_rxh_chained_of(const struct xdp_rxh_upper *upper)
{
	return upper->whole ? &upper->whole->chained : &upper->chained;
}

/* xdp_rxh_trace.c: to be called if xdp_rxh_tracing() */
void xdp_rxh_trace_choice(struct xdp_buff *xdp, const struct xdp_rxh_port *port,
			  const struct xdp_rxh_upper *upper);
u32 xdp_rxh_trace_run(struct xdp_buff *xdp, const struct xdp_rxh_upper *upper,
		      const struct bpf_prog *prog);
u32 xdp_rxh_trace_run_own(struct xdp_buff *xdp,
			  const struct xdp_rxh_port *port,
			  const struct bpf_prog *own);
u32 xdp_rxh_trace_run_skb(struct xdp_buff *xdp,
			  const struct xdp_rxh_upper *upper,
			  const struct bpf_prog *prog);
u32 xdp_rxh_trace_verdict(struct xdp_buff *xdp, struct xdp_rxh_upper *upper,
			  u32 act, u32 len);
void xdp_rxh_trace_sent(const void *frame, const struct xdp_rxh_upper *upper,
			u32 act);
void xdp_rxh_trace_lost(const void *frame, const struct xdp_rxh_upper *upper);
void xdp_rxh_trace_skb(const struct xdp_rxh_upper *upper,
		       const struct sk_buff *skb);
void xdp_rxh_trace_skb_done(const struct xdp_rxh_upper *upper, bool lost);
void xdp_rxh_trace_forward(const struct xdp_rxh_upper *from,
			   const struct xdp_rxh_upper *to, bool native,
			   const struct xdp_buff *xdp);
void xdp_rxh_trace_sink(const struct xdp_rxh_upper *upper, const void *frame,
			enum xdp_rxh_kind kind, int err);
void xdp_rxh_trace_deliver(const struct xdp_rxh_deliver *deliver,
			   struct net_device *dev, int n,
			   struct xdp_frame **frames);

/* A frame is lost: counts it in rx_xdp_errors, and tells of it. */
static inline void xdp_rxh_lost(const void *frame, struct xdp_rxh_upper *upper)
{
	xdp_rxh_count_misc(upper, XDP_RXH_ERRORS);
	if (xdp_rxh_tracing())
		xdp_rxh_trace_lost(frame, upper);
}

/* xdp_rxh_prog.c */
struct bpf_prog *xdp_rxh_prog_port(const struct xdp_rxh_port *port, bool frags);
void xdp_rxh_prog_pass(struct bpf_prog *prog);
struct bpf_prog *xdp_rxh_prog_skb(void);
struct bpf_prog *xdp_rxh_prog_call(xdp_rxh_run_t *run, const void *data);

/* xdp_rxh_meta.c */
void xdp_rxh_meta_publish(struct xdp_rxh_upper *upper, struct bpf_prog *prog);
const struct bpf_prog *xdp_rxh_meta_blame(const struct bpf_prog *prog);
const struct bpf_prog *xdp_rxh_meta_unwrap(const struct bpf_prog *prog,
					   struct xdp_buff *xdp);
void xdp_rxh_meta_queues(const struct xdp_rxh_upper *leg);
void xdp_rxh_meta_free(struct xdp_rxh_upper *upper);
int xdp_rxh_meta_leg(struct xdp_rxh_upper *leg);
u32 xdp_rxh_meta_hints(const struct xdp_rxh_upper *upper);
u32 xdp_rxh_meta_type_id(const struct xdp_rxh_upper *upper);
struct xdp_rxh_meta **xdp_rxh_meta_prepare(const struct xdp_rxh_upper *upper,
					   u32 hints);
void xdp_rxh_meta_abort(const struct xdp_rxh_upper *upper,
			struct xdp_rxh_meta **metas);
void xdp_rxh_meta_commit(struct xdp_rxh_upper *upper,
			 struct xdp_rxh_meta **metas, struct bpf_prog *prog);

/* xdp_rxh_hook.c */
unsigned int xdp_rxh_run_skb(const void *ctx, const struct bpf_insn *insn);
int xdp_rxh_hook_init(void);
void xdp_rxh_hook_exit(void);
int xdp_rxh_hook_add(struct xdp_rxh_upper *upper);
void xdp_rxh_hook_del(struct xdp_rxh_upper *upper);
void xdp_rxh_hook_deliver(struct xdp_rxh_upper *upper, struct sk_buff *skb);
void xdp_rxh_hook_finish(struct xdp_rxh_upper *upper, struct xdp_frame *frame,
			 u32 act);
netdev_tx_t xdp_rxh_start_xmit(struct sk_buff *skb, struct net_device *dev);

/* xdp_rxh_sink.c */
int xdp_rxh_sink_init(void);
void xdp_rxh_sink_exit(void);
int xdp_rxh_sink_get(struct xdp_rxh_port *port);
void xdp_rxh_sink_choose(struct xdp_rxh_port *port);
u32 xdp_rxh_exclude(const struct xdp_rxh_upper *upper, struct bpf_map *map);
void xdp_rxh_sink_put(struct xdp_rxh_port *port);
void xdp_rxh_sink_frame(struct xdp_rxh_upper *upper, struct xdp_frame *frame);
bool xdp_rxh_is_sink(const struct net_device *dev);
u64 xdp_rxh_sink_dropped(const struct net *net);

/* xdp_rxh_vlan.c */
int xdp_rxh_vlan_off(struct net_device *lower, struct netlink_ext_ack *extack);
int xdp_rxh_csum_off(struct net_device *lower);
void xdp_rxh_vlan_restore(struct net_device *lower);
void xdp_rxh_vlan_joined(struct net_device *lower, struct net_device *dev);
void xdp_rxh_vlan_left(struct net_device *lower, struct net_device *dev);
void xdp_rxh_vlan_forget(struct net_device *dev);
void xdp_rxh_vlan_recheck(struct net_device *dev);
u32 xdp_rxh_offload_reason(struct net_device *lower);
u32 xdp_rxh_csum_reason(struct net_device *lower);

/* xdp_rxh_reason.c */
const char *xdp_rxh_words(u32 reason);
int xdp_rxh_refuse(u32 reason, struct netlink_ext_ack *extack);
bool xdp_rxh_has_native(struct net_device *lower);
u32 xdp_rxh_switch_reason(const struct xdp_rxh_upper *upper);
u32 xdp_rxh_port_reason(const struct xdp_rxh_port *port);
u32 xdp_rxh_upper_reason(const struct xdp_rxh_upper *upper,
			 const struct net_device **whom);

/* xdp_rxh_port.c */
struct xdp_rxh_port *xdp_rxh_port_get(struct net_device *lower);
void xdp_rxh_port_put(struct xdp_rxh_port *port);
struct xdp_rxh_port *xdp_rxh_port_find(const struct net_device *lower);
struct xdp_rxh_port *xdp_rxh_port_next(const struct net *net, int after,
				       bool all);
int xdp_rxh_port_swap(struct xdp_rxh_port *port, bool frags,
		      struct netlink_ext_ack *extack);
int xdp_rxh_port_attach(struct xdp_rxh_port *port, const struct bpf_prog *prog,
			struct netlink_ext_ack *extack);
int xdp_rxh_port_replace(struct xdp_rxh_port *port, const struct bpf_prog *prog,
			 struct netlink_ext_ack *extack);
void xdp_rxh_port_detach(struct xdp_rxh_port *port, struct module *owner);
int xdp_rxh_port_hints(struct xdp_rxh_port *port, bool bound,
		       struct netlink_ext_ack *extack);
int xdp_rxh_port_attach_upper(struct xdp_rxh_upper *upper,
			      const struct bpf_prog *prog,
			      struct netlink_ext_ack *extack);
int xdp_rxh_port_set_hand_up(struct net_device *lower, u8 hand_up,
			     struct netlink_ext_ack *extack);
void xdp_rxh_port_exit(void);
void xdp_rxh_port_dying(struct net_device *lower);
void xdp_rxh_port_leaving(struct net_device *lower);
void xdp_rxh_port_moved(struct net_device *lower);
void xdp_rxh_port_orphan(struct xdp_rxh_upper *below);
int xdp_rxh_port_pre_up(struct net_device *lower);

/* xdp_rxh_kfunc.c; the first is for programs */
int bpf_xdp_rx_handler(struct xdp_md *ctx);
void xdp_rxh_kfunc_init(void);
void xdp_rxh_kfunc_exit(void);
int xdp_rxh_kfunc_get(struct netlink_ext_ack *extack);
void xdp_rxh_kfunc_add(struct xdp_rxh_port *port);
void xdp_rxh_kfunc_del(struct xdp_rxh_port *port);
void xdp_rxh_kfunc_sync(void);
int xdp_rxh_kfunc_hand_up(struct xdp_frame *frame);

/* xdp_rxh_lower.c */
struct bpf_prog *xdp_rxh_lower_entry(const struct xdp_rxh_port *port);
int xdp_rxh_lower_set_chain(struct xdp_rxh_port *port,
			    struct xdp_rxh_chain *chain,
			    struct netlink_ext_ack *extack);
void xdp_rxh_lower_drop_chain(struct xdp_rxh_port *port);
bool xdp_rxh_lower_link(const struct xdp_rxh_port *port);
void xdp_rxh_lower_recheck(struct net_device *lower);

/* xdp_rxh_netlink.c */
int xdp_rxh_netlink_init(void);
void xdp_rxh_netlink_exit(void);
void xdp_rxh_netlink_notify(struct net_device *dev);

/* xdp_rxh_upper.c */
struct bpf_prog *xdp_rxh_upper_first(const struct xdp_rxh_upper *upper);
struct xdp_rxh_upper *xdp_rxh_upper_next(const struct net *net, u32 after);
int xdp_rxh_upper_set_chain(struct xdp_rxh_upper *upper,
			    struct xdp_rxh_chain *chain,
			    struct netlink_ext_ack *extack);
struct xdp_rxh_upper *xdp_rxh_upper_find(const struct net_device *dev);
struct xdp_rxh_upper *xdp_rxh_upper_by_id(u32 id);
void xdp_rxh_upper_event(struct net_device *dev, unsigned long event);
int xdp_rxh_upper_pre_up(struct net_device *dev);
void xdp_rxh_upper_features(struct net_device *lower);
void xdp_rxh_upper_programs(struct xdp_rxh_port *port);
void xdp_rxh_upper_joined(struct xdp_rxh_port *port);
void xdp_rxh_upper_exit(void);

/* xdp_rxh_leg.c */
struct xdp_rxh_upper *xdp_rxh_upper_stackable(const struct net_device *dev);
int xdp_rxh_upper_stack(struct xdp_rxh_upper *upper, struct bpf_prog *prog,
			struct netlink_ext_ack *extack);
int xdp_rxh_legs_get(struct xdp_rxh_upper *upper, const struct bpf_prog *prog,
		     struct netlink_ext_ack *extack);
void xdp_rxh_legs_put(struct xdp_rxh_upper *upper);
int xdp_rxh_legs_replace(struct xdp_rxh_upper *upper,
			 const struct bpf_prog *prog,
			 const struct bpf_prog *old,
			 struct netlink_ext_ack *extack);
int xdp_rxh_legs_hints(struct xdp_rxh_upper *upper, bool bound,
		       struct netlink_ext_ack *extack);
xdp_features_t xdp_rxh_legs_features(const struct xdp_rxh_upper *upper);
bool xdp_rxh_has_leg(const struct xdp_rxh_upper *upper,
		     const struct net_device *lower);

/* xdp_rxh_stats.c */
void xdp_rxh_get_stats64(struct net_device *dev,
			 struct rtnl_link_stats64 *stats);
void xdp_rxh_ethtool_fill(struct ethtool_ops *ops);
int xdp_rxh_put_counters(struct sk_buff *msg, struct net_device *dev,
			 const struct xdp_rxh_upper *upper,
			 const struct xdp_rxh_port *port);

/* xdp_rxh_status.c */
int xdp_rxh_put_status(struct sk_buff *msg, struct net_device *dev);
size_t xdp_rxh_status_size(const struct net_device *dev);

#endif /* _XDP_RXH_H */
