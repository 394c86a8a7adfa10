// SPDX-License-Identifier: GPL-2.0
/*
 * What `make bench` strings together: a program that does nothing, and such as go on to the next by a
 * tail call. Their index is a constant, so that the JIT makes a jump of it: the cheapest there is.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__uint(max_entries, 32);
} hops SEC(".maps");

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

#define HOP(i)								\
SEC("xdp")								\
int hop_##i(struct xdp_md *ctx)						\
{									\
	bpf_tail_call_static(ctx, &hops, (i) + 1);			\
	return XDP_ABORTED;						\
}

HOP(0) HOP(1) HOP(2) HOP(3) HOP(4) HOP(5) HOP(6) HOP(7) HOP(8) HOP(9) HOP(10)
HOP(11) HOP(12) HOP(13) HOP(14) HOP(15) HOP(16) HOP(17) HOP(18) HOP(19) HOP(20)
HOP(21) HOP(22) HOP(23) HOP(24) HOP(25) HOP(26) HOP(27) HOP(28) HOP(29) HOP(30)

char _license[] SEC("license") = "GPL";
