// SPDX-License-Identifier: GPL-2.0
/* Devices, programs, modules and counters for `make bench`: all that a row needs before it is run. */
#include <errno.h>
#include <libgen.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/sockios.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bench.h"
#include "bench.skel.h"

/* Wake-on-LAN: nobody listens to it, and it is looked at as IPv4 is. */
#define BENCH_ETHERTYPE	0x0842
#define FRAME_LEN	60
#define ARRAY_SIZE(x)	(sizeof(x) / sizeof((x)[0]))

static const unsigned char peer_mac[ETH_ALEN] = { 0x06, 0, 0, 0, 0, 0x01 };

bool verbose;

static struct bench_bpf *skel;
static int prog_fd[N_PROGS];
static const char *moddir;
static const struct scene *cur;
static int sock = -1;

int lab_run(const char *fmt, ...)
{
	char cmd[4096];
	va_list ap;
	int ret;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	if (verbose)
		fprintf(stderr, "# %s\n", cmd);
	fflush(stdout);
	ret = system(cmd);
	if (ret)
		fprintf(stderr, "xdp-cost: failed: %s\n", cmd);
	return ret ? -EIO : 0;
}

/* Address of upper @i, or of the lower with @i -1; of tenant @i, who may have no upper. */
void lab_mac(unsigned char *mac, int i)
{
	mac[0] = 0x02;
	mac[1] = 0;
	mac[2] = 0;
	mac[3] = i < 0 ? 0xb0 : 0;
	mac[4] = i < 0 ? 0 : i >> 8;
	mac[5] = i < 0 ? 0 : i;
}

/* Index of the upper that frames are for; -1: what would be its lower. */
static int target(void)
{
	return (int)cur->uppers / 2 - !cur->uppers;
}

static const char *upper_name(int i, char *buf, size_t size)
{
	snprintf(buf, size, "u%d", i);
	return buf;
}

static const char *lower_name(void)
{
	return cur->slaves ? "bond0" : "b0";
}

static const char *target_name(char *buf, size_t size)
{
	if (target() >= 0)
		return upper_name(target(), buf, size);
	snprintf(buf, size, "%s", lower_name());
	return buf;
}

int lab_init(const char *dir)
{
	int err;

	/* Nothing may send of itself: no router solicitation, no duplicate address detection. */
	err = lab_run("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6");
	if (!err)
		err = lab_run("modprobe -a veth macvlan && modprobe bonding max_bonds=0");
	if (err)
		return err;

	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -errno;

	/* JITed programs among the kernel's symbols, should anyone ask for these. */
	err = lab_run("echo 1 > /proc/sys/net/core/bpf_jit_kallsyms");
	if (err)
		return err;

	moddir = dir;
	err = lab_modules(false);
	if (err)
		return err;
	skel = bench_bpf__open_and_load();
	if (!skel)
		return -errno;
	prog_fd[DROP] = bpf_program__fd(skel->progs.drop);
	prog_fd[PASS] = bpf_program__fd(skel->progs.pass);
	prog_fd[TX] = bpf_program__fd(skel->progs.tx);
	prog_fd[REDIRECT] = bpf_program__fd(skel->progs.redirect);
	return 0;
}

void lab_exit(void)
{
	line_exit();
	bench_bpf__destroy(skel);
	if (sock >= 0)
		close(sock);
}

bool lab_have_modules(void)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/macvlan_xdp.ko", moddir);
	return !access(path, R_OK);
}

/* Beside this program, in a folder of the kernel's. */
static void ring_module(char *path, size_t size)
{
	char self[2048] = "";
	struct utsname uts;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		self[0] = '\0';
	uname(&uts);
	snprintf(path, size, "%s/%s/bench_ring.ko", dirname(self), uts.release);
}

/* Ours, or none of ours: then the kernel's own tap.ko is below macvtap and vhost-net. */
int lab_modules(bool load)
{
	static const char *const unload[] = {
		"bench_ring", "macvtap_xdp", "vhost_net", "macvtap", "tap", "macvlan_xdp", "bonding_xdp",
		"xdp_rx_handler",
	};
	static const char *const ours[] = {
		"tap", "xdp_rxh_hints", "xdp_rx_handler", "macvlan_xdp", "macvtap_xdp", "bonding_xdp",
	};
	char ring[4096];
	size_t i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(unload) && !err; i++)
		err = lab_run("[ ! -d /sys/module/%s ] || rmmod %s", unload[i], unload[i]);
	for (i = 0; i < ARRAY_SIZE(ours) && load && !err; i++)
		err = lab_run("[ -d /sys/module/%s ] || insmod '%s/%s.ko'", ours[i], moddir, ours[i]);
	if (!err)
		err = lab_run("modprobe -a macvtap vhost_net");
	/* make bench builds it; without it rows that end in a ring say what they miss */
	ring_module(ring, sizeof(ring));
	if (!err && !access(ring, R_OK))
		err = lab_run("insmod '%s'", ring);
	if (!err)
		err = lab_run("grep -q %s O /sys/module/tap/taint", load ? "" : "-v");
	return err;
}

static int map_dev(struct bpf_map *map, const char *dev)
{
	__u32 key = 0, ifindex = if_nametoindex(dev);

	if (!ifindex)
		return -errno;
	return bpf_map__update_elem(map, &key, sizeof(key), &ifindex, sizeof(ifindex), BPF_ANY);
}

/* @fd: -1 to detach */
static int attach_fd(const char *dev, enum mode mode, int fd)
{
	__u32 drv = XDP_FLAGS_DRV_MODE, skb = XDP_FLAGS_SKB_MODE;
	int ifindex = if_nametoindex(dev);
	int err;

	if (!ifindex)
		return -errno;
	err = bpf_xdp_attach(ifindex, fd, mode == GENERIC ? skb : drv, NULL);
	if (err)
		fprintf(stderr, "xdp-cost: %s %s: %s\n", fd < 0 ? "detach from" : "attach to", dev,
			strerror(-err));
	return err;
}

static int attach(const char *dev, const struct attach *at, bool on)
{
	return at->prog ? attach_fd(dev, at->mode, on ? prog_fd[at->prog] : -1) : 0;
}

int lab_scene_up(const struct scene *s)
{
	static const struct attach sink = { DROP, NATIVE };
	char batch[] = "/tmp/xdp-cost.XXXXXX", name[IFNAMSIZ];
	unsigned char m[ETH_ALEN];
	unsigned int i;
	FILE *f;
	int fd;

	cur = s;
	fd = mkstemp(batch);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return -errno;

	lab_mac(m, -1);
	fprintf(f, "link add a0 type veth peer name b0 address %x:%x:%x:%x:%x:%x\n",
		m[0], m[1], m[2], m[3], m[4], m[5]);
	fprintf(f, "link add c0 type veth peer name d0\n");
	if (s->slaves) {
		fprintf(f, "link add a1 type veth peer name b1\n");
		fprintf(f, "link add bond0 address %x:%x:%x:%x:%x:%x type bond mode balance-xor\n",
			m[0], m[1], m[2], m[3], m[4], m[5]);
		for (i = 0; i < s->slaves; i++)
			fprintf(f, "link set b%u master bond0\n", i);
		fprintf(f, "link set bond0 up\nlink set a1 up\n");
	}
	fprintf(f, "link set a0 up\nlink set b0 up\nlink set c0 up\nlink set d0 up\n");
	for (i = 0; i < s->uppers; i++) {
		lab_mac(m, i);
		fprintf(f, "link add link %s name %s address %x:%x:%x:%x:%x:%x up type %s %s\n",
			lower_name(), upper_name(i, name, sizeof(name)),
			m[0], m[1], m[2], m[3], m[4], m[5], s->kind, s->args);
	}
	fclose(f);

	/* GRO keeps veth B's NAPI on, without which A's ndo_xdp_xmit takes nothing. */
	fd = lab_run("ip -batch %s && ethtool -K b0 gro on", batch);
	unlink(batch);
	if (!fd)
		fd = attach("a0", &sink, true);
	if (!fd && s->slaves)
		fd = attach("a1", &sink, true);
	if (!fd)
		fd = attach("d0", &sink, true);
	if (!fd)
		fd = map_dev(skel->maps.gen_map, "a0");
	if (!fd)
		fd = map_dev(skel->maps.out_map, "c0");
	return fd;
}

void lab_scene_down(void)
{
	if (cur->slaves)
		lab_run("ip link del bond0; ip link del b1");
	lab_run("ip link del c0; ip link del b0");
	cur = NULL;
}

static int others(const struct row *r, bool on)
{
	char name[IFNAMSIZ];
	unsigned int i;
	int err = 0;

	for (i = 0; r->others.prog && i < cur->uppers && !err; i++)
		if ((int)i != target())
			err = attach(upper_name(i, name, sizeof(name)), &r->others, on);
	return err;
}

static int own_program(const char *dev, enum mode mode)
{
	int fd = demux_own_program(), err;

	if (fd < 0)
		return fd;
	err = attach_fd(dev, mode, fd);
	close(fd);
	return err;
}

/*
 * BPF's dispatcher takes the first 48 programs. One of these is what the veths at the ends drop by: the
 * first upper has that too, so that there are as many programs as uppers with one.
 */
static int others_own(const struct row *r, bool on)
{
	const struct attach first = { DROP, r->target.mode };
	unsigned int i, n = 0;
	char name[IFNAMSIZ];
	int err = 0;

	for (i = 0; !r->demux && n + 1 < r->own && i < cur->uppers && !err; i++) {
		if ((int)i == target())
			continue;
		upper_name(i, name, sizeof(name));
		if (!n++)
			err = attach(name, &first, on);
		else if (on)
			err = own_program(name, first.mode);
		else
			err = attach_fd(name, first.mode, -1);
	}
	return err;
}

/* The last one comes last. */
static int target_up(const char *dev, const struct row *r)
{
	int err;

	if (!r->own || r->demux)
		return attach(dev, &r->target, true);
	err = others_own(r, true);
	return err ?: own_program(dev, r->target.mode);
}

static int hints(const char *dev, const char *hints)
{
	return hints ? lab_run("%s set dev %s hints %s", TOOL, dev, hints) : 0;
}

int lab_row_up(const struct row *r)
{
	char name[IFNAMSIZ];
	int err;

	err = attach("b0", &r->lower, true);
	if (!err)
		err = target_up(target_name(name, sizeof(name)), r);
	if (!err)
		err = hints(name, r->hints);
	if (!err)
		err = line_up(name, r->line, r->length);
	if (!err)
		err = others(r, true);
	if (!err)
		err = udp_up(name, r->udp);
	if (!err)
		err = tap_up(name, r);
	if (!err && r->tap == TUN_VHOST)
		err = map_dev(skel->maps.out_map, TUN_NAME);
	if (!err)
		err = demux_up("b0", r);
	return err;
}

int lab_row_down(const struct row *r)
{
	char name[IFNAMSIZ];
	int err, ret;

	ret = demux_down("b0");
	tap_down();
	err = r->tap == TUN_VHOST ? map_dev(skel->maps.out_map, "c0") : 0;
	ret = err ?: ret;
	err = udp_down(target_name(name, sizeof(name)), r->udp);
	ret = err ?: ret;
	err = others(r, false);
	ret = err ?: ret;
	err = line_down(name, r->line);
	ret = err ?: ret;
	err = attach(name, &r->target, false);
	ret = err ?: ret;
	err = others_own(r, false);
	ret = err ?: ret;
	err = hints(name, r->hints ? "off" : NULL);
	ret = err ?: ret;
	err = attach("b0", &r->lower, false);
	return err ?: ret;
}

const void *lab_frame(const struct row *r, size_t *len)
{
	static unsigned char frame[FRAME_LEN];
	unsigned int proto = r->proto ?: ETH_P_IP;

	lab_mac(frame, r->demux ? (int)r->tenants / 2 : target());
	memcpy(frame + ETH_ALEN, peer_mac, ETH_ALEN);
	frame[2 * ETH_ALEN] = proto >> 8;
	frame[2 * ETH_ALEN + 1] = proto;
	memset(frame + ETH_HLEN, 0, sizeof(frame) - ETH_HLEN);
	if (r->udp || r->tap)
		udp_frame(frame + ETH_HLEN, sizeof(frame) - ETH_HLEN);
	memcpy(skel->bss->macs, frame, 2 * ETH_ALEN);
	skel->bss->frames = 0;
	*len = sizeof(frame);
	return frame;
}

/* When each batch of the last run began. */
const uint64_t *lab_stamps(void)
{
	return (const uint64_t *)skel->bss->stamps;
}

int lab_generator(const struct row *r)
{
	if (reader_needed(r))
		return bpf_program__fd(skel->progs.gen_sock);
	return bpf_program__fd(r->macs ? skel->progs.gen_macs : skel->progs.gen);
}

/*
 * <dir>/<row>.symbols: how many runs came before, frames and batches of this one, and then all symbols
 * of the kernel, those of modules and programs included.
 */
int lab_symbols(const struct row *r, const char *dir, unsigned int frames, unsigned int batches)
{
	static unsigned int runs;

	return lab_run("(echo %u %u %u; cat /proc/kallsyms) > '%s/%s.symbols'", runs++, frames, batches,
		   dir, r->name);
}

static int ethtool(const char *dev, void *data)
{
	struct ifreq ifr = { .ifr_data = data };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", dev);
	return ioctl(sock, SIOCETHTOOL, &ifr) ? -errno : 0;
}

/* -ENOENT if the device has no such ethtool counter. */
static int ethtool_counter(const char *dev, const char *stat, uint64_t *val)
{
	struct {
		struct ethtool_sset_info info;
		__u32 count;
	} sset = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1 << ETH_SS_STATS } };
	struct ethtool_gstrings *str = NULL;
	struct ethtool_stats *stats = NULL;
	int err = -ENOENT;
	__u32 i;

	if (ethtool(dev, &sset) || !sset.info.sset_mask || !sset.count)
		return -ENOENT;

	str = calloc(1, sizeof(*str) + sset.count * ETH_GSTRING_LEN);
	stats = calloc(1, sizeof(*stats) + sset.count * sizeof(__u64));
	if (!str || !stats) {
		err = -ENOMEM;
		goto out;
	}
	str->cmd = ETHTOOL_GSTRINGS;
	str->string_set = ETH_SS_STATS;
	str->len = sset.count;
	stats->cmd = ETHTOOL_GSTATS;
	stats->n_stats = sset.count;
	if (ethtool(dev, str) || ethtool(dev, stats))
		goto out;

	for (i = 0; i < str->len && i < stats->n_stats; i++) {
		if (strncmp((char *)str->data + i * ETH_GSTRING_LEN, stat, ETH_GSTRING_LEN))
			continue;
		*val = stats->data[i];
		err = 0;
		break;
	}
out:
	free(stats);
	free(str);
	return err;
}

int lab_counter(const struct proof *p, uint64_t *val)
{
	char name[IFNAMSIZ], path[256];
	const char *dev = p->dev;
	int err;
	FILE *f;

	if (!strcmp(dev, "udp"))
		return udp_counter(p->stat, val);
	if (!strcmp(dev, "reader")) {
		*val = reader_counter() + tap_ring_counter();
		return 0;
	}
	if (!strcmp(dev, "target"))
		dev = target_name(name, sizeof(name));
	err = ethtool_counter(dev, p->stat, val);
	if (err != -ENOENT)
		return err;

	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s", dev, p->stat);
	f = fopen(path, "r");
	if (!f) {
		fprintf(stderr, "xdp-cost: %s has no counter %s\n", dev, p->stat);
		return -ENOENT;
	}
	err = fscanf(f, "%ju", val) == 1 ? 0 : -EIO;
	fclose(f);
	return err;
}
