# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What a macvtap's user sends to others than its siblings: out of the lower by its ndo_xdp_xmit, without an skb, once the
# macvtap has a program.
#
#   rings -- vhost-net -- /dev/tapN, mv0 -- lower -- veth -- peer

# shellcheck source=selftests/sibling.test.sh
. selftests/sibling.test.sh

# uplink MODE: mv0 with a program; the peer takes XDP frames
uplink() {
	siblings "$@"
	attach_peer gen:peer
	attach low:mv0 pass
}

# left COMMAND...: $LEFT: how many skbs were built of what was sent meanwhile
left() {
	local before
	before=$(built)
	"$@"
	LEFT=$(($(built) - before))
}

# fails if a frame is lost, changed, out of order, not counted once, or an skb on its way, in any mode
test_modes() {
	local mode sent=0
	uplink bridge
	for mode in bridge vepa private; do
		ip -n low link set mv0 type macvtap mode $mode
		left carries tx
		eq "$mode: skbs built" "$LEFT" 0
		eq "$mode: frames counted" "$(counter mv0 tx.packets)" $((sent += FRAMES))
	done
	has "$(in_ns low ethtool -S mv0)" "tx_xdp_xmit: $sent"
	eq "frames the peer received" "$(ip -n gen -s -j link show dev peer | jq '.[0].stats64.rx.packets')" "$sent"
}

# fails if a macvtap in mode passthru is another case
test_passthru() {
	uplink passthru
	left carries -h 10 -M tx
	eq "skbs built" "$LEFT" 0
}

# fails if anything changes where the macvtap has no program, whoever else has one
test_no_program() {
	siblings bridge bridge
	attach_peer gen:peer
	attach low:mv1 pass
	left carries tx
	eq "skbs built" "$LEFT" "$FRAMES"
}

# fails if a frame for a sibling leaves by the lower where it can't go to the sibling's queue as it is
test_to_a_sibling() {
	siblings bridge bridge
	attach_peer gen:peer
	attach low:mv0 pass
	modprobe -a sch_ingress cls_matchall act_gact
	in_ns low tc qdisc add dev mv1 clsact
	in_ns low tc filter add dev mv1 ingress matchall action pass
	left sends -n 200 tx >/dev/null
	eq "skbs built" "$LEFT" 200
}

# fails if frames are lost where the lower's peer takes no XDP frames
test_peer_without_program() {
	siblings bridge
	attach low:mv0 pass
	carries tx
	eq "frames counted" "$(counter mv0 tx.packets)" "$FRAMES"
}

# fails if frames of a flow overtake each other where others need an skb
test_both_paths() {
	uplink vepa
	left carries -X tx
	[[ $LEFT -ge $((FRAMES / 4)) && $LEFT -lt $((FRAMES / 2)) ]] || fail "$LEFT skbs built"
}

# leaves: a frame without an skb
leaves() {
	left vhost -n 1 "$(tap_node low mv0)" gen:peer tx >/dev/null
	[[ $LEFT -eq 0 ]]
}

# fails if short frames leave otherwise than as skbs
test_short_frames() {
	uplink bridge
	left vhost "$(tap_node low mv0)" gen:peer odd >"$WORK/native"
	books >>"$WORK/native"
	eq "skbs built, of frames from 14 to 59 bytes" "$LEFT" 46
	batch low "link del mv0
	$(UPPER_TYPE=macvtap upper_line mv0 "$MV0" bridge)"
	vhost "$(tap_node low mv0)" gen:peer odd >"$WORK/stock"
	books >>"$WORK/stock"
	diff -u "$WORK/stock" "$WORK/native" || fail "otherwise than on the skb path"
}

# fails if a multicast, or a frame longer than the lower's MTU, leaves otherwise than as an skb
test_needs_an_skb() {
	uplink bridge
	built_of_200
	eq "skbs built, nothing in the way" "$BUILT" 0
	as_skbs multicast -d "$MULTICAST"
	ip -n low link set lower mtu 100
	built_of_200
	[[ $BUILT -gt 150 ]] || fail "only $BUILT skbs built of frames longer than the lower's MTU"
}

# fails if frames leave a lower that is stacked itself otherwise than as skbs: who watches the slaves would miss them
test_stacked_lower() {
	needs_native
	wire
	bond_of_lower
	load_macvtap_modules
	batch low "link add link bond0 name mv0 up address $MV0 type macvtap mode bridge"
	count_built
	attach_peer gen:peer
	attach low:mv0 pass
	as_skbs "on a bond"
}

# on_the_way WHAT: all frames leave as skbs
on_the_way() {
	left vhost -n 200 "$(tap_node low mv0)" gen:peer tx >/dev/null
	eq "skbs built, $1" "$LEFT" 200
}

# fails if somebody who would see the skb leave does not
test_observers() {
	local at
	uplink bridge
	modprobe -a sch_ingress cls_matchall act_gact
	for at in mv0 lower; do
		if modprobe -q sch_tbf; then	# debug kernels have none
			in_ns low tc qdisc add dev $at root tbf rate 1gbit burst 1mb latency 1s
			on_the_way "a qdisc of $at"
			in_ns low tc qdisc del dev $at root
		fi
		in_ns low tc qdisc add dev $at clsact
		in_ns low tc filter add dev $at egress matchall action pass
		on_the_way "tc egress of $at"
		in_ns low tc qdisc del dev $at clsact
		nsenter --net=/run/netns/low tcpdump -i $at -w /dev/null 2>/dev/null &
		wait_for "tcpdump" packet_sockets 1
		on_the_way "a packet socket on $at"
		kill $!
		wait_for "tcpdump to end" packet_sockets 0
	done
	leaves || fail "$LEFT skbs built, nobody there any more"
}

# fails if a qdisc that core goes past while it is empty is in the way
test_idle_qdisc() {
	uplink bridge
	in_ns low tc qdisc add dev lower root pfifo
	left carries tx
	eq "skbs built, pfifo" "$LEFT" 0
	in_ns low tc qdisc replace dev lower root fq_codel
	left carries tx
	eq "skbs built, fq_codel" "$LEFT" 0
}

# fails if a frame is lost, or overtakes another, while the program comes and goes, and the module
test_under_traffic() {
	local i vhost
	uplink bridge
	vhost -n "$((FRAMES * 4))" "$(tap_node low mv0)" gen:peer tx >"$WORK/vhost" 2>&1 &
	vhost=$!
	for ((i = 0; i < 5; i++)); do
		xdpctl detach low:mv0 drv
		xdpctl attach low:mv0 drv pass
		rmmod macvtap_xdp
		insmod "$MODULES/macvtap_xdp.ko"
	done
	wait "$vhost" || fail "$(<"$WORK/vhost")"
	eq "frames counted" "$(counter mv0 tx.packets)" $((FRAMES * 4))
}

has_carrier() { ip -n "${1%:*}" link show dev "${1#*:}" | grep -q ',UP,LOWER_UP.* state UP'; }

# fails if a NIC that has one transmit queue for skbs and XDP frames loses or reorders any
test_by_virtio_net() {
	needs_native
	load_macvtap_modules
	nics
	batch low "link set s0 up
	link add link s0 name mv0 up address $MV0 type macvtap mode vepa"
	delete_later low mv0
	batch gen 'link set p0 up promisc on'
	defer 'ip -n gen link set p0 promisc off'
	wait_for "the sender's carrier" has_carrier low:mv0
	wait_for "the receiver's carrier" has_carrier gen:p0
	count_built
	attach low:mv0 pass
	left vhost -n "$FRAMES" "$(tap_node low mv0)" gen:p0 tx
	# what finds its ring full queues as an skb, and the next behind it
	[[ $LEFT -lt $FRAMES ]] || fail "all frames became skbs"
	left vhost -X -n "$FRAMES" "$(tap_node low mv0)" gen:p0 tx
	[[ $LEFT -ge $((FRAMES / 4)) ]] || fail "$LEFT skbs built"
	eq "frames counted" "$(counter mv0 tx.packets)" $((2 * FRAMES))
}
