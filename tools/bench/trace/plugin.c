// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU that counts how often each kernel instruction is executed between two marks of
 * xdp-cost (see ../measure.c), and writes them to <out>.0, <out>.1, ... with each end mark:
 *
 *	<address> <count> [<disassembly>, of modules and JITed programs only]
 *
 * One vCPU only.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../mark.h"
#include "qemu-plugin.h"

#define KERNEL		0xffff800000000000ull
#define MODULES		0xffffffffc0000000ull
#define BUCKETS		(1u << 20)

EXPORT int qemu_plugin_version = 1;

struct insn {
	struct insn *next;
	uint64_t addr;
	uint64_t count;
	char *disas;
};

static struct insn *table[BUCKETS];
static const char *out = "trace";
static unsigned int runs;

static struct insn *find(uint64_t addr)
{
	struct insn **head = &table[(addr ^ addr >> 20) % BUCKETS], *i;

	for (i = *head; i; i = i->next)
		if (i->addr == addr)
			return i;
	i = calloc(1, sizeof(*i));
	if (!i)
		abort();
	i->addr = addr;
	i->next = *head;
	*head = i;
	return i;
}

static void begin(unsigned int cpu, void *data)
{
	struct insn *i;
	size_t b;

	(void)cpu;
	(void)data;
	for (b = 0; b < BUCKETS; b++)
		for (i = table[b]; i; i = i->next)
			i->count = 0;
}

static void end(unsigned int cpu, void *data)
{
	char path[4096];
	struct insn *i;
	size_t b;
	FILE *f;

	(void)cpu;
	(void)data;
	snprintf(path, sizeof(path), "%s.%u", out, runs++);
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		return;
	}
	for (b = 0; b < BUCKETS; b++)
		for (i = table[b]; i; i = i->next)
			if (i->count)
				fprintf(f, "%016llx %llu %s\n", (unsigned long long)i->addr,
					(unsigned long long)i->count, i->disas ?: "");
	fclose(f);
}

static uint32_t mark_of(const struct qemu_plugin_insn *insn)
{
	static const uint8_t nopl[] = { 0x0f, 0x1f, 0x80 };
	const uint8_t *data = qemu_plugin_insn_data(insn);
	uint32_t which;

	if (qemu_plugin_insn_size(insn) != MARK_LEN || memcmp(data, nopl, sizeof(nopl)))
		return 0;
	memcpy(&which, data + sizeof(nopl), sizeof(which));
	return which;
}

static void translate(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb), i;

	(void)id;
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *qi = qemu_plugin_tb_get_insn(tb, i);
		uint64_t addr = qemu_plugin_insn_vaddr(qi);
		struct insn *insn;

		if (addr >= KERNEL) {
			insn = find(addr);
			if (addr >= MODULES) {
				/* Modules and programs come and go. */
				free(insn->disas);
				insn->disas = qemu_plugin_insn_disas(qi);
			}
			qemu_plugin_register_vcpu_insn_exec_inline(qi, INLINE_ADD_U64,
								   &insn->count, 1);
			continue;
		}
		switch (mark_of(qi)) {
		case MARK_BEGIN:
			qemu_plugin_register_vcpu_insn_exec_cb(qi, begin, CB_NO_REGS, NULL);
			break;
		case MARK_END:
			qemu_plugin_register_vcpu_insn_exec_cb(qi, end, CB_NO_REGS, NULL);
			break;
		}
	}
}

EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc > 0 && !strncmp(argv[0], "out=", 4))
		out = argv[0] + 4;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
