// SPDX-License-Identifier: GPL-2.0
/*
 * Written for layouts that are not quite the kernel's: fields in another order, one missing. Counts the frames of ours
 * by layout, told by the id of its type in the kernel's BTF, and where they came in.
 */
#include <bpf/bpf_core_read.h>

#include "record.h"

struct xdp_rxh_meta_macvlan {
	__u32 type_id;
	__u32 rx_queue;
	__u32 rx_ifindex;
} __attribute__((preserve_access_index));

struct xdp_rxh_meta_bond {
	__u32 rx_ifindex;
} __attribute__((preserve_access_index));

struct core_key {
	__u32 stream, layout, ifindex, queue;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct core_key);
	__type(value, __u64);
} layouts SEC(".maps");

/* The layout's own size, and the offset of a field in it, are the kernel's. */
#define FIELD(meta, data, type, field) ({					\
	__u32 *at = (void *)(meta) + bpf_core_field_offset(((type *)0)->field);	\
	(void *)(at + 1) <= (data) ? *at : 0;					\
})

SEC("xdp")
int hints_core(struct xdp_md *ctx)
{
	void *meta = (void *)(long)ctx->data_meta, *data = (void *)(long)ctx->data;
	__u32 *id = data - sizeof(*id);
	struct core_key key = {};
	__u64 one = 1, *count;
	__u32 len, type_id;

	key.stream = record(ctx);
	if (!key.stream)
		return XDP_PASS;
	len = data - meta;
	type_id = 0;
	if (len == bpf_core_type_size(struct xdp_rxh_meta_macvlan))
		type_id = FIELD(meta, data, struct xdp_rxh_meta_macvlan, type_id);
	if (type_id && type_id == bpf_core_type_id_kernel(struct xdp_rxh_meta_macvlan)) {
		key.layout = 1;
		key.ifindex = FIELD(meta, data, struct xdp_rxh_meta_macvlan, rx_ifindex);
		key.queue = FIELD(meta, data, struct xdp_rxh_meta_macvlan, rx_queue);
	} else if (len == bpf_core_type_size(struct xdp_rxh_meta_bond)) {
		/* the id is last in every layout */
		id = meta + bpf_core_type_size(struct xdp_rxh_meta_bond) - sizeof(*id);
		if ((void *)(id + 1) <= data &&
		    *id == bpf_core_type_id_kernel(struct xdp_rxh_meta_bond)) {
			key.layout = 2;
			key.ifindex = FIELD(meta, data, struct xdp_rxh_meta_bond, rx_ifindex);
		}
	} else if (len) {
		key.layout = 3;
	}
	bpf_map_update_elem(&layouts, &key, &(__u64){ 0 }, BPF_NOEXIST);
	count = bpf_map_lookup_elem(&layouts, &key);
	if (count)
		__sync_fetch_and_add(count, one);
	return XDP_PASS;
}
