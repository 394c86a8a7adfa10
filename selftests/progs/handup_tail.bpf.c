// SPDX-License-Identifier: GPL-2.0
/*
 * Hands a frame up, and then makes it longer by cfg's DELTA bytes. Not one of handup.bpf.c's ways: libxdp's
 * dispatcher takes no program that changes packets.
 */
#include "record.h"

extern int bpf_xdp_rx_handler(struct xdp_md *ctx) __ksym;

SEC("xdp")
int handup_tail(struct xdp_md *ctx)
{
	int act = bpf_xdp_rx_handler(ctx);

	return bpf_xdp_adjust_tail(ctx, (int)cfg_get(CFG_DELTA)) ? XDP_ABORTED : act;
}
