// SPDX-License-Identifier: GPL-2.0
/* Drops every frame, ours or not. */
#include "record.h"

SEC("xdp")
int drop(struct xdp_md *ctx)
{
	record(ctx);
	return XDP_DROP;
}
