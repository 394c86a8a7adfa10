// SPDX-License-Identifier: GPL-2.0
/* Cuts the tail by cfg's DELTA bytes, of frames in several buffers, too. */
#include "record.h"

SEC("xdp.frags")
int tail_frags(struct xdp_md *ctx)
{
	if (!record(ctx))
		return XDP_PASS;
	return bpf_xdp_adjust_tail(ctx, (int)cfg_get(CFG_DELTA)) ? XDP_ABORTED : XDP_PASS;
}
