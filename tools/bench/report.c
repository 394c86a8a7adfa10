// SPDX-License-Identifier: GPL-2.0
/* The results of `make bench`: a table for people, JSON for plots, and whether the bars hold. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "bench.h"

static const char footer[] =
"Instructions executed by the guest, counted by QEMU (-icount shift=0), for one 60-byte frame on its\n"
"whole way from the generator (BPF_PROG_RUN with live frames, batches of 64, devmap into a veth; of 32\n"
"where a process reads them from a socket: its share, context switches and all, is in the number).\n"
"They say how much work there is, not how long it takes: cache and TLB misses, mispredicted branches\n"
"and what retpolines cost on real hardware are not seen. Timer ticks are left out (the JSON has the\n"
"mean with them). clearcpuid=erms,fsrm is set; each round of a `rep movs/stos` counts as %.1f, so that\n"
"clearing a page still counts as 512 (6.1 does it for each frame that leaves the generator's pool).\n";

static int cmp(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(const double *val, unsigned int n)
{
	double v[MAX_REPEATS];

	memcpy(v, val, n * sizeof(v[0]));
	qsort(v, n, sizeof(v[0]), cmp);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static double spread(const struct result *res)
{
	double min = res->insns[0], max = min;
	unsigned int i;

	for (i = 1; i < res->n; i++) {
		min = res->insns[i] < min ? res->insns[i] : min;
		max = res->insns[i] > max ? res->insns[i] : max;
	}
	return max - min;
}

/* False if the row was not measured. */
bool report_value(const struct result *res, const char *name, double *val)
{
	size_t i;

	*val = 0;
	if (!name)
		return true;
	for (i = 0; i < n_rows; i++) {
		if (strcmp(rows[i].name, name) || !res[i].n)
			continue;
		*val = median(res[i].insns, res[i].n);
		return true;
	}
	return false;
}

static bool bar_value(const struct bar *b, const struct result *res, double *val)
{
	double v[4];
	size_t i;

	for (i = 0; i < 4; i++)
		if (!report_value(res, b->row[i], &v[i]))
			return false;
	v[0] -= v[1];
	v[2] -= v[3];
	if (b->kind == BAR_DIFF)
		*val = (v[0] - v[2]) / (b->per ?: 1);
	else
		*val = v[2] ? v[0] / v[2] : 0;
	return true;
}

static bool bar_holds(const struct bar *b, double val)
{
	return b->info || (val >= b->min && val <= b->max);
}

static void limits(const struct bar *b, char *buf, size_t size)
{
	int n;

	if (b->info)
		n = snprintf(buf, size, "-");
	else if (b->max >= 1e9)
		n = snprintf(buf, size, "at least %g", b->min);
	else if (b->min < 0)
		n = snprintf(buf, size, "within %g", b->max);
	else
		n = snprintf(buf, size, "at most %g", b->max);
	if (b->goal)
		snprintf(buf + n, size - n, ", goal %g", b->goal);
}

static int print_bars(const struct result *res, bool all)
{
	char buf[64];
	int failed = 0;
	double val;
	size_t i;

	printf("\n  %-4s %10s  %-20s %s\n", "bar", "value", "must be", "what");
	for (i = 0; i < n_bars; i++) {
		const struct bar *b = &bars[i];
		bool known = bar_value(b, res, &val);
		bool ok = known && bar_holds(b, val);

		if (!known && !all)
			continue;
		failed += !ok;
		limits(b, buf, sizeof(buf));
		printf("  %-4s ", !ok ? "FAIL" : b->info ? "info" : "ok");
		if (known)
			printf("%10.3f", val);
		else
			printf("%10s", "unknown");
		printf("  %-20s %s\n", buf, b->what);
	}
	return failed;
}

static void print_rows(const struct result *res, const char *kernel)
{
	size_t i;

	printf("\nInstructions per packet, %s\n\n  %-32s %9s %7s  %s\n", kernel,
	       "row", "insns", "spread", "what");
	for (i = 0; i < n_rows; i++) {
		if (!res[i].n)
			continue;
		printf("  %-32s %9.1f %7.1f  %s\n", rows[i].name, median(res[i].insns, res[i].n),
		       spread(&res[i]), rows[i].what);
	}
}

static void json_rows(FILE *f, const struct result *res)
{
	const char *sep = "";
	unsigned int j;
	size_t i;

	for (i = 0; i < n_rows; i++) {
		const struct result *r = &res[i];

		if (!r->n)
			continue;
		fprintf(f, "%s\n    { \"name\": \"%s\", \"insns_per_packet\": %.2f, \"spread\": %.2f,",
			sep, rows[i].name, median(r->insns, r->n), spread(r));
		fprintf(f, " \"mean_with_ticks\": %.2f, \"packets\": %llu, \"repeats\": [",
			median(r->mean, r->n), (unsigned long long)r->packets);
		for (j = 0; j < r->n; j++)
			fprintf(f, "%s%.2f", j ? ", " : "", r->insns[j]);
		fprintf(f, "], \"scene\": \"%s\", \"modules\": %s,", rows[i].scene,
			rows[i].modules ? "true" : "false");
		fprintf(f, " \"description\": \"%s\" }", rows[i].what);
		sep = ",";
	}
}

static void json_bars(FILE *f, const struct result *res)
{
	const char *sep = "";
	double val;
	size_t i;

	for (i = 0; i < n_bars; i++) {
		const struct bar *b = &bars[i];

		if (!bar_value(b, res, &val))
			continue;
		fprintf(f, "%s\n    { \"name\": \"%s\", \"value\": %.4f,", sep, b->name, val);
		sep = ",";
		if (b->info) {
			fprintf(f, " \"description\": \"%s\" }", b->what);
			continue;
		}
		fprintf(f, " \"min\": %g, \"max\": ", b->min);
		if (b->max >= 1e9)
			fprintf(f, "null");
		else
			fprintf(f, "%g", b->max);
		if (b->goal)
			fprintf(f, ", \"goal\": %g", b->goal);
		fprintf(f, ", \"pass\": %s, \"description\": \"%s\" }",
			bar_holds(b, val) ? "true" : "false", b->what);
	}
}

static int write_json(const struct result *res, const char *path, const char *kernel)
{
	const char *commit = getenv("BENCH_COMMIT");
	FILE *f = fopen(path, "w");

	if (!f)
		return -errno;
	fprintf(f, "{\n  \"kernel\": \"%s\",\n", kernel);
	fprintf(f, "  \"commit\": \"%s\",\n", commit ?: "unknown");
	fprintf(f, "  \"unit\": \"guest instructions per packet, generator included\",\n");
	fprintf(f, "  \"clearcpuid\": \"erms,fsrm\",\n");
	fprintf(f, "  \"rep_movs_insns_per_round\": %.3f,\n", measure_rep_cost());
	fprintf(f, "  \"rows\": [");
	json_rows(f, res);
	fprintf(f, "\n  ],\n  \"bars\": [");
	json_bars(f, res);
	fprintf(f, "\n  ],\n  \"leagues\": [");
	league_json(f, res);
	fprintf(f, "\n  ]\n}\n");
	return fclose(f) ? -errno : 0;
}

/*
 * Returns how many bars do not hold, or a negative error. @all: all rows were asked for, so that a bar
 * without a value does not hold.
 */
int report(const struct result *res, const char *json, bool all)
{
	struct utsname uts;
	int failed, err;

	uname(&uts);
	print_rows(res, uts.release);
	failed = print_bars(res, all);
	league_print(res);
	printf("\n");
	printf(footer, measure_rep_cost());
	if (!json)
		return failed;
	err = write_json(res, json, uts.release);
	if (err)
		fprintf(stderr, "xdp-cost: %s: %s\n", json, strerror(-err));
	return err ?: failed;
}
