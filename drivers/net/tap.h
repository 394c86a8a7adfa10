/* SPDX-License-Identifier: GPL-2.0 */
/* What tap_main.c and tap_io.c share; they include the headers this needs. */
#ifndef _TAP_H
#define _TAP_H

/* Ours, where no IFF_ flag is. */
#define TAP_F_LE		BIT(31)
#define TAP_F_BE		BIT(30)

/* What the stack may put in front of a frame it forwards. */
#define TAP_HEADROOM		HH_DATA_OFF(ETH_HLEN)
/* Of a zero-copy frame of unknown headers, so much is copied. */
#define TAP_COPY		128

static inline bool tap_is_le(const struct tap_queue *q)
{
	if (q->flags & TAP_F_LE)
		return true;
	if (IS_ENABLED(CONFIG_TUN_VNET_CROSS_LE) && q->flags & TAP_F_BE)
		return false;
	return virtio_legacy_is_little_endian();
}

/* The tap of a device, or %NULL where that is none. */
static inline struct tap_dev *tap_of_dev(const struct net_device *dev)
{
	if (rcu_access_pointer(dev->rx_handler) != tap_handle_frame)
		return NULL;
	return rcu_dereference_check(dev->rx_handler_data,
				     rcu_read_lock_bh_held() ||
				     lockdep_rtnl_is_held());
}

/* Length of the virtio-net header in front of each frame, 0 for none. */
static inline int tap_vnet_len(const struct tap_queue *q)
{
	return q->flags & IFF_VNET_HDR ? READ_ONCE(q->vnet_hdr_sz) : 0;
}

/* An entry of a ring, or %NULL; not in a NAPI. */
static inline void tap_ptr_free(void *ptr)
{
	if (!ptr)
		return;
	if (tun_is_xdp_frame(ptr))
		xdp_return_frame(tun_ptr_to_xdp(ptr));
	else
		kfree_skb(ptr);
}

extern const struct proto_ops tap_socket_ops;

ssize_t tap_read_iter(struct kiocb *iocb, struct iov_iter *to);
ssize_t tap_write_iter(struct kiocb *iocb, struct iov_iter *from);

#endif /* _TAP_H */
