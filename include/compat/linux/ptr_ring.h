/* SPDX-License-Identifier: GPL-2.0 */
/* Shims named after the API of Linux 6.12. */
#ifndef _XDP_RXH_COMPAT_LINUX_PTR_RING_H
#define _XDP_RXH_COMPAT_LINUX_PTR_RING_H

#include_next <linux/ptr_ring.h>

/*
 * Linux 6.12.y, "ptr_ring: do not block hard interrupts in
 * ptr_ring_resize_multiple()"
 */
#if !defined(ptr_ring_resize_multiple_bh) && defined(ptr_ring_resize_multiple)
#define ptr_ring_resize_multiple_bh ptr_ring_resize_multiple
#elif !defined(ptr_ring_resize_multiple_bh)
/*
 * What this kernel has calls @destroy with interrupts off, where no page_pool
 * takes its pages back.
 */
static inline int ptr_ring_resize_multiple_bh(struct ptr_ring **rings,
					      unsigned int nrings, int size,
					      gfp_t gfp,
					      void (*destroy)(void *))
{
	void ***queues = kcalloc(nrings, sizeof(*queues), gfp);
	int err = -ENOMEM;
	unsigned int i;

	if (!queues)
		return err;
	for (i = 0; i < nrings; i++) {
		queues[i] = __ptr_ring_init_queue_alloc(size, gfp);
		if (!queues[i])
			goto out;
	}
	for (i = 0; i < nrings; i++) {
		spin_lock_bh(&rings[i]->consumer_lock);
		spin_lock(&rings[i]->producer_lock);
		queues[i] = __ptr_ring_swap_queue(rings[i], queues[i], size,
						  gfp, destroy);
		spin_unlock(&rings[i]->producer_lock);
		spin_unlock_bh(&rings[i]->consumer_lock);
	}
	err = 0;
out:
	for (i = 0; i < nrings; i++)
		kvfree(queues[i]);
	kfree(queues);
	return err;
}
#endif

#endif /* _XDP_RXH_COMPAT_LINUX_PTR_RING_H */
