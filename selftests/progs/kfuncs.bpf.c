// SPDX-License-Identifier: GPL-2.0
/* Bound to a device: writes down what the driver says of each frame of ours, by its number, and passes it. */
#include "record.h"

enum xdp_rss_hash_type { XDP_RSS_TYPE_NONE };

extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx, __u64 *timestamp) __ksym;
extern int bpf_xdp_metadata_rx_hash(const struct xdp_md *ctx, __u32 *hash, enum xdp_rss_hash_type *rss_type) __ksym;
extern int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md *ctx, __be16 *vlan_proto, __u16 *vlan_tci) __ksym;

struct told_key {
	__u32 stream, seq;
};

struct told {
	__u32 hash, hash_error, time_low, time_high, time_error, vlan, vlan_error;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, struct told_key);
	__type(value, struct told);
} told SEC(".maps");

SEC("xdp")
int kfuncs(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct frame_mark *mark = data + sizeof(struct ethhdr);
	enum xdp_rss_hash_type type;
	struct told_key key = {};
	struct told told_us = {};
	__u16 tci = 0;
	__be16 proto;
	__u64 time = 0;
	__u32 hash = 0;

	key.stream = record(ctx);
	if (!key.stream || (void *)(mark + 1) > end)
		return XDP_PASS;
	key.seq = bpf_ntohs(mark->seq);
	told_us.hash_error = -bpf_xdp_metadata_rx_hash(ctx, &hash, &type);
	told_us.hash = hash;
	told_us.time_error = -bpf_xdp_metadata_rx_timestamp(ctx, &time);
	told_us.time_low = time;
	told_us.time_high = time >> 32;
	told_us.vlan_error = -bpf_xdp_metadata_rx_vlan_tag(ctx, &proto, &tci);
	told_us.vlan = tci;
	bpf_map_update_elem(&told, &key, &told_us, BPF_ANY);
	return XDP_PASS;
}
