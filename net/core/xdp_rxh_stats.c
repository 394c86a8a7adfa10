// SPDX-License-Identifier: GPL-2.0
/*
 * What an administrator reads of an upper: ip -s link and ethtool -S, and
 * both by our netlink family.
 *
 * Readers hold RTNL or are in an RCU read section.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/netlink.h>
#include <uapi/linux/xdp_rx_handler.h>

#include "xdp_rxh.h"

/*
 * What the netlink family tells of a device beyond these is in the same order;
 * the first XDP_RXH_VERDICTS in the order of enum xdp_action.
 */
static const char xdp_rxh_strings[][ETH_GSTRING_LEN] = {
	"rx_xdp_aborted",
	"rx_xdp_drop",
	"rx_xdp_pass",
	"rx_xdp_tx",
	"rx_xdp_redirect",
	"rx_xdp_invalid",
	"rx_xdp_skb",
	"rx_xdp_tx_errors",
	"rx_xdp_redirect_errors",
	"rx_xdp_errors",
	"tx_xdp_xmit",
	"tx_xdp_xmit_errors",
};

static_assert(ARRAY_SIZE(xdp_rxh_strings) ==
	      XDP_RXH_VERDICTS + XDP_RXH_STATS);
static_assert(XDP_RXH_A_COUNT_ABORTED + ARRAY_SIZE(xdp_rxh_strings) - 1 ==
	      XDP_RXH_A_COUNT_XMIT_ERRORS);

struct xdp_rxh_sum {
	u64 rx_packets;
	u64 rx_bytes;
	u64 tx_packets;
	u64 tx_bytes;
	u64 ethtool[XDP_RXH_VERDICTS + XDP_RXH_STATS];
};

static void xdp_rxh_sum_cpu(const struct xdp_rxh_stats *stats,
			    struct xdp_rxh_sum *sum)
{
	int i;

	for (i = 0; i < XDP_RXH_VERDICTS; i++) {
		u64 packets = u64_stats_read(&stats->native[i].packets);

		sum->ethtool[i] += packets + u64_stats_read(&stats->skb[i]);
		if (i == XDP_PASS)
			continue;
		sum->rx_packets += packets;
		sum->rx_bytes += u64_stats_read(&stats->native[i].bytes);
	}
	sum->ethtool[XDP_PASS] +=
		u64_stats_read(&stats->native[XDP_RXH_DELIVERED].packets);
	sum->rx_packets +=
		u64_stats_read(&stats->native[XDP_RXH_DELIVERED].packets);
	sum->rx_bytes +=
		u64_stats_read(&stats->native[XDP_RXH_DELIVERED].bytes);
	for (i = 0; i < XDP_RXH_STATS; i++)
		sum->ethtool[XDP_RXH_VERDICTS + i] +=
			u64_stats_read(&stats->misc[i]);
	sum->rx_packets += u64_stats_read(&stats->rx.packets);
	sum->rx_bytes += u64_stats_read(&stats->rx.bytes);
	sum->tx_packets += u64_stats_read(&stats->tx.packets);
	sum->tx_bytes += u64_stats_read(&stats->tx.bytes);
}

/* Adds to @sum. */
static void xdp_rxh_sum(const struct xdp_rxh_upper *upper,
			struct xdp_rxh_sum *sum)
{
	struct xdp_rxh_stats *stats;
	struct xdp_rxh_sum before;
	unsigned int start;
	int cpu;

	for_each_possible_cpu(cpu) {
		stats = per_cpu_ptr(upper->stats, cpu);
		before = *sum;
		do {
			*sum = before;
			start = u64_stats_fetch_begin(&stats->syncp);
			xdp_rxh_sum_cpu(stats, sum);
		} while (u64_stats_fetch_retry(&stats->syncp, start));
	}
}

/**
 * xdp_rxh_get_stats64 - ndo_get_stats64 of an upper
 * @dev: the upper device
 * @stats: receives the device's own counters and the frames that XDP consumed
 *	before, or transmitted past, its driver
 *
 * Context: RTNL or RCU read side.
 */
void xdp_rxh_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *stats)
{
	const struct xdp_rxh_upper *upper;
	struct xdp_rxh_sum sum = {};

	rcu_read_lock();
	upper = xdp_rxh_upper_find(dev);
	if (upper && upper->ops) {
		upper->ops->orig->ndo_get_stats64(dev, stats);
		xdp_rxh_sum(upper, &sum);
		stats->rx_packets += sum.rx_packets;
		stats->rx_bytes += sum.rx_bytes;
		stats->tx_packets += sum.tx_packets;
		stats->tx_bytes += sum.tx_bytes;
	}
	rcu_read_unlock();
}

static int xdp_rxh_get_sset_count(struct net_device *dev, int sset)
{
	return sset == ETH_SS_STATS ? ARRAY_SIZE(xdp_rxh_strings) : -EOPNOTSUPP;
}

static void xdp_rxh_get_strings(struct net_device *dev, u32 sset, u8 *data)
{
	if (sset == ETH_SS_STATS)
		memcpy(data, xdp_rxh_strings, sizeof(xdp_rxh_strings));
}

static void xdp_rxh_get_ethtool_stats(struct net_device *dev,
				      struct ethtool_stats *stats, u64 *data)
{
	const struct xdp_rxh_upper *upper = xdp_rxh_upper_find(dev);
	struct xdp_rxh_sum sum = {};

	ASSERT_RTNL();
	if (upper)
		xdp_rxh_sum(upper, &sum);
	memcpy(data, sum.ethtool, sizeof(sum.ethtool));
}

/**
 * xdp_rxh_ethtool_fill - give ethtool_ops our statistics
 * @ops: a copy of the upper's ethtool_ops; has none of its own
 */
void xdp_rxh_ethtool_fill(struct ethtool_ops *ops)
{
	ops->get_sset_count = xdp_rxh_get_sset_count;
	ops->get_strings = xdp_rxh_get_strings;
	ops->get_ethtool_stats = xdp_rxh_get_ethtool_stats;
}

static int xdp_rxh_put_links(struct sk_buff *msg, struct net_device *dev)
{
	struct rtnl_link_stats64 storage;
	const struct rtnl_link_stats64 *link = dev_get_stats(dev, &storage);
	const u64 counts[] = {
		link->rx_packets, link->rx_bytes, link->rx_dropped,
		link->tx_packets, link->tx_bytes, link->tx_dropped,
	};
	int i, err = 0;

	for (i = 0; i < ARRAY_SIZE(counts) && !err; i++)
		err = nla_put_u64_64bit(msg, XDP_RXH_A_COUNT_RX_PACKETS + i,
					counts[i], XDP_RXH_A_COUNT_PAD);
	return err;
}

/**
 * xdp_rxh_put_counters - what ip -s link and ethtool -S show of a device
 * @msg: the netlink message it goes into
 * @dev: the device
 * @upper: as an upper, or %NULL
 * @port: its port, or %NULL: if it is no upper all its uppers' are summed up
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0 or -EMSGSIZE.
 */
int xdp_rxh_put_counters(struct sk_buff *msg, struct net_device *dev,
			 const struct xdp_rxh_upper *upper,
			 const struct xdp_rxh_port *port)
{
	struct nlattr *nest = nla_nest_start(msg, XDP_RXH_A_COUNTERS);
	const struct xdp_rxh_upper *each;
	struct xdp_rxh_sum sum = {};
	int i, err;

	if (!nest)
		return -EMSGSIZE;
	if (upper)
		xdp_rxh_sum(upper, &sum);
	else
		list_for_each_entry(each, &port->uppers, list)
			xdp_rxh_sum(each, &sum);
	err = xdp_rxh_put_links(msg, dev);
	for (i = 0; i < ARRAY_SIZE(sum.ethtool) && !err; i++)
		err = nla_put_u64_64bit(msg, XDP_RXH_A_COUNT_ABORTED + i,
					sum.ethtool[i], XDP_RXH_A_COUNT_PAD);
	if (!err && !upper)
		err = nla_put_u64_64bit(msg, XDP_RXH_A_COUNT_SINK_DROPPED,
					xdp_rxh_sink_dropped(dev_net(dev)),
					XDP_RXH_A_COUNT_PAD);
	if (!err)
		nla_nest_end(msg, nest);
	return err;
}

/**
 * xdp_rxh_count_xmit - count what an upper's ndo_xdp_xmit() did
 * @dev: the upper device
 * @packets: frames its own driver did not see and count
 * @bytes: their bytes
 * @skbs: further frames, which its own driver counts
 * @errors: frames that could not be transmitted
 *
 * Context: BH off, RCU read side.
 */
void xdp_rxh_count_xmit(const struct net_device *dev, unsigned int packets,
			unsigned int bytes, unsigned int skbs,
			unsigned int errors)
{
	const struct xdp_rxh_upper *upper = xdp_rxh_upper_find(dev);
	struct xdp_rxh_stats *stats;

	if (!upper)
		return;
	stats = this_cpu_ptr(upper->stats);
	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&stats->tx.packets, packets);
	u64_stats_add(&stats->tx.bytes, bytes);
	u64_stats_add(&stats->misc[XDP_RXH_XMIT], packets + skbs);
	u64_stats_add(&stats->misc[XDP_RXH_XMIT_ERRORS], errors);
	u64_stats_update_end(&stats->syncp);
}
EXPORT_SYMBOL_GPL(xdp_rxh_count_xmit);
