// SPDX-License-Identifier: GPL-2.0
/* Feeds AF_XDP sockets, one a queue; a queue without a socket passes. */
#include "record.h"

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} targets SEC(".maps");

SEC("xdp")
int xskmap(struct xdp_md *ctx)
{
	return record(ctx) ? bpf_redirect_map(&targets, ctx->rx_queue_index, XDP_PASS) : XDP_PASS;
}
