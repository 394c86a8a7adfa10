// SPDX-License-Identifier: GPL-2.0
/*
 * tap.ko's way to and from whoever has a character device open: ring entries to
 * the reader, and what the writer gives out of the device. How queues are held
 * and found is in tap_main.c.
 *
 * Process context: a reader or writer, or vhost's thread. A frame that was taken
 * out of a ring is freed here, whatever the reader makes of it.
 */
#include <linux/etherdevice.h>
#include <linux/if_tap.h>
#include <linux/if_tun.h>
#include <linux/if_vlan.h>
#include <linux/sched/signal.h>
#include <linux/skb_array.h>
#include <linux/tap_xdp.h>
#include <linux/uio.h>
#include <linux/virtio_net.h>
#include <linux/xdp_rx_handler.h>
#include <net/sock.h>
#include <net/xdp.h>

#include "tap.h"

static void tap_count_tx_drop(struct tap_queue *q)
{
	struct tap_dev *tap;

	rcu_read_lock();
	tap = rcu_dereference(q->tap);
	if (tap && tap->count_tx_dropped)
		tap->count_tx_dropped(tap);
	rcu_read_unlock();
}

/* Out of the queues: to the reader. */

/* What there is to say of a frame that no offload touched. */
static struct virtio_net_hdr_v1 tap_xdp_vnet(const struct tap_queue *q)
{
	return (struct virtio_net_hdr_v1) {
		.num_buffers = (__force __virtio16)
			       __cpu_to_virtio16(tap_is_le(q), 1),
	};
}

/*
 * The same in front of the frame, where nobody else writes any more: so both
 * are copied at once. Returns where it begins; there is room for @len bytes.
 */
static void *tap_push_vnet(const struct tap_queue *q, void *data, int len)
{
	struct virtio_net_hdr_v1 hdr = tap_xdp_vnet(q);

	data -= len;
	if (likely(len == sizeof(hdr)))
		return memcpy(data, &hdr, sizeof(hdr));
	memset(data, 0, len);
	return memcpy(data, &hdr, min_t(int, len, sizeof(hdr)));
}

static int tap_put_vnet(const struct tap_queue *q, int len, struct iov_iter *to)
{
	struct virtio_net_hdr_v1 hdr = tap_xdp_vnet(q);
	int n = min_t(int, len, sizeof(hdr));

	if (copy_to_iter(&hdr, n, to) != n ||
	    iov_iter_zero(len - n, to) != len - n)
		return -EFAULT;
	return 0;
}

/*
 * An XDP frame is in pages, as a fragment of an skb is, and copied as one: no
 * object of the slab for copy_to_iter() to look for, at the price of a copy.
 */
static size_t tap_copy_xdp(const void *data, size_t len, struct iov_iter *to)
{
	return copy_page_to_iter(virt_to_page(data), offset_in_page(data), len,
				 to);
}

static ssize_t tap_put_xdp(const struct tap_queue *q,
			   const struct xdp_frame *frame, struct iov_iter *to)
{
	int vnet_len = tap_vnet_len(q), err;
	size_t len = frame->len;
	void *data = frame->data;

	if (unlikely(iov_iter_count(to) < vnet_len))
		return -EINVAL;
	if (likely(vnet_len <= frame->headroom)) {
		if (likely(vnet_len))
			data = tap_push_vnet(q, data, vnet_len);
		len += vnet_len;
	} else {
		err = tap_put_vnet(q, vnet_len, to);
		if (err)
			return err;
	}
	/* a reader with little room gets what fits in */
	if (unlikely(tap_copy_xdp(data, len, to) != len) && iov_iter_count(to))
		return -EFAULT;
	return vnet_len + frame->len;
}

static int tap_put_skb_vnet(int len, struct iov_iter *to,
			    const struct tap_queue *q,
			    const struct sk_buff *skb)
{
	int vlan_len = skb_vlan_tag_present(skb) ? VLAN_HLEN : 0;
	struct virtio_net_hdr hdr;

	if (iov_iter_count(to) < len)
		return -EINVAL;
	if (WARN_ON_ONCE(virtio_net_hdr_from_skb(skb, &hdr, tap_is_le(q), true,
						 vlan_len)))
		return -EINVAL;
	if (copy_to_iter(&hdr, sizeof(hdr), to) != sizeof(hdr))
		return -EFAULT;
	iov_iter_advance(to, len - sizeof(hdr));
	return 0;
}

/*
 * The frame with its tag where it was on the wire. Where the reader's room ends
 * within the tag or right behind it, the stock module answers with how much of
 * the tag it took, and so does this one.
 */
static int tap_put_tagged(const struct sk_buff *skb, struct iov_iter *to)
{
	struct vlan_hdr_on_wire {
		__be16 proto;
		__be16 tci;
	} tag = {
		.proto = skb->vlan_proto,
		.tci = htons(skb_vlan_tag_get(skb)),
	};
	int err, n;

	err = skb_copy_datagram_iter(skb, 0, to, 2 * ETH_ALEN);
	if (err || !iov_iter_count(to))
		return err;
	n = copy_to_iter(&tag, sizeof(tag), to);
	if (n != sizeof(tag) || !iov_iter_count(to))
		return n;
	return skb_copy_datagram_iter(skb, 2 * ETH_ALEN, to,
				      skb->len - 2 * ETH_ALEN);
}

static ssize_t tap_put_skb(const struct tap_queue *q, const struct sk_buff *skb,
			   struct iov_iter *to)
{
	int vnet_len = tap_vnet_len(q), err;
	ssize_t len = vnet_len + skb->len;

	if (vnet_len) {
		err = tap_put_skb_vnet(vnet_len, to, q, skb);
		if (err)
			return err;
	}
	if (skb_vlan_tag_present(skb)) {
		len += VLAN_HLEN;
		err = tap_put_tagged(skb, to);
	} else {
		err = skb_copy_datagram_iter(skb, 0, to, skb->len);
	}
	/* no "?:" of an int and the unsigned skb->len */
	return err ? err : len;
}

/* Takes the entry in any case. */
static ssize_t tap_put(const struct tap_queue *q, void *ptr,
		       struct iov_iter *to)
{
	ssize_t ret;

	if (tun_is_xdp_frame(ptr)) {
		ret = tap_put_xdp(q, tun_ptr_to_xdp(ptr), to);
		tap_ptr_free(ptr);
		return ret;
	}
	ret = tap_put_skb(q, ptr, to);
	if (unlikely(ret < 0))
		kfree_skb(ptr);
	else
		consume_skb(ptr);
	return ret;
}

/* The next entry, or an error pointer; never %NULL. */
static void *tap_wait(struct tap_queue *q, bool noblock)
{
	DEFINE_WAIT(wait);
	void *ptr;

	if (noblock)
		return ptr_ring_consume(&q->ring) ?: ERR_PTR(-EAGAIN);
	for (;;) {
		prepare_to_wait(sk_sleep(&q->sk), &wait, TASK_INTERRUPTIBLE);
		ptr = ptr_ring_consume(&q->ring);
		if (ptr)
			break;
		if (signal_pending(current)) {
			ptr = ERR_PTR(-ERESTARTSYS);
			break;
		}
		schedule();
	}
	finish_wait(sk_sleep(&q->sk), &wait);
	return ptr;
}

/* @ptr: what to read, taken in any case, or %NULL for the next of the queue. */
static ssize_t tap_read(struct tap_queue *q, struct iov_iter *to, bool noblock,
			void *ptr)
{
	if (!iov_iter_count(to)) {
		tap_ptr_free(ptr);
		return 0;
	}
	if (!ptr)
		ptr = tap_wait(q, noblock);
	/* no entry looks like an error: those are odd, but not that high */
	if (IS_ERR(ptr))
		return PTR_ERR(ptr);
	return tap_put(q, ptr, to);
}

static bool tap_noblock(const struct kiocb *iocb)
{
	return iocb->ki_filp->f_flags & O_NONBLOCK ||
	       (TAP_FMODE && iocb->ki_flags & IOCB_NOWAIT);
}

/**
 * tap_read_iter - read a frame
 * @iocb: of the character device
 * @to: the reader's room
 *
 * Context: process; sleeps, unless told not to.
 *
 * Return: bytes read, or a negative errno.
 */
ssize_t tap_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct tap_queue *q = iocb->ki_filp->private_data;
	ssize_t room = iov_iter_count(to), ret;

	ret = min(tap_read(q, to, tap_noblock(iocb), NULL), room);
	if (ret > 0)
		iocb->ki_pos = ret;
	return ret;
}

static int tap_recvmsg(struct socket *sock, struct msghdr *m, size_t total_len,
		       int flags)
{
	struct tap_queue *q = container_of(sock, struct tap_queue, sock);
	void *ptr = m->msg_control;
	int ret;

	if (flags & ~(MSG_DONTWAIT | MSG_TRUNC)) {
		tap_ptr_free(ptr);
		return -EINVAL;
	}
	ret = tap_read(q, &m->msg_iter, flags & MSG_DONTWAIT, ptr);
	if (ret > (ssize_t)total_len) {
		m->msg_flags |= MSG_TRUNC;
		if (!(flags & MSG_TRUNC))
			ret = total_len;
	}
	return ret;
}

/* How many entries are in a ring. RTNL, without which none is resized. */
static unsigned int tap_ring_fill(const struct ptr_ring *ring)
{
	int head = READ_ONCE(ring->consumer_head);
	int fill = READ_ONCE(ring->producer) - head;

	if (!ring->size || !READ_ONCE(ring->queue[head]))
		return 0;
	return fill > 0 ? fill : fill + ring->size;
}

/**
 * tap_xdp_fill - how full a device's queues are
 * @dev: any device
 * @fill: what is found is added to it, nothing where @dev is no tap
 *
 * Context: RTNL. Frames come and go meanwhile.
 */
void tap_xdp_fill(const struct net_device *dev, struct xdp_rxh_fill *fill)
{
	const struct tap_dev *tap = tap_of_dev(dev);
	const struct tap_queue *q;
	u64 queued;

	if (!tap)
		return;
	list_for_each_entry(q, &tap->queue_list, next) {
		queued = tap_ring_fill(&q->ring);
		fill->queues++;
		fill->queued += queued;
		fill->size += q->ring.size;
		if (fill->queues > 1 && queued * fill->worst_size <=
		    (u64)fill->worst_queued * q->ring.size)
			continue;
		fill->worst_queued = queued;
		fill->worst_size = q->ring.size;
	}
}
EXPORT_SYMBOL_GPL(tap_xdp_fill);

static int tap_ptr_len(void *ptr)
{
	if (tun_is_xdp_frame(ptr))
		return tun_ptr_to_xdp(ptr)->len;
	return __skb_array_len_with_tag(ptr);
}

static int tap_peek_len(struct socket *sock)
{
	struct tap_queue *q = container_of(sock, struct tap_queue, sock);

	return PTR_RING_PEEK_CALL(&q->ring, tap_ptr_len);
}

/* From the writer out of the device. */

/* An skb that the device takes, whatever becomes of it then. */
static void tap_xmit(struct sk_buff *skb)
{
	int depth;

	skb_probe_transport_header(skb);
	/* the network header is behind the tags */
	if (eth_type_vlan(skb->protocol) &&
	    vlan_get_protocol_and_depth(skb, skb->protocol, &depth))
		skb_set_network_header(skb, depth);
	dev_queue_xmit(skb);
}

/*
 * Takes the skb in any case, and @ubuf but on error; a device that has gone
 * is none. @zerocopy: the skb refers to the writer's pages, and @ubuf is told
 * when it no longer does.
 */
static int tap_send_skb(struct tap_queue *q, struct sk_buff *skb,
			const struct virtio_net_hdr *hdr,
			struct ubuf_info *ubuf, bool zerocopy)
{
	struct tap_dev *tap;
	int err = 0;

	skb_set_network_header(skb, ETH_HLEN);
	skb_reset_mac_header(skb);
	skb->protocol = eth_hdr(skb)->h_proto;

	rcu_read_lock();
	tap = rcu_dereference(q->tap);
	if (tap) {
		skb->dev = tap->dev;
		if (hdr)
			err = virtio_net_hdr_to_skb(skb, hdr, tap_is_le(q));
	}
	if (unlikely(err)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_DEV_HDR);
		goto unlock;
	}
	if (zerocopy)
		skb_zcopy_init(skb, ubuf);
	else if (ubuf)
		xdp_rxh_ubuf_complete(ubuf, false);
	if (tap)
		tap_xmit(skb);
	else
		kfree_skb(skb);
unlock:
	rcu_read_unlock();
	return err;
}

/* Takes the header off. Returns its length or an error. */
static int tap_get_vnet(const struct tap_queue *q, struct iov_iter *from,
			struct virtio_net_hdr *hdr, int *hdr_len)
{
	size_t len = iov_iter_count(from);
	int vnet_len = tap_vnet_len(q);
	bool le = tap_is_le(q);

	if (!vnet_len)
		return 0;
	if (len < vnet_len)
		return -EINVAL;
	len -= vnet_len;
	if (!copy_from_iter_full(hdr, sizeof(*hdr), from))
		return -EFAULT;
	iov_iter_advance(from, vnet_len - sizeof(*hdr));

	*hdr_len = __virtio16_to_cpu(le, hdr->hdr_len);
	if (hdr->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
		*hdr_len = max(*hdr_len,
			       __virtio16_to_cpu(le, hdr->csum_start) +
			       __virtio16_to_cpu(le, hdr->csum_offset) + 2);
		hdr->hdr_len = __cpu_to_virtio16(le, *hdr_len);
	}
	/* as it was stored: in 16 bits */
	if (__virtio16_to_cpu(le, hdr->hdr_len) > len)
		return -EINVAL;
	return vnet_len;
}

/* @len bytes, the first @linear of them in the head where a page is not enough */
static struct sk_buff *tap_alloc_skb(struct tap_queue *q, size_t len,
				     size_t linear, bool noblock, int *err)
{
	size_t paged = MAX_SKB_FRAGS * (PAGE_SIZE << TAP_ALLOC_ORDER);
	struct sk_buff *skb;

	if (TAP_HEADROOM + len < PAGE_SIZE || !linear)
		linear = len;
	/* 6.1 refuses what does not fit in */
	if (TAP_ALLOC_ORDER && len - linear > paged)
		linear = len - paged;

	skb = sock_alloc_send_pskb(&q->sk, TAP_HEADROOM + linear, len - linear,
				   noblock, err, TAP_ALLOC_ORDER);
	if (!skb)
		return NULL;
	skb_reserve(skb, TAP_HEADROOM);
	skb_put(skb, linear);
	skb->data_len = len - linear;
	skb->len += len - linear;
	return skb;
}

/* Would the pages behind the first @skip bytes fit in an skb? */
static bool tap_few_pages(const struct iov_iter *from, size_t skip)
{
	struct iov_iter rest = *from;

	iov_iter_advance(&rest, skip);
	return iov_iter_npages(&rest, INT_MAX) <= MAX_SKB_FRAGS;
}

static int tap_get(struct tap_queue *q, struct ubuf_info *ubuf,
		   struct iov_iter *from, bool noblock)
{
	int room = SKB_MAX_HEAD(TAP_HEADROOM), hdr_len = 0, vnet_len, err;
	struct virtio_net_hdr hdr = {};
	size_t len, copy, linear;
	bool zerocopy = false;
	struct sk_buff *skb;

	vnet_len = tap_get_vnet(q, from, &hdr, &hdr_len);
	if (vnet_len < 0)
		return vnet_len;
	len = iov_iter_count(from);
	if (unlikely(len < ETH_HLEN))
		return -EINVAL;

	if (ubuf && sock_flag(&q->sk, SOCK_ZEROCOPY)) {
		copy = clamp(hdr_len ?: TAP_COPY, ETH_HLEN, room);
		linear = copy;
		zerocopy = tap_few_pages(from, copy);
	}
	if (!zerocopy) {
		copy = len;
		linear = clamp(hdr_len, ETH_HLEN, room);
	}

	skb = tap_alloc_skb(q, copy, linear, noblock, &err);
	if (!skb)
		return err;
	if (zerocopy)
		err = zerocopy_sg_from_iter(skb, from);
	else
		err = skb_copy_datagram_from_iter(skb, 0, from, len);
	if (err) {
		kfree_skb_reason(skb, SKB_DROP_REASON_SKB_UCOPY_FAULT);
		return err;
	}
	return tap_send_skb(q, skb, vnet_len ? &hdr : NULL, ubuf, zerocopy);
}

static ssize_t tap_write(struct tap_queue *q, struct ubuf_info *ubuf,
			 struct iov_iter *from, bool noblock)
{
	size_t len = iov_iter_count(from);
	int err = tap_get(q, ubuf, from, noblock);

	if (unlikely(err)) {
		tap_count_tx_drop(q);
		return err;
	}
	return len;
}

/**
 * tap_write_iter - write a frame
 * @iocb: of the character device
 * @from: the frame, behind a virtio-net header where the queue has one
 *
 * Context: process; sleeps, unless told not to.
 *
 * Return: bytes written, or a negative errno.
 */
ssize_t tap_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	return tap_write(iocb->ki_filp->private_data, NULL, from,
			 tap_noblock(iocb));
}

/* A frame that vhost has copied already, behind a struct tun_xdp_hdr. */
static void tap_get_vhost(struct tap_queue *q, struct xdp_buff *xdp)
{
	struct tun_xdp_hdr *hdr = xdp->data_hard_start;
	unsigned int len = xdp->data_end - xdp->data;
	struct sk_buff *skb = NULL;

	if (likely(len >= ETH_HLEN))
		skb = build_skb(xdp->data_hard_start, hdr->buflen);
	if (unlikely(!skb)) {
		put_page(virt_to_head_page(xdp->data));
		tap_count_tx_drop(q);
		return;
	}
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	skb_put(skb, len);
	if (tap_send_skb(q, skb, tap_vnet_len(q) ? &hdr->gso : NULL, NULL,
			 false))
		tap_count_tx_drop(q);
}

static const struct tap_xdp_ops __rcu *tap_xdp_ops;

/**
 * tap_xdp_set_ops - have frames taken that need no sk_buff
 * @ops: how, or %NULL
 *
 * After a change to %NULL the caller waits for a grace period before what it
 * gave goes away.
 *
 * Context: process; one caller at a time.
 */
void tap_xdp_set_ops(const struct tap_xdp_ops *ops)
{
	rcu_assign_pointer(tap_xdp_ops, ops);
}
EXPORT_SYMBOL_GPL(tap_xdp_set_ops);

/* Is there nothing about the frame that only an skb could tell? */
static bool tap_is_plain(const struct tap_queue *q, const struct xdp_buff *xdp)
{
	const struct tun_xdp_hdr *hdr = xdp->data_hard_start;

	if (unlikely(xdp->data_end - xdp->data < ETH_HLEN))
		return false;
	return !tap_vnet_len(q) || !(hdr->gso.flags | hdr->gso.gso_type);
}

/* Sets the data of those to %NULL that found their way without an skb. */
static void tap_forward(struct tap_queue *q, struct xdp_buff *xdp, int n)
{
	const struct tap_xdp_ops *ops;
	struct tap_dev *tap;

	local_bh_disable();
	rcu_read_lock();
	ops = rcu_dereference(tap_xdp_ops);
	tap = rcu_dereference(q->tap);
	if (ops && tap)
		ops->forward(tap->dev, n, xdp);
	rcu_read_unlock();
	local_bh_enable();
}

/* Frames of one kind at a time: nothing overtakes what was sent before it. */
static void tap_get_vhost_bulk(struct tap_queue *q, struct xdp_buff *xdp, int n)
{
	int i, run;
	bool plain;

	for (; n; xdp += run, n -= run) {
		plain = tap_is_plain(q, xdp);
		for (run = 1; run < min(n, XDP_BULK_QUEUE_SIZE); run++)
			if (tap_is_plain(q, xdp + run) != plain)
				break;
		if (plain && rcu_access_pointer(tap_xdp_ops))
			tap_forward(q, xdp, run);
		for (i = 0; i < run; i++)
			if (xdp[i].data)
				tap_get_vhost(q, xdp + i);
	}
}

static int tap_sendmsg(struct socket *sock, struct msghdr *m, size_t total_len)
{
	struct tap_queue *q = container_of(sock, struct tap_queue, sock);
	struct tun_msg_ctl *ctl = m->msg_control;

	if (ctl && m->msg_controllen == sizeof(*ctl) &&
	    ctl->type == TUN_MSG_PTR) {
		tap_get_vhost_bulk(q, ctl->ptr, ctl->num);
		return 0;
	}
	return tap_write(q, ctl ? ctl->ptr : NULL, &m->msg_iter,
			 m->msg_flags & MSG_DONTWAIT);
}

/* What vhost-net calls. */
const struct proto_ops tap_socket_ops = {
	.sendmsg = tap_sendmsg,
	.recvmsg = tap_recvmsg,
	.peek_len = tap_peek_len,
};
