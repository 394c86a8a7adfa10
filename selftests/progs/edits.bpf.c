// SPDX-License-Identifier: GPL-2.0
/*
 * The programs of a chain that is being edited (tools/edits.c). Only the last one of a whole path drops a
 * frame: one whose chain ends early gets a verdict that shows.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "../tools/edits.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PATHS);
	__type(key, __u32);
	__type(value, __u64);
} paths SEC(".maps");

/* How many frames said that they were the last */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} last SEC(".maps");

__u32 turn;

static __always_inline void count(__u32 path, int change)
{
	__u64 *value = bpf_map_lookup_elem(&paths, &path);

	if (value)
		*value += change;
}

/* One digit more. */
static __always_inline void step(struct xdp_md *ctx, __u32 digit)
{
	__u32 *path = (void *)(long)ctx->data_meta;

	if ((void *)(path + 1) > (void *)(long)ctx->data) {
		count(0, 1);
		return;
	}
	count(*path, -1);
	*path = *path << PATH_BITS | digit;
	count(*path < PATHS ? *path : 0, 1);
}

SEC("xdp")
int in(struct xdp_md *ctx)
{
	__u32 digit = turn++ % 2 ? IN_PASS : IN_DROP, zero = 0, *path;
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__be32 *mark = data + ETH_HLEN;
	__u64 *seen;

	seen = bpf_map_lookup_elem(&last, &zero);
	if (seen && (void *)(mark + 1) <= end && *mark == bpf_htonl(LAST_FRAME))
		(*seen)++;
	if (!bpf_xdp_adjust_meta(ctx, -(int)sizeof(*path))) {
		path = (void *)(long)ctx->data_meta;
		if ((void *)(path + 1) <= (void *)(long)ctx->data)
			*path = digit;
	}
	count(digit, 1);
	return digit == IN_PASS ? XDP_PASS : XDP_DROP;
}

#define MEMBER(name, version, digit, verdict)	\
SEC("xdp")					\
int name##_##version(struct xdp_md *ctx)	\
{						\
	step(ctx, (digit) + (version));		\
	return verdict;				\
}

MEMBER(ids, 0, IDS, XDP_PASS)
MEMBER(ids, 1, IDS, XDP_PASS)
MEMBER(dump, 0, DUMP, XDP_ABORTED)
MEMBER(dump, 1, DUMP, XDP_ABORTED)
MEMBER(tail, 0, TAIL, XDP_DROP)
MEMBER(tail, 1, TAIL, XDP_DROP)
MEMBER(extra, 0, EXTRA, XDP_DROP)
MEMBER(extra, 1, EXTRA, XDP_DROP)

char _license[] SEC("license") = "GPL";
