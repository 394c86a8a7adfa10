// SPDX-License-Identifier: GPL-2.0
/* As pass.bpf.c, for frames in several buffers. */
#include "record.h"

SEC("xdp.frags")
int frags(struct xdp_md *ctx)
{
	record(ctx);
	return XDP_PASS;
}
