// SPDX-License-Identifier: GPL-2.0
/*
 * Send random frames, many of them malformed, and say what a program and the stack saw of them. A seed gives
 * the same frames again: native and generic mode must print the same text. They are sent by sockets on the
 * devices of -f, or written to the tap of -t, whose own output counts as received; so does what a macvtap
 * puts into its queue, at the node of -q. The program redirects to the device of -o. -a takes
 * frames for the host and for another one as the same.
 */
#define _GNU_SOURCE
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "fuzz.h"
#include "lab.h"

#define MAX_LEN		9000
#define MAX_DEVS	6
#define MAX_FROM	2
#define BURST		32	/* less than any queue on the way is long */
#define QUIET_MS	20

static const unsigned short types[] = {
	FRAME_TYPE, ETH_P_IP, ETH_P_IPV6, ETH_P_ARP, ETH_P_SLOW, ETH_P_LOOPBACK, ETH_P_802_2, ETH_P_802_3,
};

#define TYPES		(sizeof(types) / sizeof(types[0]))
#define SENT_TYPES	(TYPES - 2)	/* the others have lengths in their place */

/* What protocol handlers of a device were given, by skb->pkt_type and length */
struct counted {
	unsigned long long frames, sum;
};

static struct receiver {
	struct lab_dev dev;
	int fds[TYPES];
	struct counted got[8][MAX_LEN + 64];
} receivers[MAX_DEVS], out_of_tap;

static unsigned int max_len = 1600, refused;
static int tap = -1;	/* where frames come in, instead of by sockets */
static int queue = -1;	/* the same, or a macvtap's: where they come out, too */
static bool for_anybody;
static unsigned long long state;
static int nr_receivers;

static unsigned int draw(unsigned int below)
{
	unsigned long long z = (state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return (z ^ (z >> 31)) % below;
}

static void random_mac(unsigned char *mac)
{
	static const unsigned char known[][ETH_ALEN] = {
		{ 2, 0, 0, 0, 1, 0 }, { 2, 0, 0, 0, 1, 0 }, { 2, 0, 0, 0, 1, 0 }, { 2, 0, 0, 0, 1, 1 },
		{ 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 0xaa }, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		{ 1, 0, 0x5e, 0, 0, 1 }, { 1, 0x80, 0xc2, 0, 0, 0 }, { 1, 0x80, 0xc2, 0, 0, 2 },
		{ 0x33, 0x33, 0, 0, 0, 1 }, { 3, 0, 0, 0, 1, 0 }, { 0 },
		{ 2, 0, 0, 0, 0x99, 0x99 },
	};
	unsigned int i = draw(sizeof(known) / sizeof(known[0]) + 1);

	if (i < sizeof(known) / sizeof(known[0]))
		memcpy(mac, known[i], ETH_ALEN);
	else
		for (i = 0; i < ETH_ALEN; i++)
			mac[i] = draw(256);
}

static size_t put16(unsigned char *at, int value)
{
	at[0] = value >> 8;
	at[1] = value;
	return 2;
}

static size_t put_tag(unsigned char *at)
{
	size_t n = put16(at, draw(2) ? ETH_P_8021Q : ETH_P_8021AD);

	return n + put16(at + n, (draw(4) ? 0 : draw(8) << 13) | (draw(2) ? 5 : draw(4) * 1365));
}

/* What the kernel may look into, as it should be or nearly so; the frame may end anywhere in it. */
static void random_header(unsigned char *at, int type)
{
	static const unsigned char next[] = { 58, 58, 58, 17, 6, 0, 44, 1 }, icmp6[] = { 135, 136, 135, 136, 128, 134 };

	switch (type) {
	case ETH_P_IP:
		at[0] = draw(2) ? 0x45 : draw(256);
		put16(at + 2, draw(2) ? draw(max_len) : draw(65536));
		at[9] = next[draw(sizeof(next))];
		break;
	case ETH_P_IPV6:
		at[0] = draw(4) ? 0x60 : draw(256);
		put16(at + 4, draw(2) ? draw(max_len) : draw(65536));
		at[6] = next[draw(sizeof(next))];
		at[40] = icmp6[draw(sizeof(icmp6))];
		break;
	case ETH_P_ARP:
		memcpy(at, "\0\1\10\0\6\4\0", 7);
		at[7] = 1 + draw(3);
		break;
	case ETH_P_SLOW:
		at[0] = 1 + draw(3);
		break;
	}
}

/* Mostly a frame, with a random length, and then perhaps some of it overwritten. */
static size_t random_frame(unsigned char *frame)
{
	static const unsigned short lens[] = { 0, 1, 12, 13, 14, 15, 17, 18, 60, 64, 1500, 1514, 1518 };
	size_t at = 2 * ETH_ALEN, len, i;
	int type;

	random_mac(frame);
	random_mac(frame + ETH_ALEN);
	for (i = draw(8); i > 5; i--)
		at += put_tag(frame + at);
	type = draw(8) ? types[draw(SENT_TYPES)] : draw(2) ? draw(1600) : draw(65536);
	at += put16(frame + at, type);
	for (i = at; i < max_len + 32; i += 4)
		*(unsigned int *)(frame + i) = draw(~0u);
	if (draw(4))
		random_header(frame + at, type);
	if (!draw(16))
		frame[draw(40)] = draw(256);
	switch (draw(4)) {
	case 0:
		len = draw(65);
		break;
	case 1:
		len = lens[draw(sizeof(lens) / sizeof(lens[0]))];
		break;
	default:
		len = draw(max_len + 1);
	}
	return len;
}

static void listen_to(const char *spec)
{
	struct receiver *r = &receivers[nr_receivers++];
	struct sockaddr_ll at = { .sll_family = AF_PACKET };
	int size = 8 << 20;
	unsigned int i;

	if (nr_receivers > MAX_DEVS)
		errx(2, "too many devices");
	lab_open(spec, &r->dev);
	for (i = 0; i < TYPES; i++) {
		/* one for all types would be shown frames before XDP's skb path */
		r->fds[i] = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		at.sll_protocol = htons(types[i]);
		at.sll_ifindex = r->dev.ifindex;
		setsockopt(r->fds[i], SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
		if (r->fds[i] < 0 || bind(r->fds[i], (struct sockaddr *)&at, sizeof(at)))
			err(1, "socket");
	}
}

static void take(struct receiver *r, int type, const unsigned char *frame, size_t len)
{
	struct counted *c = &r->got[for_anybody && type == PACKET_OTHERHOST ? PACKET_HOST : type & 7][len];
	unsigned int sum = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		sum = (sum ^ frame[i]) * 16777619u;
	c->frames++;
	c->sum += sum;
}

static unsigned int drain(void)
{
	static unsigned char frame[MAX_LEN + 64];
	struct sockaddr_ll from;
	unsigned int total = 0, i;
	struct receiver *r;
	socklen_t size;
	ssize_t len;

	while (queue >= 0 && (len = read(queue, frame, sizeof(frame))) > 0) {
		take(&out_of_tap, 0, frame, len);
		total++;
	}
	for (r = receivers; r < receivers + nr_receivers; r++) {
		for (i = 0; i < TYPES; i++) {
			for (;;) {
				size = sizeof(from);
				len = recvfrom(r->fds[i], frame, sizeof(frame), 0, (struct sockaddr *)&from, &size);
				if (len < 0)
					break;
				/* one bound to a device is also shown what went on to another */
				if (from.sll_ifindex == r->dev.ifindex && from.sll_pkttype != PACKET_OUTGOING)
					take(r, from.sll_pkttype, frame, len);
				total++;
			}
		}
	}
	return total;
}

static void settle(int quiet_ms)
{
	do
		poll(NULL, 0, quiet_ms);
	while (drain());
}

static int open_tap(struct lab_dev *dev)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd;

	lab_enter(dev->ns);
	strcpy(ifr.ifr_name, dev->name);
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		err(1, "tap %s", dev->spec);
	return fd;
}

static int open_socket(struct lab_dev *dev)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = dev->ifindex };
	int fd;

	lab_enter(dev->ns);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "%s", dev->spec);
	return fd;
}

static void send_all(struct lab_dev *from, unsigned int nr, unsigned int count)
{
	static unsigned char frame[MAX_LEN + 256];
	unsigned int i;
	int fds[MAX_FROM];
	size_t len;

	for (i = 0; i < nr; i++)
		fds[i] = tap >= 0 ? tap : open_socket(&from[i]);
	while (count--) {
		len = random_frame(frame);
		if (write(fds[draw(nr)], frame, len) < 0)
			refused++;
		if (count % BURST == 0)
			settle(1);
	}
	settle(QUIET_MS * lab_scale());
	settle(QUIET_MS * lab_scale());
	printf("refused %u\n", refused);
}

static int by_key(const void *left, const void *right)
{
	return memcmp(left, right, sizeof(struct fuzz_key));
}

static void show_seen(int seen)
{
	static struct fuzz_key keys[65536];
	struct fuzz_value value;
	unsigned long long total = 0;
	int n = 0, i;

	while (!bpf_map_get_next_key(seen, n ? &keys[n - 1] : NULL, &keys[n]))
		n++;
	qsort(keys, n, sizeof(keys[0]), by_key);
	for (i = 0; i < n; i++) {
		if (bpf_map_lookup_elem(seen, &keys[i], &value))
			continue;
		printf("saw ifindex=%u len=%u action=%u frames=%llu sum=%llx\n", keys[i].ifindex, keys[i].len,
		       keys[i].action, value.frames, value.sum);
		total += value.frames;
	}
	printf("total seen %llu\n", total);
}

static void show_got(struct receiver *r)
{
	unsigned long long total = 0;
	int type, len;

	for (type = 0; type < 8; type++) {
		for (len = 0; len < MAX_LEN + 64; len++) {
			struct counted *c = &r->got[type][len];

			total += c->frames;
			if (c->frames)
				printf("got %s type=%d len=%d frames=%llu sum=%llx\n", r->dev.spec, type, len, c->frames,
				       c->sum);
		}
	}
	printf("total got %s %llu\n", r->dev.spec, total);
}

int main(int argc, char **argv)
{
	struct lab_dev from[MAX_FROM] = {}, upper = {}, to = {};
	int opt, i, prog = -1, seen = -1, target;
	unsigned int count = 3000, nr = 0;
	__u32 flags = 0, slot = 0;
	struct fuzz_key key;

	while ((opt = getopt(argc, argv, "s:n:L:f:t:q:x:o:m:p:r:a")) != -1) {
		switch (opt) {
		case 's':
			state = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			count = atoi(optarg);
			break;
		case 'L':
			max_len = atoi(optarg) < MAX_LEN ? atoi(optarg) : MAX_LEN;
			break;
		case 'f':
			if (nr == MAX_FROM)
				errx(2, "too many devices");
			lab_open(optarg, &from[nr++]);
			break;
		case 't':
			lab_open(optarg, &from[0]);
			tap = open_tap(&from[0]);
			queue = tap;
			nr = 1;
			break;
		case 'q':
			queue = open(optarg, O_RDWR | O_CLOEXEC | O_NONBLOCK);
			if (queue < 0)
				err(1, "%s", optarg);
			break;
		case 'o':
			lab_open(optarg, &to);
			break;
		case 'x':
			lab_open(optarg, &upper);
			break;
		case 'm':
			flags = lab_mode(optarg);
			break;
		case 'a':
			for_anybody = true;
			break;
		case 'p':
			prog = lab_prog(optarg);
			break;
		case 'r':
			listen_to(optarg);
			break;
		default:
			errx(2, "Usage: fuzz -s SEED [-n COUNT] [-L LENGTH] [-a] -f NS:IF [-f NS:IF]|-t NS:IF [-q NODE] -x NS:IF [-o NS:IF] -m MODE -p PROG -r NS:IF...");
		}
	}
	if (!nr || !upper.ifindex || prog < 0)
		errx(2, "fuzz: -f or -t, -x, -m and -p");
	seen = lab_map(prog, "seen");
	while (!bpf_map_get_next_key(seen, NULL, &key))
		bpf_map_delete_elem(seen, &key);
	/* of one that redirects */
	target = lab_map(prog, "target");
	if (target >= 0 && bpf_map_update_elem(target, &slot, &to.ifindex, BPF_ANY))
		err(1, "target");
	lab_enter(upper.ns);
	if (bpf_xdp_attach(upper.ifindex, prog, flags | XDP_FLAGS_UPDATE_IF_NOEXIST, NULL))
		err(1, "attach");
	send_all(from, nr, count);
	lab_enter(upper.ns);
	if (bpf_xdp_detach(upper.ifindex, flags, NULL))
		err(1, "detach");
	show_seen(seen);
	for (i = 0; i < nr_receivers; i++)
		show_got(&receivers[i]);
	if (queue >= 0) {
		strcpy(out_of_tap.dev.spec, "tap");
		show_got(&out_of_tap);
	}
	return 0;
}
