# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
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
	note "$(failnth "$@" 2>&1)" || status=$?
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
}

# fails if an attach that had no memory leaves anything
test_attach() {
	fault_topo
	under_fire attach attach_second
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
	under_fire attach detach move open resize offload
}
