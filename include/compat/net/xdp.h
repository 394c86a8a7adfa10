/* SPDX-License-Identifier: GPL-2.0 */
/* Shims named after the API of Linux 6.12. */
#ifndef _XDP_RXH_COMPAT_NET_XDP_H
#define _XDP_RXH_COMPAT_NET_XDP_H

#include <linux/version.h>
#include_next <net/xdp.h>
#include <linux/bpf.h>
#include <linux/netdevice.h>

/*
 * Linux 6.3, "bpf: XDP metadata RX kfuncs", and 6.8, "xdp: Add VLAN tag hint":
 * before them drivers have nothing to tell, and no program is bound to a
 * device but to run on it.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
struct xdp_md;
enum xdp_rss_hash_type { XDP_RSS_TYPE_NONE };

struct xdp_metadata_ops {
	int (*xmo_rx_timestamp)(const struct xdp_md *ctx, u64 *timestamp);
	int (*xmo_rx_hash)(const struct xdp_md *ctx, u32 *hash,
			   enum xdp_rss_hash_type *rss_type);
	int (*xmo_rx_vlan_tag)(const struct xdp_md *ctx, __be16 *vlan_proto,
			       u16 *vlan_tci);
};

static inline const struct xdp_metadata_ops *
netdev_xdp_metadata_ops(const struct net_device *dev)
{
	return NULL;
}

static inline void
netdev_set_xdp_metadata_ops(struct net_device *dev,
			    const struct xdp_metadata_ops *ops)
{
}

static inline bool xdp_prog_is_dev_bound(const struct bpf_prog *prog)
{
	return false;
}
#else
static inline const struct xdp_metadata_ops *
netdev_xdp_metadata_ops(const struct net_device *dev)
{
	return READ_ONCE(dev->xdp_metadata_ops);
}

static inline void
netdev_set_xdp_metadata_ops(struct net_device *dev,
			    const struct xdp_metadata_ops *ops)
{
	WRITE_ONCE(dev->xdp_metadata_ops, ops);
}

static inline bool xdp_prog_is_dev_bound(const struct bpf_prog *prog)
{
	return bpf_prog_is_dev_bound(prog->aux);
}
#endif

#endif /* _XDP_RXH_COMPAT_NET_XDP_H */
