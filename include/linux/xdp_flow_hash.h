/* SPDX-License-Identifier: GPL-2.0 */
/* The flow hash of a frame that has no sk_buff. */
#ifndef _LINUX_XDP_FLOW_HASH_H
#define _LINUX_XDP_FLOW_HASH_H

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <net/flow_dissector.h>

/**
 * xdp_flow_hash - the hash that a frame's sk_buff would have
 * @dev: device it came in by
 * @data: its Ethernet header
 * @len: bytes that may be read
 *
 * Context: any.
 *
 * Return: the hash, 0 for a frame without an Ethernet header.
 */
static inline u32 xdp_flow_hash(const struct net_device *dev, const void *data,
				unsigned int len)
{
	const struct ethhdr *eth = data;
	struct flow_keys keys;
	__be16 proto;

	if (unlikely(len < ETH_HLEN))
		return 0;
	proto = eth->h_proto;
	if (!eth_proto_is_802_3(proto))
		proto = htons(ETH_P_802_2);
	memset(&keys, 0, sizeof(keys));
	__skb_flow_dissect(dev_net(dev), NULL, &flow_keys_dissector, &keys,
			   data, proto, ETH_HLEN, len,
			   FLOW_DISSECTOR_F_STOP_AT_FLOW_LABEL);
	return flow_hash_from_keys(&keys);
}

#endif /* _LINUX_XDP_FLOW_HASH_H */
