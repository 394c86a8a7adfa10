/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the samples' loaders share. Each device has an instance of the program of its own, attached natively; its
 * counters are printed every -i seconds and at the end. SIGINT or SIGTERM is the end, and so is an error: the
 * programs come off again, the last device first. To be included first.
 */
#ifndef SAMPLES_LOADER_H
#define SAMPLES_LOADER_H

#define _GNU_SOURCE
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include "counter.h"

#define MAX_DEVS	64

/* The devices of the command line; the first loader_attached of them have their program */
static struct {
	const char *name;
	int ifindex;
	int prog;		/* file descriptors */
	int counters;
} loader_devs[MAX_DEVS];
static int loader_nr_devs, loader_attached;
static long loader_interval;
static char loader_kernel_says[256];	/* about the last request that it refused */
static volatile sig_atomic_t loader_stopped;
static sigset_t loader_signals;		/* that are blocked but while we wait */

static inline void loader_on_signal(int sig)
{
	(void)sig;
	loader_stopped = 1;
}

/* libbpf says what goes wrong in several lines; of these we want the kernel's own. */
static inline int loader_on_message(enum libbpf_print_level level, const char *format, va_list args)
{
	char line[256], *text;

	vsnprintf(line, sizeof(line), format, args);
	text = strstr(line, "Kernel error message: ");
	if (level == LIBBPF_WARN && text) {
		text[strcspn(text, "\n")] = 0;
		strcpy(loader_kernel_says, strchr(text, ':') + 2);
	}
	return 0;
}

/* A number from @min to @max, or we end. */
static inline unsigned long long loader_number(const char *what, const char *text, unsigned long long min,
					       unsigned long long max)
{
	char *rest;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &rest, 10);
	if (errno || *rest || rest == text || *text == '-' || number < min || number > max)
		errx(1, "%s: not %s, which is a number from %llu to %llu", text, what, min, max);
	return number;
}

static inline error_t loader_option(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'i':
		loader_interval = loader_number("an interval", arg, 1, 86400);
		return 0;
	case ARGP_KEY_ARG:
		if (loader_nr_devs == MAX_DEVS)
			argp_error(state, "more than %d devices", MAX_DEVS);
		loader_devs[loader_nr_devs].ifindex = if_nametoindex(arg);
		if (!loader_devs[loader_nr_devs].ifindex)
			errx(1, "%s: no such device here; \"ip link\" shows which there are", arg);
		loader_devs[loader_nr_devs++].name = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which device?");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* Whose program is on a device meanwhile is no business of ours, but for our own. */
static inline void loader_detach(void)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts);

	while (loader_attached) {
		opts.old_prog_fd = loader_devs[--loader_attached].prog;
		bpf_xdp_detach(loader_devs[loader_attached].ifindex, XDP_FLAGS_DRV_MODE, &opts);
	}
}

/* The command line: -i, devices, and what @parser knows by @options; what it says of an argument comes first. */
static inline void loader_begin(int argc, char **argv, const struct argp_option *options, argp_parser_t parser,
				const char *args, const char *doc)
{
	static const struct argp_option common_options[] = {
		{ "interval", 'i', "SECONDS", 0, "Print the counters so often, too", 0 },
		{}
	};
	static const struct argp common = { .options = common_options, .parser = loader_option };
	const struct argp_child children[] = { { .argp = &common }, {} };
	const struct argp argp = { .options = options, .parser = parser, .args_doc = args, .doc = doc,
				   .children = children };
	struct sigaction action = { .sa_handler = loader_on_signal };
	sigset_t stop;

	argp_err_exit_status = 1;
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, &loader_signals);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	libbpf_set_print(loader_on_message);
	atexit(loader_detach);
}

static inline void loader_loaded(const void *skeleton)
{
	if (!skeleton)
		errx(1, "the program does not load: %s; are you root?", strerror(errno));
}

/* The next device gets this program, or we end. */
static inline void loader_attach(const struct bpf_program *prog, const struct bpf_map *counters)
{
	const char *dev = loader_devs[loader_attached].name, *advice = "";
	int error;

	loader_devs[loader_attached].prog = bpf_program__fd(prog);
	loader_devs[loader_attached].counters = counters ? bpf_map__fd(counters) : -1;
	error = bpf_xdp_attach(loader_devs[loader_attached].ifindex, bpf_program__fd(prog),
			       XDP_FLAGS_DRV_MODE | XDP_FLAGS_UPDATE_IF_NOEXIST, NULL);
	if (error == -EOPNOTSUPP)
		advice = "; is macvlan_xdp or bonding_xdp loaded?";
	else if (error == -EBUSY)
		advice = "; \"ip link set dev IF xdpdrv off\" takes a program off";
	else if (error == -EEXIST)
		advice = "; begin with the device below";
	if (error)
		errx(1, "%s: %s%s", dev, *loader_kernel_says ? loader_kernel_says : strerror(-error), advice);
	loader_attached++;
}

/* Until there is something to read, or @seconds are over (0: never); false when it is time to stop. */
static inline bool loader_wait(struct pollfd *fds, int nr, long seconds)
{
	struct timespec limit = { .tv_sec = seconds };

	if (!loader_stopped && ppoll(fds, nr, seconds ? &limit : NULL, &loader_signals) < 0 && errno != EINTR)
		err(1, "ppoll");
	return !loader_stopped;
}

/* Whether the counters are to be printed again, for who waits for other things, too. */
static inline bool loader_due(void)
{
	static time_t last;
	time_t now = time(NULL);

	if (!last)
		last = now;
	if (!loader_interval || now - last < loader_interval)
		return false;
	last = now;
	return true;
}

static inline void loader_ready(void)
{
	puts("ready");
	fflush(stdout);
}

/* What each device's program has counted so far, by keys that have these @names. */
static inline void loader_show(const char *const *names, int nr)
{
	int cpus = libbpf_num_possible_cpus(), dev, cpu;
	struct counter counts[cpus], sum;
	__u32 key;

	for (dev = 0; dev < loader_nr_devs; dev++) {
		for (key = 0; (int)key < nr; key++) {
			if (bpf_map_lookup_elem(loader_devs[dev].counters, &key, counts))
				continue;
			sum = (struct counter){};
			for (cpu = 0; cpu < cpus; cpu++) {
				sum.frames += counts[cpu].frames;
				sum.dropped += counts[cpu].dropped;
			}
			if (sum.frames)
				printf("%s %s frames %llu dropped %llu\n", loader_devs[dev].name, names[key],
				       sum.frames, sum.dropped);
		}
	}
	fflush(stdout);
}

static inline int loader_run(const char *const *names, int nr)
{
	loader_ready();
	while (loader_wait(NULL, 0, loader_interval))
		loader_show(names, nr);
	loader_detach();
	loader_show(names, nr);
	return 0;
}

#endif /* SAMPLES_LOADER_H */
