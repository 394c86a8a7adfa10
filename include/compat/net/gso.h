/* SPDX-License-Identifier: GPL-2.0 */
/* Linux 6.5, "net: move gso declarations and functions to their own files" */
#ifndef _XDP_RXH_COMPAT_NET_GSO_H
#define _XDP_RXH_COMPAT_NET_GSO_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#include <linux/netdevice.h>
#else
#include_next <net/gso.h>
#endif

#endif /* _XDP_RXH_COMPAT_NET_GSO_H */
