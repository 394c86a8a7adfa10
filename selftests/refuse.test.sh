# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What can't work is refused, with words that help, and leaves everything as it was.

# Everything of a namespace that an attempt could change, but counters, our helper device, and what the
# kernel's own link watch changes late
state() {
	local ns dev
	for ns in low gen; do
		ip -n "$ns" -d link | grep -v xdprxh | sed 's/NO-CARRIER,//; s/ state [A-Z]*//'
		for dev in lower peer; do
			in_ns "$ns" ethtool -k "$dev" 2>/dev/null || :
		done
	done
}

# refused_cleanly REGEX NS:IF PROG: the attach fails with these words; nothing has changed; frames flow
refused_cleanly() {
	local before after
	needs_native
	xdpctl load "$3"
	before=$(state)
	refused "$1" ip_attach "$2" "$3"
	after=$(state)
	if [[ $before != "$after" ]]; then
		diff -u <(echo "$before") <(echo "$after") || :
		fail "the refused attempt changed something"
	fi
	eq "$2" "$(mode_of "$2")" none
}

frames_flow() {
	observe -s gen:peer -r low:mv0 "A:dst=$MV0" "C:dst=$BROADCAST"
	got low:mv0 A 20
	got low:mv0 C 20
}

# fails if a lower without native XDP isn't named as the reason, or generic mode is used in secret
test_lower_without_native_xdp() {
	needs_native
	modprobe dummy
	netns gen low
	ip -n low link add lower up address "$LOWER" type dummy
	delete_later low lower
	batch low "$(upper_line mv0 "$MV0" bridge)"
	refused_cleanly 'native' low:mv0 pass
	xdpctl attach low:mv0 skb pass
}

# fails if a bond of macvlans, whose programs are run by their lower's, is taken for one with native XDP; generic
# mode must be there
test_bond_of_macvlans() {
	local loaded
	topo bridge bridge
	modprobe bonding
	for loaded in '' ours; do
		[[ -z $loaded ]] || load_bonding_xdp
		batch low "link add bond0 type bond mode active-backup miimon 100
		link set mv0 down
		link set mv0 master bond0
		link set bond0 up
		link add link bond0 name mv9 up type macvlan mode bridge"
		refused 'no native XDP; use xdpgeneric' ip_attach low:mv9 drop
		[[ -z $loaded ]] || refused 'no native XDP; use xdpgeneric' ip_attach low:bond0 drop
		xdpctl attach low:bond0 skb drop
		wait_for "the slave" gets_to_bond0
		xdpctl detach low:bond0 skb
		batch low $'link set mv0 nomaster\nlink set mv0 up'
		if [[ $loaded ]]; then
			ip_attach low:bond0 pass
			refused 'no native XDP' ip -n low link set mv1 down master bond0
			ip -n low link set dev bond0 xdpdrv off
		fi
		# without a program it may be a slave, and be deleted as such
		batch low $'link set mv1 down master bond0\nlink del mv1'
		ip -n low link del bond0
		batch low "$(upper_line mv1 "$MV1" bridge)"
	done
}

gets_to_bond0() {
	observe -w low:bond0 -s gen:peer "A:dst=$BROADCAST"
	[[ $NATIVE == *"saw low:bond0 A"* ]]
}

# fails if a VLAN device, which has no native XDP either, is taken for its lower
test_vlan_lower() {
	needs_native
	wire
	batch low "link set lower up
	link add link lower name lower.5 up type vlan id 5
	link add link lower.5 name mv0 up address $MV0 type macvlan mode bridge"
	refused_cleanly 'native' low:mv0 pass
}

# fails if the lower's generic program would go on running beside the native one, or is pushed aside
test_lower_with_generic_program() {
	needs_native
	topo bridge
	xdpctl attach low:lower skb pass
	refused_cleanly '[Gg]eneric XDP program' low:mv0 drop
	has_program low:lower skb
	frames_flow
	xdpctl detach low:lower skb
	ip_attach low:mv0 drop
}

# fails if the driver's own reason, here a peer's MTU, does not reach the user
test_mtu_too_large() {
	needs_native
	topo bridge
	ip -n gen link set peer mtu 9000
	ip -n low link set lower mtu 9000
	refused_cleanly 'MTU is too large' low:mv0 pass
	frames_flow
	ip -n gen link set peer mtu 1500
	ip_attach low:mv0 pass
}

# fails if the driver's own reason, here too few queues, does not reach the user
test_too_few_queues() {
	needs_native
	# shellcheck disable=SC2034 # for wire
	PEER_OPTIONS=(numtxqueues 4) LOWER_OPTIONS=(numrxqueues 1)
	topo bridge
	refused_cleanly 'number of rx queues' low:mv0 pass
	frames_flow
}

# fails if a program that takes one buffer only can be handed frames of several
test_frags_mixed() {
	needs_native
	topo bridge bridge
	attach low:mv1 pass
	refused_cleanly 'xdp.frags' low:mv0 frags
	detach low:mv1
	attach low:mv1 frags
	refused_cleanly 'xdp.frags' low:mv0 pass
	ip_attach low:mv0 frags
	frames_flow
}

# fails if the lower's own program may be of the other kind
test_frags_mixed_with_the_lowers() {
	needs_native
	topo bridge
	xdpctl attach low:lower drv pass
	refused_cleanly 'xdp.frags' low:mv0 frags
	has_program low:lower 'drv pass'
}

# fails if a program can be replaced by one of the other kind while others are on the port
test_frags_mixed_by_replacement() {
	needs_native
	topo bridge bridge
	attach low:mv0 pass
	attach low:mv1 pass
	refused 'xdp.frags' ip_attach low:mv0 frags -force
	has_program low:mv0 'drv pass'
	frames_flow
	detach low:mv1
	ip_attach low:mv0 frags -force
	has_program low:mv0 'drv frags'
	frames_flow
}

# fails if frames in several buffers don't meet a program that can take them, or lose bytes
test_frags() {
	topo bridge bridge
	ip -n gen link set peer mtu 9000
	batch low $'link set lower mtu 9000\nlink set mv0 mtu 9000\nlink set mv1 mtu 9000'
	differ low:mv0 frags -s gen:peer -r low:mv0 -r low:mv1 "A:dst=$MV0" "B:dst=$MV0,len=8000" "E:dst=$MV0,len=4100" \
		"C:dst=$BROADCAST,len=8000" "D:dst=$MV1,len=8000"
	saw low:mv0 B 20
	got low:mv0 B 20
	got low:mv0 C 20
	on_skb_path low:mv0 20
}

# fails if a program of unbounded size or of the wrong type gets through to the lower
test_wrong_program() {
	needs_native
	topo bridge
	xdpctl load meta_tc
	refused '.' ip -n low link set dev mv0 xdpdrv pinned "$PINS/meta_tc"
	eq "mv0" "$(mode_of low:mv0)" none
	frames_flow
}

# fails if a MTU that the driver can't take with XDP is accepted later, or costs frames
test_mtu_raised_while_attached() {
	needs_native
	topo bridge
	attach low:mv0 pass
	refused '.' ip -n gen link set peer mtu 9000
	frames_flow
	detach low:mv0
	ip -n gen link set peer mtu 9000
}

# fails if a second user of the lower (a bridge) leaves us attached in the air
test_rx_handler_gone() {
	needs_native
	topo bridge
	attach low:mv0 drop
	refused '.' ip -n low link set lower master nosuch
	ip -n low link del mv0
	ip -n low link add br0 type bridge
	delete_later low br0
	ip -n low link set lower master br0
	eq "the lower's program" "$(mode_of low:lower)" none
	xdpctl attach low:lower drv pass
}

# fails if a macvlan that held a generic program by a bpf_link before the modules were loaded loses it,
# or never becomes native after
test_generic_link_from_before() {
	needs_native
	unload_modules
	topo bridge
	xdpctl link low:mv0 skb pass mv0
	defer "rm -f $PINS/link-mv0"
	load_modules
	has_program low:mv0 'skb pass'
	observe -w low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 20
	refused '.' ip_attach low:mv0 drop
	rm "$PINS/link-mv0"
	wait_for "the link to go" is_mode low:mv0 none
	wait_for "native mode" attach low:mv0 drop
	has_program low:mv0 'drv drop'
	observe -w low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 0
}

# fails if a plain generic program from before loading is lost, or keeps native mode away for good
test_generic_program_from_before() {
	needs_native
	unload_modules
	topo bridge
	xdpctl attach low:mv0 skb drop
	load_modules
	has_program low:mv0 'skb drop'
	observe -w low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 0
	xdpctl detach low:mv0 skb
	ip_attach low:mv0 drop
	has_program low:mv0 'drv drop'
}
