/* SPDX-License-Identifier: GPL-2.0 */
/* What hints.bpf.c counts by, for hints.c. */
#ifndef SAMPLES_HINTS_H
#define SAMPLES_HINTS_H

enum { NO_META, META_MACVLAN, META_BOND, META_OTHER };

struct origin {
	__u32 layout;		/* one of the above */
	__u32 ifindex;		/* of the lower, or of the slave; 0 for others */
	__u32 queue;
};

#endif /* SAMPLES_HINTS_H */
