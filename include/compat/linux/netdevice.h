/* SPDX-License-Identifier: GPL-2.0 */
/* Shims named after the API of Linux 6.12. */
#ifndef _XDP_RXH_COMPAT_LINUX_NETDEVICE_H
#define _XDP_RXH_COMPAT_LINUX_NETDEVICE_H

#include <linux/version.h>
#include_next <linux/netdevice.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "xdp_rx_handler needs Linux 6.1 or newer"
#endif

/* Linux 6.12, "net: refactor ->ndo_bpf calls into dev_xdp_propagate" */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
static inline int dev_xdp_propagate(struct net_device *dev,
				    struct netdev_bpf *bpf)
{
	if (!dev->netdev_ops->ndo_bpf)
		return -EOPNOTSUPP;
	return dev->netdev_ops->ndo_bpf(dev, bpf);
}
#endif

/* Linux 6.9, "xdp: rely on skb pointer reference in do_xdp_generic" */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
#define do_xdp_generic(prog, pskb) ((do_xdp_generic)(prog, *(pskb)))
#endif

/*
 * Linux 6.3, "drivers: net: turn on XDP features": before it a device does
 * not say what it can do, and there is nobody to tell.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define NETDEV_XDP_ACT_BASIC		BIT(0)
#define NETDEV_XDP_ACT_REDIRECT		BIT(1)
#define NETDEV_XDP_ACT_NDO_XMIT		BIT(2)
#define NETDEV_XDP_ACT_RX_SG		BIT(5)
#define NETDEV_XDP_ACT_NDO_XMIT_SG	BIT(6)
#define NETDEV_XDP_FEAT_CHANGE		(-1L)

typedef u32 xdp_features_t;

static inline xdp_features_t netdev_xdp_features(const struct net_device *dev)
{
	return dev->netdev_ops->ndo_xdp_xmit ? NETDEV_XDP_ACT_NDO_XMIT : 0;
}

static inline void xdp_set_features_flag(struct net_device *dev,
					 xdp_features_t val)
{
}

static inline void netdev_notify_xdp_features(struct net_device *dev)
{
}
#else
/* what stands above @dev computes its XDP features anew; RTNL */
static inline void netdev_notify_xdp_features(struct net_device *dev)
{
	call_netdevice_notifiers(NETDEV_XDP_FEAT_CHANGE, dev);
}

static inline xdp_features_t netdev_xdp_features(const struct net_device *dev)
{
	return READ_ONCE(dev->xdp_features);
}
#endif

/*
 * Would core redirect a frame in several fragments to any device? Linux 6.3,
 * "bpf: devmap: check XDP features in __xdp_enqueue routine"; before it
 * xdp_do_redirect() refuses all, and the driver drops them.
 */
static inline bool xdp_rxh_redirects_frags(void)
{
	return LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0);
}

/* Linux 6.12.y, "net: rename netns_local to netns_immutable" */
static inline void netdev_set_netns_local(struct net_device *dev)
{
#ifdef NETIF_F_NETNS_LOCAL
	dev->features |= NETIF_F_NETNS_LOCAL;
#else
	dev->netns_immutable = true;
#endif
}

/* Would tc look at an skb that comes in by @dev, or leaves by it? */
/* Linux 6.6, "bpf: Add fd-based tcx multi-prog infra with link support" */
static inline bool netdev_has_tc_ingress(const struct net_device *dev)
{
#if defined(CONFIG_NET_XGRESS)
	return rcu_access_pointer(dev->tcx_ingress);
#elif defined(CONFIG_NET_CLS_ACT)
	return rcu_access_pointer(dev->miniq_ingress);
#else
	return false;
#endif
}

static inline bool netdev_has_tc_egress(const struct net_device *dev)
{
#if defined(CONFIG_NET_XGRESS)
	return rcu_access_pointer(dev->tcx_egress);
#elif defined(CONFIG_NET_CLS_ACT)
	return rcu_access_pointer(dev->miniq_egress);
#else
	return false;
#endif
}

#endif /* _XDP_RXH_COMPAT_LINUX_NETDEVICE_H */
