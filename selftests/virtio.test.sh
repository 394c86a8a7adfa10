# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Uppers over virtio-net: QEMU carries the frames.
#
#   netns gen                 netns low
#     p0 ------- wire -------- s0 -- mv0		or, with bond_over_nics,
#
#     p0 ------- wire -------- s0 --+-- bond0 -- mv0 (macvtap)
#     p1 ------- wire -------- s1 --+
#
# QEMU's hub, which is the wire, lets no offload through: checksums are finished, and frames no larger than the MTU.

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
	# shellcheck disable=SC2153 # of lib.sh
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
	vhost -n "$FRAMES" "$(tap_node low mv0)" gen:p0 rx
	batch low 'link set s0 down'
	wait_for "the failover" active_is s1
	vhost -n "$FRAMES" "$(tap_node low mv0)" gen:p1 rx
	vhost -n "$FRAMES" -d 52:54:00:00:00:1a "$(tap_node low mv0)" gen:p1 tx	# it takes no others
	eq "frames as skbs" "$(skbs)" 0
	batch low 'link set s0 up'
	wait_for "the primary" active_is s0
	vhost -n "$FRAMES" "$(tap_node low mv0)" gen:p0 rx
	eq "frames as skbs" "$(skbs)" 0
}

# all_written: what was sent over the connection has come out of it
all_written() { [[ -e $WORK/got && $(wc -c <"$WORK/got") -ge $(wc -c <"$WORK/sent") ]]; }

# more BYTES: over the connection
more() {
	head -c "$1" /dev/urandom | tee -a "$WORK/sent" >&"$TO"
	wait_for "what was sent" all_written
}

# failover FROM TO: the wire of slave s$FROM breaks, that of s$TO is whole (nobody tells a virtio-net NIC): what sends
# to the bond sees it, as a switch would
failover() {
	batch gen "link set p$1 down
	link set p$2 up"
	batch low "link set s$2 up
	link set s$1 down"
	wait_for "the failover" active_is "s$2"
}

# fails if a virtual machine's TCP connection does not live on through failovers, or its frames come as skbs then
test_connection_survives_failover() {
	bond_over_nics
	batch gen $'link add br0 type bridge\nlink set p0 master br0\nlink set p1 master br0\nlink set br0 up'
	delete_later gen br0
	vm_behind br0
	rm -f "$WORK/got"
	: >"$WORK/sent"
	in_ns vm socat -u TCP-LISTEN:7777 "OPEN:$WORK/got,creat,trunc" &
	defer "kill $! 2>/dev/null"
	wait_for "a listener" listening vm
	exec {TO}> >(in_ns gen socat -u - TCP:10.9.0.2:7777)
	more 300000
	failover 0 1
	more 300000
	failover 1 0
	more 300000
	exec {TO}>&-
	cmp "$WORK/sent" "$WORK/got" || fail "not what was sent"
	eq "frames as skbs" "$(skbs)" 0
}
