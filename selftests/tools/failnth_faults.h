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

struct symbol {
	unsigned long long at;
	char name[128], module[64];	/* "[tap]", or "" */
};

static bool next_symbol(FILE *file, struct symbol *symbol)
{
	char line[256], type;

	while (fgets(line, sizeof(line), file)) {
		*symbol->module = 0;
		if (sscanf(line, "%llx %c %127s %63s", &symbol->at, &type, symbol->name, symbol->module) >= 3 &&
		    strchr("tT", type))
			return true;
	}
	return false;
}

/* From the first to the last function that @is: what lies between counts as well. Returns false if none is. */
static bool scope(bool (*is)(const struct symbol *symbol, const char *name), const char *name)
{
	unsigned long long start = ULLONG_MAX, last = 0, end = ULLONG_MAX;
	FILE *file = fopen("/proc/kallsyms", "r");
	struct symbol symbol;

	if (!file)
		err(1, "/proc/kallsyms");
	while (next_symbol(file, &symbol)) {
		if (!is(&symbol, name))
			continue;
		if (symbol.at < start)
			start = symbol.at;
		if (symbol.at > last)
			last = symbol.at;
	}
	rewind(file);
	while (next_symbol(file, &symbol))
		if (symbol.at > last && symbol.at < end)
			end = symbol.at;
	fclose(file);
	fault_scope(start, end);
	return last;
}

static bool is_ours(const struct symbol *symbol, const char *name)
{
	static const char modules[] = "[xdp_rx_handler] [macvlan_xdp] [macvtap_xdp] [tap] [bonding_xdp]";

	(void)name;
	return *symbol->module && strstr(modules, symbol->module);
}

static bool is_named(const struct symbol *symbol, const char *name)
{
	return !strcmp(symbol->name, name);
}

static void scope_ours(void) { scope(is_ours, NULL); }

static void scope_symbol(const char *name)
{
	if (!scope(is_named, name))
		errx(1, "no symbol %s", name);
}

#endif /* SELFTESTS_FAILNTH_FAULTS_H */
