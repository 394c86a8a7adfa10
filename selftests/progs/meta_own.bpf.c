// SPDX-License-Identifier: GPL-2.0
/* A lower's program that leaves metadata of a layout of its own: a number, and the layout's id. */
#include "record.h"

SEC("xdp")
int meta_own(struct xdp_md *ctx)
{
	__u32 *words;

	if (bpf_xdp_adjust_meta(ctx, -8))
		return XDP_ABORTED;
	words = (void *)(long)ctx->data_meta;
	if ((void *)(words + 2) > (void *)(long)ctx->data)
		return XDP_ABORTED;
	words[0] = 7;
	words[1] = 4711;
	return XDP_PASS;
}
