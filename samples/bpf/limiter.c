// SPDX-License-Identifier: GPL-2.0
/*
 * limiter -r RATE [-b BURST] IF...: each device receives so many bytes a second.
 *
 *	build/samples/limiter -r 125000000 -b 500000 mv0 mv1
 */
#include "loader.h"

#include "limiter.skel.h"

static unsigned long long rate, burst = 65536;

static error_t option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'r':
		rate = loader_number("a rate", arg, 1, 1000000000000);
		return 0;
	case 'b':
		burst = loader_number("a burst", arg, 64, 1000000000);
		return 0;
	case ARGP_KEY_END:
		if (!rate)
			argp_error(state, "which rate? -r BYTES");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "rate", 'r', "BYTES", 0, "What passes in a second", 0 },
		{ "burst", 'b', "BYTES", 0, "What passes at once after a pause (65536)", 0 },
		{}
	};
	static const char *const names[] = { "limited" };
	struct limiter_bpf *skel;
	int i;

	loader_begin(argc, argv, options, option, "-r BYTES IF...",
		     "Drops what a device receives beyond a rate, Ethernet headers included.");
	for (i = 0; i < loader_nr_devs; i++) {
		skel = limiter_bpf__open();
		loader_loaded(skel);
		skel->rodata->rate = rate;
		skel->rodata->burst = burst;
		loader_loaded(limiter_bpf__load(skel) ? NULL : skel);
		loader_attach(skel->progs.limiter, skel->maps.counters);
	}
	return loader_run(names, 1);
}
