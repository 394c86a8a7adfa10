// SPDX-License-Identifier: GPL-2.0
/*
 * receiver IF QUEUE...: takes the frames of some queues of a macvlan or bond by AF_XDP, and says where they came
 * in, by the metadata in front of them:
 *
 *	xdp-rxh set dev mv0 hints rx
 *	build/samples/receiver mv0 0
 *
 * The four bytes in front of a frame are the id of the metadata's layout, which tells how long it is. The kernel
 * writes no length there: what the program has not asked for is whatever lay in the memory before, so a reader
 * that can't know whether hints are on clears these bytes before it gives the memory back, as this one does.
 *
 * Prints at SIGINT or SIGTERM, and takes the program off again.
 */
#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <linux/xdp_rx_handler.h>
#include <xdp/xsk.h>

#include "hints.h"
#include "receiver.skel.h"

#define MAX_QUEUES	16
#define FRAMES		512
#define FRAME_SIZE	XSK_UMEM__DEFAULT_FRAME_SIZE
#define MAX_ORIGINS	256

struct queue {
	char *area;
	struct xsk_umem *umem;
	struct xsk_socket *xsk;
	struct xsk_ring_prod fill, tx;
	struct xsk_ring_cons comp, rx;
};

static struct {
	struct origin origin;
	unsigned long long frames;
} origins[MAX_ORIGINS];
static struct queue queues[MAX_QUEUES];
static int nr_queues;
static __u32 macvlan_type = XDP_RXH_META_MACVLAN, bond_type = XDP_RXH_META_BOND;
static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* Where the module has BTF, its types are the layouts' ids. */
static void find_types(void)
{
	struct btf *base = btf__load_vmlinux_btf();
	struct btf *btf = base ? btf__load_module_btf("xdp_rx_handler", base) : NULL;
	int id;

	if (btf) {
		id = btf__find_by_name_kind(btf, "xdp_rxh_meta_macvlan", BTF_KIND_STRUCT);
		if (id > 0)
			macvlan_type = id;
		id = btf__find_by_name_kind(btf, "xdp_rxh_meta_bond", BTF_KIND_STRUCT);
		if (id > 0)
			bond_type = id;
	}
	btf__free(btf);
	btf__free(base);
}

static struct origin origin_of(const char *frame)
{
	const struct xdp_rxh_meta_macvlan *macvlan = (const void *)(frame - sizeof(*macvlan));
	const struct xdp_rxh_meta_bond *bond = (const void *)(frame - sizeof(*bond));
	struct origin origin = { .layout = META_OTHER };

	if (macvlan->type_id == macvlan_type) {
		origin.layout = META_MACVLAN;
		origin.ifindex = macvlan->rx_ifindex;
		origin.queue = macvlan->rx_queue;
	} else if (bond->type_id == bond_type) {
		origin.layout = META_BOND;
		origin.ifindex = bond->rx_ifindex;
		origin.queue = bond->rx_queue;
	} else if (!macvlan->type_id) {
		origin.layout = NO_META;
	}
	return origin;
}

static void take(char *frame)
{
	struct origin origin = origin_of(frame);
	int i;

	for (i = 0; i < MAX_ORIGINS; i++) {
		if (!origins[i].frames)
			origins[i].origin = origin;
		if (!memcmp(&origins[i].origin, &origin, sizeof(origin))) {
			origins[i].frames++;
			break;
		}
	}
	memset(frame - sizeof(__u32), 0, sizeof(__u32));
}

static void give_back(struct queue *q, __u64 addr)
{
	__u32 at;

	if (xsk_ring_prod__reserve(&q->fill, 1, &at) == 1) {
		*xsk_ring_prod__fill_addr(&q->fill, at) = addr;
		xsk_ring_prod__submit(&q->fill, 1);
	}
}

static void receive(struct queue *q)
{
	__u32 at, i, n = xsk_ring_cons__peek(&q->rx, FRAMES, &at);
	const struct xdp_desc *desc;

	for (i = 0; i < n; i++) {
		desc = xsk_ring_cons__rx_desc(&q->rx, at + i);
		take(xsk_umem__get_data(q->area, desc->addr));
		give_back(q, desc->addr - desc->addr % FRAME_SIZE);
	}
	xsk_ring_cons__release(&q->rx, n);
}

static void open_queue(struct queue *q, const char *dev, __u32 id, int map)
{
	struct xsk_umem_config umem = {
		.fill_size = FRAMES, .comp_size = FRAMES, .frame_size = FRAME_SIZE,
	};
	struct xsk_socket_config config = {
		.rx_size = FRAMES, .tx_size = FRAMES, .bind_flags = XDP_COPY,
		.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
	};
	size_t size = (size_t)FRAMES * FRAME_SIZE;
	int error, i;

	q->area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (q->area == MAP_FAILED)
		err(1, "mmap");
	error = xsk_umem__create(&q->umem, q->area, size, &q->fill, &q->comp, &umem);
	if (!error)
		error = xsk_socket__create(&q->xsk, dev, id, q->umem, &q->rx, &q->tx, &config);
	if (!error)
		error = xsk_socket__update_xskmap(q->xsk, map);
	if (error)
		errx(1, "queue %u of %s: %s; has the device such a queue, and is it free?", id, dev,
		     strerror(-error));
	for (i = 0; i < FRAMES; i++)
		give_back(q, (__u64)i * FRAME_SIZE);
}

int main(int argc, char **argv)
{
	static const char *const layouts[] = { "none", "macvlan", "bond", "other" };
	struct sigaction action = { .sa_handler = on_signal };
	struct pollfd fds[MAX_QUEUES] = {};
	struct receiver_bpf *skel;
	int ifindex, error, i;

	if (argc < 3 || argc - 2 > MAX_QUEUES || argv[1][0] == '-') {
		fprintf(stderr, "Usage: receiver IF QUEUE...\n"
			"Receives by AF_XDP, and says where frames came in; for that say \"xdp-rxh set dev IF hints rx\", too.\n");
		return 1;
	}
	ifindex = if_nametoindex(argv[1]);
	if (!ifindex)
		err(1, "%s", argv[1]);
	skel = receiver_bpf__open_and_load();
	if (!skel)
		err(1, "the program does not load (are you root?)");
	find_types();
	for (i = 2; i < argc; i++, nr_queues++) {
		open_queue(&queues[nr_queues], argv[1], atoi(argv[i]), bpf_map__fd(skel->maps.sockets));
		fds[nr_queues].fd = xsk_socket__fd(queues[nr_queues].xsk);
		fds[nr_queues].events = POLLIN;
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	error = bpf_xdp_attach(ifindex, bpf_program__fd(skel->progs.receiver),
			       XDP_FLAGS_DRV_MODE | XDP_FLAGS_UPDATE_IF_NOEXIST, NULL);
	if (error)
		errx(1, "%s: %s; is macvlan_xdp or bonding_xdp loaded, and no program attached?", argv[1],
		     strerror(-error));
	puts("ready");
	fflush(stdout);
	while (!stopped && poll(fds, nr_queues, 1000) >= 0)
		for (i = 0; i < nr_queues; i++)
			receive(&queues[i]);
	bpf_xdp_detach(ifindex, XDP_FLAGS_DRV_MODE, NULL);
	for (i = 0; i < MAX_ORIGINS && origins[i].frames; i++)
		printf("layout %s ifindex %u queue %u frames %llu\n", layouts[origins[i].origin.layout],
		       origins[i].origin.ifindex, origins[i].origin.queue, origins[i].frames);
	receiver_bpf__destroy(skel);
	return 0;
}
