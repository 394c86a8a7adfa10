// SPDX-License-Identifier: GPL-2.0
/*
 * filter [-l PROTO=RATE] IF...: counts frames by protocol, and drops what is more than so many a second of one.
 *
 *	build/samples/filter -l icmp=100 -l udp=0 -i 1 eth0 mv0
 *
 * On the lower (eth0) that is for all; on an upper for its own frames, which have passed the lower's.
 */
#include "loader.h"

#include "filter.h"
#include "filter.skel.h"

static const char *const names[] = { "arp", "tcp", "udp", "icmp", "ipv4", "ipv6", "other" };
static struct limit limits[PROTOCOLS];

static error_t option(int key, char *arg, struct argp_state *state)
{
	char *rate = arg ? strchr(arg, '=') : NULL;
	int proto;

	if (key != 'l')
		return ARGP_ERR_UNKNOWN;
	if (rate)
		*rate++ = 0;
	for (proto = 0; proto < PROTOCOLS && strcmp(names[proto], arg); proto++)
		;
	if (!rate || proto == PROTOCOLS)
		argp_error(state, "%s: PROTO=RATE with arp, tcp, udp, icmp, ipv4, ipv6 or other", arg);
	limits[proto].per_second = loader_number("a rate", rate, 0, 0xffffffff);
	limits[proto].limited = 1;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{ "limit", 'l', "PROTO=RATE", 0,
		  "Drop more than RATE frames a second of arp, tcp, udp, icmp, ipv4, ipv6, other", 0 },
		{}
	};
	struct filter_bpf *skel;
	__u32 proto;
	int i;

	loader_begin(argc, argv, options, option, "IF...",
		     "Counts frames by protocol, and drops what is too many. Give a lower device first.");
	for (i = 0; i < loader_nr_devs; i++) {
		skel = filter_bpf__open_and_load();
		loader_loaded(skel);
		for (proto = 0; proto < PROTOCOLS; proto++)
			bpf_map_update_elem(bpf_map__fd(skel->maps.limits), &proto, &limits[proto], BPF_ANY);
		loader_attach(skel->progs.filter, skel->maps.counters);
	}
	return loader_run(names, PROTOCOLS);
}
