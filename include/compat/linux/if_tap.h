/* SPDX-License-Identifier: GPL-2.0 */
/* What the tap.ko of a kernel does, and that of an older one does not. */
#ifndef _XDP_RXH_COMPAT_LINUX_IF_TAP_H
#define _XDP_RXH_COMPAT_LINUX_IF_TAP_H

#include <linux/version.h>
#include_next <linux/if_tap.h>

/* Linux 6.4, "tap: add support for IOCB_NOWAIT" */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
#define TAP_FMODE	((__force fmode_t)0)
#else
#define TAP_FMODE	FMODE_NOWAIT
#endif

/* Linux 6.5, "tap: allocate large fragments for skbs" */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define TAP_ALLOC_ORDER	0
#else
#define TAP_ALLOC_ORDER	PAGE_ALLOC_COSTLY_ORDER
#endif

#endif /* _XDP_RXH_COMPAT_LINUX_IF_TAP_H */
