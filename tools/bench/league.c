// SPDX-License-Identifier: GPL-2.0
/*
 * The league table of `make bench`: for what one wants done, everything that does it, by what it costs
 * over a floor, which is the same frame's with a program on the lower that does no more than must be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define ARRAY_SIZE(x)	(sizeof(x) / sizeof((x)[0]))
#define MAX_ENTRIES	6

/**
 * struct league - what does the same
 * @name: the key in the JSON
 * @what: one line for people
 * @floor: name of the row that @row are over
 * @row: names of rows, ours first
 */
struct league {
	const char *name;
	const char *what;
	const char *floor;
	const char *row[MAX_ENTRIES];
};

struct entry {
	const char *row;
	double over;
};

/* What was measured of a league: cheapest first, over the floor. */
struct ranking {
	struct entry entry[MAX_ENTRIES];
	unsigned int n;
	double floor;
	double ours;
};

static const char footer[] =
"Instructions over the floor; how many times ours that is. Rows with a map or with tail calls count\n"
"nothing for their tenants; ours count frames and bytes of each upper and queue. Not in these numbers:\n"
"  An indirect call is a retpoline, a few instructions that take a CPU longer than others do. Drivers\n"
"  call the first 48 programs of a machine without one, by BPF's dispatcher, and any other program with.\n"
"  A tail call whose index comes from a map always has one, as has the call from the driver to our\n"
"  port program, which no dispatcher knows.\n"
"  Caches: there are none here. 4096 tenants are as many lines of a table, 1000 programs as many of code.\n";

#define DROP_OF(n)							\
	.name = "drop_" #n,						\
	.what = "drop a frame for a tenant; tenants: " #n,		\
	.floor = "lower_drop"

#define OWN_DROP_OF(n)							\
	.name = "own_drop_" #n,						\
	.what = "the same, by a program that no other has; tenants: " #n, \
	.floor = "lower_drop"

#define LINE_OF(n)							\
	.name = "line_" #n,						\
	.what = #n " programs on one device, over one",			\
	.floor = "macvlan_pass",					\
	.row = { "chain_" #n, "tail_calls_" #n, "libxdp_" #n }

static const struct league leagues[] = {
	{
		DROP_OF(1),
		.row = { "macvlan_drop", "macvlan_generic_drop", "stock_demux_drop_1", "stock_demux_call_1" },
	}, {
		DROP_OF(256),
		.row = { "macvlan_drop_256", "macvlan_generic_drop_256", "stock_demux_drop_256",
			 "stock_demux_call_256" },
	}, {
		DROP_OF(4096),
		.row = { "macvlan_drop_4096", "macvlan_generic_drop_4096", "stock_demux_drop_4096",
			 "stock_demux_call_4096" },
	}, {
		OWN_DROP_OF(48),
		.row = { "macvlan_own_drop_48", "stock_demux_own_call_48" },
	}, {
		OWN_DROP_OF(49),
		.row = { "macvlan_own_drop_49", "stock_demux_own_call_49" },
	}, {
		OWN_DROP_OF(1000),
		.row = { "macvlan_own_drop_1000", "macvlan_generic_own_drop_1000",
			 "stock_demux_own_call_1000" },
	}, {
		.name = "pass_socket",
		.what = "PASS a datagram to a socket, over PASS by the lower's",
		.floor = "lower_pass_udp",
		.row = { "macvlan_pass_udp", "macvlan_generic_pass_udp" },
	}, {
		.name = "pass_vm",
		.what = "PASS a frame to a virtual machine, over a drop by the lower's",
		.floor = "lower_drop_tap",
		.row = { "macvtap_pass_vhost", "stock_macvtap_vhost", "stock_macvtap_generic_pass_vhost",
			 "stock_tap_redirect_vhost", "stock_demux_tap_vhost" },
	}, {
		.name = "pass_ring",
		.what = "the same as far as the queue, and out of it",
		.floor = "lower_drop_tap",
		.row = { "macvtap_pass_ring", "stock_macvtap_ring" },
	}, {
		.name = "redirect",
		.what = "redirect to another device, over redirect by the lower's",
		.floor = "lower_redirect",
		.row = { "macvlan_redirect", "macvlan_generic_redirect" },
	}, {
		.name = "bond_drop",
		.what = "drop on a bond",
		.floor = "bond1_lower_drop",
		.row = { "bond1_drop", "stock_bond1_drop", "stock_bond1_generic_drop" },
	}, {
		.name = "bond1_tx",
		.what = "TX out of a bond of one, over TX by the lower's",
		.floor = "lower_tx",
		.row = { "bond1_tx", "stock_bond1_tx" },
	}, {
		.name = "bond2_tx",
		.what = "TX out of the other slave of a bond, over TX by the lower's",
		.floor = "lower_tx",
		.row = { "bond2_tx", "stock_bond2_tx", "stock_bond2_generic_tx" },
	},
	{ LINE_OF(2) }, { LINE_OF(4) }, { LINE_OF(8) }, { LINE_OF(16) }, { LINE_OF(32) },
};

static const char *row_what(const char *name)
{
	size_t i;

	for (i = 0; i < n_rows; i++)
		if (!strcmp(rows[i].name, name))
			return rows[i].what;
	return "no such row";
}

static int by_cost(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->over > y->over) - (x->over < y->over);
}

/* False where the floor or ours was not measured. */
static bool rank(const struct league *l, const struct result *res, struct ranking *r)
{
	unsigned int i;
	double val;

	r->n = 0;
	if (!report_value(res, l->floor, &r->floor) || !report_value(res, l->row[0], &r->ours))
		return false;
	r->ours -= r->floor;
	for (i = 0; i < MAX_ENTRIES && l->row[i]; i++) {
		if (!report_value(res, l->row[i], &val))
			continue;
		r->entry[r->n].row = l->row[i];
		r->entry[r->n++].over = val - r->floor;
	}
	qsort(r->entry, r->n, sizeof(r->entry[0]), by_cost);
	return true;
}

static void print_one(const struct league *l, const struct ranking *r)
{
	unsigned int i;

	printf("\n  %s (%s: %.1f)\n", l->what, l->floor, r->floor);
	for (i = 0; i < r->n; i++) {
		const struct entry *e = &r->entry[i];

		printf("  %3u. %9.1f ", i + 1, e->over);
		if (r->ours > 0)
			printf("%7.2f ", e->over / r->ours);
		else
			printf("%7s ", "-");
		printf(" %-32s  %s\n", e->row, row_what(e->row));
	}
}

void league_print(const struct result *res)
{
	const struct league *l;
	struct ranking r;
	bool any = false;

	for (l = leagues; l < leagues + ARRAY_SIZE(leagues); l++) {
		if (!rank(l, res, &r))
			continue;
		print_one(l, &r);
		any = true;
	}
	if (any)
		printf("\n%s", footer);
}

static void json_one(FILE *f, const struct league *l, const struct ranking *r)
{
	unsigned int i;

	fprintf(f, "\n    { \"name\": \"%s\", \"description\": \"%s\",", l->name, l->what);
	fprintf(f, " \"floor\": \"%s\", \"floor_insns\": %.2f, \"ours\": \"%s\", \"entries\": [",
		l->floor, r->floor, l->row[0]);
	for (i = 0; i < r->n; i++) {
		fprintf(f, "%s\n        { \"row\": \"%s\", \"over_floor\": %.2f, \"times_ours\": ",
			i ? "," : "", r->entry[i].row, r->entry[i].over);
		if (r->ours > 0)
			fprintf(f, "%.4f }", r->entry[i].over / r->ours);
		else
			fprintf(f, "null }");
	}
	fprintf(f, "\n    ] }");
}

/* The members of an array. */
void league_json(FILE *f, const struct result *res)
{
	const struct league *l;
	const char *sep = "";
	struct ranking r;

	for (l = leagues; l < leagues + ARRAY_SIZE(leagues); l++) {
		if (!rank(l, res, &r))
			continue;
		fprintf(f, "%s", sep);
		json_one(f, l, &r);
		sep = ",";
	}
}
