// SPDX-License-Identifier: GPL-2.0
/*
 * Programs we write ourselves, from raw instructions.
 *
 * A port program is what the lower's driver is given: it asks the port's
 * handler for the frame's upper and runs that upper's program, all by direct
 * calls. The verifier never sees it, so it may call any function and read
 * struct xdp_buff as it is.
 */
#include <linux/bpf.h>
#include <linux/filter.h>

#include "xdp_rxh.h"

static struct bpf_prog *xdp_rxh_gen(const struct bpf_insn *insns,
				    unsigned int len, bool frags)
{
	struct bpf_prog *prog;
	int err = 0;

	prog = bpf_prog_alloc(bpf_prog_size(len), 0);
	if (!prog)
		return ERR_PTR(-ENOMEM);

	prog->len = len;
	prog->type = BPF_PROG_TYPE_XDP;
	prog->expected_attach_type = BPF_XDP;
	prog->gpl_compatible = 1;
	prog->aux->xdp_has_frags = frags;
	strscpy(prog->aux->name, "xdp_rx_handler", sizeof(prog->aux->name));
	memcpy(prog->insnsi, insns, len * sizeof(*insns));

	prog = bpf_prog_select_runtime(prog, &err);
	if (err) {
		bpf_prog_free(prog);
		return ERR_PTR(err);
	}
	/* bpf_prog_alloc() leaves it at none */
	atomic64_set(&prog->aux->refcnt, 1);
	return prog;
}

/**
 * xdp_rxh_gen_port - generate a port program
 * @port: the port; its handler and its @own program are built in
 * @frags: whether the driver may give it frames in several fragments
 *
 * Context: process context, may sleep.
 *
 * Return: the program with one reference, to be given back with
 * bpf_prog_put(), or an ERR_PTR().
 */
struct bpf_prog *xdp_rxh_gen_port(struct xdp_rxh_port *port, bool frags)
{
	const struct bpf_insn own[] = {
		BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),
		BPF_LD_IMM64(BPF_REG_2, (unsigned long)port),
		BPF_EMIT_CALL(xdp_rxh_run_own),
		BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, XDP_PASS, 1),
		BPF_EXIT_INSN(),
		BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),
	};
	const struct bpf_insn upper[] = {
		BPF_LD_IMM64(BPF_REG_2, (unsigned long)port),
		BPF_EMIT_CALL(port->handler->run),
		BPF_EXIT_INSN(),
	};
	struct bpf_insn insns[ARRAY_SIZE(own) + ARRAY_SIZE(upper)];
	unsigned int len = 0;

	if (port->own) {
		memcpy(insns, own, sizeof(own));
		len = ARRAY_SIZE(own);
	}
	memcpy(insns + len, upper, sizeof(upper));
	len += ARRAY_SIZE(upper);

	return xdp_rxh_gen(insns, len, frags);
}

/**
 * xdp_rxh_gen_skb - generate the program that stands in for an upper's own on
 *	the skb path
 *
 * Context: process context, may sleep.
 *
 * Return: as xdp_rxh_gen_port().
 */
struct bpf_prog *xdp_rxh_gen_skb(void)
{
	const struct bpf_insn insns[] = {
		BPF_EMIT_CALL(xdp_rxh_run_skb),
		BPF_EXIT_INSN(),
	};

	return xdp_rxh_gen(insns, ARRAY_SIZE(insns), true);
}
