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
#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include "hints.skel.h"
#include "hints.h"

static void on_signal(int sig)
{
	(void)sig;
}

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
}

int main(int argc, char **argv)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts);
	struct sigaction action = { .sa_handler = on_signal };
	int attached, status = 1, prog, error, i;
	struct hints_bpf *skel;
	sigset_t stop, before;

	if (argc > 2 && !strcmp(argv[1], "-b")) {
		opts.btf_custom_path = argv[2];
		argv += 2;
		argc -= 2;
	}
	if (argc < 2 || argv[1][0] == '-') {
		fprintf(stderr, "Usage: hints [-b BTF] IF...\n"
			"Counts frames by where they came in; say \"xdp-rxh set dev IF hints rx\" for each IF, too.\n"
			"BTF: layouts from this file, xdp_rx_handler.btf, where the module has no BTF (Linux 6.1).\n");
		return 1;
	}
	skel = hints_bpf__open_opts(&opts);
	if (!skel || hints_bpf__load(skel))
		err(1, "the program does not load (are you root?)");
	prog = bpf_program__fd(skel->progs.hints);

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, &before);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);

	for (attached = 1; attached < argc; attached++) {
		if (!if_nametoindex(argv[attached])) {
			warn("%s", argv[attached]);
			goto out;
		}
		error = bpf_xdp_attach(if_nametoindex(argv[attached]), prog,
				       XDP_FLAGS_DRV_MODE | XDP_FLAGS_UPDATE_IF_NOEXIST, NULL);
		if (error) {
			warnx("%s: %s; is macvlan_xdp or bonding_xdp loaded, and no program attached?",
			      argv[attached], strerror(-error));
			goto out;
		}
	}
	puts("ready");
	fflush(stdout);
	sigsuspend(&before);
	show(bpf_map__fd(skel->maps.frames), libbpf_num_possible_cpus());
	status = 0;
out:
	for (i = 1; i < attached; i++)
		bpf_xdp_detach(if_nametoindex(argv[i]), XDP_FLAGS_DRV_MODE, NULL);
	hints_bpf__destroy(skel);
	return status;
}
