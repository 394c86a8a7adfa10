# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Several programs on one device, the next chosen by what the one before returned.

TOOL=$PWD/build/xdp-rxh

# chain WORDS...: xdp-rxh chain, where mv0 is
chain() { in_ns low "$TOOL" chain "$@"; }

# pinned PROG...: loaded, so that the tool finds them
pinned() {
	local prog
	for prog in "$@"; do
		[[ -e $PINS/$prog ]] || xdpctl load "$prog"
	done
}

# begin PROG: mv0 with this program, others at hand
begin() {
	needs_native
	[[ -x $TOOL ]] || skip "no build/xdp-rxh"
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
	refused 'can have no chain' chain show dev lower
	refused 'attach one first' chain add dev mv1 from 1 on pass to pinned "$PINS/drop"
	refused 'xdp.frags' ip_attach low:mv0 frags -force
	delivered 0
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

# edits N WHO: by who looks first, and thinks again when the chain has changed
edits() {
	local i prog said
	for ((i = 0; i < $1; i++)); do
		prog=$PINS/drop
		((i % 2 == $2)) || prog=$PINS/aborted
		until said=$(chain add dev mv0 from 1 on pass to pinned "$prog" force expect "$(generation)" 2>&1); do
			has "$said" 'has changed meanwhile'
		done
	done
}

# fails if a frame gets through a chain that never passes one while two edit it at once
test_race() {
	local before after n=${TEST_CHAIN_EDITS:-8}
	begin pass
	chain add dev mv0 from 1 on pass to pinned "$PINS/drop"
	before=$(generation)
	listen low:mv0
	traffic -s gen:peer "A:dst=$MV0"
	edits "$n" 0 &
	edits "$n" 1
	wait $!
	stop_traffic
	after=$(generation)
	eq "edits" "$((after - before))" "$((2 * n))"
	heard
	got low:mv0 A 0
}
