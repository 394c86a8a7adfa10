// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions per packet. Under QEMU's `-icount shift=0` the TSC counts executed guest instructions,
 * nothing else, and the guest's clock is made of it.
 *
 * The generator reads the clock at the start of each batch (bench.bpf.c), and the softirq that the
 * batch raises runs before the next one starts, and so does the process that reads what it delivered
 * (reader.c), if the row has one. So every pair of stamps is a sample of its own, free
 * of what BPF_PROG_RUN does around the run (it waits for RCU grace periods). Most samples of a row
 * are equal to the instruction; the rest are those that a timer tick fell into. The median is the
 * result, and the mean, ticks and all, is reported beside it.
 */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <x86intrin.h>

#include <bpf/bpf.h>

#include "bench.h"
#include "gen.h"
#include "mark.h"

/* In batches. Long enough for page pools and slab caches to be full. */
#define WARM_UP		64
#define SAMPLES		256
#define BATCHES		(WARM_UP + SAMPLES + 1)

const char *symbols;

static double rep_cost;

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* 2 instructions a round. */
static uint64_t spin(uint64_t rounds)
{
	uint64_t start = __rdtsc();

	asm volatile("1: dec %0; jnz 1b" : "+r" (rounds) : : "cc");
	return __rdtsc() - start;
}

static uint64_t rep_movsb(unsigned long len)
{
	static char from[4096], to[4096];
	uint64_t start = __rdtsc();
	void *s = from, *d = to;

	asm volatile("rep movsb" : "+S" (s), "+D" (d), "+c" (len) : : "memory");
	return __rdtsc() - start;
}

double measure_rep_cost(void)
{
	return rep_cost;
}

/* How many nanoseconds the kernel takes for a million ticks of the TSC. */
static double clock_ratio(void)
{
	struct timespec a, b;
	uint64_t start, end;

	clock_gettime(CLOCK_MONOTONIC, &a);
	start = __rdtsc();
	spin(20000000);
	clock_gettime(CLOCK_MONOTONIC, &b);
	end = __rdtsc();
	return ((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec)) / (end - start) * 1e6;
}

/* Is this clock what it must be? Ticks can only add, so the best of a few must be exact. */
int measure_init(void)
{
	uint64_t s1 = UINT64_MAX, s2 = UINT64_MAX, r1 = UINT64_MAX, r2 = UINT64_MAX;
	const uint64_t rounds = 100000;
	double ratio;
	int i;

	for (i = 0; i < 8; i++) {
		s1 = min(s1, spin(rounds));
		s2 = min(s2, spin(2 * rounds));
		r1 = min(r1, rep_movsb(1024));
		r2 = min(r2, rep_movsb(4096));
	}
	rep_cost = (double)(r2 - r1) / (4096 - 1024);
	if (llabs((long long)(s2 - s1 - 2 * rounds)) > 2) {
		fprintf(stderr, "xdp-cost: %llu instructions took %llu ticks: not under -icount?\n",
			2ULL * rounds, (unsigned long long)(s2 - s1));
		return -EINVAL;
	}
	ratio = clock_ratio();
	if (fabs(ratio - 1e6) > 100) {
		fprintf(stderr, "xdp-cost: the kernel's clock gives %.0f ns for a million ticks\n",
			ratio);
		return -EINVAL;
	}
	return 0;
}

static unsigned int batch(const struct row *r)
{
	return reader_needed(r) ? GEN_SOCK_BATCH : GEN_BATCH;
}

static int generate(const struct row *r)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts,
		.repeat = BATCHES * batch(r),
		.flags = BPF_F_TEST_XDP_LIVE_FRAMES,
		.batch_size = batch(r),
	);
	size_t len;
	int err;

	opts.data_in = lab_frame(r, &len);
	opts.data_size_in = len;
	mark(MARK_BEGIN);
	err = bpf_prog_test_run_opts(lab_generator(r), &opts);
	mark(MARK_END);
	return err;
}

/*
 * Every frame of the run must have gone the way that the row is about. What is still under way gets
 * a moment; it can be but the last batch, or its ring would have overflowed.
 */
static int prove(const struct row *r, const uint64_t *before)
{
	const unsigned int n = BATCHES * batch(r);
	unsigned int i, spins = 0;
	uint64_t now, want;
	int err;

	for (i = 0; i < MAX_PROOFS && r->proof[i].stat; i++) {
		want = before[i] + n * r->proof[i].times;
		for (;;) {
			err = lab_counter(&r->proof[i], &now);
			if (err)
				return err;
			if (now == want)
				break;
			if (now > want || spins++ > 10000) {
				fprintf(stderr, "xdp-cost: %s: %u frames, but %s %s rose by %lld\n",
					r->name, n, r->proof[i].dev, r->proof[i].stat,
					(long long)(now - before[i]));
				return -EPROTO;
			}
			sched_yield();
		}
	}
	return 0;
}

static int cmp(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

int measure_row(const struct row *r, struct result *res)
{
	uint64_t before[MAX_PROOFS] = {}, t[SAMPLES];
	const uint64_t *stamps = lab_stamps();
	unsigned int i;
	int err;

	for (i = 0; i < MAX_PROOFS && r->proof[i].stat; i++) {
		err = lab_counter(&r->proof[i], &before[i]);
		if (err)
			return err;
	}
	err = symbols ? lab_symbols(r, symbols, BATCHES * batch(r), BATCHES) : 0;
	if (!err)
		err = generate(r);
	if (!err)
		err = prove(r, before);
	if (err)
		return err;

	for (i = 0; i < SAMPLES; i++)
		t[i] = stamps[WARM_UP + i + 1] - stamps[WARM_UP + i];
	if (verbose) {
		fprintf(stderr, "# %s, batches of %u:", r->name, batch(r));
		for (i = 0; i < SAMPLES; i++)
			fprintf(stderr, " %llu", (unsigned long long)t[i]);
		fprintf(stderr, "\n");
	}

	qsort(t, SAMPLES, sizeof(t[0]), cmp);
	res->packets += SAMPLES * batch(r);
	res->insns[res->n] = (double)t[SAMPLES / 2] / batch(r);
	res->mean[res->n] = (double)(stamps[BATCHES - 1] - stamps[WARM_UP]) / (SAMPLES * batch(r));
	res->n++;
	return 0;
}
