# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Several programs on one device, the next chosen by what the one before returned.

# chain WORDS...: xdp-rxh chain, where mv0 is
chain() { tool chain "$@"; }

# pinned PROG...: loaded, so that the tool finds them
pinned() {
	local prog
	for prog in "$@"; do
		[[ -e $PINS/$prog ]] || xdpctl load "$prog"
	done
}

# slots of a program's cfg; see frame.h
CFG_DELTA=2 CFG_VERDICT=3

# prog_of NAME: the id of a program in mv0's chain
prog_of() { chain show dev mv0 | sed -n "s/.* prog \([0-9]*\) $1\b.*/\1/p"; }

# begin PROG: mv0 with this program, others at hand
begin() {
	needs_native
	needs_tool
	topo bridge bridge
	pinned pass drop aborted "$1"
	ip_attach low:mv0 "$1"
}

# delivered N: so many of 20 frames get to mv0's stack
delivered() {
	observe -s gen:peer -r low:mv0 "A:dst=$MV0"
	got low:mv0 A "$1"
}

# import LINES [WORDS...]: the whole chain
import() {
	local lines=$1
	shift
	chain import dev mv0 - "$@" <<<"$lines"
}

generation() {
	local said
	said=$(chain show dev mv0)
	[[ $said =~ generation\ ([0-9]+) ]] || fail "no generation: $said"
	echo "${BASH_REMATCH[1]}"
}

# nodes: how many, in their order, with their ids
nodes() { chain show dev mv0 | sed -n 's/.*node \([0-9]*\) prog.*/\1/p' | paste -sd' '; }

# fails if the verdict is not that of the last program run, or a program runs that no edge leads to
test_next_by_code() {
	begin pass
	chain add dev mv0 from 1 on drop to pinned "$PINS/drop"
	delivered 20
	chain add dev mv0 from 1 on pass to pinned "$PINS/drop"
	delivered 0
	chain del dev mv0 from 1 on pass
	delivered 20
	has_program low:mv0 "drv pass"
}

# fails if "any" is not for the verdicts that have no edge of their own, or a stop does not stop
test_any_and_stop() {
	begin drop
	chain add dev mv0 from 1 on any to pinned "$PINS/pass"
	delivered 20
	chain add dev mv0 from 1 on drop to stop
	delivered 0
	chain add dev mv0 from 1 on drop to 2 force
	delivered 20
}

# fails if branches that meet again are not followed to the end
test_shared_tail() {
	begin pass
	import "node 10 pinned $PINS/drop
		node 11 pinned $PINS/pass
		edge 1 pass 10
		edge 1 drop 11
		edge 10 drop 11"
	delivered 20
	import "node 10 pinned $PINS/pass
		node 11 pinned $PINS/drop
		edge 1 pass 10
		edge 1 drop 11
		edge 10 pass 11"
	delivered 0
	import ''
	delivered 20
	eq "an empty chain" "$(nodes)" 1
}

# line N: N programs in a row, entry included
line() {
	local i
	for ((i = 2; i <= $1; i++)); do
		echo "node $i pinned $PINS/pass"
	done
	for ((i = 1; i < $1; i++)); do
		echo "edge $i pass $((i + 1))"
	done
}

# fails if 32 programs do not run, or 33 may
test_length() {
	begin pass
	import "$(line 32)"
	delivered 20
	refused 'more than 32 programs' \
		chain add dev mv0 from "$(nodes | sed 's/.* //')" on pass to pinned "$PINS/drop"
	refused 'more than 32 programs' import "$(line 33)"
	delivered 20
}

# fails if a program does not find the metadata or the end of the frame as the ones before left them, or what the
# last one leaves does not get to the stack
test_metadata() {
	begin meta
	pinned tail meta_is meta_tc
	xdpctl set meta cfg $CFG_VERDICT 2
	xdpctl set tail cfg $CFG_DELTA -20 $CFG_VERDICT 2
	import "node 10 pinned $PINS/tail
		node 11 pinned $PINS/meta
		node 12 pinned $PINS/meta_is
		edge 1 pass 10
		edge 10 pass 11
		edge 11 pass 12"
	observe -S low:mv0 -w "low:mv0@$(prog_of meta_is)" -s gen:peer -r low:mv0 "A:dst=$MV0,len=100"
	got low:mv0 A 20
	has "$NATIVE" "saw low:mv0 A [^"$'\n'"]*frames=20 bytes=1600"
	tc -n low qdisc add dev mv0 clsact
	tc -n low filter add dev mv0 ingress bpf da object-pinned "$PINS/meta_tc"
	delivered 0
	import "node 10 pinned $PINS/meta_is
		edge 1 pass 10"
	tc -n low qdisc del dev mv0 clsact
	delivered 0	# one mark is missing
}

# fails if a frame in several buffers is not for a program what the one before left it, or loses bytes
test_frags() {
	begin tail_frags
	pinned frags
	xdpctl set tail_frags cfg $CFG_DELTA -100
	ip -n gen link set peer mtu 9000
	batch low $'link set lower mtu 9000\nlink set mv0 mtu 9000'
	chain add dev mv0 from 1 on pass to pinned "$PINS/frags"
	observe -w low:mv0 -w "low:mv0@$(prog_of frags)" -s gen:peer -r low:mv0 "A:dst=$MV0,len=8000"
	got low:mv0 A 20
	has "$NATIVE" "saw low:mv0 A [^"$'\n'"]*bytes=160000" "saw low:mv0 A [^"$'\n'"]*bytes=158000" \
		"got low:mv0 A [^"$'\n'"]*bytes=158000"
}

# fails if a cycle is accepted, or the refusal changes anything
test_cycle() {
	begin pass
	import "$(line 3)"
	local before
	before=$(chain show dev mv0)
	refused 'cycle' chain add dev mv0 from "$(nodes | sed 's/.* //')" on pass to 1
	refused 'cycle' chain add dev mv0 from 1 on drop to 1
	eq "after the refusals" "$(chain show dev mv0)" "$before"
	delivered 20
}

# fails if a chain can be changed by who saw an older one
test_expected_generation() {
	local old
	begin pass
	old=$(generation)
	chain add dev mv0 from 1 on pass to pinned "$PINS/drop" expect "$old"
	refused 'has changed meanwhile' chain del dev mv0 from 1 on pass expect "$old"
	delivered 0
	chain del dev mv0 from 1 on pass expect "$(generation)"
	delivered 20
}

# fails if a replaced program still runs, or the chain behind a replaced entry program is lost
test_replace() {
	begin pass
	chain add dev mv0 from 1 on pass to pinned "$PINS/drop"
	delivered 0
	chain replace dev mv0 node 2 pinned "$PINS/pass"
	delivered 20
	chain replace dev mv0 node 2 pinned "$PINS/drop"
	ip_attach low:mv0 aborted -force
	delivered 0
	chain add dev mv0 from 1 on aborted to pinned "$PINS/pass"
	delivered 20
}

# fails if closing up does not lead on, stopping does not stop, or an id is used again
test_remove() {
	begin pass
	import "$(line 2)
		node 3 pinned $PINS/drop
		edge 2 pass 3"
	eq nodes "$(nodes)" '1 2 3'
	chain del dev mv0 node 2 close-up
	eq "closed up" "$(nodes)" '1 3'
	delivered 0
	chain del dev mv0 node 3 stop
	eq "stopped" "$(nodes)" 1
	delivered 20
	chain add dev mv0 from 1 on drop to pinned "$PINS/pass"
	eq "a new id" "$(nodes)" '1 4'
}

# fails if a program that can't be a member is taken for one
test_wrong_programs() {
	begin pass
	pinned frags
	refused 'xdp.frags' chain add dev mv0 from 1 on pass to pinned "$PINS/frags"
	refused 'No such node' chain add dev mv0 from 7 on pass to pinned "$PINS/drop"
	refused 'No such node' chain add dev mv0 from 1 on pass to 7
	refused 'no edge' chain del dev mv0 from 1 on pass
	refused 'ip link' chain del dev mv0 node 1
	chain add dev mv0 from 1 on pass to pinned "$PINS/drop"
	refused 'has an edge' chain add dev mv0 from 1 on pass to pinned "$PINS/pass"
	refused 'can have no chain' in_ns gen "$TOOL" chain show dev peer
	refused 'attach one first' chain add dev mv1 from 1 on pass to pinned "$PINS/drop"
	refused 'xdp.frags' ip_attach low:mv0 frags -force
	delivered 0
}

# fails if a program of another type, for a map, or for another device can be a member
test_other_programs() {
	local maponly=$BIN/maponly.bpf.o bound
	begin pass
	pinned meta_tc
	refused 'not that of an XDP program' chain add dev mv0 from 1 on pass to pinned "$PINS/meta_tc"
	refused 'devmap or cpumap' chain add dev mv0 from 1 on pass to obj "$maponly" prog of_devmap
	refused 'devmap or cpumap' chain add dev mv0 from 1 on pass to obj "$maponly" prog of_cpumap
	delivered 20
	bound=0
	xdpctl bound low:lower drop || bound=$?
	if [[ $bound -eq 0 ]]; then
		refused 'another device' chain add dev mv0 from 1 on pass to pinned "$PINS/drop-bound"
		delivered 20
	fi
	eq nodes "$(nodes)" 1
}

# fails if code that is not there is called where programs are interpreted
test_not_jited() {
	begin pass
	defer "echo 1 >/proc/sys/net/core/bpf_jit_enable"
	echo 0 >/proc/sys/net/core/bpf_jit_enable
	refused 'not JITed' chain add dev mv0 from 1 on pass to obj "$BIN/drop.bpf.o"
	delivered 20
	refused 'compiled' chain add dev mv0 from 1 on pass to pinned "$PINS/drop"
	delivered 20
	echo 1 >/proc/sys/net/core/bpf_jit_enable
	chain add dev mv0 from 1 on pass to pinned "$PINS/drop"
	delivered 0
}

# fails if a message that says nonsense, or is cut short, is taken, refused for another reason, or changes anything
test_messages() {
	begin pass
	chain add dev mv0 from 1 on pass to pinned "$PINS/drop"
	chainmsg low:mv0
	delivered 0
	# what was refused has used up no ids
	chain add dev mv0 from 1 on drop to pinned "$PINS/drop"
	eq nodes "$(nodes)" '1 3 2'
}

# fails if an administrator of some other user namespace can edit a chain, or that of the device's own can't
test_user_namespace() {
	local pid line
	needs_native
	topo bridge
	pinned pass drop
	ip_attach low:mv0 pass
	chain add dev mv0 from 1 on pass to pinned "$PINS/drop"
	refused 'not permitted' in_ns low unshare --user --map-root-user \
		"$TOOL" chain del dev mv0 from 1 on pass
	delivered 0

	exec {own}< <(exec unshare --user --map-root-user --net sh -c 'echo $$; read -r _' <&"$NEVER")
	read -rt $((10 * SCALE)) -u "$own" pid
	defer "kill $pid"
	ip -n low link set mv0 netns "$pid"
	own() { traced nsenter -t "$pid" --user --net --preserve-credentials "$TOOL" chain "$@"; }
	line=$(own show dev mv0)
	has "$line" 'pass -> node 2 .* drop'
	own del dev mv0 from 1 on pass
	own add dev mv0 from 1 on drop to pinned "$PINS/drop"
	has "$(own show dev mv0)" 'drop -> node 3 .* drop'
}

# fails if somebody without CAP_NET_ADMIN can change a chain, or can't look at it
test_capability() {
	begin pass
	chain add dev mv0 from 1 on pass to pinned "$PINS/drop"
	refused 'not permitted' in_ns low setpriv --bounding-set -net_admin --inh-caps -all -- \
		"$TOOL" chain del dev mv0 from 1 on pass
	in_ns low setpriv --bounding-set -net_admin --inh-caps -all -- "$TOOL" chain show
	delivered 0
}

# fails if programs stay when their chain's device, or its entry program, has gone
test_freed() {
	local id
	begin pass
	chain add dev mv0 from 1 on pass to obj "$BIN/tx.bpf.o"
	id=$(in_ns low "$TOOL" -j chain show dev mv0 | sed 's/.*"id":2,"prog":{"id":\([0-9]*\).*/\1/')
	bpftool prog show id "$id"
	ip -n low link set dev mv0 xdpdrv off
	wait_for "the program to go" eval "! command bpftool prog show id $id 2>/dev/null"
	ip_attach low:mv0 pass
	chain add dev mv0 from 1 on pass to obj "$BIN/tx.bpf.o"
	id=$(in_ns low "$TOOL" -j chain show dev mv0 | sed 's/.*"prog":{"id":\([0-9]*\),"name":"tx".*/\1/')
	ip -n low link del mv0
	wait_for "the program to go" eval "! command bpftool prog show id $id 2>/dev/null"
}

# random_messages IF[,IF...]: to these devices of low. TEST_FUZZ_SEED replays a run; TEST_FUZZ_MESSAGES is how many.
random_messages() {
	nlfuzz "low:$1" "${TEST_FUZZ_SEED:-$RANDOM$RANDOM}" "${TEST_FUZZ_MESSAGES:-2000}" pass drop aborted tx frags
}

# fails if a message that makes no sense, to an upper or its lower, changes anything, is refused without a word, or
# does harm
test_fuzzed_messages() {
	begin pass
	random_messages mv0,lower
	has_program low:mv0 "drv pass"
	import ''
	chain import dev lower - <<<''
	delivered 20
}

# fails if one does to a bond, what is on it, or its slave
test_fuzzed_messages_to_bond() {
	local dev
	needs_native
	needs_tool
	wire
	bond_of_lower
	defer "ip -n low link del bond0"
	attach low:bond0 pass
	attach low:mv9 pass
	random_messages mv9,bond0,lower
	for dev in bond0 mv9; do
		has_program "low:$dev" "drv pass"
		chain import dev "$dev" - <<<''
	done
	observe -s gen:peer -r low:mv9 "A:dst=$(ip -n low -j link show dev mv9 | jq -r '.[0].address')"
	got low:mv9 A 20
}

# begin_lower: mv0 and mv1 without programs, others at hand
begin_lower() {
	needs_native
	needs_tool
	topo bridge bridge
	pinned pass drop aborted
}

# lower_nodes: of the lower's chain, in their order; last_node: only the last
lower_nodes() { chain show dev lower | sed -n 's/.*node \([0-9]*\).*/\1/p' | paste -sd' '; }
last_node() { lower_nodes | sed 's/.* //'; }

# fails if a lower without a program can't have a chain, uppers' programs don't come after it, or it can't be
# changed while they have theirs
test_lower_without_program() {
	begin_lower
	chain add dev lower from 1 on pass to pinned "$PINS/drop"
	delivered 0
	has "$(lower_nodes)" '^1 [0-9]+$'
	refused 'already attached' ip_attach low:lower pass
	refused "link" xdpctl link low:lower drv pass lower
	delivered 0
	attach low:mv0 pass
	observe -w low:mv0 -s gen:peer "A:dst=$MV0"
	saw low:mv0 A 0
	chain replace dev lower node "$(last_node)" pinned "$PINS/pass"
	observe -w low:mv0 -s gen:peer -r low:mv0 -r low:mv1 "A:dst=$MV0" "B:dst=$MV1" "C:dst=$BROADCAST"
	saw low:mv0 A 20
	got low:mv0 A 20
	got low:mv1 B 20
	got low:mv0 C 20
	chain del dev lower node "$(last_node)"
	eq nodes "$(lower_nodes)" ''
	observe -w low:mv0 -s gen:peer "A:dst=$MV0"
	saw low:mv0 A 20
	chain add dev lower from 1 on pass to pinned "$PINS/drop"
	delivered 0
	detach low:mv0
	delivered 0
	chain del dev lower from 1 on pass
	delivered 20
	eq "the lower's program" "$(mode_of low:lower)" none
}

# fails if edges behind the lower's own program don't work, or the program is not what it was after it all
test_lower_with_program() {
	local id second
	begin_lower
	ip_attach low:lower pass
	id=$(prog_id low:lower)
	chain add dev lower from 1 on pass to pinned "$PINS/drop"
	delivered 0
	attach low:mv0 drop
	refused 'upper device already has a program' ip_attach low:lower aborted -force
	chain replace dev lower node "$(last_node)" pinned "$PINS/pass"
	observe -w low:lower -w low:mv0 -s gen:peer "A:dst=$MV0"
	saw low:lower A 40	# of one program, which is there twice
	saw low:mv0 A 20
	second=$(last_node)
	chain add dev lower from "$second" on any to pinned "$PINS/aborted"
	observe -w low:mv0 -s gen:peer "A:dst=$MV0"
	saw low:mv0 A 0
	chain del dev lower node "$second" stop
	detach low:mv0
	delivered 20
	eq nodes "$(lower_nodes)" 1
	eq "the lower's program" "$(prog_id low:lower)" "$id"
	observe -w low:lower -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:lower A 20
	got low:mv0 A 20
	ip -n low link set dev lower xdpdrv off
	delivered 20
}

# fails if a link that a lower was given while it was down loses the driver to the chain there was, or is passed over
# by an upper's program
test_lower_link_while_down() {
	begin_lower
	chain add dev lower from 1 on pass to pinned "$PINS/drop"
	batch low $'link set lower down\nlink set dev lower xdpdrv off'
	xdpctl link low:lower drv pass lower
	defer "rm -f $PINS/link-lower"
	refused 'bpf_link' ip_attach low:mv0 drop
	eq nodes "$(lower_nodes)" ''
	ip -n low link set lower up
	observe -w low:lower -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:lower A 20
	got low:mv0 A 20
	rm "$PINS/link-lower"
	wait_for "the link to go" is_mode low:lower none
	chain add dev lower from 1 on pass to pinned "$PINS/drop"
	batch low $'link set lower down\nlink set dev lower xdpdrv off'
	xdpctl link low:lower drv pass lower
	ip -n low link set lower up
	eq nodes "$(lower_nodes)" ''
	observe -w low:lower -s gen:peer "A:dst=$MV0"
	saw low:lower A 20
}

# fails if a program that is forced upon a lower is not the head of its chain, or the chain stays without it
test_lower_forced() {
	begin_lower
	pinned frags
	chain add dev lower from 1 on pass to pinned "$PINS/drop"
	ip_attach low:lower aborted -force
	has_program low:lower 'drv aborted'
	delivered 0
	has "$(lower_nodes)" '^1 [0-9]+$'
	chain add dev lower from 1 on aborted to pinned "$PINS/pass"
	delivered 20
	ip_attach low:lower pass -force
	delivered 0
	ip_attach low:lower frags -force
	has_program low:lower 'drv frags'
	delivered 20
	eq nodes "$(lower_nodes)" 1
	refused 'xdp.frags' chain add dev lower from 1 on pass to pinned "$PINS/drop"
	ip_attach low:lower pass -force
	chain add dev lower from 1 on pass to pinned "$PINS/drop"
	delivered 0
	ip -n low link set dev lower xdpdrv off
	delivered 20
	eq nodes "$(lower_nodes)" ''
	eq "the lower's program" "$(mode_of low:lower)" none
}

# fails if a lower's chain stays when the last upper or the lower has gone, the modules can go before, or an id
# is used again after
test_lower_goes() {
	local id node
	begin_lower
	chain add dev lower from 1 on pass to obj "$BIN/tx.bpf.o"
	id=$(in_ns low "$TOOL" -j chain show dev lower | sed 's/.*"prog":{"id":\([0-9]*\).*/\1/')
	bpftool prog show id "$id"
	node=$(last_node)
	refused 'in use' rmmod macvlan_xdp
	ip -n low link del mv0
	bpftool prog show id "$id"
	ip -n low link del mv1
	wait_for "the program to go" eval "! command bpftool prog show id $id 2>/dev/null"
	batch low "$(upper_line mv0 "$MV0" bridge)"
	delivered 20
	ip_attach low:lower pass
	chain add dev lower from 1 on pass to obj "$BIN/tx.bpf.o"
	ip -n low link set lower down
	ip -n low link set lower up
	eq "a new id" "$(last_node)" $((node + 1))
	ip -n low link del lower
}

# fails if libxdp's dispatcher can't be in a chain, as the lower's program or as an upper's, or can't be changed
test_libxdp() {
	begin_lower
	in_ns low xdp-loader load -m native lower "$BIN/pass.bpf.o" "$BIN/pass.bpf.o" ||
		skip "libxdp's dispatcher does not work on this kernel"
	delivered 20
	chain add dev lower from 1 on pass to pinned "$PINS/drop"
	delivered 0
	chain replace dev lower node "$(last_node)" pinned "$PINS/pass"
	delivered 20
	in_ns low xdp-loader load -m native lower "$BIN/drop.bpf.o"
	delivered 0
	chain add dev lower from 1 on drop to "$(last_node)"
	delivered 20
	in_ns low xdp-loader load -m native mv0 "$BIN/pass.bpf.o" "$BIN/pass.bpf.o"
	delivered 20
	chain add dev mv0 from 1 on pass to pinned "$PINS/drop"
	delivered 0
	in_ns low xdp-loader unload -a mv0
	delivered 20
	in_ns low xdp-loader unload -a lower
	eq nodes "$(lower_nodes)" ''
	delivered 20
}

# fails if the tool's export is no import, or its other ways to show things are not what their readers take
test_shown() {
	local said
	begin pass
	import "node 10 pinned $PINS/pass
		node 11 pinned $PINS/drop
		edge 1 pass 10
		edge 10 pass 11
		edge 10 drop stop"
	delivered 0
	said=$(chain export dev mv0)
	import ''
	delivered 20
	import "$said"
	delivered 0
	in_ns low "$TOOL" -j chain show | jq -e '.[] | select(.ifname == "mv0") | .nodes | length == 3'
	in_ns low "$TOOL" -j stats dev mv0 | jq -e '.[0].stats | .rx_xdp_drop == 40 and .rx_xdp_pass == 20'
	has "$(in_ns low "$TOOL" status)" 'mv0 on lower: prog [0-9]+ pass, 2 in its chain' 'mv1 on lower: no native program'
	has "$(in_ns low "$TOOL" stats)" $'mv0:\n' 'rx_xdp_drop 40'
	eq "export with -j" "$(tool -j chain export dev mv0)" "$(chain export dev mv0)"
	eq "graph with -j" "$(tool -j chain show dev mv0 --dot)" "$(chain show dev mv0 --dot)"
	has "$(chain show dev mv0 --dot)" '^digraph' 'n1 -> n[0-9]+ \[label="pass"\]' 'stop'
}

# counter DEVICE NAME: of ethtool -S, in namespace low
counter() { in_ns low ethtool -S "$1" | sed -n "s/^ *$2: //p"; }

# completed WORD...: what bash may make of the last one
completed() {
	# shellcheck disable=SC2016 # for the other bash
	PATH=$PWD/build:$PATH in_ns low bash -c '. tools/xdp-rxh/completion.bash
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_xdp_rxh
		echo "${COMPREPLY[*]}"' bash xdp-rxh "$@"
}

# fails if bash does not complete commands, devices, nodes of the chain, or options
test_completion() {
	begin pass
	chain add dev mv0 from 1 on pass to pinned "$PINS/drop"
	eq "commands" "$(completed s)" 'status stats set'
	eq "edits" "$(completed chain '')" 'show add del replace import export'
	eq "devices" "$(completed chain add dev m)" 'mv0 mv1'
	eq "behind one" "$(completed chain del dev mv0 '')" 'from node'
	eq "nodes" "$(completed chain add dev mv0 from '')" '1 2'
	eq "codes" "$(completed chain add dev mv0 from 1 on a)" 'aborted any'
	eq "targets" "$(completed chain add dev mv0 from 1 on drop to '')" 'id pinned obj stop 1 2'
	eq "behind them" "$(completed chain add dev mv0 from 1 on drop to 2 '')" 'prog force expect'
	eq "switches" "$(completed set dev lower h)" 'hand-up handler hints'
	eq "positions" "$(completed set dev lower hand-up o)" 'on off'
	eq "files" "$(completed chain import dev mv0 Makef)" Makefile
	eq "how to show" "$(completed chain show dev mv0 '')" '--dot'
	eq "what to follow" "$(completed trace dev mv0 c)" count
	# shellcheck disable=SC2016 # a name that any container's root may choose
	ip -n low link add link lower name 'm$(id>oops)' type macvlan mode bridge
	ip -n low link add link lower name 'm;b' type macvlan mode bridge
	ip -n low link add link lower name m-x.1@_ type macvlan mode bridge
	eq "devices, but for odd names" "$(completed chain add dev m)" 'mv0 mv1 m-x.1@_'
	[[ ! -e oops ]] || fail "the name of a device was run"
}

# fails if the family is not what its specification says, a listener is not told of a change, or of one that was
# refused
test_specification() {
	[[ -e build/ynl ]] || skip "no build/ynl: linux-source-6.12 is not installed"
	begin pass
	chain add dev mv0 from 1 on pass to pinned "$PINS/drop"
	delivered 0
	in_ns low selftests/tools/ynl.py mv0 "$PINS/pass"
	delivered 20
}

# fails if a frame gets past a chain, through half of one, or through parts of two, while two processes edit it
# at once; or if a change is lost, made twice, or made to another chain than the one it was thought out for.
# TEST_CHAIN_EDITS=100000 for a long run, which needs TEST_LIMIT, too; TEST_CHAIN_SEED replays a run's choices.
test_race() {
	local said n=${TEST_CHAIN_EDITS:-2000} frames
	needs_native
	topo bridge
	said=$(edits -n "$n" -s "${TEST_CHAIN_SEED:-$RANDOM$RANDOM}")
	note "$said"
	has "$said" $'\n'"edits $n"$'\n' 'stale [1-9]'
	frames=${said##*frames }
	eq "dropped at the end of a chain" "$(counter mv0 rx_xdp_drop)" "$frames"
	eq "other verdicts" "$(counter mv0 'rx_xdp_\(pass\|tx\|redirect\|aborted\|invalid\|skb\)' | paste -sd+ | bc)" 0
	eq "frames in the lower's driver" "$(counter lower rx_queue_0_xdp_packets)" "$frames"
}
