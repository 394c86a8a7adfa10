# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Time limit: 600 s
# Everything that can be done to devices, at once and in random order, while frames flow from two CPUs. Fails
# on a splat, a hang, or anything left behind. TEST_RACE_SEED replays a run's operations, but for how the two
# workers and the frames interleave; TEST_RACE_OPS is how many there are (a long run needs TEST_LIMIT, too): by
# default 10,000 in the cases together.
# QEMU without KVM runs the guest's CPUs in turn: what two CPUs do within the same few microseconds is not
# seen there.

FAILSLAB=/sys/kernel/debug/failslab

# race_through OPTION-OF-RACE...: and then see that native mode works as ever
race_through() {
	local ops=3400
	[[ ! -e $FAILSLAB ]] || ops=2000	# there are more cases then
	netns gen low up0 up1
	# waiting for grace periods is most of what there is to do otherwise
	echo 1 >/sys/kernel/rcu_expedited
	defer 'echo 0 >/sys/kernel/rcu_expedited'
	MODULES=$MODULES race -s "${TEST_RACE_SEED:-$RANDOM$RANDOM}" -n "${TEST_RACE_OPS:-$ops}" "$@"
	batch_anyway low "$(printf 'link del %s\n' bond0 lower s0 s1 mv0 mv1 mv2 mv3)" || :
	wait_for "the wires to be gone" no_wire
	load_modules
	batch gen "link add peer up address $PEER type veth peer name lower netns low address $LOWER"
	batch low $'link set lower up\n'"$(upper_line mv0 "$MV0" bridge)"
	observe -x low:mv0,drv,drop -S low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0" "C:dst=$BROADCAST"
	saw low:mv0 A 20
	saw low:mv0 C 20
	hasnt "$NATIVE" 'got low:mv0'
	eq "the lower's program" "$(mode_of low:lower)" none
	ip -n low link del lower
}

# fails if an order of operations is not survived
test_macvlans() {
	needs_native
	race_through
	unload_modules
	load_modules
}

# fails if one with macvtaps is not, which are opened, used by read() and vhost-net, resized and closed
test_macvtaps() {
	needs_native
	load_macvtap_modules
	race_through -t
}

# fails if one with macvlans on a bond is not, which is given slaves, modes and programs of its own
test_bonds() {
	load_bonding_xdp
	race_through -b
}

# one allocation in 400
failing() {
	needs_native
	[[ -e $FAILSLAB ]] || skip "this kernel has no failslab"
	echo 5 >$FAILSLAB/probability
	echo 20 >$FAILSLAB/interval
	defer "echo 0 >$FAILSLAB/probability"
	echo -1 >$FAILSLAB/times
	echo 1 >$FAILSLAB/task-filter
	echo 0 >$FAILSLAB/verbose
	echo 0 >$FAILSLAB/ignore-gfp-wait
}

# fails if allocations that fail here and there are not survived
test_failing_allocations() {
	failing
	load_macvtap_modules
	race_through -t -f
}

# fails if they are not by bonds
test_failing_allocations_of_bonds() {
	failing
	load_bonding_xdp
	race_through -b -f
}

no_wire() {
	local dev
	for dev in peer p0 p1; do
		! has_device gen "$dev" || return 1
	done
	for dev in lower s0 s1 bond0; do
		! has_device low "$dev" || return 1
	done
}
