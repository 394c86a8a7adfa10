# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Random frames, of which many are malformed: generic mode says what a program has to see of them and what has
# to come out, for any verdict. TEST_FUZZ_SEED replays a run; TEST_FUZZ_COUNT is how many frames a case sends.

# same ARGS-OF-FUZZ...: the run in generic and in native mode prints the same
same() {
	local seed=${TEST_FUZZ_SEED:-$RANDOM$RANDOM} generic native
	set -- -s "$seed" -n "${TEST_FUZZ_COUNT:-3000}" -x low:mv0 -r low:mv0 -r low:mv1 -r low:lower "$@"
	note "seed $seed: fuzz $*"
	generic=$(fuzz -m skb "$@")
	native=$(fuzz -m "$MODE" "$@")
	grep '^total\|^refused' <<<"$native"
	if [[ $native != "$generic" ]]; then
		note "- generic, + native:"
		diff -u <(echo "$generic") <(echo "$native") | tail -n +3 | head -n 40 || :
		fail "native and generic mode differ"
	fi
	hasnt "$native" 'total seen [0-9]{0,2}'$'\n'
}

# fails if a frame of any form meets a bridge-mode upper's program, or comes out, differently
test_bridge() {
	topo bridge bridge
	attach_peer
	same -p fuzz -f gen:peer -r gen:peer
}

# fails if it does with a VEPA upper
test_vepa() {
	topo vepa vepa
	attach_peer
	same -p fuzz -f gen:peer -r gen:peer
}

# fails if it does with a private one
test_private() {
	topo private private
	attach_peer
	same -p fuzz -f gen:peer -r gen:peer
}
