// SPDX-License-Identifier: GPL-2.0
/* Hands frames up by itself, and does what else cfg's HOW says. */
#include "record.h"

extern int bpf_xdp_rx_handler(struct xdp_md *ctx) __ksym;

/* Changes the source address by pointers that were checked before the call. */
static __always_inline int pointers(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	__u8 *last = (void *)(eth + 1) + 45;
	int act;

	if ((void *)(last + 1) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	act = bpf_xdp_rx_handler(ctx);
	eth->h_source[5] ^= 0xff;
	*last ^= 0xff;
	return act;
}

SEC("xdp")
int handup(struct xdp_md *ctx)
{
	int how = cfg_get(CFG_HOW), act;

	record(ctx);
	switch (how) {
	case HANDUP_RETURN:
		return bpf_xdp_rx_handler(ctx);
	case HANDUP_NOT:
		return XDP_PASS;
	case HANDUP_POINTERS:
		return pointers(ctx);
	}

	act = bpf_xdp_rx_handler(ctx);
	switch (how) {
	case HANDUP_TWICE:
		return bpf_xdp_rx_handler(ctx);
	case HANDUP_IGNORE:
		return cfg_get(CFG_VERDICT);
	case HANDUP_REDIRECT:
		return bpf_redirect(cfg_get(CFG_IFINDEX), 0);
	}
	return act;
}
