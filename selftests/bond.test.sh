# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Macvlans beside, and on top of, mainline bonds.
#
#   netns gen                 netns low
#     p0 ------- veth -------- s0 --+-- bond0 -- mv0
#     p1 ------- veth -------- s1 --+        \-- mv1

bond_ready() { ip -n low link show dev bond0 2>/dev/null | grep -q 'LOWER_UP'; }

# bond_wire BOND-OPTIONS...: the two veths, and the bond over them
bond_wire() {
	modprobe bonding
	netns gen low
	batch low "link add s0 type veth peer name p0 netns gen
	link add s1 type veth peer name p1 netns gen
	link add bond0 address $LOWER type bond $* miimon 100
	link set s0 master bond0
	link set s1 master bond0
	link set bond0 up"
	delete_later low s0
	delete_later low s1
	delete_later low bond0
	batch gen $'link set p0 up\nlink set p1 up'
	wait_for "the bond's carrier" bond_ready
}

bond_topo() {
	bond_wire "$@"
	batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode bridge
	link add link bond0 name mv1 up address $MV1 type macvlan mode bridge"
}

# over MODE...: what a macvlan's program sees over such a bond
over() {
	bond_topo "$@"
	differ low:mv0 pass -s gen:p0 -r low:mv0 -r low:mv1 -r low:bond0 "A:dst=$MV0" "B:dst=$MV1" "C:dst=$BROADCAST,n=5" \
		"P:dst=$MV0,src=$MV1,n=4" "${SECOND[@]}"
	saw low:mv0 A 20
	differ low:mv0 drop -s gen:p0 -r low:mv0 -r low:mv1 -r low:bond0 "A:dst=$MV0" "B:dst=$MV1" "C:dst=$BROADCAST,n=5" \
		"${SECOND[@]}"
	got low:mv0 A 0
	got low:mv1 B 20
}

# What comes in at the second slave
SECOND=("D:from=gen:p1,dst=$MV0,n=7" "E:from=gen:p1,dst=$BROADCAST,n=6")

# fails if frames of the active slave miss the program
test_over_active_backup() {
	SECOND=()
	over mode active-backup primary s0
}

# fails if frames of the backup slave, which a bond ignores, are shown to the program
test_backup_slave() {
	over mode active-backup primary s0
	saw low:mv0 D 0
	got low:mv0 D 0
}

# fails if frames of either slave miss the program
test_over_balance_rr() {
	over mode balance-rr
	saw low:mv0 D 7
}

# fails if frames of either slave miss the program
test_over_balance_xor() {
	over mode balance-xor
	saw low:mv0 D 7
}

# fails if a program that drops all drops the bond's LACP frames, too: the partner is lost within seconds
test_lacp_survives_drop() {
	modprobe bonding
	bond_wire mode 802.3ad lacp_rate fast
	batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode bridge"
	lacp_partner low:mv0 "$MV0"
	attach low:mv0 drop
	# three seconds without a frame from the partner, and a fast bond gives it up: see five of its frames
	observe -w low:mv0 -s gen:bond1 "A:dst=$MV0"
	saw low:mv0 A 20
	wait_for "five LACP frames" moved s0 rx 5
	lacp_up || fail "the partner is lost: $(in_ns low cat /proc/net/bonding/bond0)"
}

# fails if the unrelated bond's program has our XDP_TX rewritten for it (bpf_master_redirect_enabled)
test_tx_beside_a_bond_with_xdp() {
	bond_wire mode active-backup
	xdpctl attach low:bond0 drv frags
	# the wire of lib.sh beside it, in the same namespaces
	ip -n gen link add peer up address "$PEER" type veth peer name lower netns low address "$LOWER"
	delete_later low lower
	batch low "link set lower up
	$(upper_line mv0 "$MV0" bridge)"
	attach_peer
	differ low:mv0 tx -s gen:peer -r gen:peer -r gen:p0 -r gen:p1 "A:dst=$MV0"
	got gen:peer A 20
	xdpctl detach low:bond0 drv
}

# fails if answers do not leave through the bond
test_tx_over_a_bond() {
	bond_topo mode active-backup primary s0
	attach_peer gen:p0
	attach_peer gen:p1
	differ low:mv0 tx -s gen:p0 -r gen:p0 -r gen:p1 "A:dst=$MV0"
	got gen:p0 A 20
	got gen:p1 A 0
}

# fails if a slave that gets a program of its own from somebody else silences the macvlan's unnoticed
test_forced_program_on_a_slave() {
	needs_native
	bond_topo mode active-backup primary s0
	attach low:mv0 drop
	if xdpctl attach low:s0 drv pass; then
		note "core let it in: then it must not matter"
	fi
	observe -w low:mv0 -s gen:p0 -r low:mv0 "A:dst=$MV0" "C:dst=$BROADCAST"
	saw low:mv0 A 20
	got low:mv0 A 0
	got low:mv0 C 0
}

# fails if a program put on the bond itself silences the macvlan's unnoticed
test_forced_program_on_the_bond() {
	needs_native
	bond_topo mode active-backup primary s0
	attach low:mv0 drop
	refused '.' ip_attach low:bond0 pass -force
	observe -w low:mv0 -s gen:p0 -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 0
}

# fails if a failover, a slave released or one added leaves frames without the program
test_slaves_come_and_go() {
	needs_native
	bond_topo mode active-backup primary s0
	attach low:mv0 drop
	ip -n gen link set p0 down
	wait_for "the failover" active_is s1
	observe -w low:mv0 -s gen:p1 -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 0
	batch low $'link set s0 nomaster'
	batch gen $'link set p0 up'
	observe -w low:mv0 -s gen:p1 -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 0
	batch low $'link set s0 down\nlink set s0 master bond0'
	wait_for "the primary" active_is s0
	observe -w low:mv0 -s gen:p0 -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 0
}

# fails if the bond going away with a program above leaves anything behind
test_bond_deleted() {
	bond_topo mode active-backup
	attach low:mv0 drop
	ip -n low link del bond0
	eq "s0" "$(mode_of low:s0)" none
	refused '.' ip -n low link show dev mv0
}
