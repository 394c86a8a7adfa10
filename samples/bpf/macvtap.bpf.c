// SPDX-License-Identifier: GPL-2.0
/* Passes all frames, and counts. On a macvtap they come to its reader without an skb. build/samples/macvtap loads it. */
#include "packet.h"

SEC("xdp")
int macvtap(struct xdp_md *ctx)
{
	count(0, false);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
