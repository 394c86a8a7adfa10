// SPDX-License-Identifier: GPL-2.0
/*
 * What an administrator writes who has no program per device: one for the lower, which tells tenants
 * apart by the address that a frame is for, and then does for the tenant what the row is about. Each
 * has what makes it cheap: a key that is hashed in whole words, and no counters.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_helpers.h>

#include "gen.h"

/* Twice as many as there ever are, so that hardly any two share a bucket. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2 * DEMUX_MAX_TENANTS);
	__type(key, __u64);
	__type(value, __u32);
} tenants SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__uint(max_entries, DEMUX_MAX_TENANTS);
} programs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__uint(max_entries, DEMUX_MAX_TENANTS);
} devices SEC(".maps");

static __always_inline __u32 *tenant(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	void *data = (void *)(long)ctx->data;
	__u64 key;

	if (data + ETH_HLEN > end)
		return NULL;
	key = *(__u32 *)data | (__u64)*(__u16 *)(data + 4) << 32;
	return bpf_map_lookup_elem(&tenants, &key);
}

/* The map has the verdict. */
SEC("xdp")
int demux_verdict(struct xdp_md *ctx)
{
	__u32 *verdict = tenant(ctx);

	return verdict ? *verdict : XDP_PASS;
}

/* It has the number of the tenant's own program. */
SEC("xdp")
int demux_call(struct xdp_md *ctx)
{
	__u32 *i = tenant(ctx);

	if (i)
		bpf_tail_call(ctx, &programs, *i);
	return XDP_PASS;
}

/* It has the number of the tenant's device. */
SEC("xdp")
int demux_redirect(struct xdp_md *ctx)
{
	__u32 *i = tenant(ctx);

	return i ? bpf_redirect_map(&devices, *i, 0) : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
