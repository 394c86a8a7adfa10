/* SPDX-License-Identifier: GPL-2.0 */
/* Shims named after the API of Linux 6.12. */
#ifndef _XDP_RXH_COMPAT_LINUX_PTR_RING_H
#define _XDP_RXH_COMPAT_LINUX_PTR_RING_H

#include_next <linux/ptr_ring.h>

/*
 * Linux 6.12.y, "ptr_ring: do not block hard interrupts in
 * ptr_ring_resize_multiple()"
 */
#ifndef ptr_ring_resize_multiple_bh
#define ptr_ring_resize_multiple_bh ptr_ring_resize_multiple
#endif

#endif /* _XDP_RXH_COMPAT_LINUX_PTR_RING_H */
