// SPDX-License-Identifier: GPL-2.0
/*
 * xdp-cost: instructions per packet of XDP on stacked devices. Runs in a VM under `-icount shift=0`;
 * tools/bench/bench starts it there.
 */
#include <argp.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static struct {
	const char *json;
	const char *moddir;
	unsigned int repeats;
	bool list;
	char **patterns;
	int n_patterns;
} opt = { .moddir = ".", .repeats = 3 };

static const struct argp_option options[] = {
	{ "output",  'o', "FILE", 0, "Write the results as JSON to FILE", 0 },
	{ "modules", 'm', "DIR",  0, "Where xdp_rx_handler.ko and macvlan_xdp.ko are", 0 },
	{ "repeats", 'r', "N",    0, "Measure each row N times, default 3", 0 },
	{ "symbols", 's', "DIR",  0, "Leave the kernel's symbols in DIR before each run", 0 },
	{ "list",    'l', NULL,   0, "List the rows and stop", 0 },
	{ "verbose", 'v', NULL,   0, "Show commands and every window", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'o':
		opt.json = arg;
		break;
	case 'm':
		opt.moddir = arg;
		break;
	case 'r':
		opt.repeats = atoi(arg);
		if (!opt.repeats || opt.repeats > MAX_REPEATS)
			argp_error(state, "from 1 to %d repeats", MAX_REPEATS);
		break;
	case 's':
		symbols = arg;
		break;
	case 'l':
		opt.list = true;
		break;
	case 'v':
		verbose = true;
		break;
	case ARGP_KEY_ARGS:
		opt.patterns = state->argv + state->next;
		opt.n_patterns = state->argc - state->next;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[ROW...]",
	.doc = "Instructions per packet.\vROW is a shell pattern; without any, all rows are measured. Exit status 0: every bar whose rows were asked for holds.",
};

static bool chosen(const struct row *r)
{
	int i;

	for (i = 0; i < opt.n_patterns; i++)
		if (!fnmatch(opt.patterns[i], r->name, 0))
			return true;
	return !opt.n_patterns;
}

static int one_row(const struct row *r, struct result *res)
{
	int err, ret;

	err = lab_row_up(r);
	if (!err)
		err = measure_row(r, res);
	ret = lab_row_down(r);
	if (err || ret) {
		fprintf(stderr, "xdp-cost: row %s failed: %s\n", r->name, strerror(-(err ?: ret)));
		return err ?: ret;
	}
	printf("  %-32s %10.1f\n", r->name, res->insns[res->n - 1]);
	fflush(stdout);
	return 0;
}

/* All rows of a scene, in turn. */
static int one_scene(const struct scene *s, bool modules, struct result *res)
{
	bool up = false;
	int ret = 0;
	size_t i;

	for (i = 0; i < n_rows; i++) {
		const struct row *r = &rows[i];

		if (!chosen(r) || r->modules != modules || strcmp(r->scene, s->name))
			continue;
		if (!up && lab_scene_up(s)) {
			lab_scene_down();
			return -EIO;
		}
		up = true;
		if (one_row(r, &res[i]))
			ret = -EIO;
	}
	if (up)
		lab_scene_down();
	return ret;
}

static int one_round(unsigned int round, bool modules, struct result *res)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < n_scenes; i++) {
		unsigned int repeats = scenes[i].repeats ?: opt.repeats;

		if (round < (repeats < opt.repeats ? repeats : opt.repeats) &&
		    one_scene(&scenes[i], modules, res))
			ret = -EIO;
	}
	return ret;
}

/* Rows without our modules and rows with them take turns, so that no drift favours one side. */
static int all_rounds(struct result *res)
{
	unsigned int round;
	int ret = 0;

	for (round = 0; round < opt.repeats; round++) {
		printf("round %u of %u\n", round + 1, opt.repeats);
		if (one_round(round, false, res))
			ret = -EIO;
		if (!lab_have_modules())
			continue;
		if (lab_modules(true))
			return -EIO;
		if (one_round(round, true, res))
			ret = -EIO;
		if (lab_modules(false))
			return -EIO;
	}
	return ret;
}

int main(int argc, char **argv)
{
	struct result *res;
	int err, ret;
	size_t i;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (opt.list) {
		for (i = 0; i < n_rows; i++)
			printf("%-32s %s\n", rows[i].name, rows[i].what);
		return 0;
	}

	res = calloc(n_rows, sizeof(*res));
	if (!res)
		return 2;
	if (measure_init())
		return 2;
	err = lab_init(opt.moddir);
	if (err) {
		fprintf(stderr, "xdp-cost: %s\n", strerror(-err));
		return 2;
	}
	if (!lab_have_modules())
		printf("no modules in %s: only the rows that need none\n", opt.moddir);

	ret = all_rounds(res);
	err = report(res, opt.json, !opt.n_patterns);
	lab_exit();
	free(res);
	return ret || err ? 1 : 0;
}
