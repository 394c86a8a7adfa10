// SPDX-License-Identifier: GPL-2.0
/* Puts metadata before the frame; meta_tc.bpf.c reads it back at tc ingress. */
#include "record.h"

SEC("xdp")
int meta(struct xdp_md *ctx)
{
	__u32 *mark;

	if (!record(ctx))
		return XDP_PASS;
	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*mark)))
		return XDP_ABORTED;
	mark = (void *)(long)ctx->data_meta;
	if ((void *)(mark + 1) > (void *)(long)ctx->data)
		return XDP_ABORTED;
	*mark = FRAME_MAGIC;
	return cfg_get(CFG_VERDICT);
}
