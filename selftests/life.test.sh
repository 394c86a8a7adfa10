# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What happens to devices and programs while frames flow. All of these fail on a splat, a hang, a device
# or module reference left behind, or a program that does not see its frames afterwards.

# flood: traffic of every kind to mv0 and mv1. Few broadcasts, as macvlan's queue of these is short and a
# work queue may be slow; and letters that no case counts.
flood() {
	traffic -s gen:peer "f:dst=$MV0,cpu=0" "g:dst=$MV1,cpu=1" "h:dst=$BROADCAST,n=1,cpu=1" "i:dst=$MV0,vid=5,n=3" \
		"j:dst=$MV0,src=$MV1,n=3"
}

# calm: stop it
calm() { stop_traffic; }

# sees_all NS:IF MAC [PROG]: the program is there, in the driver, and frames meet it
sees_all() {
	has_program "$1" "$MODE ${3:-drop}"
	observe -w "$1" -s gen:peer -r "$1" "A:dst=$2" "C:dst=$BROADCAST"
	saw "$1" A 20
	saw "$1" C 20
	[[ ${3:-drop} != drop ]] || hasnt "$NATIVE" "got $1 [AC]"
}

started() {
	topo bridge bridge
	attach low:mv0 drop
	attach low:mv1 pass
	flood
}

# fails if the old address still, or the new one not, leads to the program
test_mac_change() {
	local i
	started
	for i in 1 2 3; do
		batch low "link set mv0 address 02:00:00:00:77:7$i"
	done
	calm
	sees_all low:mv0 02:00:00:00:77:73
	observe -w low:mv0 -s gen:peer "A:dst=$MV0" "B:dst=02:00:00:00:77:71"
	saw low:mv0 A 0
	saw low:mv0 B 0
}

# fails if uppers that exchange their addresses are confused
test_mac_swap() {
	started
	batch low "link set mv0 address 02:00:00:00:77:77
	link set mv1 address $MV0
	link set mv0 address $MV1"
	calm
	sees_all low:mv0 "$MV1"
	sees_all low:mv1 "$MV0" pass
}

# fails if an upper that shares an address with an older, down one is not found
test_same_mac_when_down() {
	topo bridge bridge
	attach low:mv1 drop
	batch low "link set mv0 down
	link set mv1 address $MV0"
	sees_all low:mv1 "$MV0"
	refused '.' ip -n low link set mv0 up
	sees_all low:mv1 "$MV0"
}

# fails if a new mode is not followed
test_mode_change() {
	local kind
	started
	for kind in vepa private bridge vepa bridge; do
		ip -n low link set mv0 type macvlan mode $kind
	done
	calm
	sees_all low:mv0 "$MV0"
	differ_after_all
}

# differ_after_all: native is still what generic is
differ_after_all() {
	detach low:mv0
	# shellcheck disable=SC2034 # for differ: frames of the flood may still come out of a queue
	INEXACT='link .*|(saw|got) [^ ]* [f-j] .*'
	differ low:mv0 pass -s gen:peer -r low:mv0 -r low:mv1 "A:dst=$MV0" "B:dst=$MV1" "C:dst=$BROADCAST" "P:dst=$MV0,src=$MV1"
}

# fails if a change to source mode and back leaves frames on the wrong path
test_mode_change_to_source() {
	needs_native
	topo bridge bridge
	attach low:mv0 drop
	flood
	ip -n low link set mv1 type macvlan mode source macaddr add "$PEER"
	ip -n low link set mv1 type macvlan macaddr flush
	ip -n low link set mv1 type macvlan mode bridge || note "core does not let it go back"
	calm
	sees_all low:mv0 "$MV0"
}

# fails if a smaller or larger MTU stops frames that still fit
test_mtu_change() {
	started
	batch low $'link set mv0 mtu 1000\nlink set mv0 mtu 1500\nlink set lower mtu 1400\nlink set lower mtu 1500'
	calm
	sees_all low:mv0 "$MV0"
}

# fails if an upper that is down gets frames, or one that is up again gets none
test_upper_down_up() {
	started
	batch low $'link set mv0 down\nlink set mv0 up\nlink set mv0 down\nlink set mv0 up'
	calm
	sees_all low:mv0 "$MV0"
	ip -n low link set mv0 down
	observe -w low:mv0 -s gen:peer "D:dst=$MV0" "E:dst=$BROADCAST"
	saw low:mv0 D 0
	saw low:mv0 E 0
}

# fails if the lower's going down and up loses the program
test_lower_down_up() {
	started
	batch low $'link set lower down\nlink set lower up\nlink set lower down\nlink set lower up\nlink set mv0 up'
	calm
	sees_all low:mv0 "$MV0"
}

# fails if a new name is more than a new name
test_rename() {
	started
	# 6.1 renames only what is down
	batch low $'link set mv0 down\nlink set mv0 name other0\nlink set other0 up'
	batch low $'link set lower down\nlink set lower name below\nlink set below up\nlink set other0 up\nlink set mv1 up'
	delete_later low below
	calm
	sees_all low:other0 "$MV0"
	sees_all low:mv1 "$MV1" pass
}

# fails if a deleted upper's frames still go somewhere, or its sibling suffers
test_delete_upper() {
	started
	ip -n low link del mv0
	calm
	observe -s gen:peer -r low:mv1 "A:dst=$MV0" "D:dst=$MV1"
	got low:mv1 A 0
	got low:mv1 D 20
	sees_all low:mv1 "$MV1" pass
}

# fails if making and deleting uppers with programs under traffic goes wrong anywhere
test_create_and_delete() {
	started
	for _ in 1 2 3 4; do
		batch low "link del mv0
		$(upper_line mv0 "$MV0" bridge)"
		attach low:mv0 drop
	done
	calm
	sees_all low:mv0 "$MV0"
}

# fails if a lower's deletion under traffic leaves anything
test_delete_lower() {
	started
	ip -n low link del lower
	refused '.' ip -n low link show dev mv0
	calm
}

# fails if a lower that goes in one go with its upper, and ahead of it, takes memory that is freed again
test_delete_lower_with_upper() {
	topo bridge
	attach low:mv0 pass
	delete_together lower mv0
	refused '.' ip -n low link show dev mv0
}

# fails if a lower that dies with its own program in place has it put back (it is gone already)
test_delete_lower_with_its_own_program() {
	needs_native
	topo bridge bridge
	xdpctl attach low:lower drv pass
	attach low:mv0 drop
	flood
	ip -n low link del lower
	calm
}

# fails if the far end's deletion, which unregisters both, leaves anything
test_delete_peer() {
	needs_native
	topo bridge@up0 bridge
	xdpctl attach low:lower drv pass
	attach up0:mv0 drop
	attach low:mv1 pass
	ip -n gen link del peer
	refused '.' ip -n up0 link show dev mv0
}

# fails if an upper moved to another namespace loses its program, or its hook stays behind
test_move_upper() {
	netns up0 up1
	started
	ip -n low link set mv0 netns up0
	ip -n up0 link set mv0 up
	ip -n up0 link set mv0 netns up1
	ip -n up1 link set mv0 up
	calm
	sees_all up1:mv0 "$MV0"
	ip -n up1 link set mv0 netns low
	ip -n low link set mv0 up
	sees_all low:mv0 "$MV0"
}

# fails if deleting the namespace an upper is in does more than delete the upper
test_delete_the_uppers_namespace() {
	topo bridge@up0 bridge
	attach up0:mv0 drop
	attach low:mv1 pass
	flood
	ip netns del up0
	wait_for "mv0 to go" gone_from_port
	calm
	sees_all low:mv1 "$MV1" pass
}

# The namespace's devices go later, in a work queue: the address is free again when mv0 is gone
gone_from_port() {
	local gone=''
	ip -n low link add link lower name probe address "$MV0" type macvlan mode bridge
	if ip -n low link set probe up; then gone=yes; fi
	ip -n low link del probe
	[[ -n $gone ]]
}

# fails if a lower that moves, with uppers that stay, loses their programs
test_move_lower() {
	needs_native
	netns up0
	started
	ip -n low link set lower netns up0
	ip -n up0 link set lower up
	delete_later up0 lower
	batch low $'link set mv0 up\nlink set mv1 up'
	calm
	sees_all low:mv0 "$MV0"
	sees_all low:mv1 "$MV1" pass
}

# fails if deleting the lower's namespace under uppers elsewhere leaves anything
test_delete_the_lowers_namespace() {
	topo bridge@up0 bridge
	attach up0:mv0 drop
	flood
	ip netns del low
	wait_for "the upper to go" upper_gone up0 mv0
	calm
}

upper_gone() { ! has_device "$1" "$2"; }

# fails if a frame meets both programs, or none, when one replaces the other
test_replace_program() {
	topo bridge bridge
	xdpctl load drop aborted
	attach low:mv0 drop
	flood
	for _ in 1 2 3 4 5; do
		xdpctl attach low:mv0 "$MODE" aborted
		xdpctl attach low:mv0 "$MODE" drop
	done
	calm
	sees_all low:mv0 "$MV0"
}

# fails if a single frame slips through while dropping programs replace each other
test_replace_leaks_nothing() {
	topo bridge bridge
	xdpctl load drop aborted
	attach low:mv0 drop
	traffic -s gen:peer "A:dst=$MV0" "C:dst=$BROADCAST,n=1"
	listen low:mv0
	for _ in 1 2 3 4 5; do
		xdpctl attach low:mv0 "$MODE" aborted
		xdpctl attach low:mv0 "$MODE" drop
	done
	heard
	hasnt "$NATIVE" 'got low:mv0'
	calm
	sees_all low:mv0 "$MV0"
}

# fails if attaching and detaching under traffic goes wrong anywhere
test_attach_and_detach() {
	started
	for _ in 1 2 3 4 5; do
		detach low:mv0
		detach low:mv1
		attach low:mv0 drop
		attach low:mv1 pass
	done
	calm
	sees_all low:mv0 "$MV0"
	sees_all low:mv1 "$MV1" pass
}

# fails if the module goes while a program is attached, or can't go after
test_rmmod_refused() {
	needs_native
	topo bridge
	attach low:mv0 drop
	refused 'in use' rmmod macvlan_xdp
	refused 'in use' rmmod xdp_rx_handler
	sees_all low:mv0 "$MV0"
	detach low:mv0
	unload_modules
	observe -s gen:peer -r low:mv0 "A:dst=$MV0"
	got low:mv0 A 20
	load_modules
}

# fails if macvlan.ko, if it can go at all while we are there, leaves us with what was its
test_macvlan_unloaded() {
	needs_native
	topo bridge
	attach low:mv0 drop
	flood
	if ! rmmod macvlan; then
		calm
		sees_all low:mv0 "$MV0"
		return
	fi
	calm
	refused '.' ip -n low link show dev mv0
	eq "the lower's program" "$(mode_of low:lower)" none
	batch low "$(upper_line mv0 "$MV0" bridge)"
	attach low:mv0 drop
	sees_all low:mv0 "$MV0"
}

# fails if loading again leaves devices without native mode, or the lower with a program
test_load_unload_load() {
	needs_native
	topo bridge bridge
	flood
	for _ in 1 2 3; do
		attach low:mv0 drop
		sees_attached
		detach low:mv0
		unload_modules
		eq "the lower's program" "$(mode_of low:lower)" none
		load_modules
	done
	attach low:mv0 drop
	calm
	sees_all low:mv0 "$MV0"
}

sees_attached() { has_program low:mv0 'drv drop'; }

looks() {
	in_ns low ethtool -S mv0 2>&1 || :
	ip -n low -d link show dev mv0 | sed 's/ state [A-Z]*//'
}

# fails if in-tree code is left with our operations after we are gone
test_unloaded_is_untouched() {
	local before after
	needs_native
	unload_modules
	topo bridge bridge
	before=$(looks)
	load_modules
	attach low:mv0 drop
	detach low:mv0
	unload_modules
	after=$(looks)
	eq "mv0" "$after" "$before"
	refused '.' ip_attach low:mv0 drop
	ip -n low link del mv0
	load_modules
}

# fails if many uppers don't each have their own program's verdict
test_many_uppers() {
	local i lines=''
	topo bridge
	for ((i = 1; i <= 100; i++)); do
		lines+="$(printf 'link add link lower name up%d up address 02:00:00:01:00:%02x type macvlan mode bridge' "$i" "$i")"$'\n'
	done
	batch low "$lines"
	attach low:mv0 drop
	attach low:up50 drop
	attach low:up100 pass
	observe -w low:mv0 -s gen:peer -r low:mv0 -r low:up49 -r low:up50 -r low:up100 "A:dst=$MV0" \
		"B:dst=02:00:00:01:00:31" "D:dst=02:00:00:01:00:32" "E:dst=02:00:00:01:00:64"
	got low:up49 B 20
	got low:up50 D 0
	got low:up100 E 20
	got low:mv0 A 0
}

# fails if a name that the kernel refuses, under traffic, frees what is still in use (CVE-2026-23273)
test_refused_names() {
	local i
	started
	for i in 1 2 3 4 5; do
		refused '.' ip -n low link add link lower name 'bad%' up address "02:00:00:00:55:0$i" type macvlan mode bridge
		refused '.' ip -n low link add link lower name mv0 up address "02:00:00:00:55:0$i" type macvlan mode bridge
		refused '.' ip -n low link add link lower name dup up address "$MV0" type macvlan mode passthru
	done
	calm
	sees_all low:mv0 "$MV0"
}

# fails if a ping does not come through a program that passes, or does through one that drops
test_ping() {
	topo bridge@up0
	ip -n gen addr add 192.0.2.1/24 dev peer
	ip -n up0 addr add 192.0.2.2/24 dev mv0
	attach up0:mv0 pass
	in_ns gen ping -c 3 -i 0.2 -W 5 192.0.2.2
	xdpctl attach up0:mv0 "$MODE" drop
	has_program up0:mv0 "$MODE drop"
	refused '100% packet loss' in_ns gen ping -c 2 -i 0.2 -W 1 192.0.2.2
}

# fails if the sink, older than the last upper with a program, is unregistered twice with its namespace
test_delete_namespace_with_a_younger_upper() {
	topo bridge
	attach low:mv0 drop
	batch low "link add link lower name mv1 up address $MV1 type macvlan mode bridge"
	attach low:mv1 drop
	detach low:mv0
	ip netns del low
	wait_for "the namespace to be gone" gone_from gen peer
}

gone_from() { ! has_device "$1" "$2"; }
