// SPDX-License-Identifier: GPL-2.0
/* Takes cfg's DELTA bytes off (or, negative, puts them before) the front; keeps the Ethernet header. */
#include "record.h"

#define HEAD_MAX	64

SEC("xdp")
int head(struct xdp_md *ctx)
{
	int delta = cfg_get(CFG_DELTA);
	struct ethhdr *eth, saved;
	void *end;
	__u8 *fill;
	int i;

	if (!record(ctx))
		return XDP_PASS;
	eth = (void *)(long)ctx->data;
	if ((void *)(eth + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	saved = *eth;
	if (bpf_xdp_adjust_head(ctx, delta))
		return XDP_ABORTED;
	eth = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if ((void *)(eth + 1) > end)
		return XDP_ABORTED;
	*eth = saved;
	fill = (void *)(eth + 1);
	for (i = 0; i < HEAD_MAX && i < -delta; i++, fill++) {
		if ((void *)(fill + 1) > end)
			return XDP_ABORTED;
		*fill = i;
	}
	return cfg_get(CFG_VERDICT);
}
