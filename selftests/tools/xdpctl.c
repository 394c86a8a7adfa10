// SPDX-License-Identifier: GPL-2.0
/* Attach, link, replace, ask and configure: what iproute2 and bpftool of Debian 12 can't, or do slowly. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "lab.h"

/* include/uapi/linux/netdev.h, 6.3 on: newer than the headers of Debian 12 */
#define NETDEV_FAMILY			"netdev"
#define NETDEV_GET			1
#define NETDEV_A_IFINDEX		1
#define NETDEV_A_XDP_FEATURES		3
#define NETDEV_A_XDP_RX_METADATA	5	/* 6.8 on */

static int check(int error, const char *what)
{
	if (error)
		errx(1, "%s: %s", what, strerror(error < 0 ? -error : errno));
	return 0;
}

/* attach NS:IF MODE PROG [OLD-ID]: with an id, only in its place */
static int attach(int argc, char **argv)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts);
	__u32 flags = lab_mode(argv[1]);
	struct lab_dev dev;

	lab_open(argv[0], &dev);
	if (argc > 3) {
		opts.old_prog_fd = bpf_prog_get_fd_by_id(atoi(argv[3]));
		if (opts.old_prog_fd < 0)
			err(1, "program %s", argv[3]);
		flags |= XDP_FLAGS_REPLACE;
	}
	return check(bpf_xdp_attach(dev.ifindex, lab_prog(argv[2]), flags, &opts), "attach");
}

static int detach(int argc, char **argv)
{
	struct lab_dev dev;

	(void)argc;
	lab_open(argv[0], &dev);
	return check(bpf_xdp_detach(dev.ifindex, lab_mode(argv[1]), NULL), "detach");
}

/* link NS:IF MODE PROG PIN: by a bpf_link, which lives until its pin is removed */
static int make_link(int argc, char **argv)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = lab_mode(argv[1]));
	struct lab_dev dev;
	char pin[128];
	int fd;

	(void)argc;
	lab_open(argv[0], &dev);
	fd = bpf_link_create(lab_prog(argv[2]), dev.ifindex, BPF_XDP, &opts);
	if (fd < 0)
		return check(fd, "link");
	snprintf(pin, sizeof(pin), LAB_PINS "/link-%s", argv[3]);
	return check(bpf_obj_pin(fd, pin), "pin");
}

/* relink PIN PROG: change the program of a link */
static int relink(int argc, char **argv)
{
	char pin[128];
	int fd;

	(void)argc;
	snprintf(pin, sizeof(pin), LAB_PINS "/link-%s", argv[0]);
	fd = bpf_obj_get(pin);
	if (fd < 0)
		return check(fd, pin);
	return check(bpf_link_update(fd, lab_prog(argv[1]), NULL), "update");
}

/* load PROG...: load and pin test programs */
static int load(int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++)
		close(lab_prog(argv[i]));
	return 0;
}

/* include/uapi/linux/bpf.h, 6.3 on: newer than the headers of Debian 12 */
#define DEV_BOUND_ONLY			(1U << 6)

/* bound NS:IF PROG: load a program for that device only, and pin it as PROG-bound; exit 4 before 6.3 */
static int bound(int argc, char **argv)
{
	char self[PATH_MAX] = "", path[PATH_MAX + 64], pin[128];
	struct bpf_program *prog;
	struct bpf_object *obj;
	struct lab_dev dev;

	(void)argc;
	check(readlink("/proc/self/exe", self, sizeof(self) - 1) < 0, "/proc/self/exe");
	snprintf(path, sizeof(path), "%s/%s.bpf.o", dirname(self), argv[1]);
	snprintf(pin, sizeof(pin), LAB_PINS "/%s-bound", argv[1]);
	lab_open(argv[0], &dev);
	obj = bpf_object__open_file(path, NULL);
	prog = obj ? bpf_object__next_program(obj, NULL) : NULL;
	if (!prog)
		errx(1, "%s", path);
	bpf_program__set_ifindex(prog, dev.ifindex);
	bpf_program__set_flags(prog, DEV_BOUND_ONLY);
	if (bpf_object__load(obj))
		return 4;
	return check(bpf_program__pin(prog, pin), pin);
}

/* show NS:IF: how a program is attached, and which */
static int show(int argc, char **argv)
{
	static const char *const modes[] = { "none", "drv", "skb", "hw", "multi" };
	struct bpf_xdp_query_opts opts = { .sz = sizeof(opts) };
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	struct lab_dev dev;
	int fd;

	(void)argc;
	lab_open(argv[0], &dev);
	check(bpf_xdp_query(dev.ifindex, 0, &opts), "query");
	printf("%s", opts.attach_mode < 5 ? modes[opts.attach_mode] : "?");
	fd = opts.prog_id ? bpf_prog_get_fd_by_id(opts.prog_id) : -1;
	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len))
		printf(" %s %u", info.name, info.id);
	printf("\n");
	return 0;
}

/* An interface by its index, its NS:IF, or a plain number: what redirect maps and cfg take. */
static __u64 value_of(const char *text)
{
	unsigned char m[6];
	struct lab_dev dev;

	if (sscanf(text, "mac=%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]) == 6)
		return m[0] | (__u64)m[1] << 8 | (__u64)m[2] << 16 | (__u64)m[3] << 24 | (__u64)m[4] << 32 |
		       (__u64)m[5] << 40;
	if (!strncmp(text, "dev=", 4)) {
		lab_open(text + 4, &dev);
		return dev.ifindex;
	}
	return strtoll(text, NULL, 0);
}

/* set PROG MAP KEY VALUE...: VALUE is a number, mac=..., or dev=NS:IF; a devmap looks it up where DEV is */
static int set(int argc, char **argv)
{
	int fd = lab_map(lab_prog(argv[0]), argv[1]), i;
	struct bpf_map_info info = {};
	__u32 len = sizeof(info), key;
	__u64 value;

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		errx(1, "no map %s", argv[1]);
	for (i = 2; i + 1 < argc; i += 2) {
		key = atoi(argv[i]);
		value = value_of(argv[i + 1]);
		check(bpf_map_update_elem(fd, &key, &value, BPF_ANY), "update");
	}
	return 0;
}

/* dump PROG MAP: each entry in a line, words of the key, "=" and those of the value, as decimal numbers */
static int dump(int argc, char **argv)
{
	int fd = lab_map(lab_prog(argv[0]), argv[1]);
	struct bpf_map_info info = {};
	__u32 len = sizeof(info), key[16], value[16], i;
	void *last = NULL;

	(void)argc;
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		errx(1, "no map %s", argv[1]);
	if (info.key_size > sizeof(key) || info.value_size > sizeof(value))
		errx(1, "map %s is not of words", argv[1]);
	for (; !bpf_map_get_next_key(fd, last, key); last = key) {
		check(bpf_map_lookup_elem(fd, key, value), "lookup");
		for (i = 0; i < info.key_size / sizeof(*key); i++)
			printf("%u ", key[i]);
		printf("=");
		for (i = 0; i < info.value_size / sizeof(*value); i++)
			printf(" %u", value[i]);
		printf("\n");
	}
	return 0;
}

static int genl_ask(int fd, int type, int cmd, int attr, const void *value, int len, char *reply, size_t size)
{
	struct {
		struct nlmsghdr nlh;
		struct genlmsghdr genl;
		struct nlattr nla;
		char value[32];
	} ask = {
		.nlh = { .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST },
		.genl = { .cmd = cmd, .version = 1 },
		.nla = { .nla_len = NLA_HDRLEN + len, .nla_type = attr },
	};
	int got;

	memcpy(ask.value, value, len);
	ask.nlh.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN) + NLA_ALIGN(ask.nla.nla_len);
	if (send(fd, &ask, ask.nlh.nlmsg_len, 0) < 0)
		err(1, "netlink");
	got = recv(fd, reply, size, 0);
	return got > 0 && ((struct nlmsghdr *)reply)->nlmsg_type == NLMSG_ERROR ? -1 : got;
}

static const void *genl_attr(const char *reply, int len, int type)
{
	const struct nlattr *nla = (const void *)(reply + NLMSG_LENGTH(GENL_HDRLEN));

	for (; (const char *)(nla + 1) <= reply + len; nla = (const void *)((const char *)nla + NLA_ALIGN(nla->nla_len)))
		if (nla->nla_type == type)
			return (const char *)nla + NLA_HDRLEN;
	return NULL;
}

static int netdev_u64(const char *spec, int which)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC), len;
	struct lab_dev dev;
	char reply[4096];
	const void *attr;
	__u64 value;

	len = genl_ask(fd, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME, NETDEV_FAMILY,
		       sizeof(NETDEV_FAMILY), reply, sizeof(reply));
	attr = len > 0 ? genl_attr(reply, len, CTRL_ATTR_FAMILY_ID) : NULL;
	if (!attr)
		return 4;
	close(fd);

	lab_open(spec, &dev);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	len = genl_ask(fd, *(const __u16 *)attr, NETDEV_GET, NETDEV_A_IFINDEX, &dev.ifindex, sizeof(int), reply,
		       sizeof(reply));
	attr = len > 0 ? genl_attr(reply, len, which) : NULL;
	if (!attr)
		errx(1, "the kernel does not say");
	memcpy(&value, attr, sizeof(value));
	printf("%llx\n", value);
	return 0;
}

/* features NS:IF: xdp_features as the kernel publishes them, in hexadecimal; exit 4 before 6.3 */
static int features(int argc, char **argv)
{
	(void)argc;
	return netdev_u64(argv[0], NETDEV_A_XDP_FEATURES);
}

/* metadata NS:IF: likewise, xdp-rx-metadata-features */
static int metadata(int argc, char **argv)
{
	(void)argc;
	return netdev_u64(argv[0], NETDEV_A_XDP_RX_METADATA);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		err(1, "%s", path);
	close(fd);
}

/*
 * netns NAME...: as "ip netns add", but without IPv6, so that there are no frames but ours: a new
 * namespace doesn't take that over from the one it is made in.
 */
static int make_netns(int argc, char **argv)
{
	char path[64];
	int i;

	mkdir("/run/netns", 0755);
	for (i = 0; i < argc; i++) {
		snprintf(path, sizeof(path), "/run/netns/%s", argv[i]);
		close(open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
		if (unshare(CLONE_NEWNET))
			err(1, "unshare");
		write_file("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
		write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
		if (mount("/proc/self/ns/net", path, "none", MS_BIND, NULL))
			err(1, "mount %s", path);
	}
	return 0;
}

/*
 * live NS:IF MAC COUNT: XDP frames to that address, handed to a device to transmit. Their pages are of a pool of
 * the kernel's own (BPF_PROG_RUN with live frames), which tells by a tracepoint how many never came back. From the
 * 65th on they are what became of the first ones.
 */
static int live(int argc, char **argv)
{
	struct bpf_insn redirect[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct {
		struct ethhdr eth;
		struct frame_mark mark;
		__u8 pad[60 - sizeof(struct ethhdr) - sizeof(struct frame_mark)];
	} frame = {
		.eth = { .h_source = { 2, [5] = 0xaa }, .h_proto = htons(FRAME_TYPE) },
		.mark = { .magic = htonl(FRAME_MAGIC), .stream = 'L' },
	};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = &frame, .data_size_in = sizeof(frame),
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES);
	__u64 mac = value_of(argv[1]);
	struct lab_dev dev;
	int fd;

	(void)argc;
	lab_open(argv[0], &dev);
	memcpy(frame.eth.h_dest, &mac, ETH_ALEN);
	run.repeat = atoi(argv[2]);
	redirect[0].imm = dev.ifindex;
	fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "to_device", "GPL", redirect, sizeof(redirect) / sizeof(redirect[0]),
			   NULL);
	check(fd < 0, "load");
	return check(bpf_prog_test_run_opts(fd, &run), "run");
}

static const struct {
	const char *name;
	int args;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "attach", 3, attach, "NS:IF drv|skb|hw PROG [OLD-ID]" },
	{ "detach", 2, detach, "NS:IF drv|skb|hw" },
	{ "link", 4, make_link, "NS:IF drv|skb PROG PIN" },
	{ "relink", 2, relink, "PIN PROG" },
	{ "load", 1, load, "PROG..." },
	{ "bound", 2, bound, "NS:IF PROG" },
	{ "show", 1, show, "NS:IF" },
	{ "set", 4, set, "PROG MAP (KEY NUMBER|mac=MAC|dev=NS:IF)..." },
	{ "dump", 2, dump, "PROG MAP" },
	{ "netns", 1, make_netns, "NAME..." },
	{ "metadata", 1, metadata, "NS:IF" },
	{ "features", 1, features, "NS:IF" },
	{ "live", 3, live, "NS:IF mac=MAC COUNT" },
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i].name) && argc - 2 >= commands[i].args)
			return commands[i].run(argc - 2, argv + 2);
	fprintf(stderr, "Usage:\n");
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(stderr, "  xdpctl %s %s\n", commands[i].name, commands[i].help);
	return 2;
}
