// SPDX-License-Identifier: GPL-2.0
/* Sends a frame to the address in cfg, from the address it was for. */
#include "record.h"

#include "mac.h"

SEC("xdp")
int txmac(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	if (!record(ctx) || (void *)(eth + 1) > (void *)(long)ctx->data_end)
		return XDP_PASS;
	__builtin_memcpy(eth->h_source, eth->h_dest, ETH_ALEN);
	cfg_mac(eth->h_dest);
	return XDP_TX;
}
