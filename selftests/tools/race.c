// SPDX-License-Identifier: GPL-2.0
/*
 * Change devices in every way there is, in random order, while frames flow from two CPUs.
 *
 * Takes the namespaces gen, low, up0 and up1; makes the devices itself, and leaves what there is of them in the
 * end. Two workers, each with uppers of its own and with a sequence of operations of its own, which the seed
 * gives; all share what is below, the namespaces and the modules. An operation may fail, as what it is about may
 * be gone or the kernel may refuse it: each kind must succeed at least once, unless allocations fail.
 *
 *	(default)	gen:peer -- low:lower; macvlans on lower
 *	-t		the same with macvtaps, whose character devices are opened, used by read() and vhost-net, and closed
 *	-b		gen:p0, p1 -- low:s0, s1; low:bond0 of these; macvlans on bond0
 *	-f		allocations fail as the files in debugfs' failslab say, but where it would end the run
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "race_hold.h"

#define WORKERS		2
#define UPPERS		4	/* of all workers */
#define ERRNOS		134

enum { MACVLANS = 1, MACVTAPS = 2, BONDS = 4, ANY = 7, DATA = 8 /* moves frames, and does not count */ };

/* The device that an operation is for, none of which may be there */
enum on { NONE, MACVLAN, UPPER /* also bond0 */, WIRE /* the end in low */ };

struct target {
	const char *ns;
	char name[IF_NAMESIZE];
	int upper;		/* -1: bond0, or a wire */
	int wire;
};

struct wire {
	const char *near, *far;
	unsigned char near_mac[ETH_ALEN], far_mac[ETH_ALEN];
};

static const struct wire single = { "peer", "lower", { 2, 0, 0, 0, 0, 0xaa }, { 2, 0, 0, 0, 0, 1 } };
static const struct wire slaves[] = {
	{ "p0", "s0", { 2, 0, 0, 0, 0, 0xa0 }, { 2, 0, 0, 0, 0, 0x10 } },
	{ "p1", "s1", { 2, 0, 0, 0, 0, 0xa1 }, { 2, 0, 0, 0, 0, 0x11 } },
};

static const struct wire *wires = &single;
static int nr_wires = 1;

static const char * const spaces[] = { "low", "up0", "up1" };
static const char * const programs[] = {
	"pass", "drop", "tx", "aborted", "txmac", "pass", "drop", "xskmap", "devmap", "cpumap", "frags",
};

#define PROGRAMS	((int)(sizeof(programs) / sizeof(programs[0])))

static int prog_fds[PROGRAMS], sockets_map, devices_map;
static int kind = MACVLANS, worker, lock_fd;

static int random_prog(void)
{
	return prog_fds[draw(PROGRAMS)];
}

/* Few addresses, so that frames find them, and uppers and workers get at each other's. */
static const unsigned char *random_mac(void)
{
	static unsigned char mac[ETH_ALEN] = { 2, 0, 0, 0, 1 };

	mac[5] = draw(6);
	return mac;
}

static const char *upper_kind(void)
{
	return kind == MACVTAPS ? "macvtap" : "macvlan";
}

static const char *base(void)
{
	return kind == BONDS ? "bond0" : "lower";
}

/* ---- what all processes share */

static struct shared {
	int home[UPPERS];	/* where the uppers were seen last */
	unsigned long long sent[2];
	struct {
		unsigned int done, ok, errors[ERRNOS];
		unsigned long long us;
	} of[128];		/* operations */
} *shared;

/* ---- operations on uppers: macvlans, macvtaps, bonds */

static int op_up(const struct target *at) { return set_up(at->ns, at->name, true); }
static int op_down(const struct target *at) { return set_up(at->ns, at->name, false); }
static int op_delete(const struct target *at) { return delete_link(at->ns, at->name); }
static int op_address(const struct target *at) { return set_address(at->ns, at->name, random_mac()); }

static int op_mtu(const struct target *at)
{
	static const unsigned int mtus[] = { 1500, 1400, 2000, 9000 };

	return set_number(at->ns, at->name, IFLA_MTU, mtus[draw(4)]);
}

static int op_move(const struct target *at)
{
	int to = draw(3), error = move(at->ns, at->name, spaces[to]);

	if (!error && at->upper >= 0)
		shared->home[at->upper] = to;
	return error;
}

static int op_attach(const struct target *at)
{
	return set_prog(at->ns, at->name, random_prog(), XDP_FLAGS_UPDATE_IF_NOEXIST | XDP_FLAGS_DRV_MODE);
}

static int op_replace(const struct target *at)
{
	return set_prog(at->ns, at->name, random_prog(), XDP_FLAGS_DRV_MODE);
}

/* Of whatever kind it is */
static int op_detach(const struct target *at)
{
	int error = set_prog(at->ns, at->name, -1, XDP_FLAGS_DRV_MODE);

	return error == -EEXIST ? set_prog(at->ns, at->name, -1, XDP_FLAGS_SKB_MODE) : error;
}

static int op_generic(const struct target *at)
{
	int error = set_prog(at->ns, at->name, random_prog(), XDP_FLAGS_SKB_MODE);

	if (draw(8))
		set_prog(at->ns, at->name, -1, XDP_FLAGS_SKB_MODE);
	return error;
}

static int op_mode(const struct target *at)
{
	static const __u32 modes[] = {
		MACVLAN_MODE_BRIDGE, MACVLAN_MODE_VEPA, MACVLAN_MODE_PRIVATE, MACVLAN_MODE_BRIDGE,
		MACVLAN_MODE_SOURCE,
	};

	/* but for source mode, which takes all frames from the driver's programs, all alike */
	return set_macvlan_mode(at->ns, at->name, upper_kind(), modes[draw(draw(8) ? 4 : 5)]);
}

static int op_add(const struct target *at)
{
	__u32 mode = draw(16) ? MACVLAN_MODE_BRIDGE : MACVLAN_MODE_PASSTHRU;
	int error = add_macvlan(at->name, upper_kind(), base(), random_mac(), mode);

	if (!error)
		shared->home[at->upper] = 0;
	return error;
}

static int op_chain(const struct target *at)
{
	static const int cmds[] = {
		XDP_RXH_CMD_EDGE_ADD, XDP_RXH_CMD_EDGE_ADD, XDP_RXH_CMD_EDGE_DEL, XDP_RXH_CMD_NODE_REPLACE,
		XDP_RXH_CMD_NODE_DEL,
	};
	int cmd = cmds[draw(5)];
	__u32 from = draw(3) ? XDP_RXH_NODE_ENTRY : 2 + draw(4);

	return chain_edit(at->ns, at->name, cmd, from, draw(3) ? XDP_PASS : draw(5), random_prog());
}

static int op_chain_set(const struct target *at)
{
	int progs[3] = { random_prog(), random_prog(), random_prog() };

	return chain_set(at->ns, at->name, progs, draw(4));
}

static int op_hints(const struct target *at)
{
	return switch_set(at->ns, at->name, XDP_RXH_A_HINTS, draw(2) ? XDP_RXH_HINTS_ALL : 0);
}

/* Mostly on: else no program above it has anything to do */
static int op_hand_up(const struct target *at)
{
	return switch_set(at->ns, at->name, XDP_RXH_A_HAND_UP, draw(3) ? XDP_RXH_HAND_UP_ON : draw(3));
}

static int op_look(const struct target *at)
{
	return index_of(at->ns, at->name) ? ethtool_stats(at->ns, at->name) ?: chain_get(at->ns, at->name) : -ENODEV;
}

static int op_link(const struct target *at)
{
	return link_new(at->ns, at->name, random_prog(), draw(32) ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE);
}

static int op_link_change(const struct target *at)
{
	(void)at;
	return link_change(random_prog());
}

static int op_xsk(const struct target *at) { return xsk_bind(at->ns, at->name, sockets_map); }

static int op_xsk_close(const struct target *at)
{
	(void)at;
	return xsk_drop();
}

/* As the target of other programs' redirects */
static int op_devmap(const struct target *at)
{
	__u32 slot = 0, index = index_of(at->ns, at->name);

	if (!index)
		return -ENODEV;
	return bpf_map_update_elem(devices_map, &slot, &index, 0) ? -errno : 0;
}

static size_t random_frame(unsigned char *frame)
{
	static const unsigned char hosts[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };
	struct frame_mark mark = { htonl(FRAME_MAGIC), 'z', 0, 0 };
	size_t at = 12, len = draw(16) ? 60 + draw(200) : 14 + draw(1487);

	memset(frame, 0, len < 64 ? 64 : len);
	memcpy(frame, draw(8) ? random_mac() : hosts, ETH_ALEN);
	if (!draw(16))
		memset(frame, 0xff, ETH_ALEN);
	memcpy(frame + ETH_ALEN, random_mac(), ETH_ALEN);
	if (!draw(8)) {
		frame[at++] = 0x81;
		frame[at++] = 0;
		frame[at++] = 0;
		frame[at++] = draw(6);
	}
	frame[at++] = FRAME_TYPE >> 8;
	frame[at++] = FRAME_TYPE & 0xff;
	memcpy(frame + at, &mark, sizeof(mark));
	return len;
}

/* To its siblings, or out */
static int op_send(const struct target *at)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = index_of(at->ns, at->name) };
	unsigned char frame[2048];
	int fd, i, error = 0;

	if (!to.sll_ifindex)
		return -ENODEV;
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	for (i = 0; i < 8 && !error; i++)
		if (sendto(fd, frame, random_frame(frame), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
			error = -errno;
	close(fd);
	return error;
}

/* ---- on macvtaps */

static int op_tap_open(const struct target *at) { return tap_open(at->ns, at->name); }
static int op_tap_queue(const struct target *at) { (void)at; return tap_queue(); }
static int op_tap_close(const struct target *at) { (void)at; return tap_close(); }
static int op_tap_use(const struct target *at) { (void)at; return tap_use(); }
static int op_vhost_open(const struct target *at) { (void)at; return vhost_open(); }
static int op_vhost_close(const struct target *at) { (void)at; vhost_close(); return 0; }
static int op_vhost_backend(const struct target *at) { (void)at; return vhost_backend(); }
static int op_vhost_use(const struct target *at) { (void)at; return vhost_use(); }

/* Some are so short that they are full at once. */
static int op_tap_resize(const struct target *at)
{
	static const unsigned int lens[] = { 500, 1000, 4, 1 };

	return set_number(at->ns, at->name, IFLA_TXQLEN, lens[draw(4)]);
}

/* ---- below */

static int add_wire(int i)
{
	const struct wire *wire = &wires[i];
	int error = add_veth(wire->near, wire->far, wire->near_mac, wire->far_mac);

	if (error)
		return error;
	/* so that it takes what XDP transmits */
	set_prog("gen", wire->near, prog_fds[0], XDP_FLAGS_DRV_MODE);
	return set_up("low", wire->far, true);
}

static int enslave(int i)
{
	int bond = index_of("low", "bond0");

	set_up("low", wires[i].far, false);
	return set_number("low", wires[i].far, IFLA_MASTER, bond);
}

static int add_bond(int mode)
{
	int error = set_bond("bond0", NLM_F_CREATE | NLM_F_EXCL, IFLA_BOND_MODE, mode), i;

	set_address("low", "bond0", single.far_mac);
	for (i = 0; i < nr_wires && !error; i++)
		enslave(i);
	return error;
}

/* No program above, nor a sign of it, but what another worker attaches meanwhile or a link holds */
static void detach_all(void)
{
	char name[IF_NAMESIZE];
	int i;

	for (i = 0; i < UPPERS; i++) {
		sprintf(name, "mv%d", i);
		set_prog(spaces[shared->home[i]], name, -1, XDP_FLAGS_DRV_MODE);
	}
	if (kind == BONDS)
		set_prog("low", "bond0", -1, XDP_FLAGS_DRV_MODE);
	for (i = 0; i < HELD; i++)
		let_go(&link_fds[i]);
}

static int op_lower_address(const struct target *at)
{
	unsigned char mac[ETH_ALEN];

	memcpy(mac, wires[at->wire].far_mac, ETH_ALEN);
	mac[4] = draw(2) * 5;
	return set_address("low", at->name, mac);
}

/* Somebody else's program, which comes or goes whoever is above: most often core refuses. */
static int op_lower_program(const struct target *at)
{
	return set_prog("low", at->name, draw(2) ? prog_fds[draw(2)] : -1,
			draw(8) ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE);
}

/* Where nobody above has one it is not refused, though the lower has a chain. */
static int op_lower_force(const struct target *at)
{
	detach_all();
	chain_edit("low", at->name, XDP_RXH_CMD_EDGE_ADD, XDP_RXH_NODE_ENTRY, XDP_PASS, prog_fds[draw(2)]);
	return set_prog("low", at->name, draw(2) ? prog_fds[draw(2)] : -1, 0);
}

static int op_lower_move(const struct target *at)
{
	int error = move("low", at->name, "up0");

	/* another worker may have left it there */
	let_fail(false);
	move("up0", at->name, "low");
	set_up("low", at->name, true);
	let_fail(true);
	return error;
}

static int op_lower_delete(const struct target *at)
{
	int error = delete_link("low", at->name);

	let_fail(false);
	add_wire(at->wire);	/* another worker may have made it already */
	let_fail(true);
	return error;
}

static int op_enslave(const struct target *at) { return enslave(at->wire); }
static int op_release(const struct target *at) { return set_number("low", at->name, IFLA_MASTER, 0); }

static int op_active(const struct target *at)
{
	return set_bond("bond0", 0, IFLA_BOND_ACTIVE_SLAVE, draw(8) ? index_of("low", at->name) : 0);
}

static int op_bond_option(const struct target *at)
{
	(void)at;
	if (draw(2))
		return set_bond("bond0", 0, IFLA_BOND_XMIT_HASH_POLICY, draw(6));
	return set_bond("bond0", 0, IFLA_BOND_ALL_SLAVES_ACTIVE, draw(2));
}

/* Without slaves and down, it is not refused; programs stay. */
static int op_bond_mode(const struct target *at)
{
	bool empty = draw(4);
	int i, error;

	(void)at;
	if (empty) {
		for (i = 0; i < nr_wires; i++)
			set_number("low", wires[i].far, IFLA_MASTER, 0);
		set_up("low", "bond0", false);
	}
	error = set_bond("bond0", 0, IFLA_BOND_MODE, draw(7));
	set_up("low", "bond0", true);
	for (i = 0; i < nr_wires && empty; i++)
		enslave(i);
	return error;
}

/* What is on it goes with it. */
static int op_bond_delete(const struct target *at)
{
	int error = delete_link("low", "bond0");

	(void)at;
	add_bond(draw(7));
	return error;
}

/* The namespace goes with all that is in it, in the background. */
static int op_space_delete(const struct target *at)
{
	const char *path = "/run/netns/up1";
	int fd;

	(void)at;
	if (enter("low") || umount2(path, MNT_DETACH))
		return -errno;
	let_fail(false);
	fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0);
	close(fd);
	if (unshare(CLONE_NEWNET) || mount("/proc/self/ns/net", path, "none", MS_BIND, NULL))
		err(1, "%s", path);
	let_fail(true);
	return 0;
}

static void load(const char *module)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s.ko", getenv("MODULES"), module);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
		err(1, "%s", path);
	close(fd);
}

/* From the top, as far as it goes, and again what is gone. One worker at a time. */
static int op_unload(const struct target *at)
{
	static const struct {
		const char *name;
		int kind;
	} modules[] = {
		{ "macvtap_xdp", MACVTAPS }, { "bonding_xdp", BONDS }, { "macvlan_xdp", ANY }, { "xdp_rx_handler", ANY },
	};
	int i, error = 0;

	(void)at;
	flock(lock_fd, LOCK_EX);
	if (draw(2))
		detach_all();
	for (i = 0; i < 4 && !error; i++)
		if (modules[i].kind & kind && syscall(SYS_delete_module, modules[i].name, O_NONBLOCK))
			error = -errno;
	let_fail(false);
	for (i = 3; i >= 0; i--)
		if (modules[i].kind & kind)
			load(modules[i].name);
	let_fail(true);
	flock(lock_fd, LOCK_UN);
	return error;
}

/* ---- all of them */

/**
 * struct op - an operation
 * @name: for the report
 * @weight: how often it is drawn, in comparison
 * @kinds: of devices it makes sense with; DATA: moves frames, does not count as an operation
 * @on: the device it is for
 * @run: does it; 0 or a negative error
 */
static const struct op {
	const char *name;
	int weight, kinds;
	enum on on;
	int (*run)(const struct target *at);
} ops[] = {
	{ "up", 100, ANY, UPPER, op_up },
	{ "down", 50, ANY, UPPER, op_down },
	{ "delete", 25, ANY, MACVLAN, op_delete },
	{ "add", 40, ANY, MACVLAN, op_add },
	{ "move", 40, ANY, MACVLAN, op_move },
	{ "address", 100, ANY, UPPER, op_address },
	{ "mtu", 40, ANY, UPPER, op_mtu },
	{ "mode", 100, ANY, MACVLAN, op_mode },
	{ "attach", 150, ANY, UPPER, op_attach },
	{ "replace", 200, ANY, UPPER, op_replace },
	{ "detach", 80, ANY, UPPER, op_detach },
	{ "generic", 20, ANY, UPPER, op_generic },
	{ "link", 40, ANY, UPPER, op_link },
	{ "link change", 80, ANY, NONE, op_link_change },
	{ "chain edit", 150, ANY, UPPER, op_chain },
	{ "chain set", 80, ANY, UPPER, op_chain_set },
	{ "hints", 40, ANY, UPPER, op_hints },
	{ "look", 100, ANY, UPPER, op_look },
	{ "devmap", 40, ANY, UPPER, op_devmap },
	{ "xsk bind", 60, ANY, UPPER, op_xsk },
	{ "xsk close", 30, ANY, NONE, op_xsk_close },
	{ "send", 100, ANY | DATA, UPPER, op_send },
	{ "lower up", 20, ANY, WIRE, op_up },
	{ "lower down", 8, ANY, WIRE, op_down },
	{ "lower address", 10, ANY, WIRE, op_lower_address },
	{ "lower mtu", 10, ANY, WIRE, op_mtu },
	{ "lower program", 20, ANY, WIRE, op_lower_program },
	{ "lower forced", 15, ANY, WIRE, op_lower_force },
	{ "lower chain", 40, MACVLANS | MACVTAPS, WIRE, op_chain },	/* slaves have none */
	{ "lower hand-up", 30, ANY, WIRE, op_hand_up },
	{ "lower look", 20, ANY, WIRE, op_look },
	{ "lower move", 6, ANY, WIRE, op_lower_move },
	{ "lower delete", 4, ANY, WIRE, op_lower_delete },
	{ "space delete", 4, ANY, NONE, op_space_delete },
	{ "unload", 8, ANY, NONE, op_unload },
	{ "tap open", 120, MACVTAPS, MACVLAN, op_tap_open },
	{ "tap queue", 60, MACVTAPS, NONE, op_tap_queue },
	{ "tap resize", 60, MACVTAPS, MACVLAN, op_tap_resize },
	{ "tap close", 40, MACVTAPS, NONE, op_tap_close },
	{ "tap use", 200, MACVTAPS | DATA, NONE, op_tap_use },
	{ "vhost open", 30, MACVTAPS, NONE, op_vhost_open },
	{ "vhost backend", 100, MACVTAPS, NONE, op_vhost_backend },
	{ "vhost close", 10, MACVTAPS, NONE, op_vhost_close },
	{ "vhost use", 200, MACVTAPS | DATA, NONE, op_vhost_use },
	{ "enslave", 80, BONDS, WIRE, op_enslave },
	{ "release", 30, BONDS, WIRE, op_release },
	{ "active slave", 60, BONDS, WIRE, op_active },
	{ "bond option", 40, BONDS, NONE, op_bond_option },
	{ "bond mode", 15, BONDS, NONE, op_bond_mode },
	{ "bond delete", 4, BONDS, NONE, op_bond_delete },
};

#define OPS	((int)(sizeof(ops) / sizeof(ops[0])))

static struct target choose(enum on on)
{
	struct target at = { .ns = "low", .upper = -1, .wire = draw(nr_wires) };

	if (on == WIRE) {
		strcpy(at.name, wires[at.wire].far);
	} else if (on == UPPER && kind == BONDS && draw(2)) {
		strcpy(at.name, "bond0");
	} else if (on != NONE) {
		at.upper = worker * UPPERS / WORKERS + draw(UPPERS / WORKERS);
		sprintf(at.name, "mv%d", at.upper);
		at.ns = spaces[shared->home[at.upper]];
	}
	return at;
}

/* Gone, or its namespace, or moved by somebody else: make it, so that the next one finds it. */
static void make(const struct target *at)
{
	int i;

	for (i = 0; i < nr_wires; i++)
		if (!index_of("low", wires[i].far))
			add_wire(i);
	if (kind == BONDS && !index_of("low", "bond0"))
		add_bond(draw(7));
	if (at->upper < 0)
		return;
	for (i = 0; i < 3; i++)
		if (index_of(spaces[i], at->name))
			shared->home[at->upper] = i;
	add_macvlan(at->name, upper_kind(), base(), random_mac(), MACVLAN_MODE_BRIDGE);
}

static const struct op *draw_op(void)
{
	const struct op *op;
	int total = 0, pick;

	for (op = ops; op < ops + OPS; op++)
		total += op->kinds & kind ? op->weight : 0;
	pick = draw(total);
	for (op = ops;; op++) {
		if (!(op->kinds & kind))
			continue;
		if (pick < op->weight)
			return op;
		pick -= op->weight;
	}
}

static long long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

static void perform(const struct op *op)
{
	struct target at = choose(op->on);
	long long begin = now_us();
	int i = op - ops, error = op->run(&at);

	__sync_fetch_and_add(&shared->of[i].us, now_us() - begin);
	__sync_fetch_and_add(&shared->of[i].done, 1);
	if (!error)
		__sync_fetch_and_add(&shared->of[i].ok, 1);
	else
		__sync_fetch_and_add(&shared->of[i].errors[-error < ERRNOS ? -error : 0], 1);
	if (error == -ENODEV)
		make(&at);
}

static unsigned int todo = 10000;

static void run_worker(int number, unsigned long long seed)
{
	unsigned int left = todo / WORKERS, at;
	long long drained = now_us();
	const struct op *op;

	worker = number;
	lock_fd = open("/tmp/race.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	let_fail(true);
	for (at = 0; left; at++) {
		draw_from(seed, number, at);
		op = draw_op();
		left -= !(op->kinds & DATA);
		perform(op);
		if (now_us() - drained > 10000000) {
			taps_drain();
			drained = now_us();
		}
	}
	exit(0);
}

/* ---- traffic */

/*
 * From outside; in bursts, and at a low priority, as all CPUs of the guest may be one of the host's. An skb in a tap's
 * queue counts against its sender's socket, so a sender that blocks waits for the owner of that queue, and holds
 * the device that this one, perhaps, waits for to be gone.
 */
static void send_frames(int cpu, unsigned long long seed)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(FRAME_TYPE) };
	unsigned char frame[2048];
	cpu_set_t set;
	int fd, i;

	draw_from(seed, 1000 + cpu, 0);
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	lab_enter("gen");
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	for (;;) {
		for (i = 0; i < 32; i++) {
			if (sendto(fd, frame, random_frame(frame), MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) > 0)
				shared->sent[cpu]++;
			else if (errno == ENXIO || errno == ENODEV)
				to.sll_ifindex = index_of("gen", wires[cpu % nr_wires].near);
		}
		poll(NULL, 0, 5);
	}
}

static int start(void (*run)(int number, unsigned long long seed), int number, unsigned long long seed)
{
	int pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid)
		run(number, seed);
	return pid;
}

static int report(long long us)
{
	unsigned int total = 0, data = 0;
	int i, e, failed = 0;

	for (i = 0; i < OPS; i++) {
		if (!(ops[i].kinds & kind))
			continue;
		printf("%-14s %5u ok of %5u, %4llu ms each", ops[i].name, shared->of[i].ok, shared->of[i].done,
		       shared->of[i].us / (shared->of[i].done ?: 1) / 1000);
		for (e = 0; e < ERRNOS; e++)
			if (shared->of[i].errors[e])
				printf(", %s %u", e ? strerrorname_np(e) : "?", shared->of[i].errors[e]);
		printf("\n");
		*(ops[i].kinds & DATA ? &data : &total) += shared->of[i].done;
	}
	printf("%u operations and %u that move frames in %lld s, %lld a second; %llu and %llu frames sent\n", total, data,
	       us / 1000000, us ? (total + data) * 1000000LL / us : 0, shared->sent[0], shared->sent[1]);
	for (i = 0; i < OPS && !with_failures; i++) {
		if (shared->of[i].ok || shared->of[i].done < 50)
			continue;
		printf("no %s ever succeeded\n", ops[i].name);
		failed = 1;
	}
	return failed || !shared->sent[0] || !shared->sent[1];
}

static void prepare(unsigned long long seed)
{
	__u32 slot = 0, queue_size = 64;
	int i;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	draw_from(seed, 2000, 0);
	for (i = 0; i < PROGRAMS; i++) {
		prog_fds[i] = lab_prog(programs[i]);
		if (!strcmp(programs[i], "xskmap"))
			sockets_map = lab_map(prog_fds[i], "targets");
		if (!strcmp(programs[i], "devmap"))
			devices_map = lab_map(prog_fds[i], "targets");
		if (!strcmp(programs[i], "cpumap") &&
		    bpf_map_update_elem(lab_map(prog_fds[i], "targets"), &slot, &queue_size, 0))
			err(1, "cpumap");
	}
	for (i = 0; i < nr_wires; i++)
		if (add_wire(i))
			errx(1, "no %s", wires[i].far);
	if (kind == BONDS && add_bond(draw(7)))
		errx(1, "no bond");
}

int main(int argc, char **argv)
{
	unsigned long long seed = time(NULL) * 1000003ull + getpid();
	int senders[2], workers[WORKERS], i, opt, status, failed = 0;
	long long begin;

	while ((opt = getopt(argc, argv, "s:n:tbf")) != -1) {
		if (opt == 's') {
			seed = strtoull(optarg, NULL, 0);
		} else if (opt == 'n') {
			todo = atoi(optarg);
		} else if (opt == 't') {
			kind = MACVTAPS;
		} else if (opt == 'b') {
			kind = BONDS;
			wires = slaves;
			nr_wires = 2;
		} else if (opt == 'f') {
			with_failures = true;
		} else {
			errx(2, "Usage: race [-s SEED] [-n OPERATIONS] [-t|-b] [-f]    MODULES is where the modules are");
		}
	}
	printf("seed %llu: race -s %llu -n %u%s%s\n", seed, seed, todo,
	       kind == MACVTAPS ? " -t" : kind == BONDS ? " -b" : "", with_failures ? " -f" : "");
	fflush(stdout);
	prepare(seed);
	begin = now_us();
	for (i = 0; i < 2; i++)
		senders[i] = start(send_frames, i, seed);
	for (i = 0; i < WORKERS; i++)
		workers[i] = start(run_worker, i, seed);
	for (i = 0; i < WORKERS; i++)
		if (waitpid(workers[i], &status, 0) < 0 || status)
			failed = 1;
	for (i = 0; i < 2; i++) {
		kill(senders[i], SIGKILL);
		waitpid(senders[i], NULL, 0);
	}
	return report(now_us() - begin) || failed;
}
