// SPDX-License-Identifier: GPL-2.0
/* Drops pings, passes and counts everything. */
#include "demo.bpf.h"

SEC("xdp")
int drop_ping(struct xdp_md *ctx)
{
	return drop_class(ctx, DEMO_PING);
}
