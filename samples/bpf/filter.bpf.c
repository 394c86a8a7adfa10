// SPDX-License-Identifier: GPL-2.0
/*
 * An early filter: counts frames by protocol, and drops what is more than its limit, before an skb exists.
 * build/samples/filter loads it and prints the counters. Or without:
 *
 *	ip link set dev mv0 xdpdrv obj build/samples/filter.bpf.o sec xdp
 *	bpftool map update name limits key 3 0 0 0 value 1 0 0 0 0 0 0 0	# no ICMP
 *	bpftool map dump name counters
 *
 * The keys of both are those of filter.h.
 */
#include "packet.h"
#include "filter.h"

#define SECOND	1000000000ULL

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PROTOCOLS);
	__type(key, __u32);
	__type(value, struct limit);
} limits SEC(".maps");

/* How many have passed since when */
struct window {
	__u64 begin;
	__u64 passed;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PROTOCOLS);
	__type(key, __u32);
	__type(value, struct window);
} windows SEC(".maps");

static __always_inline __u32 protocol(const struct packet *p)
{
	bool ipv4 = p->type == bpf_htons(ETH_P_IP), ipv6 = p->type == bpf_htons(ETH_P_IPV6);

	if (p->type == bpf_htons(ETH_P_ARP))
		return ARP;
	if (!ipv4 && !ipv6)
		return OTHER;
	if (p->proto == IPPROTO_TCP)
		return TCP;
	if (p->proto == IPPROTO_UDP)
		return UDP;
	if (p->proto == (ipv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		return ICMP;
	return ipv4 ? IPV4 : IPV6;
}

/*
 * All CPUs share a window, without a lock: of frames that meet here at the very moment when one ends, or the last
 * one passes, a few more or less may. Good enough for a threshold; limiter.bpf.c is exact.
 */
static __always_inline bool too_many(__u32 proto)
{
	struct limit *limit = bpf_map_lookup_elem(&limits, &proto);
	struct window *window = bpf_map_lookup_elem(&windows, &proto);
	__u64 now;

	if (!limit || !window || !limit->limited)
		return false;
	now = bpf_ktime_get_coarse_ns();
	if (now - window->begin >= SECOND) {
		window->begin = now;
		window->passed = 0;
	}
	if (window->passed >= limit->per_second)
		return true;
	__sync_fetch_and_add(&window->passed, 1);
	return false;
}

SEC("xdp")
int filter(struct xdp_md *ctx)
{
	struct packet packet;
	__u32 proto;
	bool drop;

	parse(ctx, &packet);
	proto = protocol(&packet);
	drop = too_many(proto);
	count(proto, drop);
	return drop ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
