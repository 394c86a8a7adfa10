/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The generic netlink family of xdp_rx_handler.ko. Described in
 * Documentation/netlink/specs/xdp_rxh.yaml.
 */
#ifndef _UAPI_LINUX_XDP_RX_HANDLER_H
#define _UAPI_LINUX_XDP_RX_HANDLER_H

#include <linux/types.h>

#define XDP_RXH_FAMILY_NAME	"xdp_rxh"
#define XDP_RXH_FAMILY_VERSION	1
#define XDP_RXH_MCGRP_CHAIN	"chain"

/* programs a frame can meet on its way through a chain, and in all */
#define XDP_RXH_CHAIN_WALK	32
#define XDP_RXH_CHAIN_NODES	128

/* the program attached to the device as usual; other nodes count from 2 */
#define XDP_RXH_NODE_ENTRY	1U
/* as the target of an edge: the verdict is final */
#define XDP_RXH_NODE_STOP	0xffffffffU
/* as the code of an edge: any for which there is no other edge */
#define XDP_RXH_CODE_ANY	0xffffffffU

/* whether frames of a lower are handed to native programs of its uppers */
enum {
	XDP_RXH_HAND_UP_OFF,		/* no: such programs are refused */
	XDP_RXH_HAND_UP_ON,		/* by the module: the default */
	XDP_RXH_HAND_UP_PROGRAM,	/* by its own: bpf_xdp_rx_handler() */

	__XDP_RXH_HAND_UP_MAX
};

#define XDP_RXH_HAND_UP_MAX (__XDP_RXH_HAND_UP_MAX - 1)

/* which way of being handed up an upper's native program may have */
enum {
	XDP_RXH_HANDLER_ANY,		/* its lower's: the default */
	XDP_RXH_HANDLER_NONE,
	XDP_RXH_HANDLER_MODULE,		/* only with XDP_RXH_HAND_UP_ON */
	XDP_RXH_HANDLER_PROGRAM,	/* only with XDP_RXH_HAND_UP_PROGRAM */

	__XDP_RXH_HANDLER_MAX
};

#define XDP_RXH_HANDLER_MAX (__XDP_RXH_HANDLER_MAX - 1)

/* whether an upper has a native program and, where not, what is in its way */
enum {
	XDP_RXH_REASON_NATIVE,		/* it has one */
	XDP_RXH_REASON_NO_PROG,		/* nothing: it has no program */
	XDP_RXH_REASON_GENERIC,		/* it has a generic program */
	XDP_RXH_REASON_GENERIC_LINK,	/* which a bpf_link holds */
	XDP_RXH_REASON_DRIVER,		/* its driver's own native XDP has one */
	XDP_RXH_REASON_ABOVE,		/* a device stacked on it has one */
	XDP_RXH_REASON_NO_HANDLER,	/* its lower has none */
	XDP_RXH_REASON_LOWER_GOES,	/* its lower is being unregistered */
	XDP_RXH_REASON_LOWER_NO_XDP,	/* its lower's driver has no native XDP */
	XDP_RXH_REASON_LOWER_GENERIC,	/* its lower has a generic program */
	XDP_RXH_REASON_LOWER_LINK,	/* a bpf_link holds its lower's program */
	XDP_RXH_REASON_HAND_UP_OFF,	/* its lower is set to hand nothing up */
	XDP_RXH_REASON_HANDLER_NONE,	/* it is set to be handed nothing */
	XDP_RXH_REASON_HANDLER_OTHER,	/* it is set to another way than its lower */
	XDP_RXH_REASON_SLAVE_PROGRAM,	/* a slave is set to have its program hand up */
	XDP_RXH_REASON_NO_OWN_PROG,	/* so is its lower, which can't have one */
	XDP_RXH_REASON_NO_REDIRECT,	/* so is its lower, whose driver can't redirect */
	XDP_RXH_REASON_VLAN,		/* VLAN offload that can't be turned off */
	XDP_RXH_REASON_CSUM,		/* checksum offload, likewise */

	__XDP_RXH_REASON_MAX
};

#define XDP_RXH_REASON_MAX (__XDP_RXH_REASON_MAX - 1)

/* what is worth knowing of an upper all the same */
#define XDP_RXH_NOTE_SOURCE	(1U << 0)	/* a sibling is in source mode: skb path */
#define XDP_RXH_NOTE_ALB	(1U << 1)	/* bridged bond in ALB mode: skb path */
#define XDP_RXH_NOTE_NO_MEMORY	(1U << 2)	/* not in the handler's table: skb path */
#define XDP_RXH_NOTE_NO_TAP	(1U << 3)	/* what is passed becomes sk_buffs: not our tap.ko */
#define XDP_RXH_NOTE_NO_READER	(1U << 4)	/* likewise: nobody reads from it */
#define XDP_RXH_NOTE_NO_XMIT	(1U << 5)	/* no target of redirects: made before the modules */
#define XDP_RXH_NOTE_NO_HOOK	(1U << 6)	/* no ingress hook: it can't go up */
#define XDP_RXH_NOTE_NO_SINK	(1U << 7)	/* no sink device: its lower can't go up */
#define XDP_RXH_NOTE_STUCK	(1U << 8)	/* a driver keeps the port program */
#define XDP_RXH_NOTE_BY_PROGRAM	(1U << 9)	/* native is what a lower's program hands up */
#define XDP_RXH_NOTE_ALL	((1U << 10) - 1)

/* what an upper's program finds in front of the packet; none is nothing */
#define XDP_RXH_HINTS_RX	(1U << 0)	/* where it came in: always */
#define XDP_RXH_HINTS_HASH	(1U << 1)	/* flow hash, as skb->hash */
#define XDP_RXH_HINTS_TIME	(1U << 2)	/* when it came */
#define XDP_RXH_HINTS_ALL	((1U << 3) - 1)

/*
 * Layouts of that metadata, which lies between data_meta and data. All numbers
 * are in host byte order. The last, in the four bytes ahead of the packet, is
 * the layout's id: that of the struct's type in the BTF of xdp_rx_handler.ko,
 * and where the module has no BTF one of these, which no BTF type can have.
 */
enum {
	XDP_RXH_META_MACVLAN = 0x58440000,
	XDP_RXH_META_MACVLAN_EXT,
	XDP_RXH_META_BOND,
	XDP_RXH_META_BOND_EXT,
};

/**
 * struct xdp_rxh_meta_macvlan - metadata on a macvlan or macvtap
 * @rx_ifindex: its lower, a number of the lower's namespace
 * @rx_queue: receive queue of the driver it came from; where the program runs
 *	on the skb path what the program sees, which is none of the driver's
 * @type_id: id of this layout
 */
struct xdp_rxh_meta_macvlan {
	__u32 rx_ifindex;
	__u32 rx_queue;
	__u32 type_id;
};

/**
 * struct xdp_rxh_meta_macvlan_ext - the same where hash or time were asked for
 * @rx_time: when it came, in nanoseconds of CLOCK_MONOTONIC, or 0
 * @rx_hash: flow hash, or 0
 * @rx_ifindex: see struct xdp_rxh_meta_macvlan
 * @rx_queue: likewise
 * @type_id: id of this layout
 */
struct xdp_rxh_meta_macvlan_ext {
	__u64 rx_time;
	__u32 rx_hash;
	__u32 rx_ifindex;
	__u32 rx_queue;
	__u32 type_id;
} __attribute__((packed, aligned(4)));

/**
 * struct xdp_rxh_meta_bond - metadata on a bond
 * @rx_slot: the slave's place, from which queues of AF_XDP sockets are numbered
 * @rx_ifindex: the slave
 * @rx_queue: its receive queue
 * @type_id: id of this layout
 *
 * Where the program runs on the skb path the slave is not known: @rx_slot and
 * @rx_queue are 0xffffffff and @rx_ifindex is 0.
 */
struct xdp_rxh_meta_bond {
	__u32 rx_slot;
	__u32 rx_ifindex;
	__u32 rx_queue;
	__u32 type_id;
};

/**
 * struct xdp_rxh_meta_bond_ext - the same where hash or time were asked for
 * @rx_time: see struct xdp_rxh_meta_macvlan_ext
 * @rx_hash: likewise
 * @rx_slot: see struct xdp_rxh_meta_bond
 * @rx_ifindex: likewise
 * @rx_queue: likewise
 * @type_id: id of this layout
 */
struct xdp_rxh_meta_bond_ext {
	__u64 rx_time;
	__u32 rx_hash;
	__u32 rx_slot;
	__u32 rx_ifindex;
	__u32 rx_queue;
	__u32 type_id;
} __attribute__((packed, aligned(4)));

/* The tracing events xdp_rxh:*: whose program was run, and where */
enum {
	XDP_RXH_FLOOR_LOWER,	/* the lower's own, ahead of all others */
	XDP_RXH_FLOOR_UPPER,	/* in the driver of the lower */
	XDP_RXH_FLOOR_SKB,	/* on the skb path */
};

/* ... and what became of a frame that it did not drop */
enum {
	XDP_RXH_END_PASS,	/* the skb path, past the program */
	XDP_RXH_END_STACK,	/* given to the upper's stack from here */
	XDP_RXH_END_READER,	/* given to the reader of a macvtap */
	XDP_RXH_END_TX,		/* out of the lower */
	XDP_RXH_END_XMIT,	/* transmitted by the upper, as an sk_buff */
	XDP_RXH_END_REDIRECT,	/* redirected as the program said */
	XDP_RXH_END_ERROR,	/* lost, counted as rx_xdp_errors */
	XDP_RXH_END_TX_ERROR,	/* lost, rx_xdp_tx_errors */
	XDP_RXH_END_REDIRECT_ERROR,	/* lost, rx_xdp_redirect_errors */
	XDP_RXH_END_READER_ERROR,	/* lost, rx_dropped: no room for it */
};

enum {
	XDP_RXH_CMD_UNSPEC,
	XDP_RXH_CMD_CHAIN_GET,
	XDP_RXH_CMD_CHAIN_SET,
	XDP_RXH_CMD_EDGE_ADD,
	XDP_RXH_CMD_EDGE_DEL,
	XDP_RXH_CMD_NODE_REPLACE,
	XDP_RXH_CMD_NODE_DEL,
	XDP_RXH_CMD_CHAIN_NTF,
	XDP_RXH_CMD_SWITCH_SET,
	XDP_RXH_CMD_STATUS_GET,

	__XDP_RXH_CMD_MAX
};

#define XDP_RXH_CMD_MAX (__XDP_RXH_CMD_MAX - 1)

enum {
	XDP_RXH_A_UNSPEC,
	XDP_RXH_A_PAD,
	XDP_RXH_A_IFINDEX,		/* u32 */
	XDP_RXH_A_GENERATION,		/* u64: in a request, the expected one */
	XDP_RXH_A_NODE,			/* nest, XDP_RXH_A_NODE_*; repeated */
	XDP_RXH_A_FROM,			/* u32: node */
	XDP_RXH_A_CODE,			/* u32: XDP_*, XDP_RXH_CODE_ANY */
	XDP_RXH_A_TO,			/* u32: node, XDP_RXH_NODE_STOP */
	XDP_RXH_A_PROG_FD,		/* u32 */
	XDP_RXH_A_CLOSE_UP,		/* flag */
	XDP_RXH_A_REPLACE,		/* flag: there may be such an edge */
	XDP_RXH_A_LOWER_IFINDEX,	/* u32, if in the same namespace */
	XDP_RXH_A_HAND_UP,		/* u32: of a lower, XDP_RXH_HAND_UP_* */
	XDP_RXH_A_HANDLER,		/* u32: of an upper, XDP_RXH_HANDLER_* */
	XDP_RXH_A_HINTS,		/* u32: of an upper, XDP_RXH_HINTS_* */
	XDP_RXH_A_META_TYPE,		/* u32: the layout's id, in replies */
	XDP_RXH_A_IFNAME,		/* string; this and all below only in ... */
	XDP_RXH_A_REASON,		/* u32: ... status, of an upper: XDP_RXH_REASON_* */
	XDP_RXH_A_WHY,			/* string: the same in words */
	XDP_RXH_A_WHOM,			/* string: the device that this is about, where it is another */
	XDP_RXH_A_NOTES,		/* u32: XDP_RXH_NOTE_* */
	XDP_RXH_A_GENERIC,		/* u32: id of its generic program */
	XDP_RXH_A_LOWER,		/* nest, XDP_RXH_A_LOWER_*: what is below it; repeated */
	XDP_RXH_A_COUNTERS,		/* nest, XDP_RXH_A_COUNT_* */
	XDP_RXH_A_RING,			/* nest, XDP_RXH_A_RING_*: of a macvtap with readers */

	__XDP_RXH_A_MAX
};

#define XDP_RXH_A_MAX (__XDP_RXH_A_MAX - 1)

enum {
	XDP_RXH_A_NODE_UNSPEC,
	XDP_RXH_A_NODE_ID,		/* u32 */
	XDP_RXH_A_NODE_PROG_FD,		/* u32, only in requests */
	XDP_RXH_A_NODE_PROG_ID,		/* u32, only in replies */
	XDP_RXH_A_NODE_PROG_NAME,	/* string, only in replies */
	XDP_RXH_A_NODE_EDGE,		/* nest, XDP_RXH_A_EDGE_*; repeated */

	__XDP_RXH_A_NODE_MAX
};

#define XDP_RXH_A_NODE_MAX (__XDP_RXH_A_NODE_MAX - 1)

enum {
	XDP_RXH_A_EDGE_UNSPEC,
	XDP_RXH_A_EDGE_CODE,		/* u32 */
	XDP_RXH_A_EDGE_TO,		/* u32 */

	__XDP_RXH_A_EDGE_MAX
};

#define XDP_RXH_A_EDGE_MAX (__XDP_RXH_A_EDGE_MAX - 1)

/* A lower, or the device itself where that is one */
enum {
	XDP_RXH_A_LOWER_UNSPEC,
	XDP_RXH_A_LOWER_NAME,		/* string */
	XDP_RXH_A_LOWER_PROG_ID,	/* u32: its own program, in its driver or run first */
	XDP_RXH_A_LOWER_PROG_NAME,	/* string */
	XDP_RXH_A_LOWER_LINK,		/* flag: a bpf_link holds that, whose id is not known here */
	XDP_RXH_A_LOWER_CHAIN,		/* u32: programs in its chain, that one apart */
	XDP_RXH_A_LOWER_GENERIC,	/* u32: id of its generic program */
	XDP_RXH_A_LOWER_PORT_PROG,	/* flag: its driver, or the bond that it is, runs our port program */
	XDP_RXH_A_LOWER_UPPERS,		/* u32: devices on it, in any namespace */
	XDP_RXH_A_LOWER_NATIVE,		/* u32: how many of them have native programs */

	__XDP_RXH_A_LOWER_MAX
};

#define XDP_RXH_A_LOWER_MAX (__XDP_RXH_A_LOWER_MAX - 1)

/*
 * All u64. The first six are what ip -s link shows; from ABORTED on those of
 * ethtool -S, in its order. Of a lower they are summed up over its uppers, in
 * any namespace.
 */
enum {
	XDP_RXH_A_COUNT_UNSPEC,
	XDP_RXH_A_COUNT_PAD,
	XDP_RXH_A_COUNT_RX_PACKETS,
	XDP_RXH_A_COUNT_RX_BYTES,
	XDP_RXH_A_COUNT_RX_DROPPED,
	XDP_RXH_A_COUNT_TX_PACKETS,
	XDP_RXH_A_COUNT_TX_BYTES,
	XDP_RXH_A_COUNT_TX_DROPPED,
	XDP_RXH_A_COUNT_ABORTED,
	XDP_RXH_A_COUNT_DROP,
	XDP_RXH_A_COUNT_PASS,
	XDP_RXH_A_COUNT_TX,
	XDP_RXH_A_COUNT_REDIRECT,
	XDP_RXH_A_COUNT_INVALID,
	XDP_RXH_A_COUNT_SKB,
	XDP_RXH_A_COUNT_TX_ERRORS,
	XDP_RXH_A_COUNT_REDIRECT_ERRORS,
	XDP_RXH_A_COUNT_ERRORS,
	XDP_RXH_A_COUNT_XMIT,
	XDP_RXH_A_COUNT_XMIT_ERRORS,
	XDP_RXH_A_COUNT_SINK_DROPPED,	/* only of a lower: its namespace's sink */

	__XDP_RXH_A_COUNT_MAX
};

#define XDP_RXH_A_COUNT_MAX (__XDP_RXH_A_COUNT_MAX - 1)

/* Frames that wait for a macvtap's readers; all u32 */
enum {
	XDP_RXH_A_RING_UNSPEC,
	XDP_RXH_A_RING_QUEUES,		/* open */
	XDP_RXH_A_RING_QUEUED,		/* frames in all of them */
	XDP_RXH_A_RING_SIZE,		/* how many these have room for */
	XDP_RXH_A_RING_WORST_QUEUED,	/* of the one that is fullest */
	XDP_RXH_A_RING_WORST_SIZE,

	__XDP_RXH_A_RING_MAX
};

#define XDP_RXH_A_RING_MAX (__XDP_RXH_A_RING_MAX - 1)

#endif /* _UAPI_LINUX_XDP_RX_HANDLER_H */
