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

# odd_frames FILE: what becomes of short frames that vhost-net transmits
odd_frames() {
	local len
	modprobe vhost_net || skip "no vhost_net"
	UPPER_TYPE=macvtap topo bridge
	for len in 10 12; do
		vhost -h $len -M "$(tap_node low mv0)" gen:peer odd || fail "vhost"
		vhost -h $len -M -S "$(tap_node low mv0)" gen:peer odd || fail "vhost, one by one"
	done >"$1"
	ip -n low -s -j link show dev mv0 | jq -c '.[0].stats64.tx' >>"$1"
	undo_all
	# shellcheck disable=SC2034 # for undo_all
	UNDO=() NAMESPACES=() DEVICES=()
}

# fails if a frame shorter than its header, from a VM, is not dropped and counted (CVE-2024-41090), or one that is
# long enough is, or the page that vhost has copied it to is lost
test_short_frames_by_vhost() {
	needs_native
	[[ -e $MODULES/tap.ko ]] || skip "no tap.ko of ours is built"
	stock_tap
	odd_frames "$WORK/stock"
	our_tap
	odd_frames "$WORK/ours"
	has "$(<"$WORK/ours")" $'\n60 bytes' '"dropped":52'
	diff -u "$WORK/stock" "$WORK/ours" || fail "our tap.ko differs from the stock one"
}

# compat FILE: what a 32 bit program is answered
compat() {
	local status=0
	UPPER_TYPE=macvtap topo bridge
	tapcompat "$(tap_node low mv0)" >"$1" || status=$?
	[[ $status -ne 4 ]] || skip "the kernel runs no 32 bit programs"
	eq "exit status of tapcompat" "$status" 0
	undo_all
	# shellcheck disable=SC2034 # for undo_all
	UNDO=() NAMESPACES=() DEVICES=()
}

# fails if our tap.ko answers a 32 bit program in any other way than the stock one
test_compat() {
	needs_native
	[[ -e $MODULES/tap.ko ]] || skip "no tap.ko of ours is built"
	stock_tap
	compat "$WORK/stock"
	our_tap
	compat "$WORK/ours"
	has "$(<"$WORK/ours")" 'TUNGETVNETHDRSZ 0xa = 0'
	diff -u "$WORK/stock" "$WORK/ours" || fail "our tap.ko differs from the stock one"
}
