/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XDP_RXH_TOOL_H
#define XDP_RXH_TOOL_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>
#include <linux/xdp_rx_handler.h>

#define EDGES	6	/* XDP_ABORTED to XDP_REDIRECT, and any */
#define ANY	5

struct node {
	__u32 id, prog_id, next[EDGES];
	char name[32];
	int fd;			/* of a new program, or -1 */
};

/* What is told of one of a device's lowers, or of itself as one; strings are in the message */
struct lower {
	const char *name, *prog;
	__u32 prog_id, chain, generic, uppers, native;
	bool link, port_prog;
};

/* What XDP_RXH_CMD_STATUS_GET tells beyond the chain */
struct status {
	const char *name, *why, *whom;	/* in the message, or NULL */
	bool upper;
	__u32 reason, notes, generic;
	unsigned int nr_lowers;
	struct lower *lowers;
	__u64 counts[XDP_RXH_A_COUNT_MAX + 1];
	__u32 ring[XDP_RXH_A_RING_MAX + 1];
};

struct chain {
	struct status status;
	__u32 ifindex, lower;
	__u64 generation;
	unsigned int nr;
	unsigned int hand_up, handler;	/* + 1, 0 for none */
	__u32 hints, meta_type;
	struct node nodes[XDP_RXH_CHAIN_NODES];
};

struct request {
	__u8 cmd;
	bool replace, close_up, has_generation;
	__u64 generation;
	__u32 ifindex, from, code, to;	/* 0 for none; code + 1 */
	unsigned int hand_up, handler, hints;	/* + 1, 0 for none */
	int fd;				/* or -1 */
	const struct chain *chain;	/* for XDP_RXH_CMD_CHAIN_SET */
};

/* netlink.c: each says what failed and exits */
void netlink_request(const struct request *request);
void netlink_get(__u8 cmd, __u32 ifindex, void (*show)(const struct chain *chain));

/* show.c */
extern bool json;
const char *code_name(unsigned int code);
const char *hand_up_name(unsigned int hand_up);
const char *handler_name(unsigned int handler);
const char *hint_name(unsigned int bit);
const char *show_next(void);
void show_end(void);
void show_chain(const struct chain *chain);
void show_dot(const struct chain *chain);
void show_export(const struct chain *chain);
void show_status(const struct chain *chain);

/* text.c */
const char *plain(const char *text);
const char *quoted(const char *text);

/* status.c */
struct nlattr;
void get_status(const struct nlattr *attr, struct status *status);
void status_json(const struct status *status);
void status_text(const struct status *status);

/* monitor.c */
struct monitor {
	__u32 ifindex;			/* or 0 for all */
	const char *port;		/* or NULL */
	bool native, busy, losing;
	unsigned int sort, count;	/* count 0: for ever */
	double interval;		/* seconds, 0: not given */
};

const char *sort_name(unsigned int key);
void monitor(const struct monitor *monitor);

/* stats.c */
void show_stats(const struct chain *chain);
void show_stats_of_all(const struct chain *chain);

/* packet.c */
void print_packet(FILE *to, const unsigned char *data, size_t len);

/* trace.c */
struct trace_options {
	__u32 ifindex;			/* of the caller's namespace, 0 for all */
	unsigned long long count;	/* frames, 0 for no end */
	const char *expression;		/* tcpdump's, "" for all */
};

void trace(const struct trace_options *options);

#endif /* XDP_RXH_TOOL_H */
