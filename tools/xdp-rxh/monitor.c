// SPDX-License-Identifier: GPL-2.0
/*
 * What ports and uppers have to do, as a table or as JSON. All there is to know
 * comes by one dump; a rate is the difference of two, by the monotonic clock.
 */
#include <err.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "xdp-rxh.h"

/* by XDP_RXH_A_COUNT_*, as ip -s link and ethtool -S call them */
static const char * const count_names[XDP_RXH_A_COUNT_MAX + 1] = {
	NULL, NULL, "rx_packets", "rx_bytes", "rx_dropped", "tx_packets", "tx_bytes", "tx_dropped",
	"rx_xdp_aborted", "rx_xdp_drop", "rx_xdp_pass", "rx_xdp_tx", "rx_xdp_redirect",
	"rx_xdp_invalid", "rx_xdp_skb", "rx_xdp_tx_errors", "rx_xdp_redirect_errors",
	"rx_xdp_errors", "tx_xdp_xmit", "tx_xdp_xmit_errors", "sink_dropped",
};

static const char * const ring_names[XDP_RXH_A_RING_MAX + 1] = {
	NULL, "queues", "queued", "size", "worst_queued", "worst_size",
};

/* why frames were lost: each in one of these counters */
static const struct {
	unsigned int count;
	const char *why;
} losses[] = {
	{ XDP_RXH_A_COUNT_RX_DROPPED, "rx" },	/* of a macvtap with readers: "ring" */
	{ XDP_RXH_A_COUNT_TX_DROPPED, "tx" },
	{ XDP_RXH_A_COUNT_TX_ERRORS, "xdp-tx" },
	{ XDP_RXH_A_COUNT_REDIRECT_ERRORS, "redirect" },
	{ XDP_RXH_A_COUNT_ERRORS, "errors" },
	{ XDP_RXH_A_COUNT_XMIT_ERRORS, "xmit" },
	{ XDP_RXH_A_COUNT_SINK_DROPPED, "sink" },
};

#define LOSSES		(sizeof(losses) / sizeof(*losses))
#define COUNTS		(XDP_RXH_A_COUNT_MAX + 1)

struct row {
	__u32 ifindex;
	char name[IF_NAMESIZE], on[IF_NAMESIZE];
	bool upper, native;
	double at;		/* seconds of CLOCK_MONOTONIC */
	__u64 counts[COUNTS];
	double rates[COUNTS];	/* a second */
	__u32 ring[XDP_RXH_A_RING_MAX + 1];
};

struct table {
	struct row *rows;
	size_t nr, room;
};

static const struct monitor *options;
static struct table *sampled;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* Is it the port that is wanted, or on it? */
static bool wanted(const struct status *status)
{
	unsigned int i;

	if (options->native && (!status->upper || status->reason != XDP_RXH_REASON_NATIVE))
		return false;
	if (!options->port)
		return true;
	for (i = 0; i < status->nr_lowers; i++)
		if (!strcmp(status->lowers[i].name, options->port))
			return true;
	return false;
}

static void sample(const struct chain *chain)
{
	const struct status *status = &chain->status;
	struct table *table = sampled;
	struct row *row;
	unsigned int i;

	if (!status->name || !wanted(status))
		return;
	if (table->nr == table->room) {
		table->room = table->room * 2 + 16;
		table->rows = realloc(table->rows, table->room * sizeof(*row));
		if (!table->rows)
			err(1, "monitor");
	}
	row = &table->rows[table->nr++];
	*row = (struct row){
		.ifindex = chain->ifindex,
		.upper = status->upper,
		.native = status->upper && status->reason == XDP_RXH_REASON_NATIVE,
		.at = now(),
	};
	snprintf(row->name, sizeof(row->name), "%s", status->name);
	for (i = 0; i < status->nr_lowers && !*row->on; i++)
		if (strcmp(status->lowers[i].name, status->name))
			snprintf(row->on, sizeof(row->on), "%s", status->lowers[i].name);
	memcpy(row->counts, status->counts, sizeof(row->counts));
	memcpy(row->ring, status->ring, sizeof(row->ring));
}

static int by_ifindex(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);
}

static void take(struct table *table)
{
	table->nr = 0;
	sampled = table;
	netlink_get(XDP_RXH_CMD_STATUS_GET, options->ifindex, sample);
	if (table->nr)
		qsort(table->rows, table->nr, sizeof(*table->rows), by_ifindex);
}

/* Of a device that was not there before there are no rates yet. */
static void rate(struct table *table, const struct table *before)
{
	const struct row *old;
	struct row *row;
	size_t i, j;

	for (i = 0; i < table->nr && before->nr; i++) {
		row = &table->rows[i];
		old = bsearch(row, before->rows, before->nr, sizeof(*row), by_ifindex);
		for (j = 0; old && j < COUNTS; j++)
			if (row->counts[j] > old->counts[j] && row->at > old->at)
				row->rates[j] = (row->counts[j] - old->counts[j]) / (row->at - old->at);
	}
}

/*
 * By the i-th reason. What a lower dropped is its driver's business, and not all of
 * it was lost: tun counts there what programs drop, those of uppers, too.
 */
static double loss(const struct row *row, size_t i)
{
	if (!row->upper && losses[i].count == XDP_RXH_A_COUNT_RX_DROPPED)
		return 0;
	return row->rates[losses[i].count];
}

static double lost(const struct row *row)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < LOSSES; i++)
		sum += loss(row, i);
	return sum;
}

/* per cent of the frames that met the program; -1 for none */
static double skb_share(const struct row *row)
{
	double met = 0;
	unsigned int i;

	for (i = XDP_RXH_A_COUNT_ABORTED; i <= XDP_RXH_A_COUNT_INVALID; i++)
		met += row->rates[i];
	return met > 0 ? 100 * row->rates[XDP_RXH_A_COUNT_SKB] / met : -1;
}

static double fullness(const struct row *row)
{
	if (!row->ring[XDP_RXH_A_RING_WORST_SIZE])
		return 0;
	return (double)row->ring[XDP_RXH_A_RING_WORST_QUEUED] / row->ring[XDP_RXH_A_RING_WORST_SIZE];
}

/* What rows are sorted by: a counter's rate, or what a function makes of them */
static const struct {
	const char *name;
	unsigned int count;
	double (*of)(const struct row *row);
} keys[] = {
	{ "packets", XDP_RXH_A_COUNT_RX_PACKETS, NULL },
	{ "bytes", XDP_RXH_A_COUNT_RX_BYTES, NULL },
	{ "drop", XDP_RXH_A_COUNT_DROP, NULL },
	{ "pass", XDP_RXH_A_COUNT_PASS, NULL },
	{ "tx", XDP_RXH_A_COUNT_TX, NULL },
	{ "redirect", XDP_RXH_A_COUNT_REDIRECT, NULL },
	{ "aborted", XDP_RXH_A_COUNT_ABORTED, NULL },
	{ "skb", 0, skb_share },
	{ "ring", 0, fullness },
	{ "lost", 0, lost },
	{ "name", 0, NULL },
};

const char *sort_name(unsigned int key)
{
	return key < sizeof(keys) / sizeof(*keys) ? keys[key].name : NULL;
}

static double key_of(const struct row *row)
{
	return keys[options->sort].of ? keys[options->sort].of(row) :
					row->rates[keys[options->sort].count];
}

static int by_key(const void *a, const void *b)
{
	double x = key_of(a), y = key_of(b);

	if (x != y)
		return x < y ? 1 : -1;
	return strcmp(((const struct row *)a)->name, ((const struct row *)b)->name);
}

/* Those that the filters leave, in order */
static void arrange(struct table *table)
{
	size_t i, left = 0;

	for (i = 0; i < table->nr; i++) {
		if (options->busy && !table->rows[i].rates[XDP_RXH_A_COUNT_RX_PACKETS])
			continue;
		if (options->losing && !lost(&table->rows[i]))
			continue;
		table->rows[left++] = table->rows[i];
	}
	table->nr = left;
	if (left)
		qsort(table->rows, left, sizeof(*table->rows), by_key);
}

/* "20", "123456" as "123k": never more than six characters */
static const char *human(double value)
{
	static char text[16][16];
	static unsigned int i;
	const char *unit = " kMGTP";

	for (; value >= 99999.5 && unit[1]; unit++)
		value /= 1000;
	i = (i + 1) % 16;
	snprintf(text[i], sizeof(text[i]), *unit == ' ' ? "%.0f" : "%.0f%c", value, *unit);
	return text[i];
}

static void line_of_row(char *line, size_t size, const struct row *row)
{
	const double *rates = row->rates;
	char ring[48] = "-", share[16] = "-";
	int len;
	size_t i;

	if (skb_share(row) >= 0)
		snprintf(share, sizeof(share), "%.0f%%", skb_share(row));
	if (row->ring[XDP_RXH_A_RING_QUEUES] == 1)
		snprintf(ring, sizeof(ring), "%u/%u", row->ring[XDP_RXH_A_RING_QUEUED],
			 row->ring[XDP_RXH_A_RING_SIZE]);
	else if (row->ring[XDP_RXH_A_RING_QUEUES])
		snprintf(ring, sizeof(ring), "%u/%u,%u/%u", row->ring[XDP_RXH_A_RING_QUEUED],
			 row->ring[XDP_RXH_A_RING_SIZE], row->ring[XDP_RXH_A_RING_WORST_QUEUED],
			 row->ring[XDP_RXH_A_RING_WORST_SIZE]);
	len = snprintf(line, size, "%-15s %-15s %8s %8s %7s %7s %7s %8s %7s %4s %11s %6s",
		       plain(row->name), *row->on ? plain(row->on) : "-",
		       human(rates[XDP_RXH_A_COUNT_RX_PACKETS]), human(rates[XDP_RXH_A_COUNT_RX_BYTES]),
		       human(rates[XDP_RXH_A_COUNT_DROP]), human(rates[XDP_RXH_A_COUNT_PASS]),
		       human(rates[XDP_RXH_A_COUNT_TX]), human(rates[XDP_RXH_A_COUNT_REDIRECT]),
		       human(rates[XDP_RXH_A_COUNT_ABORTED] + rates[XDP_RXH_A_COUNT_INVALID]),
		       share, ring, human(lost(row)));
	for (i = 0; i < LOSSES && (size_t)len < size; i++)
		if (loss(row, i))
			len += snprintf(line + len, size - len, " %s=%s",
					!i && row->ring[XDP_RXH_A_RING_QUEUES] ? "ring" : losses[i].why,
					human(loss(row, i)));
}

/* Redrawn where it stands on a terminal, one after the other elsewhere */
static void print_table(const struct table *table)
{
	struct winsize window = {};
	size_t rows = table->nr, i;
	int columns = 1024;
	char line[1024];
	const char *end = "\n";

	if (isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) && window.ws_row > 2) {
		end = "\033[K\n";
		columns = window.ws_col;
		if (rows > window.ws_row - 2U)
			rows = window.ws_row - 2U;
		fputs("\033[H", stdout);
	}
	snprintf(line, sizeof(line), "%-15s %-15s %8s %8s %7s %7s %7s %8s %7s %4s %11s %6s %s", "DEVICE",
		 "ON", "PACKET/s", "BYTE/s", "DROP", "PASS", "TX", "REDIRECT", "ABORTED", "SKB", "RING",
		 "LOST", "WHY");
	printf("%.*s%s", columns, line, end);
	for (i = 0; i < rows; i++) {
		line_of_row(line, sizeof(line), &table->rows[i]);
		printf("%.*s%s", columns, line, end);
	}
	fputs(window.ws_row ? "\033[J" : "\n", stdout);
	fflush(stdout);
}

static void print_counts(const char *what, const struct row *row, bool rates)
{
	const char *comma = "";
	unsigned int i;

	printf(",\"%s\":{", what);
	for (i = XDP_RXH_A_COUNT_RX_PACKETS; i < COUNTS; i++) {
		if (i == XDP_RXH_A_COUNT_SINK_DROPPED && row->upper)
			continue;
		if (rates)
			printf("%s\"%s\":%.1f", comma, count_names[i], row->rates[i]);
		else
			printf("%s\"%s\":%llu", comma, count_names[i], row->counts[i]);
		comma = ",";
	}
	putchar('}');
}

static void print_json(const struct table *table, bool rates)
{
	const struct row *row;
	unsigned int j;
	size_t i;

	putchar('[');
	for (i = 0; i < table->nr; i++) {
		row = &table->rows[i];
		printf("%s{\"ifname\":%s,\"ifindex\":%u", i ? "," : "", quoted(row->name), row->ifindex);
		if (*row->on)
			printf(",\"lower\":%s", quoted(row->on));
		if (row->upper)
			printf(",\"native\":%s", row->native ? "true" : "false");
		print_counts("totals", row, false);
		if (rates)
			print_counts("rates", row, true);
		if (row->ring[XDP_RXH_A_RING_QUEUES]) {
			for (j = XDP_RXH_A_RING_QUEUES; j <= XDP_RXH_A_RING_MAX; j++)
				printf("%s\"%s\":%u", j == XDP_RXH_A_RING_QUEUES ? ",\"ring\":{" : ",",
				       ring_names[j], row->ring[j]);
			putchar('}');
		}
		putchar('}');
	}
	puts("]");
}

static void wait_until(double time)
{
	struct timespec at = { .tv_sec = time, .tv_nsec = (time - (time_t)time) * 1e9 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL))
		;
}

/* What is to be shown of a table, whose rows stay in their order: the next rates are reckoned from them */
static void show(const struct table *table, bool rates)
{
	struct table shown = { .nr = table->nr };

	shown.rows = malloc((table->nr + 1) * sizeof(*shown.rows));
	if (!shown.rows)
		err(1, "monitor");
	if (table->nr)
		memcpy(shown.rows, table->rows, table->nr * sizeof(*shown.rows));
	arrange(&shown);
	if (json)
		print_json(&shown, rates);
	else
		print_table(&shown);
	free(shown.rows);
}

void monitor(const struct monitor *monitor)
{
	struct table tables[2] = {}, *before = &tables[0], *after = &tables[1], *swap;
	double interval = monitor->interval ?: 1, next = now();
	unsigned int left = monitor->count;

	options = monitor;
	take(before);
	if (monitor->port && !before->nr && !monitor->native)
		errx(2, "%s: no device with native XDP is on it, nor is it one", monitor->port);
	if (json && !monitor->interval && !monitor->busy && !monitor->losing) {
		show(before, false);
		return;
	}
	if (!json && isatty(STDOUT_FILENO))
		fputs("\033[2J", stdout);
	do {
		next += interval;
		if (next < now())	/* it was stopped, or the last table took longer */
			next = now() + interval;
		wait_until(next);
		take(after);
		rate(after, before);
		show(after, true);
		swap = before;
		before = after;
		after = swap;
	} while (!json && (!left || --left));
}
