// SPDX-License-Identifier: GPL-2.0
/*
 * A load balancer for servers that all have the service's address, and answer clients themselves: what comes for that
 * address goes on to the MAC of one of them, chosen by the client's address. build/samples/balancer loads it.
 */
#include "packet.h"
#include "balancer.h"

const volatile __be32 service[4];	/* IPv4 has one word */
const volatile bool service_is_ipv4;
const volatile __u32 nr_backends;
const volatile bool redirected;		/* out of another device, out[0] */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_BACKENDS);
	__type(key, __u32);
	__type(value, struct backend);
} backends SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} out SEC(".maps");

static __always_inline bool for_service(const struct packet *p)
{
	if (!nr_backends || p->type != (service_is_ipv4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6)))
		return false;
	return p->to[0] == service[0] && p->to[1] == service[1] && p->to[2] == service[2] && p->to[3] == service[3];
}

/* The same backend for all a client sends, fragments included. The upper bits of a product depend on all of a word. */
static __always_inline __u32 choose(const struct packet *p)
{
	__u32 hash = (p->from[0] ^ p->from[1] ^ p->from[2] ^ p->from[3]) * 2654435761u;

	return (__u64)(hash ^ (hash >> 16)) * nr_backends >> 32;
}

SEC("xdp")
int balancer(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct backend *backend;
	struct packet packet;
	__u32 key;

	if (!parse(ctx, &packet) || !for_service(&packet))
		return XDP_PASS;
	key = choose(&packet);
	backend = bpf_map_lookup_elem(&backends, &key);
	if (!backend || (void *)(eth + 1) > packet.end)
		return XDP_PASS;
	count(key, false);
	__builtin_memcpy(eth, backend, sizeof(*backend));
	return redirected ? bpf_redirect_map(&out, 0, 0) : XDP_TX;
}

char _license[] SEC("license") = "GPL";
