// SPDX-License-Identifier: GPL-2.0
/* The end of the rows whose frames go to a tap: its queues, and who empties them. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include "bench.h"

#define MAX_QUEUES	8

static int queue_fd[MAX_QUEUES], ring_fd[MAX_QUEUES];
static unsigned int queues;

/* As QEMU does for a guest with virtio 1.0 and every offload. */
static int set_up(int fd)
{
	int len = 12, le = 1;

	if (ioctl(fd, TUNSETVNETHDRSZ, &len) || ioctl(fd, TUNSETVNETLE, &le) ||
	    ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6))
		return -errno;
	return 0;
}

static int open_macvtap(const char *dev)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/tap%u", if_nametoindex(dev));
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_tun(void)
{
	struct ifreq ifr = { .ifr_name = TUN_NAME, .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (ioctl(fd, TUNSETIFF, &ifr) || lab_run("ip link set " TUN_NAME " up")) {
		close(fd);
		return -EIO;
	}
	return fd;
}

static int open_ring(int tap_fd)
{
	int fd = open("/dev/bench_ring", O_RDWR | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	if (write(fd, &tap_fd, sizeof(tap_fd)) == sizeof(tap_fd))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int one_queue(const char *dev, enum tap tap, unsigned int i)
{
	int err;

	ring_fd[i] = -1;
	queue_fd[i] = tap == TUN_VHOST ? open_tun() : open_macvtap(dev);
	if (queue_fd[i] < 0)
		return queue_fd[i];
	queues++;
	err = set_up(queue_fd[i]);
	if (err || tap != TAP_RING)
		return err;
	ring_fd[i] = open_ring(queue_fd[i]);
	return ring_fd[i] < 0 ? ring_fd[i] : 0;
}

/* @dev: the upper that frames are for */
int tap_up(const char *dev, const struct row *r)
{
	unsigned int i;
	int err = 0;

	for (i = 0; r->tap && i < (r->queues ?: 1) && !err; i++)
		err = one_queue(dev, r->tap, i);
	if (!err && reader_needed(r) && r->tap)
		err = reader_start(vhost_reader, queue_fd[0]);
	return err;
}

void tap_down(void)
{
	reader_stop();
	while (queues) {
		queues--;
		if (ring_fd[queues] >= 0)
			close(ring_fd[queues]);
		close(queue_fd[queues]);
	}
}

uint64_t tap_ring_counter(void)
{
	uint64_t sum = 0, frames;
	unsigned int i;

	for (i = 0; i < queues; i++)
		if (ring_fd[i] >= 0 && read(ring_fd[i], &frames, sizeof(frames)) == sizeof(frames))
			sum += frames;
	return sum;
}
