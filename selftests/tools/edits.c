// SPDX-License-Identifier: GPL-2.0
/*
 * Two processes that know nothing of each other edit one chain, while frames flow: each looks at the chain,
 * makes up its mind, and asks for a change of exactly what it saw.
 *
 *   in --pass--> ids_V ---pass----> tail_V --drop--> extra_W, or not
 *    \---drop--> dump_V --aborted--/
 *
 * V changes by messages that hold the whole chain, the rest edge by edge and program by program. So each edit
 * leads from one such chain to another, and each frame must have come by all of one of them. A frame that the
 * chain did not take to its end is not dropped, or dropped as aborted: the device's counters tell. On
 * low:mv0, with frames from gen:peer.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "edits.h"
#include "nl.h"

#define EDITORS		2
#define STOP		XDP_RXH_NODE_STOP

enum op { SET, ADD, REPLACE, DEL_NODE, DEL_EDGE, OPS };

static const char * const op_names[OPS] = { "set", "add", "replace", "delete node", "delete edge" };

/* What the processes count into */
struct counts {
	unsigned int done[OPS], stale[EDITORS];
};

/* A chain as an editor sees it */
struct view {
	unsigned long long generation;
	int version;		/* of ids, dump and tail; -1 for a chain without */
	__u32 tail, extra;	/* ids, 0 for none */
	__u32 behind_tail;	/* where drop leads: extra, STOP or 0 */
};

static struct counts *counts;
static struct bpf_object *object;
static struct lab_dev dev;

static unsigned long long state;

static unsigned int random_below(unsigned int limit)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (state >> 33) % limit;
}

static int prog(const char *name, int version)
{
	struct bpf_program *found;
	char full[32];

	snprintf(full, sizeof(full), version < 0 ? "%s" : "%s_%d", name, version);
	found = bpf_object__find_program_by_name(object, full);
	if (!found)
		errx(1, "no program %s", full);
	return bpf_program__fd(found);
}

static void view_edge(const struct nlattr *nest, struct view *view)
{
	__u32 code = 0, to = 0;
	struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == XDP_RXH_A_EDGE_CODE)
			code = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == XDP_RXH_A_EDGE_TO)
			to = mnl_attr_get_u32(attr);
	}
	if (code != 1 /* XDP_DROP */)
		errx(1, "an edge on %u behind tail", code);
	view->behind_tail = to;
}

static void view_version(struct view *view, int version)
{
	if (view->version >= 0 && view->version != version)
		errx(1, "a chain of two versions");
	view->version = version;
}

static void view_node(const struct nlattr *nest, struct view *view)
{
	const char *name = "";
	struct nlattr *attr;
	bool tail = false;
	__u32 id = 0;

	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == XDP_RXH_A_NODE_ID)
			id = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == XDP_RXH_A_NODE_PROG_NAME)
			name = mnl_attr_get_str(attr);
		tail = !strncmp(name, "tail", 4);
		if (tail && mnl_attr_get_type(attr) == XDP_RXH_A_NODE_EDGE)
			view_edge(attr, view);
	}
	if (tail)
		view->tail = id;
	if (!strncmp(name, "extra", 5))
		view->extra = id;
	else if (strcmp(name, "in"))
		view_version(view, name[strlen(name) - 1] - '0');
}

static int on_chain(const struct nlmsghdr *nlh, void *data)
{
	struct view *view = data;
	struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == XDP_RXH_A_GENERATION)
			view->generation = mnl_attr_get_u64(attr);
		if (mnl_attr_get_type(attr) == XDP_RXH_A_NODE)
			view_node(attr, view);
	}
	return MNL_CB_OK;
}

static void look(struct view *view)
{
	struct nlmsghdr *nlh = nl_message(nl_family, XDP_RXH_CMD_CHAIN_GET);

	memset(view, 0, sizeof(*view));
	view->version = -1;
	mnl_attr_put_u32(nlh, XDP_RXH_A_IFINDEX, dev.ifindex);
	errno = nl_talk(nlh, on_chain, view);
	if (errno)
		err(1, "look");
	if (view->behind_tail && view->behind_tail != STOP && view->behind_tail != view->extra)
		errx(1, "tail leads to %u, extra is %u", view->behind_tail, view->extra);
}

static struct nlmsghdr *edit(__u8 cmd, const struct view *view)
{
	struct nlmsghdr *nlh = nl_message(nl_family, cmd);

	mnl_attr_put_u32(nlh, XDP_RXH_A_IFINDEX, dev.ifindex);
	mnl_attr_put_u64(nlh, XDP_RXH_A_GENERATION, view->generation);
	return nlh;
}

/* The whole chain. Ids of new nodes are the message's own: clear of those that the kernel has given. */
static struct nlmsghdr *set(const struct view *view)
{
	struct nlmsghdr *nlh = edit(XDP_RXH_CMD_CHAIN_SET, view);
	const __u32 ids = 0xf0000001, dump = ids + 1, tail = ids + 2, extra = ids + 3;
	int version = random_below(2), how = random_below(3);
	struct nlattr *nest, *edge;
	__u32 behind = 0;

	if (how == 0 && view->extra)
		behind = view->extra;	/* keep it */
	else if (how == 1)
		behind = extra;

	nest = mnl_attr_nest_start(nlh, XDP_RXH_A_NODE);
	mnl_attr_put_u32(nlh, XDP_RXH_A_NODE_ID, XDP_RXH_NODE_ENTRY);
	edge = mnl_attr_nest_start(nlh, XDP_RXH_A_NODE_EDGE);
	mnl_attr_put_u32(nlh, XDP_RXH_A_EDGE_CODE, 2 /* XDP_PASS */);
	mnl_attr_put_u32(nlh, XDP_RXH_A_EDGE_TO, ids);
	mnl_attr_nest_end(nlh, edge);
	edge = mnl_attr_nest_start(nlh, XDP_RXH_A_NODE_EDGE);
	mnl_attr_put_u32(nlh, XDP_RXH_A_EDGE_CODE, 1 /* XDP_DROP */);
	mnl_attr_put_u32(nlh, XDP_RXH_A_EDGE_TO, dump);
	mnl_attr_nest_end(nlh, edge);
	mnl_attr_nest_end(nlh, nest);

	nl_put_node(nlh, ids, prog("ids", version), 2 /* XDP_PASS */, tail);
	nl_put_node(nlh, dump, prog("dump", version), 0 /* XDP_ABORTED */, tail);
	nl_put_node(nlh, tail, prog("tail", version), 1 /* XDP_DROP */, behind);
	if (behind)
		nl_put_node(nlh, behind, behind == extra ? prog("extra", random_below(2)) : -1, 0, 0);
	return nlh;
}

static struct nlmsghdr *add(const struct view *view)
{
	struct nlmsghdr *nlh = edit(XDP_RXH_CMD_EDGE_ADD, view);

	mnl_attr_put_u32(nlh, XDP_RXH_A_FROM, view->tail);
	mnl_attr_put_u32(nlh, XDP_RXH_A_CODE, 1 /* XDP_DROP */);
	mnl_attr_put_u32(nlh, XDP_RXH_A_PROG_FD, prog("extra", random_below(2)));
	mnl_attr_put(nlh, XDP_RXH_A_REPLACE, 0, NULL);
	return nlh;
}

static struct nlmsghdr *replace(const struct view *view)
{
	struct nlmsghdr *nlh = edit(XDP_RXH_CMD_NODE_REPLACE, view);

	mnl_attr_put_u32(nlh, XDP_RXH_A_FROM, view->extra);
	mnl_attr_put_u32(nlh, XDP_RXH_A_PROG_FD, prog("extra", random_below(2)));
	return nlh;
}

static struct nlmsghdr *del_node(const struct view *view)
{
	struct nlmsghdr *nlh = edit(XDP_RXH_CMD_NODE_DEL, view);

	mnl_attr_put_u32(nlh, XDP_RXH_A_FROM, view->extra);
	if (random_below(2))
		mnl_attr_put(nlh, XDP_RXH_A_CLOSE_UP, 0, NULL);
	return nlh;
}

static struct nlmsghdr *del_edge(const struct view *view)
{
	struct nlmsghdr *nlh = edit(XDP_RXH_CMD_EDGE_DEL, view);

	mnl_attr_put_u32(nlh, XDP_RXH_A_FROM, view->tail);
	mnl_attr_put_u32(nlh, XDP_RXH_A_CODE, 1 /* XDP_DROP */);
	return nlh;
}

static struct nlmsghdr *(*const editors[OPS])(const struct view *view) = {
	[SET] = set, [ADD] = add, [REPLACE] = replace, [DEL_NODE] = del_node, [DEL_EDGE] = del_edge,
};

/* What can be done to the chain as it is */
static enum op choose(const struct view *view)
{
	enum op op = random_below(OPS);

	if (!view->tail)
		return SET;
	if ((op == REPLACE || op == DEL_NODE) && !view->extra)
		return ADD;
	if (op == DEL_EDGE && !view->behind_tail)
		return ADD;
	return op;
}

static void run_editor(int number, unsigned long long seed, unsigned int todo)
{
	struct view view;
	enum op op;

	state = seed + number;
	lab_enter(dev.ns);
	nl_open();
	while (todo) {
		look(&view);
		op = choose(&view);
		errno = nl_talk(editors[op](&view), NULL, NULL);
		if (errno == ESTALE) {
			counts->stale[number]++;
			continue;
		}
		if (errno)
			err(1, "%s", op_names[op]);
		__sync_fetch_and_add(&counts->done[op], 1);
		todo--;
	}
	exit(0);
}

static bool seen_last(void)
{
	int fd = bpf_object__find_map_fd_by_name(object, "last");
	__u64 value = 0;
	__u32 key = 0;

	return !bpf_map_lookup_elem(fd, &key, &value) && value;
}

/*
 * In bursts: all CPUs of the guest may be one of the host's. The last frame comes behind all others, and is
 * sent until it has been seen.
 */
static void send_frames(bool last)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(FRAME_TYPE) };
	unsigned char frame[60] = { 2, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0xaa, FRAME_TYPE >> 8, FRAME_TYPE & 0xff };
	int fd, i, burst = last ? 1 : 32;
	struct lab_dev peer;

	lab_open("gen:peer", &peer);
	to.sll_ifindex = peer.ifindex;
	if (last)
		memcpy(frame + ETH_HLEN, &(__be32){ htonl(LAST_FRAME) }, sizeof(__be32));
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	do {
		for (i = 0; i < burst; i++)
			sendto(fd, frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to));
		poll(NULL, 0, 1);
	} while (!last || !seen_last());
	close(fd);
}

static bool whole(unsigned int path)
{
	unsigned int in, second, third, fourth = 0;

	if (path >> 3 * PATH_BITS) {
		fourth = path & 15;
		path >>= PATH_BITS;
	}
	in = path >> 2 * PATH_BITS;
	second = path >> PATH_BITS & 15;
	third = path & 15;
	if (fourth && fourth != EXTRA && fourth != EXTRA + 1)
		return false;
	if (third != TAIL && third != TAIL + 1)
		return false;
	return (in == IN_PASS && second - IDS == third - TAIL) ||
	       (in == IN_DROP && second - DUMP == third - TAIL);
}

/* How many frames there were; fails if one did not come by a whole chain. */
static int check_paths(void)
{
	int cpus = libbpf_num_possible_cpus(), cpu, failed = 0, kinds = 0;
	int fd = bpf_object__find_map_fd_by_name(object, "paths");
	unsigned long long value[cpus], sum, total = 0;
	__u32 path;

	for (path = 0; path < PATHS; path++) {
		if (bpf_map_lookup_elem(fd, &path, value))
			err(1, "paths");
		for (cpu = 0, sum = 0; cpu < cpus; cpu++)
			sum += value[cpu];
		if (!sum)
			continue;
		kinds++;
		total += sum;
		if (whole(path))
			continue;
		printf("%llu frames came by %x\n", sum, path);
		failed = 1;
	}
	printf("paths %d\nframes %llu\n", kinds, total);
	return failed;
}

static int wait_for(const int *pids, int n)
{
	int i, status, failed = 0;

	for (i = 0; i < n; i++)
		if (waitpid(pids[i], &status, 0) < 0 || status)
			failed = 1;
	return failed;
}

/* The attached program, and a chain to start from, before any frame */
static void begin(void)
{
	struct view view;

	if (bpf_xdp_attach(dev.ifindex, prog("in", -1), XDP_FLAGS_DRV_MODE, NULL))
		err(1, "attach");
	look(&view);
	errno = nl_talk(set(&view), NULL, NULL);
	if (errno)
		err(1, "set");
}

static void load(void)
{
	char self[PATH_MAX] = "", path[PATH_MAX + 64];

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		err(1, "/proc/self/exe");
	snprintf(path, sizeof(path), "%s/edits.bpf.o", dirname(self));
	object = bpf_object__open_file(path, NULL);
	if (!object || bpf_object__load(object))
		errx(1, "%s does not load", path);
}

int main(int argc, char **argv)
{
	unsigned long long seed = time(NULL) * 1000003ull + getpid();
	int pids[EDITORS], sender, i, opt, failed;
	unsigned int todo = 1000;
	struct view before, after;

	while ((opt = getopt(argc, argv, "s:n:")) != -1) {
		if (opt == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (opt == 'n')
			todo = atoi(optarg);
		else
			errx(2, "Usage: edits [-s SEED] [-n EDITS]");
	}
	printf("seed %llu: edits -s %llu -n %u\n", seed, seed, todo);
	fflush(stdout);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	load();
	lab_open("low:mv0", &dev);
	nl_open();
	begin();
	look(&before);

	sender = fork();
	if (!sender)
		send_frames(false);
	for (i = 0; i < EDITORS; i++) {
		pids[i] = fork();
		if (!pids[i])
			run_editor(i, seed, todo / EDITORS);
	}
	failed = wait_for(pids, EDITORS);
	kill(sender, SIGKILL);
	waitpid(sender, NULL, 0);
	send_frames(true);

	look(&after);
	for (i = 0; i < OPS; i++)
		printf("%s: %u\n", op_names[i], counts->done[i]);
	printf("stale %u\nedits %llu\n", counts->stale[0] + counts->stale[1],
	       after.generation - before.generation);
	return check_paths() || failed;
}
