# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The stock tap.ko and ours, in one boot: what user space sees of /dev/tapN must be the same.
#
#   netns gen: peer -- veth -- netns low: lower -- mv0 (macvtap), /dev/tapN

# transcript FILE: what a macvtap of the tap.ko that is loaded does
transcript() {
	local node
	UPPER_TYPE=macvtap topo bridge
	node=$(tap_node low mv0)
	taptest "$node" low:mv0 gen:peer low:lower >"$1" || fail "taptest: $(tail -n 3 "$1")"
	undo_all
	# shellcheck disable=SC2034 # for undo_all
	UNDO=() NAMESPACES=() DEVICES=()
}

stock_tap() {
	unload_macvtap_modules
	modprobe macvtap
	eq "taint of the stock tap.ko" "$(</sys/module/tap/taint)" ""
}

our_tap() {
	unload_macvtap_modules
	defer unload_macvtap_modules
	modprobe macvlan
	insmod "$MODULES/tap.ko"
	modprobe macvtap
}

# fails if the list of behaviours is no steady one: the stock module differs from itself
test_steady() {
	needs_native
	stock_tap
	transcript "$WORK/first"
	transcript "$WORK/second"
	diff -u "$WORK/first" "$WORK/second" || fail "two runs on the stock tap.ko differ"
}

# fails if our tap.ko answers user space in any other way than the stock one
test_parity() {
	needs_native
	[[ -e $MODULES/tap.ko ]] || skip "no tap.ko of ours is built"
	stock_tap
	transcript "$WORK/stock"
	our_tap
	transcript "$WORK/ours"
	diff -u "$WORK/stock" "$WORK/ours" || fail "our tap.ko differs from the stock one"
}
