// SPDX-License-Identifier: GPL-2.0
/* Broadcasts to every slot of a devmap but the one it came from. */
#include "record.h"

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} targets SEC(".maps");

SEC("xdp")
int devmap_all(struct xdp_md *ctx)
{
	if (!record(ctx))
		return XDP_PASS;
	return bpf_redirect_map(&targets, 0, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS);
}
