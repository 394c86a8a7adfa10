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
	note "$(vhost -n "$FRAMES" "${@:1:$#-1}" "$(tap_node low mv0)" gen:peer "${@: -1}")"
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
	note "$(vhost -n "$FRAMES" "$(tap_node up0 mv0)" gen:peer rx)"
	eq "frames as skbs" "$(skbs)" 0
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
