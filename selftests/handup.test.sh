# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# bpf_xdp_rx_handler(): the lower's own program hands frames up, and its driver goes on running that program.

# fails if a kernel for whose programs there is no kfunc lets a lower be set to it, or does not say why
test_not_here() {
	needs_native
	topo bridge
	if tool set dev lower hand-up program 2>/dev/null; then
		tool set dev lower hand-up on
		skip "this kernel has it"
	fi
	refused 'bpf_xdp_rx_handler' tool set dev lower hand-up program
	ip_attach low:mv0 drop
}

# wired MODE...: the lower is set to it; its program is yet to be attached
wired() {
	needs_native
	needs_tool
	topo "$@"
	tool set dev lower hand-up program || skip "programs can't call bpf_xdp_rx_handler() on this kernel"
	fresh handup	# it holds the module
	how 0
}

# begin MODE...: and has handup attached
begin() {
	wired "$@"
	xdpctl attach low:lower drv handup
}

# how HOW [SLOT VALUE]...: what handup does with the kfunc; see frame.h
RETURN=0 TWICE=1 IGNORE=2 POINTERS=3 REDIRECT=4 NOT=5
CFG_IFINDEX=0 CFG_DELTA=2 CFG_VERDICT=3 CFG_HOW=4
how() { xdpctl set handup cfg $CFG_HOW "$@"; }

# second_wire: another veth, from low:out to gen:end
second_wire() {
	ip -n low link add out type veth peer name end netns gen
	delete_later low out
	ip -n gen link set end up
	ip -n low link set out up
}

# native N: so many frames met mv0's program in the driver, the rest of those seen on the skb path
native() { eq "natively" "$(($(stat low:mv0 rx_xdp_pass) + $(stat low:mv0 rx_xdp_drop) - $(stat low:mv0 rx_xdp_skb)))" "$1"; }

ALL=(-s gen:peer -r low:mv0 -r low:mv1 -r low:lower "A:dst=$MV0" "B:dst=$MV1" "C:dst=$BROADCAST" "D:dst=$LOWER"
	"E:dst=$STRANGER" "F:dst=$MV0,vid=5" "G:dst=$MV0,len=1400")

# fails if an upper's program sees other frames than in generic mode, or its verdicts are not carried out
test_like_generic() {
	local prog
	begin bridge bridge
	for prog in pass drop aborted invalid head tail meta dstmac; do
		xdpctl load "$prog"
		differ low:mv0 "$prog" "${ALL[@]}"
		saw low:mv0 A 20
		on_skb_path low:mv0 40	# broadcasts, and with a tag
	done
}

# fails if XDP_TX does not leave by the lower, or does not reach a sibling
test_tx() {
	begin bridge bridge
	attach_peer
	differ low:mv0 tx -s gen:peer -r gen:peer "A:dst=$MV0"
	got gen:peer A 20
	xdpctl load txmac
	xdpctl set txmac cfg 1 "mac=$MV1"
	differ low:mv0 txmac -s gen:peer -r low:mv1 "A:dst=$MV0"
	got low:mv1 A 20
}

# sent DEV: how many frames low:DEV has transmitted
sent() { ip -n low -s -j link show dev "$1" | jq '.[0].stats64.tx.packets'; }

# fails if XDP_TX out of a lower that takes no XDP frames does not leave, or is counted twice
test_tx_as_skb() {
	local before
	begin bridge
	in_ns gen ethtool -K peer gro off
	attach low:mv0 tx
	before=$(sent mv0)
	observe -s gen:peer -r gen:peer "A:dst=$MV0"
	eq "transmitted" "$(($(sent mv0) - before))" 20
	detach low:mv0
	differ low:mv0 tx -s gen:peer -r gen:peer "A:dst=$MV0"
	got gen:peer A 20
}

# fails if redirects don't leave
test_redirect() {
	begin bridge bridge
	second_wire
	attach_peer gen:end
	fresh redirect devmap cpumap
	xdpctl set redirect cfg $CFG_IFINDEX dev=low:out
	differ low:mv0 redirect -s gen:peer -r gen:end "A:dst=$MV0"
	got gen:end A 20
	xdpctl set devmap targets 0 dev=low:out
	differ low:mv0 devmap -s gen:peer -r gen:end "A:dst=$MV0"
	got gen:end A 20
	xdpctl set cpumap targets 0 192
	differ low:mv0 cpumap -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 20
}

# fails if the program of a bpf_link can't hand frames up, can't be updated, or a frame then meets the upper's
# twice or not at all
test_link() {
	wired bridge bridge
	xdpctl link low:lower drv handup lower
	defer "rm -f $PINS/link-lower"
	attach low:mv0 pass
	observe -S low:mv0 -w low:mv0 -w low:lower -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:lower A 20
	saw low:mv0 A 20
	got low:mv0 A 20
	native 20
	xdpctl relink lower pass
	observe -S low:mv0 -w low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 20
	on_skb_path low:mv0 20
	xdpctl relink lower handup
	observe -S low:mv0 -w low:mv0 -s gen:peer "A:dst=$MV0"
	saw low:mv0 A 20
	native 20
	rm "$PINS/link-lower"
	wait_for "the link to go" is_mode low:lower none
	observe -w low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 20
}

# fails if programs of libxdp's dispatcher can't hand frames up, or dispatchers can't be on both devices
test_libxdp() {
	wired bridge
	needs_dispatcher
	in_ns low xdp-loader load -m native lower "$BIN/pass.bpf.o" "$BIN/handup.bpf.o" ||
		fail "no dispatcher"
	in_ns low xdp-loader load -m native mv0 "$BIN/pass.bpf.o" "$BIN/drop.bpf.o"
	observe -S low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0"
	got low:mv0 A 0
	native 20
	in_ns low xdp-loader unload -a mv0
	observe -s gen:peer -r low:mv0 "A:dst=$MV0"
	got low:mv0 A 20
	in_ns low xdp-loader unload -a lower
}

# fails if a frame that was not handed up after all gets past the upper's program, or meets it twice
test_verdict_ignored() {
	begin bridge
	attach low:mv0 drop
	how $IGNORE $CFG_VERDICT 2	# XDP_PASS
	observe -S low:mv0 -w low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 0
	on_skb_path low:mv0 20
	how $IGNORE $CFG_VERDICT 1	# XDP_DROP
	observe -w low:mv0 -s gen:peer "A:dst=$MV0"
	saw low:mv0 A 0
	how $NOT
	observe -w low:mv0 -s gen:peer "A:dst=$MV0"
	saw low:mv0 A 20
	how $RETURN
	observe -w low:mv0 -s gen:peer "A:dst=$MV0"
	saw low:mv0 A 20
}

# fails if who calls twice has the upper's program run twice
test_called_twice() {
	begin bridge
	attach low:mv0 pass
	how $TWICE
	observe -S low:mv0 -w low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 20
	native 20
}

# fails if pointers from before the call do not lead to the frame any more, whatever the upper's program does to it
test_pointers() {
	local seen
	begin bridge
	xdpctl load head
	xdpctl set head cfg $CFG_DELTA 20 $CFG_VERDICT 2
	attach low:mv0 head
	how $POINTERS
	observe -w low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0,len=100"
	saw low:mv0 A 20
	has "$NATIVE" "saw low:mv0 A [^"$'\n'"]*bytes=2000"
	seen=$(sed -n 's/^saw low:mv0 A .*sum=\([0-9a-f]*\).*/\1/p' <<<"$NATIVE")
	how $RETURN
	observe -w low:mv0 -s gen:peer "A:dst=$MV0,len=100"
	[[ $seen != "$(sed -n 's/^saw low:mv0 A .*sum=\([0-9a-f]*\).*/\1/p' <<<"$NATIVE")" ]] ||
		fail "what was written behind the call is not in the frame"
}

# fails if the upper's program does not see the frame as the caller left it at last
test_moved_after() {
	wired bridge
	fresh handup_tail
	xdpctl set handup_tail cfg $CFG_DELTA -40
	xdpctl attach low:lower drv handup_tail
	attach low:mv0 drop
	observe -w low:mv0 -s gen:peer "A:dst=$MV0,len=100"
	has "$NATIVE" "saw low:mv0 [^"$'\n'"]*bytes=1200"
}

# fails if a frame that the caller sends elsewhere at last is handed up all the same
test_redirected_after() {
	begin bridge
	second_wire
	attach_peer gen:end
	attach low:mv0 drop
	how $REDIRECT $CFG_IFINDEX dev=low:out
	observe -w low:mv0 -s gen:peer -r gen:end "A:dst=$MV0"
	saw low:mv0 A 0
	got gen:end A 20
}

# fails if a frame that is sent elsewhere at last, on a veth to another namespace, can from there be given to the
# upper all the same: by a program that redirects to the sink
test_from_elsewhere() {
	begin bridge
	second_wire
	ip -n gen link add link peer name mv9 up type macvlan mode bridge	# for a sink
	attach gen:mv9 pass
	fresh redirect
	xdpctl set redirect cfg $CFG_IFINDEX dev=gen:xdprxh0
	attach gen:end redirect
	attach low:mv0 drop
	how $REDIRECT $CFG_IFINDEX dev=low:out
	observe -w gen:end -w low:mv0 -s gen:peer "A:dst=$MV0"
	saw gen:end A 20
	saw low:mv0 A 0
	eq "counted as lost" "$(in_ns low ethtool -S mv0 | sed -n 's/.*rx_xdp_errors: //p')" 20
}

# fails if the kfunc acts where the port is not set to it, on devices without a port, or a frame then meets the
# upper's program twice
test_not_set() {
	begin bridge bridge
	tool set dev lower hand-up on
	attach low:mv0 pass
	observe -S low:mv0 -w low:lower -w low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:lower A 20
	saw low:mv0 A 20
	got low:mv0 A 20
	native 20
	detach low:mv0
	xdpctl attach gen:peer drv handup
	attach low:mv1 handup
	observe -w low:mv1 -s gen:peer -r low:mv1 "A:dst=$MV1"
	saw low:mv1 A 20
	got low:mv1 A 20
}

# fails if a test run hands a frame up; or one with live frames, which does not take the frames' flags along, has
# any arrive, or lost uncounted
test_run() {
	begin bridge
	attach low:mv0 drop
	eq "the verdict of a test run" "$(handup run low:lower "$MV0")" 2
	eq "the same, no port" "$(handup run gen:peer "$MV0")" 2
	handup run low:lower "$MV0" live 100
	eq "dropped by the sink" "$(ip -n low -s -j link show dev xdprxh0 | jq '.[0].stats64.tx.dropped')" 100
	has "$(in_ns low ethtool -S mv0)" 'rx_xdp_drop: 0'
}

# fails if the program of a cpumap can't hand up, or that of a devmap may try
test_maps() {
	begin bridge
	refused 'bpf_xdp_rx_handler|calling kernel function|Permission' handup devmap
	xdpctl detach low:lower drv
	handup cpumap
	defer "rm -f $PINS/handup_cpu"
	xdpctl attach low:lower drv handup_cpu
	attach low:mv0 drop
	observe -S low:mv0 -w low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	native 20
}

# fails if the switch can be thrown below a program, or what does not go with it is not refused
test_refused() {
	begin bridge bridge
	attach low:mv0 pass
	refused 'Detach.*first' tool set dev lower hand-up on
	refused 'no chain' tool chain add dev lower from 1 on pass to obj "$BIN/drop.bpf.o"
	tool set dev mv1 handler module
	refused 'another handler' ip_attach low:mv1 pass
	tool set dev mv1 handler program
	ip_attach low:mv1 pass
	detach low:mv0
	detach low:mv1
	refused 'no chain' tool chain add dev lower from 1 on pass to obj "$BIN/drop.bpf.o"
	tool set dev lower hand-up on
	refused 'another handler' ip_attach low:mv1 pass
	attach low:mv0 pass
	refused 'Detach.*first' tool set dev lower hand-up program
	detach low:mv0
	tool chain add dev lower from 1 on pass to obj "$BIN/drop.bpf.o"
	refused 'Detach.*first' tool set dev lower hand-up program
}

# fails if it is more than refused on a bond and its slaves
test_bond() {
	wired bridge
	ip -n low link del mv0
	bond_of_lower
	refused "bond's slave" ip_attach low:bond0 pass
	tool set dev lower hand-up on
	tool set dev bond0 hand-up program
	refused 'no program of its own' ip_attach low:mv9 pass
	ip_attach low:bond0 pass
	ip -n low link set dev bond0 xdpdrv off
}

# fails if a frame is handed to a device that has gone, or is lost while programs come and go
test_under_traffic() {
	begin bridge bridge
	traffic -s gen:peer "A:dst=$MV0" "B:dst=$MV1"
	for _ in {1..10}; do
		attach low:mv0 pass
		attach low:mv1 drop
		xdpctl attach low:mv0 drv tx
		detach low:mv0
		ip -n low link set mv1 down
		ip -n low link set mv1 up
		ip -n low link del mv1
		batch low "$(upper_line mv1 "$MV1" bridge)"
	done
	attach low:mv0 drop
	stop_traffic
	observe -w low:mv0 -s gen:peer "C:dst=$MV0"
	saw low:mv0 C 20
}
