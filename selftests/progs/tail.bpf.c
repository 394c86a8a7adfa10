// SPDX-License-Identifier: GPL-2.0
/* Cuts (or, positive, grows) the tail by cfg's DELTA bytes, filled with 0xee; answers if told to TX. */
#include "record.h"

#define TAIL_MAX	64

SEC("xdp")
int tail(struct xdp_md *ctx)
{
	__u32 len = ctx->data_end - ctx->data;
	int delta = cfg_get(CFG_DELTA), i;
	struct ethhdr *eth;
	__u8 fill = 0xee;

	if (!record(ctx))
		return XDP_PASS;
	if (bpf_xdp_adjust_tail(ctx, delta))
		return XDP_ABORTED;
	for (i = 0; i < TAIL_MAX && i < delta; i++)
		if (bpf_xdp_store_bytes(ctx, len + i, &fill, 1))
			return XDP_ABORTED;
	if (cfg_get(CFG_VERDICT) == XDP_TX) {
		eth = (void *)(long)ctx->data;
		if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
			return XDP_ABORTED;
		swap_macs(eth);
	}
	return cfg_get(CFG_VERDICT);
}
