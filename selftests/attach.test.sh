# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Every tool that attaches an XDP program works on a macvlan as it does on a NIC.

# runs NS:IF PROG: the device's program is PROG, in the mode under test, and it is shown frames
runs() {
	local dev=$1
	has_program "$dev" "$MODE $2"
	observe -w "$dev" -s gen:peer "A:dst=$MV0,n=5"
	saw "$dev" A 5
}

# fails if iproute2 can't attach, the program does not run, or detaching leaves it running
test_iproute2() {
	topo bridge
	ip -n low link set dev mv0 "$IPMODE" obj "$BIN/drop.bpf.o" sec xdp
	runs low:mv0 drop
	ip -n low link set dev mv0 "$IPMODE" off
	eq "after off" "$(mode_of low:mv0)" none
	observe -s gen:peer -r low:mv0 "A:dst=$MV0"
	got low:mv0 A 20
	ip -n low link set dev mv0 "$IPMODE" off
}

# fails if a second program replaces the first without being asked to
test_iproute2_does_not_replace() {
	topo bridge
	ip_attach low:mv0 pass
	refused 'already attached' ip_attach low:mv0 drop
	runs low:mv0 pass
}

# fails if -force does not replace, or the old program goes on running
test_iproute2_force() {
	topo bridge
	ip_attach low:mv0 drop
	ip_attach low:mv0 pass -force
	runs low:mv0 pass
	observe -s gen:peer -r low:mv0 "A:dst=$MV0"
	got low:mv0 A 20
}

# fails if a plain "xdp" does not find the native mode
test_iproute2_best_mode() {
	needs_native
	topo bridge
	xdpctl load pass
	ip -n low link set dev mv0 xdp pinned "$PINS/pass"
	runs low:mv0 pass
}

# fails if a macvlan pretends to offload programs
test_offload_refused() {
	topo bridge
	xdpctl load pass
	refused '.' ip -n low link set dev mv0 xdpoffload pinned "$PINS/pass"
	eq "after the refusal" "$(mode_of low:mv0)" none
}

# fails if native and generic mode are active on one upper at once
test_generic_excludes_native() {
	needs_native
	topo bridge
	xdpctl attach low:mv0 skb pass
	refused "can't be active at the same time" ip_attach low:mv0 drop
	eq "mode" "$(mode_of low:mv0 | cut -d' ' -f1)" skb
	xdpctl detach low:mv0 skb
	ip_attach low:mv0 drop
	refused "can't be active at the same time" xdpctl attach low:mv0 skb pass
	runs low:mv0 drop
}

# fails if ip or bpftool do not list the program, in driver mode
test_listed_as_driver_mode() {
	local id number=1 word=driver
	[[ $MODE == drv ]] || number=2 word=generic
	topo bridge
	ip_attach low:mv0 pass
	id=$(prog_id low:mv0)
	has "$(ip -n low -d -j link show dev mv0 | tr -d ' ')" "\"xdp\":\\{\"mode\":$number,\"prog\":\\{\"id\":$id,"
	has "$(in_ns low bpftool net show)" "mv0\\([0-9]+\\) $word id $id"
	hasnt "$(in_ns low bpftool net show)" "lower\\("
}

# fails if bpftool net can't attach or detach
test_bpftool() {
	topo bridge
	xdpctl load pass
	in_ns low bpftool net attach "$BPFTOOLMODE" pinned "$PINS/pass" dev mv0
	runs low:mv0 pass
	refused '.' in_ns low bpftool net attach "$BPFTOOLMODE" pinned "$PINS/pass" dev mv0
	xdpctl load drop
	in_ns low bpftool net attach "$BPFTOOLMODE" pinned "$PINS/drop" dev mv0 overwrite
	runs low:mv0 drop
	in_ns low bpftool net detach "$BPFTOOLMODE" dev mv0
	eq "after detach" "$(mode_of low:mv0)" none
}

# loader_id NAME: the id of a program in the dispatcher on mv0
loader_id() {
	in_ns low xdp-loader status mv0 | sed -n "s/^ *=> .* $1  *\([0-9][0-9]*\) .*/\1/p"
}

# fails if libxdp's dispatcher does not run both programs in the driver
test_xdp_loader_two_programs() {
	local pass frags
	needs_dispatcher
	topo bridge
	in_ns low xdp-loader load -m "$LOADERMODE" mv0 "$BIN/pass.bpf.o" "$BIN/frags.bpf.o" ||
		fail "xdp-loader load"
	has_program low:mv0 "$MODE"
	pass=$(loader_id pass)
	frags=$(loader_id frags)
	[[ -n $pass && -n $frags ]] || fail "$(in_ns low xdp-loader status mv0)"
	observe -w "low:mv0@$pass" -s gen:peer -r low:mv0 "A:dst=$MV0" "C:dst=$BROADCAST"
	saw low:mv0 A 20
	saw low:mv0 C 20
	got low:mv0 A 20
	observe -w "low:mv0@$frags" -s gen:peer "A:dst=$MV0"
	saw low:mv0 A 20
	in_ns low xdp-loader unload -a mv0
	eq "after unload" "$(mode_of low:mv0)" none
}

# fails if a program added to a running dispatcher is not run: libxdp puts equals in order of their names
test_xdp_loader_adds() {
	needs_dispatcher
	topo bridge
	in_ns low xdp-loader load -m "$LOADERMODE" mv0 "$BIN/pass.bpf.o"
	observe -s gen:peer -r low:mv0 "A:dst=$MV0"
	got low:mv0 A 20
	in_ns low xdp-loader load -m "$LOADERMODE" mv0 "$BIN/drop.bpf.o"
	observe -w "low:mv0@$(loader_id drop)" -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 0
	in_ns low xdp-loader unload -a mv0
}

# fails if a bpf_link does not attach, can be pushed aside, or does not detach when released
test_bpf_link() {
	topo bridge
	xdpctl link low:mv0 "$MODE" drop mv0
	defer "rm -f $PINS/link-mv0"
	runs low:mv0 drop
	refused 'BPF( XDP)? link' ip_attach low:mv0 pass -force
	refused '.' ip -n low link set dev mv0 "$IPMODE" off
	runs low:mv0 drop
	rm "$PINS/link-mv0"
	wait_for "the link to go" is_mode low:mv0 none
	observe -s gen:peer -r low:mv0 "A:dst=$MV0"
	got low:mv0 A 20
}

# fails if a link's new program does not replace the old one
test_bpf_link_update() {
	topo bridge
	xdpctl link low:mv0 "$MODE" drop mv0
	defer "rm -f $PINS/link-mv0"
	xdpctl relink mv0 pass
	runs low:mv0 pass
	observe -s gen:peer -r low:mv0 "A:dst=$MV0"
	got low:mv0 A 20
}

# fails if a link whose device is deleted keeps anything alive
test_bpf_link_outlives_device() {
	topo bridge
	xdpctl link low:mv0 "$MODE" drop mv0
	defer "rm -f $PINS/link-mv0"
	ip -n low link del mv0
	rm "$PINS/link-mv0"
}

# fails if the expected program is not compared
test_expected_program() {
	local pass drop
	topo bridge
	xdpctl load drop
	attach low:mv0 pass
	pass=$(prog_id low:mv0)
	xdpctl attach low:mv0 "$MODE" drop "$pass"
	runs low:mv0 drop
	drop=$(prog_id low:mv0)
	refused 'exists|match' xdpctl attach low:mv0 "$MODE" pass "$pass"
	runs low:mv0 drop
	xdpctl attach low:mv0 "$MODE" pass "$drop"
	runs low:mv0 pass
}

# fails if xdp_features (6.3 on) do not say what a macvlan can do over this lower, or say what it can't
test_xdp_features() {
	local features status=0
	needs_native
	topo bridge
	features=$(xdpctl features low:mv0) || status=$?
	[[ $status -ne 4 ]] || skip "this kernel has no xdp_features"
	eq "BASIC and REDIRECT" $((16#$features & 3)) 3
	eq "XSK_ZEROCOPY and HW_OFFLOAD" $((16#$features & 24)) 0
	# A veth can be redirected to once its peer takes XDP frames: then so can what is stacked on it
	attach_peer
	has "$(xdpctl features low:lower)" '[4567]$'
	features=$(xdpctl features low:mv0)
	eq "NDO_XMIT" $((16#$features & 4)) 4
}

# fails if a macvlan from before the modules can't be attached to, or claims to be a redirect target
test_device_from_before() {
	local features status=0
	needs_native
	unload_modules
	topo bridge
	refused '.' ip_attach low:mv0 drop
	load_modules
	ip_attach low:mv0 drop
	runs low:mv0 drop
	features=$(xdpctl features low:mv0) || status=$?
	[[ $status -eq 4 ]] || eq "NDO_XMIT" $((16#$features & 4)) 0
}

# fails if a program attached while the upper is down does not run once it is up
test_attach_while_down() {
	topo bridge
	ip -n low link set dev mv0 down
	ip_attach low:mv0 drop
	ip -n low link set dev mv0 up
	runs low:mv0 drop
}

# fails if a program attached while the lower is down does not run once it is up
test_attach_while_lower_is_down() {
	topo bridge
	ip -n low link set dev lower down
	ip_attach low:mv0 drop
	batch low $'link set lower up\nlink set mv0 up'
	runs low:mv0 drop
}

# fails if two uppers share what is one's own
test_two_uppers() {
	topo bridge bridge
	ip_attach low:mv0 drop
	ip_attach low:mv1 pass
	runs low:mv0 drop
	ip -n low link set dev mv1 "$IPMODE" off
	runs low:mv0 drop
	eq "mv1" "$(mode_of low:mv1)" none
}

# fails if a macvtap can't be attached to
test_macvtap() {
	# shellcheck disable=SC2034 # for topo
	UPPER_TYPE=macvtap
	topo bridge
	ip_attach low:mv0 drop
	runs low:mv0 drop
}
