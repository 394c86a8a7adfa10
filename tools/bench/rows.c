// SPDX-License-Identifier: GPL-2.0
/*
 * What `make bench` measures. A frame goes from the generator into veth A, and is handled on its
 * peer, veth B ("b0"), the lower of the uppers "u0".."uN-1"; REDIRECT rows go on into veth C, whose
 * peer D drops it. In rows with a bond veth B is its first slave; what it transmits of these frames,
 * with both addresses exchanged, leaves by the last. See bench.h for what the members mean; a new row needs nothing but an entry here.
 *
 * Frames that a program disposes of are IPv4's. What goes to the stack is real traffic in the rows
 * named *_udp, datagrams that a process reads from its socket, and in those named *_closed, where
 * nobody has the port. The other such rows send an ethertype that nobody listens to: the stack takes
 * such a frame through everything that steers it (GRO, rx_handler, ingress hooks) and drops it at
 * once. That is no traffic anybody has, but shows a difference at its largest.
 */
#include <linux/if_ether.h>

#include "bench.h"

#define ARRAY_SIZE(x)	(sizeof(x) / sizeof((x)[0]))

const struct scene scenes[] = {
	{ .name = "mv1",    .kind = "macvlan", .args = "mode bridge", .uppers = 1 },
	{ .name = "mv2",    .kind = "macvlan", .args = "mode bridge", .uppers = 2 },
	{ .name = "mv16",   .kind = "macvlan", .args = "mode bridge", .uppers = 16 },
	{ .name = "mv256",  .kind = "macvlan", .args = "mode bridge", .uppers = 256 },
	{ .name = "mv1024", .kind = "macvlan", .args = "mode bridge", .uppers = 1024, .repeats = 1 },
	{ .name = "mv4096", .kind = "macvlan", .args = "mode bridge", .uppers = 4096, .repeats = 2 },
	{ .name = "mt1",    .kind = "macvtap", .args = "mode bridge", .uppers = 1 },
	{ .name = "bond1",  .slaves = 1 },
	{ .name = "bond2",  .slaves = 2 },
	{ .name = "bondmv", .slaves = 2, .kind = "macvlan", .args = "mode bridge", .uppers = 1 },
};

const size_t n_scenes = ARRAY_SIZE(scenes);

/* XNS IDP. */
#define UNKNOWN_PROTO	0x0600

/* The ways a frame can end, as the counters of the devices show them. */
#define LOWER_DROPS	{ { "b0", "rx_queue_0_xdp_drops", 1 } }
#define UPPER_DROPS	{ { "target", "rx_xdp_drop", 1 } }
#define GENERIC_DROPS	{ { "target", "rx_packets", 1 }, { "target", "rx_dropped", 0 } }
#define STACK		{ { "target", "rx_dropped", 1 }, { "target", "rx_packets", 1 } }
#define STACK_PASSED	{ { "target", "rx_dropped", 1 }, { "target", "rx_xdp_pass", 1 } }
#define READ		{ { "reader", "datagrams", 1 }, { "udp", "InErrors", 0 }, { "target", "rx_packets", 1 } }
#define READ_PASSED	{ { "reader", "datagrams", 1 }, { "udp", "InErrors", 0 }, \
			  { "target", "rx_packets", 1 }, { "target", "rx_xdp_pass", 1 } }
#define REFUSED		{ { "udp", "NoPorts", 1 }, { "target", "rx_packets", 1 } }
#define REFUSED_PASSED	{ { "udp", "NoPorts", 1 }, { "target", "rx_packets", 1 }, \
			  { "target", "rx_xdp_pass", 1 } }
#define LOWER_TX	{ { "a0", "rx_queue_0_xdp_drops", 1 }, { "b0", "rx_queue_0_xdp_tx", 1 } }
#define UPPER_TX	{ { "a0", "rx_queue_0_xdp_drops", 1 }, { "target", "rx_xdp_tx", 1 } }
#define SECOND_TX	{ { "a1", "rx_queue_0_xdp_drops", 1 } }
#define SECOND_UPPER_TX	{ { "a1", "rx_queue_0_xdp_drops", 1 }, { "target", "rx_xdp_tx", 1 } }
#define LOWER_REDIRECT	{ { "d0", "rx_queue_0_xdp_drops", 1 }, { "b0", "rx_queue_0_xdp_redirect", 1 } }
#define UPPER_REDIRECT	{ { "d0", "rx_queue_0_xdp_drops", 1 }, { "target", "rx_xdp_redirect", 1 } }
#define TAPPED		{ { "reader", "frames", 1 } }
#define TAPPED_SKB	{ { "reader", "frames", 1 }, { "target", "rx_packets", 1 } }
#define TAPPED_PASSED	{ { "reader", "frames", 1 }, { "target", "rx_packets", 1 }, \
			  { "target", "rx_xdp_pass", 1 }, { "target", "rx_xdp_skb", 0 } }
#define GENERIC_REDIRECT { { "d0", "rx_queue_0_xdp_drops", 1 } }

#define LINE(how, kind, n, words) {					\
	.name = kind #n, .scene = "mv1", .modules = true,		\
	.what = "macvlan: XDP_PASS by each of " #n " programs, " words,	\
	.line = how, .length = n,					\
	.proto = UNKNOWN_PROTO,						\
	.proof = STACK_PASSED,						\
}

#define GENERIC_DROP(n) {						\
	.name = "macvlan_generic_drop_" #n, .scene = "mv" #n, .modules = true, \
	.what = "macvlan: generic XDP_DROP, one of " #n ", all with a program", \
	.target = { DROP, GENERIC }, .others = { DROP, GENERIC },	\
	.proof = GENERIC_DROPS,						\
}

/* A program each, that is none twice. */
#define OWN_DROP(n) {							\
	.name = "macvlan_own_drop_" #n, .scene = "mv1024", .modules = true, \
	.what = "macvlan: native XDP_DROP, one of " #n " with a program of its own", \
	.target = { DROP, NATIVE }, .own = (n),				\
	.proof = UPPER_DROPS,						\
}

/* One program on the lower for @n tenants; they need no upper. */
#define DEMUX_ROW(how, kind, n, words) {				\
	.name = "stock_demux_" kind "_" #n, .scene = "mv1",		\
	.what = "lower: by a map of " #n " MAC addresses, " words,	\
	.demux = how, .tenants = (n),					\
	.proof = LOWER_DROPS,						\
}

#define DEMUX_OWN(n) {							\
	.name = "stock_demux_own_call_" #n, .scene = "mv1",		\
	.what = "lower: by a map of " #n " MAC addresses, tail call of the tenant's own program: XDP_DROP", \
	.demux = DEMUX_CALL, .tenants = (n), .own = (n),		\
	.proof = LOWER_DROPS,						\
}

const struct row rows[] = {
	/* Before our modules are there. */
	{
		.name = "stock_lower_drop", .scene = "mv1",
		.what = "lower: native XDP_DROP, modules not loaded",
		.lower = { DROP, NATIVE },
		.proof = LOWER_DROPS,
	}, {
		.name = "stock_macvlan_generic_drop", .scene = "mv1",
		.what = "macvlan: generic XDP_DROP, modules not loaded",
		.target = { DROP, GENERIC },
		.proof = GENERIC_DROPS,
	}, {
		.name = "stock_macvlan_stack", .scene = "mv1",
		.what = "macvlan without a program, to the stack, modules not loaded",
		.proto = UNKNOWN_PROTO,
		.proof = STACK,
	}, {
		.name = "stock_lower_pass", .scene = "mv1",
		.what = "lower: native XDP_PASS, macvlan above to the stack, modules not loaded",
		.lower = { PASS, NATIVE },
		.proto = UNKNOWN_PROTO,
		.proof = STACK,
	},

	/* Tenants told apart by one program, without uppers. */
	DEMUX_ROW(DEMUX_VERDICT, "drop", 1, "XDP_DROP"),
	DEMUX_ROW(DEMUX_VERDICT, "drop", 16, "XDP_DROP"),
	DEMUX_ROW(DEMUX_VERDICT, "drop", 256, "XDP_DROP"),
	DEMUX_ROW(DEMUX_VERDICT, "drop", 1024, "XDP_DROP"),
	DEMUX_ROW(DEMUX_VERDICT, "drop", 4096, "XDP_DROP"),
	DEMUX_ROW(DEMUX_CALL, "call", 1, "tail call of a program: XDP_DROP"),
	DEMUX_ROW(DEMUX_CALL, "call", 256, "tail call of a program: XDP_DROP"),
	DEMUX_ROW(DEMUX_CALL, "call", 4096, "tail call of a program: XDP_DROP"),
	DEMUX_OWN(48),
	DEMUX_OWN(49),
	DEMUX_OWN(1000),

	/* One macvlan. */
	{
		.name = "lower_drop", .scene = "mv1", .modules = true,
		.what = "lower: native XDP_DROP: the floor",
		.lower = { DROP, NATIVE },
		.proof = LOWER_DROPS,
	}, {
		.name = "macvlan_drop", .scene = "mv1", .modules = true,
		.what = "macvlan: native XDP_DROP",
		.target = { DROP, NATIVE },
		.proof = UPPER_DROPS,
	}, {
		.name = "macvlan_drop_hints", .scene = "mv1", .modules = true,
		.what = "macvlan: native XDP_DROP, metadata: where the frame came in",
		.target = { DROP, NATIVE },
		.hints = "rx",
		.proof = UPPER_DROPS,
	}, {
		.name = "macvlan_drop_hash", .scene = "mv1", .modules = true,
		.what = "macvlan: native XDP_DROP, metadata: that and its flow hash",
		.target = { DROP, NATIVE },
		.hints = "rx,hash",
		.proof = UPPER_DROPS,
	}, {
		.name = "macvlan_drop_time", .scene = "mv1", .modules = true,
		.what = "macvlan: native XDP_DROP, metadata: that and when it came",
		.target = { DROP, NATIVE },
		.hints = "rx,time",
		.proof = UPPER_DROPS,
	}, {
		.name = "macvlan_drop_ipv6", .scene = "mv1", .modules = true,
		.what = "macvlan: native XDP_DROP of an IPv6 frame",
		.target = { DROP, NATIVE },
		.proto = ETH_P_IPV6,
		.proof = UPPER_DROPS,
	}, {
		.name = "macvlan_generic_drop", .scene = "mv1", .modules = true,
		.what = "macvlan: generic XDP_DROP",
		.target = { DROP, GENERIC },
		.proof = GENERIC_DROPS,
	}, {
		.name = "macvlan_stack", .scene = "mv1", .modules = true,
		.what = "macvlan without a program, to the stack",
		.proto = UNKNOWN_PROTO,
		.proof = STACK,
	}, {
		.name = "lower_pass", .scene = "mv1", .modules = true,
		.what = "lower: native XDP_PASS, macvlan above to the stack",
		.lower = { PASS, NATIVE },
		.proto = UNKNOWN_PROTO,
		.proof = STACK,
	}, {
		.name = "macvlan_pass", .scene = "mv1", .modules = true,
		.what = "macvlan: native XDP_PASS, to the stack",
		.target = { PASS, NATIVE },
		.proto = UNKNOWN_PROTO,
		.proof = STACK_PASSED,
	}, {
		.name = "macvlan_generic_pass", .scene = "mv1", .modules = true,
		.what = "macvlan: generic XDP_PASS, to the stack",
		.target = { PASS, GENERIC },
		.proto = UNKNOWN_PROTO,
		.proof = STACK,
	}, {
		.name = "macvlan_stack_udp", .scene = "mv1", .modules = true,
		.what = "macvlan without a program, UDP to a socket, read",
		.udp = UDP_SOCKET,
		.proof = READ,
	}, {
		.name = "lower_pass_udp", .scene = "mv1", .modules = true,
		.what = "lower: native XDP_PASS, macvlan above, UDP to a socket, read",
		.lower = { PASS, NATIVE },
		.udp = UDP_SOCKET,
		.proof = READ,
	}, {
		.name = "macvlan_pass_udp", .scene = "mv1", .modules = true,
		.what = "macvlan: native XDP_PASS, UDP to a socket, read",
		.target = { PASS, NATIVE },
		.udp = UDP_SOCKET,
		.proof = READ_PASSED,
	}, {
		.name = "macvlan_generic_pass_udp", .scene = "mv1", .modules = true,
		.what = "macvlan: generic XDP_PASS, UDP to a socket, read",
		.target = { PASS, GENERIC },
		.udp = UDP_SOCKET,
		.proof = READ,
	}, {
		.name = "macvlan_stack_closed", .scene = "mv1", .modules = true,
		.what = "macvlan without a program, UDP to a closed port",
		.udp = UDP_CLOSED,
		.proof = REFUSED,
	}, {
		.name = "lower_pass_closed", .scene = "mv1", .modules = true,
		.what = "lower: native XDP_PASS, macvlan above, UDP to a closed port",
		.lower = { PASS, NATIVE },
		.udp = UDP_CLOSED,
		.proof = REFUSED,
	}, {
		.name = "macvlan_pass_closed", .scene = "mv1", .modules = true,
		.what = "macvlan: native XDP_PASS, UDP to a closed port",
		.target = { PASS, NATIVE },
		.udp = UDP_CLOSED,
		.proof = REFUSED_PASSED,
	}, {
		.name = "lower_tx", .scene = "mv1", .modules = true, .macs = true,
		.what = "lower: native XDP_TX, peer drops",
		.lower = { TX, NATIVE },
		.proof = LOWER_TX,
	}, {
		.name = "macvlan_tx", .scene = "mv1", .modules = true, .macs = true,
		.what = "macvlan: native XDP_TX, peer drops",
		.target = { TX, NATIVE },
		.proof = UPPER_TX,
	}, {
		.name = "lower_redirect", .scene = "mv1", .modules = true,
		.what = "lower: native XDP_REDIRECT by devmap to another veth, peer drops",
		.lower = { REDIRECT, NATIVE },
		.proof = LOWER_REDIRECT,
	}, {
		.name = "macvlan_redirect", .scene = "mv1", .modules = true,
		.what = "macvlan: native XDP_REDIRECT by devmap to another veth, peer drops",
		.target = { REDIRECT, NATIVE },
		.proof = UPPER_REDIRECT,
	}, {
		.name = "macvlan_generic_redirect", .scene = "mv1", .modules = true,
		.what = "macvlan: generic XDP_REDIRECT by devmap to another veth, peer drops",
		.target = { REDIRECT, GENERIC },
		.proof = GENERIC_REDIRECT,
	},

	/* Several programs on one macvlan; macvlan_pass is a line of one. */
	LINE(CHAIN, "chain_", 2, "in a chain"),
	LINE(CHAIN, "chain_", 4, "in a chain"),
	LINE(CHAIN, "chain_", 8, "in a chain"),
	LINE(CHAIN, "chain_", 16, "in a chain"),
	LINE(CHAIN, "chain_", 32, "in a chain"),
	LINE(TAIL_CALLS, "tail_calls_", 2, "by tail calls"),
	LINE(TAIL_CALLS, "tail_calls_", 4, "by tail calls"),
	LINE(TAIL_CALLS, "tail_calls_", 8, "by tail calls"),
	LINE(TAIL_CALLS, "tail_calls_", 16, "by tail calls"),
	LINE(TAIL_CALLS, "tail_calls_", 32, "by tail calls"),
	LINE(LIBXDP, "libxdp_", 1, "by libxdp's dispatcher"),
	LINE(LIBXDP, "libxdp_", 2, "by libxdp's dispatcher"),
	LINE(LIBXDP, "libxdp_", 4, "by libxdp's dispatcher"),
	LINE(LIBXDP, "libxdp_", 8, "by libxdp's dispatcher"),
	LINE(LIBXDP, "libxdp_", 10, "by libxdp's dispatcher: as many as it has"),

	/* Its sibling has a program, it has none. */
	{
		.name = "sibling_none_stack", .scene = "mv2", .modules = true,
		.what = "macvlan without a program, its sibling without one, to the stack",
		.proto = UNKNOWN_PROTO,
		.proof = STACK,
	}, {
		.name = "sibling_native_stack", .scene = "mv2", .modules = true,
		.what = "macvlan without a program, its sibling has a native one, to the stack",
		.others = { PASS, NATIVE },
		.proto = UNKNOWN_PROTO,
		.proof = STACK,
	},

	/* Many, each with its own address, all with a program when the target has one. */
	{
		.name = "macvlan_drop_16", .scene = "mv16", .modules = true,
		.what = "macvlan: native XDP_DROP, one of 16, all with a program",
		.target = { DROP, NATIVE }, .others = { DROP, NATIVE },
		.proof = UPPER_DROPS,
	}, {
		.name = "lower_drop_256", .scene = "mv256", .modules = true,
		.what = "lower: native XDP_DROP, 256 macvlans above",
		.lower = { DROP, NATIVE },
		.proof = LOWER_DROPS,
	}, {
		.name = "macvlan_drop_256", .scene = "mv256", .modules = true,
		.what = "macvlan: native XDP_DROP, one of 256, all with a program",
		.target = { DROP, NATIVE }, .others = { DROP, NATIVE },
		.proof = UPPER_DROPS,
	}, {
		.name = "macvlan_drop_1024", .scene = "mv1024", .modules = true,
		.what = "macvlan: native XDP_DROP, one of 1024, all with a program",
		.target = { DROP, NATIVE }, .others = { DROP, NATIVE },
		.proof = UPPER_DROPS,
	}, {
		.name = "lower_drop_4096", .scene = "mv4096", .modules = true,
		.what = "lower: native XDP_DROP, 4096 macvlans above",
		.lower = { DROP, NATIVE },
		.proof = LOWER_DROPS,
	}, {
		.name = "macvlan_drop_4096", .scene = "mv4096", .modules = true,
		.what = "macvlan: native XDP_DROP, one of 4096, all with a program",
		.target = { DROP, NATIVE }, .others = { DROP, NATIVE },
		.proof = UPPER_DROPS,
	},

	GENERIC_DROP(16),
	GENERIC_DROP(256),
	GENERIC_DROP(1024),
	GENERIC_DROP(4096),
	OWN_DROP(48),
	OWN_DROP(49),
	OWN_DROP(1000),
	{
		.name = "macvlan_generic_own_drop_1000", .scene = "mv1024", .modules = true,
		.what = "macvlan: generic XDP_DROP, one of 1000 with a program of its own",
		.target = { DROP, GENERIC }, .own = 1000,
		.proof = GENERIC_DROPS,
	},

	/* One macvtap, read out. Its frames are datagrams, for GRO and the flow dissector to look at. */
	{
		.name = "stock_macvtap_ring", .scene = "mt1",
		.what = "macvtap without a program, into its queue and out at once, the kernel's tap.ko",
		.tap = TAP_RING,
		.proof = TAPPED_SKB,
	}, {
		.name = "stock_macvtap_vhost", .scene = "mt1",
		.what = "macvtap without a program, read by vhost-net, the kernel's tap.ko",
		.tap = TAP_VHOST,
		.proof = TAPPED_SKB,
	}, {
		.name = "stock_macvtap_generic_pass_vhost", .scene = "mt1",
		.what = "macvtap: generic XDP_PASS, read by vhost-net, the kernel's tap.ko",
		.tap = TAP_VHOST,
		.target = { PASS, GENERIC },
		.proof = TAPPED_SKB,
	}, {
		.name = "stock_demux_tap_vhost", .scene = "mt1",
		.what = "lower: by a map of 256 MAC addresses, XDP_REDIRECT by devmap to a tap, read by vhost-net",
		.tap = TUN_VHOST,
		.demux = DEMUX_REDIRECT, .tenants = 256,
		.proof = TAPPED,
	}, {
		.name = "stock_tap_redirect_vhost", .scene = "mt1",
		.what = "lower: native XDP_REDIRECT by devmap to a tap, read by vhost-net",
		.tap = TUN_VHOST,
		.lower = { REDIRECT, NATIVE },
		.proof = TAPPED,
	}, {
		.name = "lower_drop_tap", .scene = "mt1", .modules = true,
		.what = "lower: native XDP_DROP, a macvtap above: the floor",
		.lower = { DROP, NATIVE },
		.proof = LOWER_DROPS,
	}, {
		.name = "macvtap_ring", .scene = "mt1", .modules = true,
		.what = "macvtap without a program, into its queue and out at once",
		.tap = TAP_RING,
		.proof = TAPPED_SKB,
	}, {
		.name = "macvtap_pass_ring", .scene = "mt1", .modules = true,
		.what = "macvtap: native XDP_PASS, into its queue and out at once",
		.tap = TAP_RING,
		.target = { PASS, NATIVE },
		.proof = TAPPED_PASSED,
	}, {
		.name = "macvtap_pass_ring_4q", .scene = "mt1", .modules = true,
		.what = "macvtap: native XDP_PASS, into one of four queues and out at once",
		.tap = TAP_RING, .queues = 4,
		.target = { PASS, NATIVE },
		.proof = TAPPED_PASSED,
	}, {
		.name = "macvtap_vhost", .scene = "mt1", .modules = true,
		.what = "macvtap without a program, read by vhost-net",
		.tap = TAP_VHOST,
		.proof = TAPPED_SKB,
	}, {
		.name = "macvtap_pass_vhost", .scene = "mt1", .modules = true,
		.what = "macvtap: native XDP_PASS, read by vhost-net",
		.tap = TAP_VHOST,
		.target = { PASS, NATIVE },
		.proof = TAPPED_PASSED,
	},

	/* Bonds: bonding's own XDP, and ours. */
	{
		.name = "stock_bond1_lower_drop", .scene = "bond1",
		.what = "slave of a bond: native XDP_DROP, modules not loaded",
		.lower = { DROP, NATIVE },
		.proof = LOWER_DROPS,
	}, {
		.name = "stock_bond1_drop", .scene = "bond1",
		.what = "bond: bonding's own native XDP_DROP, modules not loaded",
		.target = { DROP, NATIVE },
		.proof = LOWER_DROPS,
	}, {
		.name = "stock_bond1_generic_drop", .scene = "bond1",
		.what = "bond: generic XDP_DROP, modules not loaded",
		.target = { DROP, GENERIC },
		.proof = GENERIC_DROPS,
	}, {
		.name = "stock_bond1_tx", .scene = "bond1", .macs = true,
		.what = "bond: bonding's own native XDP_TX, modules not loaded, peer drops",
		.target = { TX, NATIVE },
		.proof = LOWER_TX,
	}, {
		.name = "stock_bond2_drop", .scene = "bond2",
		.what = "bond of two: bonding's own native XDP_DROP, modules not loaded",
		.target = { DROP, NATIVE },
		.proof = LOWER_DROPS,
	}, {
		.name = "stock_bond2_tx", .scene = "bond2", .macs = true,
		.what = "bond of two: bonding's own native XDP_TX out of the other slave, modules not loaded, peer drops",
		.target = { TX, NATIVE },
		.proof = SECOND_TX,
	}, {
		.name = "stock_bond2_generic_tx", .scene = "bond2", .macs = true,
		.what = "bond of two: generic XDP_TX out of the other slave, modules not loaded, peer drops",
		.target = { TX, GENERIC },
		.proof = SECOND_TX,
	}, {
		.name = "bond1_lower_drop", .scene = "bond1", .modules = true,
		.what = "slave of a bond: native XDP_DROP: the floor",
		.lower = { DROP, NATIVE },
		.proof = LOWER_DROPS,
	}, {
		.name = "bond1_drop_hints", .scene = "bond1", .modules = true,
		.what = "bond: native XDP_DROP, metadata: where the frame came in",
		.target = { DROP, NATIVE },
		.hints = "rx",
		.proof = UPPER_DROPS,
	}, {
		.name = "bond1_drop", .scene = "bond1", .modules = true,
		.what = "bond: native XDP_DROP",
		.target = { DROP, NATIVE },
		.proof = UPPER_DROPS,
	}, {
		.name = "bond1_drop_ipv6", .scene = "bond1", .modules = true,
		.what = "bond: native XDP_DROP of an IPv6 frame",
		.target = { DROP, NATIVE },
		.proto = ETH_P_IPV6,
		.proof = UPPER_DROPS,
	}, {
		.name = "bond1_tx", .scene = "bond1", .modules = true, .macs = true,
		.what = "bond: native XDP_TX, peer drops",
		.target = { TX, NATIVE },
		.proof = UPPER_TX,
	}, {
		.name = "bond2_lower_drop", .scene = "bond2", .modules = true,
		.what = "slave of a bond of two: native XDP_DROP: the floor",
		.lower = { DROP, NATIVE },
		.proof = LOWER_DROPS,
	}, {
		.name = "bond2_drop", .scene = "bond2", .modules = true,
		.what = "bond of two: native XDP_DROP",
		.target = { DROP, NATIVE },
		.proof = UPPER_DROPS,
	}, {
		.name = "bond2_tx", .scene = "bond2", .modules = true, .macs = true,
		.what = "bond of two: native XDP_TX out of the other slave, peer drops",
		.target = { TX, NATIVE },
		.proof = SECOND_UPPER_TX,
	}, {
		.name = "bond_macvlan_drop", .scene = "bondmv", .modules = true,
		.what = "macvlan on a bond of two: native XDP_DROP",
		.target = { DROP, NATIVE },
		.proof = UPPER_DROPS,
	},
};

const size_t n_rows = ARRAY_SIZE(rows);

/* What costs nothing extra: measurements are exact, but for rounding. */
#define SAME	0.5

/* A program with its call and the look at its verdict can't be had for less. */
#define HOP_MIN	8

/* From a chain of @from programs to one of @to */
#define HOP(from, to) {							\
	.name = "chain_hop_" #to, .kind = BAR_DIFF,			\
	.what = "a program more in a chain, from " #from " to " #to,	\
	.row = { "chain_" #to, "chain_" #from },			\
	.per = (to) - (from),						\
	.min = HOP_MIN, .max = 14,					\
}

/* The same with what being a chain costs at all */
#define AVERAGE(n) {							\
	.name = "chain_average_" #n, .kind = BAR_DIFF,			\
	.what = "a program more in a chain, from 1 to " #n,		\
	.row = { "chain_" #n, "macvlan_pass" },				\
	.per = (n) - 1, .info = true,					\
}

const struct bar bars[] = {
	{
		.name = "native_drop_over_floor", .kind = BAR_DIFF,
		.what = "macvlan native drop over the lower's own drop",
		.row = { "macvlan_drop", "lower_drop" },
		.min = 0, .max = 90, .goal = 60,
	}, {
		.name = "native_drop_ipv6_over_floor", .kind = BAR_DIFF,
		.what = "the same of an IPv6 frame",
		.row = { "macvlan_drop_ipv6", "lower_drop" },
		.min = 0, .max = 90, .goal = 60,
	}, {
		.name = "native_drop_256_same", .kind = BAR_DIFF,
		.what = "the same with 256 uppers as with 1",
		.row = { "macvlan_drop_256", "lower_drop_256", "macvlan_drop", "lower_drop" },
		.min = -10, .max = 10,
	}, {
		.name = "native_drop_4096_same", .kind = BAR_DIFF,
		.what = "the same with 4096 uppers as with 1",
		.row = { "macvlan_drop_4096", "lower_drop_4096", "macvlan_drop", "lower_drop" },
		.min = -10, .max = 10,
	}, {
		.name = "generic_over_native", .kind = BAR_RATIO,
		.what = "macvlan generic drop costs this many times native drop, over the floor",
		.row = { "macvlan_generic_drop", "lower_drop", "macvlan_drop", "lower_drop" },
		.min = 15, .max = 1e9,
	}, {
		.name = "pass_over_lower_pass", .kind = BAR_RATIO,
		.what = "PASS by the macvlan's program against PASS by the lower's, UDP read from a socket",
		.row = { "macvlan_pass_udp", NULL, "lower_pass_udp", NULL },
		.min = 0, .max = 1.03,
	}, {
		.name = "pass_closed", .kind = BAR_RATIO,
		.what = "the same, UDP to a closed port",
		.row = { "macvlan_pass_closed", NULL, "lower_pass_closed", NULL },
		.info = true,
	}, {
		.name = "pass_bare", .kind = BAR_RATIO,
		.what = "the same, dropped where the stack first looks at the protocol",
		.row = { "macvlan_pass", NULL, "lower_pass", NULL },
		.info = true,
	}, {
		.name = "pass_over_lower_pass_insns", .kind = BAR_DIFF,
		.what = "the same in instructions: UDP read from a socket",
		.row = { "macvlan_pass_udp", "lower_pass_udp" },
		.info = true,
	}, {
		.name = "pass_closed_insns", .kind = BAR_DIFF,
		.what = "to a closed port",
		.row = { "macvlan_pass_closed", "lower_pass_closed" },
		.info = true,
	}, {
		.name = "pass_bare_insns", .kind = BAR_DIFF,
		.what = "dropped at once",
		.row = { "macvlan_pass", "lower_pass" },
		.info = true,
	}, {
		.name = "pass_over_stack", .kind = BAR_RATIO,
		.what = "PASS by the macvlan's program against no program at all, UDP read from a socket",
		.row = { "macvlan_pass_udp", NULL, "macvlan_stack_udp", NULL },
		.info = true,
	}, {
		.name = "generic_pass_over_stack", .kind = BAR_RATIO,
		.what = "the same for a generic program",
		.row = { "macvlan_generic_pass_udp", NULL, "macvlan_stack_udp", NULL },
		.info = true,
	},
	HOP(2, 4), HOP(4, 8), HOP(8, 16), HOP(16, 32),
	AVERAGE(2), AVERAGE(4), AVERAGE(8), AVERAGE(16), AVERAGE(32),
	{
		.name = "tail_call_hop", .kind = BAR_DIFF,
		.what = "a program more by a tail call",
		.row = { "tail_calls_32", "tail_calls_2" }, .per = 30,
		.info = true,
	}, {
		.name = "libxdp_slot", .kind = BAR_DIFF,
		.what = "a program more in libxdp's dispatcher",
		.row = { "libxdp_10", "libxdp_2" }, .per = 8,
		.info = true,
	}, {
		.name = "chain_over_tail_calls", .kind = BAR_RATIO,
		.what = "a program more in a chain against one more by a tail call",
		.row = { "chain_32", "chain_2", "tail_calls_32", "tail_calls_2" },
		.min = 0, .max = 0.99,
	}, {
		.name = "chain_over_libxdp", .kind = BAR_RATIO,
		.what = "the same against one more in libxdp's dispatcher",
		.row = { "chain_8", "chain_2", "libxdp_8", "libxdp_2" },
		.min = 0, .max = 1,
	}, {
		.name = "idle_stack", .kind = BAR_DIFF,
		.what = "no program anywhere: modules loaded against not loaded",
		.row = { "macvlan_stack", "stock_macvlan_stack" },
		.min = -SAME, .max = SAME,
	}, {
		.name = "idle_lower_pass", .kind = BAR_DIFF,
		.what = "a program on the lower only: modules loaded against not loaded",
		.row = { "lower_pass", "stock_lower_pass" },
		.min = -SAME, .max = SAME,
	}, {
		.name = "macvtap_ring_over_floor", .kind = BAR_DIFF,
		.what = "macvtap native PASS, into its queue and out, over the lower's own drop",
		.row = { "macvtap_pass_ring", "lower_drop_tap" },
		.min = 0, .max = 400, .goal = 300,
	}, {
		.name = "macvtap_flow_hash", .kind = BAR_DIFF,
		.what = "what choosing one of four queues adds to that",
		.row = { "macvtap_pass_ring_4q", "macvtap_pass_ring" },
		.info = true,
	}, {
		.name = "macvtap_ring_stock", .kind = BAR_RATIO,
		.what = "the kernel's tap.ko without a program costs this many times that, over the floor",
		.row = { "stock_macvtap_ring", "lower_drop_tap", "macvtap_pass_ring", "lower_drop_tap" },
		.min = 5, .max = 1e9,
	}, {
		.name = "macvtap_vhost_stock", .kind = BAR_RATIO,
		.what = "the same to a reader through vhost-net, all in all",
		.row = { "stock_macvtap_vhost", NULL, "macvtap_pass_vhost", NULL },
		.min = 2, .max = 1e9,
	}, {
		.name = "macvtap_vhost_tap", .kind = BAR_RATIO,
		.what = "macvtap native PASS against XDP_REDIRECT to a tap, through vhost-net, all in all",
		.row = { "macvtap_pass_vhost", NULL, "stock_tap_redirect_vhost", NULL },
		.min = 0, .max = 1.1,
	}, {
		.name = "macvtap_skb_ring", .kind = BAR_RATIO,
		.what = "no program: our tap.ko against the kernel's, into the queue and out",
		.row = { "macvtap_ring", NULL, "stock_macvtap_ring", NULL },
		.min = 0, .max = 1.02,
	}, {
		.name = "macvtap_skb_vhost", .kind = BAR_RATIO,
		.what = "the same through vhost-net",
		.row = { "macvtap_vhost", NULL, "stock_macvtap_vhost", NULL },
		.min = 0, .max = 1.02,
	}, {
		.name = "hints_rx", .kind = BAR_DIFF,
		.what = "metadata of a macvlan: where the frame came in",
		.row = { "macvlan_drop_hints", "macvlan_drop" },
		.min = 0, .max = 40,
	}, {
		.name = "hints_bond_rx", .kind = BAR_DIFF,
		.what = "the same of a bond",
		.row = { "bond1_drop_hints", "bond1_drop" },
		.min = 0, .max = 40,
	}, {
		.name = "hints_hash", .kind = BAR_DIFF,
		.what = "the flow hash besides",
		.row = { "macvlan_drop_hash", "macvlan_drop_hints" },
		.info = true,
	}, {
		.name = "hints_time", .kind = BAR_DIFF,
		.what = "when it came besides",
		.row = { "macvlan_drop_time", "macvlan_drop_hints" },
		.info = true,
	}, {
		.name = "bond_drop_over_floor", .kind = BAR_DIFF,
		.what = "bond native drop over the slave's own drop",
		.row = { "bond1_drop", "bond1_lower_drop" },
		.min = 0, .max = 90, .goal = 60,
	}, {
		.name = "bond2_drop_over_floor", .kind = BAR_DIFF,
		.what = "the same of a bond of two",
		.row = { "bond2_drop", "bond2_lower_drop" },
		.min = 0, .max = 90, .goal = 60,
	}, {
		.name = "bond_drop_ipv6_over_floor", .kind = BAR_DIFF,
		.what = "the same of an IPv6 frame",
		.row = { "bond1_drop_ipv6", "bond1_lower_drop" },
		.min = 0, .max = 90, .goal = 60,
	}, {
		.name = "stock_bond_drop_over_floor", .kind = BAR_DIFF,
		.what = "the same by bonding's own XDP",
		.row = { "stock_bond1_drop", "stock_bond1_lower_drop" },
		.info = true,
	}, {
		.name = "bond_macvlan_drop_over_floor", .kind = BAR_DIFF,
		.what = "native drop of a macvlan on a bond over the slave's own drop",
		.row = { "bond_macvlan_drop", "bond2_lower_drop" },
		.min = 0, .max = 170,
	}, {
		.name = "bond_tx_over_stock", .kind = BAR_DIFF,
		.what = "bond native TX against bonding's own",
		.row = { "bond1_tx", "stock_bond1_tx" },
		.min = -1e9, .max = SAME,
	}, {
		.name = "bond2_tx_over_stock", .kind = BAR_DIFF,
		.what = "the same out of the other slave of two",
		.row = { "bond2_tx", "stock_bond2_tx" },
		.min = -1e9, .max = SAME,
	},
};

const size_t n_bars = ARRAY_SIZE(bars);
