// SPDX-License-Identifier: GPL-2.0
/* Takes an outer Ethernet header off and passes what is inside: the frame stays with this upper. */
#include "record.h"

#define INNER_OFFSET	(sizeof(struct ethhdr) + sizeof(struct frame_mark))

SEC("xdp")
int decap(struct xdp_md *ctx)
{
	if (!record(ctx))
		return XDP_PASS;
	return bpf_xdp_adjust_head(ctx, INNER_OFFSET) ? XDP_ABORTED : XDP_PASS;
}
