/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs of edits.bpf.c and the editors of edits.c agree on: how a frame's path is written. */
#ifndef SELFTESTS_EDITS_H
#define SELFTESTS_EDITS_H

/*
 * Each program that a frame meets adds a digit to its path, which travels in the frame's metadata, and
 * moves the frame from one path's counter to the next one's. Path 0 is for frames that lost theirs.
 */
#define PATH_BITS	4
#define PATHS		(1 << 16)

enum {
	IN_PASS = 1,		/* the entry program, for each second frame */
	IN_DROP,
	IDS,			/* behind PASS; + version 0 or 1 */
	DUMP = IDS + 2,		/* behind DROP */
	TAIL = DUMP + 2,	/* behind both, of the version of both */
	EXTRA = TAIL + 2,	/* behind that, now and then, of any version */
};

/* A frame that begins its payload with this is the last one. */
#define LAST_FRAME	0x656e6421	/* "end!" */

#endif /* SELFTESTS_EDITS_H */
