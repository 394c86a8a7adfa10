# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Time limit: 180 s
# No memory: each allocation that an operation makes fails once, and all from there on. Either the operation
# fails and has changed nothing, or it is done and all is as it would be otherwise; frames show it.
#
#   netns gen: peer --- veth -- netns low: lower --+-- mv0   netns far: where mv0, or lower, moves to
#                                                  +-- mv1
#              peer2 -- veth ------------- lower2
#              peer3 -- veth ------------- lower3 --- keeper, by whose program the sink stays
#
# Takes a kernel with fault injection (make test-debug). TEST_FAULT_SCOPE=all fails what core allocates
# on the way as well; TEST_FAULT_VERBOSE=2 has the kernel say which allocation it was, and what came of it.

# under_fire OPERATION...
under_fire() {
	local status=0
	failnth "$@" 2>&1 || status=$?
	[[ $status -ne 4 ]] || skip "this kernel injects no faults"
	[[ $status -eq 0 ]] || fail "an operation that had no memory"
}

fault_topo() {
	needs_native
	[[ -w /sys/kernel/debug/failslab/require-start ]] || skip "this kernel injects no faults"
	topo bridge bridge
	netns far
	ip -n gen link add peer2 up type veth peer name lower2 netns low address "$LOWER"
	ip -n low link set dev lower2 up
	delete_later low lower2
	ip -n gen link add peer3 type veth peer name lower3 netns low
	delete_later low lower3
	ip -n low link add link lower3 name keeper type macvlan mode bridge
	# all that waits for grace periods
	echo 1 >/sys/kernel/rcu_expedited
	defer 'echo 0 >/sys/kernel/rcu_expedited'
	# asking for a device that is not there has modprobe started: a second each, on these kernels
	defer "echo $(</proc/sys/kernel/modprobe) >/proc/sys/kernel/modprobe"
	echo >/proc/sys/kernel/modprobe
}

# The same, but mv0 and mv1 are on bond0, whose slave is lower; lower2 is none yet, and down. 02:00:00:00:00:01 is
# the bond's.
fault_bond_topo() {
	needs_native
	# bonding.ko is not to lie between our modules: failnth would take it for ours
	unload_modules
	modprobe bonding
	load_modules
	load_bonding_xdp
	fault_topo
	batch low "link del mv0
	link del mv1
	link set lower2 down
	link add bond0 up address $LOWER type bond mode balance-rr miimon 100
	link set lower down
	link set lower master bond0
	link add link bond0 name mv0 up address $MV0 type macvlan mode bridge
	link add link bond0 name mv1 up address $MV1 type macvlan mode bridge"
	defer "ip -n low link del bond0"
	wait_for "the slave" slave_is_up
}

slave_is_up() { in_ns low cat /proc/net/bonding/bond0 | sed -n '/^Slave/,$p' | grep -q 'MII Status: up'; }

# fails if an attach that had no memory leaves anything
test_attach() {
	fault_topo
	under_fire attach attach_second attach_new attach_own
}

# fails if one that makes the namespace's helper device does
test_attach_first() {
	fault_topo
	under_fire attach_first
}

# fails if a program can't be taken off, or is lost when another takes its place
test_detach_and_replace() {
	fault_topo
	under_fire detach replace replace_frags
}

# fails if a macvlan that had no memory is there in part, or without native XDP
test_newlink() {
	fault_topo
	under_fire newlink newlink_first
}

# fails if a program misses frames after its device moved to another namespace, or, below, the lower
test_move() {
	fault_topo
	under_fire move
}

test_move_lower() {
	fault_topo
	under_fire move_lower
}

# fails if a program misses frames because there was no memory when its device, or the lower, moved
test_up() {
	fault_topo
	under_fire up
}

test_lower_up() {
	fault_topo
	under_fire lower_up
}

# fails if a program misses frames of a device that changed its address
test_address() {
	fault_topo
	under_fire mac
}

# fails if an edit of a chain that had no memory changes it
test_chain() {
	fault_topo
	under_fire edge node chain entry
}

# fails if one of a lower's does
test_lower_chain() {
	fault_topo
	under_fire lower_edge lower_edge_alone
}

# fails if metadata that there was no memory for is there in part, or the switch set along with it
test_hints() {
	fault_topo
	under_fire hints
}

# fails if a module whose load failed leaves anything
test_load() {
	fault_topo
	rmmod macvlan_xdp
	defer load_modules
	under_fire load "$MODULES/macvlan_xdp.ko"
	rmmod xdp_rx_handler
	under_fire load "$MODULES/xdp_rx_handler.ko"
}

# fails if an AF_XDP socket that could not be bound leaves anything
test_bind() {
	fault_topo
	under_fire bind
}

# fails if a macvtap, or the file that is its queue, does not do the same
test_macvtap() {
	load_macvtap_modules
	UPPER_TYPE=macvtap fault_topo
	TEST_TAP_NODE=$(tap_node low mv0)
	export TEST_TAP_NODE
	under_fire newlink_tap attach detach move open resize offload
}

# fails if one of macvtap's modules whose load failed leaves anything
test_load_macvtap() {
	load_macvtap_modules
	fault_topo
	rmmod macvtap_xdp
	rmmod macvtap
	under_fire load "$(modinfo -n macvtap)"
	modprobe macvtap
	under_fire load "$MODULES/macvtap_xdp.ko"
}

# starve FUNCTION: from now on, until starve_no_more, one slab allocation in five under it fails, whoever makes it
STARVE=/sys/kernel/debug/failslab
starve() {
	local range
	read -ra range < <(awk -v name="$1" '
		$2 ~ /[tT]/ { text[$1]; if ($3 == name) start = $1 }
		END {
			for (at in text) if (at > start && (!end || at < end)) end = at
			print start, end
		}' /proc/kallsyms)
	[[ ${#range[@]} -eq 2 ]] || fail "no function $1"
	defer starve_no_more
	echo "0x${range[0]}" >"$STARVE/require-start"
	echo "0x${range[1]}" >"$STARVE/require-end"
	echo N >"$STARVE/task-filter"
	echo N >"$STARVE/ignore-gfp-wait"
	echo 0 >"$STARVE/verbose"
	echo 1 >"$STARVE/interval"
	echo -1 >"$STARVE/times"
	echo 20 >"$STARVE/probability"
}

starve_no_more() {
	echo 0 >"$STARVE/probability"
	echo 0 >"$STARVE/require-start"
	echo 0xffffffffffffffff >"$STARVE/require-end"
}

# fails if a frame for which there is no memory is lost uncounted, or is not the only one
test_frames() {
	local errors
	fault_topo
	fresh dstmac
	# the skb is ours to make, as the upper would not get it otherwise
	xdpctl set dstmac cfg 1 "mac=$MV1"
	attach low:mv0 dstmac
	starve xdp_rxh_sink_xmit
	observe -S low:mv0 -w low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0,n=300"
	errors=$(stat low:mv0 rx_xdp_errors)
	saw low:mv0 A 300
	got low:mv0 A $((300 - errors))
	((errors > 0)) || fail "no allocation failed"
	# these meet it on the skb path, and are clones that have to be copied for it
	starve xdp_rxh_hook
	observe -S low:mv0 -w low:mv0 -s gen:peer "C:dst=$BROADCAST,n=200"
	errors=$(stat low:mv0 rx_xdp_errors)
	saw low:mv0 C $((200 - errors))
	((errors > 0)) || fail "no allocation failed on the skb path"
	starve_no_more
	observe -w low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 20
	detach low:mv0
}

# fails if one from a VM is lost uncounted
test_vm_frames() {
	load_macvtap_modules
	UPPER_TYPE=macvtap fault_topo
	starve tap_sendmsg
	vhost -n 2000 "$(tap_node low mv0)" gen:peer blind
	wait_for "the frames" vm_frames_are 2000
	starve_no_more
}

vm_frames_are() {
	local sent dropped
	read -r sent dropped < <(ip -n low -s -j link show dev mv0 | jq -r '.[0].stats64.tx | "\(.packets) \(.dropped)"')
	note "$sent frames from the VM, $dropped dropped"
	((dropped > 0 && sent + dropped == $1))
}

# fails if an attach to a bond that had no memory leaves anything, on it, its slaves or what is above it
test_bond_attach() {
	fault_bond_topo
	under_fire bond_attach bond_attach_above attach attach_second
}

# fails if a program of a bond, or of a macvlan on one, can't be taken off or is lost
test_bond_detach_and_replace() {
	fault_bond_topo
	under_fire bond_detach bond_replace bond_replace_frags detach replace
}

# fails if a slave that had no memory to join a bond with a program is there in part, or its frames miss the program
test_bond_enslave() {
	fault_bond_topo
	under_fire enslave enslave_hints enslave_below release
}

# fails if a bond, or a macvlan on one, is made by halves
test_bond_newlink() {
	fault_bond_topo
	under_fire bond_newlink bond_newlink_above
}

# fails if a bond, or a macvlan on one, loses its program when it goes up, moves or changes its address
test_bond_up() {
	fault_bond_topo
	under_fire bond_up move mac
}

# fails if an edit of a chain above a bond that had no memory changes it
test_bond_chain() {
	fault_bond_topo
	under_fire edge node chain entry bond_edge bond_hints
}

# fails if bonding_xdp.ko, where there are bonds, is there in part when it had no memory to load
test_bond_load() {
	fault_bond_topo
	rmmod bonding_xdp
	under_fire load "$MODULES/bonding_xdp.ko"
}
