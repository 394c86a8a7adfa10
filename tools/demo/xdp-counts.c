// SPDX-License-Identifier: GPL-2.0
/*
 * xdp-counts <device>: one line about the demo's program on a device of this network namespace:
 * its mode and its name, then how many pings, datagrams to DEMO_PORT, other datagrams and other
 * frames it has seen and dropped.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_link.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "demo.h"

static const char *mode_name(int mode)
{
	switch (mode) {
	case XDP_ATTACHED_DRV:
		return "native";
	case XDP_ATTACHED_SKB:
		return "generic";
	case XDP_ATTACHED_NONE:
		return "none";
	default:
		return "other";
	}
}

/* The descriptor of the map called demo_counts among those of program @id. */
static int counts_map(__u32 id, struct bpf_prog_info *info)
{
	struct bpf_map_info minfo;
	__u32 ids[8], len, n, i;
	int prog, map, err;

	prog = bpf_prog_get_fd_by_id(id);
	if (prog < 0)
		return prog;
	memset(info, 0, sizeof(*info));
	info->map_ids = (unsigned long)ids;
	info->nr_map_ids = sizeof(ids) / sizeof(ids[0]);
	len = sizeof(*info);
	err = bpf_obj_get_info_by_fd(prog, info, &len);
	close(prog);
	if (err)
		return err;

	n = info->nr_map_ids;
	for (i = 0; i < n && i < sizeof(ids) / sizeof(ids[0]); i++) {
		map = bpf_map_get_fd_by_id(ids[i]);
		if (map < 0)
			return map;
		len = sizeof(minfo);
		memset(&minfo, 0, sizeof(minfo));
		if (!bpf_obj_get_info_by_fd(map, &minfo, &len) &&
		    !strcmp(minfo.name, "demo_counts"))
			return map;
		close(map);
	}
	return -ENOENT;
}

int main(int argc, char **argv)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	struct bpf_prog_info info;
	struct demo_count count;
	__u32 key;
	int map;

	if (argc != 2) {
		fprintf(stderr, "Usage: xdp-counts <device>\n");
		return 2;
	}
	if (bpf_xdp_query(if_nametoindex(argv[1]), 0, &query)) {
		fprintf(stderr, "xdp-counts: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	if (!query.prog_id) {
		printf("none -\n");
		return 0;
	}
	map = counts_map(query.prog_id, &info);
	if (map < 0) {
		fprintf(stderr, "xdp-counts: %s: not one of the demo's programs\n", argv[1]);
		return 1;
	}

	printf("%s %s", mode_name(query.attach_mode), info.name);
	for (key = 0; key < DEMO_CLASSES; key++) {
		if (bpf_map_lookup_elem(map, &key, &count))
			return 1;
		printf(" %llu %llu", count.seen, count.dropped);
	}
	printf("\n");
	close(map);
	return 0;
}
