# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# bonding_xdp.ko: programs on bonds, on their slaves and on what is stacked on bonds.
#
#   netns gen                 netns low
#     p0 ------- veth -------- s0 --+-- bond0 -- mv0
#     p1 ------- veth -------- s1 --+
#
# All four ends poll, with a program or without: by GRO, which veth turns on only for what the other end has not
# segmented. So they count bytes in one way (a veth that polls counts without the header), and take frames of
# ndo_xdp_xmit. Not where a program goes under traffic: a veth that polls then goes on polling, and for a moment
# runs the program on a queue it has unregistered (a null dereference in veth, without our modules, too).

# polls NS:IF...
polls() {
	local dev
	for dev in "$@"; do
		in_ns "${dev%:*}" ethtool -K "${dev#*:}" gro on tso off
	done
}

# slaves BOND-OPTIONS...: the veths, and the bond over them, up
slaves() {
	netns gen low
	batch low "link add s0 ${SLAVE_OPTIONS-} type veth peer name p0 netns gen ${SLAVE_OPTIONS-}
	link add s1 ${SLAVE_OPTIONS-} type veth peer name p1 netns gen ${SLAVE_OPTIONS-}
	link add bond0 address $LOWER type bond $* miimon 100"
	delete_later low s0
	delete_later low s1
	defer "ip -n low link del bond0"
	[[ -n ${NO_GRO-} ]] || polls low:s0 low:s1 gen:p0 gen:p1
	batch low $'link set s0 master bond0\nlink set s1 master bond0\nlink set bond0 up'
	batch gen $'link set p0 up\nlink set p1 up'
	wait_for "the bond's carrier" slave_is_up s0
	wait_for "the bond's carrier" slave_is_up s1
}

# bond_topo BOND-OPTIONS...
bond_topo() {
	load_bonding_xdp
	slaves "$@"
}

# what bonding says of a slave
slave_says() { in_ns low cat /proc/net/bonding/bond0 | sed -n "/^Slave Interface: $1\$/,/^\$/p"; }

slave_is_up() { slave_says "$1" | grep -q 'MII Status: up'; }

FIRST=("A:from=gen:p0,dst=$LOWER" "B:from=gen:p0,dst=$BROADCAST,n=5" "C:from=gen:p0,dst=$MULTICAST,n=4"
	"I:from=gen:p0,dst=$LOWER,type=0800,n=6" "J:from=gen:p0,dst=$LOWER,type=86dd,n=6"
	"R:from=gen:p0,dst=$LOWER,type=0806,n=3" "L:from=gen:p0,dst=01:80:c2:00:00:0e,type=88cc,n=3"
	"V:from=gen:p0,dst=$LOWER,vid=5,n=3" "S:from=gen:p0,dst=$STRANGER,n=3")
SECOND=("D:from=gen:p1,dst=$LOWER,n=7" "E:from=gen:p1,dst=$BROADCAST,n=6" "K:from=gen:p1,dst=$LOWER,type=0806,n=3"
	"M:from=gen:p1,dst=01:80:c2:00:00:0e,type=88cc,n=3" "O:from=gen:p1,dst=$LOWER,type=0800,n=5")

# on IGNORED BOND-OPTIONS...: what a bond's program sees and leaves, by the native path and by the other
on() {
	# shellcheck disable=SC2034 # for balanced
	IGNORED=$1
	shift
	bond_topo "$@"
	differ low:bond0 pass -s gen:p0 -r low:bond0 -r low:s0 -r low:s1 "${FIRST[@]}" "${SECOND[@]}"
	saw low:bond0 A 20
	got low:bond0 A 20
	differ low:bond0 drop -s gen:p0 -r low:bond0 -r low:s0 -r low:s1 "${FIRST[@]}" "${SECOND[@]}"
	saw low:bond0 A 20
	got low:bond0 A 0
}

# fails if frames of either slave miss the program
test_balance_rr() {
	on 0 mode balance-rr
	saw low:bond0 D 7
	on_skb_path low:bond0 15	# R, L, V, K, M
}

# fails if frames of the backup slave are shown to the program
test_active_backup() {
	on 24 mode active-backup primary s0
	saw low:bond0 D 0
	got low:bond0 D 0
	got low:s1 M 3
	on_skb_path low:bond0 9		# R, L, V
}

# fails if frames of either slave miss the program
test_balance_xor() {
	on 0 mode balance-xor
	saw low:bond0 D 7
}

# fails in a mode that mainline has no native XDP for
test_broadcast() {
	on 0 mode broadcast
	saw low:bond0 D 7
}

# fails if frames of a slave outside the active aggregator are shown to the program
test_802_3ad() {
	on 24 mode 802.3ad
}

# fails in a mode that mainline has no native XDP for
test_balance_tlb() {
	on 24 mode balance-tlb primary s0
	saw low:bond0 D 0
}

# fails in a mode that mainline has no native XDP for, or if an inactive slave's unicasts miss the program
test_balance_alb() {
	on 9 mode balance-alb primary s0
	saw low:bond0 D 7
	saw low:bond0 E 0
}

# fails if a program that drops all, on the bond itself, drops its LACP frames, too: three seconds without one from the
# partner, and a fast bond gives it up. TEST_LACPDUS=30 watches for half a minute.
test_lacp_survives_drop() {
	local first due
	bond_topo mode 802.3ad lacp_rate fast
	lacp_partner low:bond0 "$LOWER"
	attach low:bond0 drop
	observe -w low:bond0 -s gen:bond1 -r low:bond0 "A:dst=$LOWER"
	saw low:bond0 A 20
	got low:bond0 A 0
	count_lacpdus
	traffic "A:from=gen:bond1,dst=$LOWER" "C:from=gen:bond1,dst=$BROADCAST"
	first=$(lacpdus)
	for ((due = 5; due <= ${TEST_LACPDUS:-5}; due += 5)); do
		wait_for "five LACP frames more" lacp_holds $((first + due))
	done
}

# lacp_holds COUNT: so many LACP frames have come in at s0; no partner has been lost until then
lacp_holds() {
	lacp_up || fail "the partner is lost: $(in_ns low cat /proc/net/bonding/bond0)"
	[[ $(lacpdus) -ge $1 ]]
}

lacp_down() { ! lacp_up; }

# fails if the same program does the bond no harm without our module: then there is nothing to show
test_lacp_falls_with_mainline() {
	local first
	needs_native
	modprobe bonding
	slaves mode 802.3ad lacp_rate fast
	lacp_partner low:bond0 "$LOWER"
	count_lacpdus
	attach low:bond0 drop
	first=$(lacpdus)
	traffic "A:from=gen:bond1,dst=$LOWER" "C:from=gen:bond1,dst=$BROADCAST"
	wait_for "the partner to be lost" lacp_down
	eq "LACP frames since" "$(lacpdus)" "$first"
}

# failures: how often bonding has seen a link of bond0 fail
failures() { in_ns low cat /proc/net/bonding/bond0 | awk '/Link Failure Count/ { n += $4 } END { print n }'; }

# monitored VLAN-OR-NOTHING [VALIDATE]: a bond with an ARP (or IPv6) monitor, which has a target beyond gen's bridge
NEAR=192.0.2.1/24 FAR=192.0.2.2/24 TARGET=arp_ip_target MISSED=15
monitored() {
	local vlan=$1 validate=${2:-all} over=bond0 at=br0
	load_bonding_xdp
	netns gen low
	if [[ $TARGET == ns_ip6_target ]]; then
		in_ns low tee /proc/sys/net/ipv6/conf/default/disable_ipv6 <<<0
		in_ns gen tee /proc/sys/net/ipv6/conf/default/disable_ipv6 <<<0
	fi
	batch low "link add s0 type veth peer name p0 netns gen
	link add s1 type veth peer name p1 netns gen
	link add bond0 address $LOWER type bond mode active-backup"
	delete_later low s0
	delete_later low s1
	defer "ip -n low link del bond0"
	batch low $'link set s0 master bond0\nlink set s1 master bond0\nlink set bond0 up'
	batch gen $'link add br0 type bridge\nlink set p0 up master br0\nlink set p1 up master br0\nlink set br0 up'
	delete_later gen br0
	if [[ -n $vlan ]]; then
		over=bond0.$vlan at=br0.$vlan
		batch low "link add link bond0 name $over up type vlan id $vlan"
		batch gen "link add link br0 name $at up type vlan id $vlan"
	fi
	batch low "addr add $NEAR dev $over"
	batch gen "addr add $FAR dev $at"
	attach low:bond0 drop
	batch low "link set bond0 type bond arp_interval 200 arp_missed_max $MISSED $TARGET ${FAR%/*} arp_validate $validate"
}

# probed: no link fails while more probes go out than may stay without an answer. (They may be many, as a crowded
# machine may answer late.)
probed() {
	local before
	wait_for "both links" slave_is_up s0
	wait_for "both links" slave_is_up s1
	before=$(failures)
	unset MOVED_BEFORE
	wait_for "probes" moved bond0 tx $((MISSED + 10))
	eq "link failures" "$(failures)" "$before"
	slave_is_up s0 || fail "the ARP monitor has given s0 up"
}

# fails if a program that drops all drops what the ARP monitor lives on
test_arp_monitor_survives_drop() {
	monitored ''
	probed
}

# fails if a program that drops all drops the neighbour discovery that the IPv6 monitor lives on
test_nd_monitor_survives_drop() {
	NEAR='2001:db8::1/64 nodad' FAR='2001:db8::2/64 nodad' TARGET=ns_ip6_target MISSED=25
	monitored ''
	probed
}

# fails if probes behind a VLAN tag are dropped
test_arp_monitor_behind_a_vlan() {
	monitored 5
	probed
}

# fails if the IPv6 monitor's are
test_nd_monitor_behind_a_vlan() {
	NEAR='2001:db8::1/64 nodad' FAR='2001:db8::2/64 nodad' TARGET=ns_ip6_target MISSED=25
	monitored 5
	probed
}

# fails if frames that the program drops do not count as signs of life, where any frame does
test_arp_monitor_counts_any_frame() {
	monitored '' none
	probed
	traffic "A:from=gen:p0,dst=$LOWER" "D:from=gen:p1,dst=$LOWER"
	batch gen 'addr del 192.0.2.2/24 dev br0'
	probed
}

# tx BOND-OPTIONS...: XDP_TX leaves as the same frame would leave by the bond's own transmit
tx() {
	bond_topo "$@"
	attach_peer gen:p0
	attach_peer gen:p1
	differ low:bond0 tx -s gen:p0 -r gen:p0 -r gen:p1 "A:dst=$LOWER" "F:dst=$LOWER,src=$MV0" "G:dst=$LOWER,src=$MV1"
}

# fails if XDP_TX leaves by another slave than the active one
test_tx_active_backup() {
	tx mode active-backup primary s0
	got gen:p0 A 20
	got gen:p1 A 0
}

# fails if XDP_TX leaves by one slave only
test_tx_balance_rr() {
	tx mode balance-rr
	got gen:p0 A 10
	got gen:p1 A 10
}

# fails if the hash is not the bond's
test_tx_balance_xor() {
	tx mode balance-xor
}

# fails if the hash of a policy that looks into the frame is not the bond's
test_tx_policies() {
	local policy
	bond_topo mode balance-xor
	attach_peer gen:p0
	attach_peer gen:p1
	for policy in layer2+3 layer3+4 encap2+3 encap3+4; do
		batch low "link set bond0 type bond xmit_hash_policy $policy"
		differ low:bond0 tx -s gen:p0 -r gen:p0 -r gen:p1 "A:dst=$LOWER,type=0800" \
			"F:dst=$LOWER,src=$MV0,type=0800" "G:dst=$LOWER,src=$MV1,type=86dd" "H:dst=$LOWER,src=$MV2"
	done
}

# fails if answers leave by a slave that LACP does not use, or that the bond would not choose
test_tx_802_3ad() {
	bond_topo mode 802.3ad lacp_rate fast
	lacp_partner low:bond0 "$LOWER"
	attach_peer gen:p0
	attach_peer gen:p1
	# shellcheck disable=SC2034 # for differ: LACP frames are in there
	INEXACT='link low:bond0.*'
	differ low:bond0 tx -s gen:p0 -r gen:p0 -r gen:p1 "A:dst=$LOWER" "F:dst=$LOWER,src=$MV0" "G:dst=$LOWER,src=$MV1" \
		"H:from=gen:p1,dst=$LOWER,src=$MV2"
	saw low:bond0 A 20
	saw low:bond0 H 20
}

# fails in a mode without a choice of slave for XDP
test_tx_broadcast() {
	tx mode broadcast
	got gen:p0 A 20
	got gen:p1 A 20
}

# fails in a mode without a choice of slave for XDP
test_tx_balance_tlb() {
	tx mode balance-tlb primary s0 tlb_dynamic_lb 0
}

# fails in a mode without a choice of slave for XDP
test_tx_balance_alb() {
	tx mode balance-alb primary s0
}

# fails if the program of another bond, held by mainline, has the slave chosen a second time
test_tx_beside_mainline() {
	needs_native
	modprobe bonding
	netns gen low
	batch low "link add m0 type veth peer name q0 netns gen
	link add bond9 type bond mode balance-rr
	link set m0 master bond9
	link set bond9 up"
	delete_later low m0
	attach low:bond9 drop
	load_bonding_xdp
	defer "ip -n low link del bond9"
	batch low "link add s0 type veth peer name p0 netns gen
	link add s1 type veth peer name p1 netns gen
	link add bond0 address $LOWER type bond mode balance-rr miimon 100"
	delete_later low s0
	delete_later low s1
	defer "ip -n low link del bond0"
	polls gen:p0 gen:p1
	batch low $'link set s0 master bond0\nlink set s1 master bond0\nlink set bond0 up'
	batch gen $'link set p0 up\nlink set p1 up'
	wait_for "the slaves" slave_is_up s1
	attach_peer gen:p0
	attach_peer gen:p1
	attach low:bond0 tx
	observe -w low:bond0 -s gen:p0 -r gen:p0 -r gen:p1 "A:dst=$LOWER"
	saw low:bond0 A 20
	got gen:p0 A 10
	got gen:p1 A 10
	has_program low:bond9 drv
	hasnt "$(in_ns low ethtool -S bond9 2>&1)" rx_xdp
}

# other_wire: gen:in -- low:out, beside the bond
other_wire() {
	ip -n gen link add in up type veth peer name out netns low
	delete_later low out
	polls gen:in low:out
	batch low 'link set out up'
}

# fails if a redirect out of the bond's program is lost, or one into the bond leaves by the wrong slave
test_redirect() {
	bond_topo mode active-backup primary s0
	other_wire
	xdpctl set redirect cfg 0 dev=low:out
	differ low:bond0 redirect -s gen:p0 -r gen:in -r low:bond0 "A:dst=$LOWER" "B:dst=$BROADCAST,n=5"
	saw low:bond0 A 20
	got gen:in A 20
	xdpctl set redirect cfg 0 dev=low:bond0
	differ low:out redirect -s gen:in -r gen:p0 -r gen:p1 "A:dst=$STRANGER"
	got gen:p0 A 20
	got gen:p1 A 0
}

# fails if frames redirected into a bond are lost where the slave is bonding's choice, or, on debug kernels, if that is
# asked for without the lock it wants
test_redirect_by_policy() {
	bond_topo mode balance-xor xmit_hash_policy layer3+4
	other_wire
	xdpctl set redirect cfg 0 dev=low:bond0
	differ low:out redirect -s gen:in -r gen:p0 -r gen:p1 "A:dst=$STRANGER"
	has "$NATIVE" $'got gen:p[01] A [^\n]*frames=20( |\n|$)'
}

# fails if frames redirected into a bond are lost in a mode without a choice of slave for XDP
test_redirect_into_broadcast() {
	bond_topo mode broadcast
	other_wire
	xdpctl set redirect cfg 0 dev=low:bond0
	differ low:out redirect -s gen:in -r gen:p0 -r gen:p1 "A:dst=$STRANGER"
	got gen:p0 A 20
	got gen:p1 A 20
}

# fails if "but not to where it came from" means a slave, and not the bond, or counts as an error
test_devmap_broadcast_excludes_the_bond() {
	bond_topo mode active-backup primary s0
	other_wire
	fresh devmap_all
	xdpctl set devmap_all targets 0 dev=low:bond0 1 dev=low:out
	differ low:bond0 devmap_all -s gen:p0 -r gen:in -r gen:p0 -r gen:p1 "A:dst=$LOWER"
	got gen:in A 20
	got gen:p0 A 0
	got gen:p1 A 0
	eq "counted as sent" "$(stat low:bond0 tx_xdp_xmit)" 0
	eq "counted as errors" "$(stat low:bond0 tx_xdp_xmit_errors)" 0
}

# fails if a macvlan on the bond, that is among those devices, has what goes back to the bond go out
test_devmap_broadcast_and_a_macvlan() {
	bond_topo mode active-backup primary s0
	other_wire
	batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode bridge"
	fresh devmap_all
	xdpctl set devmap_all targets 0 dev=low:bond0 1 dev=low:mv0 2 dev=low:out
	differ low:bond0 devmap_all -s gen:p0 -r gen:in -r gen:p0 -r gen:p1 "A:dst=$LOWER"
	got gen:in A 20
	got gen:p0 A 0
	got gen:p1 A 0
}

# fails if xdp_features (6.3 on) are bonding's, or not what all slaves can do, after any of what bonding computes them at
test_xdp_features() {
	local status=0
	bond_topo mode broadcast
	xdpctl features low:bond0 || status=$?
	[[ $status -ne 4 ]] || skip "this kernel has no xdp_features"
	features_are 7 7
	batch low $'link add d0 type dummy\nlink set d0 master bond0'
	delete_later low d0
	features_are 3 0
	batch low $'link set d0 nomaster'
	features_are 7 7
	batch low $'link set bond0 type bond arp_interval 0\nlink set s0 nomaster\nlink set s1 nomaster'
	batch low $'link set bond0 down\nlink set bond0 type bond mode balance-alb'
	batch low $'link set s0 master bond0\nlink set bond0 up'
	features_are 7 7
	# a slave's change of mind
	in_ns gen ethtool -K p0 gro off
	in_ns low ethtool -K s0 gro off
	features_are 7 7
}

# features_are MASK VALUE: of bond0
features_are() { eq "xdp_features of bond0 & $1" $((16#$(xdpctl features low:bond0) & $1)) "$2"; }

# fails if a slave's own program is refused, not run first, or lost when the bond's goes
test_own_program_of_a_slave() {
	bond_topo mode balance-rr
	attach low:s0 drop
	attach low:bond0 pass
	observe -w low:bond0 -s gen:p0 -r low:bond0 "A:from=gen:p0,dst=$LOWER" "D:from=gen:p1,dst=$LOWER,n=7"
	saw low:bond0 A 0
	got low:bond0 A 0
	saw low:bond0 D 7
	got low:bond0 D 7
	refused 'upper device already has a program' ip_attach low:s1 drop
	detach low:bond0
	has_program low:s0 drv
	observe -s gen:p0 -r low:bond0 "A:from=gen:p0,dst=$LOWER"
	got low:bond0 A 0
}

# fails if a slave that leaves keeps the program, or one that comes has it not
test_slaves_come_and_go() {
	bond_topo mode balance-rr
	attach low:bond0 drop
	batch low 'link set s0 nomaster'
	eq s0 "$(mode_of low:s0)" none
	batch low 'link set s0 up'
	observe -w low:bond0 -s gen:p1 -r low:bond0 -r low:s0 "D:from=gen:p1,dst=$LOWER,n=7" "A:from=gen:p0,dst=$BROADCAST"
	saw low:bond0 D 7
	saw low:bond0 A 0
	got low:bond0 D 0
	got low:s0 A 20
	batch low $'link set s0 down\nlink set s0 master bond0'
	wait_for "the slave" slave_is_up s0
	observe -w low:bond0 -s gen:p0 -r low:bond0 "A:dst=$LOWER"
	saw low:bond0 A 20
	got low:bond0 A 0
}

# fails if a slave that joins with a program of its own loses it, or gets the bond's ahead of it
test_slave_joins_with_a_program() {
	bond_topo mode balance-rr
	batch low 'link set s1 nomaster'
	attach low:bond0 pass
	attach low:s1 drop
	batch low 'link set s1 master bond0'
	wait_for "the slave" slave_is_up s1
	observe -w low:bond0 -s gen:p1 -r low:bond0 "D:dst=$LOWER,n=7"
	saw low:bond0 D 0
	batch low 'link set s1 nomaster'
	has_program low:s1 drv
}

# fails if a slave without native XDP joins a bond that has a program
test_slave_without_xdp() {
	bond_topo mode active-backup
	attach low:bond0 drop
	batch low 'link add d0 type dummy'
	delete_later low d0
	refused 'no native XDP' ip -n low link set d0 master bond0
	detach low:bond0
	batch low 'link set d0 master bond0'
	refused 'no native XDP' ip_attach low:bond0 drop
	eq s0 "$(mode_of low:s0)" none
}

# fails if frames of the slave that has become active miss the program, or those of the one before meet it
test_failover() {
	bond_topo mode active-backup primary s0
	attach low:bond0 drop
	batch gen 'link set p0 down'
	wait_for "the failover" active_is s1
	observe -w low:bond0 -s gen:p1 -r low:bond0 "D:dst=$LOWER,n=7"
	saw low:bond0 D 7
	got low:bond0 D 0
	batch gen 'link set p0 up'
	wait_for "the primary" active_is s0
	observe -w low:bond0 -s gen:p1 -r low:bond0 "D:dst=$LOWER,n=7" "A:from=gen:p0,dst=$LOWER"
	saw low:bond0 D 0
	saw low:bond0 A 20
	batch low 'link set bond0 type bond active_slave s1'
	observe -w low:bond0 -s gen:p1 -r low:bond0 "D:dst=$LOWER,n=7" "A:from=gen:p0,dst=$LOWER"
	saw low:bond0 D 7
	saw low:bond0 A 0
}

# fails if a mode or a hash policy that mainline knows no XDP for is refused, or not followed
test_options_change() {
	bond_topo mode balance-xor
	# bonding of 6.12 forgets an array of 32 bytes where a bond was in another mode and goes in broadcast
	defer "batch_anyway low $'link set s0 nomaster\nlink set s1 nomaster\nlink set bond0 down
	link set bond0 type bond mode balance-xor'"
	attach low:bond0 tx
	batch low 'link set bond0 type bond xmit_hash_policy vlan+srcmac'
	batch low $'link set s0 nomaster\nlink set s1 nomaster\nlink set bond0 down
	link set bond0 type bond mode broadcast
	link set s0 master bond0\nlink set s1 master bond0\nlink set bond0 up'
	wait_for "the slaves" slave_is_up s1
	attach_peer gen:p0
	attach_peer gen:p1
	observe -w low:bond0 -s gen:p0 -r gen:p0 -r gen:p1 "A:dst=$LOWER"
	saw low:bond0 A 20
	got gen:p0 A 20
	got gen:p1 A 20
}

# fails if a chain's second program is not met on every slave
test_chain() {
	[[ -x build/xdp-rxh ]] || skip "no build/xdp-rxh"
	bond_topo mode balance-rr
	attach low:bond0 pass
	xdpctl load drop
	in_ns low build/xdp-rxh chain add dev bond0 from 1 on pass to pinned "$PINS/drop"
	has "$(in_ns low build/xdp-rxh chain show dev bond0)" drop
	observe -s gen:p0 -r low:bond0 "A:dst=$LOWER" "D:from=gen:p1,dst=$LOWER,n=7" "R:dst=$LOWER,type=0806,n=3"
	got low:bond0 A 0
	got low:bond0 D 0
	got low:bond0 R 0
}

# fails if a program of a macvlan over the bond misses frames, or the bond's own is not run first
test_macvlan_over() {
	bond_topo mode active-backup primary s0
	batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode bridge"
	MV=("A:dst=$MV0" "C:dst=$BROADCAST,n=5" "R:dst=$MV0,type=0806,n=3" "I:dst=$MV0,type=0800,n=4" "D:from=gen:p1,dst=$MV0,n=7")
	differ low:mv0 drop -s gen:p0 -r low:mv0 -r low:bond0 "${MV[@]}"
	saw low:mv0 A 20
	saw low:mv0 R 3
	saw low:mv0 D 0
	got low:mv0 A 0
	on_skb_path low:mv0 8
	attach low:bond0 pass
	differ low:mv0 drop -s gen:p0 -r low:mv0 -r low:bond0 "${MV[@]}"
	saw low:mv0 A 20
	on_skb_path low:mv0 8
	detach low:bond0
	attach low:s0 drop
	attach low:bond0 pass
	attach low:mv0 pass
	observe -w low:mv0 -w low:bond0 -s gen:p0 "${MV[@]}"
	saw low:mv0 A 0
	saw low:bond0 A 0
}

# fails if what one floor does with a frame is not counted there, or counted on another
test_counters_at_each_floor() {
	local dev
	bond_topo mode active-backup primary s0
	batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode bridge"
	attach low:s0 pass
	attach low:bond0 pass
	attach low:mv0 drop
	observe -w low:s0 -w low:bond0 -w low:mv0 -S low:s0 -S low:bond0 -S low:mv0 -s gen:p0 "A:dst=$MV0" "B:dst=$LOWER,n=7"
	for dev in s0 bond0 mv0; do
		saw "low:$dev" A 20
	done
	saw low:s0 B 7
	saw low:bond0 B 7
	saw low:mv0 B 0
	eq "passed by bond0" "$(stat low:bond0 rx_xdp_pass)" 27
	eq "passed by mv0" "$(stat low:mv0 rx_xdp_pass)" 0
	eq "dropped by bond0" "$(stat low:bond0 rx_xdp_drop)" 0
	eq "dropped by mv0" "$(stat low:mv0 rx_xdp_drop)" 20
	has "$NATIVE" 'link low:s0 rx_packets=27 ' 'link low:bond0 rx_packets=27 ' 'link low:mv0 rx_packets=20 '
}

# fails if frames for a macvlan without a program carry on, to its stack, what tells its sibling's hook to run one
test_macvlan_over_without_a_program() {
	bond_topo mode active-backup primary s0
	batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode bridge
	link add link bond0 name mv1 up address $MV1 type macvlan mode bridge"
	xdpctl load napi_tc
	tc -n low qdisc add dev mv0 clsact
	tc -n low filter add dev mv0 ingress bpf da object-pinned "$PINS/napi_tc"
	attach low:mv1 drop
	observe -w low:mv1 -s gen:p0 -r low:mv0 -r low:mv1 "A:dst=$MV0" "R:dst=$MV0,type=0806,n=3" "B:dst=$MV1" \
		"K:dst=$MV1,type=0806,n=3"
	got low:mv0 A 20
	got low:mv0 R 3
	saw low:mv1 B 20
	saw low:mv1 K 3
	got low:mv1 K 0
}

# fails if a macvlan over a bond loses its program when it moves to another namespace, or frames get past it there
test_macvlan_over_moves() {
	bond_topo mode active-backup primary s0
	batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode bridge"
	attach low:bond0 pass
	attach low:mv0 drop
	batch low 'link set mv0 netns gen'
	batch gen 'link set mv0 up'
	observe -w gen:mv0 -s gen:p0 -r gen:mv0 "A:dst=$MV0" "R:dst=$MV0,type=0806,n=3" "D:from=gen:p1,dst=$MV0,n=7"
	saw gen:mv0 A 20
	saw gen:mv0 R 3
	saw gen:mv0 D 0
	got gen:mv0 A 0
	got gen:mv0 R 0
	detach gen:mv0
	batch gen 'link set mv0 netns low'
	batch low 'link set mv0 up'
	observe -s gen:p0 -r low:mv0 "A:dst=$MV0"
	got low:mv0 A 20
}

# fails if XDP_TX of a macvlan does not leave by the slave that its bond chooses
test_macvlan_over_tx() {
	bond_topo mode balance-rr
	batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode vepa"
	attach_peer gen:p0
	attach_peer gen:p1
	differ low:mv0 tx -s gen:p0 -r gen:p0 -r gen:p1 "A:dst=$MV0"
	got gen:p0 A 10
	got gen:p1 A 10
}

# fails if a slave's program can be changed below a macvlan's where the bond between them has none
test_macvlan_over_is_protected() {
	bond_topo mode active-backup primary s0
	batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode bridge"
	attach low:mv0 drop
	refused 'upper device already has a program' ip_attach low:s0 pass -force
	refused 'upper device already has a program' ip_attach low:bond0 pass -force
	detach low:mv0
	eq bond0 "$(mode_of low:bond0)" none
	attach low:s0 pass
}

# spread DEV: what gen's CPU 0 sends there comes in at queue 0, what CPU 1 sends at queue 1
spread() {
	# shellcheck disable=SC2016 # for the inner shell
	ip netns exec gen bash -c 'cd "/sys/class/net/$1/queues"; echo 1 >tx-0/xps_cpus; echo 2 >tx-1/xps_cpus' spread "$1"
}

# in_bond_socket QUEUE STREAM COUNT
in_bond_socket() {
	local regex="xsk low:bond0 $1 $2 frames=([0-9]+)" count=0
	if [[ $SOCKETS =~ $regex ]]; then count=${BASH_REMATCH[1]}; fi
	eq "stream $2 in the socket of queue $1" "$count" "$3"
}

# fails if a socket on the bond gets nothing natively, or frames of another slave's queue
test_af_xdp() {
	[[ $(nproc) -ge 2 ]] || skip "needs two CPUs"
	# shellcheck source=selftests/xsk.test.sh
	. selftests/xsk.test.sh
	SLAVE_OPTIONS='numtxqueues 2 numrxqueues 2'
	bond_topo mode balance-rr
	spread p0
	spread p1
	fresh xskmap
	attach low:bond0 xskmap
	sockets -c low:bond0 0 1 2 3
	observe -s gen:p0 -r low:bond0 "A:dst=$LOWER,n=10,cpu=0" "B:dst=$LOWER,n=11,cpu=1" \
		"C:from=gen:p1,dst=$LOWER,n=12,cpu=0" "D:from=gen:p1,dst=$LOWER,n=13,cpu=1" "R:dst=$LOWER,type=0806,n=3,cpu=0"
	sockets_end
	in_bond_socket 0 A 10
	in_bond_socket 1 B 11
	in_bond_socket 2 C 12
	in_bond_socket 3 D 13
	got low:bond0 R 3
	# the other slave comes back, at the lowest slot that is free
	sockets -c low:bond0 0 1 2 3
	batch low $'link set s0 nomaster\nlink set s0 master bond0'
	wait_for "the slave" slave_is_up s0
	frames -s gen:p0 "A:dst=$LOWER,n=10,cpu=0" "C:from=gen:p1,dst=$LOWER,n=12,cpu=0"
	sockets_end
	in_bond_socket 0 A 10
	in_bond_socket 2 C 12
}

# fails if a macvtap's frames come as skbs where its lower is a bond, or no more after a failover
test_macvtap_over() {
	# shellcheck source=selftests/macvtap.test.sh
	. selftests/macvtap.test.sh
	load_macvtap_modules
	bond_topo mode active-backup primary s0
	batch low "link add link bond0 name mv0 up address $MV0 type macvtap mode bridge"
	count_skbs
	attach low:s0 pass
	attach low:bond0 pass
	attach low:mv0 pass
	vhost -n "$FRAMES" "$(tap_node low mv0)" gen:p0 rx
	batch gen 'link set p0 down'
	wait_for "the failover" active_is s1
	vhost -n "$FRAMES" "$(tap_node low mv0)" gen:p1 rx
	eq "frames as skbs" "$(skbs)" 0
	observe -w low:bond0 -w low:mv0 -s gen:p1 "A:dst=$MV0"
	saw low:bond0 A 20
	saw low:mv0 A 20
}

# fails if a bond with mainline's XDP is taken over, or not when that is gone
test_mainline_first() {
	needs_native
	modprobe bonding
	slaves mode balance-rr
	attach low:bond0 drop
	load_bonding_xdp
	defer "ip -n low link del bond0"
	hasnt "$(in_ns low ethtool -S bond0 2>&1)" rx_xdp
	observe -w low:bond0 -s gen:p0 -r low:bond0 "A:dst=$LOWER"
	saw low:bond0 A 20
	detach low:bond0
	wait_for "our operations" attach_counts
	attach low:bond0 drop
	observe -w low:bond0 -s gen:p0 -r low:bond0 "A:dst=$LOWER" "R:dst=$LOWER,type=0806,n=3"
	saw low:bond0 A 20
	got low:bond0 A 0
}

attach_counts() { in_ns low ethtool -S bond0 2>/dev/null | grep -q rx_xdp_drop; }

# fails if mainline can't have its bond back
test_mainline_after() {
	needs_native
	modprobe bonding
	slaves mode balance-rr
	insmod "$MODULES/bonding_xdp.ko"
	attach low:bond0 drop
	refused 'in use' rmmod bonding_xdp
	detach low:bond0
	rmmod bonding_xdp
	attach low:bond0 pass
	hasnt "$(in_ns low ethtool -S bond0 2>&1)" rx_xdp
	ip -n gen link add in up type veth peer name out netns low
	delete_later low out
	batch low 'link set out up'
	xdpctl set redirect cfg 0 dev=low:bond0
	attach low:out redirect
	observe -s gen:in -r gen:p0 -r gen:p1 "A:dst=$STRANGER"
	got gen:p0 A 10
	got gen:p1 A 10
}

# fails if a macvlan's program does not outlive our coming to its bond, or the bond is not ours when that has gone
test_comes_below_a_macvlan() {
	needs_native
	modprobe bonding
	slaves mode active-backup primary s0
	batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode bridge"
	attach low:mv0 drop
	load_bonding_xdp
	defer "ip -n low link del bond0"
	observe -w low:mv0 -s gen:p0 -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 0
	detach low:mv0
	wait_for "our operations" attach_counts
	attach low:bond0 pass
	attach low:mv0 drop
	observe -w low:mv0 -w low:bond0 -s gen:p0 -r low:mv0 "A:dst=$MV0" "D:from=gen:p1,dst=$MV0,n=7"
	saw low:bond0 A 20
	saw low:mv0 A 20
	saw low:bond0 D 0
	got low:mv0 A 0
}

# fails if a module can be unloaded from under a program, or can't without one, whichever goes first
test_modules_go() {
	bond_topo mode active-backup primary s0
	batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode bridge"
	attach low:mv0 drop
	refused 'in use' rmmod bonding_xdp
	refused 'in use' rmmod macvlan_xdp
	attach low:s0 pass || :		# refused, as there are programs above
	detach low:mv0
	attach low:bond0 drop
	rmmod macvlan_xdp
	refused 'in use' rmmod bonding_xdp
	insmod "$MODULES/macvlan_xdp.ko"
	detach low:bond0
	rmmod bonding_xdp
	attach low:mv0 drop
	refused 'in use' rmmod macvlan_xdp
	insmod "$MODULES/bonding_xdp.ko"
	detach low:mv0
	rmmod macvlan_xdp
	wait_for "our operations" attach_counts
	attach low:bond0 drop
	observe -w low:bond0 -s gen:p0 -r low:bond0 "A:dst=$LOWER" "R:dst=$LOWER,type=0806,n=3"
	saw low:bond0 A 20
	got low:bond0 R 0
	detach low:bond0
	insmod "$MODULES/macvlan_xdp.ko"
}

# The ends of a bond with a slave, a bond and a macvlan that each have a program
ENDS=('link del mv0' 'link del bond0' 'link del s0' 'link set s1 netns gen')

# in_order INDEX...: of ENDS
in_order() {
	local i
	batch low "link add s0 type veth peer name p0 netns gen
	link add s1 type veth peer name p1 netns gen
	link add bond0 address $LOWER type bond mode balance-rr
	link set s0 master bond0
	link set s1 master bond0
	link set bond0 up
	link add link bond0 name mv0 up address $MV0 type macvlan mode bridge"
	attach low:s0 pass
	attach low:bond0 pass
	attach low:mv0 drop
	for i; do
		batch_anyway low "${ENDS[i]}" || :
	done
	eq "s1 after $*" "$(mode_of gen:s1)" none
	refused '.' ip -n low link show dev mv0
	refused '.' ip -n low link show dev bond0
	refused '.' ip -n low link show dev s0
	ip -n gen link del p1
}

# fails if anything is left behind when a macvlan or its bond goes first
test_orders_from_above() {
	load_bonding_xdp
	netns gen low
	in_order 0 1 2 3
	in_order 1 3 0 2
}

# fails if anything is left behind when a slave goes first, or moves away
test_orders_from_below() {
	load_bonding_xdp
	netns gen low
	in_order 2 0 3 1
	in_order 3 2 1 0
}

# fails if the bond going away with programs leaves anything behind, or the module goes while there are
test_bond_deleted() {
	bond_topo mode active-backup
	batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode bridge"
	attach low:bond0 pass
	attach low:mv0 drop
	refused 'in use' rmmod bonding_xdp
	ip -n low link del bond0
	eq s0 "$(mode_of low:s0)" none
	refused '.' ip -n low link show dev mv0
	batch low 'link add bond0 type bond'
}

# fails if a bond that goes before a macvlan on it, in one batch, is used after it was freed
test_deleted_together() {
	bond_topo mode active-backup
	batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode bridge"
	attach low:mv0 drop
	delete_together bond0 mv0
	refused '.' ip -n low link show dev mv0
	refused '.' ip -n low link show dev bond0
	eq s0 "$(mode_of low:s0)" none
}

# fails if bonding.ko can't be unloaded under us, or leaves anything behind
test_bonding_unloaded() {
	bond_topo mode active-backup
	batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode bridge"
	attach low:bond0 pass
	attach low:mv0 drop
	rmmod bonding
	eq s0 "$(mode_of low:s0)" none
	modprobe bonding
	batch low 'link add bond0 type bond'
	rmmod bonding_xdp
	insmod "$MODULES/bonding_xdp.ko"
}

# fails if a namespace that goes with all of it leaves anything behind, or a slave that moves or goes
test_namespaces() {
	NO_GRO=1
	bond_topo mode balance-rr
	batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode bridge"
	attach low:s0 pass
	attach low:bond0 pass
	attach low:mv0 drop
	traffic "A:from=gen:p0,dst=$MV0" "D:from=gen:p1,dst=$LOWER"
	batch low 'link set s1 netns gen'
	eq s1 "$(mode_of gen:s1)" none
	stop_traffic
	ip -n gen link del p1
	ip netns del low	# in the background
	wait_for "the programs to go" bonding_xdp_is_free
}

bonding_xdp_is_free() { [[ $(</sys/module/bonding_xdp/refcnt) -eq 0 ]]; }

# fails if a slave that goes, with the program on it, leaves anything behind
test_slave_deleted() {
	NO_GRO=1
	bond_topo mode balance-rr
	attach low:s0 pass
	attach low:bond0 drop
	traffic "A:from=gen:p0,dst=$LOWER" "D:from=gen:p1,dst=$LOWER"
	ip -n gen link del p0
	stop_traffic
	observe -w low:bond0 -s gen:p1 -r low:bond0 "D:dst=$LOWER,n=7"
	saw low:bond0 D 7
	got low:bond0 D 0
}

# fails if programs and slaves that come and go under traffic leave anything behind, or the bond without its program
test_under_traffic() {
	local prog NO_GRO=1
	bond_topo mode active-backup primary s0
	batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode bridge"
	traffic "A:from=gen:p0,dst=$LOWER" "B:from=gen:p0,dst=$MV0" "D:from=gen:p1,dst=$LOWER" \
		"R:from=gen:p1,dst=$BROADCAST,type=0806"
	for prog in drop pass tx aborted; do
		attach low:s0 pass
		attach low:bond0 "$prog"
		attach low:mv0 pass
		batch_anyway low 'link set bond0 type bond active_slave s1' || :
		batch low $'link set s0 nomaster\nlink set s0 master bond0\nlink set s1 nomaster\nlink set s1 master bond0'
		attach low:mv0 drop
		batch low $'link set s0 nomaster\nlink set s1 nomaster'
		detach low:mv0
		detach low:bond0
		batch low $'link set s0 master bond0\nlink set s1 master bond0'
		detach low:s0
	done
	stop_traffic
	attach low:bond0 drop
	wait_for "the slave" slave_is_up s0
	wait_for "the primary" active_is s0
	observe -w low:bond0 -s gen:p0 -r low:bond0 "A:dst=$LOWER"
	saw low:bond0 A 20
	got low:bond0 A 0
}
