// SPDX-License-Identifier: GPL-2.0
/* Answers a frame: swaps its addresses and sends it back. */
#include "record.h"

SEC("xdp")
int tx(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	if (!record(ctx) || (void *)(eth + 1) > (void *)(long)ctx->data_end)
		return XDP_PASS;
	swap_macs(eth);
	return XDP_TX;
}
