/* SPDX-License-Identifier: GPL-2.0 */
/* The common part of the demo's programs: tell frames apart, count them, drop one class of them. */
#ifndef DEMO_BPF_H
#define DEMO_BPF_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "demo.h"

/* <linux/icmp.h> would drag the C library's headers in. */
#define ICMP_ECHO	8

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct demo_count);
	__uint(max_entries, DEMO_CLASSES);
} demo_counts SEC(".maps");

static __always_inline __u32 classify(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	__u8 *icmp_type = (void *)(ip + 1);

	/* A UDP header is as long as an ICMP header. Demo traffic has no IP options. */
	if ((void *)(udp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5)
		return DEMO_OTHER;
	if (ip->protocol == IPPROTO_ICMP)
		return *icmp_type == ICMP_ECHO ? DEMO_PING : DEMO_OTHER;
	if (ip->protocol != IPPROTO_UDP)
		return DEMO_OTHER;
	return udp->dest == bpf_htons(DEMO_PORT) ? DEMO_UDP_PORT : DEMO_UDP_OTHER;
}

static __always_inline int drop_class(struct xdp_md *ctx, __u32 drop)
{
	__u32 class = classify(ctx);
	struct demo_count *count;

	count = bpf_map_lookup_elem(&demo_counts, &class);
	if (!count)
		return XDP_ABORTED;
	__sync_fetch_and_add(&count->seen, 1);
	if (class != drop)
		return XDP_PASS;
	__sync_fetch_and_add(&count->dropped, 1);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";

#endif /* DEMO_BPF_H */
