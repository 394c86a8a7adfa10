/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's half of `make bench`: rows of a declarative table (rows.c), set up on veths and stacked
 * devices (lab.c), with several programs (line.c) or one, on each or on their lower for all (demux.c), that
 * end in sockets (udp.c) or taps (tap.c, vhost.c), measured in instructions per packet (measure.c), judged
 * and written (report.c), and compared with what there is besides (league.c).
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* for what no library does */
#define TOOL		"build/xdp-rxh"

#define MAX_REPEATS	16
#define MAX_PROOFS	4

/* Programs of bench.bpf.c, as a row names them. */
enum prog { NO_PROG, DROP, PASS, TX, REDIRECT, N_PROGS };

/* How several programs, which all return XDP_PASS, are strung together on the target. */
enum line { NO_LINE, CHAIN, TAIL_CALLS, LIBXDP };

/*
 * How a program on the lower (demux.bpf.c) finds out what to do with a tenant's frame: a map of addresses
 * has the verdict; or which program to call; or to which device the frame is redirected, the tun device.
 */
enum demux { NO_DEMUX, DEMUX_VERDICT, DEMUX_CALL, DEMUX_REDIRECT };

/* Where a row attaches one. */
enum mode { NATIVE, GENERIC };

/* Where a row's frames end as UDP datagrams, if they do: read by a process, or at a port nobody has. */
enum udp { NO_UDP, UDP_SOCKET, UDP_CLOSED };

/*
 * Where a row's frames end in the queue of a tap, if they do: a macvtap's, taken out by bench_ring.ko in
 * the softirq that put them there; the same, given to vhost-net, with a process that owns its ring; or
 * that of a tun device to which the program under test redirects them, with vhost-net.
 */
enum tap { NO_TAP, TAP_RING, TAP_VHOST, TUN_VHOST };

/**
 * struct attach - a program on a device
 * @prog: which, NO_PROG for none
 * @mode: driver or skb mode
 */
struct attach {
	enum prog prog;
	enum mode mode;
};

/**
 * struct proof - a counter that shows that the frames took the way the row is about
 * @dev: device, as `ip link` names it; "target" is the one that frames are for; "udp" the protocol,
 *	and "reader" who reads the socket or the tap
 * @stat: of `ethtool -S`, or else of /sys/class/net/<dev>/statistics; of /proc/net/snmp
 * @times: what it must rise by for each frame: 0 or 1
 */
struct proof {
	const char *dev;
	const char *stat;
	unsigned int times;
};

/**
 * struct scene - the devices that a set of rows shares
 * @name: unique
 * @kind: `ip link add type` of the uppers on veth B; NULL if there are none
 * @args: what follows the kind
 * @uppers: how many; frames go to the one in the middle, or to the lower's address if there are none
 * @slaves: none: the uppers are on veth B; otherwise on "bond0", whose first slave is veth B ("b0") and
 *	whose second is "b1"
 * @repeats: how often its rows are measured, 0 for the default
 */
struct scene {
	const char *name;
	const char *kind;
	const char *args;
	unsigned int uppers;
	unsigned int slaves;
	unsigned int repeats;
};

/**
 * struct row - one thing to measure
 * @name: unique, the key in the JSON
 * @what: one line for people
 * @scene: name of its scene
 * @modules: with our modules loaded; without, they must not be
 * @macs: the program under test changes the addresses: generate with gen_macs
 * @proto: ethertype of the frames, 0 for IPv4
 * @udp: what becomes of them; makes them valid datagrams to an address of the upper they are for
 * @tap: likewise, but nobody has the address
 * @queues: of the tap, 0 for one
 * @lower: program on veth B
 * @demux: in place of it, one that tells tenants apart
 * @tenants: how many; frames go to the one in the middle
 * @target: program on the device that frames are for
 * @hints: metadata for @target, as `xdp-rxh set` takes it; NULL for none
 * @others: program on all other uppers
 * @own: so many uppers, the target among them and attached last, have a program of their own, that is none
 *	twice, in the mode of @target; with @demux, each tenant has. They drop. 0: programs are shared.
 * @line: how @length programs run one after another on the target, native; it
 *	then has no @target of its own
 * @length: how many
 * @proof: how to know that it happened, to every frame
 */
struct row {
	const char *name;
	const char *what;
	const char *scene;
	bool modules;
	bool macs;
	unsigned int proto;
	enum udp udp;
	enum tap tap;
	unsigned int queues;
	struct attach lower;
	enum demux demux;
	unsigned int tenants;
	struct attach target;
	const char *hints;
	struct attach others;
	unsigned int own;
	enum line line;
	unsigned int length;
	struct proof proof[MAX_PROOFS];
};

/**
 * enum bar_kind - how a bar combines its rows
 * @BAR_DIFF: (a - b) - (c - d), in instructions
 * @BAR_RATIO: (a - b) / (c - d)
 */
enum bar_kind { BAR_DIFF, BAR_RATIO };

/**
 * struct bar - what must hold between rows
 * @name: the key in the JSON
 * @what: one line for people
 * @kind: how @row are combined
 * @row: names of a, b, c, d; NULL counts as 0
 * @per: divides the result of BAR_DIFF, 0 for 1
 * @info: reported only, nothing must hold
 * @min: the result must not be below
 * @max: nor above
 * @goal: what we aim at, 0 for nothing beyond the bar
 */
struct bar {
	const char *name;
	const char *what;
	enum bar_kind kind;
	const char *row[4];
	unsigned int per;
	bool info;
	double min, max, goal;
};

/**
 * struct result - what was measured for the row of the same index
 * @insns: instructions per packet, one for each repeat: the median of its samples
 * @mean: the mean of its samples, timer ticks included
 * @n: number of repeats so far; stays 0 for a row that was not chosen
 * @packets: frames that the samples are made of
 */
struct result {
	double insns[MAX_REPEATS];
	double mean[MAX_REPEATS];
	unsigned int n;
	uint64_t packets;
};

/* rows.c */
extern const struct scene scenes[];
extern const size_t n_scenes;
extern const struct row rows[];
extern const size_t n_rows;
extern const struct bar bars[];
extern const size_t n_bars;

/* lab.c */
extern bool verbose;

int lab_init(const char *moddir);
void lab_exit(void);
bool lab_have_modules(void);
int lab_modules(bool load);
int lab_scene_up(const struct scene *s);
void lab_scene_down(void);
int lab_row_up(const struct row *r);
int lab_row_down(const struct row *r);
int lab_generator(const struct row *r);
const void *lab_frame(const struct row *r, size_t *len);
int lab_symbols(const struct row *r, const char *dir, unsigned int frames, unsigned int batches);
const uint64_t *lab_stamps(void);
int lab_run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int lab_counter(const struct proof *p, uint64_t *val);
void lab_mac(unsigned char *mac, int i);

/* demux.c */
int demux_own_program(void);
int demux_up(const char *dev, const struct row *r);
int demux_down(const char *dev);

/* line.c */
int line_up(const char *dev, enum line line, unsigned int length);
int line_down(const char *dev, enum line line);
void line_exit(void);

/* reader.c */
bool reader_needed(const struct row *r);
int reader_start(void (*run)(int fd), int fd);
void reader_stop(void);
void reader_ready(void);
void reader_count(unsigned int frames);
uint64_t reader_counter(void);

/* udp.c */
int udp_up(const char *dev, enum udp udp);
int udp_down(const char *dev, enum udp udp);
void udp_frame(void *frame, size_t len);
int udp_counter(const char *stat, uint64_t *val);

/* tap.c */
#define TUN_NAME	"t0"

int tap_up(const char *dev, const struct row *r);
void tap_down(void);
uint64_t tap_ring_counter(void);

/* vhost.c */
void vhost_reader(int tap_fd);

/* measure.c */
/* Where to leave the kernel's symbols before each run, for trace/; NULL for not. */
extern const char *symbols;

int measure_init(void);
int measure_row(const struct row *r, struct result *res);
double measure_rep_cost(void);

/* report.c */
int report(const struct result *res, const char *json, bool all);
bool report_value(const struct result *res, const char *name, double *val);

/* league.c */
void league_print(const struct result *res);
void league_json(FILE *f, const struct result *res);

#endif /* BENCH_H */
