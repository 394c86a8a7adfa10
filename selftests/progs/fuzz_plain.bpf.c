// SPDX-License-Identifier: GPL-2.0
/* As fuzz.bpf.c, but what passes is left as it is, and nothing is sent back or redirected. */
#define FUZZ_PLAIN
#include "fuzz.h"

SEC("xdp")
int fuzz_plain(struct xdp_md *ctx)
{
	return fuzz_frame(ctx);
}
