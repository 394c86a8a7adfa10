# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# xdp-rxh trace, and the tracing events it reads: the way of a frame, floor by floor.
# Time limit: 120 s

TRACING=/sys/kernel/tracing
TESTED='ether proto 0x88b5'	# the frames of our tool, and none of anybody else's

begin() {
	needs_native
	needs_tool
	[[ -e $TRACING/events ]] || skip "no tracefs"
	topo "$@"
}

tracing() { grep -qs "^1" "$TRACING/instances/xdp-rxh-$FOLLOWER/events/xdp_rxh/enable"; }

# follow WORDS...: xdp-rxh trace, where the lower is; with $PLAIN what it says to people
follow() {
	local words=(-j trace)
	[[ -z ${PLAIN-} ]] || words=(trace)
	echo "+ xdp-rxh ${words[*]} $*" >>"$WORK/trace"
	nsenter --net=/run/netns/low "$TOOL" "${words[@]}" "$@" >"$WORK/said" 2>"$WORK/complaint" &
	FOLLOWER=$!
	defer "kill $FOLLOWER 2>/dev/null; cat '$WORK/complaint'"
	wait_for "xdp-rxh trace" tracing
}

# followed [SIGNAL]: it is told to end, and has said nothing on stderr; with 0 it ends by itself
followed() {
	local status=0
	kill "-${1:-TERM}" "$FOLLOWER" || [[ ${1-} == 0 ]]
	wait "$FOLLOWER" || status=$?
	eq "exit status" "$status" 0
	eq "complaint" "$(<"$WORK/complaint")" ''
	! compgen -G "$TRACING/instances/xdp-rxh-*" || fail "its instance is still there"
}

# way N: of the N-th frame, a word for each floor
way() {
	jq -r "select(.frame == $1) | [.event, .ifname // \"nobody\",
		if (.node // 0) > 0 then \"node\" + (.node | tostring) else null end, .floor, .action, .how] |
		map(select(. != null)) | join(\":\")" "$WORK/said" | paste -sd' '
}

# goes N WAY: the N-th frame does so at last, and no further
goes() {
	local deadline=$((SECONDS + 10 * SCALE))
	until [[ $(way "$1") == "$2" ]]; do
		((SECONDS < deadline)) || fail "frame $1 goes: $(way "$1"); not: $2"
		pause 0.05
	done
}

# program NS:IF PROG: attach it; its id is in $PROG
program() {
	attach "$1" "$2"
	PROG=$(prog_id "$1")
}

send() { observe -s gen:peer "$@"; }

# fails if a frame's floors are not all there, in their order, with device, program and verdict
test_dropped() {
	begin bridge bridge
	program low:mv0 drop
	follow "$TESTED"
	send "A:dst=$MV0,n=1"
	goes 1 'rx:lower choice:mv0 prog:mv0:upper:DROP'
	followed
	eq "program" "$(jq 'select(.event == "prog") | .prog_id' "$WORK/said")" "$PROG"
	eq "netns" "$(jq .netns "$WORK/said" | sort -u)" "$(command stat -c %i /run/netns/low)"
	eq "ifindex" "$(jq 'select(.ifname == "mv0") | .ifindex' "$WORK/said" | sort -u)" \
		"$(ip netns exec low cat /sys/class/net/mv0/ifindex)"
}

# fails if it is not said where frames go that are passed, sent back, redirected, or for nobody
test_where_to() {
	begin bridge bridge
	attach_peer
	attach low:mv0 pass
	follow "$TESTED"
	send "A:dst=$MV0,n=1"
	goes 1 'rx:lower choice:mv0 prog:mv0:upper:PASS delivery:mv0:pass'
	send "A:dst=$STRANGER,n=1"
	goes 2 'rx:lower choice:nobody'
	send "A:dst=$MV1,n=1"
	goes 3 'rx:lower choice:mv1'
	detach low:mv0
	attach low:mv0 tx
	send "A:dst=$MV0,n=1"
	goes 4 'rx:lower choice:mv0 prog:mv0:upper:TX delivery:mv0:tx'
	followed
}

# fails if frames of the skb path are not seen there, or not known for those that came in by the driver
test_skb_path() {
	begin bridge bridge
	attach low:mv0 pass
	follow "$TESTED"
	send "A:dst=$BROADCAST,n=1"
	goes 1 'rx:lower choice:nobody skb:mv0 prog:mv0:skb:PASS delivery:mv0:stack'
	# what siblings send has never been in the driver
	observe -s low:mv1 "A:dst=$MV0,n=1"
	goes 2 'skb:mv0 prog:mv0:skb:PASS delivery:mv0:stack'
	detach low:mv0
	attach low:mv0 tx
	# they look the same, and some are in the buffer of the one before
	observe -s low:mv1 "A:dst=$MV0,n=20"
	goes 22 'skb:mv0 prog:mv0:skb:TX delivery:mv0:xmit'
	followed
}

# fails if it is not said how frames end that the lower's own program hands up
test_handed_up() {
	begin bridge bridge
	tool set dev lower hand-up program 2>/dev/null || skip "programs can't call bpf_xdp_rx_handler() on this kernel"
	fresh handup
	xdpctl attach low:lower drv handup
	attach_peer
	attach low:mv0 tx
	follow "$TESTED"
	send "A:dst=$MV0,n=1"
	goes 1 'rx:lower choice:mv0 prog:mv0:upper:TX delivery:mv0:tx'
	detach low:mv0
	attach low:mv0 pass
	send "A:dst=$MV0,n=1"
	goes 2 'rx:lower choice:mv0 prog:mv0:upper:PASS delivery:mv0:stack'
	followed
}

# fails if the programs of chains, the lower's and an upper's, with metadata and without, are not seen one by one
test_chains() {
	local way='rx:lower prog:lower:node2:lower:PASS choice:mv0 prog:mv0:node1:upper:PASS prog:mv0:node2:upper:DROP'
	# a lower's nodes count on from those of lowers that are gone
	unload_modules
	load_modules
	begin bridge
	xdpctl load pass drop
	ip_attach low:mv0 pass
	tool chain add dev mv0 from 1 on pass to pinned "$PINS/drop"
	tool chain add dev lower from 1 on pass to pinned "$PINS/pass"
	follow "$TESTED"
	send "A:dst=$MV0,n=1"
	goes 1 "$way"
	tool set dev mv0 hints rx
	send "A:dst=$MV0,n=1"
	goes 2 "$way"
	tool chain add dev lower from 2 on pass to pinned "$PINS/drop"
	send "A:dst=$MV0,n=1"
	goes 3 'rx:lower prog:lower:node2:lower:PASS prog:lower:node3:lower:DROP'
	followed
}

# fails if the lower's own program is not seen, or its frames seem to come in twice
test_lowers_own() {
	begin bridge
	attach low:lower pass
	attach low:mv0 drop
	follow "$TESTED"
	send "A:dst=$MV0,n=1"
	goes 1 'rx:lower prog:lower:lower:PASS choice:mv0 prog:mv0:upper:DROP'
	followed
}

# fails if the way through a bond to a macvlan on it is not one
test_bond() {
	begin
	bond_of_lower
	attach low:bond0 pass
	attach low:mv9 drop
	follow "$TESTED"
	send "A:dst=$(ip -n low -j link show dev mv9 | jq -r '.[0].address'),n=1"
	goes 1 'rx:lower choice:bond0 prog:bond0:upper:PASS rx:bond0 choice:mv9 prog:mv9:upper:DROP'
	send "A:dst=$(ip -n low -j link show dev bond0 | jq -r '.[0].address'),n=1"
	goes 2 'rx:lower choice:bond0 prog:bond0:upper:PASS rx:bond0 choice:nobody'
	followed
	detach low:mv9
	detach low:bond0
}

# fails if a frame for a reader is not seen to reach it, or one that finds no room is not seen to be lost
test_reader() {
	local fd
	needs_native
	needs_tool
	load_macvtap_modules
	UPPER_TYPE=macvtap topo bridge
	attach low:mv0 pass
	exec {fd}<>"$(tap_node low mv0)"
	follow "$TESTED"
	send "A:dst=$MV0,n=1"
	goes 1 'rx:lower choice:mv0 prog:mv0:upper:PASS delivery:mv0:reader'
	followed
	batch low "link set mv0 txqueuelen 1"
	follow "$TESTED"
	send "A:dst=$MV0,n=2"
	goes 2 'rx:lower choice:mv0 prog:mv0:upper:PASS delivery:mv0:reader_error'
	followed
	exec {fd}>&-
}

# fails if a lost frame does not name the counter it is in
test_lost() {
	begin bridge@up0
	fresh redirect
	xdpctl set redirect cfg 0 9999	# no such device
	attach up0:mv0 redirect
	follow "$TESTED"
	send "A:dst=$MV0,n=1"
	goes 1 'rx:lower choice:mv0 prog:mv0:upper:REDIRECT delivery:mv0:redirect_error'
	followed
	eq "counted" "$(ip netns exec up0 ethtool -S mv0 | sed -n 's/.*rx_xdp_redirect_errors: //p')" 1
}

# fails if frames are shown that were not asked for: by what is in them, by device, by number
test_chosen() {
	begin bridge bridge
	attach low:mv0 drop
	attach low:mv1 drop
	follow count 2 dev mv1 ether proto 0x88b5 and greater 100
	send "A:dst=$MV1,len=60,n=3" "B:dst=$MV0,len=200,n=3" "C:dst=$MV1,len=201,n=3"
	followed 0
	eq "lengths" "$(jq 'select(.event == "rx") | .len' "$WORK/said" | xargs)" '201 201'
	goes 2 'rx:lower choice:mv1 prog:mv1:upper:DROP'
	eq "a third frame" "$(way 3)" ''
}

# fails if people can't read it
test_plain() {
	begin bridge
	attach low:mv0 drop
	PLAIN=1 follow count 1 udp
	batch gen "address add 10.9.0.1/24 dev peer
	neigh add 10.9.0.2 lladdr $MV0 dev peer nud permanent"
	echo | in_ns gen socat -u - UDP:10.9.0.2:53,sourceport=7
	followed 0
	has "$(<"$WORK/said")" '^FRAME +TIME +CPU +NETNS +DEVICE +WHAT' \
		'#1 .* lower +comes in, queue 0, 43 bytes: 10.9.0.1.7 > 10.9.0.2.53 udp' \
		'#1 .* mv0 +for it' '#1 .* mv0 +prog [0-9]+ [a-z_]+ says DROP$'
}

# fails if a mistake is not explained in one line, with pcap's own words for an expression
test_mistakes() {
	begin bridge
	refused '^xdp-rxh: this is none: .*syntax error$' tool trace this is none
	refused '^xdp-rxh: nodevice: No such device$' tool trace dev nodevice
	refused '^xdp-rxh: some: not a number$' tool trace count some
	refused '^xdp-rxh: trace: only root can read events$' in_ns low setpriv --reuid 65534 "$TOOL" trace
	ip -n low link del mv0
	unload_modules
	refused '^xdp-rxh: trace: no events of xdp_rx_handler: modprobe macvlan_xdp' tool trace
}

# fails if frames go on taking the slow path when nobody watches any more, however that one ended
test_off_again() {
	local signal
	begin bridge
	attach low:mv0 drop
	echo 'p:xdp_rxh_slow xdp_rxh_trace' >>"$TRACING/kprobe_events" || skip "no kernel probes"
	defer "echo '-:xdp_rxh_slow' >>$TRACING/kprobe_events"
	echo 1 >"$TRACING/events/kprobes/xdp_rxh_slow/enable"
	defer "echo 0 >$TRACING/events/kprobes/xdp_rxh_slow/enable"
	for signal in INT HUP TERM; do
		follow "$TESTED"
		send "A:dst=$MV0,n=2"
		goes 2 'rx:lower choice:mv0 prog:mv0:upper:DROP'
		followed "$signal"
	done
	eq "slow frames while one watched" "$(slow_frames)" 6
	send "A:dst=$MV0,n=5"
	eq "slow frames after" "$(slow_frames)" 6
	# one that is killed can't clear away: the next one does
	follow
	kill -KILL "$FOLLOWER"
	wait "$FOLLOWER" || :
	tracing || fail "nothing was left behind"
	follow
	followed
}

slow_frames() { awk '$1 == "xdp_rxh_slow" { print $2 }' "$TRACING/kprobe_profile"; }

# same NS:IF ARGS-OF-FRAMES...: generic, native, and native that is watched do the same
same() {
	local prog
	follow "$TESTED"
	for prog in pass drop tx aborted; do
		differ "$1" "$prog" -s gen:peer -r "$1" -r low:lower -w gen:peer "${@:2}" "A:dst=$MV0" \
			"B:dst=$MV0,len=1400,n=5" "C:dst=$BROADCAST,n=8" "D:dst=$MULTICAST,n=8" "E:dst=$STRANGER,n=3"
	done
	followed
}

# fails if what becomes of frames, or is counted, is another thing when one watches
test_same_when_watched() {
	begin bridge bridge
	attach_peer
	same low:mv0 -r low:mv1
}

# fails if the same is not so on a bond and what is on it
test_same_on_bond() {
	begin
	# a veth that polls counts bytes in one way, see bond_xdp
	in_ns low ethtool -K lower gro on tso off
	in_ns gen ethtool -K peer gro on tso off
	bond_of_lower
	attach_peer
	MV0=$LOWER same low:bond0 -r low:mv9
}

# fails if a module can't go while one watches, or leaves the watcher with anything but the frames
test_module_goes() {
	begin bridge
	attach low:mv0 drop
	follow "$TESTED"
	send "A:dst=$MV0,n=1"
	goes 1 'rx:lower choice:mv0 prog:mv0:upper:DROP'
	detach low:mv0
	ip -n low link del mv0
	unload_modules
	kill "$FOLLOWER"
	wait "$FOLLOWER" || :
	! compgen -G "$TRACING/instances/xdp-rxh-*" || fail "its instance is still there"
	load_modules
	batch low "$(upper_line mv0 "$MV0" bridge)"
	attach low:mv0 drop
	follow "$TESTED"
	send "A:dst=$MV0,n=1"
	goes 1 'rx:lower choice:mv0 prog:mv0:upper:DROP'
	followed
}

# walked: who called the helper bpf_xdp_adjust_head(), as the kernel says, the innermost first
walked() {
	sed -n 's/^ => //p' "$TRACING/trace" | sed 's/^bpf_prog_[0-9a-f]*_/prog:/; s/+0x.*//' | paste -sd' '
}

# fails if stack walks, of which perf is one, are not as observability.rst says, without a chain and with one
test_stack_walk() {
	local probe=$TRACING/events/kprobes/selftest
	[[ $KVER != *-debug-* ]] || skip "walks by frame pointers, as here, miss the caller of a function that has just begun"
	begin bridge
	echo 'p:selftest bpf_xdp_adjust_head' >>"$TRACING/kprobe_events" || skip "no kernel probes"
	defer "echo '-:selftest' >>$TRACING/kprobe_events"
	echo stacktrace >"$probe/trigger" || skip "no stack walks"
	defer "echo '!stacktrace' >$probe/trigger"
	attach low:mv0 head
	: >"$TRACING/trace"
	send "A:dst=$MV0,n=1"
	has "$(walked)" 'prog:head macvlan_xdp_rx_handler_run .*veth_poll'
	detach low:mv0
	fresh head
	xdpctl load pass head
	ip_attach low:mv0 pass
	tool chain add dev mv0 from 1 on pass to pinned "$PINS/head"
	: >"$TRACING/trace"
	send "A:dst=$MV0,n=1"
	has "$(walked)" 'prog:head( [^ ]*)?$'
}

over() { ! kill -0 "$FOLLOWER" 2>/dev/null; }

# ended WHY: it has, without being told any further
ended() {
	wait_for "its end by $1" over
	wait "$FOLLOWER" || fail "exit status $?"
	! compgen -G "$TRACING/instances/xdp-rxh-*" || fail "its instance is still there"
}

under_load() { (($(ip netns exec low ethtool -S mv0 | awk '$1 == "rx_xdp_drop:" { print $2 }') > 100)); }

# fails if it can't be ended, or does not end by itself, while more comes than it can show
test_ends_under_load() {
	local reader load=(-s gen:peer "A:dst=$MV0")
	begin bridge
	attach low:mv0 drop
	rm -f "$WORK/said"
	mkfifo "$WORK/said"
	# it waits for its reader again and again, and there are more events then
	while read -r _; do :; done <"$WORK/said" &
	reader=$!
	follow
	traffic "${load[@]}"
	wait_for "load" under_load
	kill -INT "$FOLLOWER"
	ended SIGINT
	wait "$reader"
	stop_traffic
	rm "$WORK/said"
	follow count 2
	traffic "${load[@]}"
	ended "two frames"
	stop_traffic
	eq "frames" "$(jq .frame "$WORK/said" | sort -u | xargs)" '1 2'
}

# fails if it goes on though nobody reads it any more
test_ends_with_its_reader() {
	local reader
	begin bridge
	rm -f "$WORK/said"
	mkfifo "$WORK/said"
	defer "rm '$WORK/said'"
	pause 600 <"$WORK/said" &
	reader=$!
	follow
	kill "$reader"
	wait "$reader" || :
	ended "a closed pipe"
}

# fails if after lost events what is about other frames is taken for the way of one that was seen before
test_events_lost() {
	local way='rx:lower choice:mv0 prog:mv0:upper:DROP' i frames=0 size
	begin bridge bridge
	attach low:mv0 drop
	attach low:mv1 drop
	follow "ether dst $MV0"
	size=$TRACING/instances/xdp-rxh-$FOLLOWER/buffer_size_kb
	for i in 1 2 3; do
		send "A:dst=$MV0,n=64"
		frames=$((frames + 64))
		goes $frames "$way"
		kill -STOP "$FOLLOWER"
		echo 8 >"$size"
		send "B:dst=$MV1,n=$((100 + i))"
		kill -CONT "$FOLLOWER"
		send "A:dst=$MV0,n=1"
		goes $((++frames)) "$way"
		echo 1000 >"$size"
	done
	kill "$FOLLOWER"
	wait "$FOLLOWER"
	has "$(<"$WORK/complaint")" 'events lost'
	eq "devices" "$(jq -r .ifname "$WORK/said" | sort -u | xargs)" 'lower mv0'
}

# fails if a device's name breaks JSON, or people's terminals
test_odd_name() {
	local name=$'m"\\\e[1m'
	begin bridge
	ip -n low link add link lower name "$name" up address 02:00:00:00:01:09 type macvlan mode bridge
	attach "low:$name" drop
	follow count 1 "$TESTED"
	send "A:dst=02:00:00:00:01:09,n=1"
	followed 0
	eq "name" "$(jq -r 'select(.event == "prog") | .ifname' "$WORK/said")" "$name"
	PLAIN=1 follow count 1 "$TESTED"
	send "A:dst=02:00:00:00:01:09,n=1"
	followed 0
	has "$(<"$WORK/said")" 'm"\\\?\[1m +prog '
	hasnt "$(<"$WORK/said")" $'\e'
}
