/* SPDX-License-Identifier: GPL-2.0 */
/* What the generator (bench.bpf.c) and its user (measure.c) agree upon. */
#ifndef BENCH_GEN_H
#define BENCH_GEN_H

/*
 * Frames per softirq: one NAPI poll's budget, and BPF_PROG_RUN's own default. Veth B gets them from
 * devmap in bulks of 16, and polls once all of them are there, as a NIC under load does.
 */
#define GEN_BATCH	64

/*
 * The same where a process must run after each batch: less than a poll's budget, or NAPI polls again,
 * and with a process waiting for the CPU that happens in ksoftirqd, whenever it gets to run.
 */
#define GEN_SOCK_BATCH	32
#define GEN_MAX_BATCHES	1024

/* Most tenants that demux.bpf.c tells apart. */
#define DEMUX_MAX_TENANTS	4096

#endif /* BENCH_GEN_H */
