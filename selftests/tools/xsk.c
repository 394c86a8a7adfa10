// SPDX-License-Identifier: GPL-2.0
/*
 * AF_XDP sockets on queues of a device, fed by the program that is attached to it: says what arrived in
 * each, and whether it is what the tool "frames" sent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <xdp/xsk.h>

#include "lab.h"

#define MAX_QUEUES	16
#define NR_FRAMES	256
#define FRAME_SIZE	XSK_UMEM__DEFAULT_FRAME_SIZE

struct queue {
	__u32 id;
	void *area;
	struct xsk_umem *umem;
	struct xsk_socket *xsk;
	struct xsk_ring_prod fill, tx;
	struct xsk_ring_cons comp, rx;
	struct {
		unsigned long long frames, bytes, meta;
		int next_seq, reordered, damaged;
	} streams[256];
};

static struct queue queues[MAX_QUEUES];
static int nr_queues;
static __u32 meta_type;
static volatile sig_atomic_t stopped;

static void usage(void)
{
	fprintf(stderr,
		"Usage: xsk [-z|-c] [-n FRAMES] [-m TYPE] NS:IF QUEUE...\n"
		"  -z  zero-copy or nothing; -c  copy mode or nothing (without either: the kernel chooses)\n"
		"  -m  count the frames behind metadata that ends with this type, too\n"
		"  -n  stop after so many frames; else at SIGTERM\n"
		"Says \"ready\" once the sockets are in the program's map.\n");
	exit(2);
}

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* Give @n frames of the area, beginning with the @first'th, to the kernel. */
static void fill(struct queue *q, __u32 first, __u32 n)
{
	__u32 at, i;

	if (xsk_ring_prod__reserve(&q->fill, n, &at) != n)
		errx(1, "fill ring");
	for (i = 0; i < n; i++)
		*xsk_ring_prod__fill_addr(&q->fill, at + i) = (__u64)(first + i) * FRAME_SIZE;
	xsk_ring_prod__submit(&q->fill, n);
}

static void open_queue(struct queue *q, struct lab_dev *dev, __u32 bind_flags, int map)
{
	struct xsk_umem_config umem = {
		.fill_size = NR_FRAMES * 2, .comp_size = NR_FRAMES, .frame_size = FRAME_SIZE,
	};
	struct xsk_socket_config config = {
		.rx_size = NR_FRAMES, .tx_size = NR_FRAMES, .bind_flags = bind_flags,
		.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
	};
	size_t size = (size_t)NR_FRAMES * FRAME_SIZE;
	int error;

	q->area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (q->area == MAP_FAILED)
		err(1, "mmap");
	error = xsk_umem__create(&q->umem, q->area, size, &q->fill, &q->comp, &umem);
	if (error)
		errx(1, "umem: %s", strerror(-error));
	error = xsk_socket__create(&q->xsk, dev->name, q->id, q->umem, &q->rx, &q->tx, &config);
	if (error)
		errx(1, "bind to queue %u of %s: %s", q->id, dev->spec, strerror(-error));
	fill(q, 0, NR_FRAMES);
	error = xsk_socket__update_xskmap(q->xsk, map);
	if (error)
		errx(1, "xskmap: %s", strerror(-error));
}

static void take(struct queue *q, const unsigned char *frame, __u32 len)
{
	struct frame_mark mark = {};
	int seq, stream;
	__u32 i;

	if (len >= 14 + sizeof(mark))
		memcpy(&mark, frame + 14, sizeof(mark));
	stream = mark.magic == htonl(FRAME_MAGIC) ? mark.stream : 0;
	q->streams[stream].frames++;
	q->streams[stream].bytes += len;
	if (meta_type && !memcmp(frame - sizeof(meta_type), &meta_type, sizeof(meta_type)))
		q->streams[stream].meta++;
	if (!stream)
		return;
	seq = ntohs(mark.seq);
	if (seq < q->streams[stream].next_seq)
		q->streams[stream].reordered++;
	q->streams[stream].next_seq = seq + 1;
	for (i = 14 + sizeof(mark); i < len; i++) {
		if (frame[i] != (unsigned char)(i + seq)) {
			q->streams[stream].damaged++;
			break;
		}
	}
}

static int receive(struct queue *q)
{
	__u32 at, i, n = xsk_ring_cons__peek(&q->rx, NR_FRAMES, &at);

	for (i = 0; i < n; i++) {
		const struct xdp_desc *desc = xsk_ring_cons__rx_desc(&q->rx, at + i);

		take(q, xsk_umem__get_data(q->area, desc->addr), desc->len);
		fill(q, desc->addr / FRAME_SIZE, 1);
	}
	xsk_ring_cons__release(&q->rx, n);
	return n;
}

static void show(struct lab_dev *dev)
{
	struct queue *q;
	int i;

	for (q = queues; q < queues + nr_queues; q++) {
		for (i = 0; i < 256; i++) {
			if (!q->streams[i].frames)
				continue;
			printf("xsk %s %u %c frames=%llu bytes=%llu", dev->spec, q->id, i ? i : '?',
			       q->streams[i].frames, q->streams[i].bytes);
			if (q->streams[i].reordered || q->streams[i].damaged)
				printf(" reordered=%d damaged=%d", q->streams[i].reordered, q->streams[i].damaged);
			if (meta_type)
				printf(" meta=%llu", q->streams[i].meta);
			printf("\n");
		}
	}
}

int main(int argc, char **argv)
{
	long long deadline = lab_now_ms() + 30000LL * lab_scale();
	struct pollfd fds[MAX_QUEUES] = {};
	int opt, i, want = 0, total = 0, map;
	__u32 bind_flags = 0;
	struct lab_dev dev;

	while ((opt = getopt(argc, argv, "zcm:n:")) != -1) {
		if (opt == 'z')
			bind_flags = XDP_ZEROCOPY;
		else if (opt == 'c')
			bind_flags = XDP_COPY;
		else if (opt == 'm')
			meta_type = strtoul(optarg, NULL, 0);
		else if (opt == 'n')
			want = atoi(optarg);
		else
			usage();
	}
	if (argc - optind < 2 || argc - optind > MAX_QUEUES)
		usage();
	lab_open(argv[optind++], &dev);
	map = lab_map(lab_attached(&dev), "targets");
	if (map < 0)
		errx(1, "the program of %s has no map of sockets", dev.spec);
	for (; optind < argc; optind++, nr_queues++) {
		queues[nr_queues].id = atoi(argv[optind]);
		open_queue(&queues[nr_queues], &dev, bind_flags, map);
		fds[nr_queues].fd = xsk_socket__fd(queues[nr_queues].xsk);
		fds[nr_queues].events = POLLIN;
	}
	signal(SIGTERM, on_signal);
	puts("ready");
	fflush(stdout);
	while (!stopped && lab_now_ms() < deadline && (!want || total < want)) {
		poll(fds, nr_queues, 100);
		for (i = 0; i < nr_queues; i++)
			total += receive(&queues[i]);
	}
	show(&dev);
	for (i = 0; i < nr_queues; i++) {
		xsk_socket__delete(queues[i].xsk);
		xsk_umem__delete(queues[i].umem);
	}
	return 0;
}
