// SPDX-License-Identifier: GPL-2.0
/*
 * hints [-b BTF] IF...: what hints.bpf.c finds in front of the frames of macvlans, macvtaps and bonds. Attach it to
 * several and see the layouts of each told apart by one program:
 *
 *	xdp-rxh set dev mv0 hints rx
 *	xdp-rxh set dev bond0 hints rx
 *	build/samples/hints mv0 bond0
 *
 * Prints at SIGINT or SIGTERM, and takes the program off again.
 */
#include "loader.h"

#include "hints.h"
#include "hints.skel.h"

static const char *btf;

static void show(int map, int cpus)
{
	static const char *const layouts[] = { "none", "macvlan", "bond", "other" };
	struct origin origin, *last = NULL;
	unsigned long long sum;
	__u64 counts[cpus];
	int cpu;

	while (!bpf_map_get_next_key(map, last, &origin)) {
		last = &origin;
		if (bpf_map_lookup_elem(map, &origin, counts))
			continue;
		for (cpu = 0, sum = 0; cpu < cpus; cpu++)
			sum += counts[cpu];
		printf("layout %s ifindex %u queue %u frames %llu\n", layouts[origin.layout], origin.ifindex,
		       origin.queue, sum);
	}
	fflush(stdout);
}

static error_t option(int key, char *arg, struct argp_state *state)
{
	(void)state;
	if (key != 'b')
		return ARGP_ERR_UNKNOWN;
	btf = arg;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "btf", 'b', "FILE", 0, "Layouts, xdp_rx_handler.btf, where the module has no BTF (Linux 6.1)", 0 },
		{}
	};
	LIBBPF_OPTS(bpf_object_open_opts, opts);
	int cpus = libbpf_num_possible_cpus(), i;
	struct hints_bpf *skel;

	loader_begin(argc, argv, options, option, "IF...",
		     "Counts frames by where they came in; say \"xdp-rxh set dev IF hints rx\" for each IF, too.");
	opts.btf_custom_path = btf;
	skel = hints_bpf__open_opts(&opts);
	loader_loaded(skel);
	if (hints_bpf__load(skel)) {
		if (errno == ESRCH && !btf)
			errx(1, "this kernel has no BTF: -b build/xdp_rx_handler.btf");
		loader_loaded(NULL);
	}
	for (i = 0; i < loader_nr_devs; i++)
		loader_attach(skel->progs.hints, NULL);
	loader_ready();
	while (loader_wait(NULL, 0, loader_interval))
		show(bpf_map__fd(skel->maps.frames), cpus);
	loader_detach();
	show(bpf_map__fd(skel->maps.frames), cpus);
	return 0;
}
