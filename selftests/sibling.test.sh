# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What one macvtap's user sends to another macvtap on the same lower: from queue to queue, without an skb, once one of
# the two has a program.
#
#   rings -- vhost-net -- /dev/tapN, mv0 --+-- lower
#                         /dev/tapM, mv1 --+
#
# The oracle is xdpgeneric on mv1: then all frames take the skb path.

# shellcheck source=selftests/macvtap.test.sh
. selftests/macvtap.test.sh

# count_built: by a kernel probe on what makes an skb of a frame from vhost
count_built() {
	local events=/sys/kernel/tracing/kprobe_events
	echo 'p:skb_built build_skb' >>$events || skip "no kernel probes"
	defer "echo '-:skb_built' >>$events"
	echo 1 >/sys/kernel/tracing/events/kprobes/skb_built/enable
	defer 'echo 0 >/sys/kernel/tracing/events/kprobes/skb_built/enable'
}

# siblings: mv0 and mv1, and the probe
siblings() {
	macvtap_topo "$@"
	count_built
}

built() { awk '$1 == "skb_built" { print $2 }' /sys/kernel/tracing/kprobe_profile; }

# sends OPTIONS-OF-VHOST... tx|odd: from mv0 to mv1
sends() { vhost "${@:1:$#-1}" "$(tap_node low mv0)" "$(tap_node low mv1)" "${@: -1}"; }

# books: what both have counted
books() {
	ip -n low -s -j link show | jq -c '.[] | select(.ifname | test("^mv")) |
		[.ifname, .stats64.rx.packets, .stats64.rx.bytes, .stats64.rx.dropped, .stats64.tx.packets,
		.stats64.tx.bytes, .stats64.tx.dropped]'
}

# fails if a frame to a sibling is lost, changed, out of order, counted not once, or an skb on its way
test_pass() {
	siblings bridge bridge
	attach low:mv1 pass
	sends -n "$FRAMES" tx
	eq "skbs built" "$(built)" 0
	eq "frames as skbs" "$(skbs)" 0
	eq "sent" "$(counter mv0 tx.packets)" "$FRAMES"
	eq "received" "$(counter mv1 rx.packets)" "$FRAMES"
	eq "bytes" "$(counter mv0 tx.bytes)" "$(counter mv1 rx.bytes)"
	has "$(ip netns exec low ethtool -S mv1)" "rx_xdp_pass: $FRAMES" 'rx_xdp_skb: 0'
}

# fails if a program on the sender only does not turn it on, or the frames are counted otherwise
test_program_of_the_sender() {
	siblings bridge bridge
	attach low:mv0 drop
	sends -h 10 -M -n "$FRAMES" tx
	eq "skbs built" "$(built)" 0
	eq "sent" "$(counter mv0 tx.packets)" "$FRAMES"
	eq "received" "$(counter mv1 rx.packets)" "$FRAMES"
}

# fails if frames of a flow overtake each other where only some of them need an skb
test_both_paths() {
	siblings bridge bridge
	attach low:mv1 pass
	sends -x -n "$FRAMES" tx
	eq "received" "$(counter mv1 rx.packets)" "$FRAMES"
	# behind those that wait for ksoftirqd others take the skb path, too
	[[ $(built) -ge $(((FRAMES + 1) / 3)) && $(built) -lt $FRAMES ]] || fail "$(built) skbs built"
}

# fails if anything changes where neither has a program
test_no_program() {
	siblings bridge bridge
	sends -n "$FRAMES" tx
	eq "skbs built" "$(built)" "$FRAMES"
	eq "frames as skbs" "$(skbs)" "$FRAMES"
}

# fails if siblings in other namespaces than their lower are not found, or not told apart
test_other_namespaces() {
	siblings bridge@up0 bridge@up1
	attach up1:mv1 pass
	vhost -n "$FRAMES" "$(tap_node up0 mv0)" "$(tap_node up1 mv1)" tx
	eq "skbs built" "$(built)" 0
}

# fails if frames of one batch are not told apart, for a sibling and for others
test_sibling_and_others() {
	siblings bridge bridge
	attach_peer gen:peer
	attach low:mv0 pass
	vhost -n "$FRAMES" "$(tap_node low mv0)" "$(tap_node low mv1)" gen:peer tx
	eq "skbs built" "$(built)" 0
	eq "received" "$(counter mv1 rx.packets)" $((FRAMES / 2))
	eq "frames the peer received" "$(ip -n gen -s -j link show dev peer | jq '.[0].stats64.rx.packets')" \
		$((FRAMES / 2))
}

# built_of_200 OPTIONS-OF-VHOST...: $BUILT: how many skbs were built of what mv0 sends, to mv1 if the options do not
# say otherwise; nobody looks at where it comes to
built_of_200() {
	BUILT=$(built)
	vhost -n 200 -d "$MV1" "$@" "$(tap_node low mv0)" gen:peer blind >/dev/null
	BUILT=$(($(built) - BUILT))
}

# as_skbs WHAT OPTIONS-OF-VHOST...: all of them
as_skbs() {
	built_of_200 "${@:2}"
	eq "skbs built, $1" "$BUILT" 200
}

# fails if a tagged frame, a multicast, or one longer than the lower's MTU goes to a sibling as it is
test_needs_an_skb() {
	siblings bridge bridge
	attach low:mv1 pass
	exec {fd}<>"$(tap_node low mv1)"
	built_of_200
	eq "skbs built, nothing in the way" "$BUILT" 0
	as_skbs tagged -t
	as_skbs multicast -d "$MULTICAST"
	ip -n low link set lower mtu 100
	built_of_200
	[[ $BUILT -gt 150 ]] || fail "only $BUILT skbs built of frames longer than the lower's MTU"
	exec {fd}>&-
}

# fails if frames go past the lower where macvlan would not take them to the sibling, or the sibling has no reader
test_not_for_its_reader() {
	siblings bridge bridge
	attach low:mv1 pass
	as_skbs "no queue open"
	exec {fd}<>"$(tap_node low mv1)"
	built_of_200
	eq "skbs built, nothing in the way" "$BUILT" 0
	ip -n low link set mv1 type macvtap mode vepa
	as_skbs "the receiver's mode"
	ip -n low link set mv1 type macvtap mode bridge
	ip -n low link set mv0 type macvtap mode vepa
	as_skbs "the sender's mode"
	ip -n low link set mv0 type macvtap mode bridge
	batch low "$(UPPER_TYPE=macvlan upper_line mv2 "$MV2" source)"
	as_skbs "beside a macvlan in source mode"
	exec {fd}>&-
}

# odd_to FILE: what short frames, a third of them marked for the program, come to, and how both count them
odd_to() {
	sends odd >"$1"
	books >>"$1"
}

# verdict PROGRAM: the same by xdpgeneric, where all frames take the skb path; $BUILT: skbs built natively
verdict() {
	local before
	UPPER_TYPE=macvtap fresh_siblings
	before=$(built)
	xdpctl attach low:mv1 skb "$1"
	odd_to "$WORK/generic"
	BUILT=$(built)
	[[ $((BUILT - before)) -ge 47 ]] || fail "only $((BUILT - before)) skbs built on the skb path"
	UPPER_TYPE=macvtap fresh_siblings
	attach low:mv1 "$1"
	odd_to "$WORK/native"
	diff -u "$WORK/generic" "$WORK/native" || fail "$1: otherwise than on the skb path"
	BUILT=$(($(built) - BUILT))
}

fresh_siblings() {
	batch low "link del mv0
	link del mv1
	$(upper_line mv0 "$MV0" bridge)
	$(upper_line mv1 "$MV1" bridge)"
}

# fails if what is passed is not what it is on the skb path, or the program has not its headroom
test_verdict_pass() {
	siblings bridge bridge
	verdict pass
	eq "skbs built" "$BUILT" 0
	xdpctl load head
	xdpctl set head cfg 2 -200 3 2	# XDP_PASS
	verdict head
	eq "skbs built, longer" "$BUILT" 0
}

# fails if what is dropped is not counted as on the skb path
test_verdict_drop() {
	siblings bridge bridge
	xdpctl load head
	xdpctl set head cfg 2 0 3 1	# XDP_DROP
	verdict head
	eq "skbs built" "$BUILT" 0
	has "$(ip netns exec low ethtool -S mv1)" 'rx_xdp_drop: 1[0-9]'
	verdict aborted
	eq "skbs built, aborted" "$BUILT" 0
}

# fails if XDP_TX is not carried out, and counted, as on the skb path
test_verdict_tx() {
	siblings bridge bridge
	verdict tx
	has "$(<"$WORK/native")" '"mv0",1[0-9],'
}

# fails if XDP_REDIRECT is not
test_verdict_redirect() {
	siblings bridge bridge
	ip -n low link add other up type veth peer name near
	ip -n low link set near up
	delete_later low other
	xdpctl load redirect
	xdpctl set redirect cfg 0 dev=low:other
	verdict redirect
	eq "frames redirected, 13 each time" "$(counter other tx.packets)" 26
}

# watched WHAT: all frames take the skb path
watched() {
	local before
	before=$(built)
	sends -n 200 tx >/dev/null
	eq "skbs built, $1" "$(($(built) - before))" 200
}

# packet_sockets COUNT: in low
packet_sockets() { [[ $(in_ns low cat /proc/net/packet | wc -l) -eq $(($1 + 1)) ]]; }

# fails if somebody who would see the skb on its way does not
test_observers() {
	local before at
	siblings bridge bridge
	attach low:mv1 pass
	modprobe -a sch_ingress cls_matchall act_gact
	if modprobe -q sch_tbf; then	# debug kernels have none
		in_ns low tc qdisc add dev mv0 root tbf rate 1gbit burst 1mb latency 1s
		watched "a qdisc of the sender"
		in_ns low tc qdisc del dev mv0 root
	fi
	for at in mv0:egress lower:ingress mv1:ingress; do
		in_ns low tc qdisc add dev ${at%:*} clsact
		in_ns low tc filter add dev ${at%:*} ${at#*:} matchall action pass
		watched "tc $at"
		in_ns low tc qdisc del dev ${at%:*} clsact
	done
	nsenter --net=/run/netns/low tcpdump -i lower -w /dev/null 2>/dev/null &
	wait_for "tcpdump" packet_sockets 1
	watched "a packet socket"
	kill $!
	wait_for "tcpdump to end" packet_sockets 0
	before=$(built)
	sends -n 200 tx >/dev/null
	eq "skbs built, nobody there any more" "$(built)" "$before"
}
