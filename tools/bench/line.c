// SPDX-License-Identifier: GPL-2.0
/*
 * Several programs on one device for `make bench`: a chain, tail calls, or libxdp's dispatcher. Each
 * returns XDP_PASS and does nothing else; a row without the last member of a line proves nothing, so
 * bars have a lower limit, too.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>

#include <linux/if_link.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bench.h"
#include "line.skel.h"

/* From the top of the tree, where tools/bench/bench calls us. */
#define OBJECT	"build/bench-tools/line.bpf.o"

static struct line_bpf *skel;

static int attach(const char *dev, struct bpf_program *prog)
{
	return bpf_xdp_attach(if_nametoindex(dev), prog ? bpf_program__fd(prog) : -1,
			      XDP_FLAGS_DRV_MODE, NULL);
}

static int chain_up(const char *dev, unsigned int length)
{
	char path[] = "/tmp/xdp-cost.chain";
	unsigned int i;
	FILE *f;
	int err;

	err = attach(dev, skel->progs.pass);
	f = err ? NULL : fopen(path, "w");
	if (!f)
		return err ?: -errno;
	for (i = 2; i <= length; i++)
		fprintf(f, "node %u obj %s prog pass\n", i, OBJECT);
	for (i = 1; i < length; i++)
		fprintf(f, "edge %u pass %u\n", i, i + 1);
	fclose(f);
	return lab_run("%s chain import dev %s %s", TOOL, dev, path);
}

/* The last one calls no more. */
static int tail_calls_up(const char *dev, unsigned int length)
{
	struct bpf_program *prog, *first = NULL;
	char name[16];
	unsigned int i;
	int err, fd;

	for (i = 0; i < length; i++) {
		snprintf(name, sizeof(name), "hop_%u", i);
		prog = i == length - 1 ? skel->progs.pass :
		       bpf_object__find_program_by_name(skel->obj, name);
		first = first ?: prog;
		fd = prog ? bpf_program__fd(prog) : -1;
		err = bpf_map__update_elem(skel->maps.hops, &i, sizeof(i), &fd, sizeof(fd), BPF_ANY);
		if (err)
			return err;
	}
	return attach(dev, first);
}

static int libxdp_up(const char *dev, unsigned int length)
{
	char files[1024];
	unsigned int i;
	int len = 0;

	for (i = 0; i < length; i++)
		len += snprintf(files + len, sizeof(files) - len, " %s", OBJECT);
	return lab_run("mountpoint -q /sys/fs/bpf || mount -t bpf none /sys/fs/bpf") ?:
	       lab_run("xdp-loader load -m native -n pass %s%s", dev, files);
}

int line_up(const char *dev, enum line line, unsigned int length)
{
	if (line && !skel)
		skel = line_bpf__open_and_load();
	if (line && !skel)
		return -errno;

	switch (line) {
	case CHAIN:
		return chain_up(dev, length);
	case TAIL_CALLS:
		return tail_calls_up(dev, length);
	case LIBXDP:
		return libxdp_up(dev, length);
	default:
		return 0;
	}
}

int line_down(const char *dev, enum line line)
{
	if (line == LIBXDP)
		return lab_run("xdp-loader unload %s --all", dev);
	return line ? attach(dev, NULL) : 0;
}

void line_exit(void)
{
	line_bpf__destroy(skel);
	skel = NULL;
}
