// SPDX-License-Identifier: GPL-2.0
/*
 * Change devices in every way there is, in random order, while frames flow from two CPUs.
 *
 * Expects what topo makes, without uppers, and the namespaces up0 and up1. Each worker has uppers of its
 * own and a sequence of operations of its own that the seed gives; all share the lower, the namespaces and
 * the modules. An operation may fail, as what it is about may be gone or the kernel may refuse it: each
 * kind must succeed at least once, unless allocations fail.
 *
 * With -t the uppers are macvtaps, and their character devices are opened, read, written, and closed, too.
 * With -f allocations fail as the files in debugfs' failslab say, but where it would end the run.
 */
#define _GNU_SOURCE
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <getopt.h>
#include <libmnl/libmnl.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "lab.h"

#define WORKERS		2
#define UPPERS		2	/* of each worker */
#define TAPS		4	/* files each worker has open at a time */
#define ERRNOS		134

enum op {
	UP, DOWN, DEL, MOVE, ATTACH, REPLACE, DETACH, ADDRESS, MODE, OWN_PROG, LOWER_UP, LOWER_DOWN,
	LOWER_ADDRESS, LOWER_MOVE, ADD, LOWER_DEL, NS_DEL, UNLOAD, TAP_OPEN, TAP_USE, TAP_CLOSE, OPS
};

static const struct {
	const char *name;
	int weight;
	bool tap;	/* only with macvtaps */
} ops[OPS] = {
	[UP] = { "up", 120 }, [DOWN] = { "down", 60 }, [DEL] = { "delete", 30 }, [MOVE] = { "move", 40 },
	[ATTACH] = { "attach", 150 }, [REPLACE] = { "replace", 200 }, [DETACH] = { "detach", 80 },
	[ADDRESS] = { "address", 120 }, [MODE] = { "mode", 120 }, [OWN_PROG] = { "own program", 20 },
	[LOWER_UP] = { "lower up", 20 }, [LOWER_DOWN] = { "lower down", 8 },
	[LOWER_ADDRESS] = { "lower address", 10 }, [LOWER_MOVE] = { "lower move", 6 }, [ADD] = { "add", 60 },
	[LOWER_DEL] = { "lower delete", 3 }, [NS_DEL] = { "namespace delete", 3 }, [UNLOAD] = { "unload", 6 },
	[TAP_OPEN] = { "tap open", 150, true }, [TAP_USE] = { "tap use", 300, true },
	[TAP_CLOSE] = { "tap close", 60, true },
};

/* What all processes count into */
struct counts {
	unsigned int done[OPS], ok[OPS], errors[OPS][ERRNOS];
	unsigned long long sent[2];
};

static const char * const spaces[] = { "low", "up0", "up1" };
static const char * const programs[] = { "pass", "drop", "tx", "aborted", "txmac" };
static struct counts *counts;
static unsigned long long state;
static int worker, prog_fds[5], tap_fds[TAPS];
static bool with_taps, with_failures;

static unsigned int draw(unsigned int below)
{
	unsigned long long z = (state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return (z ^ (z >> 31)) % below;
}

/* From now on this process's allocations may fail, or not. */
static void let_fail(bool fail)
{
	static int fd = -1;

	if (!with_failures)
		return;
	if (fd < 0)
		fd = open("/proc/self/make-it-fail", O_WRONLY | O_CLOEXEC);
	if (pwrite(fd, fail ? "1" : "0", 1, 0) != 1)
		err(1, "/proc/self/make-it-fail");
}

/* ---- netlink */

/* Enter a namespace that may be gone */
static int enter(const char *ns)
{
	char path[64];
	int fd, error;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -ENODEV;
	error = setns(fd, CLONE_NEWNET) ? -ENODEV : 0;
	close(fd);
	return error;
}

/*
 * The answer is an error, 0 included, or with @flags 0 a device, whose index is then returned. A socket holds
 * its namespace, so none is kept.
 */
static int ask(const char *ns, struct nlmsghdr *nlh, unsigned int flags)
{
	char reply[16384];
	struct nlmsghdr *answer = (struct nlmsghdr *)reply;
	struct mnl_socket *nl;
	struct nlmsgerr *e;
	int error, len;

	error = enter(ns);
	if (error)
		return error;
	nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!nl)
		return -errno;
	nlh->nlmsg_flags |= NLM_F_REQUEST | flags;
	len = mnl_socket_sendto(nl, nlh, nlh->nlmsg_len);
	error = -errno;
	let_fail(false);	/* done, or not: only the answer is missing */
	if (len >= 0) {
		len = recv(mnl_socket_get_fd(nl), reply, sizeof(reply), MSG_DONTWAIT);
		error = -errno;
	}
	mnl_socket_close(nl);
	let_fail(true);
	if (len < 0)
		return error;
	if (len < (int)NLMSG_LENGTH(sizeof(*e)))
		errx(1, "netlink: short answer");
	e = mnl_nlmsg_get_payload(answer);
	if (answer->nlmsg_type != NLMSG_ERROR)
		return ((struct ifinfomsg *)e)->ifi_index;
	return e->error;
}

static int talk(const char *ns, struct nlmsghdr *nlh)
{
	return ask(ns, nlh, NLM_F_ACK);
}

static char message[4096];

static struct nlmsghdr *link_message(int type, const char *name, unsigned int flags, unsigned int change)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(message);
	struct ifinfomsg *ifi;

	nlh->nlmsg_type = type;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_flags = flags;
	ifi->ifi_change = change;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	return nlh;
}

/* if_nametoindex() would have the kernel look for a module of the name of a device that is gone. */
static int index_of(const char *ns, const char *name)
{
	int index = ask(ns, link_message(RTM_GETLINK, name, 0, 0), 0);

	return index > 0 ? index : 0;
}

static int set_up(const char *ns, const char *name, bool up)
{
	return talk(ns, link_message(RTM_NEWLINK, name, up ? IFF_UP : 0, IFF_UP));
}

static int set_address(const char *ns, const char *name, const unsigned char *mac)
{
	struct nlmsghdr *nlh = link_message(RTM_NEWLINK, name, 0, 0);

	mnl_attr_put(nlh, IFLA_ADDRESS, ETH_ALEN, mac);
	return talk(ns, nlh);
}

static int set_prog(const char *ns, const char *name, int fd, __u32 flags)
{
	struct nlmsghdr *nlh = link_message(RTM_NEWLINK, name, 0, 0);
	struct nlattr *xdp = mnl_attr_nest_start(nlh, IFLA_XDP);

	mnl_attr_put_u32(nlh, IFLA_XDP_FD, fd);
	mnl_attr_put_u32(nlh, IFLA_XDP_FLAGS, flags | XDP_FLAGS_DRV_MODE);
	mnl_attr_nest_end(nlh, xdp);
	return talk(ns, nlh);
}

static int move(const char *ns, const char *name, const char *to)
{
	struct nlmsghdr *nlh = link_message(RTM_NEWLINK, name, 0, 0);
	char path[64];
	int fd, error;

	snprintf(path, sizeof(path), "/run/netns/%s", to);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -ENODEV;
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, fd);
	error = talk(ns, nlh);
	close(fd);
	return error;
}

static void put_macvlan(struct nlmsghdr *nlh, __u32 mode)
{
	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO), *data;

	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, with_taps ? "macvtap" : "macvlan");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u32(nlh, IFLA_MACVLAN_MODE, mode);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
}

static int set_mode(const char *ns, const char *name, __u32 mode)
{
	struct nlmsghdr *nlh = link_message(RTM_NEWLINK, name, 0, 0);

	put_macvlan(nlh, mode);
	return talk(ns, nlh);
}

static int add_macvlan(const char *name, const unsigned char *mac, __u32 mode)
{
	int lower = index_of("low", "lower");
	struct nlmsghdr *nlh;

	if (!lower)
		return -ENODEV;
	nlh = link_message(RTM_NEWLINK, name, IFF_UP, IFF_UP);
	nlh->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	mnl_attr_put(nlh, IFLA_ADDRESS, ETH_ALEN, mac);
	mnl_attr_put_u32(nlh, IFLA_LINK, lower);
	put_macvlan(nlh, mode);
	return talk("low", nlh);
}

/* gen:peer and low:lower, as lib.sh makes them */
static int add_wire(void)
{
	static const unsigned char macs[2][ETH_ALEN] = { { 2, 0, 0, 0, 0, 0xaa }, { 2, 0, 0, 0, 0, 1 } };
	struct nlmsghdr *nlh = link_message(RTM_NEWLINK, "peer", IFF_UP, IFF_UP);
	struct nlattr *info, *data, *peer;
	int fd, error;

	nlh->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	fd = open("/run/netns/low", O_RDONLY | O_CLOEXEC);
	mnl_attr_put(nlh, IFLA_ADDRESS, ETH_ALEN, macs[0]);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, "lower");
	mnl_attr_put(nlh, IFLA_ADDRESS, ETH_ALEN, macs[1]);
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, fd);
	mnl_attr_nest_end(nlh, peer);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	error = talk("gen", nlh);
	close(fd);
	return error ?: set_up("low", "lower", true);
}

/* ---- operations */

/* Where the worker's uppers were seen last */
static int home[UPPERS];

static void upper_name(int upper, char *name)
{
	sprintf(name, "mv%d", worker * UPPERS + upper);
}

/* Few addresses, so that frames find them, and uppers and workers get at each other's. */
static const unsigned char *random_mac(void)
{
	static unsigned char mac[ETH_ALEN] = { 2, 0, 0, 0, 1 };

	mac[5] = draw(6);
	return mac;
}

static int load(const char *module)
{
	char path[256];
	int fd, error;

	snprintf(path, sizeof(path), "%s/%s.ko", getenv("MODULES"), module);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	error = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	if (error && error != -EEXIST)
		errx(1, "%s: %s", path, strerror(-error));
	return 0;
}

static int unload(void)
{
	static const char * const modules[] = { "macvtap_xdp", "macvlan_xdp" };
	int i, error = 0;

	for (i = !with_taps; i < 2 && !error; i++)
		if (syscall(SYS_delete_module, modules[i], O_NONBLOCK))
			error = -errno;
	let_fail(false);
	for (i = 1; i >= !with_taps; i--)
		load(modules[i]);
	let_fail(true);
	return error;
}

/* The namespace goes with all that is in it, in the background. */
static int replace_namespace(const char *ns)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", ns);
	if (enter("low") || umount2(path, MNT_DETACH))
		return -errno;
	let_fail(false);
	fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0);
	close(fd);
	if (unshare(CLONE_NEWNET) || mount("/proc/self/ns/net", path, "none", MS_BIND, NULL))
		err(1, "namespace %s", ns);
	let_fail(true);
	return 0;
}

/* ---- character devices of macvtaps */

/* The number of the device is in the sysfs of its namespace only. */
static dev_t tap_number(const char *ns, const char *name)
{
	unsigned int major = 0, minor = 0;
	char dir[] = "/tmp/race.XXXXXX", path[128];
	FILE *f;

	if (enter(ns) || !mkdtemp(dir))
		return 0;
	if (!mount("sysfs", dir, "sysfs", 0, NULL)) {
		snprintf(path, sizeof(path), "%s/class/net/%s/macvtap/tap%d/dev", dir, name,
			 index_of(ns, name));
		f = fopen(path, "re");
		if (f) {
			if (fscanf(f, "%u:%u", &major, &minor) != 2)
				major = 0;
			fclose(f);
		}
		umount2(dir, MNT_DETACH);
	}
	rmdir(dir);
	return major ? makedev(major, minor) : 0;
}

/* Opening makes a queue of it. */
static int tap_open(const char *ns, const char *name, int *fd)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE };
	dev_t number = tap_number(ns, name);
	char node[64];
	int error = 0;

	if (!number)
		return -ENODEV;
	snprintf(node, sizeof(node), "/tmp/race-%d", getpid());
	unlink(node);
	if (mknod(node, S_IFCHR | 0600, number))
		return -errno;
	if (*fd)
		close(*fd);
	*fd = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0) {
		error = -errno;
		*fd = 0;
	} else if (ioctl(*fd, TUNSETIFF, &ifr)) {
		error = -errno;
	}
	unlink(node);
	return error;
}

/* Its device may be gone by now. */
static int tap_use(int fd)
{
	unsigned char frame[2048] = { 0 };
	struct ifreq ifr = { .ifr_flags = draw(2) ? IFF_ATTACH_QUEUE : IFF_DETACH_QUEUE };
	int i;

	if (!draw(4))
		return ioctl(fd, TUNSETQUEUE, &ifr) ? -errno : 0;
	for (i = draw(64); i; i--)
		if (read(fd, frame, sizeof(frame)) < 0)
			return errno == EAGAIN ? 0 : -errno;
	/* behind a virtio-net header of zeroes; to whomever the one read last was for, or to nobody */
	return write(fd, frame, 200) < 0 ? -errno : 0;
}

static int with_tap(enum op op, const char *ns, const char *name)
{
	int *fd = &tap_fds[draw(TAPS)];

	if (op == TAP_OPEN)
		return tap_open(ns, name, fd);
	if (!*fd)
		return -EBADF;
	if (op == TAP_USE)
		return tap_use(*fd);
	close(*fd);
	*fd = 0;
	return 0;
}

static int with_lower(enum op op)
{
	unsigned char mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 };
	int error;

	switch (op) {
	case LOWER_UP:
	case LOWER_DOWN:
		return set_up("low", "lower", op == LOWER_UP);
	case LOWER_ADDRESS:
		mac[4] = draw(2) * 5;
		return set_address("low", "lower", mac);
	case OWN_PROG:
		return set_prog("low", "lower", draw(2) ? prog_fds[0] : -1, 0);
	case LOWER_MOVE:
		error = move("low", "lower", "up0");
		/* another worker may have left it there */
		let_fail(false);
		move("up0", "lower", "low");
		set_up("low", "lower", true);
		let_fail(true);
		return error;
	case LOWER_DEL:
		error = talk("low", link_message(RTM_DELLINK, "lower", 0, 0));
		let_fail(false);
		error = add_wire() ?: error;
		let_fail(true);
		return error;
	case NS_DEL:
		return replace_namespace("up1");
	default:
		return unload();
	}
}

static int with_upper(enum op op, const char *ns, int upper, const char *name)
{
	static const __u32 modes[] = {
		MACVLAN_MODE_BRIDGE, MACVLAN_MODE_VEPA, MACVLAN_MODE_PRIVATE, MACVLAN_MODE_BRIDGE,
		MACVLAN_MODE_SOURCE,
	};
	int to, error;

	switch (op) {
	case UP:
	case DOWN:
		return set_up(ns, name, op == UP);
	case DEL:
		return talk(ns, link_message(RTM_DELLINK, name, 0, 0));
	case MOVE:
		to = draw(3);
		error = move(ns, name, spaces[to]);
		if (!error)
			home[upper] = to;
		return error;
	case ATTACH:
		return set_prog(ns, name, prog_fds[draw(5)], XDP_FLAGS_UPDATE_IF_NOEXIST);
	case REPLACE:
		return set_prog(ns, name, prog_fds[draw(5)], 0);
	case DETACH:
		return set_prog(ns, name, -1, 0);
	case ADDRESS:
		return set_address(ns, name, random_mac());
	case MODE:
		/* but for source mode, which takes all frames from the driver's programs, all alike */
		return set_mode(ns, name, modes[draw(draw(8) ? 4 : 5)]);
	default:
		error = add_macvlan(name, random_mac(), draw(16) ? MACVLAN_MODE_BRIDGE : MACVLAN_MODE_PASSTHRU);
		if (!error)
			home[upper] = 0;
		return error;
	}
}

static int perform(enum op op)
{
	int upper = draw(UPPERS), i, error;
	char name[IF_NAMESIZE];

	if (op == OWN_PROG || (op >= LOWER_UP && op <= UNLOAD && op != ADD))
		return with_lower(op);
	upper_name(upper, name);
	if (ops[op].tap)
		return with_tap(op, spaces[home[upper]], name);
	error = with_upper(op, spaces[home[upper]], upper, name);
	if (op == ADD || error != -ENODEV)
		return error;
	/* gone, or its namespace, or moved by somebody else: make it, so that the next one finds it */
	for (i = 0; i < 3; i++)
		if (index_of(spaces[i], name))
			home[upper] = i;
	add_macvlan(name, random_mac(), MACVLAN_MODE_BRIDGE);
	return error;
}

static void work(int number, unsigned long long seed, unsigned int todo)
{
	int total = 0, pick, error;
	enum op op;

	worker = number;
	state = seed + number * 7919;
	for (op = 0; op < OPS; op++)
		if (with_taps || !ops[op].tap)
			total += ops[op].weight;
	let_fail(true);
	while (todo--) {
		pick = draw(total);
		for (op = 0; pick >= ops[op].weight; op++)
			pick -= ops[op].weight;
		error = perform(op);
		__sync_fetch_and_add(&counts->done[op], 1);
		if (!error)
			__sync_fetch_and_add(&counts->ok[op], 1);
		else
			__sync_fetch_and_add(&counts->errors[op][-error < ERRNOS ? -error : 0], 1);
	}
	exit(0);
}

/* ---- traffic */

static size_t random_frame(unsigned char *frame)
{
	struct frame_mark mark = { htonl(FRAME_MAGIC), 'z', 0, 0 };
	size_t at = 12, len = 60 + draw(200);

	memset(frame, 0, len);
	memcpy(frame, random_mac(), ETH_ALEN);
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

/* From outside; in bursts, and at a low priority, as all CPUs of the guest may be one of the host's. */
static void send_frames(int cpu, unsigned long long seed)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(FRAME_TYPE) };
	unsigned char frame[512];
	cpu_set_t set;
	int fd, i;

	state = seed + 1000 + cpu;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	lab_enter("gen");
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	for (;;) {
		to.sll_ifindex = index_of("gen", "peer");
		for (i = 0; i < 32; i++)
			if (sendto(fd, frame, random_frame(frame), 0, (struct sockaddr *)&to, sizeof(to)) > 0)
				counts->sent[cpu]++;
		poll(NULL, 0, 1);
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

static unsigned int todo = 10000;

static void run_worker(int number, unsigned long long seed)
{
	work(number, seed, todo / WORKERS);
}

static int report(void)
{
	unsigned int total = 0;
	int op, e, failed = 0;

	for (op = 0; op < OPS; op++) {
		if (ops[op].tap && !with_taps)
			continue;
		printf("%-16s %6u ok of %6u", ops[op].name, counts->ok[op], counts->done[op]);
		for (e = 0; e < ERRNOS; e++)
			if (counts->errors[op][e])
				printf(", %s %u", e ? strerrorname_np(e) : "?", counts->errors[op][e]);
		printf("\n");
		total += counts->done[op];
		if (!with_failures && !counts->ok[op] && counts->done[op] >= 20) {
			printf("no %s ever succeeded\n", ops[op].name);
			failed = 1;
		}
	}
	printf("%u operations, %llu and %llu frames sent\n", total, counts->sent[0], counts->sent[1]);
	return failed || !counts->sent[0] || !counts->sent[1];
}

int main(int argc, char **argv)
{
	int senders[2], workers[WORKERS], i, opt, status, failed = 0;
	unsigned long long seed = time(NULL) * 1000003ull + getpid();

	while ((opt = getopt(argc, argv, "s:n:tf")) != -1) {
		if (opt == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (opt == 'n')
			todo = atoi(optarg);
		else if (opt == 't')
			with_taps = true;
		else if (opt == 'f')
			with_failures = true;
		else
			errx(2, "Usage: race [-s SEED] [-n OPERATIONS] [-t] [-f]    MODULES is where the modules are");
	}
	printf("seed %llu: race -s %llu -n %u%s%s\n", seed, seed, todo, with_taps ? " -t" : "",
	       with_failures ? " -f" : "");
	fflush(stdout);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (i = 0; i < 5; i++)
		prog_fds[i] = lab_prog(programs[i]);
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
	return report() || failed;
}
