// SPDX-License-Identifier: GPL-2.0
/*
 * The way of chosen frames, floor by floor: the events xdp_rxh:* of the kernel.
 *
 * A frame is chosen by how it begins, where it is first seen. The events behind
 * that name its buffer, so it is remembered what is in which.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <net/if.h>
#include <poll.h>
#include <search.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <pcap.h>
#include <tracefs/tracefs.h>

#include "xdp-rxh.h"

#define SYSTEM	"xdp_rxh"
#define INSTANCE "xdp-rxh-"	/* and the process */
#define FRAMES	16384	/* more than are on their way at once */
#define SNAP	128	/* as much as the events have of a frame */
#define IDLE	200	/* ms without an event after which the last frame is done */
#define OFTEN	256	/* events after which it is looked whether to end */
#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))
#define NAME_OF(table, i) ((i) < COUNT_OF(table) ? (table)[i] : "?")

/* what is in a buffer */
struct frame {
	TAILQ_ENTRY(frame) younger;
	unsigned long long id;
	unsigned int number;	/* 0 until it is shown */
	char *held;		/* lines of one that may yet have to be shown */
	__u64 met;		/* the device to which it came as an skb last, 0: none */
	__u32 len, caplen;
	unsigned char data[SNAP];
};

/* an event that is being read */
struct record {
	struct tep_event *event;
	struct tep_record *raw;
	FILE *line;
};

static const struct trace_options *options;
static struct tracefs_instance *instance;
enum { SIGNALS, OUTPUT, PIPE, FDS };
static struct pollfd fds[FDS] = {
	[SIGNALS] = { .fd = -1, .events = POLLIN },
	[OUTPUT] = { .fd = STDOUT_FILENO },		/* tells if nobody reads any more */
	[PIPE] = { .fd = -1, .events = POLLIN },	/* tells that there is something to read */
};
static unsigned long long netns;	/* of options->ifindex */
static unsigned long long missed;
static unsigned int shown;
static unsigned long long last_shown;	/* ms */
static struct bpf_program filter;
static void *frames;			/* struct frame by id */
static TAILQ_HEAD(, frame) ages = TAILQ_HEAD_INITIALIZER(ages);	/* the same, the oldest first */
static unsigned int nr_frames;

static unsigned long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

static unsigned long long number(const struct record *record, const char *field)
{
	unsigned long long value = 0;

	tep_get_field_val(NULL, record->event, field, record->raw, &value, 0);
	return value;
}

static const void *bytes(const struct record *record, const char *field, __u32 *len)
{
	const void *data;
	int size = 0;

	data = tep_get_field_raw(NULL, record->event, field, record->raw, &size, 0);
	if (len)
		*len = data ? size : 0;
	return data ?: "";
}

static void put_json(FILE *to, const char *name, const char *string)
{
	fprintf(to, ",\"%s\":%s", name, quoted(string));
}

static void put_packet(const struct record *record, const char *text)
{
	unsigned long long len = number(record, "len");
	const void *data;
	__u32 caplen;

	data = bytes(record, "data", &caplen);
	if (json)
		fprintf(record->line, ",\"len\":%llu,\"packet\":\"", len);
	else
		fprintf(record->line, "%s, %llu bytes: ", text, len);
	print_packet(record->line, data, caplen);
	if (json)
		putc('"', record->line);
}

static void put_rx(const struct record *record)
{
	unsigned long long queue = number(record, "queue");
	bool stacked = number(record, "stacked");
	char text[48];

	if (json)
		fprintf(record->line, ",\"queue\":%llu,\"stacked\":%s", queue,
			stacked ? "true" : "false");
	snprintf(text, sizeof(text), "%s, queue %llu", stacked ? "goes on to it" : "comes in",
		 queue);
	put_packet(record, text);
}

static void put_skb(const struct record *record)
{
	put_packet(record, "comes as an skb");
}

static void put_forward(const struct record *record)
{
	put_packet(record, "sends");
}

static void put_choice(const struct record *record)
{
	bool native = number(record, "native");

	if (json) {
		put_json(record->line, "lower", bytes(record, "lower_name", NULL));
		fprintf(record->line, ",\"native\":%s", native ? "true" : "false");
	} else if (!number(record, "ifindex")) {
		fputs("for none of those above: on as an skb", record->line);
	} else {
		fprintf(record->line, "for it%s",
			native ? "" : ", which has no native program");
	}
}

static void put_prog(const struct record *record)
{
	static const char * const actions[] = { "ABORTED", "DROP", "PASS", "TX", "REDIRECT" };
	static const char * const floors[] = { "lower", "upper", "skb" };
	const char *name = bytes(record, "prog_name", NULL);
	unsigned long long node = number(record, "node");
	unsigned long long act = number(record, "act");
	unsigned long long floor = number(record, "floor");

	if (json) {
		fprintf(record->line, ",\"floor\":\"%s\",\"prog_id\":%llu",
			NAME_OF(floors, floor), number(record, "prog_id"));
		put_json(record->line, "prog_name", name);
		fprintf(record->line, ",\"node\":%llu,\"code\":%llu", node, act);
		if (act < COUNT_OF(actions))
			put_json(record->line, "action", actions[act]);
		return;
	}
	if (node)
		fprintf(record->line, "node %llu: ", node);
	fprintf(record->line, "prog %llu %s says ", number(record, "prog_id"), plain(name));
	if (act < COUNT_OF(actions))
		fputs(actions[act], record->line);
	else
		fprintf(record->line, "%llu, which is no verdict", act);
}

static void put_delivery(const struct record *record)
{
	static const char * const names[] = {
		"pass", "stack", "reader", "tx", "xmit", "redirect", "error",
		"tx_error", "redirect_error", "reader_error",
	};
	static const char * const texts[] = {
		"on to its stack as an skb", "given to its stack", "given to its reader",
		"out of the lower", "transmitted by it", "redirected",
		"lost: rx_xdp_errors", "lost: rx_xdp_tx_errors",
		"lost: rx_xdp_redirect_errors", "lost: rx_dropped, its reader has no room",
	};
	unsigned long long how = number(record, "how");
	unsigned long long map = number(record, "map");
	unsigned long long to = number(record, "to");

	if (json) {
		put_json(record->line, "how", NAME_OF(names, how));
		if (map)
			fprintf(record->line, ",\"map\":%llu,\"key\":%llu", map, to);
		else if (to)
			fprintf(record->line, ",\"to\":%llu", to);
		return;
	}
	fputs(NAME_OF(texts, how), record->line);
	if (map)
		fprintf(record->line, " by entry %llu of map %llu", to, map);
	else if (to)
		fprintf(record->line, " to ifindex %llu", to);
}

static const struct kind {
	const char *name;
	void (*put)(const struct record *record);
} kinds[] = {
	{ "rx", put_rx },
	{ "skb", put_skb },
	{ "forward", put_forward },
	{ "choice", put_choice },
	{ "prog", put_prog },
	{ "delivery", put_delivery },
};

static int compare(const void *a, const void *b)
{
	const struct frame *left = a, *right = b;

	return left->id < right->id ? -1 : left->id > right->id;
}

static struct frame *find(unsigned long long id)
{
	struct frame key = { .id = id };
	struct frame **found = tfind(&key, &frames, compare);

	return found ? *found : NULL;
}

static void forget(struct frame *frame)
{
	if (!frame)
		return;
	tdelete(frame, &frames, compare);
	TAILQ_REMOVE(&ages, frame, younger);
	nr_frames--;
	free(frame->held);
	free(frame);
}

/* All frames that were asked for have begun. */
static bool all_shown(void)
{
	return options->count && shown == options->count;
}

/* Another frame is in this buffer now. NULL if it is not one that was asked for. */
static struct frame *begin(const struct record *record, unsigned long long id)
{
	struct pcap_pkthdr header = { .len = number(record, "len") };
	struct frame *frame;
	const void *data;

	forget(find(id));
	data = bytes(record, "data", &header.caplen);
	if (all_shown() || !pcap_offline_filter(&filter, &header, data))
		return NULL;
	frame = calloc(1, sizeof(*frame));
	if (!frame)
		err(1, "trace");
	frame->id = id;
	frame->len = header.len;
	frame->caplen = header.caplen < SNAP ? header.caplen : SNAP;
	memcpy(frame->data, data, frame->caplen);
	if (!tsearch(frame, &frames, compare))
		err(1, "trace");
	TAILQ_INSERT_TAIL(&ages, frame, younger);
	if (++nr_frames > FRAMES)
		forget(TAILQ_FIRST(&ages));
	return frame;
}

static __u64 device(const struct record *record)
{
	return number(record, "netns") << 32 | number(record, "ifindex");
}

/*
 * An skb is what came in by a driver, or to another device, if it still looks
 * the same. It does not come to one twice.
 */
static bool same(const struct record *record, const struct frame *frame)
{
	const void *data;
	__u32 caplen;

	data = bytes(record, "data", &caplen);
	return device(record) != frame->met && number(record, "len") == frame->len &&
	       caplen == frame->caplen && !memcmp(data, frame->data, caplen);
}

static struct frame *frame_of(const struct record *record, const struct kind *kind)
{
	unsigned long long id = number(record, "frame");
	struct frame *frame = find(id);

	if (kind->put == put_forward ||
	    (kind->put == put_rx && !number(record, "stacked")) ||
	    (kind->put == put_skb && !(frame && same(record, frame))))
		frame = begin(record, id);
	if (frame && kind->put == put_skb)
		frame->met = device(record);
	return frame;
}

/* Is the event about the device that was asked for? */
static bool about(const struct record *record, const char *ifindex, const char *ns)
{
	return number(record, ifindex) == options->ifindex && number(record, ns) == netns;
}

static void print_line(const struct frame *frame, const char *line)
{
	printf(json ? "{\"frame\":%u,%s}\n" : "#%-6u %s\n", frame->number, line);
}

/* Lines are held back until it is known that the frame is of the device asked for. */
static void show(struct frame *frame, const char *line, bool wanted)
{
	char *next, *all;

	if (!frame->number && wanted && !all_shown()) {
		frame->number = ++shown;
		for (next = frame->held; next && *next; next += strlen(next) + 1) {
			all = strchr(next, '\n');
			*all = 0;
			print_line(frame, next);
		}
		free(frame->held);
		frame->held = NULL;
	}
	if (frame->number) {
		last_shown = now();
		print_line(frame, line);
		return;
	}
	if (asprintf(&all, "%s%s\n", frame->held ?: "", line) < 0)
		err(1, "trace");
	free(frame->held);
	frame->held = all;
}

static char *make_line(struct record *record, const struct kind *kind)
{
	bool none = kind->put == put_choice && !number(record, "ifindex");
	const char *name = bytes(record, none ? "lower_name" : "name", NULL);
	unsigned long long ns = number(record, none ? "lower_netns" : "netns");
	unsigned long long ts = record->raw->ts;
	char *line = NULL;
	size_t size;

	record->line = open_memstream(&line, &size);
	if (!record->line)
		err(1, "trace");
	if (json) {
		fprintf(record->line, "\"time\":%llu.%09llu,\"cpu\":%d,\"event\":\"%s\"",
			ts / 1000000000, ts % 1000000000, record->raw->cpu, kind->name);
		if (none)
			fputs(",\"ifname\":null", record->line);
		else
			put_json(record->line, "ifname", name);
		fprintf(record->line, ",\"ifindex\":%llu,\"netns\":%llu",
			number(record, "ifindex"), ns);
	} else {
		fprintf(record->line, "%5llu.%06llu %03d %10llu %-15s ",
			ts / 1000000000, ts / 1000 % 1000000, record->raw->cpu, ns, plain(name));
	}
	kind->put(record);
	fclose(record->line);
	return line;
}

/* After a poll(): a signal came, nobody reads any more, or the frames that were asked for are through */
static bool ended(void)
{
	return fds[SIGNALS].revents || fds[OUTPUT].revents || ferror(stdout) ||
	       (all_shown() && now() >= last_shown + IDLE);
}

/* Under load there is always one more event: the iteration would not end by itself. */
static int on_event(struct tep_event *event, struct tep_record *raw, int cpu, void *data)
{
	struct record record = { .event = event, .raw = raw };
	const struct kind *kind = kinds;
	static unsigned int events;
	struct frame *frame;
	bool wanted;
	char *line;

	(void)cpu;
	(void)data;
	if (++events % OFTEN == 0 && poll(fds, PIPE, 0) >= 0 && ended())
		return 1;
	while (strcmp(event->name + strlen(SYSTEM "_"), kind->name))
		if (++kind == kinds + COUNT_OF(kinds))
			return 0;
	frame = frame_of(&record, kind);
	if (!frame)
		return 0;
	wanted = !options->ifindex || about(&record, "ifindex", "netns") ||
		 about(&record, "lower_ifindex", "lower_netns");
	line = make_line(&record, kind);
	show(frame, line, wanted);
	free(line);
	return 0;
}

/* In any buffer may be another frame now: those that were seen are not followed any further. */
static int on_missed(struct tep_event *event, struct tep_record *raw, int cpu, void *data)
{
	(void)event;
	(void)cpu;
	(void)data;
	/* how many is not always known */
	missed += raw->missed_events > 0 ? raw->missed_events : 1;
	while (!TAILQ_EMPTY(&ages))
		forget(TAILQ_FIRST(&ages));
	return 0;
}

static void cleanup(void)
{
	if (!instance)
		return;
	/* an instance that is in use stays */
	close(fds[PIPE].fd);
	tracefs_event_disable(instance, SYSTEM, NULL);
	if (tracefs_instance_destroy(instance))
		warn("trace: instances/%s stays: rmdir it", tracefs_instance_get_name(instance));
}

static void compile(const char *expression)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 65535);

	if (!pcap)
		errx(1, "pcap");
	if (pcap_compile(pcap, &filter, expression, 1, PCAP_NETMASK_UNKNOWN))
		errx(1, "%s: %s", expression, pcap_geterr(pcap));
	pcap_close(pcap);
}

/* One that was killed leaves its instance behind, and the events on. */
static void clear_away(const char *dir)
{
	char *pattern;
	glob_t found;
	size_t i;
	int pid;

	if (asprintf(&pattern, "%s/instances/" INSTANCE "*", dir) < 0)
		err(1, "trace");
	if (!glob(pattern, 0, NULL, &found)) {
		for (i = 0; i < found.gl_pathc; i++) {
			pid = atoi(strrchr(found.gl_pathv[i], '-') + 1);
			if (pid > 0 && kill(pid, 0) && errno == ESRCH)
				rmdir(found.gl_pathv[i]);
		}
		globfree(&found);
	}
	free(pattern);
}

/* tracefs_local_events_system() reads all of /proc/kallsyms as well, which may take seconds. */
static struct tep_handle *read_formats(void)
{
	struct tep_handle *tep = tep_alloc();
	char *text, name[32];
	size_t i;
	int len;

	text = tracefs_instance_file_read(NULL, "events/header_page", &len);
	if (!tep || !text || tep_parse_header_page(tep, text, len, sizeof(long)))
		err(1, "trace: events/header_page");
	free(text);
	for (i = 0; i < COUNT_OF(kinds); i++) {
		snprintf(name, sizeof(name), SYSTEM "_%s", kinds[i].name);
		text = tracefs_event_file_read(NULL, SYSTEM, name, "format", &len);
		if (!text || tep_parse_event(tep, text, len, SYSTEM))
			err(1, "trace: events/" SYSTEM "/%s", name);
		free(text);
	}
	return tep;
}

/* Where the events can be read from, and nobody else's */
static struct tep_handle *open_instance(void)
{
	struct tep_handle *tep;
	const char *dir;
	char name[32];

	if (geteuid())
		errx(1, "trace: only root can read events");
	dir = tracefs_tracing_dir();
	if (!dir)
		errx(1, "trace: no tracefs: mount -t tracefs none /sys/kernel/tracing");
	if (!tracefs_file_exists(NULL, "events/" SYSTEM "/enable"))
		errx(1, "trace: no events of xdp_rx_handler: modprobe macvlan_xdp, or bonding_xdp");
	tep = read_formats();
	clear_away(dir);
	snprintf(name, sizeof(name), INSTANCE "%d", getpid());
	atexit(cleanup);
	instance = tracefs_instance_create(name);
	if (!instance)
		err(1, "trace: %s/instances", dir);
	/* as all of user space can read it; and be told of each event */
	tracefs_instance_file_write(instance, "trace_clock", "mono");
	tracefs_instance_file_write(instance, "buffer_percent", "0");
	tracefs_follow_missed_events(instance, on_missed, NULL);
	return tep;
}

static int open_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		err(1, "signalfd");
	return fd;
}

static void follow(struct tep_handle *tep)
{
	fds[SIGNALS].fd = open_signals();
	fds[PIPE].fd = tracefs_instance_file_open(instance, "trace_pipe", O_RDONLY | O_NONBLOCK);
	if (fds[PIPE].fd < 0 || tracefs_event_enable(instance, SYSTEM, NULL))
		err(1, "trace: events of xdp_rx_handler");
	if (!json)
		puts("FRAME   TIME         CPU NETNS      DEVICE          WHAT");
	do {
		fflush(stdout);
		if (poll(fds, FDS, all_shown() ? IDLE : -1) < 0)
			err(1, "poll");
		if (tracefs_iterate_raw_events(tep, instance, NULL, 0, on_event, NULL))
			err(1, "trace: events of xdp_rx_handler");
	} while (!ended());
}

void trace(const struct trace_options *with)
{
	struct tep_handle *tep;
	struct stat st;

	options = with;
	compile(options->expression);
	if (options->ifindex && !stat("/proc/self/ns/net", &st))
		netns = st.st_ino;
	tep = open_instance();
	follow(tep);
	fflush(stdout);
	if (missed)
		warnx("trace: %llu events lost, at least: too many for this", missed);
}
