/* SPDX-License-Identifier: GPL-2.0 */
/* What the samples' programs share: their counters, and what they want to know of a packet. */
#ifndef SAMPLES_PACKET_H
#define SAMPLES_PACKET_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "counter.h"

#define MAX_TAGS	2
#define MAX_EXTENSIONS	6

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTERS);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

static __always_inline void count(__u32 key, bool dropped)
{
	struct counter *counter = bpf_map_lookup_elem(&counters, &key);

	if (!counter)
		return;
	counter->frames++;
	counter->dropped += dropped;
}

struct packet {
	void *at, *end;		/* what has not been looked at yet: with IP, behind all of its headers */
	__be16 type;		/* behind VLAN tags */
	__u8 proto;		/* of IP, behind IPv6's extensions */
	bool fragment;		/* of IP, not the first one: no ports */
	__be32 from[4], to[4];	/* of IP; IPv4 has one word */
};

/* The next @size bytes, NULL if there are not so many */
static __always_inline void *take(struct packet *p, __u32 size)
{
	void *at = p->at;

	if (at + size > p->end)
		return NULL;
	p->at = at + size;
	return at;
}

static __always_inline bool parse_ipv4(struct packet *p)
{
	struct iphdr *ip = take(p, sizeof(*ip));

	if (!ip || ip->ihl < 5)
		return false;
	p->proto = ip->protocol;
	p->fragment = ip->frag_off & bpf_htons(0x1fff);
	p->from[0] = ip->saddr;
	p->to[0] = ip->daddr;
	p->at = ip;	/* the verifier knows a bound of ihl, none of ihl - 5 */
	return take(p, ip->ihl * 4);
}

static __always_inline bool parse_ipv6(struct packet *p)
{
	struct ipv6hdr *ip = take(p, sizeof(*ip));
	struct { __u8 next, length; __be16 fragment; __be32 more; } *extension;
	int i;

	if (!ip)
		return false;
	p->proto = ip->nexthdr;
	__builtin_memcpy(p->from, &ip->saddr, sizeof(p->from));
	__builtin_memcpy(p->to, &ip->daddr, sizeof(p->to));
	for (i = 0; i < MAX_EXTENSIONS && !p->fragment; i++) {
		if (p->proto != IPPROTO_HOPOPTS && p->proto != IPPROTO_ROUTING &&
		    p->proto != IPPROTO_DSTOPTS && p->proto != IPPROTO_FRAGMENT)
			return true;
		extension = take(p, sizeof(*extension));
		if (!extension)
			return false;
		if (p->proto == IPPROTO_FRAGMENT)
			p->fragment = extension->fragment & bpf_htons(0xfff8);
		else if (!take(p, extension->length * 8))
			return false;
		p->proto = extension->next;
	}
	return p->fragment;
}

/* False if the packet is shorter than its headers say, or has too many of them */
static __always_inline bool parse(struct xdp_md *ctx, struct packet *p)
{
	struct { __be16 tci, type; } *tag;
	struct ethhdr *eth;
	int i;

	*p = (struct packet){ .at = (void *)(long)ctx->data, .end = (void *)(long)ctx->data_end };
	eth = take(p, sizeof(*eth));
	if (!eth)
		return false;
	p->type = eth->h_proto;
	for (i = 0; i < MAX_TAGS; i++) {
		if (p->type != bpf_htons(ETH_P_8021Q) && p->type != bpf_htons(ETH_P_8021AD))
			break;
		tag = take(p, sizeof(*tag));
		if (!tag)
			return false;
		p->type = tag->type;
	}
	if (p->type == bpf_htons(ETH_P_IP))
		return parse_ipv4(p);
	if (p->type == bpf_htons(ETH_P_IPV6))
		return parse_ipv6(p);
	return true;
}

#endif /* SAMPLES_PACKET_H */
