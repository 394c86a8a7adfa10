/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What user space holds of devices in race, each worker a few of each kind: queues of macvtaps, a vhost-net on
 * one of them, AF_XDP sockets, bpf_links. A device may go before what is held of it.
 */
#ifndef SELFTESTS_RACE_HOLD_H
#define SELFTESTS_RACE_HOLD_H

#include <linux/if_tun.h>
#include <linux/if_xdp.h>
#include <linux/vhost.h>
#include <linux/virtio_ring.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "race_net.h"

#define HELD	4

static int tap_fds[HELD], link_fds[HELD], vhost_fd;

static void let_go(int *fd)
{
	if (*fd)
		close(*fd);
	*fd = 0;
}

/* One of those, if there is any, 0 otherwise */
static int *held(int *fds)
{
	unsigned int i, at = draw(HELD);

	for (i = 0; i < HELD && !fds[at]; i++)
		at = (at + 1) % HELD;
	return &fds[at];
}

/* ---- character devices of macvtaps */

/* The number of the device is in the sysfs of its namespace only. */
static dev_t tap_number(const char *ns, const char *name)
{
	unsigned int major = 0, minor = 0;
	char dir[] = "/tmp/race.XXXXXX", path[128];
	FILE *f;

	if (enter(ns) || !mkdtemp(dir))
		return 0;
	if (!mount("sysfs", dir, "sysfs", 0, NULL)) {
		snprintf(path, sizeof(path), "%s/class/net/%s/macvtap/tap%d/dev", dir, name,
			 index_of(ns, name));
		f = fopen(path, "re");
		if (f) {
			if (fscanf(f, "%u:%u", &major, &minor) != 2)
				major = 0;
			fclose(f);
		}
		umount2(dir, MNT_DETACH);
	}
	rmdir(dir);
	return major ? makedev(major, minor) : 0;
}

/* Opening makes a queue of it. */
static int tap_open(const char *ns, const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE };
	int *fd = &tap_fds[draw(HELD)], unlimited = INT_MAX, error = 0;
	dev_t number = tap_number(ns, name);
	char node[64];

	if (!number)
		return -ENODEV;
	snprintf(node, sizeof(node), "/tmp/race-%d", getpid());
	unlink(node);
	if (mknod(node, S_IFCHR | 0600, number))
		return -errno;
	let_go(fd);
	*fd = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0) {
		error = -errno;
		*fd = 0;
	} else if (ioctl(*fd, TUNSETIFF, &ifr) || ioctl(*fd, TUNSETSNDBUF, &unlimited)) {
		error = -errno;
	}
	unlink(node);
	return error;
}

static int tap_queue(void)
{
	struct ifreq ifr = { .ifr_flags = draw(3) ? IFF_ATTACH_QUEUE : IFF_DETACH_QUEUE };
	int fd = *held(tap_fds);

	if (!fd)
		return -EBADF;
	return ioctl(fd, TUNSETQUEUE, &ifr) ? -errno : 0;
}

static int tap_close(void)
{
	int *fd = held(tap_fds);

	if (!*fd)
		return -EBADF;
	let_go(fd);
	return 0;
}

/* Its device may be gone by now. */
static int tap_use(void)
{
	unsigned char frame[2048] = { 0 };
	int fd = *held(tap_fds), i;

	if (!fd)
		return -EBADF;
	for (i = draw(64); i; i--)
		if (read(fd, frame, sizeof(frame)) < 0)
			return errno == EAGAIN ? 0 : -errno;
	/* behind a virtio-net header of zeroes; to whomever the one read last was for, or to nobody */
	memset(frame, 0, 10);
	return write(fd, frame, 200) < 0 ? -errno : 0;
}

/*
 * Frames in a queue are the memory of the lower's driver, and may have outlived its page pool: after a minute the
 * kernel calls that stalled.
 */
static void taps_drain(void)
{
	char frame[2048];
	int i;

	for (i = 0; i < HELD; i++)
		while (tap_fds[i] && read(tap_fds[i], frame, sizeof(frame)) > 0)
			;
}

/* ---- vhost-net: rings whose buffers the kernel fills and sends, and that nobody looks into */

#define RING		64
#define BUFFER		2048
#define VNET_HDR	10

static struct vhost_memory_area {
	struct {
		struct vring_desc desc[RING];
		struct vring_avail avail;
		__u16 avail_ring[RING + 1];
		struct vring_used used __attribute__((aligned(16)));
		struct vring_used_elem used_ring[RING];
	} ring[2] __attribute__((aligned(4096)));
	unsigned char buffers[2][RING][BUFFER];
} vhost_area;

static int vhost_kicks[2];

static int vhost_ring(int index)
{
	struct vhost_vring_state num = { index, RING }, base = { index, 0 };
	struct vhost_vring_file kick = { .index = index };
	struct vhost_vring_addr addr = {
		.index = index,
		.desc_user_addr = (unsigned long)vhost_area.ring[index].desc,
		.avail_user_addr = (unsigned long)&vhost_area.ring[index].avail,
		.used_user_addr = (unsigned long)&vhost_area.ring[index].used,
	};
	int i;

	for (i = 0; i < RING; i++) {
		vhost_area.ring[index].desc[i] = (struct vring_desc){
			.addr = (unsigned long)vhost_area.buffers[index][i],
			.len = index ? 200 : BUFFER,
			.flags = index ? 0 : VRING_DESC_F_WRITE,
		};
		vhost_area.ring[index].avail_ring[i] = i;
	}
	vhost_area.ring[index].avail.idx = index ? 0 : RING / 2;
	vhost_area.ring[index].used.idx = 0;
	kick.fd = vhost_kicks[index] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return kick.fd < 0 || ioctl(vhost_fd, VHOST_SET_VRING_NUM, &num) || ioctl(vhost_fd, VHOST_SET_VRING_BASE, &base) ||
	       ioctl(vhost_fd, VHOST_SET_VRING_ADDR, &addr) || ioctl(vhost_fd, VHOST_SET_VRING_KICK, &kick);
}

static void vhost_close(void)
{
	let_go(&vhost_fd);
	let_go(&vhost_kicks[0]);
	let_go(&vhost_kicks[1]);
}

static int vhost_open(void)
{
	static struct {
		struct vhost_memory head;
		struct vhost_memory_region region;
	} table = { .head.nregions = 1 };
	__u64 features = 0;
	int error;

	vhost_close();
	table.region = (struct vhost_memory_region){
		.guest_phys_addr = (unsigned long)&vhost_area,
		.memory_size = sizeof(vhost_area),
		.userspace_addr = (unsigned long)&vhost_area,
	};
	vhost_fd = open("/dev/vhost-net", O_RDWR | O_CLOEXEC);
	if (vhost_fd < 0) {
		vhost_fd = 0;
		return -errno;
	}
	if (!ioctl(vhost_fd, VHOST_SET_OWNER, NULL) && !ioctl(vhost_fd, VHOST_SET_FEATURES, &features) &&
	    !ioctl(vhost_fd, VHOST_SET_MEM_TABLE, &table) && !vhost_ring(0) && !vhost_ring(1))
		return 0;
	error = -errno;
	vhost_close();
	return error;
}

/* Another tap's queue, or none, perhaps of one ring only */
static int vhost_backend(void)
{
	struct vhost_vring_file file = { .fd = draw(3) ? *held(tap_fds) : -1 };
	unsigned int first = draw(4) ? 0 : 1;

	if (!vhost_fd || !file.fd)
		return -EBADF;
	for (file.index = first; file.index < 2; file.index++)
		if (ioctl(vhost_fd, VHOST_NET_SET_BACKEND, &file))
			return -errno;
	return 0;
}

/* What came is given back, and some is sent: to whoever is named by the bytes of the last frame received. */
static int vhost_use(void)
{
	unsigned long long one = 1;
	int i;

	if (!vhost_fd)
		return -EBADF;
	memcpy(vhost_area.buffers[1][draw(RING)] + VNET_HDR, vhost_area.buffers[0][draw(RING)] + VNET_HDR, 100);
	for (i = 0; i < 2; i++) {
		__atomic_store_n(&vhost_area.ring[i].avail.idx,
				 __atomic_load_n(&vhost_area.ring[i].used.idx, __ATOMIC_ACQUIRE) + RING / 2,
				 __ATOMIC_RELEASE);
		if (write(vhost_kicks[i], &one, sizeof(one)) < 0 && errno != EAGAIN)
			return -errno;
	}
	return 0;
}

/* ---- AF_XDP: sockets in copy mode, whose rings nobody empties; so they are soon full */

#define XSK_FRAMES	32
#define XSK_FRAME	4096

static struct held_xsk {
	int fd;
	void *area, *fill;
	size_t fill_len;
} xsks[HELD];

static void xsk_close(struct held_xsk *x)
{
	if (x->fill)
		munmap(x->fill, x->fill_len);
	let_go(&x->fd);
	if (x->area)
		munmap(x->area, XSK_FRAMES * XSK_FRAME);
	memset(x, 0, sizeof(*x));
}

static int xsk_rings(struct held_xsk *x)
{
	struct xdp_umem_reg reg = { .len = XSK_FRAMES * XSK_FRAME, .chunk_size = XSK_FRAME };
	struct xdp_mmap_offsets at;
	socklen_t len = sizeof(at);
	int size = XSK_FRAMES, i;
	bool failed;

	x->area = mmap(NULL, reg.len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (x->area == MAP_FAILED) {
		x->area = NULL;
		return -1;
	}
	reg.addr = (unsigned long)x->area;
	/* vmalloc would print a stack; nothing of ours is in it */
	let_fail(false);
	failed = setsockopt(x->fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)) ||
		 setsockopt(x->fd, SOL_XDP, XDP_UMEM_FILL_RING, &size, sizeof(size)) ||
		 setsockopt(x->fd, SOL_XDP, XDP_UMEM_COMPLETION_RING, &size, sizeof(size)) ||
		 setsockopt(x->fd, SOL_XDP, XDP_RX_RING, &size, sizeof(size)) ||
		 getsockopt(x->fd, SOL_XDP, XDP_MMAP_OFFSETS, &at, &len);
	let_fail(true);
	if (failed)
		return -1;
	x->fill_len = at.fr.desc + size * sizeof(__u64);
	x->fill = mmap(NULL, x->fill_len, PROT_READ | PROT_WRITE, MAP_SHARED, x->fd, XDP_UMEM_PGOFF_FILL_RING);
	if (x->fill == MAP_FAILED) {
		x->fill = NULL;
		return -1;
	}
	for (i = 0; i < size; i++)
		((__u64 *)((char *)x->fill + at.fr.desc))[i] = i * XSK_FRAME;
	*(__u32 *)((char *)x->fill + at.fr.producer) = size;
	return 0;
}

/* A new one, in the @map of the program that feeds sockets */
static int xsk_bind(const char *ns, const char *name, int map)
{
	struct sockaddr_xdp to = { .sxdp_family = AF_XDP, .sxdp_flags = XDP_COPY, .sxdp_queue_id = !draw(4) };
	struct held_xsk *x = &xsks[draw(HELD)];
	__u32 key = to.sxdp_queue_id;
	int error;

	xsk_close(x);
	to.sxdp_ifindex = index_of(ns, name);
	if (!to.sxdp_ifindex)
		return -ENODEV;
	x->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (x->fd < 0) {
		x->fd = 0;
		return -errno;
	}
	if (!xsk_rings(x) && !bind(x->fd, (struct sockaddr *)&to, sizeof(to)) &&
	    !bpf_map_update_elem(map, &key, &x->fd, 0))
		return 0;
	error = -errno;
	xsk_close(x);
	return error;
}

static int xsk_drop(void)
{
	struct held_xsk *x = &xsks[draw(HELD)];

	if (!x->fd)
		return -EBADF;
	xsk_close(x);
	return 0;
}

/* ---- bpf_links */

static int link_new(const char *ns, const char *name, int prog, __u32 flags)
{
	DECLARE_LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = flags);
	int *fd = &link_fds[draw(HELD)], index = index_of(ns, name);

	let_go(fd);
	if (!index)
		return -ENODEV;
	*fd = bpf_link_create(prog, index, BPF_XDP, &opts);
	if (*fd >= 0)
		return 0;
	*fd = 0;
	return -errno;
}

static int link_change(int prog)
{
	int *fd = held(link_fds);

	if (!*fd)
		return -EBADF;
	if (draw(2))
		return bpf_link_update(*fd, prog, NULL) ? -errno : 0;
	let_go(fd);
	return 0;
}

#endif /* SELFTESTS_RACE_HOLD_H */
