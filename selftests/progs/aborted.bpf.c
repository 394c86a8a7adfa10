// SPDX-License-Identifier: GPL-2.0
/* Aborts on every frame of ours: xdp:xdp_exception must fire once for each. */
#include "record.h"

SEC("xdp")
int aborted(struct xdp_md *ctx)
{
	return record(ctx) ? XDP_ABORTED : XDP_PASS;
}
