/* SPDX-License-Identifier: GPL-2.0 */
/* Shims named after the API of Linux 6.12. */
#ifndef _XDP_RXH_COMPAT_LINUX_SKBUFF_H
#define _XDP_RXH_COMPAT_LINUX_SKBUFF_H

#include <linux/version.h>
#include_next <linux/skbuff.h>

/* What vhost waits for to hear of a buffer it lent. */
static inline void xdp_rxh_ubuf_complete(struct ubuf_info *uarg, bool success)
{
/* Linux 6.10, "net: extend ubuf_info callback to ops structure" */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
	uarg->callback(NULL, uarg, success);
#else
	uarg->ops->complete(NULL, uarg, success);
#endif
}

#endif /* _XDP_RXH_COMPAT_LINUX_SKBUFF_H */
