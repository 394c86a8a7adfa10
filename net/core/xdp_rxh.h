/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of xdp_rx_handler.ko share. */
#ifndef _XDP_RXH_H
#define _XDP_RXH_H

#include <linux/bpf.h>
#include <linux/filter.h>
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
 * @native: verdicts of frames that met the program in the lower's driver
 * @rx: frames the in-tree driver never sees, to be added to its rx counters
 * @tx: likewise for its tx counters
 * @skb: verdicts of frames that met the program on the skb path
 * @misc: by enum xdp_rxh_stat
 * @syncp: guards the 64 bit counters on 32 bit machines
 *
 * All of @native but XDP_PASS is part of rx too, and not counted twice on the
 * fast path: xdp_rxh_get_stats64() adds them up.
 */
struct xdp_rxh_stats {
	struct xdp_rxh_count native[XDP_RXH_VERDICTS];
	struct xdp_rxh_count rx;
	struct xdp_rxh_count tx;
	u64_stats_t skb[XDP_RXH_VERDICTS];
	u64_stats_t misc[XDP_RXH_STATS];
	struct u64_stats_sync syncp;
};

/**
 * struct xdp_rxh_upper - an upper device that may have a native program
 * @prog: its program; written under RTNL, read under RCU
 * @dev: the upper; alive as long as this is reachable
 * @stats: per-CPU counters
 * @port: the lower's state
 * @type: what kind of upper it is
 * @priv: argument for @type's functions
 * @id: names this upper in struct xdp_frame's flags on the way to the sink
 * @list: in @port's uppers; RTNL
 * @node: in the hash of uppers by device; written under RTNL, read under RCU
 * @hook: the netdev ingress hook while a program is attached
 * @hook_net: namespace @hook is registered in, %NULL when it is not
 * @orig_ops: the device's own net_device_ops, to be put back
 * @orig_ethtool_ops: likewise for its ethtool_ops
 * @interposed: @dev's operations are ours now
 * @waiting: they will be, as soon as a bpf_link has gone
 * @rcu: frees it
 */
struct xdp_rxh_upper {
	struct bpf_prog __rcu *prog;
	struct net_device *dev;
	struct xdp_rxh_stats __percpu *stats;
	struct xdp_rxh_port *port;
	struct xdp_rxh_type *type;
	void *priv;
	u32 id;

	/* slow path */
	struct list_head list;
	struct hlist_node node;
	struct nf_hook_ops hook;
	struct net *hook_net;
	const struct net_device_ops *orig_ops;
	const struct ethtool_ops *orig_ethtool_ops;
	bool interposed;
	bool waiting;
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
 * @handler: names the upper a frame is for
 * @priv: @handler's argument
 * @sink_ifindex: the sink in @dev's namespace, 0 when there is none
 * @shadow: one for each queue of @dev, which a frame for an
 *	AF_XDP socket of an upper leaves with; lives as long as @dev
 * @nr_shadow: how many
 * @own: @dev's own native program, which runs first, or %NULL
 * @prog: the port program while the driver has it, or %NULL
 * @stuck: module of @handler, held because the driver refused to give @prog
 *	back, or %NULL
 * @shadow_used: a driver may still point to @shadow
 * @recorded: @dev's xdp_state names @prog, with a reference
 * @nr_progs: uppers with a program
 * @refs: uppers and registered handlers
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
	struct net_device *dev;
	xdp_rx_handler_func_t *handler;
	void *priv;
	int sink_ifindex;
	struct xdp_rxh_shadow *shadow;
	unsigned int nr_shadow;
	struct bpf_prog *own;

	/* slow path */
	struct bpf_prog *prog;
	struct module *stuck;
	bool shadow_used;
	bool recorded;
	unsigned int nr_progs;
	unsigned int refs;
	struct list_head uppers;
	struct list_head list;
	struct net *sink_net;
	netdevice_tracker tracker;
	struct rcu_head rcu;
};

/*
 * How a frame tells the sink what to do with it: the high bits of xdp_buff's
 * and xdp_frame's flags, which no BPF program can write. The low eight are the
 * kernel's (two are in use).
 */
#define XDP_RXH_F_ID		GENMASK(29, 8)
#define XDP_RXH_F_KIND		GENMASK(31, 30)
#define XDP_RXH_F_MASK		(XDP_RXH_F_ID | XDP_RXH_F_KIND)

/**
 * enum xdp_rxh_kind - what the sink shall do with a frame
 * @XDP_RXH_KIND_NONE: nothing; it was not sent by us
 * @XDP_RXH_KIND_DELIVER: hand it to the upper's stack, past the program
 * @XDP_RXH_KIND_TX: transmit it out of the upper
 * @XDP_RXH_KIND_REDIRECT: transmit it out of the device whose index, in the
 *	upper's namespace, stands in struct xdp_rxh_note
 */
enum xdp_rxh_kind {
	XDP_RXH_KIND_NONE,
	XDP_RXH_KIND_DELIVER,
	XDP_RXH_KIND_TX,
	XDP_RXH_KIND_REDIRECT,
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

/* xdp_rxh_run.c */
DECLARE_PER_CPU(struct xdp_rxq_info, xdp_rxh_rxq);
u32 xdp_rxh_run(struct xdp_buff *xdp, struct xdp_rxh_upper *upper,
		struct xdp_rxh_port *port);
u32 xdp_rxh_run_own(struct xdp_buff *xdp, struct xdp_rxh_port *port);
void xdp_rxh_exception(const struct net_device *dev,
		       const struct bpf_prog *prog, u32 act);

static inline u32 xdp_rxh_bpf_run(const struct bpf_prog *prog,
				  struct xdp_buff *xdp)
{
	/* not bpf_prog_run_xdp(): that redirects XDP_TX of any bond's slave */
	return __bpf_prog_run(prog, xdp, BPF_DISPATCHER_FUNC(xdp));
}

/* xdp_rxh_gen.c */
struct bpf_prog *xdp_rxh_gen_port(struct xdp_rxh_port *port, bool frags);
struct bpf_prog *xdp_rxh_gen_skb(void);

/* xdp_rxh_hook.c */
u32 xdp_rxh_run_skb(struct xdp_buff *xdp);
int xdp_rxh_hook_init(void);
void xdp_rxh_hook_exit(void);
int xdp_rxh_hook_add(struct xdp_rxh_upper *upper);
void xdp_rxh_hook_del(struct xdp_rxh_upper *upper);
void xdp_rxh_hook_deliver(struct sk_buff *skb);

/* xdp_rxh_sink.c */
int xdp_rxh_sink_init(void);
void xdp_rxh_sink_exit(void);
int xdp_rxh_sink_get(struct xdp_rxh_port *port);
void xdp_rxh_sink_put(struct xdp_rxh_port *port);
bool xdp_rxh_is_sink(const struct net_device *dev);

/* xdp_rxh_vlan.c */
int xdp_rxh_vlan_off(struct net_device *lower, struct netlink_ext_ack *extack);
void xdp_rxh_vlan_restore(struct net_device *lower);
void xdp_rxh_vlan_forget(struct net_device *dev);
void xdp_rxh_vlan_recheck(struct net_device *dev);

/* xdp_rxh_port.c */
struct xdp_rxh_port *xdp_rxh_port_get(struct net_device *lower);
void xdp_rxh_port_put(struct xdp_rxh_port *port);
int xdp_rxh_port_attach(struct xdp_rxh_port *port, const struct bpf_prog *prog,
			struct netlink_ext_ack *extack);
int xdp_rxh_port_replace(struct xdp_rxh_port *port, const struct bpf_prog *prog,
			 struct netlink_ext_ack *extack);
void xdp_rxh_port_detach(struct xdp_rxh_port *port, struct module *owner);
void xdp_rxh_port_dying(struct net_device *lower);
void xdp_rxh_port_moved(struct net_device *lower);

/* xdp_rxh_upper.c */
struct xdp_rxh_upper *xdp_rxh_upper_find(const struct net_device *dev);
struct xdp_rxh_upper *xdp_rxh_upper_by_id(u32 id);
void xdp_rxh_upper_event(struct net_device *dev, unsigned long event);
void xdp_rxh_upper_features(struct net_device *lower);
void xdp_rxh_upper_exit(void);

/* xdp_rxh_stats.c */
void xdp_rxh_get_stats64(struct net_device *dev,
			 struct rtnl_link_stats64 *stats);
void xdp_rxh_ethtool_fill(struct ethtool_ops *ops);

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

#endif /* _XDP_RXH_H */
