// SPDX-License-Identifier: GPL-2.0
/* At tc ingress: how many frames still have the metadata of hash and time, and the hash that the kernel gives them. */
#include <linux/pkt_cls.h>
#include <linux/xdp_rx_handler.h>
#include <bpf/bpf_helpers.h>
#include <linux/bpf.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} hashes SEC(".maps");	/* without metadata, another hash, the same */

SEC("tc")
int hints_tc(struct __sk_buff *skb)
{
	struct xdp_rxh_meta_macvlan_ext *meta = (void *)(long)skb->data_meta;
	__u32 slot = 0, hash;
	__u64 *count;

	if ((void *)(meta + 1) <= (void *)(long)skb->data) {
		hash = meta->rx_hash;
		slot = 1;
		bpf_set_hash_invalid(skb);
		if (hash == bpf_get_hash_recalc(skb))
			slot = 2;
	}
	count = bpf_map_lookup_elem(&hashes, &slot);
	if (count)
		__sync_fetch_and_add(count, 1);
	return TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";
