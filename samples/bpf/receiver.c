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
#include "loader.h"

#include <sys/mman.h>

#include <bpf/btf.h>
#include <linux/xdp_rx_handler.h>
#include <xdp/xsk.h>

#include "hints.h"
#include "receiver.skel.h"

#define MAX_QUEUES	16
#define FRAMES		512
#define FRAME_SIZE	XSK_UMEM__DEFAULT_FRAME_SIZE
#define MAX_ORIGINS	256

struct queue {
	__u32 id;
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

static void receive_all(void)
{
	int i;

	for (i = 0; i < nr_queues; i++)
		receive(&queues[i]);
}

static void open_queue(struct queue *q, const char *dev, int map)
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
		error = xsk_socket__create(&q->xsk, dev, q->id, q->umem, &q->rx, &q->tx, &config);
	if (!error)
		error = xsk_socket__update_xskmap(q->xsk, map);
	if (error)
		errx(1, "queue %u of %s: %s; has the device such a queue, and is it free?", q->id, dev,
		     strerror(-error));
	for (i = 0; i < FRAMES; i++)
		give_back(q, (__u64)i * FRAME_SIZE);
}

static void show(void)
{
	static const char *const layouts[] = { "none", "macvlan", "bond", "other" };
	int i;

	for (i = 0; i < MAX_ORIGINS && origins[i].frames; i++)
		printf("layout %s ifindex %u queue %u frames %llu\n", layouts[origins[i].origin.layout],
		       origins[i].origin.ifindex, origins[i].origin.queue, origins[i].frames);
	fflush(stdout);
}

/* The first argument is the device: loader.h's. */
static error_t argument(int key, char *arg, struct argp_state *state)
{
	if (key == ARGP_KEY_ARG && loader_nr_devs) {
		if (nr_queues == MAX_QUEUES)
			argp_error(state, "more than %d queues", MAX_QUEUES);
		queues[nr_queues++].id = loader_number("a queue", arg, 0, 63);
		return 0;
	}
	if (key == ARGP_KEY_END && !nr_queues)
		argp_error(state, "which queues?");
	return ARGP_ERR_UNKNOWN;
}

int main(int argc, char **argv)
{
	struct pollfd fds[MAX_QUEUES] = {};
	struct receiver_bpf *skel;
	int i;

	loader_begin(argc, argv, NULL, argument, "IF QUEUE...",
		     "Receives by AF_XDP, and says where frames came in: \"xdp-rxh set dev IF hints rx\".");
	skel = receiver_bpf__open_and_load();
	loader_loaded(skel);
	find_types();
	for (i = 0; i < nr_queues; i++) {
		open_queue(&queues[i], loader_devs[0].name, bpf_map__fd(skel->maps.sockets));
		fds[i].fd = xsk_socket__fd(queues[i].xsk);
		fds[i].events = POLLIN;
	}
	loader_attach(skel->progs.receiver, NULL);
	loader_ready();
	loader_due();
	while (loader_wait(fds, nr_queues, loader_interval)) {
		receive_all();
		if (loader_due())
			show();
	}
	loader_detach();
	receive_all();
	show();
	return 0;
}
