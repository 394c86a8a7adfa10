/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Native XDP for devices stacked on others: the kernel API.
 *
 * The twin of netdev_rx_handler_register(): where an rx_handler takes the
 * sk_buff of a lower device to one of its upper devices, an XDP rx handler
 * names the upper device an xdp_buff is for, so that the upper's own program
 * runs inside the lower's driver.
 */
#ifndef _LINUX_XDP_RX_HANDLER_H
#define _LINUX_XDP_RX_HANDLER_H

#include <linux/if_ether.h>
#include <linux/module.h>
#include <linux/types.h>

struct net_device;
struct netlink_ext_ack;
struct xdp_buff;
struct bpf_insn;
struct nf_hook_state;
struct sk_buff;
struct xdp_frame;
struct xdp_rxh_port;
struct xdp_rxh_upper;

/**
 * typedef xdp_rx_handler_func_t - name the upper device a frame is for
 * @data: first byte of the frame's Ethernet header
 * @data_end: one past the last byte that may be read
 * @priv: what was given to netdev_xdp_rx_handler_register()
 *
 * Must be a pure function of the frame's headers and of configuration: it is
 * asked in the driver, where an answer means that the upper's program runs
 * natively, and it is asked again for the sk_buff when that arrives at the
 * upper, where the same answer means that the program has already run, unless
 * struct xdp_rxh_type's is_local told that the frame never was in the driver.
 * A frame for which it returns %NULL meets the program on the skb path. Where
 * it can't tell it must return %NULL.
 *
 * Context: softirq or BH off, RCU read side; any CPU. Must not sleep, must not
 * write to the frame, must not read outside [@data, @data_end): a frame may be
 * shorter than an Ethernet header.
 *
 * Return: the upper, as xdp_rxh_upper_add() returned it, or %NULL.
 */
typedef struct xdp_rxh_upper *xdp_rx_handler_func_t(const void *data,
						    const void *data_end,
						    void *priv);

/**
 * typedef xdp_rxh_run_t - a port program's function, called as bpf_func is
 * @ctx: the driver's struct xdp_buff
 * @insn: the program's instructions, of which only xdp_rxh_insn_port() can
 *	make anything
 *
 * Context: as the driver runs XDP programs: BH off.
 *
 * Return: the verdict for the driver.
 */
typedef unsigned int xdp_rxh_run_t(const void *ctx, const struct bpf_insn *insn);

/**
 * struct xdp_rx_handler - a handler; define it with DEFINE_XDP_RX_HANDLER()
 * @func: names the upper a frame is for
 * @run: asks @func and runs the upper's program: what port programs are made
 *	of
 * @hook: asks @func and runs the upper's program where it has not run: the
 *	ingress hook of uppers
 */
struct xdp_rx_handler {
	xdp_rx_handler_func_t *func;
	xdp_rxh_run_t *run;
	unsigned int (*hook)(void *upper, struct sk_buff *skb,
			     const struct nf_hook_state *state);
};

/**
 * struct xdp_rxh_fill - how full the queues of an upper's readers are
 * @queues: how many there are
 * @queued: frames in all of them
 * @size: how many these have room for
 * @worst_queued: frames in the one with the least room left, relative to its
 * @worst_size: size
 */
struct xdp_rxh_fill {
	unsigned int queues;
	unsigned int queued;
	unsigned int size;
	unsigned int worst_queued;
	unsigned int worst_size;
};

/**
 * struct xdp_rxh_deliver - a way for passed frames to the upper's reader
 * @readers: where it stands how many readers an upper has; as long as that is
 *	0 frames take the skb path. Valid as long as the upper is registered;
 *	%NULL where it will never have any. Context: RTNL.
 * @deliver: takes @n frames, each in one piece, in any case, and counts those
 *	it loses; returns how many it did not lose. The frames' flags may have
 *	bits set that are not the kernel's. Context: BH off, RCU read side, as
 *	the driver's poll flushes.
 * @fill: adds the queues of an upper's readers to what is all 0. Context: RTNL.
 */
struct xdp_rxh_deliver {
	const int *(*readers)(const struct net_device *dev);
	int (*deliver)(struct net_device *dev, int n,
		       struct xdp_frame **frames);
	void (*fill)(const struct net_device *dev, struct xdp_rxh_fill *fill);
};

/**
 * struct xdp_rxh_type - what a kind of upper device brings along
 * @owner: module that must stay while a program is attached to such a device
 * @xdp_xmit: transmit @n frames out of @dev, the contract of ndo_xdp_xmit();
 *	may be %NULL
 * @is_local: whether a frame that an upper transmits goes elsewhere than
 *	straight out of the lower, to a sibling for instance. For XDP_TX of its
 *	program such a frame takes the device's own transmit as an sk_buff; a
 *	unicast one, for which it stores the sibling, meets that one's program
 *	on the skb path. Its first argument is what xdp_rxh_upper_add() was
 *	given. May be %NULL. Context as for xdp_rx_handler_func_t.
 * @deliver: where frames go that an upper's program passed, without an sk_buff,
 *	or %NULL for the skb path. Written by xdp_rxh_type_set_deliver(),
 *	published by RCU.
 * @native: for a kind of upper that has legs: whether a frame it got met its
 *	program in a driver, whichever leg it came in by. Its first argument is
 *	what xdp_rxh_upper_add() was given. %NULL for an upper with one lower.
 *	Context as for xdp_rx_handler_func_t.
 * @tx_dev: for a kind of upper that has legs: the lower that XDP_TX of a frame
 *	leaves by; the upper itself where that has to be its own transmit; %NULL
 *	where the frame is lost. Arguments and context as of @native.
 * @notes: what is worth knowing of an upper that has a program, XDP_RXH_NOTE_*:
 *	why none of its frames meets that in the driver, for one. Its argument
 *	is what xdp_rxh_upper_add() was given. May be %NULL. Context: RTNL.
 * @ops: interposed operations, kept by the core, one entry for each set of
 *	operations met; initialise with LIST_HEAD_INIT()
 * @withdrawn: set by xdp_rxh_type_withdraw()
 */
struct xdp_rxh_type {
	struct module *owner;
	int (*xdp_xmit)(struct net_device *dev, int n,
			struct xdp_frame **frames, u32 flags);
	bool (*is_local)(void *priv, const struct ethhdr *eth,
			 const struct xdp_rxh_upper **sibling);
	const struct xdp_rxh_deliver __rcu *deliver;
	bool (*native)(void *priv, const void *data, const void *data_end);
	struct net_device *(*tx_dev)(void *priv, struct xdp_buff *xdp);
	u32 (*notes)(const void *priv);
	struct list_head ops;
	bool withdrawn;
};

int netdev_xdp_rx_handler_register(struct net_device *lower,
				   const struct xdp_rx_handler *handler,
				   void *priv);
bool netdev_xdp_rx_handler_unregister(struct net_device *lower);

struct xdp_rxh_upper *xdp_rxh_upper_add(struct net_device *dev,
					struct net_device *lower,
					struct xdp_rxh_type *type, void *priv,
					bool registering);
void *__xdp_rxh_upper_priv(const struct net_device *dev,
			   const struct module *owner);
#define xdp_rxh_upper_priv(dev)	__xdp_rxh_upper_priv(dev, THIS_MODULE)
void xdp_rxh_upper_del(struct xdp_rxh_upper *upper);
void xdp_rxh_type_set_deliver(struct xdp_rxh_type *type,
			      const struct xdp_rxh_deliver *deliver);
struct xdp_rxh_upper *xdp_rxh_leg_add(struct xdp_rxh_upper *upper,
				      struct net_device *lower);
void xdp_rxh_leg_set_queues(struct xdp_rxh_upper *leg, u32 slot, u32 nr);
int xdp_rxh_leg_start(struct xdp_rxh_upper *leg, struct netlink_ext_ack *extack);
void xdp_rxh_leg_del(struct xdp_rxh_upper *leg);
void xdp_rxh_type_withdraw(struct xdp_rxh_type *type);
void xdp_rxh_type_release(struct xdp_rxh_type *type);

void xdp_rxh_count_xmit(const struct net_device *dev, unsigned int packets,
			unsigned int bytes, unsigned int skbs,
			unsigned int errors);
int xdp_rxh_xmit_skb(struct net_device *dev, struct xdp_frame *frame);
bool xdp_rxh_may_forward(const struct xdp_rxh_upper *from);
bool xdp_rxh_may_leave(const struct xdp_rxh_upper *from);
void xdp_rxh_forward(struct xdp_rxh_upper *from, struct xdp_rxh_upper *to,
		     int n, struct xdp_buff *bufs);
bool xdp_rxh_excludes(const struct net_device *dev,
		      const struct xdp_frame *frame);
void xdp_rxh_excluded(const struct net_device *dev, struct xdp_frame **frames,
		      u32 flags);

#endif /* _LINUX_XDP_RX_HANDLER_H */
