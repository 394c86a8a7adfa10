# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Everything that can be done to devices, at once and in random order, while frames flow from two CPUs. Fails
# on a splat, a hang, or anything left behind. TEST_RACE_SEED replays a run's operations, but for how the two
# workers and the frames interleave; TEST_RACE_OPS is how many there are (a long run needs TEST_LIMIT, too).
# QEMU without KVM runs the guest's CPUs in turn: what two CPUs do within the same few microseconds is not
# seen there.

# race_through OPTION-OF-RACE...: and then see that native mode works as ever
race_through() {
	wire up0 up1
	ip -n low link set lower up
	xdpctl load pass drop
	MODULES=$MODULES race -s "${TEST_RACE_SEED:-$RANDOM$RANDOM}" -n "${TEST_RACE_OPS:-400}" "$@"
	batch_anyway low $'link del lower\nlink del mv0\nlink del mv1\nlink del mv2\nlink del mv3' || :
	wait_for "the wire to be gone" no_wire
	load_modules
	batch gen "link add peer up address $PEER type veth peer name lower netns low address $LOWER"
	batch low $'link set lower up\n'"$(upper_line mv0 "$MV0" bridge)"
	attach low:mv0 drop
	observe -w low:mv0 -S low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0" "C:dst=$BROADCAST"
	saw low:mv0 A 20
	saw low:mv0 C 20
	hasnt "$NATIVE" 'got low:mv0'
	detach low:mv0
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

# fails if one with macvtaps is not, whose character devices are opened, used, and closed
test_macvtaps() {
	needs_native
	load_macvtap_modules
	race_through -t
}

# fails if allocations that fail here and there are not survived
test_failing_allocations() {
	local failslab=/sys/kernel/debug/failslab
	needs_native
	[[ -e $failslab ]] || skip "this kernel has no failslab"
	load_macvtap_modules
	# one in 400
	echo 5 >$failslab/probability
	echo 20 >$failslab/interval
	defer "echo 0 >$failslab/probability"
	echo -1 >$failslab/times
	echo 1 >$failslab/task-filter
	echo 0 >$failslab/verbose
	echo 0 >$failslab/ignore-gfp-wait
	race_through -t -f
}

no_wire() { ! has_device gen peer && ! has_device low lower; }
