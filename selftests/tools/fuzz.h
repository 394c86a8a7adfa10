/* SPDX-License-Identifier: GPL-2.0 */
/* What fuzz.c and its programs have to agree on. */
#ifndef SELFTESTS_TOOLS_FUZZ_H
#define SELFTESTS_TOOLS_FUZZ_H

#include <linux/types.h>

#define FUZZ_SUM_BYTES	64

enum { FUZZ_PASS, FUZZ_DROP, FUZZ_TX, FUZZ_REWRITE, FUZZ_ABORT, FUZZ_REDIRECT, FUZZ_ACTIONS };

struct fuzz_key {
	__u32 ifindex;		/* ctx->ingress_ifindex */
	__u16 len;
	__u16 action;
};

/* In whatever order the frames come, the same sums. */
struct fuzz_value {
	__u64 frames;
	__u64 sum;
};

#endif /* SELFTESTS_TOOLS_FUZZ_H */
