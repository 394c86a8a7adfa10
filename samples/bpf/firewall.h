/* SPDX-License-Identifier: GPL-2.0 */
/* The rules of firewall.bpf.c, for firewall.c. */
#ifndef SAMPLES_FIREWALL_H
#define SAMPLES_FIREWALL_H

#include <linux/types.h>

/* What is counted: IP denied for its source; the rest of it, denied or not for its port; what is not IP; what can't be
 * read.
 */
enum { BY_SOURCE, BY_PORT, NOT_IP, BROKEN, REASONS };

#define MAX_RULES	1024
#define FAMILY_BITS	32	/* of every prefix; those of the address follow */

struct cidr {
	__u32 prefixlen;
	__u32 family;		/* 4 or 6 */
	__u8 addr[16];
};

struct port {
	__u32 proto;
	__u16 port;		/* 0: those without a rule of their own */
	__u16 pad;
};

enum { DENY, ALLOW };		/* of a __u32 */

#endif /* SAMPLES_FIREWALL_H */
