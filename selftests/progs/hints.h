/* SPDX-License-Identifier: GPL-2.0 */
/* What hints.bpf.c writes down; all words, so that "xdpctl dump" can show it. */
#ifndef SELFTESTS_HINTS_H
#define SELFTESTS_HINTS_H

struct hint_key {
	__u32 stream, len, type_id, ifindex, queue, slot, hash;
};

struct hint_value {
	__u32 frames, timed;
};

#endif /* SELFTESTS_HINTS_H */
