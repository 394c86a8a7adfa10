// SPDX-License-Identifier: GPL-2.0
/*
 * tap.ko: the character devices of macvtap and ipvtap, as the in-tree module
 * of this name has them, and queues that carry XDP frames beside sk_buffs.
 *
 * A drop-in: macvtap.ko, ipvtap.ko and vhost_net.ko of the running kernel link
 * to it by symbol and CRC. struct tap_dev and struct tap_queue are part of
 * those CRCs, and so are all types that the headers below make known: neither
 * may be changed. tools/build/modules compares the CRCs.
 *
 * A queue belongs to an open file and, until either goes, to a device; each of
 * the two holds a reference on its sock. Which queues a device has is written
 * under RTNL. Frames find their queue under RCU: tap_dev.numvtaps is a hint,
 * and a slot of tap_dev.taps may be %NULL by the time it is looked at.
 *
 * An entry of a ring is an sk_buff or, with TUN_XDP_FLAG set, an xdp_frame, as
 * in tun's rings, and as vhost_net expects. Whoever takes one out frees it
 * with tap_ptr_free(), or hands it back to tap_recvmsg(). The reader is no
 * NAPI: a frame goes back by xdp_return_frame(), never by the _rx_napi one.
 */
#include <linux/etherdevice.h>
#include <linux/if_tap.h>
#include <linux/if_vlan.h>
#include <linux/interrupt.h>
#include <linux/nsproxy.h>
#include <linux/compat.h>
#include <linux/if_tun.h>
#include <linux/module.h>
#include <linux/skbuff.h>
#include <linux/cache.h>
#include <linux/sched/signal.h>
#include <linux/types.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/cdev.h>
#include <linux/idr.h>
#include <linux/fs.h>
#include <linux/uio.h>

#include <net/gso.h>
#include <net/net_namespace.h>
#include <net/rtnetlink.h>
#include <net/sock.h>
#include <net/xdp.h>
#include <linux/virtio_net.h>
#include <linux/skb_array.h>
#include <linux/tap_xdp.h>
#include <linux/xdp_flow_hash.h>

#include "tap.h"

/* The bits of tap_queue.flags that TUNSETIFF may set. */
#define TAP_IFF_SETTABLE	(IFF_VNET_HDR | IFF_MULTI_QUEUE)
#define TAP_IFF_FIXED		(IFF_NO_PI | IFF_TAP)
#ifdef TUN_F_USO4
#define TAP_F_USO		(TUN_F_USO4 | TUN_F_USO6)
#else
#define TAP_F_USO		0	/* not before Linux 6.2 */
#endif
#define TAP_OFFLOADS		(TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | \
				 TUN_F_TSO_ECN | TUN_F_UFO | TAP_F_USO)

#define TAP_NR_MINORS		BIT(MINORBITS)
/* Frames looked at together, so that a queue is locked once for all of them. */
#define TAP_BULK		16

/**
 * struct tap_major - a family of character devices
 * @major: its major number
 * @minors: the devices, by minor number; struct tap_dev
 * @list: in tap_majors
 */
struct tap_major {
	unsigned int major;
	struct xarray minors;
	struct list_head list;
};

static LIST_HEAD(tap_majors);
static DEFINE_MUTEX(tap_majors_lock);

static struct proto tap_proto = {
	.name = "tap",
	.owner = THIS_MODULE,
	.obj_size = sizeof(struct tap_queue),
};

static const struct file_operations tap_fops;

static void tap_count_rx_drop(struct tap_dev *tap)
{
	if (tap->count_rx_dropped)
		tap->count_rx_dropped(tap);
}

/* Queues of a device: all under RTNL. */

static void tap_queue_enable(struct tap_dev *tap, struct tap_queue *q)
{
	q->queue_index = tap->numvtaps;
	q->enabled = true;
	rcu_assign_pointer(tap->taps[q->queue_index], q);
	WRITE_ONCE(tap->numvtaps, tap->numvtaps + 1);
}

/* The last of the enabled ones moves to where the queue was. */
static void tap_queue_disable(struct tap_dev *tap, struct tap_queue *q)
{
	int last = tap->numvtaps - 1;
	struct tap_queue *moved = rtnl_dereference(tap->taps[last]);

	WRITE_ONCE(tap->numvtaps, last);
	moved->queue_index = q->queue_index;
	rcu_assign_pointer(tap->taps[q->queue_index], moved);
	RCU_INIT_POINTER(tap->taps[last], NULL);
	q->enabled = false;
}

static int tap_queue_join(struct tap_dev *tap, struct tap_queue *q)
{
	if (tap->numqueues >= MAX_TAP_QUEUES)
		return -EBUSY;
	sock_hold(&q->sk);
	rcu_assign_pointer(q->tap, tap);
	list_add_tail(&q->next, &tap->queue_list);
	tap->numqueues++;
	tap_queue_enable(tap, q);
	return 0;
}

/**
 * tap_del_queues - the device goes, its queues stay with their files
 * @tap: the device's tap; no frame finds its way to it any more
 *
 * What is in the queues can still be read. No queue can be added after this.
 *
 * Context: RTNL.
 */
void tap_del_queues(struct tap_dev *tap)
{
	struct tap_queue *q, *next;

	ASSERT_RTNL();
	list_for_each_entry_safe(q, next, &tap->queue_list, next) {
		if (q->enabled)
			tap_queue_disable(tap, q);
		list_del_init(&q->next);
		RCU_INIT_POINTER(q->tap, NULL);
		sock_put(&q->sk);
	}
	tap->numqueues = MAX_TAP_QUEUES;
}
EXPORT_SYMBOL_GPL(tap_del_queues);

/**
 * tap_queue_resize - give all queues of a device its tx_queue_len
 * @tap: the device's tap
 *
 * Frames that do not fit in are dropped.
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0, or -ENOMEM and nothing has changed.
 */
int tap_queue_resize(struct tap_dev *tap)
{
	struct ptr_ring **rings;
	struct tap_queue *q;
	int n = 0, err;

	rings = kmalloc_array(tap->numqueues, sizeof(*rings), GFP_KERNEL);
	if (!rings)
		return -ENOMEM;
	list_for_each_entry(q, &tap->queue_list, next)
		rings[n++] = &q->ring;
	err = ptr_ring_resize_multiple_bh(rings, n, tap->dev->tx_queue_len,
					  GFP_KERNEL | __GFP_NOWARN,
					  tap_ptr_free);
	kfree(rings);
	return err;
}
EXPORT_SYMBOL_GPL(tap_queue_resize);

/* Into the queues: from the device to the reader. */

/* Hint: a program may be attached or detached meanwhile. */
static bool tap_has_native_xdp(const struct net_device *dev)
{
	const struct bpf_xdp_entity *drv = &dev->xdp_state[XDP_MODE_DRV];

	return READ_ONCE(drv->prog) || READ_ONCE(drv->link);
}

static struct tap_queue *tap_pick_skb(const struct tap_dev *tap,
				      struct sk_buff *skb)
{
	unsigned int n = READ_ONCE(tap->numvtaps), hash;

	if (!n)
		return NULL;
	if (n == 1)
		return rcu_dereference(tap->taps[0]);
	/* XDP frames have no hash of their sender or NIC: see xdp_flow_hash() */
	if (unlikely(tap_has_native_xdp(tap->dev)))
		__skb_get_hash_net(dev_net(tap->dev), skb);
	hash = skb_get_hash(skb);
	if (!hash && skb_rx_queue_recorded(skb))
		hash = skb_get_rx_queue(skb);
	return rcu_dereference(tap->taps[hash % n]);
}

static void tap_wake_reader(struct tap_queue *q)
{
	wake_up_interruptible_poll(sk_sleep(&q->sk),
				   EPOLLIN | EPOLLRDNORM | EPOLLRDBAND);
}

/* All of the list or, where the queue is full, the head of it. */
static int tap_produce_list(struct tap_queue *q, struct sk_buff *list)
{
	struct sk_buff *skb, *next;

	skb_list_walk_safe(list, skb, next) {
		skb_mark_not_on_list(skb);
		if (unlikely(ptr_ring_produce(&q->ring, skb))) {
			kfree_skb_reason(skb, SKB_DROP_REASON_FULL_RING);
			kfree_skb_list_reason(next, SKB_DROP_REASON_FULL_RING);
			return -ENOSPC;
		}
	}
	return 0;
}

/*
 * Make of an skb what the reader can take. Where that fails the skb is still
 * the caller's.
 */
static struct sk_buff *tap_segment(const struct tap_dev *tap,
				   const struct tap_queue *q,
				   struct sk_buff *skb,
				   enum skb_drop_reason *reason)
{
	netdev_features_t features = NETIF_F_GSO | NETIF_F_SG | NETIF_F_FRAGLIST;
	struct sk_buff *segs;

	/* without a header there is no telling the reader of any offload */
	if (q->flags & IFF_VNET_HDR)
		features |= tap->tap_features;

	if (netif_needs_gso(skb, features)) {
		*reason = SKB_DROP_REASON_SKB_GSO_SEG;
		segs = __skb_gso_segment(skb, features, false);
		if (IS_ERR_OR_NULL(segs))
			return segs ?: skb;
		consume_skb(skb);
		return segs;
	}
	*reason = SKB_DROP_REASON_SKB_CSUM;
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    !(features & NETIF_F_CSUM_MASK) && skb_checksum_help(skb))
		return ERR_PTR(-EINVAL);
	return skb;
}

/**
 * tap_handle_frame - the rx_handler of macvtap and ipvtap
 * @pskb: the frame
 *
 * Context: RCU read side, BH off.
 *
 * Return: RX_HANDLER_PASS where no queue is open, so that the host's stack
 * gets the frame; or RX_HANDLER_CONSUMED, and lost frames are counted.
 */
rx_handler_result_t tap_handle_frame(struct sk_buff **pskb)
{
	enum skb_drop_reason reason;
	struct sk_buff *skb = *pskb, *list;
	struct tap_queue *q;
	struct tap_dev *tap;

	tap = rcu_dereference(skb->dev->rx_handler_data);
	if (!tap)
		return RX_HANDLER_PASS;
	q = tap_pick_skb(tap, skb);
	if (!q)
		return RX_HANDLER_PASS;

	skb_push(skb, ETH_HLEN);
	list = tap_segment(tap, q, skb, &reason);
	if (IS_ERR(list)) {
		tap_count_rx_drop(tap);
		kfree_skb_reason(skb, reason);
		return RX_HANDLER_CONSUMED;
	}
	/* once for all segments, as for the frame they came in */
	if (unlikely(tap_produce_list(q, list)))
		tap_count_rx_drop(tap);
	/* for the head of a list, too */
	tap_wake_reader(q);
	return RX_HANDLER_CONSUMED;
}
EXPORT_SYMBOL_GPL(tap_handle_frame);

/**
 * tap_xdp_readers - where it stands how many queues a device has
 * @dev: any device
 *
 * As long as there are none, frames are the host's, and tap_xdp_deliver() would
 * drop them.
 *
 * Context: RTNL.
 *
 * Return: the number, changed under RTNL, valid as long as @dev; %NULL where
 * @dev is no tap.
 */
const int *tap_xdp_readers(const struct net_device *dev)
{
	const struct tap_dev *tap = tap_of_dev(dev);

	return tap ? &tap->numvtaps : NULL;
}
EXPORT_SYMBOL_GPL(tap_xdp_readers);

/* Into one queue, as many as there is room for. Returns how many were lost. */
static int tap_xdp_produce(struct tap_queue *q, int n,
			   struct xdp_frame **frames)
{
	struct xdp_frame **frame = frames, **end = frames + n;
	int lost;

	spin_lock(&q->ring.producer_lock);
	do {
		if (unlikely(__ptr_ring_produce(&q->ring,
						tun_xdp_to_ptr(*frame))))
			break;
	} while (++frame != end);
	spin_unlock(&q->ring.producer_lock);

	if (likely(frame != frames))
		tap_wake_reader(q);
	for (lost = end - frame; unlikely(frame != end); frame++)
		xdp_return_frame(*frame);
	return lost;
}

/* The same, of the queue at @index, which may have been closed since. */
static int tap_xdp_to(const struct tap_dev *tap, unsigned int index, int n,
		      struct xdp_frame **frames)
{
	struct tap_queue *q;
	int i;

	q = rcu_dereference_check(tap->taps[index], rcu_read_lock_bh_held());
	if (likely(q))
		return tap_xdp_produce(q, n, frames);
	for (i = 0; i < n; i++)
		xdp_return_frame(frames[i]);
	return n;
}

/*
 * Each to the queue of its flow. Those of the first one's queue go there
 * together, then those of the first one that is left, and so on.
 */
static int tap_xdp_spread(const struct tap_dev *tap, unsigned int queues, int n,
			  struct xdp_frame **frames)
{
	struct xdp_frame *now[TAP_BULK];
	int i, todo, left, lost = 0;
	u16 index[TAP_BULK];

	for (i = 0; i < n; i++)
		index[i] = xdp_flow_hash(tap->dev, frames[i]->data,
					 frames[i]->len) % queues;
	for (; n; n = left) {
		u16 first = index[0];

		for (i = 0, todo = 0, left = 0; i < n; i++) {
			if (index[i] == first) {
				now[todo++] = frames[i];
				continue;
			}
			index[left] = index[i];
			frames[left++] = frames[i];
		}
		lost += tap_xdp_to(tap, first, todo, now);
	}
	return lost;
}

/**
 * tap_xdp_deliver - frames into a tap's queues
 * @dev: the device; what tap_xdp_readers() told of it was not 0 in this RCU
 *	read section
 * @n: number of frames
 * @frames: frames in one piece, gone in any case; the array may be changed
 *
 * Readers are woken once for each queue and bulk. Frames of a flow go to one
 * queue, in order. Lost frames are counted on the device.
 *
 * Context: BH off, RCU read side.
 *
 * Return: how many of them were not lost.
 */
int tap_xdp_deliver(struct net_device *dev, int n, struct xdp_frame **frames)
{
	struct tap_dev *tap = tap_of_dev(dev);
	int i, bulk, queues, drops, lost = 0;

	if (unlikely(!tap)) {
		for (i = 0; i < n; i++) {
			dev_core_stats_rx_dropped_inc(dev);
			xdp_return_frame(frames[i]);
		}
		return 0;
	}
	queues = READ_ONCE(tap->numvtaps);
	if (likely(queues <= 1)) {
		lost = tap_xdp_to(tap, 0, n, frames);
	} else {
		for (i = 0; i < n; i += bulk) {
			bulk = min(n - i, TAP_BULK);
			lost += tap_xdp_spread(tap, queues, bulk, frames + i);
		}
	}
	for (drops = lost; unlikely(drops); drops--)
		tap_count_rx_drop(tap);
	return n - lost;
}
EXPORT_SYMBOL_GPL(tap_xdp_deliver);

/* The file. */

static void tap_sock_write_space(struct sock *sk)
{
	wait_queue_head_t *wqueue;

	if (!sock_writeable(sk) ||
	    !test_and_clear_bit(SOCKWQ_ASYNC_NOSPACE, &sk->sk_socket->flags))
		return;
	wqueue = sk_sleep(sk);
	if (wqueue && wq_has_sleeper(wqueue))
		wake_up_interruptible_poll(wqueue, EPOLLOUT | EPOLLWRNORM |
						   EPOLLWRBAND);
}

/* The last reference has gone, that of its last skb in flight included. */
static void tap_sock_destruct(struct sock *sk)
{
	struct tap_queue *q = container_of(sk, struct tap_queue, sk);

	ptr_ring_cleanup(&q->ring, tap_ptr_free);
}

static struct tap_queue *tap_queue_alloc(const struct tap_dev *tap,
					 struct file *file)
{
	struct tap_queue *q;

	q = (void *)sk_alloc(current->nsproxy->net_ns, AF_UNSPEC, GFP_KERNEL,
			     &tap_proto, 0);
	if (!q)
		return NULL;
	if (ptr_ring_init(&q->ring, tap->dev->tx_queue_len,
			  GFP_KERNEL | __GFP_NOWARN)) {
		sk_free(&q->sk);
		return NULL;
	}
	init_waitqueue_head(&q->sock.wq.wait);
	q->sock.type = SOCK_RAW;
	q->sock.state = SS_CONNECTED;
	q->sock.file = file;
	q->sock.ops = &tap_socket_ops;
	sock_init_data_uid(&q->sock, &q->sk, current_fsuid());
	q->sk.sk_write_space = tap_sock_write_space;
	q->sk.sk_destruct = tap_sock_destruct;
	q->flags = IFF_VNET_HDR | TAP_IFF_FIXED;
	q->vnet_hdr_sz = sizeof(struct virtio_net_hdr);
	q->file = file;
	/* vhost then leaves a program its headroom; an ipvtap has none */
	if (netif_is_macvlan(tap->dev))
		sock_set_flag(&q->sk, SOCK_XDP);
	/* macvlan has these where its lower device has */
	if (tap->dev->features & NETIF_F_HIGHDMA &&
	    tap->dev->features & NETIF_F_SG)
		sock_set_flag(&q->sk, SOCK_ZEROCOPY);
	return q;
}

static struct tap_major *tap_major_find(unsigned int major)
{
	struct tap_major *tm;

	lockdep_assert_held(&tap_majors_lock);
	list_for_each_entry(tm, &tap_majors, list)
		if (tm->major == major)
			return tm;
	return NULL;
}

/* RTNL keeps it. */
static struct tap_dev *tap_find(const struct inode *inode)
{
	struct tap_dev *tap = NULL;
	struct tap_major *tm;

	mutex_lock(&tap_majors_lock);
	tm = tap_major_find(imajor(inode));
	if (tm)
		tap = xa_load(&tm->minors, iminor(inode));
	mutex_unlock(&tap_majors_lock);
	return tap;
}

static int tap_open(struct inode *inode, struct file *file)
{
	struct tap_queue *q;
	struct tap_dev *tap;
	int err = -ENODEV;

	rtnl_lock();
	tap = tap_find(inode);
	if (!tap)
		goto unlock;
	err = -ENOMEM;
	q = tap_queue_alloc(tap, file);
	if (!q)
		goto unlock;
	err = tap_queue_join(tap, q);
	if (err) {
		sock_put(&q->sk);
		goto unlock;
	}
	file->private_data = q;
	file->f_mode |= TAP_FMODE;
unlock:
	rtnl_unlock();
	return err;
}

static int tap_release(struct inode *inode, struct file *file)
{
	struct tap_queue *q = file->private_data;
	struct tap_dev *tap;
	void *ptr;

	rtnl_lock();
	tap = rtnl_dereference(q->tap);
	if (tap) {
		if (q->enabled)
			tap_queue_disable(tap, q);
		tap->numqueues--;
		list_del_init(&q->next);
		RCU_INIT_POINTER(q->tap, NULL);
		sock_put(&q->sk);
	}
	rtnl_unlock();
	/* those who found the queue in time may still produce into it */
	synchronize_rcu();
	/*
	 * What a neighbour sent holds the neighbour's queue, and what the queue
	 * sent to itself holds the queue: it would never be destructed.
	 */
	while ((ptr = ptr_ring_consume(&q->ring)))
		tap_ptr_free(ptr);
	sock_put(&q->sk);
	return 0;
}

static __poll_t tap_poll(struct file *file, poll_table *wait)
{
	struct tap_queue *q = file->private_data;
	__poll_t mask = 0;

	if (!q)
		return EPOLLERR;
	poll_wait(file, &q->sock.wq.wait, wait);
	if (!ptr_ring_empty(&q->ring))
		mask |= EPOLLIN | EPOLLRDNORM;
	/* ask to be woken, then look again */
	if (sock_writeable(&q->sk) ||
	    (!test_and_set_bit(SOCKWQ_ASYNC_NOSPACE, &q->sock.flags) &&
	     sock_writeable(&q->sk)))
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}

static int tap_set_flags(struct tap_queue *q, struct ifreq __user *ifr)
{
	unsigned short flags;

	/* the name does not matter: the device is that of the file */
	if (get_user(flags, &ifr->ifr_flags))
		return -EFAULT;
	if ((flags & ~TAP_IFF_SETTABLE) != TAP_IFF_FIXED)
		return -EINVAL;
	q->flags = (q->flags & ~TAP_IFF_SETTABLE) | flags;
	return 0;
}

static int tap_set_bit(struct tap_queue *q, unsigned int bit, int __user *arg)
{
	int value;

	if (get_user(value, arg))
		return -EFAULT;
	if (value)
		q->flags |= bit;
	else
		q->flags &= ~bit;
	return 0;
}

static int tap_set_sndbuf(struct tap_queue *q, int __user *arg)
{
	int value;

	if (get_user(value, arg))
		return -EFAULT;
	if (value <= 0)
		return -EINVAL;
	q->sk.sk_sndbuf = value;
	return 0;
}

static int tap_set_vnet_len(struct tap_queue *q, int __user *arg)
{
	int value;

	if (get_user(value, arg))
		return -EFAULT;
	if (value < (int)sizeof(struct virtio_net_hdr))
		return -EINVAL;
	WRITE_ONCE(q->vnet_hdr_sz, value);
	return 0;
}

/* What needs the device: under RTNL. */

static int tap_get_flags(struct tap_dev *tap, struct tap_queue *q,
			 struct ifreq __user *ifr)
{
	if (copy_to_user(&ifr->ifr_name, tap->dev->name, IFNAMSIZ) ||
	    put_user((unsigned short)q->flags, &ifr->ifr_flags))
		return -EFAULT;
	return 0;
}

static int tap_set_queue(struct tap_dev *tap, struct tap_queue *q,
			 unsigned short flags)
{
	if (flags & IFF_ATTACH_QUEUE) {
		if (q->enabled)
			return -EINVAL;
		tap_queue_enable(tap, q);
		return 0;
	}
	if (!(flags & IFF_DETACH_QUEUE) || !q->enabled)
		return -EINVAL;
	tap_queue_disable(tap, q);
	return 0;
}

static int tap_set_offload(struct tap_dev *tap, unsigned long arg)
{
	netdev_features_t features = tap->dev->features, mask = 0;

	if (arg & TUN_F_CSUM) {
		mask = NETIF_F_HW_CSUM;
		if (arg & TUN_F_TSO4)
			mask |= NETIF_F_TSO;
		if (arg & TUN_F_TSO6)
			mask |= NETIF_F_TSO6;
		if (mask & (NETIF_F_TSO | NETIF_F_TSO6) && arg & TUN_F_TSO_ECN)
			mask |= NETIF_F_TSO_ECN;
		/* only both together */
		if (TAP_F_USO && (arg & TAP_F_USO) == TAP_F_USO)
			mask |= NETIF_F_GSO_UDP_L4;
	}
	/*
	 * What the reader takes in large pieces the device may merge; for one
	 * that does not it would only be taken apart again.
	 */
	if (mask & (NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_GSO_UDP_L4))
		features |= NETIF_F_GRO | NETIF_F_LRO;
	else
		features &= ~(NETIF_F_GRO | NETIF_F_LRO);

	tap->tap_features = mask;
	if (tap->update_features)
		tap->update_features(tap, features);
	return 0;
}

static int tap_get_hwaddr(struct tap_dev *tap, struct ifreq __user *ifr)
{
	struct sockaddr addr = {};

	dev_get_mac_address(&addr, dev_net(tap->dev), tap->dev->name);
	if (copy_to_user(&ifr->ifr_name, tap->dev->name, IFNAMSIZ) ||
	    copy_to_user(&ifr->ifr_hwaddr, &addr, sizeof(addr)))
		return -EFAULT;
	return 0;
}

/* @no_dev: the error where the device has gone */
static int tap_dev_ioctl(struct tap_queue *q, unsigned int cmd,
			 unsigned long arg, struct sockaddr *addr,
			 unsigned short flags, int no_dev)
{
	struct ifreq __user *ifr = (void __user *)arg;
	struct tap_dev *tap;
	int err = no_dev;

	rtnl_lock();
	tap = rtnl_dereference(q->tap);
	if (!tap)
		goto unlock;
	switch (cmd) {
	case TUNGETIFF:
		err = tap_get_flags(tap, q, ifr);
		break;
	case TUNSETQUEUE:
		err = tap_set_queue(tap, q, flags);
		break;
	case TUNSETOFFLOAD:
		err = tap_set_offload(tap, arg);
		break;
	case SIOCGIFHWADDR:
		err = tap_get_hwaddr(tap, ifr);
		break;
	case SIOCSIFHWADDR:
		err = dev_set_mac_address_user(tap->dev, addr, NULL);
		break;
	}
unlock:
	rtnl_unlock();
	return err;
}

static long tap_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct tap_queue *q = file->private_data;
	struct ifreq __user *ifr = (void __user *)arg;
	int __user *value = (void __user *)arg;
	struct sockaddr addr = {};
	unsigned short flags = 0;

	switch (cmd) {
	case TUNSETIFF:
		return tap_set_flags(q, ifr);
	case TUNGETFEATURES:
		return put_user(TAP_IFF_FIXED | TAP_IFF_SETTABLE,
				(unsigned int __user *)value);
	case TUNSETSNDBUF:
		return tap_set_sndbuf(q, value);
	case TUNGETVNETHDRSZ:
		return put_user(q->vnet_hdr_sz, value);
	case TUNSETVNETHDRSZ:
		return tap_set_vnet_len(q, value);
	case TUNGETVNETLE:
		return put_user(!!(q->flags & TAP_F_LE), value);
	case TUNSETVNETLE:
		return tap_set_bit(q, TAP_F_LE, value);
	case TUNGETVNETBE:
		if (!IS_ENABLED(CONFIG_TUN_VNET_CROSS_LE))
			return -EINVAL;
		return put_user(!!(q->flags & TAP_F_BE), value);
	case TUNSETVNETBE:
		if (!IS_ENABLED(CONFIG_TUN_VNET_CROSS_LE))
			return -EINVAL;
		return tap_set_bit(q, TAP_F_BE, value);
	case TUNSETQUEUE:
		if (get_user(flags, &ifr->ifr_flags))
			return -EFAULT;
		return tap_dev_ioctl(q, cmd, arg, NULL, flags, -EINVAL);
	case TUNSETOFFLOAD:
		if (arg & ~TAP_OFFLOADS)
			return -EINVAL;
		return tap_dev_ioctl(q, cmd, arg, NULL, 0, -ENOLINK);
	case SIOCSIFHWADDR:
		if (copy_from_user(&addr, &ifr->ifr_hwaddr, sizeof(addr)))
			return -EFAULT;
		fallthrough;
	case TUNGETIFF:
	case SIOCGIFHWADDR:
		return tap_dev_ioctl(q, cmd, arg, &addr, 0, -ENOLINK);
	default:
		return -EINVAL;
	}
}

static const struct file_operations tap_fops = {
	.owner		= THIS_MODULE,
	.open		= tap_open,
	.release	= tap_release,
	.read_iter	= tap_read_iter,
	.write_iter	= tap_write_iter,
	.poll		= tap_poll,
	.unlocked_ioctl	= tap_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};

static struct tap_queue *tap_queue_of(struct file *file)
{
	if (file->f_op != &tap_fops)
		return ERR_PTR(-EINVAL);
	return file->private_data ?: ERR_PTR(-EBADFD);
}

/**
 * tap_get_socket - the socket behind an open tap, for vhost
 * @file: any file; the caller holds it as long as it uses the socket
 *
 * Return: the socket, for sendmsg and recvmsg, or an error pointer.
 */
struct socket *tap_get_socket(struct file *file)
{
	struct tap_queue *q = tap_queue_of(file);

	return IS_ERR(q) ? ERR_CAST(q) : &q->sock;
}
EXPORT_SYMBOL_GPL(tap_get_socket);

/**
 * tap_get_ptr_ring - the ring behind an open tap, for vhost
 * @file: any file; the caller holds it as long as it uses the ring
 *
 * Return: the ring, or an error pointer.
 */
struct ptr_ring *tap_get_ptr_ring(struct file *file)
{
	struct tap_queue *q = tap_queue_of(file);

	return IS_ERR(q) ? ERR_CAST(q) : &q->ring;
}
EXPORT_SYMBOL_GPL(tap_get_ptr_ring);

/* Numbers of devices. */

/**
 * tap_get_minor - give a device a number
 * @major: of its family
 * @tap: the device's tap; receives the number
 *
 * Context: RTNL; may sleep.
 *
 * Return: 0 or a negative errno.
 */
int tap_get_minor(dev_t major, struct tap_dev *tap)
{
	struct tap_major *tm;
	int err = -EINVAL;
	u32 minor;

	mutex_lock(&tap_majors_lock);
	tm = tap_major_find(MAJOR(major));
	if (tm) {
		err = xa_alloc(&tm->minors, &minor, tap,
			       XA_LIMIT(1, TAP_NR_MINORS - 1), GFP_KERNEL);
		if (!err)
			tap->minor = minor;
		else if (err == -EBUSY)
			err = -EINVAL;
	}
	mutex_unlock(&tap_majors_lock);
	return err;
}
EXPORT_SYMBOL_GPL(tap_get_minor);

/**
 * tap_free_minor - take a device's number back
 * @major: of its family
 * @tap: the device's tap
 *
 * Context: RTNL; may sleep.
 */
void tap_free_minor(dev_t major, struct tap_dev *tap)
{
	struct tap_major *tm;

	mutex_lock(&tap_majors_lock);
	tm = tap_major_find(MAJOR(major));
	if (tm && tap->minor) {
		xa_erase(&tm->minors, tap->minor);
		tap->minor = 0;
	}
	mutex_unlock(&tap_majors_lock);
}
EXPORT_SYMBOL_GPL(tap_free_minor);

/**
 * tap_create_cdev - a family of character devices
 * @tap_cdev: the caller's, filled in
 * @tap_major: receives the number
 * @device_name: for /proc/devices
 * @module: its owner
 *
 * Return: 0 or a negative errno.
 */
int tap_create_cdev(struct cdev *tap_cdev, dev_t *tap_major,
		    const char *device_name, struct module *module)
{
	struct tap_major *tm;
	int err;

	tm = kzalloc(sizeof(*tm), GFP_KERNEL);
	if (!tm)
		return -ENOMEM;
	err = alloc_chrdev_region(tap_major, 0, TAP_NR_MINORS, device_name);
	if (err)
		goto err_major;
	tm->major = MAJOR(*tap_major);
	xa_init_flags(&tm->minors, XA_FLAGS_ALLOC);

	cdev_init(tap_cdev, &tap_fops);
	tap_cdev->owner = module;
	err = cdev_add(tap_cdev, *tap_major, TAP_NR_MINORS);
	if (err)
		goto err_region;

	mutex_lock(&tap_majors_lock);
	list_add_tail(&tm->list, &tap_majors);
	mutex_unlock(&tap_majors_lock);
	return 0;

err_region:
	unregister_chrdev_region(*tap_major, TAP_NR_MINORS);
err_major:
	kfree(tm);
	return err;
}
EXPORT_SYMBOL_GPL(tap_create_cdev);

/**
 * tap_destroy_cdev - undo tap_create_cdev()
 * @major: its number
 * @tap_cdev: its devices, none of which is left
 */
void tap_destroy_cdev(dev_t major, struct cdev *tap_cdev)
{
	struct tap_major *tm;

	cdev_del(tap_cdev);
	unregister_chrdev_region(major, TAP_NR_MINORS);

	mutex_lock(&tap_majors_lock);
	tm = tap_major_find(MAJOR(major));
	if (tm)
		list_del(&tm->list);
	mutex_unlock(&tap_majors_lock);
	if (!tm)
		return;
	xa_destroy(&tm->minors);
	kfree(tm);
}
EXPORT_SYMBOL_GPL(tap_destroy_cdev);

MODULE_DESCRIPTION("Character devices of macvtap and ipvtap, with XDP frames");
MODULE_LICENSE("GPL");
