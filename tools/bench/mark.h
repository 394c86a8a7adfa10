/* SPDX-License-Identifier: GPL-2.0 */
/* Marks around a measurement, for the plugin in trace/: nops that nobody else has. */
#ifndef BENCH_MARK_H
#define BENCH_MARK_H

#define MARK_BEGIN	0x626e6368
#define MARK_END	0x656e6468

/* nopl <which>(%rax), 7 bytes of which the last four are the mark. */
#define MARK_LEN	7

static inline __attribute__((always_inline)) void mark(unsigned int which)
{
	asm volatile(".byte 0x0f, 0x1f, 0x80; .long %c0" : : "i" (which) : "memory");
}

#endif /* BENCH_MARK_H */
