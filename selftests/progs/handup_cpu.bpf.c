// SPDX-License-Identifier: GPL-2.0
/* Hands frames up on another CPU; and what a program of a devmap would do, which can't. */
#include "record.h"

extern int bpf_xdp_rx_handler(struct xdp_md *ctx) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} targets SEC(".maps");

SEC("xdp")
int handup_cpu(struct xdp_md *ctx)
{
	return record(ctx) ? bpf_redirect_map(&targets, 0, 0) : XDP_PASS;
}

SEC("xdp/cpumap")
int of_cpumap(struct xdp_md *ctx)
{
	return bpf_xdp_rx_handler(ctx);
}

SEC("?xdp/devmap")
int of_devmap(struct xdp_md *ctx)
{
	return bpf_xdp_rx_handler(ctx);
}
