# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Macvlans over a tap device, whose driver runs XDP as user space writes: small frames in the driver,
# large ones generically in the driver's own code, odd ones anyhow.
#
#   netns low: frames' file descriptor -- lower (tap) -- mv0, mv1

tap_topo() {
	local i=0 mode lines
	modprobe tun
	netns low
	lines="tuntap add dev lower mode tap
	link set lower address $LOWER mtu 9000 up"
	for mode in "$@"; do
		lines+=$'\n'$(upper_line "mv$i" "02:00:00:00:01:0$i" "$mode")
		i=$((i + 1))
	done
	batch low "$lines"
	delete_later low lower
}

RECEIVERS=(-t low:lower -r low:mv0 -r low:mv1 -r low:lower)

# fails if a tap's frames miss the program, in whichever way the driver builds them
test_pass() {
	tap_topo bridge bridge
	differ low:mv0 pass "${RECEIVERS[@]}" "A:dst=$MV0" "B:dst=$MV1" "C:dst=$BROADCAST" "L:dst=$LOWER" \
		"D:dst=$MV0,len=1500" "V:dst=$MV0,vid=5"
	saw low:mv0 A 20
	got low:mv0 D 20
	got low:mv1 B 20
}

# fails if any of a tap's frames get past the program
test_drop() {
	tap_topo bridge bridge
	differ low:mv0 drop "${RECEIVERS[@]}" "A:dst=$MV0" "B:dst=$MV1" "C:dst=$BROADCAST" "D:dst=$MV0,len=1500"
	hasnt "$NATIVE" 'got low:mv0'
	got low:mv1 B 20
}

# fails if a frame too large for the driver's XDP buffer, which it shows the program generically, is
# shown twice, or not at all
test_large_frames() {
	tap_topo bridge bridge
	differ low:mv0 pass "${RECEIVERS[@]}" "A:dst=$MV0,len=3000" "B:dst=$MV0,len=4000" "D:dst=$MV0,len=9000" \
		"E:dst=$MV1,len=9000"
	saw low:mv0 A 20
	saw low:mv0 D 20
	got low:mv0 D 20
}

# fails if a large frame gets past the program
test_large_frames_drop() {
	tap_topo bridge bridge
	differ low:mv0 drop "${RECEIVERS[@]}" "A:dst=$MV0,len=3000" "D:dst=$MV0,len=9000" "E:dst=$MV1,len=9000"
	hasnt "$NATIVE" 'got low:mv0'
	got low:mv1 E 20
}

# fails if a frame shorter than its headers is read beyond its end, lost or doubled (CVE-2024-41090)
test_short_frames() {
	local streams=() len letters=abcdefghijklmnopqrstuvwxyzABCDEF
	tap_topo bridge bridge
	for ((len = 14; len < 46; len++)); do
		streams+=("${letters:len - 14:1}:dst=$MV0,len=$len,n=3")
	done
	export UNSEEN=24
	differ low:mv0 pass "${RECEIVERS[@]}" "${streams[@]}"
	export UNSEEN=0
	differ low:mv0 drop "${RECEIVERS[@]}" "${streams[@]}"
}

# fails if a lower with a program of its own, and its generic way for large frames, confuse each other
test_own_program() {
	needs_native
	tap_topo bridge
	xdpctl attach low:lower drv pass
	attach low:mv0 drop
	observe -w low:lower -w low:mv0 "${RECEIVERS[@]:0:4}" "A:dst=$MV0" "D:dst=$MV0,len=9000"
	saw low:lower A 20
	saw low:mv0 A 20
	saw low:mv0 D 20
	hasnt "$NATIVE" 'got low:mv0'
}

# fails if frames redirected to another device by a tap's driver are lost
test_redirect() {
	tap_topo bridge
	ip -n low link add out up type veth peer name in
	delete_later low out
	ip -n low link set in up
	attach_peer low:in
	xdpctl set redirect cfg 0 dev=low:out
	differ low:mv0 redirect -t low:lower -r low:mv0 -r low:in "A:dst=$MV0" "C:dst=$BROADCAST"
	got low:in A 20
	got low:in C 20
}

# fails if the tap's user space going away, with a program above, leaves anything
test_reader_goes_away() {
	tap_topo bridge
	attach low:mv0 drop
	frames -t low:lower "A:dst=$MV0"
	frames -t low:lower "A:dst=$MV0"
	ip -n low link del lower
	refused '.' ip -n low link show dev mv0
}
