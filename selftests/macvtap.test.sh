# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A macvtap with a program, on our tap.ko: what the program passes reaches the reader without an skb.
#
#   netns gen: peer -- veth -- netns low: lower -- mv0 (macvtap), /dev/tapN -- vhost-net -- rings
#
# tap_handle_frame() is where the skb path enters tap.ko: a kernel probe counts the frames that came so.

FRAMES=${TEST_VHOST_FRAMES:-5000}

# macvtap_topo MODE...: uppers are macvtaps on our tap.ko, and vhost-net is there
macvtap_topo() {
	needs_native
	load_macvtap_modules
	UPPER_TYPE=macvtap topo "$@"
	count_skbs
}

count_skbs() {
	local events=/sys/kernel/tracing/kprobe_events
	echo 'p:skb_to_tap tap_handle_frame' >>$events || skip "no kernel probes"
	defer "echo '-:skb_to_tap' >>$events"
	echo 1 >/sys/kernel/tracing/events/kprobes/skb_to_tap/enable
	defer 'echo 0 >/sys/kernel/tracing/events/kprobes/skb_to_tap/enable'
}

# skbs: how many frames have come to a tap queue as skbs
skbs() {
	local name hits rest
	while read -r name hits rest; do
		[[ $name != skb_to_tap ]] || echo "$hits"
	done </sys/kernel/tracing/kprobe_profile
}

carries() {
	vhost -n "$FRAMES" "${@:1:$#-1}" "$(tap_node low mv0)" gen:peer "${@: -1}"
}

# fails if a frame that the program passed is lost, changed, out of order, or comes as an skb
test_pass() {
	macvtap_topo bridge
	attach low:mv0 pass
	carries rx
	eq "frames as skbs" "$(skbs)" 0
}

# fails if macvtap_xdp changes anything for a macvtap without a program
test_no_program() {
	macvtap_topo bridge
	carries rx
	[[ $(skbs) -ge $FRAMES ]] || fail "only $(skbs) frames came as skbs"
}

# fails if the short virtio-net header of an XDP frame is got wrong
test_header_10() {
	macvtap_topo bridge
	attach low:mv0 pass
	carries -h 10 -M rx
	eq "frames as skbs" "$(skbs)" 0
}

# fails if frames in the ring are lost when vhost's backend goes and comes back
test_backend_switched() {
	macvtap_topo bridge
	attach low:mv0 pass
	carries -s 20 rx
}

# fails if the VM's own frames no longer leave while a program is attached
test_tx() {
	macvtap_topo bridge
	attach low:mv0 pass
	carries tx
}

# fails if a macvtap in another namespace than its lower gets its frames as skbs
test_other_namespace() {
	macvtap_topo bridge@up0
	attach up0:mv0 pass
	vhost -n "$FRAMES" "$(tap_node up0 mv0)" gen:peer rx
	eq "frames as skbs" "$(skbs)" 0
}

tapq() { traced tapq "$(tap_node low mv0)" "$@"; }

# fails if frames that find the queue full are not counted, or push out others
test_queue_full() {
	macvtap_topo bridge
	attach low:mv0 pass
	tapq low:mv0 gen:peer full
	eq "frames as skbs" "$(skbs)" 0
}

# fails if a queue whose descriptor went to another process loses frames
test_descriptor_passed() {
	macvtap_topo bridge
	attach low:mv0 pass
	tapq low:mv0 gen:peer passed
	eq "frames as skbs" "$(skbs)" 0
}

# fails if frames are lost uncounted, or doubled, while queues are attached and detached, opened and closed
test_queues_toggled() {
	macvtap_topo bridge
	attach low:mv0 pass
	tapq low:mv0 gen:peer toggle
	tapq low:mv0 gen:peer reopen
	eq "frames as skbs" "$(skbs)" 0
}

# fails if a flow has not one queue, or another one when its frames come as skbs, whoever gave those a hash
test_queue_of_a_flow() {
	macvtap_topo bridge
	attach low:mv0 pass
	batch gen "address add 10.9.0.1/24 dev peer
	neigh add 10.9.0.2 lladdr $MV0 dev peer nud permanent"
	tapq low:mv0 gen:peer flows >"$WORK/native"
	tapq low:mv0 gen:peer sockets >>"$WORK/native"
	eq "frames as skbs" "$(skbs)" 0
	eq "queues in use" "$(sed 's/.*: //' "$WORK/native" | sort -u | xargs)" "0 1 2 3"
	# with a macvlan in source mode beside it all frames take the skb path
	batch low "$(UPPER_TYPE=macvlan upper_line mv1 "$MV1" source)"
	tapq low:mv0 gen:peer flows >"$WORK/skb"
	tapq low:mv0 gen:peer sockets >>"$WORK/skb"
	eq "frames as XDP frames" "$(($(wc -l <"$WORK/skb") * 2))" "$(skbs)"
	diff -u "$WORK/native" "$WORK/skb" || fail "another queue for the same flow"
}

# fails if a short or odd frame is not read as it was sent, to the byte, or upsets the choice of its queue
test_short_frames() {
	macvtap_topo bridge
	tapq low:mv0 gen:peer short >"$WORK/skb"
	attach low:mv0 pass
	tapq low:mv0 gen:peer short >"$WORK/native"
	[[ $(wc -l <"$WORK/native") -gt 300 ]] || fail "only $(wc -l <"$WORK/native") frames"
	diff -u "$WORK/skb" "$WORK/native" || fail "read otherwise than without a program"
}

# fails if a frame in several fragments does not come, as an skb, to the byte as without a program
test_fragments() {
	# shellcheck disable=SC2034 # for wire
	PEER_OPTIONS=(mtu 9000) LOWER_OPTIONS=(mtu 9000)
	macvtap_topo bridge
	tapq low:mv0 gen:peer long >"$WORK/skb"
	attach low:mv0 frags
	tapq low:mv0 gen:peer long >"$WORK/native"
	eq "frames" "$(wc -l <"$WORK/native")" 8
	diff -u "$WORK/skb" "$WORK/native" || fail "read otherwise than without a program"
	# 8 without a program, and what does not fit in a page with it
	[[ $(skbs) -ge 11 && $(skbs) -lt 14 ]] || fail "$(skbs) frames came as skbs"
}

# fails if frames do not reach the host while nobody has the queue open, or do when somebody has
test_nobody_reads() {
	macvtap_topo bridge
	attach low:mv0 pass
	observe -s gen:peer -r low:mv0 "A:dst=$MV0"
	got low:mv0 A 20
	exec {fd}<>"$(tap_node low mv0)"
	observe -s gen:peer -r low:mv0 "A:dst=$MV0"
	hasnt "$NATIVE" 'got low:mv0'
	eq "frames as skbs" "$(skbs)" 20
	exec {fd}>&-
}

# fails if frames that the lower's driver shows its program as skbs do not reach the reader so, or others do
test_lower_runs_it_generically() {
	# shellcheck source=selftests/tap.test.sh
	. selftests/tap.test.sh
	needs_native
	load_macvtap_modules
	UPPER_TYPE=macvtap tap_topo bridge
	count_skbs
	attach low:mv0 pass
	exec {fd}<>"$(tap_node low mv0)"
	observe -t low:lower "A:dst=$MV0"
	eq "short frames as skbs" "$(skbs)" 0
	observe -t low:lower "D:dst=$MV0,len=9000"
	eq "long frames as skbs" "$(skbs)" 20
	has "$(timeout $((10 * SCALE)) dd bs=16384 count=40 <&"$fd" 2>&1 >/dev/null)" '0\+40 records in'
	exec {fd}>&-
}

# counter IF NAME: of a device in low
counter() { ip -n low -s -j link show dev "$1" | jq ".[0].stats64.$2"; }

# fails if a program of somebody else gets frames to a reader by way of the helper device
test_forged() {
	local sink
	macvtap_topo bridge bridge
	attach low:mv0 pass
	exec {fd}<>"$(tap_node low mv0)"
	sink=$(ip -n low -br link | sed -n 's/^\(xdprxh[0-9]*\) .*/\1/p')
	ip -n low link add other up type veth peer name near
	ip -n low link set near up
	delete_later low other
	fresh redirect
	xdpctl set redirect cfg 0 "dev=low:$sink"
	attach low:near redirect	# no upper of ours
	attach low:mv1 redirect	# another upper
	observe -s low:other "A:dst=$MV0"
	observe -s gen:peer "B:dst=$MV1"
	eq "frames dropped and counted" "$(counter "$sink" tx.dropped)" 40
	eq "frames for the reader" "$(counter mv0 rx.packets)" 0
	detach low:mv1
	exec {fd}>&-
}

listening() { in_ns "$1" ss -Hltn "sport = :7777" | grep -q .; }

# tcp FROM TO ADDRESS-OF-TO: half a megabyte
tcp() {
	head -c 500000 /dev/urandom >"$WORK/sent"
	in_ns "$2" socat -u TCP-LISTEN:7777,reuseaddr "OPEN:$WORK/got,creat,trunc" &
	defer "kill $! 2>/dev/null"
	wait_for "a listener" listening "$2"
	in_ns "$1" timeout $((20 * SCALE)) socat -u "OPEN:$WORK/sent" "TCP:$3:7777" || fail "no TCP from $1 to $2"
	wait $!
	cmp "$WORK/sent" "$WORK/got" || fail "TCP from $1 to $2: not what was sent"
}

# vm_behind DEV: in place of a virtual machine a namespace vm, whose network card vm0 is behind low:mv0's queue, at
# 10.9.0.2; gen:DEV is at 10.9.0.1
vm_behind() {
	local line far
	far=$(ip -n gen -j link show dev "$1" | jq -r '.[0].address')
	modprobe tun
	netns vm
	exec {RELAY}< <(exec "$BIN/tapq" "$(tap_node low mv0)" relay vm:vm0)
	defer "kill $! 2>/dev/null"
	read -rt $((10 * SCALE)) -u "$RELAY" line || fail "no relay"
	eq "relay" "$line" ready
	batch vm "link set vm0 address $MV0 up
	address add 10.9.0.2/24 dev vm0
	neigh add 10.9.0.1 lladdr $far dev vm0 nud permanent"
	batch gen "address add 10.9.0.1/24 dev $1
	neigh add 10.9.0.2 lladdr $MV0 dev $1 nud permanent"
}

# fails if the reader gets frames whose checksum the sender's stack has left to the hardware: TCP from this machine
test_tcp_from_a_local_peer() {
	macvtap_topo bridge
	vm_behind peer
	attach low:mv0 pass
	tcp vm gen 10.9.0.1
	tcp gen vm 10.9.0.2
	[[ $(skbs) -lt 50 ]] || fail "$(skbs) frames came as skbs"
	detach low:mv0
	has "$(in_ns gen ethtool -k peer)" 'tx-checksumming: on'
}

# fails if a program that drops everything lets a frame through, or one that goes leaves the path on
test_drop_then_none() {
	local node
	macvtap_topo bridge
	node=$(tap_node low mv0)
	attach low:mv0 drop
	exec {fd}<>"$node"
	observe -s gen:peer -r low:lower "A:dst=$MV0"
	eq "frames as skbs" "$(skbs)" 0
	detach low:mv0
	exec {fd}>&-
	carries rx
	[[ $(skbs) -ge $FRAMES ]] || fail "only $(skbs) frames came as skbs"
}

# fails if a shorter queue has no room for pages of a page_pool, and gives them back where it must not
test_shortened_with_frames_parked() {
	local node
	macvtap_topo bridge
	node=$(tap_node low mv0)
	attach low:mv0 pass
	exec {fd}<>"$node"
	xdpctl live gen:peer "mac=$MV0" 64
	wait_for "64 frames" met mv0 rx_xdp_pass 64
	eq "frames as skbs" "$(skbs)" 0
	batch low 'link set mv0 txqueuelen 16'
	has "$(timeout $((10 * SCALE)) dd bs=2048 count=16 <&"$fd" 2>&1 >/dev/null)" '0\+16 records in'
	exec {fd}>&-
}

# fails if frames parked in the ring keep a lower device, or memory, after it has gone
test_lower_gone_with_frames_parked() {
	local node
	macvtap_topo bridge
	node=$(tap_node low mv0)
	attach low:mv0 pass
	exec {fd}<>"$node"
	observe -s gen:peer -r low:lower "A:dst=$MV0"
	eq "frames as skbs" "$(skbs)" 0
	ip -n gen link del peer
	wait_for "mv0 to go" gone low mv0
	exec {fd}>&-
}

# fails if frames parked in the ring are lost, or anything is left, when the macvtap is deleted under its reader
test_deleted_with_frames_parked() {
	macvtap_topo bridge
	attach low:mv0 pass
	exec {fd}<>"$(tap_node low mv0)"
	observe -s gen:peer -r low:lower "A:dst=$MV0"
	eq "frames as skbs" "$(skbs)" 0
	ip -n low link del mv0
	has "$(timeout $((10 * SCALE)) dd bs=2048 count=20 <&"$fd" 2>&1 >/dev/null)" '0\+20 records in'
	exec {fd}>&-
}

gone() { ! has_device "$@"; }

# fails if frames that two queues sent each other, or one itself, keep the queues after their files are closed
test_queues_gone_with_their_frames_parked() {
	local zeros header first second to0 to1
	macvtap_topo bridge bridge
	header='\0\0\0\0\0\0\0\0\0\0' zeros=$(printf '\\0%.0s' {1..60})
	to0='\x02\0\0\0\x01\0' to1='\x02\0\0\0\x01\x01'
	exec {first}<>"$(tap_node low mv0)" {second}<>"$(tap_node low mv1)"
	printf %b "$header$to0$to0$zeros" >&"$first"
	printf %b "$header$to1$to0$zeros" >&"$first"
	printf %b "$header$to0$to1$zeros" >&"$second"
	eq "frames parked" "$(ip -n low -s -j link show dev mv0 | jq '.[0].stats64.rx.packets')" 2
	exec {first}>&- {second}>&-
	ip -n low link del lower
	unload_macvtap_modules
}
