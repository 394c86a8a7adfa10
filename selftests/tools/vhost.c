// SPDX-License-Identifier: GPL-2.0
/*
 * A virtual machine's network card without the machine: owns the virtio rings and the /dev/vhost-net
 * file, and moves numbered frames through a macvtap both ways, every byte of them checked.
 *
 * rx: an AF_PACKET socket on the wire sends, at most a ring's worth ahead of what arrived, so that no
 * frame has a reason to be lost; the receive ring must show each once, in order within its flow.
 * tx: the transmit ring sends; the socket must receive the same way.
 * odd: the transmit ring sends short frames, some of them marked for the test programs; what arrives is
 * printed.
 * blind: the transmit ring sends, and nobody looks at what arrives.
 *
 * In place of the wire tx and odd take another macvtap's node: frames are for that one then, and read from
 * it. tx takes both, the node first: every second flow is for the wire then.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <getopt.h>
#include <glob.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "lab.h"

#define RING		256		/* descriptors of a ring, a power of two */
#define BUFFER		2048		/* bytes of a buffer; with mergeable ones a frame may take several */
#define BIG_BUFFER	16384
#define FLOWS		16
#define AHEAD		200		/* frames sent and not yet seen */
#define MAX_LEN		1514
#define SHORTEST	64

/* How a numbered frame goes on behind its Ethernet header. */
struct label {
	__be32 magic;
	__be32 seq;		/* in its flow */
	__be32 sum;		/* of what follows */
	__u8 flow;
	__u8 pad;
	__be16 len;		/* of the frame */
} __attribute__((packed));

struct ring {
	int index;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	unsigned char *buffers;
	int kick, call;
	__u16 next_avail, next_used;
	int in_flight;
};

static const unsigned char tap_mac[] = { 2, 0, 0, 0, 1, 0 };
static const unsigned char wire_mac[] = { 2, 0, 0, 0, 0, 0xaa };
static const unsigned char sibling_mac[] = { 2, 0, 0, 0, 1, 1 };
static const unsigned char *peer_mac = wire_mac;
static unsigned char given_mac[ETH_ALEN];

static int vhost_fd, tap_fd, wire_fd = -1, sibling_fd = -1;
static int hdr_len = 12, mergeable = 1, event_index = 1, switches, jumbo, one_by_one, mixed, tagged, blind;
static unsigned long long frames = 20000, kicks, calls, many_buffers;
static unsigned int next_seq[FLOWS], due[FLOWS];
static struct ring rx = { .index = 0 }, tx = { .index = 1 };
static unsigned char *memory;
static size_t memory_len;
static int buffer_len = BUFFER;

static void usage(void)
{
	fprintf(stderr,
		"Usage: vhost [options] NODE WIRE rx|tx|odd|blind, NODE NODE tx|odd, or NODE NODE WIRE tx\n"
		"  -n FRAMES   how many (20000)\n"
		"  -h LEN      of the virtio-net header: 10, or 12 (12)\n"
		"  -M          no mergeable buffers\n"
		"  -E          no event index\n"
		"  -s TIMES    take the backend away and give it back so often meanwhile\n"
		"  -j LEN      the longest frame (1514)\n"
		"  -x          say of every third frame that its checksum is good: such take the skb path\n"
		"  -X          the same of all frames of every third flow\n"
		"  -d MAC      whom frames are for\n"
		"  -t          with a VLAN tag (blind)\n"
		"  -S          leave the tap's send buffer as it is: vhost then transmits one by one\n");
	exit(2);
}

/* ---- numbered frames */

static unsigned int mix(unsigned int x)
{
	x ^= x >> 16;
	x *= 0x7feb352d;
	x ^= x >> 15;
	x *= 0x846ca68b;
	return x ^ x >> 16;
}

static unsigned int sum_of(const unsigned char *at, int len)
{
	unsigned long long sum = len, word;

	for (; len >= 8; len -= 8, at += 8) {
		memcpy(&word, at, 8);
		sum = (sum ^ word) * 0x9e3779b97f4a7c15ull;
	}
	for (; len > 0; len--, at++)
		sum = (sum ^ *at) * 0x9e3779b97f4a7c15ull;
	return sum >> 32;
}

static int make_frame(unsigned char *at, const unsigned char *dst, const unsigned char *src, unsigned long long number)
{
	int flow = number % FLOWS, longest = jumbo ? jumbo : MAX_LEN, len, i;
	struct label label = { .magic = htonl(FRAME_MAGIC), .flow = flow };
	unsigned int random = mix(number);

	len = SHORTEST + random % (longest - SHORTEST + 1);
	label.seq = htonl(next_seq[flow]++);
	label.len = htons(len);
	memcpy(at, dst, ETH_ALEN);
	memcpy(at + ETH_ALEN, src, ETH_ALEN);
	at[12] = FRAME_TYPE >> 8;
	at[13] = FRAME_TYPE & 0xff;
	for (i = ETH_HLEN + sizeof(label); i < len; i += 4) {
		random = random * 1664525 + 1013904223;
		memcpy(at + i, &random, len - i < 4 ? len - i : 4);
	}
	label.sum = htonl(sum_of(at + ETH_HLEN + sizeof(label), len - ETH_HLEN - sizeof(label)));
	memcpy(at + ETH_HLEN, &label, sizeof(label));
	return len;
}

/* Where a flow that is sent goes: to the sibling, or by the wire. */
static const unsigned char *mac_of(int flow)
{
	return sibling_fd >= 0 && wire_fd >= 0 && flow % 2 ? wire_mac : peer_mac;
}

/* One of ours? Then it must be whole, for @mac, and the next of its flow. */
static int check_frame(const unsigned char *at, int len, const unsigned char *mac)
{
	struct label label;

	if (len < ETH_HLEN || at[12] != FRAME_TYPE >> 8 || at[13] != (FRAME_TYPE & 0xff))
		return 0;
	memcpy(&label, at + ETH_HLEN, sizeof(label));
	if (len < SHORTEST || label.magic != htonl(FRAME_MAGIC) || label.flow >= FLOWS)
		errx(1, "a damaged frame of %d bytes", len);
	if (ntohl(label.seq) != due[label.flow])
		errx(1, "flow %d: frame %u where %u is due", label.flow, ntohl(label.seq), due[label.flow]);
	if (ntohs(label.len) != len)
		errx(1, "flow %d, frame %u: %d bytes where %d were sent", label.flow, due[label.flow], len,
		     ntohs(label.len));
	if (ntohl(label.sum) != sum_of(at + ETH_HLEN + sizeof(label), len - ETH_HLEN - sizeof(label)))
		errx(1, "flow %d, frame %u: damaged", label.flow, due[label.flow]);
	if (memcmp(at, mac, ETH_ALEN))
		errx(1, "flow %d, frame %u: not for whom it came to", label.flow, due[label.flow]);
	due[label.flow]++;
	return 1;
}

/* ---- the rings */

static void control(unsigned long request, const char *name, void *arg)
{
	if (ioctl(vhost_fd, request, arg))
		err(1, "%s", name);
}

static void backend(int fd)
{
	struct vhost_vring_file file = { .index = 0, .fd = fd };

	control(VHOST_NET_SET_BACKEND, "VHOST_NET_SET_BACKEND", &file);
	file.index = 1;
	control(VHOST_NET_SET_BACKEND, "VHOST_NET_SET_BACKEND", &file);
}

static void *carve(size_t len, size_t *at)
{
	void *part = memory + *at;

	*at += (len + 4095) & ~4095ul;
	return part;
}

static void lay_out(struct ring *r, size_t *at)
{
	r->desc = carve(RING * sizeof(*r->desc), at);
	r->avail = carve(sizeof(*r->avail) + (RING + 1) * sizeof(__u16), at);
	r->used = carve(sizeof(*r->used) + RING * sizeof(struct vring_used_elem) + sizeof(__u16), at);
	r->buffers = carve((size_t)RING * buffer_len, at);
}

/* The event index each side writes for the other, behind the ring proper. */
static volatile __u16 *used_event(struct ring *r)
{
	return (volatile __u16 *)&r->avail->ring[RING];
}

static volatile __u16 *avail_event(struct ring *r)
{
	return (volatile __u16 *)&r->used->ring[RING];
}

static void start_ring(struct ring *r)
{
	struct vhost_vring_state state = { .index = r->index, .num = RING };
	struct vhost_vring_addr addr = {
		.index = r->index,
		.desc_user_addr = (unsigned long)r->desc,
		.avail_user_addr = (unsigned long)r->avail,
		.used_user_addr = (unsigned long)r->used,
	};
	struct vhost_vring_file file = { .index = r->index };

	control(VHOST_SET_VRING_NUM, "VHOST_SET_VRING_NUM", &state);
	state.num = 0;
	control(VHOST_SET_VRING_BASE, "VHOST_SET_VRING_BASE", &state);
	control(VHOST_SET_VRING_ADDR, "VHOST_SET_VRING_ADDR", &addr);
	r->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	file.fd = r->kick;
	control(VHOST_SET_VRING_KICK, "VHOST_SET_VRING_KICK", &file);
	file.fd = r->call;
	control(VHOST_SET_VRING_CALL, "VHOST_SET_VRING_CALL", &file);
}

static void set_memory(void)
{
	struct vhost_memory *table = calloc(1, sizeof(*table) + sizeof(table->regions[0]));

	table->nregions = 1;
	table->regions[0] = (struct vhost_memory_region){
		.guest_phys_addr = 0x100000, .memory_size = memory_len, .userspace_addr = (unsigned long)memory,
	};
	control(VHOST_SET_MEM_TABLE, "VHOST_SET_MEM_TABLE", table);
	free(table);
}

static __u64 guest_address(const void *at)
{
	return 0x100000 + ((const unsigned char *)at - memory);
}

/*
 * Keep vhost's thread, a kernel thread or one of ours, on one CPU: what is an skb waits in that CPU's backlog, and
 * after a move is overtaken by what comes later, with any tap.ko.
 */
static void stay(void)
{
	char want[32], name[32];
	cpu_set_t first;
	glob_t found;
	FILE *comm;
	int tid, n = 0;
	size_t i;

	snprintf(want, sizeof(want), "vhost-%d\n", getpid());
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (glob("/proc/[0-9]*/task/[0-9]*/comm", 0, NULL, &found))
		errx(1, "/proc: no threads");
	for (i = 0; i < found.gl_pathc; i++) {
		comm = fopen(found.gl_pathv[i], "r");
		if (!comm)
			continue;	/* has gone */
		if (fgets(name, sizeof(name), comm) && !strcmp(name, want) &&
		    sscanf(found.gl_pathv[i], "/proc/%*d/task/%d/", &tid) == 1 &&
		    !sched_setaffinity(tid, sizeof(first), &first))
			n++;
		fclose(comm);
	}
	globfree(&found);
	if (!n)
		errx(1, "vhost's thread is not found");
}

static void start(void)
{
	__u64 wanted = 0, offered;
	size_t at = 0;

	/* The header is 12 bytes long with either of these bits, else 10 */
	if (mergeable)
		wanted |= 1ull << VIRTIO_NET_F_MRG_RXBUF;
	if (hdr_len == 12)
		wanted |= 1ull << VIRTIO_F_VERSION_1;
	if (event_index)
		wanted |= 1ull << VIRTIO_RING_F_EVENT_IDX;
	if (mergeable && hdr_len == 10)
		errx(2, "mergeable buffers have a header of 12 bytes");

	buffer_len = jumbo > MAX_LEN && !mergeable ? BIG_BUFFER : BUFFER;
	memory_len = 2ul * RING * buffer_len + (1 << 20);
	memory = mmap(NULL, memory_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (memory == MAP_FAILED)
		err(1, "mmap");
	lay_out(&rx, &at);
	lay_out(&tx, &at);

	vhost_fd = open("/dev/vhost-net", O_RDWR | O_CLOEXEC);
	if (vhost_fd < 0)
		err(1, "/dev/vhost-net");
	control(VHOST_SET_OWNER, "VHOST_SET_OWNER", NULL);
	control(VHOST_GET_FEATURES, "VHOST_GET_FEATURES", &offered);
	if (wanted & ~offered)
		errx(1, "vhost lacks the features %llx", wanted & ~offered);
	control(VHOST_SET_FEATURES, "VHOST_SET_FEATURES", &wanted);
	set_memory();
	start_ring(&rx);
	start_ring(&tx);
	stay();
}

/* Must vhost be told, that has seen all up to its event index? */
static void publish(struct ring *r, __u16 from)
{
	unsigned long long one = 1;

	__atomic_store_n(&r->avail->idx, r->next_avail, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (event_index ? !vring_need_event(*avail_event(r), r->next_avail, from) :
	    *(volatile __u16 *)&r->used->flags & VRING_USED_F_NO_NOTIFY)
		return;
	kicks++;
	if (write(r->kick, &one, sizeof(one)) != sizeof(one))
		err(1, "kick");
}

static __u16 used_index(struct ring *r)
{
	return __atomic_load_n(&r->used->idx, __ATOMIC_ACQUIRE);
}

/* Ask to be called for the next entry; 1 if it has come meanwhile. */
static int arm(struct ring *r)
{
	if (event_index)
		*used_event(r) = r->next_used;
	else
		*(volatile __u16 *)&r->avail->flags = 0;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return used_index(r) != r->next_used;
}

static void disarm(struct ring *r)
{
	unsigned long long count;

	if (!event_index)
		*(volatile __u16 *)&r->avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	if (read(r->call, &count, sizeof(count)) == sizeof(count))
		calls += count;
}

static void give(struct ring *r, int id, int len, int flags)
{
	r->desc[id] = (struct vring_desc){
		.addr = guest_address(r->buffers + (size_t)id * buffer_len), .len = len, .flags = flags,
	};
	r->avail->ring[r->next_avail++ % RING] = id;
}

/* ---- receiving */

/* A frame begins at the used entry of rx that is due; it may go on over the next ones. */
static int take_frame(unsigned long long *got)
{
	static unsigned char frame[RING * BIG_BUFFER];
	__u16 from = rx.next_avail, count = 1, i;
	struct virtio_net_hdr_mrg_rxbuf hdr = {};
	size_t len = 0;

	for (i = 0; i < count; i++) {
		struct vring_used_elem *used = &rx.used->ring[rx.next_used % RING];
		int spins = 0;

		while (used_index(&rx) == rx.next_used)
			if (spins++ > 1000000)
				errx(1, "a frame of %u buffers ends after %u", count, i);
		if (used->len > (unsigned int)buffer_len || used->id >= RING)
			errx(1, "used entry %u of %u bytes", used->id, used->len);
		memcpy(frame + len, rx.buffers + (size_t)used->id * buffer_len, used->len);
		len += used->len;
		if (!i) {
			if (len < (size_t)hdr_len)
				errx(1, "%zu bytes, less than a header", len);
			memcpy(&hdr, frame, hdr_len);
			if (mergeable)
				count = hdr.num_buffers;
			if (!count || count > RING || (!mergeable && count != 1))
				errx(1, "num_buffers is %u", count);
		}
		memset(rx.buffers + (size_t)used->id * buffer_len, 0xa5, 64);
		give(&rx, used->id, buffer_len, VRING_DESC_F_WRITE);
		rx.next_used++;
	}
	many_buffers += count > 1;
	if (hdr.hdr.flags & ~VIRTIO_NET_HDR_F_DATA_VALID || hdr.hdr.gso_type || hdr.hdr.gso_size || hdr.hdr.csum_start ||
	    hdr.hdr.csum_offset)
		errx(1, "a header with flags %#x, GSO %#x", hdr.hdr.flags, hdr.hdr.gso_type);
	publish(&rx, from);
	*got += check_frame(frame + hdr_len, len - hdr_len, tap_mac);
	return 1;
}

static int wait_ring(struct ring *r)
{
	struct pollfd p = { .fd = r->call, .events = POLLIN };

	if (arm(r))
		return 1;
	return poll(&p, 1, 10000 * lab_scale()) == 1;
}

static int time_to_switch(unsigned long long done)
{
	static int done_switches;

	if (done_switches >= switches || done < frames * (done_switches + 1) / (switches + 1))
		return 0;
	done_switches++;
	return 1;
}

static void receive(void)
{
	static unsigned char frame[MAX_LEN + BIG_BUFFER];
	unsigned long long sent = 0, got = 0;
	int i;

	for (i = 0; i < RING; i++)
		give(&rx, i, buffer_len, VRING_DESC_F_WRITE);
	publish(&rx, 0);
	while (got < frames) {
		while (sent < frames && sent - got < AHEAD) {
			int len = make_frame(frame, tap_mac, peer_mac, sent);

			if (write(wire_fd, frame, len) != len)
				err(1, "send");
			sent++;
			if (time_to_switch(sent)) {
				backend(-1);
				backend(tap_fd);
			}
		}
		disarm(&rx);
		while (used_index(&rx) != rx.next_used)
			take_frame(&got);
		if (got < frames && (sent == frames || sent - got >= AHEAD) && !wait_ring(&rx))
			errx(1, "%llu frames sent, %llu received, and no more come", sent, got);
	}
}

/* ---- sending */

static void reap(void)
{
	while (used_index(&tx) != tx.next_used) {
		tx.next_used++;
		tx.in_flight--;
	}
}

/* The next frame there is, without the header that a macvtap puts before it; or -1 */
static ssize_t read_sibling(unsigned char *frame, size_t room)
{
	static const unsigned char none[sizeof(struct virtio_net_hdr)];
	unsigned char hdr[sizeof(struct virtio_net_hdr_v1)] = {};
	struct iovec iov[2] = { { hdr, hdr_len }, { frame, room } };
	ssize_t len;

	len = readv(sibling_fd, iov, 2);
	if (len < hdr_len)
		return -1;
	if (memcmp(hdr, none, sizeof(none)))
		errx(1, "a header with flags %#x, GSO %#x", hdr[0], hdr[1]);
	return len - hdr_len;
}

static ssize_t read_wire(unsigned char *frame, size_t room)
{
	return recv(wire_fd, frame, room, MSG_DONTWAIT);
}

static void take_sent(unsigned long long *got)
{
	static unsigned char frame[65536];
	ssize_t len;

	while (sibling_fd >= 0 && (len = read_sibling(frame, sizeof(frame))) > 0)
		*got += check_frame(frame, len, peer_mac);
	while (wire_fd >= 0 && (len = read_wire(frame, sizeof(frame))) > 0)
		*got += check_frame(frame, len, sibling_fd >= 0 ? wire_mac : peer_mac);
}

static int wait_sent(void)
{
	struct pollfd p[2] = { { .fd = sibling_fd, .events = POLLIN }, { .fd = wire_fd, .events = POLLIN } };

	return poll(p, 2, 10000 * lab_scale()) > 0;
}

static int make_sent(unsigned char *at, unsigned long long number)
{
	static const unsigned char tag[] = { 0x81, 0, 0, 5 };
	int len = make_frame(at, mac_of(number % FLOWS), tap_mac, number);

	if (!tagged)
		return len;
	memmove(at + 2 * ETH_ALEN + sizeof(tag), at + 2 * ETH_ALEN, len - 2 * ETH_ALEN);
	memcpy(at + 2 * ETH_ALEN, tag, sizeof(tag));
	return len + sizeof(tag);
}

static void transmit(void)
{
	unsigned long long sent = 0, got = 0;
	__u16 from;
	int id;

	while (got < frames) {
		from = tx.next_avail;
		while (sent < frames && sent - got < AHEAD && tx.in_flight < RING) {
			unsigned char *at;

			id = tx.next_avail % RING;	/* transmit entries are used in order */
			at = tx.buffers + (size_t)id * buffer_len;
			memset(at, 0, hdr_len);
			if (mixed && (mixed == 1 ? sent : sent % FLOWS) % 3 == 1)
				at[0] = VIRTIO_NET_HDR_F_DATA_VALID;
			give(&tx, id, hdr_len + make_sent(at + hdr_len, sent), 0);
			tx.in_flight++;
			sent++;
		}
		if (tx.next_avail != from)
			publish(&tx, from);
		if (time_to_switch(sent)) {
			backend(-1);
			backend(tap_fd);
		}
		disarm(&tx);
		reap();
		if (blind)
			got = sent - tx.in_flight;
		else
			take_sent(&got);
		if (got < frames && (sent == frames || sent - got >= AHEAD) && !(blind ? wait_ring(&tx) : wait_sent()))
			errx(1, "%llu frames sent, %llu received, %d in the ring, and no more come", sent, got,
			     tx.in_flight);
	}
	while (tx.in_flight) {
		reap();
		if (tx.in_flight && !wait_ring(&tx))
			errx(1, "%d entries of the transmit ring are not used", tx.in_flight);
		disarm(&tx);
	}
}

/* ---- odd frames: every length from 1 to 60, all but the last published at once, so that vhost batches them */

#define ODDEST	60
#define GROWN	200	/* by sibling.verdict_pass, ahead of the frame: whatever was there */

static void hand_over(__u16 from)
{
	publish(&tx, from);
	while (tx.in_flight) {
		disarm(&tx);
		reap();
		if (tx.in_flight && !wait_ring(&tx))
			errx(1, "%d entries of the transmit ring are not used", tx.in_flight);
	}
}

static void odd(void)
{
	const struct frame_mark mark = { .magic = htonl(FRAME_MAGIC), .stream = 'A' };
	unsigned char frame[512], *at;
	ssize_t len, skip;
	int i;

	for (i = 1; i <= ODDEST; i++) {
		at = tx.buffers + (size_t)(tx.next_avail % RING) * buffer_len;
		memset(at, 0, hdr_len);
		memset(frame, i, sizeof(frame));
		memcpy(frame, peer_mac, ETH_ALEN);
		memcpy(frame + ETH_ALEN, tap_mac, ETH_ALEN);
		frame[12] = FRAME_TYPE >> 8;
		frame[13] = FRAME_TYPE & 0xff;
		if (i % 3 == 1)		/* not the last */
			memcpy(frame + ETH_HLEN, &mark, sizeof(mark));
		memcpy(at + hdr_len, frame, i);
		give(&tx, tx.next_avail % RING, hdr_len + i, 0);
		tx.in_flight++;
		if (i == ODDEST - 1)
			hand_over(0);
	}
	hand_over(ODDEST - 1);
	do {
		if (!wait_sent())
			errx(1, "the last frame is lost");
		len = sibling_fd >= 0 ? read_sibling(frame, sizeof(frame)) : read_wire(frame, sizeof(frame));
		skip = len > ODDEST ? GROWN : 0;
		printf("%zd bytes, %08x\n", len, len > skip ? sum_of(frame + skip, len - skip) : 0);
	} while (len != ODDEST);
}

static void open_wire(const char *spec)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(FRAME_TYPE) };
	int one = 1, size = 32 << 20;
	struct lab_dev dev;

	lab_open(spec, &dev);
	at.sll_ifindex = dev.ifindex;
	wire_fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (wire_fd < 0 || setsockopt(wire_fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) ||
	    setsockopt(wire_fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(wire_fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) ||	/* else parked frames block us */
	    bind(wire_fd, (struct sockaddr *)&at, sizeof(at)))
		err(1, "%s", spec);
}

static int open_tap(const char *node)
{
	int le = 1, unlimited = INT_MAX, fd = open(node, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		err(1, "%s", node);
	if (ioctl(fd, TUNSETVNETHDRSZ, &hdr_len) || ioctl(fd, TUNSETVNETLE, &le) || ioctl(fd, TUNSETOFFLOAD, 0UL))
		err(1, "set up %s", node);
	/* as QEMU does: only then vhost hands frames over in batches */
	if (!one_by_one && ioctl(fd, TUNSETSNDBUF, &unlimited))
		err(1, "send buffer of %s", node);
	return fd;
}

static void open_sibling(const char *node)
{
	sibling_fd = open_tap(node);
	peer_mac = sibling_mac;
}

static void parse_mac(const char *mac)
{
	unsigned char *to = given_mac;

	if (sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", to, to + 1, to + 2, to + 3, to + 4, to + 5) != 6)
		errx(2, "%s is no address", mac);
	peer_mac = given_mac;
}

int main(int argc, char **argv)
{
	const char *what;
	long long begin;
	int opt;

	while ((opt = getopt(argc, argv, "n:h:MEs:j:xXd:tS")) != -1) {
		switch (opt) {
		case 'n':
			frames = strtoull(optarg, NULL, 0);
			break;
		case 'h':
			hdr_len = atoi(optarg);
			break;
		case 'M':
			mergeable = 0;
			break;
		case 'E':
			event_index = 0;
			break;
		case 's':
			switches = atoi(optarg);
			break;
		case 'j':
			jumbo = atoi(optarg);
			break;
		case 'x':
			mixed = 1;
			break;
		case 'X':
			mixed = 2;
			break;
		case 'd':
			parse_mac(optarg);
			break;
		case 't':
			tagged = 1;
			break;
		case 'S':
			one_by_one = 1;
			break;
		default:
			usage();
		}
	}
	argc -= optind;
	argv += optind;
	if (argc < 3 || argc > 4 || (hdr_len != 10 && hdr_len != 12) || jumbo > BIG_BUFFER - 64)
		usage();
	what = argv[argc - 1];
	blind = !strcmp(what, "blind");
	tap_fd = open_tap(argv[0]);
	if (*argv[1] == '/')
		open_sibling(argv[1]);
	else
		open_wire(argv[1]);
	if (argc == 4)
		open_wire(argv[2]);
	start();
	backend(tap_fd);
	begin = lab_now_ms();
	if (!strcmp(what, "rx"))
		receive();
	else if (!strcmp(what, "tx") || blind)
		transmit();
	else if (!strcmp(what, "odd"))
		odd();
	else
		usage();
	if (strcmp(what, "odd"))
		printf("%s frames=%llu kicks=%llu calls=%llu merged=%llu ms=%lld\n", what, frames, kicks,
		       calls, many_buffers, lab_now_ms() - begin);
	backend(-1);
	return 0;
}
