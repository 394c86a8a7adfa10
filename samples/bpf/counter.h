/* SPDX-License-Identifier: GPL-2.0 */
/* How the samples count: by keys that each names for itself, on each CPU. */
#ifndef SAMPLES_COUNTER_H
#define SAMPLES_COUNTER_H

#include <linux/types.h>

#define COUNTERS	64	/* keys there are at most */

struct counter {
	__u64 frames;
	__u64 dropped;		/* of these */
};

#endif /* SAMPLES_COUNTER_H */
