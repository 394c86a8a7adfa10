/* SPDX-License-Identifier: GPL-2.0 */
/* What the demo's programs and their reader, xdp-counts, agree upon. */
#ifndef DEMO_H
#define DEMO_H

#define DEMO_PORT	7777	/* what drop-udp drops */

enum demo_class {
	DEMO_PING,		/* ICMP echo requests */
	DEMO_UDP_PORT,		/* UDP to DEMO_PORT */
	DEMO_UDP_OTHER,
	DEMO_OTHER,		/* ARP, TCP, answers, ... */
	DEMO_CLASSES,
};

struct demo_count {
	unsigned long long seen;
	unsigned long long dropped;
};

#endif /* DEMO_H */
