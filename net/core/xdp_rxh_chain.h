/* SPDX-License-Identifier: GPL-2.0 */
/* Chains: what xdp_rxh_chain.c and xdp_rxh_netlink.c share. */
#ifndef _XDP_RXH_CHAIN_H
#define _XDP_RXH_CHAIN_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <uapi/linux/xdp_rx_handler.h>

struct net_device;
struct netlink_ext_ack;
struct xdp_buff;
struct xdp_rxh_chained;

/* slots of a node's edges: the verdicts, and behind them "any" */
#define XDP_RXH_ANY	(XDP_REDIRECT + 1)
#define XDP_RXH_EDGES	(XDP_RXH_ANY + 1)

/**
 * struct xdp_rxh_node - a program in a chain
 * @prog: the program, with a reference; %NULL for the entry of a lower without
 *	one, which stands for a program that passes every frame
 * @id: names the node for user space
 * @next: for each verdict, and any other, the id of the node that comes next,
 *	%XDP_RXH_NODE_STOP, or 0 for no edge
 */
struct xdp_rxh_node {
	struct bpf_prog *prog;
	u32 id;
	u32 next[XDP_RXH_EDGES];
};

/**
 * struct xdp_rxh_chain - programs of one device
 * @prog: all of it compiled, with a reference; %NULL until
 *	xdp_rxh_chain_finish()
 * @nr: nodes
 * @bound: whether one is bound to the device, so that it may ask the driver
 * @rcu: frees it: tracing walks the nodes under RCU
 * @nodes: the entry program first, then in the order they are compiled in
 *
 * Not changed any more once it is published: an edit makes a copy.
 */
struct xdp_rxh_chain {
	struct bpf_prog *prog;
	unsigned int nr;
	bool bound;
	struct rcu_head rcu;
	struct xdp_rxh_node nodes[XDP_RXH_CHAIN_NODES];
};

struct xdp_rxh_chain *xdp_rxh_chain_copy(const struct xdp_rxh_chain *old,
					 struct bpf_prog *entry);
const struct bpf_prog *xdp_rxh_chain_first(const struct xdp_rxh_chain *chain);
void xdp_rxh_chain_free(struct xdp_rxh_chain *chain);
struct xdp_rxh_node *xdp_rxh_chain_node(struct xdp_rxh_chain *chain, u32 id);
struct xdp_rxh_node *xdp_rxh_chain_add(struct xdp_rxh_chain *chain,
				       struct bpf_prog *prog, u32 id);
void xdp_rxh_chain_remove(struct xdp_rxh_chain *chain, u32 id, bool close_up);
int xdp_rxh_chain_finish(struct xdp_rxh_chain *chain,
			 const struct net_device *dev,
			 struct netlink_ext_ack *extack);
void xdp_rxh_chain_mark(const struct xdp_rxh_chain *chain,
			const struct xdp_rxh_node *node, struct xdp_buff *xdp);
const struct bpf_prog *
xdp_rxh_chain_blame(const struct xdp_rxh_chained *chained,
		    const struct bpf_prog *prog, const struct xdp_buff *xdp);

#endif /* _XDP_RXH_CHAIN_H */
