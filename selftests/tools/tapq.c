// SPDX-License-Identifier: GPL-2.0
/*
 * The queues of a macvtap, whichever way its frames come: how many arrive in which queue, and whether all
 * that did not are counted.
 */
#define _GNU_SOURCE
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "lab.h"
#include "tapframe.h"

#define HDR		((int)sizeof(struct virtio_net_hdr))
#define MAX_QUEUES	8
#define FLOWS		32
#define BURST		64	/* the veth's ring takes more */

static const unsigned char tap_mac[] = { 2, 0, 0, 0, 1, 0 };
static const unsigned char peer_mac[] = { 2, 0, 0, 0, 0, 0xaa };

static struct lab_dev tap, wire;
static struct rtnl_link_stats before;
static const char *node;
static int fds[MAX_QUEUES], queues = 1, wire_fd;
static unsigned int sent;
static unsigned char buffer[65536];

/* ---- the device's counters */

static void counters(struct rtnl_link_stats *stats)
{
	struct ifaddrs *all, *ifa;

	lab_enter(tap.ns);
	if (getifaddrs(&all))
		err(1, "getifaddrs");
	for (ifa = all; ifa; ifa = ifa->ifa_next)
		if (!strcmp(ifa->ifa_name, tap.name) && ifa->ifa_data && ifa->ifa_addr->sa_family == AF_PACKET)
			memcpy(stats, ifa->ifa_data, sizeof(*stats));
	freeifaddrs(all);
}

static unsigned int dropped(void)
{
	struct rtnl_link_stats now = {};

	counters(&now);
	return now.rx_dropped - before.rx_dropped;
}

/* All that was sent has come to the device: then it is in a queue, or dropped. */
static void arrived(void)
{
	long long deadline = lab_now_ms() + 10000LL * lab_scale();
	struct rtnl_link_stats now = {};

	for (;;) {
		counters(&now);
		if (now.rx_packets - before.rx_packets == sent)
			return;
		if (lab_now_ms() > deadline)
			errx(1, "%u frames sent, %u came to %s", sent, now.rx_packets - before.rx_packets, tap.name);
		poll(NULL, 0, 1);
	}
}

/* ---- the wire, and the queues */

static void open_wire(void)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_ifindex = wire.ifindex };

	lab_enter(wire.ns);
	wire_fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (wire_fd < 0 || bind(wire_fd, (struct sockaddr *)&at, sizeof(at)))
		err(1, "socket on %s", wire.spec);
}

static void to_tap(const unsigned char *frame, int len)
{
	if (write(wire_fd, frame, len) != len)
		err(1, "send %d bytes", len);
	sent++;
	if (!(sent % BURST))
		arrived();
}

static int open_queue(void)
{
	int fd = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", node);
	return fd;
}

/* How many frames there are to read; what the last one was stays in buffer. */
static int drain(int fd)
{
	int n = 0;

	while (read(fd, buffer, sizeof(buffer)) > 0)
		n++;
	return n;
}

static int drain_all(void)
{
	int i, n = 0;

	for (i = 0; i < queues; i++)
		n += drain(fds[i]);
	return n;
}

static void expect(const char *what, long got, long want)
{
	if (got != want)
		errx(1, "%s: %ld, not %ld", what, got, want);
}

/* ---- tests */

/* The first come are there, in order; the others are counted. */
static void test_full(void)
{
	unsigned char frame[60];
	unsigned int seq, i, room = 500, all = 3 * 500;

	for (i = 0; i < all; i++) {
		put_frame(frame, tap_mac, peer_mac, FRAME_TYPE, sizeof(frame), 0);
		memcpy(frame + ETH_HLEN, &i, sizeof(i));
		to_tap(frame, sizeof(frame));
	}
	arrived();
	for (i = 0; read(fds[0], buffer, sizeof(buffer)) > 0; i++) {
		memcpy(&seq, buffer + HDR + ETH_HLEN, sizeof(seq));
		expect("frame", seq, i);
	}
	expect("read", i, room);
	expect("dropped", dropped(), all - room);
}

static void send_fd(int to, int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = {}, byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(to, &msg, 0) != 1)
		err(1, "send a descriptor");
}

static int receive_fd(int from)
{
	char control[CMSG_SPACE(sizeof(int))] = {}, byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd;

	if (recvmsg(from, &msg, 0) != 1 || !CMSG_FIRSTHDR(&msg))
		err(1, "receive a descriptor");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

/* What came before and what comes after the queue went to a process that did not open it. */
static void test_passed(void)
{
	int pair[2], fd, status, n = 0;
	unsigned char frame[60];
	struct pollfd p;
	pid_t pid;

	put_frame(frame, tap_mac, peer_mac, FRAME_TYPE, sizeof(frame), 0);
	to_tap(frame, sizeof(frame));
	arrived();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		err(1, "socketpair");
	pid = fork();
	if (!pid) {
		close(fds[0]);
		fd = receive_fd(pair[1]);
		p = (struct pollfd){ .fd = fd, .events = POLLIN };
		while (n < 10 && poll(&p, 1, 10000 * lab_scale()) == 1)
			n += drain(fd);
		exit(n == 10 ? 0 : 1);
	}
	send_fd(pair[0], fds[0]);
	close(fds[0]);
	for (n = 1; n < 10; n++)
		to_tap(frame, sizeof(frame));
	if (waitpid(pid, &status, 0) != pid || status)
		errx(1, "the other process did not read all");
	expect("dropped", dropped(), 0);
}

static void toggle(int reopen)
{
	struct ifreq on = { .ifr_flags = IFF_ATTACH_QUEUE }, off = { .ifr_flags = IFF_DETACH_QUEUE };
	unsigned char frame[256];
	int i, round, n = 0, len;
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			for (i = 1; i < queues; i++)
				ioctl(fds[i], TUNSETQUEUE, &off);
			if (reopen)
				close(open_queue());
			for (i = 1; i < queues; i++)
				ioctl(fds[i], TUNSETQUEUE, &on);
		}
	}
	for (round = 0; round < 100; round++) {
		for (i = 0; i < FLOWS; i++) {
			len = put_ip(frame, tap_mac, peer_mac, 17, 1000 + i, 40, 0);
			to_tap(frame, len);
		}
		n += drain_all();
	}
	arrived();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	n += drain_all();
	printf("%u sent, %d read, %u dropped\n", sent, n, dropped());
	/* what was in a queue that was closed has gone with it */
	if (reopen ? n + dropped() > sent || n < (int)sent / 4 : n + dropped() != sent)
		errx(1, "frames doubled, or lost");
}

/* Nothing is lost uncounted while queues are detached and attached; the first one stays. */
static void test_toggle(void)
{
	toggle(0);
}

static void test_reopen(void)
{
	toggle(1);
}

static int queue_of_next(void)
{
	int at = -1, i, n, all = 0;

	arrived();
	for (i = 0; i < queues; i++) {
		n = drain(fds[i]);
		all += n;
		if (n)
			at = i;
	}
	expect("frames of one", all, 1);
	return at;
}

/* Which queue each flow comes to, three times, from a socket that gives its frames no hash. */
static void test_flows(void)
{
	int i, round, at, first[FLOWS];
	unsigned char frame[256];

	for (round = 0; round < 3; round++) {
		for (i = 0; i < FLOWS; i++) {
			to_tap(frame, put_ip(frame, tap_mac, peer_mac, i % 2 ? 6 : 17, 1000 + i, 40, 0));
			at = queue_of_next();
			if (round)
				expect("queue of a flow", at, first[i]);
			else
				printf("flow %d: %d\n", i, first[i] = at);
		}
	}
}

/* The same from sockets whose frames bring one along. */
static void test_sockets(void)
{
	struct sockaddr_in from = { .sin_family = AF_INET }, to = { .sin_family = AF_INET };
	int i, s;

	inet_pton(AF_INET, "10.9.0.1", &from.sin_addr);
	inet_pton(AF_INET, "10.9.0.2", &to.sin_addr);
	for (i = 0; i < FLOWS; i++) {
		from.sin_port = to.sin_port = htons(2000 + i);
		lab_enter(wire.ns);
		s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (s < 0 || bind(s, (struct sockaddr *)&from, sizeof(from)) ||
		    connect(s, (struct sockaddr *)&to, sizeof(to)) || send(s, "flow", 4, 0) != 4)
			err(1, "UDP socket");
		sent++;
		printf("socket %d: %d\n", i, queue_of_next());
		close(s);
	}
}

static void show(int len)
{
	ssize_t got;
	int i;

	arrived();
	for (i = 0; i < queues; i++) {
		memset(buffer, 0xa5, sizeof(buffer));
		got = read(fds[i], buffer, sizeof(buffer));
		if (got <= 0)
			continue;
		printf("%d bytes:", len);
		show_header(buffer, HDR);
		printf(" %zd %08x, beyond %08x\n", got, digest(buffer + HDR, got - HDR), digest(buffer + got, 64));
	}
}

/* Every length up to 60, and headers that end in the middle: what the reader gets. */
static void test_short(void)
{
	static const int types[] = { 0x88b5, ETH_P_IP, ETH_P_IPV6, ETH_P_ARP, 0x8847, 0x0003, 0 };
	unsigned char frame[128];
	unsigned int i;
	int len;

	for (len = ETH_HLEN; len <= 60; len++) {
		for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
			put_frame(frame, tap_mac, peer_mac, types[i], len, len);
			to_tap(frame, len);
			show(len);
		}
		put_ip(frame, tap_mac, peer_mac, 17, 7, 18, 0);
		to_tap(frame, len);
		show(len);
		put_ip(frame, tap_mac, peer_mac, 6, 7, 18, 0);
		frame[ETH_HLEN] = 0x45 + len % 11;	/* IP options, or no IPv4 at all */
		to_tap(frame, len);
		show(len);
	}
}

/* More than a page holds, and what it just holds. */
static void test_long(void)
{
	static const int lens[] = { 1514, 2048, 3000, 3400, 3600, 4096, 5000, 9014 };
	static unsigned char frame[9014];
	unsigned int i;

	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		put_frame(frame, tap_mac, peer_mac, FRAME_TYPE, lens[i], i);
		to_tap(frame, lens[i]);
		show(lens[i]);
	}
}

/* ---- a virtual machine without the machine: the network card of a namespace, on the macvtap */

static int open_tun(const char *spec)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	struct lab_dev dev;
	int fd;

	lab_parse(spec, &dev);
	lab_enter(dev.ns);
	memcpy(ifr.ifr_name, dev.name, sizeof(ifr.ifr_name));
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		err(1, "%s", spec);
	return fd;
}

static void move(int from, int to)
{
	ssize_t len;

	while ((len = read(from, buffer, sizeof(buffer))) > 0)
		if (write(to, buffer, len) != len && errno != EAGAIN && errno != EIO)
			err(1, "write %zd bytes", len);
}

static int relay(const char *spec)
{
	struct pollfd p[2] = { { .events = POLLIN }, { .events = POLLIN } };

	p[0].fd = open_queue();
	p[1].fd = open_tun(spec);
	puts("ready");
	fflush(stdout);
	while (poll(p, 2, -1) > 0) {
		move(p[0].fd, p[1].fd);
		move(p[1].fd, p[0].fd);
	}
	return 1;
}

static const struct { const char *name; int queues; void (*run)(void); } tests[] = {
	{ "full", 1, test_full },
	{ "passed", 1, test_passed },
	{ "toggle", 4, test_toggle },
	{ "reopen", 4, test_reopen },
	{ "flows", 4, test_flows },
	{ "sockets", 4, test_sockets },
	{ "short", 4, test_short },
	{ "long", 1, test_long },
};

static void run(int number)
{
	int i;

	open_wire();
	queues = tests[number].queues;
	for (i = 0; i < queues; i++)
		fds[i] = open_queue();
	counters(&before);
	tests[number].run();
}

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc == 4 && !strcmp(argv[2], "relay")) {
		node = argv[1];
		return relay(argv[3]);
	}
	if (argc != 5)
		errx(2, "usage: tapq NODE TAP WIRE TEST, or tapq NODE relay NS:TUN");
	node = argv[1];
	lab_open(argv[2], &tap);
	lab_open(argv[3], &wire);
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (!strcmp(argv[4], tests[i].name)) {
			run(i);
			return 0;
		}
	}
	errx(2, "no test %s", argv[4]);
}
