// SPDX-License-Identifier: GPL-2.0
/*
 * bench_ring.ko, for `make bench` only: the shortest reader that a tap queue
 * can have. What is put into the queue's ring is taken out and freed in the
 * wake-up that follows, so that a row shows the way into the ring, and nothing
 * of a process.
 *
 * Write the descriptor of an open /dev/tapN, an int, to /dev/bench_ring: the
 * reader is there until the file is closed. Reading gives a u64, the frames so
 * far. Links to the kernel's tap.ko and to ours.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/if_tap.h>
#include <linux/if_tun.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/ptr_ring.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <net/xdp.h>

/**
 * struct bench_reader - an open /dev/bench_ring
 * @wait: in the wait queue of @tap's socket, where a reader would sleep
 * @tap: the file whose ring is read; %NULL as long as none was written
 * @ring: its ring
 * @head: the wait queue
 * @frames: taken out so far
 */
struct bench_reader {
	wait_queue_entry_t wait;
	struct file *tap;
	struct ptr_ring *ring;
	wait_queue_head_t *head;
	u64 frames;
};

/* In the softirq that produced: the one consumer there is. */
static int bench_ring_woken(wait_queue_entry_t *wait, unsigned int mode,
			    int sync, void *key)
{
	struct bench_reader *r = container_of(wait, struct bench_reader, wait);
	void *ptr;

	spin_lock(&r->ring->consumer_lock);
	while ((ptr = __ptr_ring_consume(r->ring))) {
		r->frames++;
		if (tun_is_xdp_frame(ptr))
			xdp_return_frame(tun_ptr_to_xdp(ptr));
		else
			consume_skb(ptr);
	}
	spin_unlock(&r->ring->consumer_lock);
	return 0;
}

static int bench_ring_open(struct inode *inode, struct file *file)
{
	struct bench_reader *r = kzalloc(sizeof(*r), GFP_KERNEL);

	if (!r)
		return -ENOMEM;
	init_waitqueue_func_entry(&r->wait, bench_ring_woken);
	file->private_data = r;
	return 0;
}

static int bench_ring_release(struct inode *inode, struct file *file)
{
	struct bench_reader *r = file->private_data;

	if (r->tap) {
		remove_wait_queue(r->head, &r->wait);
		fput(r->tap);
	}
	kfree(r);
	return 0;
}

static ssize_t bench_ring_write(struct file *file, const char __user *buf,
				size_t len, loff_t *pos)
{
	struct bench_reader *r = file->private_data;
	struct ptr_ring *ring;
	struct socket *sock;
	struct file *tap;
	int fd;

	if (len != sizeof(fd) || r->tap)
		return -EINVAL;
	if (copy_from_user(&fd, buf, sizeof(fd)))
		return -EFAULT;
	tap = fget(fd);
	if (!tap)
		return -EBADF;
	ring = tap_get_ptr_ring(tap);
	sock = tap_get_socket(tap);
	if (IS_ERR(ring) || IS_ERR(sock)) {
		fput(tap);
		return -EINVAL;
	}
	r->ring = ring;
	r->head = &sock->wq.wait;
	r->tap = tap;
	add_wait_queue(r->head, &r->wait);
	return len;
}

static ssize_t bench_ring_read(struct file *file, char __user *buf, size_t len,
			       loff_t *pos)
{
	struct bench_reader *r = file->private_data;
	u64 frames = READ_ONCE(r->frames);

	if (len != sizeof(frames))
		return -EINVAL;
	return copy_to_user(buf, &frames, sizeof(frames)) ? -EFAULT : len;
}

static const struct file_operations bench_ring_fops = {
	.owner		= THIS_MODULE,
	.open		= bench_ring_open,
	.release	= bench_ring_release,
	.read		= bench_ring_read,
	.write		= bench_ring_write,
};

static struct miscdevice bench_ring_misc = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "bench_ring",
	.fops	= &bench_ring_fops,
};
module_misc_device(bench_ring_misc);

MODULE_DESCRIPTION("The bench's reader of tap queues");
MODULE_LICENSE("GPL");
