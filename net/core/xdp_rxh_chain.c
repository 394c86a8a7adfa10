// SPDX-License-Identifier: GPL-2.0
/*
 * Chains: several programs on one device, the next one chosen by what the one
 * before returned.
 *
 * A chain is compiled to one program, which calls its members directly: their
 * JITed code is an ordinary function of (ctx). That program takes the place of
 * the device's own, so the fast path knows nothing of chains. An edit works on
 * a copy, compiles that, and publishes it whole; members and compiled program
 * are freed a grace period after the last reference has been put.
 *
 * A node's edges lead to nodes by id. There are no cycles, and a frame meets
 * no more than XDP_RXH_CHAIN_WALK programs.
 *
 * All of this is under RTNL.
 */
#include <linux/bitmap.h>
#include <linux/filter.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include <net/xdp.h>

#include "xdp_rxh.h"
#include "xdp_rxh_chain.h"

static void xdp_rxh_node_put(struct xdp_rxh_node *node)
{
	if (node->prog)
		bpf_prog_put(node->prog);
}

/**
 * xdp_rxh_chain_first - the first program of a chain
 * @chain: the chain, of at least two nodes: only the entry may have none
 *
 * Return: the program.
 */
const struct bpf_prog *xdp_rxh_chain_first(const struct xdp_rxh_chain *chain)
{
	return chain->nodes[0].prog ?: chain->nodes[1].prog;
}

/**
 * xdp_rxh_chain_free - give up a chain and its programs
 * @chain: the chain, may be %NULL; compiled code that still runs on another
 *	CPU, and what it calls, stay for a grace period
 */
void xdp_rxh_chain_free(struct xdp_rxh_chain *chain)
{
	unsigned int i;

	if (!chain)
		return;
	if (chain->prog)
		bpf_prog_put(chain->prog);
	for (i = 0; i < chain->nr; i++)
		xdp_rxh_node_put(&chain->nodes[i]);
	kvfree_rcu(chain, rcu);
}

/**
 * xdp_rxh_chain_copy - a chain to be edited
 * @old: what to start from, or %NULL
 * @entry: the entry program; the copy takes a reference of its own. %NULL for
 *	a lower without: its chain begins with what follows XDP_PASS
 *
 * Context: process context, may sleep.
 *
 * Return: the copy, or %NULL without memory.
 */
struct xdp_rxh_chain *xdp_rxh_chain_copy(const struct xdp_rxh_chain *old,
					 struct bpf_prog *entry)
{
	struct xdp_rxh_chain *chain;
	unsigned int i;

	chain = kvzalloc(sizeof(*chain), GFP_KERNEL | __GFP_NOWARN);
	if (!chain)
		return NULL;
	chain->nr = 1;
	chain->nodes[0].id = XDP_RXH_NODE_ENTRY;
	if (old) {
		chain->nr = old->nr;
		memcpy(chain->nodes, old->nodes, sizeof(chain->nodes));
	}
	chain->nodes[0].prog = entry;
	for (i = 0; i < chain->nr; i++)
		if (chain->nodes[i].prog)
			bpf_prog_inc(chain->nodes[i].prog);
	return chain;
}

/**
 * xdp_rxh_chain_node - look for a node
 * @chain: the chain
 * @id: the node's id
 *
 * Return: the node, or %NULL.
 */
struct xdp_rxh_node *xdp_rxh_chain_node(struct xdp_rxh_chain *chain, u32 id)
{
	unsigned int i;

	for (i = 0; i < chain->nr; i++)
		if (chain->nodes[i].id == id)
			return &chain->nodes[i];
	return NULL;
}

/**
 * xdp_rxh_chain_add - one more program
 * @chain: the chain
 * @prog: the program; its reference becomes the chain's
 * @id: the node's id
 *
 * Return: the node, without edges; or %NULL if the chain is full, and @prog is
 * the caller's still.
 */
struct xdp_rxh_node *xdp_rxh_chain_add(struct xdp_rxh_chain *chain,
				       struct bpf_prog *prog, u32 id)
{
	struct xdp_rxh_node *node;

	if (chain->nr == XDP_RXH_CHAIN_NODES)
		return NULL;
	node = &chain->nodes[chain->nr++];
	memset(node, 0, sizeof(*node));
	node->prog = prog;
	node->id = id;
	return node;
}

/* To where @gone led @node closes up: as if it returned what it came with. */
static void xdp_rxh_close_up(struct xdp_rxh_node *node,
			     const struct xdp_rxh_node *gone)
{
	bool any = node->next[XDP_RXH_ANY] == gone->id;
	unsigned int i;
	u32 to;

	for (i = 0; i < XDP_RXH_ANY; i++) {
		if (node->next[i] != gone->id && !(any && !node->next[i]))
			continue;
		to = gone->next[i] ?: gone->next[XDP_RXH_ANY];
		node->next[i] = to ?: XDP_RXH_NODE_STOP;
	}
	if (any)
		node->next[XDP_RXH_ANY] = gone->next[XDP_RXH_ANY];
}

/**
 * xdp_rxh_chain_remove - take a node out of a chain
 * @chain: the chain
 * @id: the node's id, not that of the entry program
 * @close_up: edges to it lead on to where the node would have led, had it
 *	returned what the node before it did; otherwise the verdict of that one
 *	becomes final
 *
 * The node itself goes with all others that can't be reached any more, in
 * xdp_rxh_chain_finish().
 */
void xdp_rxh_chain_remove(struct xdp_rxh_chain *chain, u32 id, bool close_up)
{
	const struct xdp_rxh_node *gone = xdp_rxh_chain_node(chain, id);
	struct xdp_rxh_node *node;
	unsigned int i, j;

	for (i = 0; i < chain->nr; i++) {
		node = &chain->nodes[i];
		if (close_up) {
			xdp_rxh_close_up(node, gone);
			continue;
		}
		for (j = 0; j < XDP_RXH_EDGES; j++)
			if (node->next[j] == id)
				node->next[j] = XDP_RXH_NODE_STOP;
	}
}

static int xdp_rxh_chain_check(struct xdp_rxh_chain *chain,
			       const struct net_device *dev,
			       struct netlink_ext_ack *extack)
{
	bool frags = xdp_rxh_chain_first(chain)->aux->xdp_has_frags;
	const struct bpf_prog *prog;
	unsigned int i;

	for (i = 0; i < chain->nr; i++) {
		prog = chain->nodes[i].prog;
		if (!prog)
			continue;
		if (!prog->jited) {
			NL_SET_ERR_MSG_MOD(extack,
					   "A program is not JITed: set net.core.bpf_jit_enable=1 and load it again");
			return -EOPNOTSUPP;
		}
		if (prog->expected_attach_type == BPF_XDP_DEVMAP ||
		    prog->expected_attach_type == BPF_XDP_CPUMAP) {
			NL_SET_ERR_MSG_MOD(extack,
					   "A program of a devmap or cpumap can't be in a chain");
			return -EINVAL;
		}
		if (bpf_prog_is_dev_bound(prog->aux) &&
		    !(i == 0 || (prog->aux->offload &&
				 prog->aux->offload->netdev == dev))) {
			NL_SET_ERR_MSG_MOD(extack,
					   "A program is bound to another device");
			return -EINVAL;
		}
		chain->bound |= xdp_prog_is_dev_bound(prog);
		if (prog->aux->xdp_has_frags != frags) {
			NL_SET_ERR_MSG_MOD(extack,
					   "Programs with and without xdp.frags can't be mixed in one chain");
			return -EOPNOTSUPP;
		}
	}
	return 0;
}

/* index of the node that @next names, or -1 for none */
static int xdp_rxh_chain_index(struct xdp_rxh_chain *chain, u32 next)
{
	const struct xdp_rxh_node *node;

	if (!next || next == XDP_RXH_NODE_STOP)
		return -1;
	node = xdp_rxh_chain_node(chain, next);
	return node ? node - chain->nodes : -1;
}

/* of a compiled chain, in bytes: ctx */
#define XDP_RXH_CHAIN_STACK	8
/* instructions of a node's exit */
#define XDP_RXH_CHAIN_EXIT	3
/* in xdp_buff's flags, with a kind of 0: which node it was */
#define XDP_RXH_CHAIN_MEMBER	GENMASK(31, 16)
#ifdef __LITTLE_ENDIAN
#define XDP_RXH_CHAIN_OFFSET	(offsetof(struct xdp_buff, flags) + 2)
#else
#define XDP_RXH_CHAIN_OFFSET	offsetof(struct xdp_buff, flags)
#endif
static_assert(!((XDP_RXH_CHAIN_NODES - 1) << 16 & XDP_RXH_F_KIND));
static_assert(!(XDP_RXH_CHAIN_MEMBER & ~XDP_RXH_F_MASK));

struct xdp_rxh_sort {
	DECLARE_BITMAP(reached, XDP_RXH_CHAIN_NODES);
	u8 order[XDP_RXH_CHAIN_NODES];
	u8 depth[XDP_RXH_CHAIN_NODES];
	u16 edges_in[XDP_RXH_CHAIN_NODES];
	struct xdp_rxh_node nodes[XDP_RXH_CHAIN_NODES];
};

/* Which nodes can be reached, and by how many edges; returns how many nodes */
static unsigned int xdp_rxh_chain_reach(struct xdp_rxh_chain *chain,
					struct xdp_rxh_sort *sort)
{
	unsigned int i, j, nr = 1;
	int to;

	sort->order[0] = 0;
	__set_bit(0, sort->reached);
	for (i = 0; i < nr; i++) {
		for (j = 0; j < XDP_RXH_EDGES; j++) {
			to = xdp_rxh_chain_index(chain, chain->nodes[sort->order[i]].next[j]);
			if (to < 0)
				continue;
			sort->edges_in[to]++;
			if (!__test_and_set_bit(to, sort->reached))
				sort->order[nr++] = to;
		}
	}
	return nr;
}

/*
 * Each node behind all that lead to it. Returns how many could be put in
 * order; those of a cycle and behind it can't.
 */
static unsigned int xdp_rxh_chain_order(struct xdp_rxh_chain *chain,
					struct xdp_rxh_sort *sort)
{
	unsigned int i, j, from, nr = 0;
	int to;

	if (!sort->edges_in[0])
		sort->order[nr++] = 0;
	sort->depth[0] = 1;
	for (i = 0; i < nr; i++) {
		from = sort->order[i];
		for (j = 0; j < XDP_RXH_EDGES; j++) {
			to = xdp_rxh_chain_index(chain, chain->nodes[from].next[j]);
			if (to < 0)
				continue;
			sort->depth[to] = max_t(u8, sort->depth[to],
						sort->depth[from] + 1);
			if (!--sort->edges_in[to])
				sort->order[nr++] = to;
		}
	}
	return nr;
}

static int xdp_rxh_chain_sort(struct xdp_rxh_chain *chain,
			      struct netlink_ext_ack *extack)
{
	struct xdp_rxh_sort *sort;
	unsigned int i, nr;
	int err = 0;

	sort = kvzalloc(sizeof(*sort), GFP_KERNEL | __GFP_NOWARN);
	if (!sort)
		return -ENOMEM;
	nr = xdp_rxh_chain_reach(chain, sort);
	if (xdp_rxh_chain_order(chain, sort) != nr) {
		NL_SET_ERR_MSG_MOD(extack, "Chain would have a cycle");
		err = -ELOOP;
		goto out;
	}
	for (i = 0; i < nr; i++) {
		if (sort->depth[sort->order[i]] <= XDP_RXH_CHAIN_WALK)
			continue;
		NL_SET_ERR_MSG_MOD(extack,
				   "A frame would meet more than 32 programs");
		err = -E2BIG;
		goto out;
	}

	memcpy(sort->nodes, chain->nodes, sizeof(sort->nodes));
	for (i = 0; i < chain->nr; i++)
		if (!test_bit(i, sort->reached))
			xdp_rxh_node_put(&chain->nodes[i]);
	for (i = 0; i < nr; i++)
		chain->nodes[i] = sort->nodes[sort->order[i]];
	chain->nr = nr;
out:
	kvfree(sort);
	return err;
}

/*
 * Where a node's verdict leads: what stands behind the last node is its exit.
 * Where an edge for this verdict says to stop, or there is none, it leads to
 * the node's own exit.
 */
static unsigned int xdp_rxh_chain_to(struct xdp_rxh_chain *chain,
				     unsigned int i, unsigned int slot)
{
	int to = xdp_rxh_chain_index(chain, chain->nodes[i].next[slot]);

	return to < 0 ? chain->nr : to;
}

/* The one edge of a node that needs no jump, as it leads to the code behind. */
static int xdp_rxh_chain_fall(struct xdp_rxh_chain *chain, unsigned int i)
{
	int code;

	if (i + 1 == chain->nr ||
	    xdp_rxh_chain_to(chain, i, XDP_RXH_ANY) != chain->nr)
		return -1;
	for (code = XDP_RXH_ANY - 1; code >= 0; code--)
		if (xdp_rxh_chain_to(chain, i, code) == i + 1)
			break;
	return code;
}

/* The first node's call finds ctx where it is, all others on the stack. */
static unsigned int xdp_rxh_chain_emit_call(const struct xdp_rxh_chain *chain,
					    unsigned int i,
					    struct bpf_insn *buf)
{
	const struct bpf_prog *prog = chain->nodes[i].prog;
	unsigned int n = 0;

	if (!prog) {
		buf[n++] = BPF_MOV64_IMM(BPF_REG_0, XDP_PASS);
		return n;
	}
	if (i)
		buf[n++] = BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_10,
				       -XDP_RXH_CHAIN_STACK);
	buf[n++] = BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, 0, 0,
				(void *)prog->bpf_func -
				(void *)__bpf_call_base);
	return n;
}

/* Tells whose verdict it is, for xdp_rxh_chain_blame(). */
static void xdp_rxh_chain_emit_exit(unsigned int i, struct bpf_insn *insn)
{
	insn[0] = BPF_LDX_MEM(BPF_DW, BPF_REG_1, BPF_REG_10,
			      -XDP_RXH_CHAIN_STACK);
	insn[1] = BPF_ST_MEM(BPF_H, BPF_REG_1, XDP_RXH_CHAIN_OFFSET, i);
	insn[2] = BPF_EXIT_INSN();
}

/* Where a node's code jumps to; exits stand in reverse, the last node's first. */
static unsigned int xdp_rxh_chain_at(const struct xdp_rxh_chain *chain,
				     unsigned int i, unsigned int to,
				     const u16 *at)
{
	return to < chain->nr ? at[to] :
	       at[to] + XDP_RXH_CHAIN_EXIT * (chain->nr - 1 - i);
}

/*
 * A node's code. With @insn %NULL only its length counts; @at is where each
 * node's code begins, the last entry that of the exits.
 */
static unsigned int xdp_rxh_chain_emit(struct xdp_rxh_chain *chain,
				       unsigned int i, struct bpf_insn *insn,
				       const u16 *at)
{
	int fall = xdp_rxh_chain_fall(chain, i), code;
	struct bpf_insn buf[2 + XDP_RXH_EDGES];
	unsigned int n, to;

	n = xdp_rxh_chain_emit_call(chain, i, buf);
	for (code = 0; code < XDP_RXH_ANY; code++) {
		if (!chain->nodes[i].next[code] || code == fall)
			continue;
		to = xdp_rxh_chain_to(chain, i, code);
		buf[n] = BPF_JMP32_IMM(BPF_JEQ, BPF_REG_0, code,
				       xdp_rxh_chain_at(chain, i, to, at) -
				       (at[i] + n + 1));
		n++;
	}
	to = xdp_rxh_chain_to(chain, i, XDP_RXH_ANY);
	if (fall >= 0) {
		buf[n] = BPF_JMP32_IMM(BPF_JNE, BPF_REG_0, fall,
				       xdp_rxh_chain_at(chain, i, to, at) -
				       (at[i] + n + 1));
		n++;
	} else if (to != i + 1) {
		buf[n] = BPF_JMP_A(xdp_rxh_chain_at(chain, i, to, at) -
				   (at[i] + n + 1));
		n++;
	}
	if (insn)
		memcpy(insn, buf, n * sizeof(*insn));
	return n;
}

static bool xdp_rxh_chain_in_range(const struct xdp_rxh_chain *chain)
{
	unsigned int i;
	s64 distance;

	for (i = 0; i < chain->nr; i++) {
		if (!chain->nodes[i].prog)
			continue;
		distance = (void *)chain->nodes[i].prog->bpf_func -
			   (void *)__bpf_call_base;
		if (distance != (s32)distance)
			return false;
	}
	return true;
}

static struct bpf_prog *xdp_rxh_chain_compile(struct xdp_rxh_chain *chain)
{
	u16 at[XDP_RXH_CHAIN_NODES + 1] = {};
	struct bpf_prog *prog, *jited;
	unsigned int i, to, len = 1;
	int err;

	if (!xdp_rxh_chain_in_range(chain))
		return ERR_PTR(-ERANGE);
	for (i = 0; i < chain->nr; i++) {
		at[i] = len;
		len += xdp_rxh_chain_emit(chain, i, NULL, at);
	}
	at[i] = len;
	len += XDP_RXH_CHAIN_EXIT * chain->nr;

	prog = bpf_prog_alloc(bpf_prog_size(len), __GFP_NOWARN);
	if (!prog)
		return ERR_PTR(-ENOMEM);
	prog->len = len;
	prog->type = BPF_PROG_TYPE_XDP;
	prog->expected_attach_type = BPF_XDP;
	prog->gpl_compatible = 1;
	prog->aux->xdp_has_frags = xdp_rxh_chain_first(chain)->aux->xdp_has_frags;
	prog->aux->stack_depth = XDP_RXH_CHAIN_STACK;
	strscpy(prog->aux->name, "xdp_rxh_chain", sizeof(prog->aux->name));
	atomic64_set(&prog->aux->refcnt, 1);

	prog->insnsi[0] = BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_1,
				      -XDP_RXH_CHAIN_STACK);
	for (i = 0; i < chain->nr; i++) {
		xdp_rxh_chain_emit(chain, i, &prog->insnsi[at[i]], at);
		to = xdp_rxh_chain_at(chain, i, chain->nr, at);
		xdp_rxh_chain_emit_exit(i, &prog->insnsi[to]);
	}

	jited = bpf_prog_select_runtime(prog, &err);
	if (!err && !jited->jited)
		err = -EOPNOTSUPP;
	if (err) {
		bpf_prog_free(jited);
		return ERR_PTR(err);
	}
	return jited;
}

/**
 * xdp_rxh_chain_finish - check and compile a chain
 * @chain: the chain
 * @dev: the device it is for
 * @extack: says what is wrong
 *
 * Drops what can't be reached. A chain of nothing but the entry program is not
 * compiled: it needs no chain.
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0; -ELOOP, -E2BIG, -EINVAL or -EOPNOTSUPP for a chain that can't be,
 * -ENOMEM, or what the JIT said. @chain is the caller's in any case.
 */
int xdp_rxh_chain_finish(struct xdp_rxh_chain *chain,
			 const struct net_device *dev,
			 struct netlink_ext_ack *extack)
{
	struct bpf_prog *prog;
	int err;

	err = xdp_rxh_chain_sort(chain, extack);
	if (err || chain->nr == 1)
		return err;
	err = xdp_rxh_chain_check(chain, dev, extack);
	if (err)
		return err;
	prog = xdp_rxh_chain_compile(chain);
	if (IS_ERR(prog)) {
		NL_SET_ERR_MSG_MOD(extack, "Chain can't be compiled");
		return PTR_ERR(prog);
	}
	chain->prog = prog;
	return 0;
}

/**
 * xdp_rxh_chain_mark - have a frame name a member as its exit does
 * @chain: the chain
 * @node: the node whose verdict is final
 * @xdp: the frame
 */
void xdp_rxh_chain_mark(const struct xdp_rxh_chain *chain,
			const struct xdp_rxh_node *node, struct xdp_buff *xdp)
{
	xdp->flags &= ~XDP_RXH_CHAIN_MEMBER;
	xdp->flags |= FIELD_PREP(XDP_RXH_CHAIN_MEMBER, node - chain->nodes);
}

/**
 * xdp_rxh_chain_blame - the program that gave a verdict
 * @chained: the chain of the device
 * @prog: what was run, no wrapper
 * @xdp: the frame, as @prog has left it
 *
 * Context: RCU read side.
 *
 * Return: @prog, or the member whose verdict it was where it is a chain.
 */
const struct bpf_prog *
xdp_rxh_chain_blame(const struct xdp_rxh_chained *chained,
		    const struct bpf_prog *prog, const struct xdp_buff *xdp)
{
	/* pairs with smp_store_release() where it is published */
	const struct xdp_rxh_chain *chain = smp_load_acquire(&chained->chain);
	unsigned int i = FIELD_GET(XDP_RXH_CHAIN_MEMBER, xdp->flags);

	/* it may have been replaced since @prog was */
	if (!chain || chain->prog != prog || i >= chain->nr)
		return prog;
	return chain->nodes[i].prog ?: prog;
}
