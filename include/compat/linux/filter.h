/* SPDX-License-Identifier: GPL-2.0 */
/* Shims named after the API of Linux 6.12. */
#ifndef _XDP_RXH_COMPAT_LINUX_FILTER_H
#define _XDP_RXH_COMPAT_LINUX_FILTER_H

#include_next <linux/filter.h>

/*
 * Linux 6.11 moved bpf_redirect_info from a per-CPU variable to the task:
 * 401cb7dae813 ("net: Reference bpf_redirect_info via task_struct on
 * PREEMPT_RT."). BPF_RI_F_RI_INIT came with it.
 */
#ifndef BPF_RI_F_RI_INIT
static inline struct bpf_redirect_info *bpf_net_ctx_get_ri(void)
{
	return this_cpu_ptr(&bpf_redirect_info);
}

struct bpf_net_context {
};

static inline struct bpf_net_context *
bpf_net_ctx_set(struct bpf_net_context *bpf_net_ctx)
{
	return bpf_net_ctx;
}

static inline void bpf_net_ctx_clear(struct bpf_net_context *bpf_net_ctx)
{
}
#endif

#endif /* _XDP_RXH_COMPAT_LINUX_FILTER_H */
