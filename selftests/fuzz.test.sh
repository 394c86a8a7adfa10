# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Random frames, of which many are malformed: generic mode says what a program has to see of them and what has
# to come out, for any verdict. TEST_FUZZ_SEED replays a run; TEST_FUZZ_COUNT is how many frames a case sends.

# shellcheck source=selftests/redirect.test.sh
. selftests/redirect.test.sh

# same ARGS-OF-FUZZ...: the run in generic and in native mode prints the same, with what is redirected to gen:in.
# Leaves it in $NATIVE.
same() {
	local seed=${TEST_FUZZ_SEED:-$RANDOM$RANDOM} generic
	second_wire
	set -- -s "$seed" -n "${TEST_FUZZ_COUNT:-2000}" -o low:out -r gen:in "$@"
	note "seed $seed: fuzz $*"
	generic=$(fuzz -m skb "$@")
	NATIVE=$(fuzz -m "$MODE" "$@")
	grep '^total\|^refused' <<<"$NATIVE"
	if [[ $NATIVE != "$generic" ]]; then
		note "- generic, + native:"
		diff -u <(echo "$generic") <(echo "$NATIVE") | tail -n +3 | head -n 40 || :
		fail "native and generic mode differ"
	fi
	hasnt "$NATIVE" 'total seen [0-9]{0,2}'$'\n'
	[[ $* == *_plain* ]] || hasnt "$NATIVE" 'total got gen:in 0'$'\n'
}

# on_veth ARGS-OF-FUZZ...: frames come by the wire, to mv0 and its sibling
on_veth() {
	attach_peer
	same -p fuzz -f gen:peer -x low:mv0 -r low:mv0 -r low:mv1 -r low:lower -r gen:peer "$@"
}

# fails if a frame of any form meets a bridge-mode upper's program, or comes out, differently
test_bridge() {
	topo bridge bridge
	on_veth
}

# fails if it does with a VEPA upper
test_vepa() {
	topo vepa vepa
	on_veth
}

# fails if it does with a private one
test_private() {
	topo private private
	on_veth
}

# fails if it does with one that takes all. (Macvlan says of all unicasts that they are for the host. Generic
# mode looks again, after the program has changed the address, and only then.)
test_passthru() {
	topo passthru
	attach_peer
	same -a -p fuzz -f gen:peer -x low:mv0 -r low:mv0 -r low:lower -r gen:peer
}

# fails if it does with one that goes by the source
test_source() {
	topo source bridge
	batch low "link set mv0 type macvlan macaddr add $PEER
	link set mv0 type macvlan macaddr add $STRANGER
	link set mv0 type macvlan macaddr add $MV1"
	on_veth
}

# fails if it does with a macvtap whose queue is read, beside one that nobody reads
test_macvtap() {
	# shellcheck source=selftests/macvtap.test.sh
	. selftests/macvtap.test.sh
	macvtap_topo bridge bridge
	on_veth -q "$(tap_node low mv0)"
	hasnt "$NATIVE"$'\n' 'total got tap 0'$'\n'
}

# fails if it does where frames are longer than a page (of which core redirects none before it has xdp_features:
# what needs the sink is lost there, a limit)
test_frags() {
	local prog=fuzz_frags
	grep -q ' xdp_set_features_flag$' /proc/kallsyms || prog=fuzz_frags_plain
	# shellcheck disable=SC2034 # for topo
	PEER_OPTIONS=(mtu 9000) LOWER_OPTIONS=(mtu 9000)
	topo bridge bridge
	on_veth -p $prog -L 9000
}

# on_tap PROGRAM LENGTH: frames come from the user of a tap, whose driver runs programs on short ones itself
on_tap() {
	modprobe tun
	netns gen low
	ip -n low tuntap add dev lower mode tap
	delete_later low lower
	batch low "link set lower up address $LOWER mtu 9000
	$(upper_line mv0 "$MV0" bridge)
	$(upper_line mv1 "$MV1" bridge)"
	same -p "$1" -t low:lower -x low:mv0 -r low:mv0 -r low:mv1 -r low:lower -L "$2"
}

# fails if a frame meets the program, or comes out, differently where the driver is tun's
test_tun() {
	on_tap fuzz 1600
}

# fails if it does where tun leaves those of long frames to core (but not for what needs the sink then, a limit)
test_tun_large() {
	on_tap fuzz_plain 9000
}

# on_bond MODE UPPER: frames come by either slave
on_bond() {
	local args=()
	load_bonding_xdp
	netns gen low
	batch low "link add s0 type veth peer name p0 netns gen
	link add s1 type veth peer name p1 netns gen
	link add bond0 address $LOWER type bond mode $1 miimon 20
	link set s0 master bond0
	link set s1 master bond0
	link set bond0 up"
	delete_later low s0
	delete_later low s1
	defer "ip -n low link del bond0"
	batch gen $'link set p0 up\nlink set p1 up'
	if [[ $2 == mv0 ]]; then
		batch low "link add link bond0 name mv0 up address $MV0 type macvlan mode bridge
		link add link bond0 name mv1 up address $MV1 type macvlan mode bridge"
		args=(-r low:mv0 -r low:mv1)
	fi
	attach_peer gen:p0
	attach_peer gen:p1
	wait_for "both slaves" slaves_are_up
	same -p fuzz -f gen:p0 -f gen:p1 -x "low:$2" "${args[@]}" -r low:bond0 -r low:s0 -r low:s1
}

slaves_are_up() { [[ $(in_ns low cat /proc/net/bonding/bond0 | grep -c '^MII Status: up') -eq 3 ]]; }

# fails if a frame meets the program of a bond, or comes out, differently
test_bond() {
	on_bond balance-rr bond0
}

# fails if it does where one of the slaves is not to be heard
test_bond_backup() {
	on_bond active-backup bond0
}

# fails if it does with a macvlan on a bond
test_on_bond() {
	on_bond balance-xor mv0
}
