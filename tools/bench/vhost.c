// SPDX-License-Identifier: GPL-2.0
/*
 * A reader that is a virtual machine's network card without the machine: owns a receive ring, gives it to
 * vhost-net, and hands each buffer back as soon as it is used. With event indexes and mergeable buffers,
 * as QEMU's default is; vhost's thread runs before the owner, which is called once a batch.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <linux/virtio_ring.h>

#include "bench.h"

#define RING		256
#define BUFFER		2048

/* One page each would do; what vhost knows of "physical" addresses is this. */
static struct {
	struct vring_desc desc[RING];
	struct vring_avail avail __attribute__((aligned(4096)));
	__u16 avail_ring[RING + 1];
	struct vring_used used __attribute__((aligned(4096)));
	struct vring_used_elem used_ring[RING + 1];
	unsigned char buffer[RING][BUFFER] __attribute__((aligned(4096)));
} guest __attribute__((aligned(4096)));

static void control(int fd, unsigned long request, void *arg)
{
	if (ioctl(fd, request, arg)) {
		perror("xdp-cost: vhost");
		_exit(1);
	}
}

/* 6.1 makes vhost's thread a kernel thread, 6.4 a thread of the owner: both have its pid in their name. */
static int raise_thread(const char *dir)
{
	const struct sched_param param = { .sched_priority = 2 };
	char name[32], path[300], comm[32];
	struct dirent *entry;
	DIR *all = opendir(dir);
	int raised = 0;
	FILE *f;

	snprintf(name, sizeof(name), "vhost-%d\n", getpid());
	while (all && (entry = readdir(all))) {
		snprintf(path, sizeof(path), "%s/%s/comm", dir, entry->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fgets(comm, sizeof(comm), f) && !strcmp(comm, name))
			raised += !sched_setscheduler(atoi(entry->d_name), SCHED_FIFO, &param);
		fclose(f);
	}
	if (all)
		closedir(all);
	return raised;
}

static void set_memory(int fd)
{
	struct {
		struct vhost_memory head;
		struct vhost_memory_region region;
	} table = {
		.head.nregions = 1,
		.region = {
			.guest_phys_addr = (unsigned long)&guest, .memory_size = sizeof(guest),
			.userspace_addr = (unsigned long)&guest,
		},
	};

	control(fd, VHOST_SET_MEM_TABLE, &table);
}

/* Returns the eventfd that calls us. */
static int start(int tap_fd)
{
	__u64 features = 1ull << VIRTIO_NET_F_MRG_RXBUF | 1ull << VIRTIO_F_VERSION_1 |
			 1ull << VIRTIO_RING_F_EVENT_IDX;
	struct vhost_vring_state state = { .num = RING };
	struct vhost_vring_addr addr = {
		.desc_user_addr = (unsigned long)guest.desc,
		.avail_user_addr = (unsigned long)&guest.avail,
		.used_user_addr = (unsigned long)&guest.used,
	};
	struct vhost_vring_file kick = { .fd = eventfd(0, 0) }, call = { .fd = eventfd(0, 0) };
	struct vhost_vring_file backend = { .fd = tap_fd };
	int fd = open("/dev/vhost-net", O_RDWR);

	control(fd, VHOST_SET_OWNER, NULL);
	control(fd, VHOST_SET_FEATURES, &features);
	if (!raise_thread("/proc") && !raise_thread("/proc/self/task"))
		_exit(1);
	set_memory(fd);
	control(fd, VHOST_SET_VRING_NUM, &state);
	state.num = 0;
	control(fd, VHOST_SET_VRING_BASE, &state);
	control(fd, VHOST_SET_VRING_ADDR, &addr);
	control(fd, VHOST_SET_VRING_KICK, &kick);
	control(fd, VHOST_SET_VRING_CALL, &call);
	control(fd, VHOST_NET_SET_BACKEND, &backend);
	return call.fd;
}

static void give(__u16 at, __u16 id)
{
	guest.desc[id] = (struct vring_desc){
		.addr = (unsigned long)guest.buffer[id], .len = BUFFER, .flags = VRING_DESC_F_WRITE,
	};
	guest.avail.ring[at % RING] = id;
}

/*
 * Vhost never needs to be kicked: of a ring of 256 a batch takes far less, so that it never finds the
 * ring empty.
 */
void vhost_reader(int tap_fd)
{
	__u16 next = 0, avail;
	__u64 calls;
	int call, n;

	memset(guest.buffer, 0, sizeof(guest.buffer));	/* no page faults later */
	for (avail = 0; avail < RING; avail++)
		give(avail, avail);
	guest.avail.idx = avail;
	call = start(tap_fd);
	reader_ready();

	for (;;) {
		*(volatile __u16 *)&guest.avail.ring[RING] = next;	/* used_event */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		for (n = 0; __atomic_load_n(&guest.used.idx, __ATOMIC_ACQUIRE) != next; n++)
			give(avail++, guest.used.ring[next++ % RING].id);
		__atomic_store_n(&guest.avail.idx, avail, __ATOMIC_RELEASE);
		reader_count(n);
		if (!n && read(call, &calls, sizeof(calls)) != sizeof(calls))
			_exit(1);
	}
}
