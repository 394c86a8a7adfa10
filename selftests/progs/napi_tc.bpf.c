// SPDX-License-Identifier: GPL-2.0
/* Drops, at tc ingress, what still carries the mark of net/core for frames that no driver has seen. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int napi_tc(struct __sk_buff *skb)
{
	return skb->napi_id == 0xffffffff ? TC_ACT_SHOT : TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";
