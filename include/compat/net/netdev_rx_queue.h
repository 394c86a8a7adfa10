/* SPDX-License-Identifier: GPL-2.0 */
/* Linux 6.6, "net: move struct netdev_rx_queue out of netdevice.h" */
#ifndef _XDP_RXH_COMPAT_NET_NETDEV_RX_QUEUE_H
#define _XDP_RXH_COMPAT_NET_NETDEV_RX_QUEUE_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#include <linux/netdevice.h>
#else
#include_next <net/netdev_rx_queue.h>
#endif

#endif /* _XDP_RXH_COMPAT_NET_NETDEV_RX_QUEUE_H */
