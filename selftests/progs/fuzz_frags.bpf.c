// SPDX-License-Identifier: GPL-2.0
/* As fuzz.bpf.c, for frames in several buffers. */
#include "fuzz.h"

SEC("xdp.frags")
int fuzz_frags(struct xdp_md *ctx)
{
	return fuzz_frame(ctx);
}
