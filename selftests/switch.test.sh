# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Who may have native programs: a switch of each lower and one of each upper.

begin() {
	needs_native
	needs_tool
	topo "$@"
}

# native_runs IF, or fails
native_runs() {
	observe -w "low:$1" -s gen:peer "A:dst=$MV0" "B:dst=$MV1"
	saw "low:$1" "$2" 20
}

# fails if a lower that is set to hand no frames up has an upper's native program in its driver all the same, or
# generic ones are refused, too
test_lower_off() {
	begin bridge bridge
	tool set dev lower hand-up off
	refused 'set to hand no frames up.*xdpgeneric' ip_attach low:mv0 drop
	refused '.' xdpctl link low:mv0 drv drop switch
	eq "the upper's program" "$(mode_of low:mv0)" none
	xdpctl attach low:mv0 skb drop
	observe -w low:mv0 -s gen:peer "A:dst=$MV0"
	saw low:mv0 A 20
	xdpctl detach low:mv0 skb
	tool set dev lower hand-up on
	ip_attach low:mv0 drop
	native_runs mv0 A
}

# fails if a program that was there before the switch goes, can't be replaced or detached, or comes back
test_attached_stays() {
	begin bridge bridge
	ip_attach low:mv0 drop
	tool set dev lower hand-up off
	native_runs mv0 A
	ip_attach low:mv0 pass -force
	native_runs mv0 A
	refused 'hand no frames up' ip_attach low:mv1 pass
	ip -n low link set dev mv0 xdpdrv off
	refused 'hand no frames up' ip_attach low:mv0 pass
}

# fails if the switch is forgotten with the last upper, can't be set ahead of the first, or holds its device
test_lower_stays_off() {
	begin bridge
	ip -n low link del mv0
	tool set dev lower hand-up off
	batch low "$(upper_line mv0 "$MV0" bridge)"
	refused 'hand no frames up' ip_attach low:mv0 pass
	ip -n low link del mv0
	has "$(tool status)" 'lower: no native program, hand-up off'
	batch low "$(upper_line mv0 "$MV0" bridge)"
	refused 'hand no frames up' ip_attach low:mv0 pass
	ip -n low link del lower
}

# fails if modules can't be unloaded while a lower is switched off
test_unload() {
	begin bridge
	tool set dev lower hand-up off
	tool set dev mv0 handler none
	unload_modules
	load_modules
	ip_attach low:mv0 drop
	native_runs mv0 A
}

# fails if one upper can't be told from the others
test_upper_none() {
	begin bridge bridge
	tool set dev mv0 handler none
	refused 'set to be handed no frames.*xdpgeneric' ip_attach low:mv0 drop
	ip_attach low:mv1 drop
	native_runs mv1 B
	tool set dev mv0 handler any
	ip_attach low:mv0 drop
	native_runs mv0 A
}

# fails if who owns the upper but not the lower can set either switch, or the host can't
test_container() {
	local pid
	begin bridge bridge
	exec {own}< <(exec unshare --user --map-root-user --net sh -c 'echo $$; read -r _' <&"$NEVER")
	read -rt $((10 * SCALE)) -u "$own" pid
	defer "kill $pid"
	ip -n low link set mv0 netns "$pid"
	container() { traced nsenter -t "$pid" --user --net --preserve-credentials "$@"; }
	host() { traced nsenter -t "$pid" --net "$@"; }
	container "$TOOL" set dev mv0 hand-up off	# of what may be stacked on it
	refused 'those who own the lower' container "$TOOL" set dev mv0 handler none
	host "$TOOL" set dev mv0 handler none
	refused 'those who own the lower' container "$TOOL" set dev mv0 handler any
	[[ -e $PINS/drop ]] || xdpctl load drop
	refused 'handed no frames' host ip link set dev mv0 xdpdrv pinned "$PINS/drop"
	# nor for what the container makes of it
	container ip link add link mv0 name mv2 type macvlan mode bridge
	refused 'handed no frames' host ip link set dev mv2 xdpdrv pinned "$PINS/drop"
	container ip link del mv2
	container unshare --net sh -c 'echo $$; read -r _' <&"$NEVER" >"$WORK/other" &
	wait_for "the other namespace" [ -s "$WORK/other" ]
	defer "kill $(<"$WORK/other")"
	container ip link add link mv0 name mv2 netns "$(<"$WORK/other")" type macvlan mode bridge
	other() { traced nsenter -t "$(<"$WORK/other")" --net ip link "$@"; }
	refused 'handed no frames' other set dev mv2 xdpdrv pinned "$PINS/drop"
	other del mv2
	host "$TOOL" set dev mv0 handler any
	container ip link add link mv0 name mv3 type macvlan mode bridge
	host ip link set dev mv3 xdpdrv pinned "$PINS/drop"
	container ip link del mv3
	tool set dev lower hand-up off
	refused 'hand no frames up' host ip link set dev mv0 xdpdrv pinned "$PINS/drop"
	refused 'not permitted' in_ns low unshare --user --map-root-user "$TOOL" set dev lower hand-up on
	tool set dev lower hand-up on
	host ip link set dev mv0 xdpdrv pinned "$PINS/drop"
}

# fails if a bond's slave that is switched off runs the bond's program, or keeps what is stacked on it from nothing
test_bond() {
	begin
	bond_of_lower
	tool set dev lower hand-up off
	refused 'hand no frames up' ip_attach low:bond0 pass
	refused 'hand no frames up' ip_attach low:mv9 pass
	tool set dev lower hand-up on
	tool set dev bond0 handler none
	refused 'handed no frames' ip_attach low:bond0 pass
	tool set dev bond0 handler any hand-up off
	refused 'hand no frames up' ip_attach low:mv9 pass
	ip_attach low:bond0 pass
	ip -n low link add dummy9 type veth
	tool set dev veth0 hand-up off
	refused 'hand no frames up' ip -n low link set veth0 master bond0
	ip -n low link set dev bond0 xdpdrv off
	ip -n low link del veth0
}

# fails if the tool does not show what is set, or a listener is not told
test_shown() {
	begin bridge bridge
	tool set dev lower hand-up off
	tool set dev mv1 handler none
	has "$(tool status)" 'mv0 on lower: no native program'$'\n' 'mv1 on lower: no native program, handler none' \
		'lower: no native program, hand-up off'
	tool -j status | jq -e '[.[] | select(.ifname == "mv0").handler == "any",
		select(.ifname == "mv1").handler == "none", select(.ifname == "lower").hand_up == "off"] | length == 3 and all'
	tool set dev mv0 hand-up off
	tool -j status | jq -e '[.[] | select(.ifname == "mv0").hand_up] == ["off"]'
	tool set dev mv0 hand-up on
	tool set dev lower hand-up on
	hasnt "$(tool status)" 'hand-up'
	refused Usage tool set dev lower
	refused Usage tool set dev lower hand-up perhaps
	refused 'no upper' tool set dev lower handler none
}
