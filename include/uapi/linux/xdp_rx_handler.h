/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The generic netlink family of xdp_rx_handler.ko. Described in
 * Documentation/netlink/specs/xdp_rxh.yaml.
 */
#ifndef _UAPI_LINUX_XDP_RX_HANDLER_H
#define _UAPI_LINUX_XDP_RX_HANDLER_H

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
