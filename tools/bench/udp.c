// SPDX-License-Identifier: GPL-2.0
/*
 * The end of the rows that send UDP: an address on the upper, and a socket with a process that reads
 * it, or none.
 *
 * Each batch costs the same (reader.c): one wake-up, two context switches, one recvmmsg(), and as many
 * datagrams.
 *
 * To a closed port the stack would answer with ICMP, but for its rate limit. The limit is set to none
 * at all: that is what nearly all frames of such a flood meet anyway, and the same for each.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ip.h>
#include <linux/udp.h>

#include "bench.h"
#include "gen.h"

#define SENDER		"192.0.2.1"
#define RECEIVER	"192.0.2.2"
#define PORT		7777
#define RCVBUF		(8 << 20)

static uint16_t ip_csum(const void *hdr, size_t len)
{
	const uint16_t *p = hdr;
	uint32_t sum = 0;

	for (; len; len -= sizeof(*p))
		sum += *p++;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* What follows the Ethernet header. No UDP checksum: less to do for the stack, on either side of a bar. */
void udp_frame(void *frame, size_t len)
{
	struct udphdr udp = {
		.source = htons(PORT),
		.dest = htons(PORT),
		.len = htons(len - sizeof(struct iphdr)),
	};
	struct iphdr ip = {
		.version = 4,
		.ihl = sizeof(ip) / 4,
		.ttl = 64,
		.protocol = IPPROTO_UDP,
		.tot_len = htons(len),
		.saddr = inet_addr(SENDER),
		.daddr = inet_addr(RECEIVER),
	};

	ip.check = ip_csum(&ip, sizeof(ip));
	memcpy(frame, &ip, sizeof(ip));
	memcpy((char *)frame + sizeof(ip), &udp, sizeof(udp));
}

static int udp_socket(void)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = inet_addr(RECEIVER),
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), size = RCVBUF;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		close(fd);
		return -errno;
	}
	return fd;
}

/* One system call for a whole batch, the cheapest way there is. */
static void udp_reader(int fd)
{
	struct mmsghdr msgs[GEN_SOCK_BATCH] = {};
	struct iovec iov[GEN_SOCK_BATCH];
	char buf[GEN_SOCK_BATCH][64];
	int i;

	for (i = 0; i < GEN_SOCK_BATCH; i++) {
		iov[i].iov_base = buf[i];
		iov[i].iov_len = sizeof(buf[i]);
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	reader_ready();
	for (;;) {
		i = recvmmsg(fd, msgs, GEN_SOCK_BATCH, 0, NULL);
		if (i < 0)
			_exit(1);
		reader_count(i);
	}
}

static int udp_reader_start(void)
{
	int fd = udp_socket(), err;

	if (fd < 0)
		return fd;
	err = reader_start(udp_reader, fd);
	close(fd);
	return err;
}

int udp_up(const char *dev, enum udp udp)
{
	int err;

	if (!udp)
		return 0;
	err = lab_run("ip address add " RECEIVER "/24 dev %s", dev);
	if (!err && udp == UDP_CLOSED)
		err = lab_run("sysctl -qw net.ipv4.icmp_msgs_per_sec=0 net.ipv4.icmp_msgs_burst=0");
	if (!err && udp == UDP_SOCKET)
		err = udp_reader_start();
	return err;
}

int udp_down(const char *dev, enum udp udp)
{
	if (!udp)
		return 0;
	reader_stop();
	return lab_run("ip address del " RECEIVER "/24 dev %s", dev);
}

/* A value of /proc/net/snmp: a line of names is followed by one of values. */
int udp_counter(const char *stat, uint64_t *val)
{
	static const char space[] = "\n ";
	char names[1024], vals[1024], *name, *v, *n_save, *v_save;
	FILE *f = fopen("/proc/net/snmp", "r");
	int err = -ENOENT;

	if (!f)
		return -errno;
	while (err && fgets(names, sizeof(names), f) && fgets(vals, sizeof(vals), f)) {
		if (strncmp(names, "Udp:", 4))
			continue;
		name = strtok_r(names, space, &n_save);
		v = strtok_r(vals, space, &v_save);
		while (name && v && strcmp(name, stat)) {
			name = strtok_r(NULL, space, &n_save);
			v = strtok_r(NULL, space, &v_save);
		}
		if (name && v && sscanf(v, "%ju", val) == 1)
			err = 0;
	}
	fclose(f);
	return err;
}
