# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What a program's verdict does to a frame: the same in native as in generic mode.

RECEIVERS=(-r low:mv0 -r low:mv1 -r gen:peer)
STREAMS=("A:dst=$MV0" "B:dst=$MV0,len=1400,n=5" "C:dst=$BROADCAST,n=8" "D:dst=$MULTICAST,n=8")

# fails if PASS loses, copies or changes a frame, or if unicast does not meet the program in the driver
test_pass() {
	topo bridge bridge
	differ low:mv0 pass -s gen:peer "${RECEIVERS[@]}" "${STREAMS[@]}"
	saw low:mv0 A 20
	got low:mv0 A 20
	got low:mv0 D 8
	on_skb_path low:mv0 16
}

# fails if a frame gets past a program that drops all, on either path, or if another upper misses one
test_drop() {
	topo bridge bridge
	differ low:mv0 drop -s gen:peer "${RECEIVERS[@]}" "${STREAMS[@]}"
	saw low:mv0 A 20
	got low:mv0 A 0
	got low:mv0 C 0
	got low:mv1 C 8
	on_skb_path low:mv0 16
}

# exception PROG ACTION [IF MAC]: one event a frame, with the upper's index and program, in both modes
exception() {
	local dev=${3:-mv0} mac=${4:-$MV0} ifindex id
	[[ $dev != mv0 ]] || topo bridge
	trace_events xdp_exception
	xdpctl load "$1"
	attach "low:$dev" "$1"
	id=$(prog_id "low:$dev")
	detach "low:$dev"
	ifindex=$(ip netns exec low cat "/sys/class/net/$dev/ifindex")
	differ "low:$dev" "$1" -s gen:peer -r "low:$dev" "A:dst=$mac,n=7" "C:dst=$BROADCAST,n=5"
	saw "low:$dev" A 7
	saw "low:$dev" C 5
	got "low:$dev" A 0
	got "low:$dev" C 0
	eq "events of both runs" "$(events xdp_exception:)" 24
	eq "events that name the upper and its program" "$(events "prog_id=$id action=$2 ifindex=$ifindex\$")" 24
}

# fails if the tracepoint does not fire, fires twice, or names the lower or the port program
test_aborted() {
	exception aborted ABORTED
}

# fails if an unknown verdict passes the frame, or is not reported as generic mode reports it
test_invalid_verdict() {
	exception invalid '[^ ]*'
}

# fails if the same is not so on a bond, whose program runs on a leg for each slave
test_aborted_on_bond() {
	wire
	# a veth that polls counts bytes in one way, see bond_xdp
	in_ns low ethtool -K lower gro on tso off
	in_ns gen ethtool -K peer gro on tso off
	bond_of_lower
	exception aborted ABORTED bond0 "$LOWER"
}

reported() { (($(events xdp_exception:) >= $1)); }

# blamed IF PROG ACTION: one event a frame, with that device and program
blamed() {
	local ifindex id
	ifindex=$(ip netns exec low cat "/sys/class/net/$1/ifindex")
	id=$(bpftool -j prog show pinned "$PINS/$2" | jq .id)
	: >"$TRACE/trace"
	observe -s gen:peer -r low:mv0 "A:dst=$MV0,n=7" "C:dst=$BROADCAST,n=5"
	got low:mv0 A 0
	got low:mv0 C 0
	wait_for "multicast's turn" reported 12
	eq "events" "$(events xdp_exception:)" 12
	eq "events that name $1 and $2" "$(events "prog_id=$id action=$3 ifindex=$ifindex\$")" 12
}

# fails if a chain's exception is not reported once for each frame, or does not name the device and the member
test_aborted_in_chain() {
	needs_native
	needs_tool
	topo bridge
	xdpctl load pass aborted invalid
	trace_events xdp_exception
	[[ -z ${1-} ]] || echo 1 >"$TRACE/events/xdp_rxh/$1/enable"
	ip_attach low:mv0 pass
	tool chain add dev mv0 from 1 on pass to pinned "$PINS/pass"
	tool chain add dev mv0 from 2 on pass to pinned "$PINS/aborted"
	blamed mv0 aborted ABORTED
	# the first, one in the middle, and the last of a device below
	tool chain replace dev mv0 node 2 pinned "$PINS/invalid"
	blamed mv0 invalid '[^ ]*'
	detach low:mv0
	ip_attach low:mv0 aborted
	tool chain add dev mv0 from 1 on pass to pinned "$PINS/pass"
	blamed mv0 aborted ABORTED
	tool chain add dev lower from 1 on pass to pinned "$PINS/aborted"
	blamed lower aborted ABORTED
}

# the same, while frames are traced: members run one by one
test_aborted_in_traced_chain() {
	test_aborted_in_chain xdp_rxh_prog
}

# fails if an answer does not leave through the lower
test_tx() {
	topo bridge bridge
	attach_peer
	differ low:mv0 tx -s gen:peer "${RECEIVERS[@]}" -w gen:peer "A:dst=$MV0" "B:dst=$MV0,len=1400,n=5"
	saw gen:peer A 20
	got gen:peer A 20
	got gen:peer B 5
	on_skb_path low:mv0 0
}

# txmac_to MODE MAC: answer to an address of somebody else
txmac_to() {
	topo "$1" "$1"
	attach_peer
	xdpctl set txmac cfg 1 "mac=$2"
	differ low:mv0 txmac -s gen:peer "${RECEIVERS[@]}" -r low:lower -w gen:peer "A:dst=$MV0"
	saw low:mv0 A 20
}

# fails if XDP_TX to a bridge-mode sibling goes out to the wire instead, or is lost
test_tx_to_bridge_sibling() {
	txmac_to bridge "$MV1"
	got low:mv1 A 20
	got gen:peer A 0
}

# fails if XDP_TX to the broadcast address misses the siblings or the wire
test_tx_broadcast() {
	txmac_to bridge "$BROADCAST"
	got low:mv1 A 20
	got gen:peer A 20
}

# fails if XDP_TX to a group misses the siblings that are members, or the wire
test_tx_multicast() {
	txmac_to bridge "$MULTICAST"
	got low:mv1 A 20
	got gen:peer A 20
}

# fails if a VEPA upper hands a frame to its sibling: the switch outside must see it
test_tx_vepa_goes_out() {
	txmac_to vepa "$MV1"
	got low:mv1 A 0
	got gen:peer A 20
}

# fails if a private upper reaches its sibling
test_tx_private_goes_out() {
	txmac_to private "$MV1"
	got low:mv1 A 0
	got gen:peer A 20
}

# fails if the lower's own address is taken for a sibling's, or the other way round
test_tx_to_lower_address() {
	txmac_to bridge "$LOWER"
}

# fails if a multicast frame, which meets the program as an skb, is not answered
test_tx_skb_path() {
	topo bridge bridge
	attach_peer
	xdpctl set txmac cfg 1 "mac=$PEER"
	differ low:mv0 txmac -s gen:peer "${RECEIVERS[@]}" -w gen:peer "C:dst=$BROADCAST"
	got gen:peer C 20
	on_skb_path low:mv0 20
}

# Of a frame that a program resized and passed, generic mode has counted the old length, the in-tree
# macvlan, behind native mode, counts the new one.
RESIZED=' rx_bytes=[0-9]+'

# A length at which veth has room behind a frame, which in native mode depends on how it copied it
ROOMY=100

# resize PROG DELTA CHANGE: PASS after moving an end of the frame
resize() {
	topo bridge bridge
	# shellcheck disable=SC2034 # for differ
	INEXACT=$RESIZED
	xdpctl set "$1" cfg 2 "$2" 3 2
	differ low:mv0 "$1" -s gen:peer "${RECEIVERS[@]}" "A:dst=$MV0,len=$ROOMY" "B:dst=$MV0,len=1000,n=5" \
		"C:dst=$BROADCAST,len=$ROOMY,n=8" "D:dst=$MULTICAST,len=$ROOMY,n=8"
	saw low:mv0 A 20
	got low:mv0 A 20
	has "$NATIVE" "got low:mv0 A [^"$'\n'"]*bytes=$((20 * (ROOMY + $3)))"
}

# fails if what adjust_head took off still reaches the stack
test_adjust_head_pop() {
	topo bridge bridge
	# shellcheck disable=SC2034 # for differ
	INEXACT=$RESIZED
	xdpctl set head cfg 2 8 3 2
	differ low:mv0 head -s gen:peer "${RECEIVERS[@]}" "A:dst=$MV0,len=100,inner=$MV0" "C:dst=$BROADCAST,inner=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 0
	got low:mv0 a 20
}

# fails if what adjust_head put on is lost
test_adjust_head_push() {
	resize head -8 8
}

# fails if what adjust_tail cut still reaches the stack
test_adjust_tail_cut() {
	resize tail -10 -10
}

# fails if what adjust_tail grew is lost or not what was written
test_adjust_tail_grow() {
	resize tail 16 16
}

# fails if a grown frame is answered with its old length
test_adjust_tail_tx() {
	topo bridge
	attach_peer
	xdpctl set tail cfg 2 16 3 3
	differ low:mv0 tail -s gen:peer -r gen:peer -w gen:peer "A:dst=$MV0,len=$ROOMY"
	has "$NATIVE" "got gen:peer A [^"$'\n'"]*frames=20 bytes=$((20 * (ROOMY + 16)))"
}

# fails if metadata is lost between the program and tc ingress of the upper
test_adjust_meta() {
	topo bridge bridge
	xdpctl load meta meta_tc
	xdpctl set meta cfg 3 2
	tc -n low qdisc add dev mv0 clsact
	tc -n low filter add dev mv0 ingress bpf da object-pinned "$PINS/meta_tc"
	export UNSEEN=20
	differ low:mv0 meta -s gen:peer "${RECEIVERS[@]}" "A:dst=$MV0" "B:dst=$MV1"
	saw low:mv0 A 20
	got low:mv0 A 0
	got low:mv1 B 20
}

# fails if the program is told the lower's index; the upper's namespace has other indexes
test_ingress_ifindex() {
	topo bridge bridge@up1
	differ low:mv0 pass -s gen:peer -r low:mv0 "A:dst=$MV0" "C:dst=$BROADCAST"
	hasnt "$NATIVE" ifindex=
	saw low:mv0 A 20
	differ up1:mv1 pass -s gen:peer -r up1:mv1 "A:dst=$MV1" "C:dst=$BROADCAST"
	hasnt "$NATIVE" ifindex=
	saw up1:mv1 A 20
}

# rewrite MAC: the program changes the destination and passes
rewrite() {
	topo bridge bridge
	xdpctl set dstmac cfg 1 "mac=$1"
	differ low:mv0 dstmac -s gen:peer "${RECEIVERS[@]}" "A:dst=$MV0" "B:dst=$MV1"
	saw low:mv0 A 20
	got low:mv0 A 20
	got low:mv1 A 0
	got low:mv1 B 20
}

# fails if a frame rewritten to a sibling's address is steered to the sibling
test_rewrite_to_sibling() {
	rewrite "$MV1"
}

# fails if a frame rewritten to the lower's address goes to the lower
test_rewrite_to_lower() {
	rewrite "$LOWER"
}

# fails if a copy that tc gives another upper has a frame meet its program twice
test_rewrite_and_mirror() {
	topo bridge bridge
	tc -n low qdisc add dev mv0 clsact
	tc -n low filter add dev mv0 ingress matchall action mirred ingress mirror dev mv1
	attach low:mv1 pass
	xdpctl set dstmac cfg 1 "mac=$LOWER"
	observe -S low:mv0 -x "low:mv0,$MODE,dstmac" -s gen:peer "${RECEIVERS[@]}" "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 20
	on_skb_path low:mv0 0
}

# fails if a frame rewritten to an address nobody has is dropped or stays on the lower
test_rewrite_to_stranger() {
	rewrite "$STRANGER"
}

# fails if a frame rewritten to broadcast is flooded to the siblings, or meets the program again
test_rewrite_to_broadcast() {
	rewrite "$BROADCAST"
}

# in_fragments VERDICT COUNTER: frames in fragments, rewritten to a sibling's address; what core does not redirect
# is counted
in_fragments() {
	# shellcheck disable=SC2034 # for topo
	PEER_OPTIONS=(mtu 9000) LOWER_OPTIONS=(mtu 9000)
	topo bridge bridge
	attach_peer
	xdpctl load dstmac_frags
	xdpctl set dstmac_frags cfg 1 "mac=$MV1" 3 "$1"
	if grep -q ' xdp_set_features_flag$' /proc/kallsyms; then
		differ low:mv0 dstmac_frags -s gen:peer "${RECEIVERS[@]}" "A:dst=$MV0,len=8000"
		eq "$2" "$(stat low:mv0 "$2")" 0
	else
		observe -S low:mv0 -x low:mv0,drv,dstmac_frags -s gen:peer "${RECEIVERS[@]}" "A:dst=$MV0,len=8000"
		eq "$2" "$(stat low:mv0 "$2")" 20
	fi
}

# fails if a frame in fragments that can't go through the sink is said to have passed
test_rewrite_in_fragments() {
	in_fragments 2 rx_xdp_errors
}

# fails if one that can't be sent to a sibling is said to have been
test_tx_in_fragments() {
	in_fragments 3 rx_xdp_tx_errors
}

# fails if the frame inside, which is for a sibling, leaves the upper whose program unpacked it
test_decapsulate_to_sibling() {
	topo bridge bridge
	# shellcheck disable=SC2034 # for differ
	INEXACT=$RESIZED
	differ low:mv0 decap -s gen:peer "${RECEIVERS[@]}" "A:dst=$MV0,len=100,inner=$MV1"
	saw low:mv0 A 20
	got low:mv0 a 20
	got low:mv1 a 0
}

# fails if a decapsulated frame for the upper itself is lost or seen twice
test_decapsulate_to_self() {
	topo bridge bridge
	# shellcheck disable=SC2034 # for differ
	INEXACT=$RESIZED
	differ low:mv0 decap -s gen:peer "${RECEIVERS[@]}" "A:dst=$MV0,len=100,inner=$MV0"
	saw low:mv0 A 20
	saw low:mv0 a 0
	got low:mv0 a 20
}
