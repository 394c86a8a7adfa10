// SPDX-License-Identifier: GPL-2.0
/* Rewrites the destination address and passes: the frame stays with this upper. */
#include "record.h"

#include "mac.h"

SEC("xdp")
int dstmac(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	if (!record(ctx) || (void *)(eth + 1) > (void *)(long)ctx->data_end)
		return XDP_PASS;
	cfg_mac(eth->h_dest);
	return XDP_PASS;
}
