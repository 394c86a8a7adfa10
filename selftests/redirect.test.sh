# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# XDP_REDIRECT out of a macvlan's program, and into macvlans.
#
# Beside the topology of lib.sh there is a second veth: low:out to gen:in.

second_wire() {
	ip -n gen link add in up address 02:00:00:00:00:bb "${PEER_OPTIONS[@]}" type veth \
		peer name out netns low address 02:00:00:00:00:0b "${LOWER_OPTIONS[@]}"
	delete_later low out
	ip -n low link set out up
	attach_peer gen:in
}

OUTSIDE=(-s gen:peer -r low:mv0 -r low:mv1 -r gen:in -r gen:peer)

# to_device NS:IF: redirect by its index
to_device() {
	xdpctl set redirect cfg 0 "dev=$1"
}

# fails if a redirect by ifindex doesn't leave through that device
test_by_ifindex() {
	topo bridge bridge
	second_wire
	to_device low:out
	differ low:mv0 redirect "${OUTSIDE[@]}" -w gen:in "A:dst=$MV0" "B:dst=$MV1" "E:dst=$MV0,len=1400,n=5"
	saw gen:in A 20
	got gen:in E 5
	got low:mv1 B 20
	on_skb_path low:mv0 0
}

# fails if a frame on the skb path is not redirected
test_by_ifindex_on_skb_path() {
	topo bridge bridge
	second_wire
	to_device low:out
	differ low:mv0 redirect "${OUTSIDE[@]}" "C:dst=$BROADCAST"
	got gen:in C 20
	got low:mv1 C 20
}

# fails if a redirect to the lower itself does not go out to the wire
test_to_the_lower() {
	topo bridge bridge
	attach_peer
	to_device low:lower
	differ low:mv0 redirect -s gen:peer -r low:mv0 -r low:mv1 -r gen:peer "A:dst=$MV0"
	got gen:peer A 20
}

# fails if a redirect to nowhere is not lost, or does more than lose the frame
test_to_nowhere() {
	topo bridge bridge
	xdpctl set redirect cfg 0 9999
	trace_events xdp_redirect_err
	differ low:mv0 redirect -s gen:peer -r low:mv0 -r low:lower "A:dst=$MV0"
	saw low:mv0 A 20
	eq "events of both runs" "$(events xdp_redirect_err:)" 40
}

# fails if a devmap doesn't take a macvlan's frames
test_devmap() {
	topo bridge bridge
	second_wire
	fresh devmap
	xdpctl set devmap targets 0 dev=low:out
	differ low:mv0 devmap "${OUTSIDE[@]}" -w gen:in "A:dst=$MV0" "C:dst=$BROADCAST"
	saw gen:in A 20
	saw gen:in C 20
}

# fails if a devmap slot that is empty, or whose device is gone, does more than lose the frame
test_devmap_empty() {
	topo bridge bridge
	second_wire
	fresh devmap
	differ low:mv0 devmap "${OUTSIDE[@]}" "A:dst=$MV0"
	xdpctl set devmap targets 0 dev=low:out
	ip -n low link del out
	differ low:mv0 devmap -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 0
}

# fails if broadcasting to a devmap misses or doubles a target
test_devmap_broadcast() {
	topo vepa vepa
	second_wire
	attach_peer
	fresh devmap_all
	xdpctl set devmap_all targets 0 dev=low:out 1 dev=low:mv1
	differ low:mv0 devmap_all "${OUTSIDE[@]}" "A:dst=$MV0,n=5"
	got gen:in A 5
}

# fails if "but not to where it came from" means the lower, and not the upper
test_devmap_broadcast_excludes_the_upper() {
	topo bridge bridge
	second_wire
	attach_peer
	fresh devmap_all
	xdpctl set devmap_all targets 0 dev=low:mv0 1 dev=low:lower
	differ low:mv0 devmap_all "${OUTSIDE[@]}" "A:dst=$MV0,n=5"
	got gen:peer A 5
}

# fails if a frame that comes back for good is still taken for one that goes back to where it came from
test_devmap_broadcast_answered() {
	needs_native
	topo bridge
	second_wire
	fresh devmap_all
	xdpctl set devmap_all targets 0 dev=low:mv0 1 dev=low:out
	to_device low:mv0
	xdpctl attach low:out drv redirect
	# answers, and nothing of it was an skb on the way
	xdpctl detach gen:in drv
	xdpctl attach gen:in drv tx
	attach low:mv0 devmap_all
	observe -S low:mv0 -w gen:in -s gen:peer -r gen:peer "A:dst=$MV0,n=20"
	saw gen:in A 20
	got gen:peer A 20
	eq "transmitted by mv0" "$(stat low:mv0 tx_xdp_xmit)" 20
}

# fails if frames handed to another CPU are lost, or meet the program again there
test_cpumap() {
	topo bridge bridge
	fresh cpumap
	xdpctl set cpumap targets 0 192
	differ low:mv0 cpumap -s gen:peer -r low:mv0 -r low:mv1 "A:dst=$MV0" "B:dst=$MV1" "C:dst=$BROADCAST"
	saw low:mv0 A 20
	got low:mv0 A 20
	got low:mv0 C 20
}

# seventy_seven NETNS NAME: a device with this index, whose other end is gen:pNAME
seventy_seven() {
	ip -n "$1" link add "$2" index 77 up type veth peer name "p$2" netns gen
	delete_later gen "p$2"
	ip -n gen link set "p$2" up
	attach_peer "gen:p$2"
}

# fails if a container's ifindex is looked up in the lower's namespace, where another device has it
test_in_the_uppers_namespace() {
	topo bridge@up0
	seventy_seven up0 good
	seventy_seven low bad
	xdpctl set redirect cfg 0 77
	differ up0:mv0 redirect -s gen:peer -r gen:pgood -r gen:pbad "A:dst=$MV0" "C:dst=$BROADCAST"
	got gen:pgood A 20
	got gen:pgood C 20
	got gen:pbad A 0
}

# fails if an index that exists only in the lower's namespace can be reached from a container
test_not_in_the_lowers_namespace() {
	topo bridge@up0
	seventy_seven low bad
	xdpctl set redirect cfg 0 77
	differ up0:mv0 redirect -s gen:peer -r up0:mv0 -r gen:pbad "A:dst=$MV0"
	saw up0:mv0 A 20
	got gen:pbad A 0
}

# The other way round: low:out's program, on frames from gen:in, redirects into mv0. (A veth counts bytes
# in native mode as it does.)
into() {
	# shellcheck disable=SC2034 # for differ
	INEXACT=' rx_bytes=[0-9]+'
	differ low:out redirect -s gen:in -r low:mv0 -r low:mv1 -r low:lower -r gen:peer "$@"
}

# fails if a frame redirected into a macvlan does not leave through its lower
test_into_macvlan() {
	topo bridge bridge
	second_wire
	attach_peer
	to_device low:mv0
	into "A:dst=$STRANGER" "E:dst=$STRANGER,len=1400,n=5"
	got gen:peer A 20
	got gen:peer E 5
}

# fails if it can't reach a bridge-mode sibling, or a VEPA one is reached without the switch
test_into_macvlan_for_sibling() {
	topo bridge bridge
	second_wire
	attach_peer
	to_device low:mv0
	into "A:dst=$MV1" "C:dst=$BROADCAST"
	got low:mv1 A 20
	got low:mv1 C 20
	got gen:peer A 0
	got gen:peer C 20
}

# fails if a VEPA macvlan hands such a frame to its sibling
test_into_vepa_for_sibling() {
	topo vepa vepa
	second_wire
	attach_peer
	to_device low:mv0
	into "A:dst=$MV1"
	got low:mv1 A 0
	got gen:peer A 20
}

# fails if a sibling's program does not see what was redirected to it
test_into_macvlan_whose_sibling_has_a_program() {
	topo bridge bridge
	second_wire
	attach_peer
	to_device low:mv0
	attach low:mv1 drop
	into -w low:mv1 "A:dst=$MV1" "C:dst=$BROADCAST"
	saw low:mv1 A 20
	saw low:mv1 C 20
	got low:mv1 A 0
}

# fails if frames redirected into a macvlan through a devmap are not counted, or not as sent
test_into_macvlan_by_devmap() {
	topo bridge bridge
	second_wire
	attach_peer
	fresh devmap
	xdpctl set devmap targets 0 dev=low:mv0
	observe -S low:mv0 -x "low:out,$MODE,devmap" -s gen:in -r gen:peer "A:dst=$STRANGER"
	got gen:peer A 20
	[[ $MODE == skb ]] || eq "tx_xdp_xmit" "$(stat low:mv0 tx_xdp_xmit)" 20
}

# fails if a redirect between two macvlans' programs of one lower goes astray
test_from_macvlan_into_macvlan() {
	topo vepa vepa
	attach_peer
	to_device low:mv1
	differ low:mv0 redirect -s gen:peer -r low:mv0 -r low:mv1 -r gen:peer "A:dst=$MV0"
	got gen:peer A 20
}

# fails if redirecting into a macvlan that is down, or whose lower is, does more than lose the frame
test_into_macvlan_that_is_down() {
	topo bridge bridge
	second_wire
	attach_peer
	to_device low:mv0
	ip -n low link set mv0 down
	into "A:dst=$STRANGER"
	got gen:peer A 0
	batch low $'link set mv0 up\nlink set lower down'
	into "A:dst=$STRANGER"
	got gen:peer A 0
}

# fails if a macvlan from before the modules, which core gave no bulk queue, is more than refused
test_into_macvlan_from_before() {
	needs_native
	unload_modules
	topo bridge bridge
	load_modules
	second_wire
	attach_peer
	to_device low:mv0
	trace_events xdp_redirect_err
	observe -x low:out,drv,redirect -s gen:in -r low:mv0 -r gen:peer "A:dst=$STRANGER"
	saw low:out A 20
	got gen:peer A 0
	eq "events" "$(events xdp_redirect_err:)" 20
}

# fails if the helper device can be used to put frames into somebody's hands
test_sink_takes_nothing() {
	local sink
	needs_native
	topo bridge bridge
	attach low:mv0 drop
	sink=$(ip -n low -br link | sed -n 's/^\(xdprxh[0-9]*\) .*/\1/p')
	[[ -n $sink ]] || skip "no helper device"
	to_device "low:$sink"
	detach low:mv0
	attach low:mv1 pass
	observe -S "low:$sink" -x low:mv0,drv,redirect -w low:mv1 -s gen:peer -r low:mv0 -r low:mv1 -r low:lower "A:dst=$MV0"
	saw low:mv0 A 20
	saw low:mv1 A 0
	got low:mv0 A 0
	got low:mv1 A 0
	refused '.' ip -n low link set dev "$sink" xdpdrv pinned "$PINS/pass"
	refused '.' ip -n low link set dev "$sink" netns gen
}
