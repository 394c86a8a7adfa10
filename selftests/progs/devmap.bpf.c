// SPDX-License-Identifier: GPL-2.0
/* Redirects to slot 0 of a devmap. */
#include "record.h"

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} targets SEC(".maps");

SEC("xdp")
int devmap(struct xdp_md *ctx)
{
	return record(ctx) ? bpf_redirect_map(&targets, 0, 0) : XDP_PASS;
}
