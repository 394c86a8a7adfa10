/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every test program does before its verdict: write down the frame it was given.
 *
 * The test tools send frames whose payload begins with FRAME_MAGIC and the letter of their stream.
 * "seen" then says, for each stream and each interface the program was told of, how many frames, how
 * many bytes and which bytes: enough to tell whether native and generic mode showed a program the same.
 */
#ifndef SELFTESTS_RECORD_H
#define SELFTESTS_RECORD_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "../tools/frame.h"

#define SUM_BYTES	64

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 512);
	__type(key, struct seen_key);
	__type(value, struct seen_value);
} seen SEC(".maps");

/* How often each rx queue index was seen; the last slot holds all that are higher. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SEEN_QUEUES);
	__type(key, __u32);
	__type(value, __u64);
} queues SEC(".maps");

/* What a case tells its program: see CFG_* in frame.h. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CFG_SLOTS);
	__type(key, __u32);
	__type(value, __u64);
} cfg SEC(".maps");

static __always_inline __u64 cfg_get(__u32 slot)
{
	__u64 *value = bpf_map_lookup_elem(&cfg, &slot);

	return value ? *value : 0;
}

/* The stream of a frame of ours, 0 for any other. */
static __always_inline __u8 frame_stream(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct frame_mark *mark = data + sizeof(struct ethhdr);

	if ((void *)(mark + 1) > end || mark->magic != bpf_htonl(FRAME_MAGIC))
		return 0;
	return mark->stream;
}

static __always_inline void record_queue(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;
	__u64 *count;

	if (queue >= SEEN_QUEUES)
		queue = SEEN_QUEUES - 1;
	count = bpf_map_lookup_elem(&queues, &queue);
	if (count)
		__sync_fetch_and_add(count, 1);
}

/* Write the frame down; returns its stream, 0 for a frame that is not ours. */
static __always_inline __u8 record(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct seen_key key = { .ifindex = ctx->ingress_ifindex, .stream = frame_stream(ctx) };
	struct seen_value none = {}, *value;
	struct ethhdr *eth = data;
	__u32 sum = 0;
	int i;

	if ((void *)(eth + 1) <= end)
		key.proto = bpf_ntohs(eth->h_proto);
	for (i = 0; i < SUM_BYTES; i++) {
		__u8 *byte = data + i;

		if ((void *)(byte + 1) > end)
			break;
		sum = sum * 31 + *byte;
	}

	bpf_map_update_elem(&seen, &key, &none, BPF_NOEXIST);
	value = bpf_map_lookup_elem(&seen, &key);
	if (value) {
		__sync_fetch_and_add(&value->frames, 1);
		__sync_fetch_and_add(&value->bytes, bpf_xdp_get_buff_len(ctx));
		__sync_fetch_and_add(&value->sum, sum);
	}
	if (key.stream)
		record_queue(ctx);
	return key.stream;
}

static __always_inline void swap_macs(struct ethhdr *eth)
{
	__u8 mac[ETH_ALEN];

	__builtin_memcpy(mac, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, mac, ETH_ALEN);
}

char _license[] SEC("license") = "GPL";

#endif /* SELFTESTS_RECORD_H */
