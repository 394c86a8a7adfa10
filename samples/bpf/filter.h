/* SPDX-License-Identifier: GPL-2.0 */
/* What filter.bpf.c counts and limits by, for filter.c. */
#ifndef SAMPLES_FILTER_H
#define SAMPLES_FILTER_H

#include <linux/types.h>

/* Each frame is one of these; IPv4 and IPv6 are what has none of the protocols before. */
enum { ARP, TCP, UDP, ICMP, IPV4, IPV6, OTHER, PROTOCOLS };

struct limit {
	__u32 limited;		/* 0: pass all */
	__u32 per_second;	/* else pass so many, drop the others */
};

#endif /* SAMPLES_FILTER_H */
