# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# "ip -s link" and "ethtool -S" of an upper account for every frame exactly once. (That rx_packets and
# rx_bytes are the same as in generic mode, every differ of the other files has checked.)

KINDS=("A:dst=$MV0,n=9" "B:dst=$MV1,n=8" "C:dst=$BROADCAST,n=7" "M:dst=$MULTICAST,n=6" "V:dst=$MV0,vid=5,n=5"
	"P:dst=$MV0,src=$MV1,n=4")
MINE=31		# all but B
ON_SKB_PATH=18	# C, M and V

# link_is NS:IF PACKETS BYTES: what ip -s link counted in the last observe
link_is() {
	has "$NATIVE" "link $1 rx_packets=$2 rx_bytes=$3"$'(\n|$)'
}

# verdict PROG NAME FRAMES STREAM...: all frames have this verdict, and no other
verdict() {
	local prog=$1 name=$2 frames=$3 other sum=0
	shift 3
	needs_native
	observe -S low:mv0 -x "low:mv0,drv,$prog" -s gen:peer -r low:mv0 "$@"
	for other in pass drop aborted invalid tx redirect; do
		sum=$((sum + $(stat low:mv0 "rx_xdp_$other")))
	done
	eq "rx_xdp_$name" "$(stat low:mv0 "rx_xdp_$name")" "$frames"
	eq "all verdicts" "$sum" "$frames"
	eq "rx_xdp_errors" "$(stat low:mv0 rx_xdp_errors)" 0
}

# fails if a passed frame is not counted, or counted twice (by us and by the in-tree macvlan)
test_pass() {
	needs_native
	topo bridge bridge
	verdict pass pass $MINE "${KINDS[@]}"
	eq "rx_xdp_skb" "$(stat low:mv0 rx_xdp_skb)" $ON_SKB_PATH
	link_is low:mv0 $MINE $((26 * 64 + 5 * 60))
}

# fails if a dropped frame is missing from rx_packets or rx_bytes
test_drop() {
	needs_native
	topo bridge bridge
	verdict drop drop $MINE "${KINDS[@]}"
	eq "rx_xdp_skb" "$(stat low:mv0 rx_xdp_skb)" $ON_SKB_PATH
	link_is low:mv0 $MINE $((26 * 64 + 5 * 60))
}

# fails if ABORTED is counted as a drop, or twice
test_aborted() {
	needs_native
	topo bridge bridge
	verdict aborted aborted $MINE "${KINDS[@]}"
}

# fails if a verdict that does not exist is counted as another
test_invalid() {
	needs_native
	topo bridge bridge
	verdict invalid invalid $MINE "${KINDS[@]}"
}

# fails if XDP_TX is not counted where it was decided
test_tx() {
	needs_native
	topo bridge bridge
	attach_peer
	verdict tx tx 9 "A:dst=$MV0,n=9"
	link_is low:mv0 9 $((9 * 64))
}

# fails if XDP_REDIRECT is not counted where it was decided
test_redirect() {
	needs_native
	topo bridge bridge
	attach_peer
	xdpctl load redirect
	xdpctl set redirect cfg 0 dev=low:lower
	verdict redirect redirect 9 "A:dst=$MV0,n=9"
	link_is low:mv0 9 $((9 * 64))
}

# fails if what an upper without a program gets is counted by another, or twice
test_other_upper() {
	needs_native
	topo bridge bridge
	observe -S low:mv0 -S low:mv1 -x low:mv0,drv,drop -s gen:peer "${KINDS[@]}"
	link_is low:mv1 21 $((21 * 64))
	eq "rx_xdp_drop of mv1" "$(stat low:mv1 rx_xdp_drop)" 0
	eq "rx_xdp_pass of mv1" "$(stat low:mv1 rx_xdp_pass)" 0
}

# fails if counters are lost or start again when the program is replaced or detached
test_counters_stay() {
	local before after
	needs_native
	topo bridge
	observe -x low:mv0,drv,drop -s gen:peer "A:dst=$MV0"
	before=$(in_ns low ethtool -S mv0)
	has "$before" 'rx_xdp_drop: 20'
	observe -x low:mv0,drv,drop -s gen:peer "A:dst=$MV0"
	after=$(in_ns low ethtool -S mv0)
	has "$after" 'rx_xdp_drop: 40'
	has "$(ip -n low -s -j link show dev mv0 | tr -d ' ')" '"rx":\{"bytes":2560,"packets":40'
}

# fails if a frame gets lost uncounted, or past the program, while programs, chains and neighbours come and go
test_under_changes() {
	local i progs=(drop pass aborted)
	needs_native
	needs_tool
	topo bridge bridge
	xdpctl load pass drop aborted
	attach low:mv0 pass
	traffic -s gen:peer "A:dst=$MV0,n=50,cpu=0" "B:dst=$MV0,n=50,cpu=1"
	for ((i = 0; i < 6; i++)); do
		ip_attach low:mv0 "${progs[i % 3]}" -force
		tool chain add dev mv0 from 1 on pass to pinned "$PINS/drop"
		attach low:mv1 drop
		batch low "$(upper_line mv2 "$MV2" bridge)"
		tool chain del dev mv0 from 1 on pass
		detach low:mv1
		ip -n low link del mv2
	done
	stop_traffic
	wait_for "as many verdicts, and frames received, as were sent" books_closed
}

books_closed() {
	local sent received met
	sent=$(ip -n gen -s -j link show dev peer | jq '.[0].stats64.tx.packets')
	received=$(ip -n low -s -j link show dev mv0 | jq '.[0].stats64.rx.packets')
	met=$(in_ns low ethtool -S mv0 | awk '/rx_xdp_(pass|drop|aborted|invalid|tx|redirect):/ { sum += $2 } END { print sum }')
	note "$sent sent, $received received, $met verdicts"
	((sent > 0 && received == sent && met == sent))
}

# fails if a counter is missing or misnamed: scripts rely on them
test_names() {
	local names name
	needs_native
	topo bridge
	names=$(in_ns low ethtool -S mv0)
	for name in rx_xdp_{pass,drop,aborted,invalid,tx,redirect,skb,tx_errors,redirect_errors,errors} \
		tx_xdp_xmit tx_xdp_xmit_errors; do
		has "$names" "$name: 0"
	done
}

# fails if frames that find no way out after XDP_TX to a sibling or by ndo_xdp_xmit are not counted
test_xdp_xmit_errors() {
	needs_native
	topo vepa
	ip -n gen link add in up address 02:00:00:00:00:bb type veth peer name out netns low
	delete_later low out
	ip -n low link set out up
	xdpctl load redirect
	xdpctl set redirect cfg 0 dev=low:mv0
	ip -n low link set lower down
	observe -S low:mv0 -x low:out,drv,redirect -s gen:in -r gen:peer "A:dst=$STRANGER"
	saw low:out A 20
	eq "tx_xdp_xmit" "$(stat low:mv0 tx_xdp_xmit)" 0
}

# fails if a frame's page is not given back, whatever becomes of the frame: the page pool it is from says so
test_pages_come_back() {
	local prog counter sink
	local -A frames=()
	needs_native
	[[ -d $POOLS ]] || skip "this kernel has no tracepoints of page pools"
	topo bridge bridge
	attach_peer
	sink=$(attach low:mv1 pass && ip -n low -br link | sed -n 's/^\(xdprxh[0-9]*\) .*/\1/p')
	fresh redirect dstmac
	xdpctl set dstmac cfg 1 "mac=$MV1"
	for prog in drop aborted pass tx dstmac redirect to_sink; do
		xdpctl set redirect cfg 0 dev=low:lower
		# which nobody may redirect to
		[[ $prog != to_sink ]] || xdpctl set redirect cfg 0 "dev=low:$sink"
		attach low:mv0 "${prog/to_sink/redirect}"
		xdpctl live gen:peer "mac=$MV0" 64
		counter=rx_xdp_${prog/dstmac/pass}
		counter=${counter/to_sink/redirect}
		frames[$counter]=$((${frames[$counter]-0} + 64))
		wait_for "$prog" met mv0 "$counter" "${frames[$counter]}"
		detach low:mv0
	done
}
