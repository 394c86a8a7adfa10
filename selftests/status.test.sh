# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# xdp-rxh status: is a device's program native, what is attached where, and if it is not native, why not.

# status_of IF FILTER [NETNS]: what jq makes of it
status_of() { in_ns "${3:-low}" "$TOOL" -j status dev "$1" | jq -r ".[0] | $2"; }

# reason IF WORD: why it is not native
reason() { eq "reason of $1" "$(status_of "$1" .reason)" "$2"; }

# refused_so IF WORD [NETNS]: status says so, and in the words that attaching is refused with
refused_so() {
	local said why
	eq "reason of $1" "$(status_of "$1" .reason "${3-}")" "$2"
	why=$(status_of "$1" .why "${3-}")
	said=$(ip_attach "${3:-low}:$1" drop 2>&1) && fail "$1: $2, but not refused"
	[[ $said == *"$why"* ]] || fail "attaching says '$said', status '$why'"
	has "$(in_ns "${3:-low}" "$TOOL" status dev "$1")" 'not native: '
}

# notes IF WANT: as words
notes() { eq "notes of $1" "$(status_of "$1" '.notes | join(" ")')" "$2"; }

# begin MODE...: uppers, and the tool
begin() {
	needs_native
	needs_tool
	topo "$@"
}

# fails if status does not tell a device without a program from a native one, or what is attached where
test_native() {
	local said
	begin bridge bridge
	reason mv0 no-prog
	has "$(tool status)" 'mv0 on lower: no native program'$'\n'' +not native: .*xdpdrv'
	ip_attach low:lower pass
	ip_attach low:mv0 drop
	eq "native" "$(status_of mv0 '[.native, .reason] | @csv')" 'true,"native"'
	eq "reason" "$(status_of mv0 '.why')" null
	said=$(tool status)
	has "$said" "mv0 on lower: prog $(prog_id low:mv0) drop" ' +native'$'\n' \
		" below it lower: own prog $(prog_id low:lower) pass, port program" '1 of 2 devices on it native'
	eq "lowers" "$(status_of mv0 '.lowers[0] | [.ifname, .prog.name, .port_program, .uppers, .native] | @csv')" \
		'"lower","pass",true,2,1'
	detach low:mv0
	reason mv0 no-prog
	hasnt "$(tool status)" ', port program'
}

# fails if all uppers and lowers of the namespace are not there, each once
test_all() {
	begin bridge bridge
	eq "devices" "$(tool -j status | jq -r '[.[].ifname] | sort | join(" ")')" 'lower mv0 mv1'
}

# fails if what a device or its lower is set to is not said
test_switches() {
	begin bridge
	tool set dev lower hand-up off
	refused_so mv0 hand-up-off
	eq "whom" "$(status_of mv0 .whom)" lower
	tool set dev lower hand-up on
	tool set dev mv0 handler none
	refused_so mv0 handler-none
	eq "whom" "$(status_of mv0 .whom)" null
	tool set dev mv0 handler program
	refused_so mv0 handler-other
	tool set dev mv0 handler any
	reason mv0 no-prog
}

# fails if a program of the lower's that is in the way is not named
test_lower_program() {
	begin bridge
	xdpctl attach low:lower skb pass
	refused_so mv0 lower-generic
	eq "generic" "$(status_of mv0 '.lowers[0].generic')" "$(prog_id low:lower)"
	xdpctl detach low:lower skb
	xdpctl link low:lower drv pass lower
	defer "rm -f $PINS/link-lower"
	refused_so mv0 lower-link
	has "$(tool status)" "own prog $(prog_id low:lower) .*held by a bpf_link"
	eq "prog" "$(status_of mv0 '.lowers[0].prog.id')" "$(prog_id low:lower)"
	rm "$PINS/link-lower"
	wait_for "the link to go" is_mode low:lower none
	reason mv0 no-prog
}

# fails if the device's own generic program is not said to be in the way
test_generic() {
	begin bridge
	xdpctl attach low:mv0 skb pass
	reason mv0 generic
	eq "generic" "$(status_of mv0 .generic)" "$(prog_id low:mv0)"
	refused '.' ip_attach low:mv0 drop
	xdpctl detach low:mv0 skb
	reason mv0 no-prog
}

# fails if a device that waits for its bpf_link, or can't be redirected to, as it was there before the modules, is
# not told from others
test_before_modules() {
	needs_native
	needs_tool
	unload_modules
	topo bridge
	xdpctl link low:mv0 skb pass mv0
	defer "rm -f $PINS/link-mv0"
	load_modules
	reason mv0 generic-link
	rm "$PINS/link-mv0"
	wait_for "the link to go" is_mode low:mv0 none
	wait_for "native XDP" is_reason mv0 no-prog
	notes mv0 no-xmit
	has "$(tool status)" 'note: nothing can be redirected to it'
}

is_reason() { [[ $(status_of "$1" .reason) == "$2" ]]; }

# fails if nothing is said of a lower without native XDP
test_no_native_xdp() {
	needs_native
	needs_tool
	modprobe dummy
	netns low
	batch low $'link add d0 type dummy\nlink add link d0 name mv0 type macvlan mode bridge'
	delete_later low d0
	reason mv0 lower-no-xdp
	has "$(tool status)" 'not native: d0: .*xdpgeneric'
}

# fails if a sibling in source mode is not said to take all frames to the skb path
test_source() {
	begin bridge source
	attach low:mv0 drop
	notes mv0 source
	ip -n low link set mv1 down
	notes mv0 ''
}

# fails if it is not said why what a macvtap's program passes becomes an sk_buff
test_macvtap() {
	local fd
	needs_native
	needs_tool
	load_macvtap_modules
	UPPER_TYPE=macvtap topo bridge
	notes mv0 ''
	attach low:mv0 pass
	notes mv0 no-reader
	exec {fd}<>"$(tap_node low mv0)"
	notes mv0 ''
	exec {fd}<&-
	rmmod macvtap_xdp
	notes mv0 no-tap
	has "$(tool status)" 'note: .*macvtap_xdp'
}

# fails if a container does not get to know why its device is not native, or gets to know its host's devices
test_other_namespace() {
	local said
	begin bridge@up0
	tool set dev lower hand-up off
	refused_so mv0 hand-up-off up0
	tool set dev lower hand-up on
	attach up0:mv0 drop
	said=$(in_ns up0 "$TOOL" status)
	has "$said" "^mv0: prog $(prog_id up0:mv0) drop" 'native'
	hasnt "$said" lower:
	eq "lowers" "$(status_of mv0 '.lowers | length' up0)" 0
	eq "devices" "$(tool -j status | jq -r '.[].ifname')" lower
	eq "lower" "$(status_of lower '.lowers[0] | [.uppers, .native, .port_program] | @csv')" '1,1,true'
}

# fails if a bond's slaves, or what is in their way, are not told of
test_bond() {
	begin
	bond_of_lower
	defer "ip -n low link del bond0"
	reason bond0 no-prog
	attach low:mv9 drop
	reason bond0 above
	eq "whom" "$(status_of bond0 .whom)" mv9
	detach low:mv9
	tool set dev lower hand-up off
	refused_so bond0 hand-up-off
	eq "whom" "$(status_of bond0 .whom)" lower
	refused_so mv9 hand-up-off
	tool set dev lower hand-up on
	ip_attach low:bond0 drop
	has "$(tool status)" ' below it lower: port program'
	eq "devices on the slave" "$(status_of lower '.lowers[0] | [.uppers, .native] | @csv')" '1,1'
	attach low:mv9 pass
	eq "below mv9" "$(status_of mv9 '.lowers[0] | [.ifname, .prog.name, .port_program] | @csv')" \
		'"bond0","drop",true'
}

# fails if the slave without native XDP is not named
test_bond_slave() {
	modprobe dummy
	begin
	bond_of_lower
	batch low $'link add d0 type dummy\nlink set d0 master bond0'
	delete_later low d0
	refused_so bond0 lower-no-xdp
	eq "whom" "$(status_of bond0 .whom)" d0
}

# fails if a program that bonding runs itself is taken for one of ours
test_bond_driver() {
	needs_native
	needs_tool
	wire
	modprobe bonding
	! loaded bonding_xdp || rmmod bonding_xdp
	batch low $'link add bond0 type bond mode active-backup\nlink set lower master bond0'
	delete_later low bond0
	attach low:bond0 drop
	load_bonding_xdp
	reason bond0 driver
	detach low:bond0
	wait_for "native XDP" is_reason bond0 no-prog
}

# fails if a bridged bond in ALB mode is not said to be on the skb path
test_bond_alb() {
	needs_native
	needs_tool
	wire
	load_bonding_xdp
	batch low "link add bond0 up type bond mode balance-alb
		link set lower master bond0
		link add br0 type bridge"
	delete_later low br0
	defer "ip -n low link del bond0"	# which holds the module
	attach low:bond0 drop
	notes bond0 ''
	ip -n low link set bond0 master br0
	notes bond0 alb
}

# fails if messages are not as Documentation/netlink/specs says
test_spec() {
	[[ -e build/ynl ]] || skip "no build/ynl: linux-source-6.12 is not installed"
	begin bridge
	tool set dev mv0 handler none
	in_ns low selftests/tools/ynl_status.py mv0 lower
}

# fails if a device that has no status is not refused in words
test_refused() {
	begin bridge
	refused 'neither an upper' tool status dev lo
	refused 'No such device' tool status dev nosuch
	refused 'Usage' tool status mv0
	eq "JSON of one that is refused" "$(tool -j status dev lo 2>/dev/null || :)" ''
	eq "JSON where there is none" "$(in_ns gen "$TOOL" -j status)" '[]'
	ip -n low link del mv0
	unload_modules
	refused '^xdp-rxh: no netlink family xdp_rxh: modprobe macvlan_xdp, or bonding_xdp$' tool status
	tool status 2>/dev/null || eq "exit status" $? 2
}

# ---- names that a container's root may choose

# odd_names: devices on lower whose names make JSON or a terminal stumble, in ${ODD[@]}; and mv9 on such a lower
ODD=('a"b' 'a\b' $'a\e[1mb' $'a\x7fb' $'a\xc2\x9bb' 'aäb') ODD_LOWER=$'l"\\\e'
odd_names() {
	local name
	begin bridge
	for name in "${ODD[@]}"; do
		ip -n low link add link lower name "$name" type macvlan mode bridge
	done
	ip -n low link add "$ODD_LOWER" up type veth peer name near
	delete_later low near
	ip -n low link add link "$ODD_LOWER" name mv9 type macvlan mode bridge
}

# fails if JSON with such names is none, or gives others back
test_odd_names() {
	local command
	odd_names
	for command in status monitor 'chain show' stats; do
		# shellcheck disable=SC2016,SC2086 # jq's; words
		eq "names that $command lacks" "$(tool -j $command |
			jq -c '$ARGS.positional - [.[].ifname]' --args "${ODD[@]}")" '[]'
	done
	tool set dev "$ODD_LOWER" hand-up off
	eq "whom" "$(status_of mv9 .whom)" "$ODD_LOWER"
	eq "below it" "$(status_of mv9 '.lowers[0].ifname')" "$ODD_LOWER"
	for command in monitor 'chain show'; do
		# shellcheck disable=SC2086 # words
		eq "lower, by $command" "$(tool -j $command dev mv9 | jq -r '.[0].lower')" "$ODD_LOWER"
	done
	has "$(tool chain show dev 'a"b' --dot)" '^digraph "a\\"b" '
}

# fails if what people read has control characters of a name
test_escapes() {
	local command said
	odd_names
	for command in status 'monitor interval 0.1 count 1' 'chain show' stats; do
		# shellcheck disable=SC2086 # words
		said=$(tool $command)
		hasnt "${said//$'\n'/}" '[[:cntrl:]]' $'\xc2\x9b'
		has "$said" 'a\?\[1mb' 'aäb' 'a\?b'
	done
	has "$(tool status)" 'mv9 on l"\\\?' 'below it l"\\\?:'
	has "$(tool chain export dev $'a\e[1mb')" '^# a\?\[1mb,'
}

in_write() { grep -q pipe_write "/proc/$1/wchan"; }

# fails if statistics of all devices end where one has gone since they were listed
test_stats_of_gone() {
	local i pid said lines='' gone=''
	begin bridge
	for ((i = 0; i < 400; i++)); do
		lines+="link add link lower name m$i type macvlan mode bridge"$'\n'
		gone+="link del m$i"$'\n'
	done
	batch low "$lines"
	# it stops where the pipe is full, with devices left that it has been told of
	exec {said}< <(exec nsenter --net=/run/netns/low "$TOOL" -j stats)
	pid=$!
	wait_for "a full pipe" in_write "$pid"
	batch low "$gone"
	jq -c '[length > 100, length < 400, all(.stats != {})]' <&"$said" >"$WORK/said" || fail "no JSON"
	wait "$pid"
	exec {said}<&-
	eq "skipped" "$(<"$WORK/said")" '[true,true,true]'
	refused 'm1: No such device' tool stats dev m1
}
