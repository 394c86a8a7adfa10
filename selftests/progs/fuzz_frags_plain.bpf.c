// SPDX-License-Identifier: GPL-2.0
/* As fuzz_plain.bpf.c, for frames in several buffers. */
#define FUZZ_PLAIN
#include "fuzz.h"

SEC("xdp.frags")
int fuzz_frags_plain(struct xdp_md *ctx)
{
	return fuzz_frame(ctx);
}
