// SPDX-License-Identifier: GPL-2.0
/*
 * The sink: a net_device that takes the frames we consume.
 *
 * XDP_REDIRECT is the one contract by which every driver gives up a buffer. A
 * frame that is to reach an upper other than through the skb path leaves the
 * driver as a redirect to the sink of the lower's namespace, which gets it
 * back, in bulk, when the driver's poll flushes, on the same CPU and in the
 * same RCU read section. What to do with it and for whom stands in the frame's
 * flags; a frame without is not from us and is dropped.
 *
 * A sink lives while a port of its namespace has a port program. All of that
 * is under RTNL.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <net/netns/generic.h>

#include "xdp_rxh.h"

/**
 * struct xdp_rxh_net - a namespace's sink
 * @sink: the device or %NULL
 * @users: ports that need it
 */
struct xdp_rxh_net {
	struct net_device *sink;
	unsigned int users;
};

static unsigned int xdp_rxh_net_id;

/* An skb of @frame, which is then gone; %NULL leaves it to the caller. */
static struct sk_buff *xdp_rxh_build_skb(struct xdp_frame *frame,
					 struct net_device *dev)
{
	frame->flags &= ~XDP_RXH_F_MASK;
	return xdp_build_skb_from_frame(frame, dev);
}

/**
 * xdp_rxh_xmit_skb - transmit a frame as an skb, by the device's own transmit
 * @dev: device
 * @frame: the frame, gone on success
 *
 * Past qdisc and taps, as XDP does.
 *
 * Context: BH off.
 *
 * Return: 0 if the frame was taken (where the transmit then fails, @dev counts
 * it), -ENOMEM if there was no skb to be had and the frame is still the
 * caller's.
 */
int xdp_rxh_xmit_skb(struct net_device *dev, struct xdp_frame *frame)
{
	struct sk_buff *skb = xdp_rxh_build_skb(frame, dev);

	if (unlikely(!skb))
		return -ENOMEM;

	skb_push(skb, ETH_HLEN);
	skb_set_network_header(skb, ETH_HLEN);
	dev_direct_xmit(skb, 0);
	return 0;
}
EXPORT_SYMBOL_GPL(xdp_rxh_xmit_skb);

static int xdp_rxh_sink_deliver(struct xdp_rxh_upper *upper,
				struct xdp_frame *frame)
{
	struct sk_buff *skb;

	if (!(upper->dev->flags & IFF_UP))
		return -ENETDOWN;
	skb = xdp_rxh_build_skb(frame, upper->dev);
	if (unlikely(!skb))
		return -ENOMEM;
	xdp_rxh_hook_deliver(upper, skb);
	return 0;
}

/* An ifindex of the upper's namespace, where that is not the lower's. */
static int xdp_rxh_sink_redirect(struct xdp_rxh_upper *upper,
				 struct xdp_frame *frame)
{
	const struct xdp_rxh_note *note = (void *)frame + sizeof(*frame);
	xdp_features_t needed = NETDEV_XDP_ACT_NDO_XMIT;
	struct net_device *dev;
	int err;

	if (xdp_frame_has_frags(frame))
		needed |= NETDEV_XDP_ACT_NDO_XMIT_SG;
	dev = dev_get_by_index_rcu(dev_net(upper->dev), note->ifindex);
	if (!dev)
		return -EINVAL;
	if (!dev->netdev_ops->ndo_xdp_xmit ||
	    (netdev_xdp_features(dev) & needed) != needed)
		return -EOPNOTSUPP;
	err = xdp_ok_fwd_dev(dev, xdp_get_frame_len(frame));
	if (err)
		return err;

	frame->flags &= ~XDP_RXH_F_MASK;
	err = dev->netdev_ops->ndo_xdp_xmit(dev, 1, &frame, XDP_XMIT_FLUSH);
	if (err < 0)
		return err;
	return err == 1 ? 0 : -ENOBUFS;
}

/* Takes the frame in any case, and counts it where it is lost. */
static void xdp_rxh_sink_one(struct net_device *sink, struct xdp_frame *frame)
{
	u32 kind = FIELD_GET(XDP_RXH_F_KIND, frame->flags);
	enum xdp_rxh_stat stat = XDP_RXH_ERRORS;
	struct xdp_rxh_upper *upper = NULL;
	int err;

	if (kind != XDP_RXH_KIND_NONE && kind != XDP_RXH_KIND_EXCLUDE)
		upper = xdp_rxh_upper_by_id(FIELD_GET(XDP_RXH_F_ID,
						      frame->flags));
	if (unlikely(!upper)) {
		dev_core_stats_tx_dropped_inc(sink);
		xdp_return_frame(frame);
		return;
	}

	switch (kind) {
	case XDP_RXH_KIND_DELIVER:
		err = xdp_rxh_sink_deliver(upper, frame);
		break;
	case XDP_RXH_KIND_TX:
		err = xdp_rxh_xmit_skb(upper->dev, frame);
		stat = XDP_RXH_TX_ERRORS;
		break;
	case XDP_RXH_KIND_HAND_UP:
		/*
		 * Nobody makes the kfunc's caller return what it was told: by
		 * way of a veth the frame may be another namespace's by now.
		 * And an upper without a program is not waited for.
		 */
		err = -EINVAL;
		if (upper->port && READ_ONCE(upper->port->by_program) &&
		    xdp_rxh_prog(upper) &&
		    net_eq(dev_net(upper->port->dev), dev_net(sink)))
			err = xdp_rxh_kfunc_hand_up(frame);
		break;
	default:
		err = xdp_rxh_sink_redirect(upper, frame);
		stat = XDP_RXH_REDIRECT_ERRORS;
		break;
	}
	if (xdp_rxh_tracing())
		xdp_rxh_trace_sink(upper, frame, kind, err);
	if (unlikely(err)) {
		xdp_rxh_count_misc(upper, stat);
		xdp_return_frame(frame);
	}
}

static DEFINE_PER_CPU(u32, xdp_rxh_last_mark);

/* Is the upper among those a map redirects to? By index, in whichever namespace. */
static bool xdp_rxh_in_devmap(struct bpf_map *map,
			      const struct xdp_rxh_upper *upper)
{
	const struct bpf_devmap_val *val;
	u32 i, key, *last = NULL;

	for (i = 0; i < map->max_entries; i++) {
		if (map->ops->map_get_next_key(map, last, &key))
			break;
		val = map->ops->map_lookup_elem(map, &key);
		if (val && val->ifindex == upper->dev->ifindex)
			return true;
		last = &key;
	}
	return false;
}

/**
 * xdp_rxh_exclude - mark a frame as not to be transmitted out of an upper
 * @upper: the upper, whose program sends the frame to all devices of a map
 * @map: the map
 *
 * The mark stays in the frame, which others may send back for good: so it holds
 * on this CPU, and until the frames sent now are flushed.
 *
 * Context: BH off.
 *
 * Return: for the frame's flags.
 */
u32 xdp_rxh_exclude(const struct xdp_rxh_upper *upper, struct bpf_map *map)
{
	u32 *mark = &this_cpu_ptr(upper->stats)->mark, number;

	if (!*mark) {
		if (!xdp_rxh_in_devmap(map, upper))
			return 0;
		number = this_cpu_inc_return(xdp_rxh_last_mark);
		*mark = FIELD_PREP(XDP_RXH_F_KIND, XDP_RXH_KIND_EXCLUDE) |
			FIELD_PREP(XDP_RXH_F_MARK, number) |
			FIELD_PREP(XDP_RXH_F_CPU, smp_processor_id());
	}
	return *mark;
}

/**
 * xdp_rxh_excludes - is a frame not meant for this device
 * @dev: the upper device that shall transmit it
 * @frame: the frame
 *
 * Context: BH off, RCU read side.
 *
 * Return: true if @dev's own program sent it to all devices of a map but the
 * one it came from.
 */
bool xdp_rxh_excludes(const struct net_device *dev,
		      const struct xdp_frame *frame)
{
	u32 flags = frame->flags & XDP_RXH_F_MASK;
	const struct xdp_rxh_upper *upper;

	if (likely(!flags))
		return false;
	upper = xdp_rxh_upper_find(dev);
	return upper && flags == this_cpu_ptr(upper->stats)->mark;
}
EXPORT_SYMBOL_GPL(xdp_rxh_excludes);

/**
 * xdp_rxh_excluded - frames have been transmitted out of a device
 * @dev: the upper device
 * @frames: ndo_xdp_xmit()'s: the device's own queue (devmap's struct
 *	xdp_dev_bulk_queue begins with that), or somebody else's who transmits by
 *	this device while its queue may hold marked frames
 * @flags: ndo_xdp_xmit()'s; without XDP_XMIT_FLUSH more of them come, and one
 *	of those may be marked already
 *
 * Context: BH off.
 */
void xdp_rxh_excluded(const struct net_device *dev, struct xdp_frame **frames,
		      u32 flags)
{
	const void __percpu *queue = dev->xdp_bulkq;
	const struct xdp_rxh_upper *upper;

	if (!(flags & XDP_XMIT_FLUSH) || frames != this_cpu_ptr(queue))
		return;
	upper = xdp_rxh_upper_find(dev);
	if (upper)
		this_cpu_ptr(upper->stats)->mark = 0;
}
EXPORT_SYMBOL_GPL(xdp_rxh_excluded);

/*
 * The first of @frames, and those behind it that are for the same upper, to
 * its reader. Returns how many that were, 0 where it has to be done otherwise.
 */
static int xdp_rxh_sink_bulk(int n, struct xdp_frame **frames)
{
	/* the upper's, for its reader, and in one piece */
	const u32 mask = XDP_RXH_F_MASK | XDP_FLAGS_HAS_FRAGS;
	u32 flags = frames[0]->flags & mask;
	const struct xdp_rxh_deliver *deliver;
	struct xdp_rxh_upper *upper;
	int i;

	if (FIELD_GET(XDP_RXH_F_KIND, flags) != XDP_RXH_KIND_DELIVER ||
	    flags & XDP_FLAGS_HAS_FRAGS)
		return 0;
	upper = xdp_rxh_upper_by_id(FIELD_GET(XDP_RXH_F_ID, flags));
	if (unlikely(!upper || !(upper->dev->flags & IFF_UP)))
		return 0;
	deliver = rcu_dereference_check(upper->type->deliver,
					rcu_read_lock_bh_held());
	if (!deliver)
		return 0;

	for (i = 0; i < n; i++) {
		struct xdp_frame *frame = frames[i];
		u32 other = frame->flags;

		if ((other & mask) != flags)
			break;
		frame->flags = other & ~XDP_RXH_F_MASK;
	}
	if (xdp_rxh_tracing())
		xdp_rxh_trace_deliver(deliver, upper->dev, i, frames);
	else
		deliver->deliver(upper->dev, i, frames);
	return i;
}

/**
 * xdp_rxh_sink_frame - deliver a frame that is no driver's any more
 * @upper: the upper whose program passed it
 * @frame: the frame, whose flags say so; gone in any case. To the upper's stack,
 *	even if it has a reader
 *
 * Context: BH off, RCU read side.
 */
void xdp_rxh_sink_frame(struct xdp_rxh_upper *upper, struct xdp_frame *frame)
{
	xdp_rxh_sink_one(upper->dev, frame);
}

static int xdp_rxh_sink_xmit(struct net_device *sink, int n,
			     struct xdp_frame **frames, u32 flags)
{
	int i = 0, bulk;

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	while (i < n) {
		bulk = xdp_rxh_sink_bulk(n - i, frames + i);
		if (!bulk) {
			xdp_rxh_sink_one(sink, frames[i]);
			bulk = 1;
		}
		i += bulk;
	}
	return n;
}

static netdev_tx_t xdp_rxh_sink_start_xmit(struct sk_buff *skb,
					   struct net_device *sink)
{
	dev_core_stats_tx_dropped_inc(sink);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops xdp_rxh_sink_ops = {
	.ndo_start_xmit = xdp_rxh_sink_start_xmit,
	.ndo_xdp_xmit = xdp_rxh_sink_xmit,
};

/* Of no type that a protocol would configure. */
static void xdp_rxh_sink_setup(struct net_device *sink)
{
	sink->netdev_ops = &xdp_rxh_sink_ops;
	sink->type = ARPHRD_VOID;
	sink->flags = IFF_NOARP;
	sink->priv_flags |= IFF_NO_QUEUE;
	netdev_set_netns_local(sink);
	sink->min_mtu = ETH_MAX_MTU;
	sink->max_mtu = ETH_MAX_MTU;
	sink->mtu = ETH_MAX_MTU;
	sink->needs_free_netdev = true;
}

/**
 * xdp_rxh_is_sink - is this one of ours?
 * @dev: any device
 *
 * Return: true for a sink.
 */
bool xdp_rxh_is_sink(const struct net_device *dev)
{
	return dev->netdev_ops == &xdp_rxh_sink_ops;
}

/**
 * xdp_rxh_sink_dropped - frames that a namespace's sink was not told of
 * @net: the namespace
 *
 * Context: RTNL.
 *
 * Return: how many since it was made, 0 where there is none.
 */
u64 xdp_rxh_sink_dropped(const struct net *net)
{
	const struct xdp_rxh_net *rxn = net_generic(net, xdp_rxh_net_id);
	struct rtnl_link_stats64 storage;

	return rxn->sink ? dev_get_stats(rxn->sink, &storage)->tx_dropped : 0;
}

static struct net_device *xdp_rxh_sink_create(struct net *net)
{
	struct net_device *sink;
	int err;

	sink = alloc_netdev(0, "xdprxh%d", NET_NAME_ENUM, xdp_rxh_sink_setup);
	if (!sink)
		return ERR_PTR(-ENOMEM);
	dev_net_set(sink, net);

	err = register_netdevice(sink);
	if (err) {
		free_netdev(sink);
		return ERR_PTR(err);
	}
	xdp_set_features_flag(sink, NETDEV_XDP_ACT_NDO_XMIT |
				    NETDEV_XDP_ACT_NDO_XMIT_SG);

	err = dev_open(sink, NULL);
	if (err) {
		unregister_netdevice(sink);
		return ERR_PTR(err);
	}
	return sink;
}

/* A driver that does not say what it can (before Linux 6.3, none does) is trusted. */
static bool xdp_rxh_has_redirect(const struct net_device *lower)
{
	xdp_features_t features = netdev_xdp_features(lower);

	return !(features & NETDEV_XDP_ACT_BASIC) ||
	       features & NETDEV_XDP_ACT_REDIRECT;
}

/**
 * xdp_rxh_sink_choose - use a port's sink, or have its lower's frames go without
 * @port: the port
 *
 * Without, a reader's frames go the skb path, and what else needs the sink is
 * lost and counted.
 *
 * Context: RTNL; the lower's XDP features may have changed.
 */
void xdp_rxh_sink_choose(struct xdp_rxh_port *port)
{
	bool use = port->sink_net && xdp_rxh_has_redirect(port->dev);

	WRITE_ONCE(port->no_sink, use ? port->generic_size : ULONG_MAX);
}

/**
 * xdp_rxh_sink_get - give a port the sink of its lower's namespace
 * @port: the port
 *
 * Context: RTNL.
 *
 * Return: 0 or a negative errno.
 */
int xdp_rxh_sink_get(struct xdp_rxh_port *port)
{
	struct net *net = dev_net(port->dev);
	struct xdp_rxh_net *rxn = net_generic(net, xdp_rxh_net_id);

	ASSERT_RTNL();
	if (port->sink_net)
		return 0;

	if (!rxn->sink) {
		struct net_device *sink = xdp_rxh_sink_create(net);

		if (IS_ERR(sink))
			return PTR_ERR(sink);
		rxn->sink = sink;
	}
	rxn->users++;
	port->sink_net = net;
	WRITE_ONCE(port->sink_ifindex, rxn->sink->ifindex);
	xdp_rxh_sink_choose(port);
	return 0;
}

/**
 * xdp_rxh_sink_put - the port needs its sink no more
 * @port: the port
 *
 * Context: RTNL. The namespace may be going, and its sink gone already.
 */
void xdp_rxh_sink_put(struct xdp_rxh_port *port)
{
	struct net_device *sink;
	struct xdp_rxh_net *rxn;

	ASSERT_RTNL();
	if (!port->sink_net)
		return;

	rxn = net_generic(port->sink_net, xdp_rxh_net_id);
	port->sink_net = NULL;
	xdp_rxh_sink_choose(port);
	if (--rxn->users || !rxn->sink)
		return;
	sink = rxn->sink;
	rxn->sink = NULL;
	/* otherwise it is on its way already, with its namespace */
	if (sink->reg_state == NETREG_REGISTERED)
		unregister_netdevice(sink);
}

/* A dying namespace takes its devices along, the sink among them. */
static int xdp_rxh_sink_event(struct notifier_block *nb, unsigned long event,
			      void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct xdp_rxh_net *rxn;

	if (event != NETDEV_UNREGISTER || !xdp_rxh_is_sink(dev))
		return NOTIFY_DONE;
	rxn = net_generic(dev_net(dev), xdp_rxh_net_id);
	if (rxn->sink == dev)
		rxn->sink = NULL;
	return NOTIFY_DONE;
}

static struct notifier_block xdp_rxh_sink_nb = {
	.notifier_call = xdp_rxh_sink_event,
};

static struct pernet_operations xdp_rxh_net_ops = {
	.id = &xdp_rxh_net_id,
	.size = sizeof(struct xdp_rxh_net),
};

int __init xdp_rxh_sink_init(void)
{
	int err;

	err = register_pernet_subsys(&xdp_rxh_net_ops);
	if (err)
		return err;
	err = register_netdevice_notifier(&xdp_rxh_sink_nb);
	if (err)
		unregister_pernet_subsys(&xdp_rxh_net_ops);
	return err;
}

void xdp_rxh_sink_exit(void)
{
	unregister_netdevice_notifier(&xdp_rxh_sink_nb);
	unregister_pernet_subsys(&xdp_rxh_net_ops);
}
