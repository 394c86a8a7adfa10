// SPDX-License-Identifier: GPL-2.0
/*
 * What there is to do with programs that hand frames up, besides attaching them:
 *
 *   handup run NS:IF MAC [live N]	BPF_PROG_RUN of "handup" on a frame for MAC, as if from the device; prints
 *					the verdict, or with "live" lets N frames go where that sends them
 *   handup cpumap			load and pin "handup_cpu", whose cpumap has a program of its own
 *   handup devmap			fails, as the kernel refuses to load such a program
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>

#include "lab.h"

/* include/uapi/linux/bpf.h, 5.18 on */
#ifndef BPF_F_TEST_XDP_LIVE_FRAMES
#define BPF_F_TEST_XDP_LIVE_FRAMES	(1U << 1)
#endif

struct frame {
	struct ethhdr eth;
	struct frame_mark mark;
	char rest[60 - sizeof(struct ethhdr) - sizeof(struct frame_mark)];
} __attribute__((packed));

static int run(int argc, char **argv)
{
	struct frame frame = {
		.eth.h_source = { 2, 0, 0, 0, 0, 0xaa },
		.eth.h_proto = htons(FRAME_TYPE),
		.mark = { .magic = htonl(FRAME_MAGIC), .stream = 'A' },
	};
	struct xdp_md ctx = { .data_end = sizeof(frame) };
	struct lab_dev dev;
	int err;

	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = &frame, .data_size_in = sizeof(frame), .ctx_in = &ctx,
		    .ctx_size_in = sizeof(ctx), .repeat = 1);

	lab_open(argv[0], &dev);
	if (sscanf(argv[1], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &frame.eth.h_dest[0], &frame.eth.h_dest[1],
		   &frame.eth.h_dest[2], &frame.eth.h_dest[3], &frame.eth.h_dest[4], &frame.eth.h_dest[5]) != 6)
		errx(2, "not an address: %s", argv[1]);
	ctx.ingress_ifindex = dev.ifindex;
	if (argc == 4) {
		opts.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
		opts.repeat = atoi(argv[3]);
	}
	err = bpf_prog_test_run_opts(lab_prog("handup"), &opts);
	if (err)
		errx(1, "run: %s", strerror(-err));
	if (argc != 4)
		printf("%u\n", opts.retval);
	return 0;
}

static struct bpf_object *open_object(void)
{
	char self[PATH_MAX] = "", path[PATH_MAX + 64];
	struct bpf_object *obj;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		err(1, "/proc/self/exe");
	snprintf(path, sizeof(path), "%s/handup_cpu.bpf.o", dirname(self));
	obj = bpf_object__open_file(path, NULL);
	if (!obj)
		err(1, "%s", path);
	return obj;
}

static int cpumap(void)
{
	struct bpf_object *obj = open_object();
	struct bpf_cpumap_val value = { .qsize = 192 };
	__u32 key = 0;

	if (bpf_object__load(obj))
		errx(1, "it does not load");
	value.bpf_prog.fd = bpf_program__fd(bpf_object__find_program_by_name(obj, "of_cpumap"));
	if (bpf_map_update_elem(bpf_object__find_map_fd_by_name(obj, "targets"), &key, &value, BPF_ANY))
		err(1, "cpumap");
	return bpf_program__pin(bpf_object__find_program_by_name(obj, "handup_cpu"), LAB_PINS "/handup_cpu");
}

static int devmap(void)
{
	struct bpf_object *obj = open_object();

	bpf_program__set_autoload(bpf_object__find_program_by_name(obj, "of_devmap"), true);
	return bpf_object__load(obj) ? 1 : 0;
}

int main(int argc, char **argv)
{
	if ((argc == 4 || (argc == 6 && !strcmp(argv[4], "live"))) && !strcmp(argv[1], "run"))
		return run(argc - 2, argv + 2);
	if (argc == 2 && !strcmp(argv[1], "cpumap"))
		return cpumap();
	if (argc == 2 && !strcmp(argv[1], "devmap"))
		return devmap();
	errx(2, "Usage: handup run NS:IF MAC [live N] | cpumap | devmap");
}
