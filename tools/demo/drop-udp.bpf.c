// SPDX-License-Identifier: GPL-2.0
/* Drops UDP to one port, passes and counts everything. */
#include "demo.bpf.h"

SEC("xdp")
int drop_udp(struct xdp_md *ctx)
{
	return drop_class(ctx, DEMO_UDP_PORT);
}
