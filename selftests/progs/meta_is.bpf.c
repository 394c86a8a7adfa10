// SPDX-License-Identifier: GPL-2.0
/* Passes what meta.bpf.c has marked twice, and nothing else of ours. */
#include "record.h"

SEC("xdp")
int meta_is(struct xdp_md *ctx)
{
	__u32 *marks = (void *)(long)ctx->data_meta;

	if (!record(ctx))
		return XDP_PASS;
	if ((void *)(marks + 2) > (void *)(long)ctx->data)
		return XDP_DROP;
	return marks[0] == FRAME_MAGIC && marks[1] == FRAME_MAGIC ? XDP_PASS : XDP_DROP;
}
