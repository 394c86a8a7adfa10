// SPDX-License-Identifier: GPL-2.0
/*
 * macvtap IF...: frames for a virtual machine without an skb, as long as this runs.
 *
 *	build/samples/macvtap vm0
 *
 * A program on a macvtap is what turns that on: what it passes is put into the queue of the macvtap's reader, QEMU
 * or vhost-net, as it came from the driver of the device below. This one passes all.
 */
#include "loader.h"

#include <unistd.h>

#include "macvtap.skel.h"

int main(int argc, char **argv)
{
	static const char *const names[] = { "passed" };
	struct macvtap_bpf *skel;
	int i;

	loader_begin(argc, argv, NULL, NULL, "IF...",
		     "Gives macvtaps a program that passes all: frames for virtual machines without an skb.");
	if (access("/sys/module/macvtap_xdp", F_OK))
		errx(1, "macvtap_xdp is not loaded, so there would be skbs: modprobe macvtap_xdp");
	for (i = 0; i < loader_nr_devs; i++) {
		skel = macvtap_bpf__open_and_load();
		loader_loaded(skel);
		loader_attach(skel->progs.macvtap, skel->maps.counters);
	}
	return loader_run(names, 1);
}
