// SPDX-License-Identifier: GPL-2.0
/* Any verdict, as the frame says. */
#include "fuzz.h"

SEC("xdp")
int fuzz(struct xdp_md *ctx)
{
	return fuzz_frame(ctx);
}
