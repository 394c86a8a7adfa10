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

#endif /* _UAPI_LINUX_XDP_RX_HANDLER_H */
