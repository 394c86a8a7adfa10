// SPDX-License-Identifier: GPL-2.0
/* Redirects to the interface whose index is in cfg. */
#include "record.h"

SEC("xdp")
int redirect(struct xdp_md *ctx)
{
	return record(ctx) ? bpf_redirect(cfg_get(CFG_IFINDEX), 0) : XDP_PASS;
}
