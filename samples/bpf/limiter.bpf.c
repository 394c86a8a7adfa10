// SPDX-License-Identifier: GPL-2.0
/*
 * A token bucket: passes so many bytes a second, and a burst at once. build/samples/limiter loads it.
 *
 * All CPUs take from one bucket, under a spin lock. Without a lock each CPU would need a bucket of its own with its
 * part of the rate; and as a flow comes in on one CPU, a tenant with few flows would not get what is his. The lock is
 * held for a comparison and an addition.
 */
#include "packet.h"

#define SECOND	1000000000ULL

const volatile __u64 rate;	/* bytes per second; 0: no limit */
const volatile __u64 burst;	/* bytes, at least one frame's */

/* The bucket holds what has flowed in since @empty. When that is long enough ago for a burst, it is full. */
struct bucket {
	struct bpf_spin_lock lock;
	__u64 empty;		/* ns; 0: never used */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bucket);
} buckets SEC(".maps");

/* All in ns. Another CPU may have been here with a later @now: signed. */
static __always_inline bool take_tokens(struct bucket *bucket, __u64 now, __s64 cost, __s64 full)
{
	bool enough;

	bpf_spin_lock(&bucket->lock);
	if (!bucket->empty || (__s64)(now - bucket->empty) > full)
		bucket->empty = now - full;
	enough = (__s64)(now - bucket->empty) >= cost;
	if (enough)
		bucket->empty += cost;
	bpf_spin_unlock(&bucket->lock);
	return enough;
}

SEC("xdp")
int limiter(struct xdp_md *ctx)
{
	__u32 length = ctx->data_end - ctx->data, zero = 0;
	struct bucket *bucket = bpf_map_lookup_elem(&buckets, &zero);
	bool drop;

	if (!bucket || !rate)
		return XDP_PASS;
	drop = !take_tokens(bucket, bpf_ktime_get_ns(), length * SECOND / rate, burst * SECOND / rate);
	count(0, drop);
	return drop ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
