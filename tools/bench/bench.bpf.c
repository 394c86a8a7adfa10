// SPDX-License-Identifier: GPL-2.0
/*
 * The generators of `make bench` and the programs it measures. Each is as short as it can be: what a
 * row shows is the path around the program, not the program.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_helpers.h>

#include "gen.h"

/* Where a generator sends its frames: veth A, key 0. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__uint(max_entries, 1);
} gen_map SEC(".maps");

/* Where the program under test sends them in the REDIRECT rows: veth C, key 0. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
	__uint(max_entries, 1);
} out_map SEC(".maps");

/* Destination and source address for gen_macs. */
__u16 macs[ETH_ALEN];

/* How many frames were made, and when each batch began. */
__u32 frames;
__u64 stamps[GEN_MAX_BATCHES];

/*
 * Stamps at the same point of every batch: from one to the next lies all that a batch costs, its
 * consumer's softirq included.
 */
static __always_inline int emit(__u32 batch)
{
	__u32 n = frames++;

	if (!(n % batch))
		stamps[n / batch % GEN_MAX_BATCHES] = bpf_ktime_get_ns();
	return bpf_redirect_map(&gen_map, 0, 0);
}

SEC("xdp")
int gen(struct xdp_md *ctx)
{
	return emit(GEN_BATCH);
}

SEC("xdp")
int gen_sock(struct xdp_md *ctx)
{
	return emit(GEN_SOCK_BATCH);
}

/*
 * For programs under test that change the addresses: the test run's pages come back as the last
 * user left them, so write the addresses anew into every frame.
 */
SEC("xdp")
int gen_macs(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	__u16 *p = (void *)(long)ctx->data;
	int i;

	if ((void *)(p + ETH_ALEN) > end)
		return XDP_ABORTED;
	for (i = 0; i < ETH_ALEN; i++)
		p[i] = macs[i];

	return emit(GEN_BATCH);
}

SEC("xdp")
int drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

/* As any answering program does: the sender's address becomes the destination. */
SEC("xdp")
int tx(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	__u16 *p = (void *)(long)ctx->data;
	__u16 t;
	int i;

	if ((void *)(p + ETH_ALEN) > end)
		return XDP_ABORTED;
	for (i = 0; i < ETH_ALEN / 2; i++) {
		t = p[i];
		p[i] = p[i + ETH_ALEN / 2];
		p[i + ETH_ALEN / 2] = t;
	}

	return XDP_TX;
}

SEC("xdp")
int redirect(struct xdp_md *ctx)
{
	return bpf_redirect_map(&out_map, 0, 0);
}

char _license[] SEC("license") = "GPL";
