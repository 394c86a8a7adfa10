// SPDX-License-Identifier: GPL-2.0
/* What is attached where, whether it runs natively, and why not. */
#include <err.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include "xdp-rxh.h"

/* the stable words of XDP_RXH_REASON_*; for people the kernel has better ones */
static const char *reason_name(__u32 reason)
{
	static const char * const names[XDP_RXH_REASON_MAX + 1] = {
		"native", "no-prog", "generic", "generic-link", "driver", "above", "no-handler",
		"lower-goes", "lower-no-xdp", "lower-generic", "lower-link", "hand-up-off",
		"handler-none", "handler-other", "slave-program", "no-own-prog", "no-redirect",
		"vlan", "csum",
	};

	return reason <= XDP_RXH_REASON_MAX ? names[reason] : "?";
}

/* by bit of XDP_RXH_NOTE_* */
static const struct {
	const char *name, *words;
} notes[] = {
	{ "source", "a macvlan in source mode is up on the same lower device: all frames meet the program on the skb path" },
	{ "alb", "the bond is bridged and in ALB mode, which rewrites addresses: all frames meet the program on the skb path" },
	{ "no-memory", "there was no memory for its address: all frames meet the program on the skb path; set it down and up" },
	{ "no-tap", "what the program passes becomes an sk_buff: macvtap_xdp.ko is not loaded, or tap.ko is the kernel's own" },
	{ "no-reader", "what the program passes becomes an sk_buff, for the host: nobody has its /dev/tapN open" },
	{ "no-xmit", "nothing can be redirected to it: it was made before the modules were loaded; make it anew" },
	{ "no-hook", "it has no ingress hook, for want of memory: it can't go up; try again" },
	{ "no-sink", "the lower device has no sink device, for want of memory: it can't go up; try again" },
	{ "stuck", "the lower device's driver keeps the port program, which passes all frames, until its module goes" },
	{ "by-program", "natively meet the program those frames that the lower device's own program hands up" },
};

_Static_assert(sizeof(notes) / sizeof(*notes) == __builtin_popcount(XDP_RXH_NOTE_ALL), "notes");

static void get_lower(const struct nlattr *nest, struct status *status)
{
	struct nlattr *attr;
	struct lower *lower;

	status->lowers = realloc(status->lowers, (status->nr_lowers + 1) * sizeof(*lower));
	if (!status->lowers)
		err(1, "status");
	lower = &status->lowers[status->nr_lowers++];
	*lower = (struct lower){ .name = "?", .prog = "" };
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case XDP_RXH_A_LOWER_NAME:
			lower->name = mnl_attr_get_str(attr);
			break;
		case XDP_RXH_A_LOWER_PROG_ID:
			lower->prog_id = mnl_attr_get_u32(attr);
			break;
		case XDP_RXH_A_LOWER_PROG_NAME:
			lower->prog = mnl_attr_get_str(attr);
			break;
		case XDP_RXH_A_LOWER_LINK:
			lower->link = true;
			break;
		case XDP_RXH_A_LOWER_CHAIN:
			lower->chain = mnl_attr_get_u32(attr);
			break;
		case XDP_RXH_A_LOWER_GENERIC:
			lower->generic = mnl_attr_get_u32(attr);
			break;
		case XDP_RXH_A_LOWER_PORT_PROG:
			lower->port_prog = true;
			break;
		case XDP_RXH_A_LOWER_UPPERS:
			lower->uppers = mnl_attr_get_u32(attr);
			break;
		case XDP_RXH_A_LOWER_NATIVE:
			lower->native = mnl_attr_get_u32(attr);
			break;
		}
	}
}

void get_status(const struct nlattr *attr, struct status *status)
{
	struct nlattr *nested;

	switch (mnl_attr_get_type(attr)) {
	case XDP_RXH_A_IFNAME:
		status->name = mnl_attr_get_str(attr);
		break;
	case XDP_RXH_A_REASON:
		status->upper = true;
		status->reason = mnl_attr_get_u32(attr);
		break;
	case XDP_RXH_A_WHY:
		status->why = mnl_attr_get_str(attr);
		break;
	case XDP_RXH_A_WHOM:
		status->whom = mnl_attr_get_str(attr);
		break;
	case XDP_RXH_A_NOTES:
		status->notes = mnl_attr_get_u32(attr);
		break;
	case XDP_RXH_A_GENERIC:
		status->generic = mnl_attr_get_u32(attr);
		break;
	case XDP_RXH_A_LOWER:
		get_lower(attr, status);
		break;
	case XDP_RXH_A_COUNTERS:
		mnl_attr_for_each_nested(nested, attr)
			if (mnl_attr_get_type(nested) <= XDP_RXH_A_COUNT_MAX &&
			    mnl_attr_get_payload_len(nested) == sizeof(__u64))
				status->counts[mnl_attr_get_type(nested)] = mnl_attr_get_u64(nested);
		break;
	case XDP_RXH_A_RING:
		mnl_attr_for_each_nested(nested, attr)
			if (mnl_attr_get_type(nested) <= XDP_RXH_A_RING_MAX)
				status->ring[mnl_attr_get_type(nested)] = mnl_attr_get_u32(nested);
		break;
	}
}

/* Of a program that a bpf_link holds our module can't see the id. */
static __u32 own_prog(const struct lower *lower)
{
	__u32 id = lower->prog_id;

	if (!id && lower->link &&
	    bpf_xdp_query_id(if_nametoindex(lower->name), XDP_FLAGS_DRV_MODE, &id))
		return 0;
	return id;
}

static void lower_json(const struct lower *lower, const char *comma)
{
	__u32 id = own_prog(lower);

	printf("%s{\"ifname\":%s,\"port_program\":%s,\"uppers\":%u,\"native\":%u", comma,
	       quoted(lower->name), lower->port_prog ? "true" : "false", lower->uppers, lower->native);
	if (id)
		printf(",\"prog\":{\"id\":%u,\"name\":%s,\"link\":%s}", id, quoted(lower->prog),
		       lower->link ? "true" : "false");
	if (lower->chain)
		printf(",\"chain\":%u", lower->chain);
	if (lower->generic)
		printf(",\"generic\":%u", lower->generic);
	putchar('}');
}

void status_json(const struct status *status)
{
	const char *comma = "";
	unsigned int i;

	if (status->upper)
		printf(",\"native\":%s,\"reason\":\"%s\"",
		       status->reason == XDP_RXH_REASON_NATIVE ? "true" : "false",
		       reason_name(status->reason));
	if (status->why)
		printf(",\"why\":%s", quoted(status->why));
	if (status->whom)
		printf(",\"whom\":%s", quoted(status->whom));
	if (status->generic)
		printf(",\"generic\":%u", status->generic);
	printf(",\"notes\":[");
	for (i = 0; i < sizeof(notes) / sizeof(*notes); i++) {
		if (!(status->notes & 1U << i))
			continue;
		printf("%s\"%s\"", comma, notes[i].name);
		comma = ",";
	}
	printf("],\"lowers\":[");
	for (i = 0; i < status->nr_lowers; i++)
		lower_json(&status->lowers[i], i ? "," : "");
	putchar(']');
}

/* "below it s0: own prog 3 fw, 2 in its chain, port program" */
static void print_lower(const struct status *status, const struct lower *lower)
{
	__u32 id = own_prog(lower);
	const char *comma = "";

	if (!strcmp(lower->name, status->name)) {
		printf("    %u of %u devices on it native: ", lower->native, lower->uppers);
		id = 0;
	} else {
		printf("    below it %s: ", plain(lower->name));
	}
	if (id) {
		printf("own prog %u%s%s%s", id, *lower->prog ? " " : "", plain(lower->prog),
		       lower->link ? " (held by a bpf_link)" : "");
		comma = ", ";
	}
	if (lower->chain) {
		printf("%s%u in its chain", comma, lower->chain);
		comma = ", ";
	}
	if (lower->generic) {
		printf("%sgeneric prog %u", comma, lower->generic);
		comma = ", ";
	}
	printf("%s%s\n", comma, lower->port_prog ? "port program" : "no port program");
}

void status_text(const struct status *status)
{
	unsigned int i;

	if (status->upper && status->reason == XDP_RXH_REASON_NATIVE)
		puts("    native");
	else if (status->why)
		printf("    not native: %s%s%s\n", plain(status->whom ?: ""), status->whom ? ": " : "",
		       plain(status->why));
	if (status->generic)
		printf("    generic prog %u\n", status->generic);
	for (i = 0; i < status->nr_lowers; i++)
		print_lower(status, &status->lowers[i]);
	for (i = 0; i < sizeof(notes) / sizeof(*notes); i++)
		if (status->notes & 1U << i)
			printf("    note: %s\n", notes[i].words);
}
