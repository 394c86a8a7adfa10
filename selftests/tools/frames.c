// SPDX-License-Identifier: GPL-2.0
/*
 * Send streams of marked frames into devices, and say what became of them: what XDP programs were
 * shown, and what was delivered to protocol handlers behind them. Everything in one process, so that
 * nothing has to be waited for but the frames themselves.
 *
 * The output depends on nothing but the frames: the same run with native and with generic mode must
 * print the same text.
 */
#define _GNU_SOURCE
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <ctype.h>
#include <getopt.h>
#include <ifaddrs.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "lab.h"

#define MAX_DEVS	16
#define MAX_STREAMS	32
#define MAX_SOCKETS	64
#define MAX_FRAME	65536
#define MAX_STATS	256
#define IDLE_MS		20	/* quiet for so long, twice: nothing is under way any more */
#define DEADLINE_MS	10000

struct stream {
	struct lab_dev *from;
	unsigned char dst[ETH_ALEN], src[ETH_ALEN], inner[ETH_ALEN], head[80];
	int letter, type, vid, vtype, len, count, has_inner, cpu, sent, head_len;
};

struct counted {
	unsigned long long frames, bytes, sum;
};

struct receiver {
	struct lab_dev *dev;
	int type;
	struct counted streams[256][8];		/* by stream and skb->pkt_type */
};

/* One for all devices of a namespace: closing takes the kernel long. */
struct tap {
	const char *ns;
	int fd, type;
};

struct attached {
	struct lab_dev dev;
	__u32 flags;		/* 0: somebody else attached it, only look */
	int prog, seen;
};

/* What "ip -s link" and "ethtool -S" said of a device before the first frame. */
struct account {
	struct lab_dev *dev;
	struct rtnl_link_stats link;
	int nr_stats;
	char names[MAX_STATS][ETH_GSTRING_LEN];
	__u64 stats[MAX_STATS];
};

static struct lab_dev devs[MAX_DEVS];
static struct stream streams[MAX_STREAMS];
static struct receiver receivers[MAX_SOCKETS];
static struct attached programs[MAX_DEVS];
static struct account accounts[MAX_DEVS];
static struct lab_dev *listened[MAX_DEVS];
static struct tap taps[MAX_SOCKETS];
static int nr_devs, nr_streams, nr_receivers, nr_programs, nr_listened, nr_taps, nr_accounts;
static volatile sig_atomic_t stopped;

static void usage(void)
{
	fprintf(stderr,
		"Usage: frames [options] STREAM...\n"
		"  -s NS:IF            send from here (streams without from=)\n"
		"  -t NS:IF            send into this tap device, as its user space\n"
		"  -r NS:IF            count here what reaches protocol handlers\n"
		"  -x NS:IF,MODE,PROG  attach a test program first (MODE drv or skb), detach it at the end\n"
		"  -w NS:IF[@ID]       show what the test program that is already attached here saw, or the one\n"
		"                      with this id\n"
		"  -S NS:IF            show what was counted here (ip -s link: \"link\"; ethtool -S: \"stat\")\n"
		"  -q                  show the rx queue indexes that programs saw, too\n"
		"  -l SECONDS          send again and again, whatever happens, until stopped; \"ready\" when begun\n"
		"Without a STREAM: count until stopped; \"ready\" when begun.\n"
		"  STREAM: LETTER:dst=MAC[,src=MAC][,n=COUNT][,len=BYTES][,type=HEX][,vid=N][,vtype=HEX]\n"
		"          [,inner=MAC][,head=HEX][,from=NS:IF][,cpu=N]\n"
		"          head: bytes behind the Ethernet header, of IP for instance\n");
	exit(2);
}

static struct lab_dev *device(const char *spec)
{
	int i;

	for (i = 0; i < nr_devs; i++)
		if (!strcmp(devs[i].spec, spec))
			return &devs[i];
	if (nr_devs == MAX_DEVS)
		errx(2, "too many devices");
	lab_open(spec, &devs[nr_devs]);
	return &devs[nr_devs++];
}

static void parse_mac(const char *text, unsigned char *mac)
{
	if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4],
		   &mac[5]) != ETH_ALEN)
		errx(2, "not an address: %s", text);
}

static void parse_head(struct stream *s, const char *hex)
{
	for (; *hex; hex += 2) {
		if (s->head_len == sizeof(s->head) || sscanf(hex, "%2hhx", &s->head[s->head_len++]) != 1 || !hex[1])
			errx(2, "stream %c: not at most %zu bytes: %s", s->letter, sizeof(s->head), hex);
	}
}

static void parse_key(struct stream *s, const char *key, const char *value)
{
	if (!strcmp(key, "dst"))
		parse_mac(value, s->dst);
	else if (!strcmp(key, "src"))
		parse_mac(value, s->src);
	else if (!strcmp(key, "inner"))
		parse_mac(value, s->inner), s->has_inner = 1;
	else if (!strcmp(key, "head"))
		parse_head(s, value);
	else if (!strcmp(key, "from"))
		s->from = device(value);
	else if (!strcmp(key, "n"))
		s->count = atoi(value);
	else if (!strcmp(key, "len"))
		s->len = atoi(value);
	else if (!strcmp(key, "cpu"))
		s->cpu = atoi(value);
	else if (!strcmp(key, "vid"))
		s->vid = atoi(value);
	else if (!strcmp(key, "type"))
		s->type = strtol(value, NULL, 16);
	else if (!strcmp(key, "vtype"))
		s->vtype = strtol(value, NULL, 16);
	else
		errx(2, "not a key of a stream: %s", key);
}

static void parse_stream(char *text, struct lab_dev *from)
{
	struct stream *s = &streams[nr_streams++];
	char *pair, *value;

	if (nr_streams > MAX_STREAMS || !isalpha(text[0]) || text[1] != ':')
		errx(2, "not a stream: %s", text);
	*s = (struct stream){
		.from = from, .letter = text[0], .type = FRAME_TYPE, .vid = -1, .vtype = ETH_P_8021Q,
		.len = 64, .count = 20, .src = { 2, 0, 0, 0, 0, 0xaa },
	};
	for (pair = strtok(text + 2, ","); pair; pair = strtok(NULL, ",")) {
		value = strchr(pair, '=');
		if (!value)
			errx(2, "no value: %s", pair);
		*value++ = 0;
		parse_key(s, pair, value);
	}
	if (!s->from)
		errx(2, "stream %c: from where?", s->letter);
	if (s->len > MAX_FRAME)
		errx(2, "stream %c: too long", s->letter);
}

static void parse_program(char *text)
{
	struct attached *a = &programs[nr_programs++];
	char *mode = strchr(text, ','), *prog = mode ? strchr(mode + 1, ',') : NULL;

	if (!prog || nr_programs > MAX_DEVS)
		usage();
	*mode++ = 0;
	*prog++ = 0;
	a->dev = *device(text);
	a->flags = lab_mode(mode);
	a->prog = lab_prog(prog);
}

static void parse_watched(char *text)
{
	struct attached *a = &programs[nr_programs++];
	char *id = strchr(text, '@');

	if (nr_programs > MAX_DEVS)
		usage();
	if (id)
		*id++ = 0;
	a->dev = *device(text);
	a->prog = id ? bpf_prog_get_fd_by_id(atoi(id)) : lab_attached(&a->dev);
}

static size_t put_mark(unsigned char *at, int letter, int seq)
{
	struct frame_mark mark = { htonl(FRAME_MAGIC), letter, 0, htons(seq) };

	memcpy(at, &mark, sizeof(mark));
	return sizeof(mark);
}

static size_t put_eth(unsigned char *at, const unsigned char *dst, const unsigned char *src)
{
	memcpy(at, dst, ETH_ALEN);
	memcpy(at + ETH_ALEN, src, ETH_ALEN);
	return 2 * ETH_ALEN;
}

static size_t put16(unsigned char *at, int value)
{
	at[0] = value >> 8;
	at[1] = value;
	return 2;
}

static size_t build(const struct stream *s, unsigned char *frame)
{
	size_t at = put_eth(frame, s->dst, s->src);

	if (s->vid >= 0) {
		at += put16(frame + at, s->vtype);
		at += put16(frame + at, s->vid);
	}
	at += put16(frame + at, s->type);
	memcpy(frame + at, s->head, s->head_len);
	at += s->head_len;
	at += put_mark(frame + at, s->letter, s->sent);
	if (s->has_inner) {
		at += put_eth(frame + at, s->inner, s->src);
		at += put16(frame + at, FRAME_TYPE);
		at += put_mark(frame + at, tolower(s->letter), s->sent);
	}
	for (; at < (size_t)s->len; at++)
		frame[at] = at + s->sent;
	return s->len < ETH_HLEN + (int)sizeof(struct frame_mark) ? (size_t)s->len : at;
}

static void pin_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);	/* a test on one CPU asks for no other */
}

static struct lab_dev *tap_dev;
static int tap_fd = -1;

static void open_tap_device(const char *spec)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };

	tap_dev = device(spec);
	lab_enter(tap_dev->ns);
	strcpy(ifr.ifr_name, tap_dev->name);
	tap_fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (tap_fd < 0 || ioctl(tap_fd, TUNSETIFF, &ifr))
		err(1, "tap %s", spec);
}

/* One socket per namespace to send from is enough; the address names the device. */
static int sender(struct lab_dev *dev)
{
	static struct { char ns[32]; int fd; } known[MAX_DEVS];
	int i;

	for (i = 0; i < MAX_DEVS && known[i].fd; i++)
		if (!strcmp(known[i].ns, dev->ns))
			return known[i].fd;
	lab_enter(dev->ns);
	known[i].fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (known[i].fd < 0)
		err(1, "socket");
	strcpy(known[i].ns, dev->ns);
	return known[i].fd;
}

static int send_one(struct stream *s)
{
	static unsigned char frame[MAX_FRAME + 64];
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_ifindex = s->from->ifindex, .sll_halen = ETH_ALEN,
		.sll_protocol = htons(s->vid >= 0 ? s->vtype : s->type),
	};
	size_t len = build(s, frame);

	memcpy(to.sll_addr, s->dst, ETH_ALEN);
	s->sent++;
	if (s->from == tap_dev)
		return write(tap_fd, frame, len) < 0 ? -errno : 0;
	return sendto(sender(s->from), frame, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ? -errno : 0;
}

/* One frame of each stream in turn, so that streams meet in every bulk. */
static void send_all(int strict)
{
	int i, more = 1, round, error;

	for (round = 0; more && !stopped; round++) {
		for (more = i = 0; i < nr_streams; i++) {
			if (round >= streams[i].count)
				continue;
			more = 1;
			pin_cpu(streams[i].cpu);
			error = send_one(&streams[i]);
			if (error && strict)
				errx(1, "send %c from %s: %s", streams[i].letter, streams[i].from->spec,
				     strerror(-error));
		}
	}
	pin_cpu(0);
}

/*
 * A socket for each ethertype in use: one for all types would be shown frames before XDP's skb path.
 * One bound to a device would be shown those that came in there and went on to another, too.
 */
static void open_tap(const char *ns, int type)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(type) };
	struct tap *tap = &taps[nr_taps];
	int size = 8 << 20, i;

	for (i = 0; i < nr_taps; i++)
		if (!strcmp(taps[i].ns, ns) && taps[i].type == type)
			return;
	if (++nr_taps > MAX_SOCKETS)
		errx(1, "too many sockets");
	lab_enter(ns);
	*tap = (struct tap){ ns, socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), type };
	if (tap->fd < 0 || bind(tap->fd, (struct sockaddr *)&at, sizeof(at)))
		err(1, "socket in %s", ns);
	setsockopt(tap->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
}

static struct receiver *receiver(const char *ns, int ifindex, int type)
{
	struct receiver *r;

	for (r = receivers; r < receivers + nr_receivers; r++)
		if (r->type == type && r->dev->ifindex == ifindex && !strcmp(r->dev->ns, ns))
			return r;
	return NULL;
}

static void add_receiver(struct lab_dev *dev, int type)
{
	if (receiver(dev->ns, dev->ifindex, type))
		return;
	if (nr_receivers == MAX_SOCKETS)
		errx(2, "too many receivers");
	receivers[nr_receivers++] = (struct receiver){ .dev = dev, .type = type };
	open_tap(dev->ns, type);
}

static void add_receivers(struct lab_dev *dev)
{
	int i;

	add_receiver(dev, FRAME_TYPE);
	for (i = 0; i < nr_streams; i++)
		add_receiver(dev, streams[i].type);
}

static int stream_of(const unsigned char *frame, size_t len)
{
	struct frame_mark mark;
	size_t at;

	for (at = ETH_HLEN; at + sizeof(mark) <= len && at < 128; at++) {
		memcpy(&mark, frame + at, sizeof(mark));
		if (mark.magic == htonl(FRAME_MAGIC))
			return mark.stream;
	}
	return 0;
}

static void take(struct receiver *r, int pkttype, const unsigned char *frame, size_t len)
{
	struct counted *c = &r->streams[stream_of(frame, len)][pkttype & 7];
	__u32 sum = 2166136261u;
	size_t i;

	for (i = 0; i < len; i++)
		sum = (sum ^ frame[i]) * 16777619u;
	c->frames++;
	c->bytes += len;
	c->sum += sum;
}

static unsigned long long drain(void)
{
	static unsigned char frame[MAX_FRAME + 64];
	static unsigned long long total;
	struct sockaddr_ll from;
	struct receiver *r;
	socklen_t from_len;
	struct tap *tap;
	ssize_t len;

	for (tap = taps; tap < taps + nr_taps; tap++) {
		for (;;) {
			from_len = sizeof(from);
			len = recvfrom(tap->fd, frame, sizeof(frame), 0, (struct sockaddr *)&from, &from_len);
			if (len <= 0)
				break;
			r = receiver(tap->ns, from.sll_ifindex, tap->type);
			if (r)
				take(r, from.sll_pkttype, frame, len);
			total++;
		}
	}
	return total;
}

static unsigned long long seen_frames(void)
{
	struct seen_key key, next, *at = NULL;
	unsigned long long total = 0;
	struct seen_value value;
	int i;

	for (i = 0; i < nr_programs; i++) {
		for (at = NULL; !bpf_map_get_next_key(programs[i].seen, at, &next); at = &key) {
			key = next;
			if (!bpf_map_lookup_elem(programs[i].seen, &key, &value))
				total += value.frames;
		}
	}
	return total;
}

/* Frames take softirqs and work queues of the CPU we are on to arrive: wait until nothing moves. */
static void settle(void)
{
	long long deadline = lab_now_ms() + DEADLINE_MS * lab_scale();
	unsigned long long last = 0, now;
	int quiet = 0;

	while (quiet < 3 && lab_now_ms() < deadline) {
		now = drain() + seen_frames();
		quiet = now == last ? quiet + 1 : 0;
		last = now;
		poll(NULL, 0, IDLE_MS * lab_scale());
	}
}

static void forget(int prog, int seen)
{
	struct seen_key key;
	__u64 none = 0;
	__u32 i;
	int queues;

	while (!bpf_map_get_next_key(seen, NULL, &key))
		bpf_map_delete_elem(seen, &key);
	queues = lab_map(prog, "queues");
	for (i = 0; queues >= 0 && i < SEEN_QUEUES; i++)
		bpf_map_update_elem(queues, &i, &none, BPF_ANY);
	if (queues >= 0)
		close(queues);
}

static void attach_programs(void)
{
	struct attached *a;
	int error;

	for (a = programs; a < programs + nr_programs; a++) {
		if (a->prog < 0)
			errx(1, "no program on %s", a->dev.spec);
		a->seen = lab_map(a->prog, "seen");
		if (a->seen < 0)
			errx(1, "the program on %s is not a test program", a->dev.spec);
		forget(a->prog, a->seen);
		if (!a->flags)
			continue;
		lab_enter(a->dev.ns);
		error = bpf_xdp_attach(a->dev.ifindex, a->prog, a->flags | XDP_FLAGS_UPDATE_IF_NOEXIST, NULL);
		if (error)
			errx(1, "attach to %s: %s", a->dev.spec, strerror(-error));
	}
}

static void detach_programs(void)
{
	int i;

	for (i = nr_programs - 1; i >= 0; i--) {
		if (!programs[i].flags)
			continue;
		lab_enter(programs[i].dev.ns);
		if (bpf_xdp_detach(programs[i].dev.ifindex, programs[i].flags, NULL))
			err(1, "detach from %s", programs[i].dev.spec);
	}
}

static int by_stream(const void *left, const void *right)
{
	const struct seen_key *l = left, *r = right;

	if (l->stream != r->stream)
		return l->stream - r->stream;
	return l->proto != r->proto ? l->proto - r->proto : (int)l->ifindex - (int)r->ifindex;
}

static void show_seen(struct attached *a)
{
	struct seen_key keys[512], next, *at = NULL;
	struct seen_value value;
	int n = 0, i;

	for (; n < 512 && !bpf_map_get_next_key(a->seen, at, &next); at = &keys[n - 1])
		keys[n++] = next;
	qsort(keys, n, sizeof(keys[0]), by_stream);
	for (i = 0; i < n; i++) {
		if (!keys[i].stream || bpf_map_lookup_elem(a->seen, &keys[i], &value))
			continue;
		printf("saw %s %c type=%04x frames=%llu bytes=%llu sum=%llx", a->dev.spec, keys[i].stream,
		       keys[i].proto, value.frames, value.bytes, value.sum);
		if ((int)keys[i].ifindex != a->dev.ifindex)
			printf(" ifindex=%u", keys[i].ifindex);
		printf("\n");
	}
}

static void show_queues(struct attached *a)
{
	int fd = lab_map(a->prog, "queues");
	__u64 count;
	__u32 i;

	for (i = 0; i < SEEN_QUEUES; i++)
		if (!bpf_map_lookup_elem(fd, &i, &count) && count)
			printf("queue %s %u frames=%llu\n", a->dev.spec, i, count);
	close(fd);
}

static void show_got(struct receiver *r)
{
	static const char *const kinds[] = { "host", "broadcast", "multicast", "other", "out", "5", "6", "7" };
	int stream, kind;

	for (stream = 1; stream < 256; stream++) {
		for (kind = 0; kind < 8; kind++) {
			struct counted *c = &r->streams[stream][kind];

			if (c->frames)
				printf("got %s %c type=%04x to=%s frames=%llu bytes=%llu sum=%llx\n", r->dev->spec, stream,
				       r->type, kinds[kind], c->frames, c->bytes, c->sum);
		}
	}
}

static void show(int queues)
{
	int i;

	for (i = 0; i < nr_programs; i++) {
		show_seen(&programs[i]);
		if (queues)
			show_queues(&programs[i]);
	}
	for (i = 0; i < nr_receivers; i++)
		show_got(&receivers[i]);
}

static void link_stats(struct lab_dev *dev, struct rtnl_link_stats *stats)
{
	struct ifaddrs *all, *ifa;

	lab_enter(dev->ns);
	if (getifaddrs(&all))
		err(1, "getifaddrs");
	for (ifa = all; ifa; ifa = ifa->ifa_next)
		if (!strcmp(ifa->ifa_name, dev->name) && ifa->ifa_data &&
		    (!ifa->ifa_addr || ifa->ifa_addr->sa_family == AF_PACKET))
			memcpy(stats, ifa->ifa_data, sizeof(*stats));
	freeifaddrs(all);
}

static int ethtool(int fd, const char *name, void *data)
{
	struct ifreq ifr = { .ifr_data = data };

	strcpy(ifr.ifr_name, name);
	return ioctl(fd, SIOCETHTOOL, &ifr);
}

/* ethtool -S: the names into @a, the values to @values; a device without any has none. */
static void ethtool_stats(struct account *a, __u64 *values)
{
	struct {
		struct ethtool_sset_info info;
		__u32 count;
	} sset = { .info = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1 << ETH_SS_STATS } };
	struct ethtool_gstrings *strings = calloc(1, sizeof(*strings) + sizeof(a->names));
	struct ethtool_stats *stats = calloc(1, sizeof(*stats) + sizeof(a->stats));
	int fd;

	lab_enter(a->dev->ns);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (ethtool(fd, a->dev->name, &sset) || !sset.count || sset.count > MAX_STATS)
		goto out;
	strings->cmd = ETHTOOL_GSTRINGS;
	strings->string_set = ETH_SS_STATS;
	strings->len = sset.count;
	stats->cmd = ETHTOOL_GSTATS;
	stats->n_stats = sset.count;
	if (ethtool(fd, a->dev->name, strings) || ethtool(fd, a->dev->name, stats))
		goto out;
	a->nr_stats = sset.count;
	memcpy(a->names, strings->data, sset.count * ETH_GSTRING_LEN);
	memcpy(values, stats->data, sset.count * sizeof(*values));
out:
	close(fd);
	free(strings);
	free(stats);
}

static void open_accounts(void)
{
	struct account *a;

	for (a = accounts; a < accounts + nr_accounts; a++) {
		link_stats(a->dev, &a->link);
		ethtool_stats(a, a->stats);
	}
}

static void show_accounts(void)
{
	struct rtnl_link_stats link = {};
	__u64 stats[MAX_STATS] = {};
	struct account *a;
	int i;

	for (a = accounts; a < accounts + nr_accounts; a++) {
		link_stats(a->dev, &link);
		printf("link %s rx_packets=%u rx_bytes=%u\n", a->dev->spec, link.rx_packets - a->link.rx_packets,
		       link.rx_bytes - a->link.rx_bytes);
		ethtool_stats(a, stats);
		for (i = 0; i < a->nr_stats; i++)
			if (stats[i] != a->stats[i])
				printf("stat %s %s %llu\n", a->dev->spec, a->names[i], stats[i] - a->stats[i]);
	}
}

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* Traffic for tests that change things under it: errors are to be expected. */
static void send_forever(int seconds)
{
	long long deadline = lab_now_ms() + seconds * 1000LL * lab_scale();
	int i, told = 0;

	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	while (!stopped && lab_now_ms() < deadline) {
		for (i = 0; i < nr_devs; i++)
			lab_find(&devs[i]);
		send_all(0);
		if (!told++) {
			puts("ready");
			fflush(stdout);
		}
		poll(NULL, 0, 5);
	}
}

static void receive_until_stopped(void)
{
	signal(SIGTERM, on_signal);
	puts("ready");
	fflush(stdout);
	while (!stopped) {
		poll(NULL, 0, 1);
		drain();
	}
	show(0);
}

int main(int argc, char **argv)
{
	struct lab_dev *from = NULL;
	int opt, i, forever = 0, queues = 0;

	while ((opt = getopt(argc, argv, "s:t:r:x:w:S:ql:")) != -1) {
		switch (opt) {
		case 's':
			from = device(optarg);
			break;
		case 't':
			open_tap_device(optarg);
			from = tap_dev;
			break;
		case 'r':
			listened[nr_listened++ % MAX_DEVS] = device(optarg);
			break;
		case 'x':
			parse_program(optarg);
			break;
		case 'w':
			parse_watched(optarg);
			break;
		case 'S':
			accounts[nr_accounts++ % MAX_DEVS].dev = device(optarg);
			break;
		case 'q':
			queues = 1;
			break;
		case 'l':
			forever = atoi(optarg);
			break;
		default:
			usage();
		}
	}
	if (optind == argc && !nr_listened)
		usage();
	for (i = optind; i < argc; i++)
		parse_stream(argv[i], from);
	if (forever) {
		send_forever(forever);
		return 0;
	}
	for (i = 0; i < nr_listened; i++)
		add_receivers(listened[i]);
	if (!nr_streams) {
		receive_until_stopped();
		return 0;
	}
	pin_cpu(0);
	attach_programs();
	open_accounts();
	send_all(1);
	settle();
	show_accounts();
	detach_programs();
	show(queues);
	return 0;
}
