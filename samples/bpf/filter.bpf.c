// SPDX-License-Identifier: GPL-2.0
/*
 * An early filter: drops what it is told to, before an skb exists, and counts.
 *
 *	ip link set dev mv0 xdpdrv obj build/samples/filter.bpf.o sec xdp
 *	bpftool map update name drop_protos key 1 0 0 0 value 1 0 0 0	# ICMP
 *	bpftool map dump name counters
 *
 * drop_protos: IP protocol (IPv4's protocol, IPv6's next header) to 1 for drop.
 * counters: IP protocol to frames seen and frames dropped, one pair per CPU;
 * 256 is what is not IP.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PROTOS	256
#define NOT_IP	PROTOS

struct counter {
	__u64 seen;
	__u64 dropped;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PROTOS + 1);
	__type(key, __u32);
	__type(value, __u32);
} drop_protos SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PROTOS + 1);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

static __always_inline __u32 protocol(const void *data, const void *end)
{
	const struct ethhdr *eth = data;
	const struct ipv6hdr *ip6 = data + sizeof(*eth);
	const struct iphdr *ip = data + sizeof(*eth);

	if ((const void *)(eth + 1) > end)
		return NOT_IP;
	if (eth->h_proto == bpf_htons(ETH_P_IP) &&
	    (const void *)(ip + 1) <= end)
		return ip->protocol;
	if (eth->h_proto == bpf_htons(ETH_P_IPV6) &&
	    (const void *)(ip6 + 1) <= end)
		return ip6->nexthdr;
	return NOT_IP;
}

SEC("xdp")
int filter(struct xdp_md *ctx)
{
	__u32 proto = protocol((void *)(long)ctx->data,
			       (void *)(long)ctx->data_end);
	struct counter *counter = bpf_map_lookup_elem(&counters, &proto);
	__u32 *drop = bpf_map_lookup_elem(&drop_protos, &proto);

	if (!counter || !drop)
		return XDP_PASS;
	counter->seen++;
	if (!*drop)
		return XDP_PASS;
	counter->dropped++;
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
