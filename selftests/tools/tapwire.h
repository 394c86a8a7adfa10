/* SPDX-License-Identifier: GPL-2.0 */
/* The wire below the tap that taptest asks, and its transcript. */
#ifndef SELFTESTS_TAPWIRE_H
#define SELFTESTS_TAPWIRE_H

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "lab.h"
#include "tapframe.h"

#define HDR		((int)sizeof(struct virtio_net_hdr))	/* 10: the oldest form, tap's default */
#define FENCE_TYPE	0x88b6
#define MAX_FRAME	65536

static const unsigned char tap_mac[] = { 2, 0, 0, 0, 1, 0 };
static const unsigned char peer_mac[] = { 2, 0, 0, 0, 0, 0xaa };
static const unsigned char lower_mac[] = { 2, 0, 0, 0, 0, 1 };

static struct lab_dev tap, wire, lower;
static int wire_fd, fence_fd;
static unsigned char buffer[MAX_FRAME + 256];

/* ---- the transcript */

static void __attribute__((format(printf, 2, 3))) said(long ret, const char *fmt, ...)
{
	int error = errno;
	va_list args;

	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	if (ret >= 0)
		printf(" = %ld\n", ret);
	else
		printf(" = %s\n", strerrorname_np(error));
	fflush(stdout);
}

static void command(const char *fmt, const char *dev)
{
	char line[256];

	snprintf(line, sizeof(line), fmt, dev);
	said(WEXITSTATUS(system(line)), "%s", line);
}

/* ---- the wire: an AF_PACKET socket at the far end, with virtio-net headers both ways */

static int packet_socket(struct lab_dev *dev, int type)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(type), .sll_ifindex = dev->ifindex };
	int one = 1, size = 8 << 20, s;

	lab_enter(dev->ns);
	s = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s < 0 || setsockopt(s, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) ||
	    setsockopt(s, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) ||
	    setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    bind(s, (struct sockaddr *)&at, sizeof(at)))
		err(1, "socket on %s", dev->spec);
	return s;
}

static void send_on(int s, const struct virtio_net_hdr *hdr, const unsigned char *frame, int len)
{
	struct iovec iov[] = { { (void *)hdr, sizeof(*hdr) }, { (void *)frame, len } };

	if (writev(s, iov, 2) < 0)
		err(1, "send on the wire");
}

/* Wait for a frame that took the way of all before it: by then those have arrived, or never will. */
static void fence(int from, int to, const unsigned char *dst, const unsigned char *src)
{
	static const struct virtio_net_hdr none;
	static unsigned char frame[60], got[256];
	struct pollfd p = { .fd = to, .events = POLLIN };

	put_frame(frame, dst, src, FENCE_TYPE, sizeof(frame), 0);
	send_on(from, &none, frame, sizeof(frame));
	if (to != fence_fd)
		return;
	if (poll(&p, 1, 10000 * lab_scale()) != 1 || read(to, got, sizeof(got)) < 0)
		errx(1, "the fence frame is lost");
}

/* From the wire to the tap; returns when it has been queued or dropped. */
static void to_tap(const struct virtio_net_hdr *hdr, const unsigned char *frame, int len)
{
	static const struct virtio_net_hdr none;

	send_on(wire_fd, hdr ? hdr : &none, frame, len);
	fence(wire_fd, fence_fd, lower_mac, peer_mac);
}

static void plain_to_tap(int len, int seed)
{
	unsigned char frame[MAX_FRAME];

	to_tap(NULL, frame, put_frame(frame, tap_mac, peer_mac, FRAME_TYPE, len, seed));
}

/* What of the tap's frames came out at the wire. */
static void from_tap(void)
{
	struct pollfd p = { .fd = wire_fd, .events = POLLIN };
	ssize_t len;

	fence(fence_fd, wire_fd, peer_mac, lower_mac);
	for (;;) {
		if (poll(&p, 1, 10000 * lab_scale()) != 1)
			errx(1, "the fence frame is lost");
		len = read(wire_fd, buffer, sizeof(buffer));
		if (len < HDR + ETH_HLEN || (buffer[HDR + 12] == FENCE_TYPE >> 8 && buffer[HDR + 13] == (FENCE_TYPE & 0xff)))
			return;
		show_header(buffer, HDR);
		printf(", on the wire %zd bytes, %08x\n", len - HDR, digest(buffer + HDR, len - HDR));
	}
}

#endif
