// SPDX-License-Identifier: GPL-2.0
/*
 * xdp_rx_handler.ko: native XDP for stacked devices, the part that does not
 * depend on what is stacked.
 *
 * Who does what (each file opens with its own rules):
 *   port   a lower's state; hands the port program to its driver
 *   prog   makes port programs
 *   run    the fast path, called by port programs
 *   upper  an upper's state; gives it ndo_bpf and the like
 *   hook   the skb path of an upper
 *   sink   takes the frames we consume from the driver
 *   vlan   keeps VLAN tags visible
 *   stats  counters
 *   chain  compiles several programs to one
 *   netlink  the generic netlink family, which edits chains
 *   reason  why an upper can't have a native program
 *   status  what the family tells of a device's state
 *   kfunc  a lower's own program hands frames up itself
 *   trace  the fast path while somebody watches
 *
 * Configuration is under RTNL. Frames are handled per CPU with BH off and take
 * no lock; what they reach is published by RCU, last.
 */
#include <linux/module.h>
#include <linux/netdevice.h>

#include "xdp_rxh.h"

static int xdp_rxh_event(struct notifier_block *nb, unsigned long event,
			 void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	const struct netdev_notifier_changeupper_info *info;
	struct xdp_rxh_port *port;
	int err;

	switch (event) {
	case NETDEV_REGISTER:
		xdp_rxh_upper_event(dev, event);
		xdp_rxh_port_moved(dev);
		break;
	case NETDEV_UNREGISTER:
		xdp_rxh_upper_event(dev, event);
		if (dev->reg_state == NETREG_REGISTERED) {
			xdp_rxh_port_leaving(dev);
			break;
		}
		xdp_rxh_vlan_forget(dev);
		xdp_rxh_port_dying(dev);
		break;
	case NETDEV_PRE_UP:
		err = xdp_rxh_upper_pre_up(dev);
		if (!err)
			err = xdp_rxh_port_pre_up(dev);
		return notifier_from_errno(err);
	case NETDEV_UP:
		xdp_rxh_upper_event(dev, event);
		xdp_rxh_lower_recheck(dev);
		break;
	case NETDEV_CHANGE:
		xdp_rxh_lower_recheck(dev);
		break;
	case NETDEV_CHANGEUPPER:
		info = ptr;
		if (info->linking)
			xdp_rxh_vlan_joined(info->upper_dev, dev);
		else
			xdp_rxh_vlan_left(info->upper_dev, dev);
		break;
	case NETDEV_FEAT_CHANGE:
		xdp_rxh_vlan_recheck(dev);
		break;
	case NETDEV_XDP_FEAT_CHANGE:
		xdp_rxh_upper_features(dev);
		port = xdp_rxh_port_find(dev);
		if (port)
			xdp_rxh_sink_choose(port);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block xdp_rxh_nb = {
	.notifier_call = xdp_rxh_event,
	.priority = 1,	/* ahead of devmap */
};

static int __init xdp_rxh_init(void)
{
	int err;

	err = xdp_rxh_hook_init();
	if (err)
		return err;
	err = xdp_rxh_sink_init();
	if (err)
		goto err_hook;
	xdp_rxh_kfunc_init();
	err = register_netdevice_notifier(&xdp_rxh_nb);
	if (err)
		goto err_sink;
	err = xdp_rxh_netlink_init();
	if (err)
		goto err_notifier;
	return 0;

err_notifier:
	unregister_netdevice_notifier(&xdp_rxh_nb);
err_sink:
	xdp_rxh_sink_exit();
err_hook:
	xdp_rxh_hook_exit();
	return err;
}

static void __exit xdp_rxh_exit(void)
{
	xdp_rxh_netlink_exit();
	unregister_netdevice_notifier(&xdp_rxh_nb);
	xdp_rxh_port_exit();
	xdp_rxh_kfunc_exit();
	xdp_rxh_upper_exit();
	xdp_rxh_sink_exit();
	xdp_rxh_hook_exit();
}

module_init(xdp_rxh_init);
module_exit(xdp_rxh_exit);

MODULE_DESCRIPTION("Native XDP for stacked network devices");
MODULE_LICENSE("GPL");
