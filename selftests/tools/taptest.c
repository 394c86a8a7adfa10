// SPDX-License-Identifier: GPL-2.0
/*
 * What /dev/tapN does, as user space sees it, written down line by line: return values, error codes,
 * digests of frames. The text depends on nothing but the module behind the device, so that two modules
 * which behave alike print the same.
 *
 * Usage: taptest NODE TAP WIRE LOWER: the character device, the macvtap it belongs to, the far end of
 * the veth below it, and the near one (NS:IFNAME).
 */
#define _GNU_SOURCE
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "tapwire.h"

#ifndef TUN_F_USO4
#define TUN_F_USO4	0x20
#define TUN_F_USO6	0x40
#endif

static const char *node;
static int fd;
/* No addresses of ours; the compiler must not know. */
static void *volatile bad = (void *)1, *volatile null;

/* ---- the tap */

static int reopen(int flags)
{
	return open(node, flags | O_CLOEXEC);
}

static void expect(const char *what, int from, int size, int hdr)
{
	ssize_t ret;

	memset(buffer, 0xa5, sizeof(buffer));
	ret = read(from, buffer, size);
	said(ret, "%s: read %d", what, size);
	if (ret > 0) {
		show_header(buffer, hdr < ret ? hdr : ret);
		printf(", frame %08x, beyond %08x\n", ret > hdr ? digest(buffer + hdr, ret - hdr) : 0,
		       digest(buffer + ret, 64));
	}
}

static void write_frame(const char *what, const void *hdr, int hdr_len, const unsigned char *frame, int len)
{
	struct iovec iov[] = { { (void *)hdr, hdr_len }, { (void *)frame, len } };

	said(writev(fd, iov, 2), "%s: write %d+%d", what, hdr_len, len);
	from_tap();
}

static int set_int(unsigned long request, const char *name, int value)
{
	int ret = ioctl(fd, request, &value);

	said(ret, "%s %d", name, value);
	return ret;
}

static void get_int(unsigned long request, const char *name)
{
	int value = 0x5a5a5a5a, ret = ioctl(fd, request, &value);

	said(ret, "%s -> %#x", name, value);
}

static void show_name(void)
{
	struct ifreq ifr = { .ifr_name = "?" };
	int ret = ioctl(fd, TUNGETIFF, &ifr);

	said(ret, "TUNGETIFF -> %.16s %#hx", ifr.ifr_name, ifr.ifr_flags);
}

static int queue(int of, short flags)
{
	struct ifreq ifr = { .ifr_flags = flags };
	int ret = ioctl(of, TUNSETQUEUE, &ifr);

	said(ret, "TUNSETQUEUE %#hx", flags);
	return ret;
}

/* Since the last call; without @what they are only left behind. */
static void show_counters(const char *what)
{
	static struct rtnl_link_stats last;
	struct rtnl_link_stats now = {};
	struct ifaddrs *all, *ifa;

	lab_enter(tap.ns);
	if (getifaddrs(&all))
		err(1, "getifaddrs");
	for (ifa = all; ifa; ifa = ifa->ifa_next)
		if (!strcmp(ifa->ifa_name, tap.name) && ifa->ifa_data && ifa->ifa_addr->sa_family == AF_PACKET)
			memcpy(&now, ifa->ifa_data, sizeof(now));
	freeifaddrs(all);
	if (what)
		printf("%s: rx %u %u dropped %u tx %u %u dropped %u\n", what, now.rx_packets - last.rx_packets,
		       now.rx_bytes - last.rx_bytes, now.rx_dropped - last.rx_dropped, now.tx_packets - last.tx_packets,
		       now.tx_bytes - last.tx_bytes, now.tx_dropped - last.tx_dropped);
	last = now;
}

static void test_ioctl_flags(void)
{
	static const int flags[] = {
		0, IFF_TAP, IFF_NO_PI, IFF_TUN | IFF_NO_PI, IFF_TAP | IFF_NO_PI, IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE,
		IFF_TAP | IFF_NO_PI | IFF_NAPI, IFF_TAP | IFF_NO_PI | IFF_NAPI_FRAGS, IFF_TAP | IFF_NO_PI | IFF_ONE_QUEUE,
		IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL, IFF_TAP | IFF_NO_PI | IFF_PERSIST, 0xffff,
		IFF_TAP | IFF_TUN | IFF_NO_PI, IFF_TAP | IFF_NO_PI | IFF_VNET_HDR,
	};
	unsigned int i;

	show_name();
	get_int(TUNGETFEATURES, "TUNGETFEATURES");
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		struct ifreq ifr = { .ifr_name = "ignored", .ifr_flags = flags[i] };
		int ret = ioctl(fd, TUNSETIFF, &ifr);

		said(ret, "TUNSETIFF %#x", flags[i]);
		show_name();
	}
	queue(fd, 0);
	queue(fd, IFF_ATTACH_QUEUE);
	queue(fd, IFF_DETACH_QUEUE);
	queue(fd, IFF_DETACH_QUEUE);
	queue(fd, IFF_ATTACH_QUEUE | IFF_DETACH_QUEUE);
	queue(fd, IFF_ATTACH_QUEUE | IFF_DETACH_QUEUE);
	queue(fd, IFF_PERSIST);
}

static void test_ioctl_values(void)
{
	static const int sizes[] = { -1, 0, 1, 9, 10, 11, 12, 20, 64, 65536, 1 << 30, 10 };
	static const int buffers[] = { -1, 0, 1, 4096, 0x7fffffff };
	static const int orders[] = { 0, 1, 2, -1, 0 };
	unsigned int i;

	for (i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++)
		set_int(TUNSETSNDBUF, "TUNSETSNDBUF", buffers[i]);
	get_int(TUNGETSNDBUF, "TUNGETSNDBUF");
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		set_int(TUNSETVNETHDRSZ, "TUNSETVNETHDRSZ", sizes[i]);
		get_int(TUNGETVNETHDRSZ, "TUNGETVNETHDRSZ");
	}
	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		set_int(TUNSETVNETLE, "TUNSETVNETLE", orders[i]);
		get_int(TUNGETVNETLE, "TUNGETVNETLE");
		set_int(TUNSETVNETBE, "TUNSETVNETBE", orders[i]);
		get_int(TUNGETVNETBE, "TUNGETVNETBE");
	}
}

/* Which offloads the device has: what a reader takes decides about GRO and LRO. */
static void show_offloads(void)
{
	static const struct { const char *name; int cmd; } kinds[] = {
		{ "gro", ETHTOOL_GGRO }, { "flags", ETHTOOL_GFLAGS }, { "gso", ETHTOOL_GGSO }, { "tso", ETHTOOL_GTSO },
		{ "tx", ETHTOOL_GTXCSUM }, { "sg", ETHTOOL_GSG },
	};
	unsigned int i;
	int s;

	lab_enter(tap.ns);
	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct ethtool_value value = { .cmd = kinds[i].cmd };
		struct ifreq ifr = { .ifr_data = (void *)&value };

		strcpy(ifr.ifr_name, tap.name);
		printf("%s %s %#x", i ? "" : "   ", kinds[i].name, ioctl(s, SIOCETHTOOL, &ifr) ? ~0u : value.data);
	}
	puts("");
	close(s);
}

static void offload(unsigned long flags)
{
	said(ioctl(fd, TUNSETOFFLOAD, flags), "TUNSETOFFLOAD %#lx", flags);
}

static void test_ioctl_offload(void)
{
	int bit;

	for (bit = 0; bit < 9; bit++) {
		offload(1UL << bit);
		show_offloads();
		offload(TUN_F_CSUM | 1UL << bit);
		show_offloads();
	}
	offload(TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN | TUN_F_UFO);
	show_offloads();
	offload(1UL << 31);
	offload(~0UL);
	offload(0);
	show_offloads();
}

static void set_address(int family, const char *address)
{
	struct ifreq ifr = { .ifr_hwaddr = { .sa_family = family } };
	int ret;

	memcpy(ifr.ifr_hwaddr.sa_data, address, ETH_ALEN);
	ret = ioctl(fd, SIOCSIFHWADDR, &ifr);
	said(ret, "SIOCSIFHWADDR family %d, %08x", family, digest((const unsigned char *)address, ETH_ALEN));
	memset(&ifr, 0, sizeof(ifr));
	ret = ioctl(fd, SIOCGIFHWADDR, &ifr);
	said(ret, "SIOCGIFHWADDR -> %.16s family %d %08x", ifr.ifr_name, ifr.ifr_hwaddr.sa_family,
	     digest((unsigned char *)ifr.ifr_hwaddr.sa_data, 14));
}

static void test_ioctl_address(void)
{
	set_address(1, "\x02\0\0\0\x01\x77");
	set_address(1, "\x01\0\x5e\0\0\1");
	set_address(1, "\0\0\0\0\0\0");
	set_address(6, "\x02\0\0\0\x01\x78");
	set_address(1, (const char *)lower_mac);
	set_address(1, (const char *)tap_mac);
}

static void test_ioctl_bad(void)
{
	static const struct { const char *name; unsigned long request; } all[] = {
		{ "TUNSETIFF", TUNSETIFF }, { "TUNGETIFF", TUNGETIFF }, { "TUNSETQUEUE", TUNSETQUEUE },
		{ "TUNGETFEATURES", TUNGETFEATURES }, { "TUNSETSNDBUF", TUNSETSNDBUF }, { "TUNGETSNDBUF", TUNGETSNDBUF },
		{ "TUNSETVNETHDRSZ", TUNSETVNETHDRSZ }, { "TUNGETVNETHDRSZ", TUNGETVNETHDRSZ },
		{ "TUNSETVNETLE", TUNSETVNETLE }, { "TUNGETVNETLE", TUNGETVNETLE }, { "TUNSETVNETBE", TUNSETVNETBE },
		{ "TUNGETVNETBE", TUNGETVNETBE }, { "SIOCGIFHWADDR", SIOCGIFHWADDR }, { "SIOCSIFHWADDR", SIOCSIFHWADDR },
		{ "TUNSETNOCSUM", TUNSETNOCSUM }, { "TUNSETDEBUG", TUNSETDEBUG }, { "TUNSETPERSIST", TUNSETPERSIST },
		{ "TUNSETOWNER", TUNSETOWNER }, { "TUNSETLINK", TUNSETLINK }, { "TUNSETGROUP", TUNSETGROUP },
		{ "TUNSETTXFILTER", TUNSETTXFILTER }, { "TUNATTACHFILTER", TUNATTACHFILTER },
		{ "TUNDETACHFILTER", TUNDETACHFILTER }, { "TUNGETFILTER", TUNGETFILTER }, { "TUNSETIFINDEX", TUNSETIFINDEX },
		{ "TUNSETSTEERINGEBPF", TUNSETSTEERINGEBPF }, { "TUNSETFILTEREBPF", TUNSETFILTEREBPF },
		{ "TUNSETCARRIER", TUNSETCARRIER }, { "TUNGETDEVNETNS", TUNGETDEVNETNS }, { "FIONREAD", FIONREAD },
		{ "SIOCGIFFLAGS", SIOCGIFFLAGS }, { "SIOCGSKNS", SIOCGSKNS }, { "0", 0 }, { "0xffffffff", 0xffffffff },
	};
	unsigned int i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		said(ioctl(fd, all[i].request, NULL), "%s at NULL", all[i].name);
		said(ioctl(fd, all[i].request, bad), "%s at 1", all[i].name);
	}
	get_int(TUNGETVNETHDRSZ, "TUNGETVNETHDRSZ");
	show_name();
}

/* ---- writing */

static void test_write_short(void)
{
	unsigned char frame[64], zero[HDR] = {};
	int len;

	set_int(TUNSETSNDBUF, "TUNSETSNDBUF", 1 << 20);
	for (len = 0; len <= HDR; len++) {
		said(write(fd, zero, len), "write %d of a header", len);
		from_tap();
	}
	for (len = 0; len <= 60; len++)
		write_frame("short", zero, HDR, frame, put_frame(frame, peer_mac, tap_mac, FRAME_TYPE, len, len));
	for (len = 14; len <= 60; len += 3) {
		put_ip(frame, peer_mac, tap_mac, 17, 7, 18, 0);
		write_frame("IPv4 cut short", zero, HDR, frame, len);
		put_frame(frame, peer_mac, tap_mac, ETH_P_8021Q, len, 0);
		write_frame("a VLAN's", zero, HDR, frame, len);
	}
	show_counters("short and odd");
}

static void test_write_large(void)
{
	static const int lens[] = { 1513, 1514, 1515, 4000, 4096, 5000, 9000, 32768, 65535, 65536 };
	static unsigned char frame[4 * MAX_FRAME];
	unsigned char zero[HDR] = {};
	unsigned int i;

	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		write_frame("large", zero, HDR, frame, put_frame(frame, peer_mac, tap_mac, FRAME_TYPE, lens[i], i));
	show_counters("large");
}

static void test_write_pieces(void)
{
	unsigned char all[HDR + 60] = {};
	struct iovec iov[HDR + 60], torn[3] = { { all, HDR }, { all + HDR, 20 }, { bad, 20 } };
	int i, step;

	put_frame(all + HDR, peer_mac, tap_mac, FRAME_TYPE, 60, 3);
	for (step = 1; step < 30; step += 7) {
		for (i = 0; i * step < HDR + 60; i++)
			iov[i] = (struct iovec){ all + i * step, i * step + step > HDR + 60 ? HDR + 60 - i * step : step };
		said(writev(fd, iov, i), "writev of %d pieces", i);
		from_tap();
	}
	said(writev(fd, torn, 3), "writev with a bad piece");
	from_tap();
	said(write(fd, bad, HDR + 60), "write from 1");
	said(write(fd, null, HDR + 60), "write from NULL");
	said(writev(fd, iov, 0), "writev of nothing");
	from_tap();
	show_counters("pieces");
}

static void test_write_headers(void)
{
	static const int starts[] = { 0, 13, 14, 34, 40, 73, 74, 75, 100, 65534, 65535 };
	static const int offsets[] = { 0, 6, 16, 18, 60, 65535 };
	static const int lens[] = { 0, 1, 14, 54, 73, 74, 75, 1000, 65535 };
	struct virtio_net_hdr hdr = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM };
	unsigned char frame[128];
	unsigned int i, j;
	int len;

	len = put_ip(frame, peer_mac, tap_mac, 17, 7, 32, 1);
	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		for (j = 0; j < sizeof(offsets) / sizeof(offsets[0]); j++) {
			hdr.csum_start = starts[i];
			hdr.csum_offset = offsets[j];
			printf("csum %d + %d ", starts[i], offsets[j]);
			write_frame("of 74", &hdr, HDR, frame, len);
		}
	}
	memset(&hdr, 0, sizeof(hdr));
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		hdr.hdr_len = lens[i];
		printf("hdr_len %d ", lens[i]);
		write_frame("of 74", &hdr, HDR, frame, len);
	}
	memset(&hdr, 0, sizeof(hdr));
	for (i = 0; i < 256; i = i < 8 ? i + 1 : i * 2) {
		hdr.flags = i;
		hdr.csum_start = 34;
		hdr.csum_offset = 6;
		printf("flags %d ", i);
		write_frame("of 74", &hdr, HDR, frame, len);
	}
	show_counters("headers");
}

static void test_write_gso(void)
{
	static const int types[] = { 0, 1, 2, 3, 4, 5, 6, 7, 0x80, 0x81, 0x84, 0x83, 0xff };
	static const int sizes[] = { 0, 1, 500, 1448, 65535 };
	static unsigned char frame[8192];
	struct virtio_net_hdr hdr;
	unsigned int i, j;
	int len, proto;

	for (proto = 6; proto <= 17; proto += 11) {
		len = put_ip(frame, peer_mac, tap_mac, proto, 7, 4000, 1);
		for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
			for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
				hdr = (struct virtio_net_hdr){
					.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .gso_type = types[i],
					.hdr_len = proto == 6 ? 54 : 42, .gso_size = sizes[j], .csum_start = 34,
					.csum_offset = proto == 6 ? 16 : 6,
				};
				printf("proto %d type %#x size %d ", proto, types[i], sizes[j]);
				write_frame("GSO", &hdr, HDR, frame, len);
			}
		}
		hdr = (struct virtio_net_hdr){ .gso_type = 1, .gso_size = 1000, .hdr_len = 54 };
		write_frame("GSO without a checksum", &hdr, HDR, frame, len);
	}
	show_counters("GSO");
}

/* ---- reading */

static void test_read_sizes(void)
{
	static const int frames[] = { 14, 15, 20, 33, 46, 60, 1514 };
	static const int sizes[] = { 0, 1, 9, 10, 11, 12, 23, 24, 25, 70, 65536 };
	struct iovec iov[3] = { { buffer, 3 }, { buffer + 3, 20 }, { buffer + 23, 4000 } };
	struct iovec torn[2] = { { buffer, 20 }, { bad, 4000 } };
	unsigned int i, j;

	for (i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			plain_to_tap(frames[i], j);
			printf("frame of %d ", frames[i]);
			expect("sizes", fd, sizes[j], HDR);
			if (!sizes[j])
				expect("sizes, again", fd, sizeof(buffer) - 64, HDR);
		}
	}
	plain_to_tap(60, 1);
	said(read(fd, bad, 2000), "read to 1");
	expect("after it", fd, 2000, HDR);
	plain_to_tap(60, 1);
	memset(buffer, 0xa5, sizeof(buffer));
	said(readv(fd, iov, 3), "readv of 3 pieces, %08x", 0);
	printf("    %08x\n", digest(buffer, 100));
	plain_to_tap(60, 1);
	said(readv(fd, torn, 2), "readv with a bad piece");
	expect("after it", fd, 2000, HDR);
	said(lseek(fd, 0, SEEK_CUR) >= 0 ? 0 : -1, "lseek");
	show_counters("sizes");
}

static void test_header_sizes(void)
{
	static const int sizes[] = { 10, 11, 12, 20, 100, 4000 };
	static unsigned char zero[4096];
	unsigned char frame[128];
	unsigned int i;
	int len;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		set_int(TUNSETVNETHDRSZ, "TUNSETVNETHDRSZ", sizes[i]);
		plain_to_tap(60, i);
		expect("header size", fd, 8000, sizes[i] < 20 ? sizes[i] : 20);
		plain_to_tap(60, i);
		expect("too short", fd, sizes[i] - 1, 0);
		for (len = sizes[i] - 2; len < sizes[i] + 1; len++)
			said(write(fd, zero, len), "write %d", len);
		len = put_frame(frame, peer_mac, tap_mac, FRAME_TYPE, 60, i);
		write_frame("header size", zero, sizes[i], frame, len);
	}
	set_int(TUNSETVNETHDRSZ, "TUNSETVNETHDRSZ", HDR);
	show_counters("header sizes");
}

static void test_no_header(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	unsigned char frame[64];
	int len;

	said(ioctl(fd, TUNSETIFF, &ifr), "TUNSETIFF without IFF_VNET_HDR");
	for (len = 0; len < 20; len += 2)
		write_frame("no header", NULL, 0, frame, put_frame(frame, peer_mac, tap_mac, FRAME_TYPE, len, len));
	plain_to_tap(60, 9);
	expect("no header", fd, 2000, 0);
	plain_to_tap(60, 9);
	expect("no header", fd, 5, 0);
	ifr.ifr_flags |= IFF_VNET_HDR;
	said(ioctl(fd, TUNSETIFF, &ifr), "TUNSETIFF with IFF_VNET_HDR");
}

static void test_read_offloads(void)
{
	static const unsigned long taken[] = {
		0, TUN_F_CSUM, TUN_F_CSUM | TUN_F_TSO4, TUN_F_CSUM | TUN_F_TSO6, TUN_F_CSUM | TUN_F_USO4 | TUN_F_USO6,
	};
	static unsigned char frame[8192];
	struct virtio_net_hdr hdr;
	unsigned int i;
	int len, proto;

	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		offload(taken[i]);
		for (proto = 6; proto <= 17; proto += 11) {
			hdr = (struct virtio_net_hdr){
				.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 34, .csum_offset = proto == 6 ? 16 : 6,
			};
			len = put_ip(frame, tap_mac, peer_mac, proto, 7, 100, 1);
			to_tap(&hdr, frame, len);
			expect("partial checksum", fd, 9000, HDR);
			if (proto == 17)
				continue;	/* USO from AF_PACKET is not for 6.1 */
			hdr.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
			hdr.hdr_len = 54;
			hdr.gso_size = 1000;
			len = put_ip(frame, tap_mac, peer_mac, proto, 7, 3500, 1);
			to_tap(&hdr, frame, len);
			for (len = 0; len < 5; len++)
				expect("GSO", fd, 9000, HDR);
		}
	}
	set_int(TUNSETVNETLE, "TUNSETVNETLE", 1);
	offload(TUN_F_CSUM);
	len = put_ip(frame, tap_mac, peer_mac, 17, 7, 100, 1);
	to_tap(&hdr, frame, len);
	offload(0);
	expect("queued before the reader's offloads changed", fd, 9000, HDR);
	set_int(TUNSETVNETLE, "TUNSETVNETLE", 0);
	len = put_frame(frame, tap_mac, peer_mac, ETH_P_8021Q, 80, 1);
	to_tap(NULL, frame, len);
	expect("with a VLAN tag", fd, 9000, HDR);
	to_tap(NULL, frame, len);
	expect("with a VLAN tag", fd, HDR + 12, HDR);
	to_tap(NULL, frame, len);
	expect("with a VLAN tag", fd, HDR + 14, HDR);
	show_counters("offloads");
}

/* ---- waiting */

static short now(int of)
{
	struct pollfd p = { .fd = of, .events = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM | POLLPRI | POLLRDBAND };

	poll(&p, 1, 0);
	return p.revents;
}

static void test_poll(void)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	printf("empty: %#hx\n", now(fd));
	said(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev), "epoll, edges");
	said(epoll_wait(ep, &ev, 1, 0), "at first %#x", ev.events);
	said(epoll_wait(ep, &ev, 1, 0), "again");
	plain_to_tap(60, 1);
	printf("one frame: %#hx\n", now(fd));
	said(epoll_wait(ep, &ev, 1, 1000), "a frame %#x", ev.events);
	said(epoll_wait(ep, &ev, 1, 0), "again");
	plain_to_tap(60, 2);
	said(epoll_wait(ep, &ev, 1, 1000), "another %#x", ev.events);
	expect("first", fd, 2000, HDR);
	printf("one left: %#hx\n", now(fd));
	expect("second", fd, 2000, HDR);
	printf("none left: %#hx\n", now(fd));
	said(epoll_wait(ep, &ev, 1, 0), "none left");
	expect("none left", fd, 2000, HDR);
	close(ep);
}

/* Segments of which some fit: the reader is told of those. That the stock module does not count the rest is its own. */
static void test_overrun(void)
{
	struct virtio_net_hdr hdr = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 34, .csum_offset = 16,
		.gso_type = VIRTIO_NET_HDR_GSO_TCPV4, .hdr_len = 54, .gso_size = 1000,
	};
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(EPOLL_CLOEXEC), len;
	static unsigned char frame[8192];

	offload(0);
	command("ip -n low link set dev %s txqueuelen 2", tap.name);
	said(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev), "epoll, edges");
	said(epoll_wait(ep, &ev, 1, 0), "at first");
	len = put_ip(frame, tap_mac, peer_mac, 6, 7, 3500, 1);
	to_tap(&hdr, frame, len);
	said(epoll_wait(ep, &ev, 1, 1000), "segments, not all of which fit");
	for (len = 0; len < 3; len++)
		expect("segments", fd, 9000, HDR);
	close(ep);
	command("ip -n low link set dev %s txqueuelen 500", tap.name);
	show_counters(NULL);
}

static int asleep(pid_t pid)
{
	char path[64], line[256] = "", *at;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (f) {
		at = fgets(line, sizeof(line), f);
		fclose(f);
		at = at ? strrchr(line, ')') : NULL;
		return at && at[2] == 'S';
	}
	return 0;
}

static pid_t child_reads(int from)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		expect("a child", from, 2000, HDR);
		exit(0);
	}
	while (!asleep(pid) && !waitpid(pid, NULL, WNOHANG))
		poll(NULL, 0, 1);
	return pid;
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void test_blocking(void)
{
	struct sigaction act = { .sa_handler = on_alarm };
	struct itimerval soon = { .it_value = { .tv_usec = 100000 } };
	int flags = fcntl(fd, F_GETFL), status;
	pid_t pid;

	fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	pid = child_reads(fd);
	plain_to_tap(60, 5);
	waitpid(pid, &status, 0);
	printf("child: %#x\n", status);
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	expect("interrupted", fd, 2000, HDR);
	pid = child_reads(fd);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	printf("killed: %#x\n", status);
	fcntl(fd, F_SETFL, flags);
	expect("not blocking", fd, 2000, HDR);
}

/* A queue that keeps what it gets: the frames in it are charged to the socket. */
static void test_sndbuf(void)
{
	unsigned char zero[HDR] = {}, frame[1000];
	struct iovec iov[] = { { zero, HDR }, { frame, sizeof(frame) } };
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int i;

	put_frame(frame, peer_mac, tap_mac, FRAME_TYPE, sizeof(frame), 1);
	command("tc -n low qdisc add dev %s root tbf rate 8kbit burst 1600 limit 1000000", tap.name);
	set_int(TUNSETSNDBUF, "TUNSETSNDBUF", 16384);
	for (i = 0; i < 100 && writev(fd, iov, 2) > 0; i++)
		;
	said(-1, "after %s writes: write", i > 3 && i < 40 ? "some" : i ? "too many or few" : "no");
	printf("full: %#hx\n", now(fd));
	command("tc -n low qdisc del dev %s root", tap.name);
	said(poll(&p, 1, 5000), "emptied %#hx", p.revents);
	while (poll(&(struct pollfd){ .fd = wire_fd, .events = POLLIN }, 1, 0) > 0)
		i = read(wire_fd, buffer, sizeof(buffer));
	set_int(TUNSETSNDBUF, "TUNSETSNDBUF", 1 << 20);
	write_frame("emptied", zero, HDR, frame, sizeof(frame));
	show_counters(NULL);	/* what got through before the queue went is a matter of time */
}

/* ---- queues */

#define FLOWS	32

static void flows(const char *what, const int *fds, int n)
{
	int i, q, used = 0, moved = 0, lost = 0, round, first[FLOWS];
	unsigned char frame[256];
	unsigned int seen = 0;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < FLOWS; i++) {
			int at = -1;

			to_tap(NULL, frame, put_ip(frame, tap_mac, peer_mac, 17, 1000 + i, 40, 0));
			for (q = 0; q < n; q++)
				if (read(fds[q], buffer, sizeof(buffer)) > 0)
					at = q;
			if (at < 0)
				lost++;
			else
				seen |= 1u << at;
			moved += round && first[i] != at;
			first[i] = at;
		}
	}
	for (q = 0; q < n; q++)
		used += seen >> q & 1;
	printf("%s: %d queues in use, %d frames lost, %d flows moved\n", what, used, lost, moved);
}

static void test_queues(void)
{
	int fds[4] = { fd }, i;

	for (i = 1; i < 4; i++) {
		fds[i] = reopen(O_RDWR | O_NONBLOCK);
		said(fds[i] < 0 ? -1 : 0, "open %d", i);
	}
	flows("four queues", fds, 4);
	queue(fds[1], IFF_DETACH_QUEUE);
	flows("one detached", fds, 4);
	queue(fds[0], IFF_DETACH_QUEUE);
	queue(fds[2], IFF_DETACH_QUEUE);
	flows("one left", fds, 4);
	plain_to_tap(60, 4);
	queue(fds[3], IFF_DETACH_QUEUE);
	plain_to_tap(60, 5);
	expect("from a detached queue", fds[3], 2000, HDR);
	expect("and no more", fds[3], 2000, HDR);
	flows("none", fds, 4);
	said(write(fds[3], buffer, 70), "write on a detached queue");
	from_tap();
	for (i = 0; i < 4; i++)
		queue(fds[i], IFF_ATTACH_QUEUE);
	flows("four again", fds, 4);
	queue(fds[2], IFF_DETACH_QUEUE);
	for (i = 1; i < 4; i++)
		close(fds[i]);
	flows("one open", fds, 1);
	show_counters("queues");
}

static void test_many(void)
{
	int fds[300], n;

	for (n = 0; n < 300; n++) {
		fds[n] = reopen(O_RDWR);
		if (fds[n] < 0)
			break;
	}
	said(-1, "open after %d more", n);
	while (n--)
		close(fds[n]);
}

static void resized(int len, int before, int after)
{
	char cmd[128];
	int i, n;

	for (i = 0; i < before; i++)
		plain_to_tap(60, i);
	snprintf(cmd, sizeof(cmd), "ip -n low link set dev %%s txqueuelen %d", len);
	command(cmd, tap.name);
	for (i = 0; i < after; i++)
		plain_to_tap(60, before + i);
	for (n = 0; read(fd, buffer, 2000) > 0; n++)
		printf("    %08x\n", digest(buffer, HDR + 60));
	printf("%d parked, resized to %d, %d more: %d read\n", before, len, after, n);
	show_counters("resized");
}

static void test_resize(void)
{
	int other;

	resized(4, 3, 6);
	resized(2, 4, 1);
	resized(1, 1, 2);
	resized(100, 1, 10);
	resized(0, 1, 1);
	other = reopen(O_RDWR | O_NONBLOCK);
	said(other < 0 ? -1 : 0, "open at length 0");
	if (other >= 0)
		close(other);
	resized(500, 1, 3);
}

/* ---- devices and files that go away */

static void test_down(void)
{
	unsigned char zero[HDR] = {}, frame[60];

	put_frame(frame, peer_mac, tap_mac, FRAME_TYPE, sizeof(frame), 1);
	plain_to_tap(60, 1);
	command("ip -n low link set dev %s down", tap.name);
	plain_to_tap(60, 2);
	printf("down: %#hx\n", now(fd));
	write_frame("down", zero, HDR, frame, sizeof(frame));
	expect("down", fd, 2000, HDR);
	expect("down", fd, 2000, HDR);
	command("ip -n low link set dev %s up", tap.name);
	write_frame("up", zero, HDR, frame, sizeof(frame));
	show_counters("down and up");
}

static void test_nobody(void)
{
	close(fd);
	plain_to_tap(60, 1);
	fd = reopen(O_RDWR | O_NONBLOCK);
	said(fd < 0 ? -1 : 0, "open");
	expect("sent while closed", fd, 2000, HDR);
	show_counters("closed");
}

static void test_child(void)
{
	int status, other = dup(fd);
	pid_t pid;

	plain_to_tap(60, 1);
	plain_to_tap(60, 2);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		close(fd);
		expect("by a child", other, 2000, HDR);
		exit(0);
	}
	waitpid(pid, &status, 0);
	close(other);
	expect("by the parent", fd, 2000, HDR);
	printf("child: %#x\n", status);
}

static void test_modes(void)
{
	int ro = reopen(O_RDONLY | O_NONBLOCK), wo = reopen(O_WRONLY | O_NONBLOCK);

	said(write(ro, buffer, 100), "write on a read-only file");
	said(read(wo, buffer, 100), "read on a write-only file");
	said(ioctl(ro, TUNGETVNETHDRSZ, buffer), "ioctl on a read-only file");
	said(pread(ro, buffer, 100, 0), "pread");
	said(mmap(NULL, 4096, PROT_READ, MAP_SHARED, ro, 0) == MAP_FAILED ? -1 : 0, "mmap");
	said(fsync(ro), "fsync");
	close(ro);
	close(wo);
}

static void test_deleted(void)
{
	unsigned char zero[HDR] = {}, frame[60];
	int other;

	put_frame(frame, peer_mac, tap_mac, FRAME_TYPE, sizeof(frame), 1);
	plain_to_tap(60, 1);
	plain_to_tap(60, 2);
	command("ip -n low link del dev %s", tap.name);
	printf("deleted: %#hx\n", now(fd));
	expect("deleted", fd, 2000, HDR);
	write_frame("deleted", zero, HDR, frame, sizeof(frame));
	write_frame("deleted, short", zero, HDR, frame, 13);
	write_frame("deleted, no header", zero, 3, frame, 0);
	expect("deleted", fd, 2000, HDR);
	expect("deleted", fd, 2000, HDR);
	printf("deleted: %#hx\n", now(fd));
	show_name();
	queue(fd, IFF_ATTACH_QUEUE);
	queue(fd, IFF_DETACH_QUEUE);
	queue(fd, 0);
	offload(0);
	offload(~0UL);
	set_address(1, (const char *)tap_mac);
	test_ioctl_bad();
	get_int(TUNGETFEATURES, "TUNGETFEATURES");
	set_int(TUNSETVNETHDRSZ, "TUNSETVNETHDRSZ", 12);
	other = reopen(O_RDWR);
	said(other, "open");
	close(fd);
}

static const struct { const char *name; void (*run)(void); } tests[] = {
	{ "ioctl: flags", test_ioctl_flags },
	{ "ioctl: values", test_ioctl_values },
	{ "ioctl: offload", test_ioctl_offload },
	{ "ioctl: address", test_ioctl_address },
	{ "ioctl: unknown ones and bad pointers", test_ioctl_bad },
	{ "write: short and odd frames", test_write_short },
	{ "write: large frames", test_write_large },
	{ "write: pieces", test_write_pieces },
	{ "write: headers", test_write_headers },
	{ "write: GSO", test_write_gso },
	{ "read: sizes", test_read_sizes },
	{ "read: header sizes", test_header_sizes },
	{ "no header", test_no_header },
	{ "read: offloads", test_read_offloads },
	{ "poll", test_poll },
	{ "segments, no room", test_overrun },
	{ "blocking", test_blocking },
	{ "send buffer", test_sndbuf },
	{ "queues", test_queues },
	{ "as many queues as there can be", test_many },
	{ "resize", test_resize },
	{ "device down and up", test_down },
	{ "no reader", test_nobody },
	{ "child", test_child },
	{ "modes of the file", test_modes },
	{ "device deleted", test_deleted },
};

int main(int argc, char **argv)
{
	cpu_set_t set;
	unsigned int i;

	if (argc != 5)
		errx(2, "usage: taptest NODE TAP WIRE LOWER");
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(0, sizeof(set), &set);	/* one backlog: what was sent first arrives first */
	node = argv[1];
	lab_open(argv[2], &tap);
	lab_open(argv[3], &wire);
	lab_open(argv[4], &lower);
	wire_fd = packet_socket(&wire, ETH_P_ALL);
	fence_fd = packet_socket(&lower, FENCE_TYPE);
	lab_enter(tap.ns);
	fd = reopen(O_RDWR | O_NONBLOCK);
	if (fd < 0)
		err(1, "%s", node);
	show_counters("at first");
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		printf("==== %s\n", tests[i].name);
		tests[i].run();
	}
	return 0;
}
