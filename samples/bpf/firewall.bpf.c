// SPDX-License-Identifier: GPL-2.0
/*
 * What may come in to a tenant: by the longest prefix that the source's address has a rule for, and by the
 * destination's port. What no rule speaks of may. build/samples/firewall loads it with rules.
 */
#include "packet.h"
#include "firewall.h"

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, MAX_RULES);
	__type(key, struct cidr);
	__type(value, __u32);
} sources SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_RULES);
	__type(key, struct port);
	__type(value, __u32);
} ports SEC(".maps");

static __always_inline bool source_denied(const struct packet *p)
{
	struct cidr cidr = { .family = p->type == bpf_htons(ETH_P_IP) ? 4 : 6 };
	__u32 *verdict;

	cidr.prefixlen = FAMILY_BITS + (cidr.family == 4 ? 32 : 128);
	__builtin_memcpy(cidr.addr, p->from, sizeof(cidr.addr));
	verdict = bpf_map_lookup_elem(&sources, &cidr);
	return verdict && *verdict == DENY;
}

/*
 * The first fragment has the ports; without it the others come to nothing. A first one too short for ports is denied, as
 * the next one could bring other ones.
 */
static __always_inline bool port_denied(struct packet *p)
{
	struct port port = { .proto = p->proto };
	struct { __be16 from, to; } *l4;
	__u32 *verdict = NULL;

	if (p->fragment)
		return false;
	if (p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP) {
		l4 = take(p, sizeof(*l4));
		if (!l4)
			return true;
		port.port = bpf_ntohs(l4->to);
		verdict = bpf_map_lookup_elem(&ports, &port);
		port.port = 0;
	}
	if (!verdict)
		verdict = bpf_map_lookup_elem(&ports, &port);
	return verdict && *verdict == DENY;
}

static __always_inline int verdict(__u32 reason, bool drop)
{
	count(reason, drop);
	return drop ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int firewall(struct xdp_md *ctx)
{
	struct packet packet;

	if (!parse(ctx, &packet))
		return verdict(BROKEN, true);
	if (packet.type != bpf_htons(ETH_P_IP) && packet.type != bpf_htons(ETH_P_IPV6))
		return verdict(NOT_IP, false);
	if (source_denied(&packet))
		return verdict(BY_SOURCE, true);
	return verdict(BY_PORT, port_denied(&packet));
}

char _license[] SEC("license") = "GPL";
