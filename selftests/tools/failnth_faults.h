/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's fault injection, for one system call at a time: from arm() to disarm(). */
#ifndef SELFTESTS_FAILNTH_FAULTS_H
#define SELFTESTS_FAILNTH_FAULTS_H

#include <stdbool.h>
#include <sys/mman.h>

#include "lab.h"

static const char *const attrs[] = { "failslab", "fail_page_alloc" };
static int nth_fd, make_fd;
static unsigned int nth;	/* 0: none */
static bool all, consumed;

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return done;
}

static void fault_attr(const char *name, const char *text)
{
	char path[96];
	size_t i;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", attrs[i], name);
		if (!write_file(path, text))
			err(1, "%s", path);
	}
}

/* Which allocations count: those with a function of [start, end) on the stack. */
static void fault_scope(unsigned long long start, unsigned long long end)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%llx", start);
	fault_attr("require-start", text);
	snprintf(text, sizeof(text), "0x%llx", end);
	fault_attr("require-end", text);
}

static void faults_off(void)
{
	fault_attr("probability", "0");
	fault_scope(0, ULLONG_MAX);
}

/*
 * fail-nth counts for this task alone. Once it is at 0, the attributes hold, for tasks with "make-it-fail":
 * everything fails.
 */
static void faults_on(void)
{
	const char *verbose = getenv("TEST_FAULT_VERBOSE");

	nth_fd = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	make_fd = open("/proc/self/make-it-fail", O_RDWR | O_CLOEXEC);
	if (nth_fd < 0 || make_fd < 0 || access("/sys/kernel/debug/failslab/require-start", F_OK))
		exit(4);
	fault_attr("ignore-gfp-wait", "N");
	write_file("/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem", "N");
	write_file("/sys/kernel/debug/fail_page_alloc/min-order", "0");
	fault_attr("task-filter", "Y");
	fault_attr("times", "-1");
	fault_attr("verbose", verbose ?: "0");
	fault_attr("probability", "100");
	atexit(faults_off);
	/* no page fault shall need memory while we are under fire */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		err(1, "mlockall");
}

static void arm(void)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (nth && ((all && pwrite(make_fd, "1", 1, 0) < 0) || pwrite(nth_fd, text, len, 0) < 0))
		err(1, "arm");
}

static void disarm(void)
{
	char text[16] = "";
	int error = errno;

	if (!nth)
		return;
	if (pwrite(make_fd, "0", 1, 0) < 0 || pread(nth_fd, text, sizeof(text) - 1, 0) <= 0 ||
	    pwrite(nth_fd, "0", 1, 0) < 0)
		err(1, "disarm");
	consumed = !atoi(text);
	nth = 0;
	errno = error;
}

static unsigned long long read_hex(const char *fmt, const char *name)
{
	unsigned long long value = 0;
	char path[96];
	FILE *file;

	snprintf(path, sizeof(path), fmt, name);
	file = fopen(path, "r");
	if (file && fscanf(file, "%llx", &value) != 1)
		value = 0;
	if (file)
		fclose(file);
	return value;
}

/* From the first to the last of our modules: what lies between counts as well. */
static void scope_ours(void)
{
	static const char *const modules[] = { "xdp_rx_handler", "macvlan_xdp", "macvtap_xdp", "tap", "bonding_xdp" };
	unsigned long long start = ULLONG_MAX, end = 0, at;
	size_t i;

	for (i = 0; i < 5; i++) {
		at = read_hex("/sys/module/%s/sections/.text", modules[i]);
		if (!at)
			continue;
		if (at < start)
			start = at;
		at += 1 << 18;	/* more than any of them has */
		if (at > end)
			end = at;
	}
	fault_scope(start, end);
}

static void scope_symbol(const char *name)
{
	unsigned long long at, start = 0, end = ULLONG_MAX;
	FILE *file = fopen("/proc/kallsyms", "r");
	char line[256], symbol[128], type;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%llx %c %127s", &at, &type, symbol) != 3)
			continue;
		if (start && at > start && at < end)
			end = at;
		if (!start && !strcmp(symbol, name))
			start = at;
	}
	if (file)
		fclose(file);
	if (!start)
		errx(1, "no symbol %s", name);
	fault_scope(start, end);
}

#endif /* SELFTESTS_FAILNTH_FAULTS_H */
