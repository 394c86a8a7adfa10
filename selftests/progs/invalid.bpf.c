// SPDX-License-Identifier: GPL-2.0
/* Returns a verdict that does not exist: the kernel warns once, aborts and drops. */
#include "record.h"

#define NO_SUCH_VERDICT	17

SEC("xdp")
int invalid(struct xdp_md *ctx)
{
	return record(ctx) ? NO_SUCH_VERDICT : XDP_PASS;
}
