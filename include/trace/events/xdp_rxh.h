/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way of a frame through the floors of stacked devices; "xdp-rxh trace"
 * reads it. All events of a frame have the same @frame, the address of the
 * buffer it came in with: another frame's once that is used again.
 *
 * A device's ifindex means something in its namespace only: @netns is the
 * inode of that, as of /proc/PID/ns/net.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM xdp_rxh

#if !defined(_TRACE_XDP_RXH_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_XDP_RXH_H

#include <linux/bpf.h>
#include <linux/netdevice.h>
#include <linux/tracepoint.h>
#include <net/net_namespace.h>
#include <uapi/linux/xdp_rx_handler.h>

int xdp_rxh_trace_reg(void);
void xdp_rxh_trace_unreg(void);

/* for those who read the raw events and do not know these */
TRACE_DEFINE_ENUM(XDP_ABORTED);
TRACE_DEFINE_ENUM(XDP_DROP);
TRACE_DEFINE_ENUM(XDP_PASS);
TRACE_DEFINE_ENUM(XDP_TX);
TRACE_DEFINE_ENUM(XDP_REDIRECT);
TRACE_DEFINE_ENUM(XDP_RXH_FLOOR_LOWER);
TRACE_DEFINE_ENUM(XDP_RXH_FLOOR_UPPER);
TRACE_DEFINE_ENUM(XDP_RXH_FLOOR_SKB);
TRACE_DEFINE_ENUM(XDP_RXH_END_PASS);
TRACE_DEFINE_ENUM(XDP_RXH_END_STACK);
TRACE_DEFINE_ENUM(XDP_RXH_END_READER);
TRACE_DEFINE_ENUM(XDP_RXH_END_TX);
TRACE_DEFINE_ENUM(XDP_RXH_END_XMIT);
TRACE_DEFINE_ENUM(XDP_RXH_END_REDIRECT);
TRACE_DEFINE_ENUM(XDP_RXH_END_ERROR);
TRACE_DEFINE_ENUM(XDP_RXH_END_TX_ERROR);
TRACE_DEFINE_ENUM(XDP_RXH_END_REDIRECT_ERROR);
TRACE_DEFINE_ENUM(XDP_RXH_END_READER_ERROR);

#ifndef _XDP_RXH_TRACE_DEV
#define _XDP_RXH_TRACE_DEV
#define xdp_rxh_trace_netns(dev)	((dev) ? dev_net(dev)->ns.inum : 0)
#define xdp_rxh_trace_name(to, dev)				\
	strscpy_pad(to, (dev) ? (dev)->name : "", IFNAMSIZ)
#endif

/* A frame: where, and how it begins, for filters. */
DECLARE_EVENT_CLASS(xdp_rxh_frame,

	TP_PROTO(const void *frame, const struct net_device *dev, u32 queue,
		 bool stacked, u32 len, const void *data, u32 caplen),

	TP_ARGS(frame, dev, queue, stacked, len, data, caplen),

	TP_STRUCT__entry(
		__field(const void *, frame)
		__field(u32, netns)
		__field(int, ifindex)
		__array(char, name, IFNAMSIZ)
		__field(u32, queue)
		__field(u32, len)
		__field(bool, stacked)
		__dynamic_array(u8, data, caplen)
	),

	TP_fast_assign(
		__entry->frame = frame;
		__entry->netns = xdp_rxh_trace_netns(dev);
		__entry->ifindex = dev->ifindex;
		xdp_rxh_trace_name(__entry->name, dev);
		__entry->queue = queue;
		__entry->len = len;
		__entry->stacked = stacked;
		memcpy(__get_dynamic_array(data), data, caplen);
	),

	TP_printk("frame=%p netns=%u ifindex=%d name=%s queue=%u len=%u stacked=%d data=%s",
		  __entry->frame, __entry->netns, __entry->ifindex,
		  __entry->name, __entry->queue, __entry->len,
		  __entry->stacked,
		  __print_hex_str(__get_dynamic_array(data),
				  __get_dynamic_array_len(data)))
);

/* comes to the port program of a lower; of a second one, if @stacked */
DEFINE_EVENT_FN(xdp_rxh_frame, xdp_rxh_rx,
	TP_PROTO(const void *frame, const struct net_device *dev, u32 queue,
		 bool stacked, u32 len, const void *data, u32 caplen),
	TP_ARGS(frame, dev, queue, stacked, len, data, caplen),
	xdp_rxh_trace_reg, xdp_rxh_trace_unreg
);

/* comes to an upper as an sk_buff that has not met its program */
DEFINE_EVENT_FN(xdp_rxh_frame, xdp_rxh_skb,
	TP_PROTO(const void *frame, const struct net_device *dev, u32 queue,
		 bool stacked, u32 len, const void *data, u32 caplen),
	TP_ARGS(frame, dev, queue, stacked, len, data, caplen),
	xdp_rxh_trace_reg, xdp_rxh_trace_unreg
);

/* sent by an upper's user to another upper's, past the lower */
DEFINE_EVENT_FN(xdp_rxh_frame, xdp_rxh_forward,
	TP_PROTO(const void *frame, const struct net_device *dev, u32 queue,
		 bool stacked, u32 len, const void *data, u32 caplen),
	TP_ARGS(frame, dev, queue, stacked, len, data, caplen),
	xdp_rxh_trace_reg, xdp_rxh_trace_unreg
);

/* A program was run; of a chain, each one that was. */
TRACE_EVENT_FN(xdp_rxh_prog,

	TP_PROTO(const void *frame, const struct net_device *dev,
		 const struct bpf_prog *run, u32 node, u32 floor, u32 act),

	TP_ARGS(frame, dev, run, node, floor, act),

	TP_STRUCT__entry(
		__field(const void *, frame)
		__field(u32, netns)
		__field(int, ifindex)
		__array(char, name, IFNAMSIZ)
		__field(u32, prog_id)
		__array(char, prog_name, BPF_OBJ_NAME_LEN)
		__field(u32, node)
		__field(u32, floor)
		__field(u32, act)
	),

	TP_fast_assign(
		__entry->frame = frame;
		__entry->netns = xdp_rxh_trace_netns(dev);
		__entry->ifindex = dev->ifindex;
		xdp_rxh_trace_name(__entry->name, dev);
		__entry->prog_id = run->aux->id;
		memcpy(__entry->prog_name, run->aux->name, BPF_OBJ_NAME_LEN);
		__entry->node = node;
		__entry->floor = floor;
		__entry->act = act;
	),

	TP_printk("frame=%p netns=%u ifindex=%d name=%s floor=%s prog_id=%u prog_name=%s node=%u action=%s",
		  __entry->frame, __entry->netns, __entry->ifindex,
		  __entry->name,
		  __print_symbolic(__entry->floor,
				   { XDP_RXH_FLOOR_LOWER, "lower" },
				   { XDP_RXH_FLOOR_UPPER, "upper" },
				   { XDP_RXH_FLOOR_SKB, "skb" }),
		  __entry->prog_id, __entry->prog_name, __entry->node,
		  __print_symbolic(__entry->act,
				   { XDP_ABORTED, "ABORTED" },
				   { XDP_DROP, "DROP" },
				   { XDP_PASS, "PASS" },
				   { XDP_TX, "TX" },
				   { XDP_REDIRECT, "REDIRECT" })),

	xdp_rxh_trace_reg, xdp_rxh_trace_unreg
);

/* Which upper a frame of a lower is for: %NULL, or without @native: the skb path. */
TRACE_EVENT_FN(xdp_rxh_choice,

	TP_PROTO(const void *frame, const struct net_device *lower,
		 const struct net_device *dev, bool native),

	TP_ARGS(frame, lower, dev, native),

	TP_STRUCT__entry(
		__field(const void *, frame)
		__field(u32, lower_netns)
		__field(int, lower_ifindex)
		__array(char, lower_name, IFNAMSIZ)
		__field(u32, netns)
		__field(int, ifindex)
		__array(char, name, IFNAMSIZ)
		__field(bool, native)
	),

	TP_fast_assign(
		__entry->frame = frame;
		__entry->lower_netns = xdp_rxh_trace_netns(lower);
		__entry->lower_ifindex = lower->ifindex;
		xdp_rxh_trace_name(__entry->lower_name, lower);
		__entry->netns = xdp_rxh_trace_netns(dev);
		__entry->ifindex = dev ? dev->ifindex : 0;
		xdp_rxh_trace_name(__entry->name, dev);
		__entry->native = native;
	),

	TP_printk("frame=%p lower_netns=%u lower_ifindex=%d lower_name=%s netns=%u ifindex=%d name=%s native=%d",
		  __entry->frame, __entry->lower_netns,
		  __entry->lower_ifindex, __entry->lower_name,
		  __entry->netns, __entry->ifindex, __entry->name,
		  __entry->native),

	xdp_rxh_trace_reg, xdp_rxh_trace_unreg
);

/*
 * What became of a frame that an upper's program did not drop. @map is the id
 * of the map it was redirected by, and @to the key there; or @to is an ifindex.
 */
TRACE_EVENT_FN(xdp_rxh_delivery,

	TP_PROTO(const void *frame, const struct net_device *dev, u32 how,
		 u32 map, u32 to),

	TP_ARGS(frame, dev, how, map, to),

	TP_STRUCT__entry(
		__field(const void *, frame)
		__field(u32, netns)
		__field(int, ifindex)
		__array(char, name, IFNAMSIZ)
		__field(u32, how)
		__field(u32, map)
		__field(u32, to)
	),

	TP_fast_assign(
		__entry->frame = frame;
		__entry->netns = xdp_rxh_trace_netns(dev);
		__entry->ifindex = dev->ifindex;
		xdp_rxh_trace_name(__entry->name, dev);
		__entry->how = how;
		__entry->map = map;
		__entry->to = to;
	),

	TP_printk("frame=%p netns=%u ifindex=%d name=%s how=%s map=%u to=%u",
		  __entry->frame, __entry->netns, __entry->ifindex,
		  __entry->name,
		  __print_symbolic(__entry->how,
				   { XDP_RXH_END_PASS, "pass" },
				   { XDP_RXH_END_STACK, "stack" },
				   { XDP_RXH_END_READER, "reader" },
				   { XDP_RXH_END_TX, "tx" },
				   { XDP_RXH_END_XMIT, "xmit" },
				   { XDP_RXH_END_REDIRECT, "redirect" },
				   { XDP_RXH_END_ERROR, "error" },
				   { XDP_RXH_END_TX_ERROR, "tx_error" },
				   { XDP_RXH_END_REDIRECT_ERROR,
				     "redirect_error" },
				   { XDP_RXH_END_READER_ERROR,
				     "reader_error" }),
		  __entry->map, __entry->to),

	xdp_rxh_trace_reg, xdp_rxh_trace_unreg
);

#endif /* _TRACE_XDP_RXH_H */

#include <trace/define_trace.h>
