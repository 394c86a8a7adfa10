/* SPDX-License-Identifier: GPL-2.0 */
/* Whom balancer.bpf.c sends to, for balancer.c. */
#ifndef SAMPLES_BALANCER_H
#define SAMPLES_BALANCER_H

#include <linux/if_ether.h>

#include "counter.h"

/* How its frames begin */
struct backend {
	unsigned char to[ETH_ALEN];
	unsigned char from[ETH_ALEN];	/* the device that sends */
};

#define MAX_BACKENDS	COUNTERS

#endif /* SAMPLES_BALANCER_H */
