// SPDX-License-Identifier: GPL-2.0
/*
 * What an administrator reads of an upper: ip -s link and ethtool -S.
 *
 * Readers hold RTNL or are in an RCU read section.
 */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "xdp_rxh.h"

/* the first XDP_RXH_VERDICTS in the order of enum xdp_action */
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

static void xdp_rxh_sum(const struct xdp_rxh_upper *upper,
			struct xdp_rxh_sum *sum)
{
	struct xdp_rxh_stats *stats;
	struct xdp_rxh_sum before;
	unsigned int start;
	int cpu;

	memset(sum, 0, sizeof(*sum));
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
	struct xdp_rxh_sum sum;

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
