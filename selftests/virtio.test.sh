# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Uppers over virtio-net: QEMU carries the frames.
#
#   netns gen                 netns low
#     p0 ------- wire -------- s0 -- mv0		or, with bond_over_nics,
#
#     p0 ------- wire -------- s0 --+-- bond0 -- mv0 (macvtap)
#     p1 ------- wire -------- s1 --+

virtio_topo() {
	nics
	batch low "link set s0 up
	link add link s0 name mv0 up type macvlan mode bridge
	addr add 192.0.2.77/24 dev mv0"
	delete_later low mv0
	batch gen $'link set p0 up\naddr add 192.0.2.2/24 dev p0'
}

ping_outside() { in_ns low ping -c 3 -i 0.2 -W 5 192.0.2.2; }

# fails if frames from outside don't come through a program that passes
test_pass() {
	virtio_topo
	attach low:mv0 pass
	has_program low:mv0 "$MODE pass"
	ping_outside
	has "$(in_ns low ethtool -S mv0)" 'rx_xdp_pass: [1-9]'
}

# fails if frames from outside get past a program that drops
test_drop() {
	virtio_topo
	ping_outside
	attach low:mv0 drop
	refused '100% packet loss' ping_outside
	has "$(in_ns low ethtool -S mv0)" 'rx_xdp_drop: [1-9]'
	detach low:mv0
	ping_outside
}

bond_over_nics() {
	needs_native
	# shellcheck source=selftests/macvtap.test.sh
	. selftests/macvtap.test.sh
	load_macvtap_modules
	load_bonding_xdp
	nics
	batch low "link add bond0 address $LOWER type bond mode active-backup primary s0 miimon 100"
	defer "xdpctl detach low:s0 drv"
	defer "ip -n low link del bond0"
	batch low "link set s0 master bond0
	link set s1 master bond0
	link set bond0 up
	link add link bond0 name mv0 up address $MV0 type macvtap mode bridge"
	batch gen $'link set p0 up\nlink set p1 up'
	wait_for "the primary" active_is s0
	count_skbs
	attach low:s0 pass
	attach low:bond0 pass
	attach low:mv0 pass
}

# fails if a virtual machine's frames come as skbs, are lost or changed, before or after a failover
test_macvtap_on_a_bond() {
	bond_over_nics
	note "$(vhost -n "$FRAMES" "$(tap_node low mv0)" gen:p0 rx)"
	batch low 'link set s0 down'
	wait_for "the failover" active_is s1
	note "$(vhost -n "$FRAMES" "$(tap_node low mv0)" gen:p1 rx)"
	note "$(vhost -n "$FRAMES" "$(tap_node low mv0)" gen:p1 tx)"
	eq "frames as skbs" "$(skbs)" 0
	batch low 'link set s0 up'
	wait_for "the primary" active_is s0
	note "$(vhost -n "$FRAMES" "$(tap_node low mv0)" gen:p0 rx)"
	eq "frames as skbs" "$(skbs)" 0
}
