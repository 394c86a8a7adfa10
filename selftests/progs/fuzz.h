/* SPDX-License-Identifier: GPL-2.0 */
/* The body of fuzz.bpf.c: the verdict is a function of the frame's first bytes. */
#ifndef SELFTESTS_FUZZ_H
#define SELFTESTS_FUZZ_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

#include "../tools/fuzz.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct fuzz_key);
	__type(value, struct fuzz_value);
} seen SEC(".maps");

#ifndef FUZZ_PLAIN
/* The index of the device that FUZZ_REDIRECT goes to */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} target SEC(".maps");

static __always_inline int fuzz_redirect(void)
{
	__u32 slot = 0, *ifindex = bpf_map_lookup_elem(&target, &slot);

	return ifindex ? bpf_redirect(*ifindex, 0) : XDP_ABORTED;
}
#endif

static __always_inline int fuzz_frame(struct xdp_md *ctx)
{
	struct fuzz_key key = { .len = bpf_xdp_get_buff_len(ctx), .ifindex = ctx->ingress_ifindex };
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct fuzz_value none = {}, *value;
	struct ethhdr *eth = data;
	__u8 mac[ETH_ALEN] __attribute__((unused));
	__u32 sum = 0;
	int i;

	for (i = 0; i < FUZZ_SUM_BYTES; i++) {
		__u8 *byte = data + i;

		if ((void *)(byte + 1) > end)
			break;
		sum = sum * 31 + *byte;
	}
	key.action = (sum ^ sum >> 16) % FUZZ_ACTIONS;
	bpf_map_update_elem(&seen, &key, &none, BPF_NOEXIST);
	value = bpf_map_lookup_elem(&seen, &key);
	if (value) {
		__sync_fetch_and_add(&value->frames, 1);
		__sync_fetch_and_add(&value->sum, sum);
	}
	if ((void *)(eth + 1) > end)
		return XDP_DROP;
	switch (key.action) {
	case FUZZ_PASS:
		return XDP_PASS;
	case FUZZ_ABORT:
		return XDP_ABORTED;
#ifndef FUZZ_PLAIN
	case FUZZ_REWRITE:
		/* generic mode doesn't see that it is a broadcast no more, or now */
		if (eth->h_dest[0] != 0xff)
			eth->h_dest[5] ^= 1;	/* another upper's address, or nobody's */
		return XDP_PASS;
	case FUZZ_TX:
		/* to mv0 itself: it would come round, and be sent, for ever */
		__builtin_memcpy(mac, eth->h_source, ETH_ALEN);
		if (mac[0] == 2 && !mac[1] && !mac[2] && !mac[3] && mac[4] == 1 && !mac[5])
			return XDP_PASS;
		__builtin_memcpy(mac, eth->h_dest, ETH_ALEN);
		__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
		__builtin_memcpy(eth->h_source, mac, ETH_ALEN);
		return XDP_TX;
	case FUZZ_REDIRECT:
		return fuzz_redirect();
#endif
	default:
		return XDP_DROP;
	}
}

char _license[] SEC("license") = "GPL";

#endif /* SELFTESTS_FUZZ_H */
