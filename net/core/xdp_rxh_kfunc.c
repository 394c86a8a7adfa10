// SPDX-License-Identifier: GPL-2.0
/*
 * bpf_xdp_rx_handler(): a lower's own program hands frames up itself.
 *
 * For lowers whose driver must go on running the program it has, because a
 * bpf_link holds that, or libxdp replaces parts of it. A port that is set so
 * gives its driver no port program.
 *
 * The kfunc runs nothing and leaves the frame as it is. It says that the frame
 * is to be redirected to the sink, so it is harmless whatever its caller does:
 * packet pointers stay good, to call it again changes nothing, and where the
 * caller returns another verdict nothing has happened. Of a frame that does get
 * to the sink the driver has let go. The upper's program could not redirect it
 * there, inside devmap's flush: frames wait in a ring of the CPU for a NAPI poll
 * of ours, which runs the program, once, and carries out its verdict.
 *
 * A frame that comes to an upper of such a port through the stack has not been
 * handed up, so the hook runs the program on it; one that has does not go
 * through the lower's rx_handler, but straight to the upper, past the hook.
 *
 * The port is found by the device that the frame came in by, under RCU. All
 * configuration is under RTNL.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/delay.h>
#include <linux/filter.h>
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/ptr_ring.h>
#include <linux/rtnetlink.h>

#include "xdp_rxh.h"

/* Linux 6.9 or newer, and BTF of modules, or no program can call it */
#if defined(BTF_KFUNCS_START) && defined(CONFIG_DEBUG_INFO_BTF_MODULES)

/* frames; a driver's poll flushes 64 at most */
#define XDP_RXH_BACKLOG		512

/**
 * struct xdp_rxh_backlog - a CPU's frames that have been handed up
 * @napi: polls @ring
 * @ring: these frames
 * @produced: how many were ever put there; written by this CPU, BH off
 * @consumed: how many of them are done with; written by @napi
 */
struct xdp_rxh_backlog {
	struct napi_struct napi;
	struct ptr_ring ring;
	u32 produced;
	u32 consumed;
};

static DEFINE_HASHTABLE(xdp_rxh_kfunc_ports, 6);
static struct xdp_rxh_backlog __percpu *xdp_rxh_backlogs;
static struct net_device *xdp_rxh_napi_dev;
static bool xdp_rxh_kfunc_known;

static struct xdp_rxh_port *xdp_rxh_kfunc_port(const struct net_device *dev)
{
	struct xdp_rxh_port *port;

	hash_for_each_possible_rcu(xdp_rxh_kfunc_ports, port, kfunc_node,
				   (unsigned long)dev, rcu_read_lock_bh_held())
		if (port->dev == dev)
			return port;
	return NULL;
}

__bpf_kfunc_start_defs();

/**
 * bpf_xdp_rx_handler - hand a frame up to the device it is for
 * @ctx: the frame
 *
 * For XDP programs of a device that is set to "hand-up program":
 * return bpf_xdp_rx_handler(ctx);
 *
 * Return: the verdict to return: %XDP_REDIRECT, with which the native program of
 * an upper gets the frame; or %XDP_PASS where there is none, or not for this
 * frame, or in a program that runs on an sk_buff or in a test.
 */
__bpf_kfunc int bpf_xdp_rx_handler(struct xdp_md *ctx)
{
	struct xdp_buff *xdp = (struct xdp_buff *)ctx;
	const struct bpf_prog *prog;
	struct xdp_rxh_upper *upper;
	struct xdp_rxh_port *port;

	port = xdp_rxh_kfunc_port(xdp->rxq->dev);
	if (!port)
		return XDP_PASS;
	upper = port->handler->func(xdp->data, xdp->data_end, port->priv);
	prog = upper ? xdp_rxh_prog(upper) : NULL;
	if (!prog || !xdp_rxh_can_sink(xdp, port, 0) ||
	    (xdp_buff_has_frags(xdp) &&
	     !xdp_rxh_meta_blame(prog)->aux->xdp_has_frags))
		return XDP_PASS;
	xdp_rxh_sink_target(xdp, port,
			    xdp_rxh_sink_flags(upper, XDP_RXH_KIND_HAND_UP));
	return XDP_REDIRECT;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(xdp_rxh_kfunc_ids)
BTF_ID_FLAGS(func, bpf_xdp_rx_handler)
BTF_KFUNCS_END(xdp_rxh_kfunc_ids)

/* A program of a devmap can't redirect. */
static int xdp_rxh_kfunc_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	if (!btf_id_set8_contains(&xdp_rxh_kfunc_ids, kfunc_id))
		return 0;
	if (prog->aux->dst_prog)
		prog = prog->aux->dst_prog;
	return prog->expected_attach_type == BPF_XDP_DEVMAP ? -EACCES : 0;
}

static const struct btf_kfunc_id_set xdp_rxh_kfunc_set = {
	.owner = THIS_MODULE,
	.set = &xdp_rxh_kfunc_ids,
	.filter = xdp_rxh_kfunc_filter,
};

/**
 * xdp_rxh_kfunc_hand_up - a frame that the kfunc sent to the sink
 * @frame: the frame, gone on success
 *
 * Context: BH off.
 *
 * Return: 0, or -ENOBUFS if this CPU has too many already.
 */
int xdp_rxh_kfunc_hand_up(struct xdp_frame *frame)
{
	struct xdp_rxh_backlog *backlog = this_cpu_ptr(xdp_rxh_backlogs);

	if (unlikely(ptr_ring_produce(&backlog->ring, frame)))
		return -ENOBUFS;
	WRITE_ONCE(backlog->produced, backlog->produced + 1);
	napi_schedule(&backlog->napi);
	return 0;
}

/*
 * Out of the lower. One that takes no frames but from its own driver gets an
 * skb, from the upper's transmit.
 */
static void xdp_rxh_kfunc_tx(struct xdp_buff *xdp, struct xdp_rxh_upper *upper)
{
	const struct xdp_rxh_port *port = upper->port;

	if (netdev_xdp_features(port->dev) & NETDEV_XDP_ACT_NDO_XMIT) {
		xdp_rxh_target(xdp, port->dev->ifindex, 0);
		return;
	}
	/* the transmit counts it again */
	xdp_rxh_count_add(upper, offsetof(struct xdp_rxh_stats, tx), -1,
			  -(s64)xdp_get_buff_len(xdp));
	xdp_rxh_sink_target(xdp, port,
			    xdp_rxh_sink_flags(upper, XDP_RXH_KIND_TX));
}

/* Has the frame been taken over? @act is the upper's verdict, carried out. */
static bool xdp_rxh_kfunc_carry_out(struct xdp_buff *xdp,
				    struct xdp_rxh_upper *upper,
				    const struct bpf_prog *prog, u32 act)
{
	if (act == XDP_TX)
		xdp_rxh_kfunc_tx(xdp, upper);
	else if (act != XDP_REDIRECT)
		return false;
	if (likely(!xdp_do_redirect(upper->port->dev, xdp,
				    (struct bpf_prog *)prog)))
		return true;
	xdp_rxh_lost(xdp->data_hard_start, upper);
	return false;
}

/* As a driver runs its device's program; takes the frame in any case. */
static void xdp_rxh_kfunc_run(struct xdp_frame *frame)
{
	u32 id = FIELD_GET(XDP_RXH_F_ID, frame->flags);
	u32 len = xdp_get_frame_len(frame), act = XDP_PASS;
	const struct bpf_prog *run, *prog = NULL;
	/* had a program when this was handed up, and waits for it */
	struct xdp_rxh_upper *upper = xdp_rxh_upper_by_id(id);
	struct xdp_rxq_info rxq = {
		.dev = upper->port->dev,
		.queue_index = U32_MAX,	/* none: AF_XDP takes no lock */
		.mem = frame->mem,
	};
	struct xdp_buff xdp;

	xdp_convert_frame_to_buff(frame, &xdp);
	xdp.rxq = &rxq;
	run = xdp_rxh_prog(upper);
	if (run)
		prog = xdp_rxh_meta_blame(run);
	if (unlikely(prog && xdp_buff_has_frags(&xdp) &&
		     !prog->aux->xdp_has_frags)) {
		/* it has been replaced since by one that can't take these */
		xdp_rxh_lost(frame, upper);
		goto drop;
	}
	if (xdp_rxh_tracing())
		xdp_rxh_trace_choice(&xdp, upper->port, upper);
	if (likely(run))
		act = xdp_rxh_tracing() ? xdp_rxh_trace_run(&xdp, upper, run) :
		      xdp_rxh_run(&xdp, upper, run, true, 0);

	switch (act) {
	case XDP_PASS:
		xdp_rxh_count(upper, XDP_RXH_DELIVERED, len);
		if (unlikely(xdp_update_frame_from_buff(&xdp, frame))) {
			xdp_rxh_lost(frame, upper);
			break;
		}
		frame->flags = (xdp.flags & ~XDP_RXH_F_MASK) |
			       upper->sink_flags;
		xdp_rxh_sink_frame(upper, frame);
		return;
	case XDP_DROP:
		xdp_rxh_count(upper, act, len);
		break;
	default:
		act = xdp_rxh_tracing() ?
		      xdp_rxh_trace_verdict(&xdp, upper, act, len) :
		      xdp_rxh_verdict(&xdp, upper, act, len);
		if (xdp_rxh_kfunc_carry_out(&xdp, upper, prog, act))
			return;
		break;
	}
drop:
	xdp_return_buff(&xdp);
}

static int xdp_rxh_kfunc_poll(struct napi_struct *napi, int budget)
{
	struct xdp_rxh_backlog *backlog;
	struct xdp_frame *frame;
	int done;

	backlog = container_of(napi, struct xdp_rxh_backlog, napi);
	/* their NAPI, whose page pools have no lock, may be on another CPU */
	xdp_set_return_frame_no_direct();
	for (done = 0; done < budget; done++) {
		frame = __ptr_ring_consume(&backlog->ring);
		if (!frame)
			break;
		xdp_rxh_kfunc_run(frame);
	}
	if (done)
		xdp_do_flush();
	xdp_clear_return_frame_no_direct();
	/* pairs with smp_load_acquire() in xdp_rxh_kfunc_drain() */
	smp_store_release(&backlog->consumed, backlog->consumed + done);
	if (done < budget)
		napi_complete_done(napi, done);
	return done;
}

/* Wait for what has been handed up before; an RCU grace period has passed since. */
static void xdp_rxh_kfunc_drain(void)
{
	struct xdp_rxh_backlog *backlog;
	u32 produced;
	int cpu;

	for_each_possible_cpu(cpu) {
		backlog = per_cpu_ptr(xdp_rxh_backlogs, cpu);
		produced = READ_ONCE(backlog->produced);
		/* pairs with smp_store_release() in xdp_rxh_kfunc_poll() */
		while ((s32)(smp_load_acquire(&backlog->consumed) - produced) < 0)
			usleep_range(20, 200);
	}
}

static void xdp_rxh_kfunc_free(void)
{
	struct xdp_rxh_backlog *backlog;
	int cpu;

	for_each_possible_cpu(cpu) {
		backlog = per_cpu_ptr(xdp_rxh_backlogs, cpu);
		if (!backlog->ring.queue)
			continue;
		napi_disable(&backlog->napi);
		__netif_napi_del(&backlog->napi);
		ptr_ring_cleanup(&backlog->ring, NULL);
	}
	synchronize_net();
	free_percpu(xdp_rxh_backlogs);
	xdp_rxh_backlogs = NULL;
	free_netdev(xdp_rxh_napi_dev);
}

static int xdp_rxh_kfunc_alloc(void)
{
	struct xdp_rxh_backlog *backlog;
	int cpu;

	xdp_rxh_napi_dev = alloc_netdev_dummy(0);
	if (!xdp_rxh_napi_dev)
		return -ENOMEM;
	xdp_rxh_backlogs = alloc_percpu(struct xdp_rxh_backlog);
	if (!xdp_rxh_backlogs) {
		free_netdev(xdp_rxh_napi_dev);
		return -ENOMEM;
	}
	for_each_possible_cpu(cpu) {
		backlog = per_cpu_ptr(xdp_rxh_backlogs, cpu);
		if (ptr_ring_init(&backlog->ring, XDP_RXH_BACKLOG,
				  GFP_KERNEL | __GFP_NOWARN)) {
			backlog->ring.queue = NULL;
			xdp_rxh_kfunc_free();
			return -ENOMEM;
		}
		netif_napi_add(xdp_rxh_napi_dev, &backlog->napi,
			       xdp_rxh_kfunc_poll);
		napi_enable(&backlog->napi);
	}
	return 0;
}

/**
 * xdp_rxh_kfunc_get - a port is to be set to the kfunc
 * @extack: says what is wrong
 *
 * What that takes stays until the module goes.
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0, -ENOMEM, or -EOPNOTSUPP if programs can't call it.
 */
int xdp_rxh_kfunc_get(struct netlink_ext_ack *extack)
{
	ASSERT_RTNL();
	if (!xdp_rxh_kfunc_known) {
		NL_SET_ERR_MSG_MOD(extack,
				   "The module has no BTF: programs can't call bpf_xdp_rx_handler()");
		return -EOPNOTSUPP;
	}
	return xdp_rxh_backlogs ? 0 : xdp_rxh_kfunc_alloc();
}

/**
 * xdp_rxh_kfunc_add - programs of a port's device may hand frames up
 * @port: the port, set so, complete
 *
 * Context: RTNL.
 */
void xdp_rxh_kfunc_add(struct xdp_rxh_port *port)
{
	hash_add_rcu(xdp_rxh_kfunc_ports, &port->kfunc_node,
		     (unsigned long)port->dev);
}

/**
 * xdp_rxh_kfunc_del - programs of a port's device may hand no frames up any more
 * @port: the port
 *
 * Context: RTNL.
 */
void xdp_rxh_kfunc_del(struct xdp_rxh_port *port)
{
	hash_del_rcu(&port->kfunc_node);
}

/**
 * xdp_rxh_kfunc_sync - wait for frames that were handed up
 *
 * To be called when an upper lost its program: none of its frames is under way
 * on return.
 *
 * Context: RTNL; may sleep.
 */
void xdp_rxh_kfunc_sync(void)
{
	synchronize_net();
	xdp_rxh_kfunc_drain();
}

/* Everything else works without. */
void __init xdp_rxh_kfunc_init(void)
{
	xdp_rxh_kfunc_known = THIS_MODULE->btf_data_size &&
			      !register_btf_kfunc_id_set(BPF_PROG_TYPE_XDP,
							 &xdp_rxh_kfunc_set);
}

void xdp_rxh_kfunc_exit(void)
{
	if (xdp_rxh_backlogs)
		xdp_rxh_kfunc_free();
}

#else

int xdp_rxh_kfunc_hand_up(struct xdp_frame *frame)
{
	return -EOPNOTSUPP;
}

int xdp_rxh_kfunc_get(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG_MOD(extack,
			   "The module has no BTF: programs can't call bpf_xdp_rx_handler()");
	return -EOPNOTSUPP;
}

void xdp_rxh_kfunc_add(struct xdp_rxh_port *port)
{
}

void xdp_rxh_kfunc_del(struct xdp_rxh_port *port)
{
}

void xdp_rxh_kfunc_sync(void)
{
}

void __init xdp_rxh_kfunc_init(void)
{
}

void xdp_rxh_kfunc_exit(void)
{
}

#endif
