# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Which frames meet a program: those that generic mode shows it, each once, and no other, in every
# macvlan mode. A frame that gets past the program, or meets it twice, makes native and generic differ.

LINK_LOCAL=01:80:c2:00:00:00
FOREIGN_GROUP=01:00:5e:7f:ff:fa

# Every kind of frame that can come in from the wire. n and len differ so that no two can be confused.
WIRE=(
	"A:dst=$MV0,n=8" "B:dst=$MV1,n=7" "L:dst=$LOWER,n=6" "S:dst=$STRANGER,n=5"
	"C:dst=$BROADCAST,n=8" "M:dst=$MULTICAST,n=7" "G:dst=$FOREIGN_GROUP,n=6" "K:dst=$LINK_LOCAL,n=5"
	"V:dst=$MV0,vid=5,n=8" "W:dst=$BROADCAST,vid=5,n=7" "X:dst=$MV0,vid=7,vtype=88a8,n=6" "Y:dst=$MV0,vid=0,n=5"
	"P:dst=$MV0,src=$MV1,n=8" "Q:dst=$BROADCAST,src=$MV1,n=7" "R:dst=$MV0,src=$MV0,n=6"
	"T:dst=$BROADCAST,src=$MV0,n=5" "U:dst=$MV0,src=$LOWER,n=4" "Z:dst=$MV0,src=$BROADCAST,n=3"
)
# And what a second upper sends
SIBLING=(
	"a:from=low:mv1,src=$MV1,dst=$MV0,n=8" "c:from=low:mv1,src=$MV1,dst=$BROADCAST,n=7"
	"m:from=low:mv1,src=$MV1,dst=$MULTICAST,n=6" "s:from=low:mv1,src=$STRANGER,dst=$MV0,n=5"
)

# every_kind PROG STREAM...
every_kind() {
	local prog=$1
	shift
	differ low:mv0 "$prog" -s gen:peer -r low:mv0 -r low:mv1 -r low:lower -r gen:peer "$@"
}

# fails if any kind of frame is shown to a bridge-mode upper differently
test_bridge() {
	topo bridge bridge
	every_kind pass "${WIRE[@]}" "${SIBLING[@]}"
	saw low:mv0 A 8
	saw low:mv0 P 8
	saw low:mv0 a 8
	saw low:mv0 B 0
}

# fails if any kind of frame gets past a bridge-mode upper's program
test_bridge_drop() {
	topo bridge bridge
	every_kind drop "${WIRE[@]}" "${SIBLING[@]}"
	hasnt "$NATIVE" 'got low:mv0'
	got low:mv1 B 7
	got low:mv1 C 8
}

# fails if any kind of frame is shown to a VEPA upper differently
test_vepa() {
	topo vepa vepa
	every_kind pass "${WIRE[@]}" "${SIBLING[@]}"
	saw low:mv0 A 8
	saw low:mv0 P 8
}

# fails if any kind of frame gets past a VEPA upper's program
test_vepa_drop() {
	topo vepa vepa
	every_kind drop "${WIRE[@]}" "${SIBLING[@]}"
	hasnt "$NATIVE" 'got low:mv0'
}

# fails if any kind of frame is shown to a private upper differently: those of siblings it never gets
test_private() {
	topo private private
	every_kind pass "${WIRE[@]}" "${SIBLING[@]}"
	saw low:mv0 A 8
}

# fails if any kind of frame gets past a private upper's program
test_private_drop() {
	topo private private
	every_kind drop "${WIRE[@]}" "${SIBLING[@]}"
	hasnt "$NATIVE" 'got low:mv0'
}

# fails if modes mixed on one lower confuse each other
test_mixed_modes() {
	topo bridge vepa private
	every_kind pass "${WIRE[@]}" "${SIBLING[@]}" "d:dst=$MV2,n=4"
	saw low:mv0 A 8
	got low:mv1 B 7
}

# passthru PROG: one upper gets everything that comes in
passthru() {
	topo passthru
	differ low:mv0 "$1" -s gen:peer -r low:mv0 -r low:lower -r gen:peer "${WIRE[@]}"
	saw low:mv0 A 8
	saw low:mv0 S 5
	saw low:mv0 C 8
}

# fails if a passthru upper's program misses a frame that isn't for its own address
test_passthru() {
	passthru pass
}

# fails if any kind of frame gets past a passthru upper's program
test_passthru_drop() {
	passthru drop
	hasnt "$NATIVE" 'got low:mv0'
}

# source_topo MODE: mv0 takes what gen:peer sends; mv1 is an ordinary upper
source_topo() {
	topo source "$1"
	ip -n low link set dev mv0 type macvlan macaddr add "$PEER"
}

# fails if a source-mode upper's program misses a frame of its sources, or sees another's
test_source() {
	source_topo bridge
	every_kind pass "${WIRE[@]}"
	saw low:mv0 B 7
	saw low:mv0 P 0
	got low:mv1 B 7
}

# fails if any kind of frame gets past a source-mode upper's program
test_source_drop() {
	source_topo bridge
	every_kind drop "${WIRE[@]}"
	hasnt "$NATIVE" 'got low:mv0'
	got low:mv1 B 7
}

# fails if a source-mode sibling, which takes copies of any frame, loses those of a native upper
test_source_beside_bridge() {
	source_topo bridge
	differ low:mv1 pass -s gen:peer -r low:mv0 -r low:mv1 "${WIRE[@]}"
	saw low:mv1 B 7
	got low:mv0 B 7
}

# fails if sources removed again still keep frames from the driver's program
test_source_removed() {
	source_topo bridge
	ip -n low link del mv0
	differ low:mv1 pass -s gen:peer -r low:mv1 "B:dst=$MV1"
	saw low:mv1 B 20
	on_skb_path low:mv1 0
}

# fails if frames of a VLAN device on the lower are shown to the upper's program, or others are not
test_vlan_on_lower() {
	topo bridge bridge
	batch low "link add link lower name lower.5 up type vlan id 5"
	differ low:mv0 pass -s gen:peer -r low:mv0 -r low:lower.5 "${WIRE[@]}" "O:dst=$LOWER,vid=5" "N:dst=$MV0,vid=6"
	saw low:mv0 V 0
	saw low:mv0 N 20
	got low:lower.5 O 20
}

# fails if a program that drops all drops those of a VLAN device on the lower, too
test_vlan_on_lower_drop() {
	topo bridge bridge
	batch low "link add link lower name lower.5 up type vlan id 5"
	differ low:mv0 drop -s gen:peer -r low:mv0 -r low:lower.5 "${WIRE[@]}" "O:dst=$LOWER,vid=5" "N:dst=$MV0,vid=6"
	hasnt "$NATIVE" 'got low:mv0'
	got low:lower.5 O 20
}

# fails if a VLAN device on the upper misses its frames
test_vlan_on_upper() {
	topo bridge bridge
	batch low "link add link mv0 name mv0.5 up type vlan id 5"
	differ low:mv0 pass -s gen:peer -r low:mv0 -r low:mv0.5 "${WIRE[@]}"
	saw low:mv0 V 8
	got low:mv0.5 V 8
}

# fails if frames of a VLAN device on the upper get past its program
test_vlan_on_upper_drop() {
	topo bridge bridge
	batch low "link add link mv0 name mv0.5 up type vlan id 5"
	differ low:mv0 drop -s gen:peer -r low:mv0 -r low:mv0.5 "${WIRE[@]}"
	hasnt "$NATIVE" 'got low:mv0'
}

# fails if a tag that the peer's driver carries beside the frame (txvlan) hides the frame's VLAN
test_vlan_out_of_band() {
	topo bridge bridge
	ip -n gen link add link peer name peer.5 up type vlan id 5
	differ low:mv0 pass -r low:mv0 -r low:mv1 -r low:lower "A:from=gen:peer.5,dst=$MV0" "C:from=gen:peer.5,dst=$BROADCAST"
	saw low:mv0 A 20
}

# fails if a native program changes what the lower's VLAN device gets of such frames
test_vlan_out_of_band_on_lower() {
	topo bridge bridge
	batch low "link add link lower name lower.5 up type vlan id 5"
	ip -n gen link add link peer name peer.5 up type vlan id 5
	differ low:mv0 drop -r low:mv0 -r low:lower.5 "A:from=gen:peer.5,dst=$MV0" "O:from=gen:peer.5,dst=$LOWER"
	saw low:mv0 A 0
	got low:lower.5 O 20
}

# fails if VLAN offloads are changed without need, or not put back
test_vlan_offloads_put_back() {
	local before far
	needs_native
	topo bridge bridge
	before=$(ethtool_k low lower)
	far=$(ethtool_k gen peer)
	attach low:mv0 pass
	hasnt "$(ethtool_k gen peer)" 'tx-vlan-offload: on'
	attach low:mv1 drop
	detach low:mv0
	hasnt "$(ethtool_k gen peer)" 'tx-vlan-offload: on'
	detach low:mv1
	eq "the lower's offloads" "$(ethtool_k low lower)" "$before"
	eq "its peer's offloads" "$(ethtool_k gen peer)" "$far"
}

ethtool_k() { in_ns "$1" ethtool -k "$2"; }

# fails if an upper sees, loses or waits for frames of another upper's program, or the lower does
test_programs_keep_apart() {
	topo bridge bridge bridge
	xdpctl load pass drop
	observe -x "low:mv0,$MODE,drop" -x "low:mv1,$MODE,pass" -s gen:peer -r low:mv0 -r low:mv1 -r low:mv2 \
		-r low:lower "A:dst=$MV0" "B:dst=$MV1" "D:dst=$MV2" "L:dst=$LOWER" "C:dst=$BROADCAST"
	saw low:mv0 A 20
	saw low:mv0 B 0
	saw low:mv0 D 0
	saw low:mv0 L 0
	saw low:mv0 C 20
	saw low:mv1 B 20
	saw low:mv1 A 0
	saw low:mv1 C 20
	got low:mv0 A 0
	got low:mv1 B 20
	got low:mv1 C 20
	got low:mv2 D 20
	got low:mv2 C 20
	got low:lower L 20
	got low:lower C 20
	got low:lower A 0
}

# fails if an upper without a program, whose port has one, gets other frames than without any
test_upper_without_program() {
	local before after
	topo bridge bridge
	before=$(frames -S low:mv1 -S low:lower -s gen:peer -r low:mv1 -r low:lower "${WIRE[@]}" | grep -v '^stat')
	xdpctl load drop
	after=$(frames -S low:mv1 -S low:lower -x "low:mv0,$MODE,drop" -s gen:peer -r low:mv1 -r low:lower "${WIRE[@]}" |
		grep -Ev '^(stat|saw)')
	# the socket on the lower is also shown what went on to mv0: the program drops that
	eq "what mv1 got" "$(grep -F low:mv1 <<<"$after")" "$(grep -F low:mv1 <<<"$before")"
	eq "what the lower got for itself" "$(grep 'got low:lower [LC] ' <<<"$after")" \
		"$(grep 'got low:lower [LC] ' <<<"$before")"
}

# fails if uppers in namespaces of their own, with equal ifindexes, are taken for each other
test_uppers_in_namespaces() {
	topo bridge@up0 bridge@up1
	differ up0:mv0 drop -s gen:peer -r up0:mv0 -r up1:mv1 -r low:lower "A:dst=$MV0" "B:dst=$MV1" "C:dst=$BROADCAST" \
		"a:from=up1:mv1,src=$MV1,dst=$MV0"
	saw up0:mv0 A 20
	saw up0:mv0 a 20
	got up0:mv0 C 0
	got up1:mv1 B 20
}

# fails if macvtap is treated differently from macvlan
test_macvtap() {
	# shellcheck disable=SC2034 # for topo
	UPPER_TYPE=macvtap
	topo bridge bridge
	every_kind drop "${WIRE[@]}" "${SIBLING[@]}"
	saw low:mv0 A 8
}

# fails if the largest frame that fits, or the smallest, takes another way
test_frame_sizes() {
	topo bridge
	export UNSEEN=20
	differ low:mv0 pass -s gen:peer -r low:mv0 "A:dst=$MV0,len=22" "B:dst=$MV0,len=23" "C:dst=$MV0,len=60" \
		"D:dst=$MV0,len=1514" "E:dst=$MV0,len=1000" "F:dst=$MV0,len=15"
	saw low:mv0 A 20
	saw low:mv0 D 20
	on_skb_path low:mv0 0
}

NOBODY=00:00:00:00:00:00

# to_nobody MODE...: frames from and to no address at all
to_nobody() {
	topo "$@"
	differ low:mv0 pass -s gen:peer -r low:mv0 -r low:lower "A:dst=$MV0" "N:dst=$NOBODY,n=5" \
		"O:dst=$MV0,src=$NOBODY,n=4" "P:dst=$NOBODY,src=$NOBODY,n=3"
}

# fails if an address of zeros is found in an empty place of the table (and the machine with it)
test_address_zero() {
	to_nobody bridge bridge
	saw low:mv0 A 20
	saw low:mv0 O 4
}

# fails likewise where no table is looked into
test_address_zero_passthru() {
	to_nobody passthru
	saw low:mv0 N 5
}

# fails likewise beside a source-mode upper
test_address_zero_beside_source() {
	to_nobody bridge source
	saw low:mv0 O 4
}
