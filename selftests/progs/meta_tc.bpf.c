// SPDX-License-Identifier: GPL-2.0
/* Drops, at tc ingress, what meta.bpf.c marked: a frame that still arrives has lost its metadata. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "../tools/frame.h"

SEC("tc")
int meta_tc(struct __sk_buff *skb)
{
	__u32 *mark = (void *)(long)skb->data_meta;

	if ((void *)(mark + 1) > (void *)(long)skb->data || *mark != FRAME_MAGIC)
		return TC_ACT_OK;
	return TC_ACT_SHOT;
}

char _license[] SEC("license") = "GPL";
