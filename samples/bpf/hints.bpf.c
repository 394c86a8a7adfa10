// SPDX-License-Identifier: GPL-2.0
/*
 * Where frames come in, by the metadata that xdp_rx_handler puts in front of them: counts frames by lower,
 * or by a bond's slave, and queue. Knows two layouts, and leaves a third alone. build/samples/hints loads it.
 *
 * A layout is told by the id it ends with: that of its struct in the BTF of the module that runs, which libbpf
 * puts into the program when it is loaded, as it does the offsets of the fields (CO-RE). Where the module has no
 * BTF the ids are fixed numbers, and the offsets those of build/xdp_rx_handler.btf (hints -b), or of the header.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
#include <linux/xdp_rx_handler.h>
#pragma clang attribute pop

#include "hints.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct origin);
	__type(value, __u64);
} frames SEC(".maps");

#define IS(id, type, fixed)							\
	((id) == (__u32)(fixed) ||						\
	 (bpf_core_type_exists(struct type) && (id) == bpf_core_type_id_kernel(struct type)))
#define SIZE(type)								\
	(bpf_core_type_exists(struct type) ? bpf_core_type_size(struct type) : sizeof(struct type))
#define AT(type, field)								\
	(bpf_core_type_exists(struct type) ? bpf_core_field_offset(((struct type *)0)->field) :	\
					     __builtin_offsetof(struct type, field))

/* A word of the metadata, 0 if there is none so far from its beginning */
static __always_inline __u32 word(void *meta, void *data, __u32 offset)
{
	__u32 *at = meta + offset;

	return (void *)(at + 1) <= data ? *at : 0;
}

SEC("xdp")
int hints(struct xdp_md *ctx)
{
	void *meta = (void *)(long)ctx->data_meta, *data = (void *)(long)ctx->data;
	struct origin origin = { .layout = META_OTHER };
	__u64 one = 1, *count;
	__u32 len = data - meta;

	if (!len) {
		origin.layout = NO_META;
	} else if (len == SIZE(xdp_rxh_meta_macvlan) &&
		   IS(word(meta, data, AT(xdp_rxh_meta_macvlan, type_id)),
		      xdp_rxh_meta_macvlan, XDP_RXH_META_MACVLAN)) {
		origin.layout = META_MACVLAN;
		origin.ifindex = word(meta, data, AT(xdp_rxh_meta_macvlan, rx_ifindex));
		origin.queue = word(meta, data, AT(xdp_rxh_meta_macvlan, rx_queue));
	} else if (len == SIZE(xdp_rxh_meta_bond) &&
		   IS(word(meta, data, AT(xdp_rxh_meta_bond, type_id)),
		      xdp_rxh_meta_bond, XDP_RXH_META_BOND)) {
		origin.layout = META_BOND;
		origin.ifindex = word(meta, data, AT(xdp_rxh_meta_bond, rx_ifindex));
		origin.queue = word(meta, data, AT(xdp_rxh_meta_bond, rx_queue));
	}
	count = bpf_map_lookup_elem(&frames, &origin);
	if (count)
		(*count)++;
	else
		bpf_map_update_elem(&frames, &origin, &one, BPF_ANY);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
