// SPDX-License-Identifier: GPL-2.0
/*
 * The process that reads what a row delivers, for rows that end in one.
 *
 * It is of a real-time class: the first frame of a batch wakes it, and it runs as soon as the generator
 * looks up from the batch (BPF_PROG_RUN reschedules between batches, if someone waits for the CPU, and
 * nowhere else). It takes all there is and sleeps again before the next batch starts. So each batch
 * costs the same.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

/* With the reader. */
static struct shared {
	uint64_t frames;
	bool ready;
} *shared;

static pid_t reader_pid;

bool reader_needed(const struct row *r)
{
	return r->udp == UDP_SOCKET || r->tap == TAP_VHOST || r->tap == TUN_VHOST;
}

/* In the reader: it is about to wait for the first frame. */
void reader_ready(void)
{
	__atomic_store_n(&shared->ready, true, __ATOMIC_RELAXED);
}

/* In the reader: so many more. */
void reader_count(unsigned int frames)
{
	__atomic_add_fetch(&shared->frames, frames, __ATOMIC_RELAXED);
}

uint64_t reader_counter(void)
{
	return shared ? __atomic_load_n(&shared->frames, __ATOMIC_RELAXED) : 0;
}

static void reader(void (*run)(int fd), int fd)
{
	const struct sched_param param = { .sched_priority = 1 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (sched_setscheduler(0, SCHED_FIFO, &param))
		_exit(1);
	run(fd);
	_exit(1);
}

/* @run: must call reader_ready(), and not return. The caller may close @fd afterwards. */
int reader_start(void (*run)(int fd), int fd)
{
	if (!shared) {
		shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (shared == MAP_FAILED) {
			shared = NULL;
			return -errno;
		}
	}
	shared->ready = false;
	fflush(NULL);
	reader_pid = fork();
	if (!reader_pid)
		reader(run, fd);
	if (reader_pid < 0)
		return -errno;
	while (!__atomic_load_n(&shared->ready, __ATOMIC_RELAXED)) {
		if (waitpid(reader_pid, NULL, WNOHANG)) {
			reader_pid = 0;
			return -ECHILD;
		}
		sched_yield();
	}
	return 0;
}

void reader_stop(void)
{
	if (reader_pid <= 0)
		return;
	kill(reader_pid, SIGKILL);
	waitpid(reader_pid, NULL, 0);
	reader_pid = 0;
}
