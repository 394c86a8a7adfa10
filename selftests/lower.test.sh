# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The lower's own native program: it runs first, is told of the lower, and is put back at the end.

CORE_REFUSES='upper device already has a program'

# lower_runs PROG: it is the lower's, as far as anybody can see, and it runs
lower_runs() {
	has_program low:lower "drv $1"
	observe -w low:lower -s gen:peer "L:dst=$LOWER,n=5"
	saw low:lower L 5
}

# fails if the lower's program is not run any more, or the upper's sees what it should not
test_runs_first() {
	needs_native
	topo bridge bridge
	xdpctl attach low:lower drv pass
	attach low:mv0 drop
	observe -w low:lower -w low:mv0 -s gen:peer -r low:mv0 -r low:mv1 "A:dst=$MV0" "B:dst=$MV1" "L:dst=$LOWER"
	saw low:lower A 20
	saw low:lower B 20
	saw low:lower L 20
	saw low:mv0 A 20
	saw low:mv0 B 0
	got low:mv0 A 0
	got low:mv1 B 20
	hasnt "$NATIVE" ifindex=
}

# fails if a frame that the lower's program dropped reaches an upper's
test_drop_is_final() {
	needs_native
	topo bridge
	xdpctl attach low:lower drv drop
	attach low:mv0 pass
	observe -w low:lower -w low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0" "C:dst=$BROADCAST"
	saw low:lower A 20
	saw low:lower C 20
	saw low:mv0 A 0
	saw low:mv0 C 0
	got low:mv0 A 0
}

# fails if XDP_TX of the lower's program is not carried out as before
test_tx_of_the_lower() {
	needs_native
	topo bridge
	attach_peer
	xdpctl attach low:lower drv tx
	attach low:mv0 drop
	observe -w low:lower -w low:mv0 -s gen:peer -r gen:peer "A:dst=$MV0"
	saw low:lower A 20
	saw low:mv0 A 0
	got gen:peer A 20
}

# fails if the upper's program is not shown the frame as the lower's program left it
test_rewrites_before_the_upper() {
	needs_native
	topo bridge bridge
	xdpctl load dstmac
	xdpctl set dstmac cfg 1 "mac=$MV1"
	xdpctl attach low:lower drv dstmac
	attach low:mv0 drop
	attach low:mv1 pass
	observe -w low:mv0 -w low:mv1 -s gen:peer -r low:mv1 "A:dst=$MV0"
	saw low:mv0 A 0
	saw low:mv1 A 20
	got low:mv1 A 20
}

# fails if the lower's program is lost when the last upper's goes, or is put back before
test_put_back() {
	local id
	needs_native
	topo bridge bridge
	xdpctl attach low:lower drv pass
	id=$(prog_id low:lower)
	attach low:mv0 drop
	attach low:mv1 drop
	lower_runs pass
	detach low:mv0
	lower_runs pass
	detach low:mv1
	eq "the lower's program" "$(prog_id low:lower)" "$id"
	lower_runs pass
	xdpctl detach low:lower drv
	observe -s gen:peer -r low:lower "L:dst=$LOWER"
	got low:lower L 20
}

# fails if the lower's program is not put back when uppers are deleted instead
test_put_back_after_deletion() {
	needs_native
	topo bridge bridge
	xdpctl attach low:lower drv pass
	attach low:mv0 drop
	attach low:mv1 drop
	ip -n low link del mv0
	ip -n low link del mv1
	lower_runs pass
	xdpctl detach low:lower drv
}

# fails if core's refusal isn't what a user gets to see, or changes anything
test_attach_after_the_upper_refused() {
	needs_native
	topo bridge
	attach low:mv0 drop
	refused "$CORE_REFUSES" ip_attach low:lower pass
	eq "the lower's program" "$(mode_of low:lower)" none
	observe -w low:mv0 -s gen:peer "A:dst=$MV0"
	saw low:mv0 A 20
}

# fails if the lower's program can be taken away or replaced under an upper's
test_change_under_the_upper_refused() {
	needs_native
	topo bridge
	xdpctl attach low:lower drv pass
	attach low:mv0 drop
	refused "$CORE_REFUSES" ip_attach low:lower drop -force
	refused "$CORE_REFUSES" ip -n low link set dev lower xdpdrv off
	lower_runs pass
	detach low:mv0
	ip -n low link set dev lower xdpdrv off
}

# fails if the lower's program, detached before the upper's arrives, still runs
test_detached_before() {
	needs_native
	topo bridge
	xdpctl attach low:lower drv drop
	xdpctl detach low:lower drv
	attach low:mv0 pass
	observe -w low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 20
	detach low:mv0
	eq "the lower's program" "$(mode_of low:lower)" none
}

# fails if generic mode can't be used on an upper beside the lower's own native program
test_generic_upper_over_native_lower() {
	topo bridge
	xdpctl attach low:lower drv pass
	xdpctl attach low:mv0 skb drop
	observe -w low:lower -w low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:lower A 20
	saw low:mv0 A 20
	got low:mv0 A 0
}

# fails if a lower's program held by a bpf_link is taken over: nobody could put it back
test_bpf_link_on_the_lower_refused() {
	needs_native
	topo bridge
	xdpctl link low:lower drv pass lower
	defer "rm -f $PINS/link-lower"
	refused 'bpf_link.*detach' ip_attach low:mv0 drop
	eq "the upper's program" "$(mode_of low:mv0)" none
	lower_runs pass
	rm "$PINS/link-lower"
	wait_for "the link to go" is_mode low:lower none
	ip_attach low:mv0 drop
}

# fails if a program put on the lower by a link, past the check, silences the upper's without a word
test_link_on_the_lower_after_the_upper() {
	needs_native
	topo bridge
	attach low:mv0 drop
	refused '.' xdpctl link low:lower drv pass lower
	observe -w low:mv0 -s gen:peer "A:dst=$MV0"
	saw low:mv0 A 20
}
