// SPDX-License-Identifier: GPL-2.0
/* As dstmac.bpf.c, for frames in several buffers, and with cfg's verdict. */
#include "record.h"

#include "mac.h"

SEC("xdp.frags")
int dstmac_frags(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	if (!record(ctx) || (void *)(eth + 1) > (void *)(long)ctx->data_end)
		return XDP_PASS;
	cfg_mac(eth->h_dest);
	return cfg_get(CFG_VERDICT);
}
