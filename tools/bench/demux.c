// SPDX-License-Identifier: GPL-2.0
/*
 * What `make bench` compares native programs on uppers with: one program on the lower that tells
 * tenants apart by their addresses (demux.bpf.c). And programs that are not one and the same, for the
 * rows where each tenant has its own: BPF's dispatcher, through which drivers call programs without an
 * indirect branch, knows 48 attached ones.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bench.h"
#include "demux.skel.h"
#include "gen.h"

static struct demux_bpf *skel;

int demux_own_program(void)
{
	/* as libbpf does: a program array takes programs of one kind only */
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_XDP);
	/* r0 = XDP_DROP; exit */
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_DROP },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "own", "GPL", insns,
			     sizeof(insns) / sizeof(insns[0]), &opts);
}

/* Whoever is given a program holds it: this many stay, but not that many files. */
static int fill_program(__u32 i, int shared)
{
	int fd = shared < 0 ? demux_own_program() : shared;
	int err;

	if (fd < 0)
		return fd;
	err = bpf_map__update_elem(skel->maps.programs, &i, sizeof(i), &fd, sizeof(fd), BPF_ANY);
	if (shared < 0)
		close(fd);
	return err;
}

static int fill(const struct row *r)
{
	int shared = r->demux == DEMUX_CALL && !r->own ? demux_own_program() : -1;
	unsigned char mac[ETH_ALEN];
	__u64 key = 0;
	int err = 0;
	__u32 i, val;

	for (i = 0; i < r->tenants && !err; i++) {
		lab_mac(mac, i);
		memcpy(&key, mac, sizeof(mac));
		val = r->demux == DEMUX_VERDICT ? XDP_DROP : i;
		err = bpf_map__update_elem(skel->maps.tenants, &key, sizeof(key), &val, sizeof(val),
					   BPF_ANY);
		if (!err && r->demux == DEMUX_CALL)
			err = fill_program(i, shared);
	}
	if (shared >= 0)
		close(shared);
	return err;
}

static int fill_device(const struct row *r)
{
	__u32 i = r->tenants / 2, ifindex = if_nametoindex(TUN_NAME);

	return bpf_map__update_elem(skel->maps.devices, &i, sizeof(i), &ifindex, sizeof(ifindex),
				    BPF_ANY);
}

/* Maps are made anew for each row, and their hash with them: were it a bad one, one round shows it. */
int demux_up(const char *dev, const struct row *r)
{
	struct bpf_program *prog;
	int err;

	if (!r->demux)
		return 0;
	skel = demux_bpf__open_and_load();
	if (!skel)
		return -errno;
	err = fill(r);
	if (!err && r->demux == DEMUX_REDIRECT)
		err = fill_device(r);
	if (err)
		return err;
	prog = r->demux == DEMUX_VERDICT ? skel->progs.demux_verdict :
	       r->demux == DEMUX_CALL ? skel->progs.demux_call : skel->progs.demux_redirect;
	return bpf_xdp_attach(if_nametoindex(dev), bpf_program__fd(prog), XDP_FLAGS_DRV_MODE, NULL);
}

int demux_down(const char *dev)
{
	int err;

	if (!skel)
		return 0;
	err = bpf_xdp_attach(if_nametoindex(dev), -1, XDP_FLAGS_DRV_MODE, NULL);
	demux_bpf__destroy(skel);
	skel = NULL;
	return err;
}
