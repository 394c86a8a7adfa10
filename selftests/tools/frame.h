/* SPDX-License-Identifier: GPL-2.0 */
/* What the test programs (BPF) and the test tools (user space) have to agree on. */
#ifndef SELFTESTS_FRAME_H
#define SELFTESTS_FRAME_H

#include <linux/types.h>

#define FRAME_MAGIC	0x58445052	/* "XDPR" */
#define FRAME_TYPE	0x88b5		/* IEEE 802 local experimental */

/* How the payload of a test frame begins, network byte order. */
struct frame_mark {
	__be32 magic;
	__u8 stream;		/* a letter, never 0 */
	__u8 pad;
	__be16 seq;
} __attribute__((packed));

/* Map "seen" of every test program. */
struct seen_key {
	__u32 ifindex;		/* ctx->ingress_ifindex */
	__u16 proto;		/* ethertype, host byte order */
	__u8 stream;
	__u8 pad;
};

struct seen_value {
	__u64 frames;
	__u64 bytes;
	__u64 sum;		/* of a hash of each frame's first bytes */
};

#define SEEN_QUEUES	64

/* Slots of map "cfg". */
enum {
	CFG_IFINDEX,		/* redirect.bpf.c: to which interface */
	CFG_MAC,		/* dstmac.bpf.c, txmac.bpf.c: address, first byte lowest */
	CFG_DELTA,		/* head.bpf.c, tail.bpf.c: how many bytes, signed */
	CFG_VERDICT,		/* head.bpf.c, tail.bpf.c, meta.bpf.c: what to return */
	CFG_HOW,		/* handup.bpf.c: enum handup */
	CFG_SLOTS
};

/* What handup.bpf.c does with the kfunc and its verdict */
enum handup {
	HANDUP_RETURN,		/* what it is for */
	HANDUP_TWICE,
	HANDUP_IGNORE,		/* returns cfg's VERDICT */
	HANDUP_POINTERS,	/* uses packet pointers from before */
	HANDUP_REDIRECT,	/* then redirects to cfg's IFINDEX */
	HANDUP_NOT,		/* passes without */
};

#endif /* SELFTESTS_FRAME_H */
