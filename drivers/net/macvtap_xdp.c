// SPDX-License-Identifier: GPL-2.0
/*
 * macvtap_xdp.ko: what a macvtap's program passes reaches its queues without
 * an sk_buff.
 *
 * macvlan_xdp.ko runs the program, the sink gives the frames back as the
 * driver's poll ends, our tap.ko has queues for them (the in-tree one does
 * not, and this module does not load on it). What a macvtap's user sends, tap.ko
 * shows us: to a neighbour on the same lower it takes no driver, to others the
 * lower's ndo_xdp_xmit. May be unloaded at any time: frames take the skb path
 * again.
 */
#include <linux/macvlan_xdp.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/tap_xdp.h>
#include <linux/xdp_rx_handler.h>

static const struct xdp_rxh_deliver macvtap_xdp_deliver = {
	.readers = tap_xdp_readers,
	.deliver = tap_xdp_deliver,
	.fill = tap_xdp_fill,
};

static const struct tap_xdp_ops macvtap_xdp_ops = {
	.forward = macvlan_xdp_forward,
};

static int __init macvtap_xdp_init(void)
{
	macvlan_xdp_set_deliver(&macvtap_xdp_deliver);
	tap_xdp_set_ops(&macvtap_xdp_ops);
	return 0;
}

static void __exit macvtap_xdp_exit(void)
{
	tap_xdp_set_ops(NULL);
	macvlan_xdp_set_deliver(NULL);
	/* frames between program and sink find no more way here after this */
	synchronize_net();
}

module_init(macvtap_xdp_init);
module_exit(macvtap_xdp_exit);

MODULE_DESCRIPTION("XDP frames to macvtap readers");
MODULE_LICENSE("GPL");
