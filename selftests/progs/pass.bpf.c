// SPDX-License-Identifier: GPL-2.0
/* Passes every frame. */
#include "record.h"

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	record(ctx);
	return XDP_PASS;
}
