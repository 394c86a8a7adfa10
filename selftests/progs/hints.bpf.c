// SPDX-License-Identifier: GPL-2.0
/*
 * Writes down what metadata lies in front of each frame, and passes it. The layout is told by its length
 * here, so that the id is one of the things to check.
 */
#include <linux/xdp_rx_handler.h>

#include "record.h"
#include "hints.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, struct hint_key);
	__type(value, struct hint_value);
} hints SEC(".maps");

static __always_inline void take(struct hint_value *value, __u64 time)
{
	__u64 now = bpf_ktime_get_ns();

	__sync_fetch_and_add(&value->frames, 1);
	/* not ahead of us, and not a minute ago */
	if (time && time <= now && now - time < 60000000000)
		__sync_fetch_and_add(&value->timed, 1);
}

SEC("xdp")
int hints_prog(struct xdp_md *ctx)
{
	void *meta = (void *)(long)ctx->data_meta, *data = (void *)(long)ctx->data;
	struct xdp_rxh_meta_macvlan_ext *macvlan_ext = meta;
	struct xdp_rxh_meta_macvlan *macvlan = meta;
	struct xdp_rxh_meta_bond_ext *bond_ext = meta;
	struct xdp_rxh_meta_bond *bond = meta;
	struct hint_value none = {}, *value;
	struct hint_key key = {};
	__u32 *words = meta;
	__u64 time = 0;

	key.stream = record(ctx);
	key.len = data - meta;
	if (key.len == sizeof(*macvlan) && (void *)(macvlan + 1) <= data) {
		key.ifindex = macvlan->rx_ifindex;
		key.queue = macvlan->rx_queue;
		key.type_id = macvlan->type_id;
	} else if (key.len == sizeof(*macvlan_ext) && (void *)(macvlan_ext + 1) <= data) {
		key.ifindex = macvlan_ext->rx_ifindex;
		key.queue = macvlan_ext->rx_queue;
		key.type_id = macvlan_ext->type_id;
		key.hash = macvlan_ext->rx_hash;
		time = macvlan_ext->rx_time;
	} else if (key.len == sizeof(*bond) && (void *)(bond + 1) <= data) {
		key.ifindex = bond->rx_ifindex;
		key.queue = bond->rx_queue;
		key.slot = bond->rx_slot;
		key.type_id = bond->type_id;
	} else if (key.len == sizeof(*bond_ext) && (void *)(bond_ext + 1) <= data) {
		key.ifindex = bond_ext->rx_ifindex;
		key.queue = bond_ext->rx_queue;
		key.slot = bond_ext->rx_slot;
		key.type_id = bond_ext->type_id;
		key.hash = bond_ext->rx_hash;
		time = bond_ext->rx_time;
	} else if (key.len == 8 && (void *)(words + 2) <= data) {
		/* meta_own.bpf.c's */
		key.queue = words[0];
		key.type_id = words[1];
	}
	bpf_map_update_elem(&hints, &key, &none, BPF_NOEXIST);
	value = bpf_map_lookup_elem(&hints, &key);
	if (value)
		take(value, time);
	return XDP_PASS;
}
