# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What an upper's program is told of a frame: metadata in front of it, and what the driver knows.

begin() {
	needs_native
	needs_tool
	fresh hints
	topo "$@"
	xdpctl attach low:mv0 drv hints
}

ifindex() { ip -n "${1%:*}" -o link show dev "${1#*:}" | cut -d: -f1; }

# meta_type IF: the id of its layout
meta_type() { tool status | sed -n "s/^$1[ :].*type \([0-9]*\)).*/\1/p"; }

# told LEN=.. TYPE=.. ... STREAM: how many frames of the stream had exactly that metadata
told() {
	local stream=$1 len=$2 type=$3 ifindex=$4 queue=$5 slot=$6 count=$7 got
	stream=$(printf %d "'$stream")
	got=$(xdpctl dump hints hints | awk -v want="$stream $len $type $ifindex $queue $slot" '
		$1 " " $2 " " $3 " " $4 " " $5 " " $6 == want { sum += $9 } END { print sum + 0 }')
	[[ $got == "$count" ]] || xdpctl dump hints hints
	eq "frames $1 with metadata of $len bytes, type $type, from $ifindex, queue $queue, slot $slot" "$got" "$count"
}

# fails if there is metadata nobody asked for, or not what was asked for, or it stays when it is turned off
test_rx() {
	local type lower
	begin bridge bridge
	lower=$(ifindex low:lower)
	observe -w low:mv0 -s gen:peer "A:dst=$MV0"
	told A 0 0 0 0 0 20
	tool set dev mv0 hints rx
	type=$(meta_type mv0)
	observe -w low:mv0 -s gen:peer -r low:mv0 "B:dst=$MV0" "C:dst=$BROADCAST,n=5"
	got low:mv0 B 20
	told B 12 "$type" "$lower" 0 0 20
	# on the skb path, as the first queue that is no driver's
	told C 12 "$type" "$lower" 1 0 5
	tool set dev mv0 hints off
	observe -w low:mv0 -s gen:peer "D:dst=$MV0"
	told D 0 0 0 0 0 20
}

# fails if hints are not kept for the next program, or not given to one that was there
test_before_the_program() {
	local type
	begin bridge
	xdpctl detach low:mv0 drv
	tool set dev mv0 hints rx
	type=$(meta_type mv0)
	xdpctl attach low:mv0 drv hints
	observe -w low:mv0 -s gen:peer "A:dst=$MV0"
	told A 12 "$type" "$(ifindex low:lower)" 0 0 20
}

# fails if the hash is not what the kernel takes for the frame's, the time is not the clock's, or the skb has neither
test_hash_and_time() {
	local type
	begin bridge
	fresh hints_tc
	tc -n low qdisc add dev mv0 clsact
	tc -n low filter add dev mv0 ingress bpf da object-pinned "$PINS/hints_tc"
	tool set dev mv0 hints rx,hash,time
	type=$(meta_type mv0)
	observe -w low:mv0 -s gen:peer "A:dst=$MV0" "B:dst=$MV0,type=0800" "C:dst=$MV0,vid=7,n=4"
	told A 24 "$type" "$(ifindex low:lower)" 0 0 20
	eq "frames of the last minute" "$(xdpctl dump hints hints | awk '{ sum += $10 } END { print sum }')" 44
	batch gen $'addr add 10.0.0.1/24 dev peer'
	batch low $'addr add 10.0.0.2/24 dev mv0'
	in_ns low sysctl -qw net.ipv4.conf.all.arp_ignore=1
	in_ns gen ping -qc 3 -i 0.01 10.0.0.2
	has "$(xdpctl dump hints_tc hashes)" '(^|'$'\n'')1 = 0 ' '(^|'$'\n'')2 = [1-9]'
}

# fails if hash or time alone bring the other
test_hash_alone() {
	begin bridge
	tool set dev mv0 hints hash
	has "$(tool status)" 'hints rx,hash '
	observe -w low:mv0 -s gen:peer "A:dst=$MV0"
	told A 24 "$(meta_type mv0)" "$(ifindex low:lower)" 0 0 20
	eq "frames with a time" "$(xdpctl dump hints hints | awk '{ sum += $10 } END { print sum }')" 0
}

# fails if the queue is not the driver's
test_queue() {
	needs_native
	[[ $(nproc) -ge 2 ]] || skip "needs two CPUs"
	# shellcheck source=selftests/xsk.test.sh
	. selftests/xsk.test.sh
	# shellcheck disable=SC2034 # for topo
	PEER_OPTIONS=(numtxqueues 4 numrxqueues 4) LOWER_OPTIONS=(numtxqueues 4 numrxqueues 4)
	begin bridge
	tool set dev mv0 hints rx
	steer 2 3
	observe -w low:mv0 -s gen:peer "A:dst=$MV0,cpu=0" "B:dst=$MV0,cpu=1"
	told A 12 "$(meta_type mv0)" "$(ifindex low:lower)" 2 0 20
	told B 12 "$(meta_type mv0)" "$(ifindex low:lower)" 3 0 20
}

# fails if a lower's metadata is written over, or does not reach the upper's program
test_of_the_lower() {
	begin bridge
	xdpctl detach low:mv0 drv
	fresh meta_own
	xdpctl attach low:lower drv meta_own
	xdpctl attach low:mv0 drv hints
	tool set dev mv0 hints rx
	observe -w low:mv0 -s gen:peer "A:dst=$MV0"
	told A 8 4711 0 7 0 20
}

# fails if two layouts on one device can't be told apart for every frame, or a slave is taken for the other
test_slaves() {
	local type s0 s1
	needs_native
	# shellcheck source=selftests/bond_xdp.test.sh
	. selftests/bond_xdp.test.sh
	bond_topo mode balance-rr
	fresh hints
	xdpctl attach low:bond0 drv hints
	tool set dev bond0 hints rx
	type=$(meta_type bond0)
	s0=$(ifindex low:s0) s1=$(ifindex low:s1)
	observe -w low:bond0 -s gen:p0 "A:from=gen:p0,dst=$LOWER" "B:from=gen:p1,dst=$LOWER"
	told A 16 "$type" "$s0" 0 0 20
	told B 16 "$type" "$s1" 0 1 20
	# on the skb path nobody knows
	observe -w low:bond0 -s gen:p0 "R:from=gen:p0,dst=$LOWER,type=0806,n=3"
	told R 16 "$type" 0 4294967295 4294967295 3
	# a slave that comes later
	ip -n low link set s1 nomaster
	ip -n low link set s1 down
	batch low $'link set s1 master bond0'
	wait_for "the bond's carrier" slave_is_up s1
	observe -w low:bond0 -s gen:p0 "C:from=gen:p1,dst=$LOWER"
	told C 16 "$type" "$s1" 0 1 20
	tool set dev bond0 hints rx,hash,time
	type=$(meta_type bond0)
	observe -w low:bond0 -s gen:p0 "D:from=gen:p1,dst=$LOWER"
	told D 28 "$type" "$s1" 0 1 20
}

# fails if frames of two kinds of slaves, one of which has a program with metadata of its own, are taken for each other
test_two_layouts() {
	local type
	needs_native
	# shellcheck source=selftests/bond_xdp.test.sh
	. selftests/bond_xdp.test.sh
	load_bonding_xdp
	fresh hints meta_own
	slaves mode balance-rr
	batch low $'link set s0 nomaster\nlink set s0 down'
	xdpctl attach low:s0 drv meta_own
	batch low 'link set s0 master bond0'
	wait_for "the bond's carrier" slave_is_up s0
	xdpctl attach low:bond0 drv hints
	tool set dev bond0 hints rx
	type=$(meta_type bond0)
	observe -w low:bond0 -s gen:p0 "A:from=gen:p0,dst=$LOWER" "B:from=gen:p1,dst=$LOWER" \
		"C:from=gen:p0,dst=$LOWER" "D:from=gen:p1,dst=$LOWER"
	told A 8 4711 0 7 0 20
	told C 8 4711 0 7 0 20
	told B 16 "$type" "$(ifindex low:s1)" 0 "$(xdpctl dump hints hints | awk '$1 == 66 { print $6 }')" 20
	told D 16 "$type" "$(ifindex low:s1)" 0 "$(xdpctl dump hints hints | awk '$1 == 68 { print $6 }')" 20
}

# fails if a program that adds to the metadata, or one on a macvtap, finds frames or its own metadata spoilt
test_program_grows_it() {
	begin bridge
	xdpctl load meta meta_tc
	xdpctl set meta cfg 3 2
	tc -n low qdisc add dev mv0 clsact
	tc -n low filter add dev mv0 ingress bpf da object-pinned "$PINS/meta_tc"
	xdpctl detach low:mv0 drv
	tool set dev mv0 hints rx,hash,time
	# shellcheck disable=SC2034 # for balanced: tc drops each on which it finds the mark
	UNSEEN=20
	differ low:mv0 meta -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 0
}

# fails if frames with too little headroom for metadata are lost or spoilt
test_no_room() {
	begin passthru
	xdpctl detach low:mv0 drv
	fresh head
	xdpctl set head cfg 2 -212 3 2
	xdpctl attach low:lower drv head
	xdpctl attach low:mv0 drv hints
	tool set dev mv0 hints rx,hash,time
	observe -S low:mv0 -s gen:peer "A:dst=$MV0"
	eq "frames" "$(stat low:mv0 rx_xdp_pass)" 20
	# what the lower's program put in front of them makes them none of ours
	eq "lengths of their metadata" "$(xdpctl dump hints hints | awk '$1 == 0 { print $2 }' | sort -u)" 0
}

# fails if hints can't change under traffic, or a frame is lost by it
test_under_traffic() {
	local i traffic
	begin bridge
	exec {TRAFFIC}< <(exec "$BIN/frames" -l 60 -s gen:peer "A:dst=$MV0" 2>&1)
	traffic=$!
	defer "kill $traffic 2>/dev/null"
	read -rt $((10 * SCALE)) -u "$TRAFFIC" _
	for ((i = 0; i < 8; i++)); do
		tool set dev mv0 hints rx
		tool set dev mv0 hints rx,hash,time
		tool set dev mv0 hints off
	done
	kill "$traffic"
	wait "$traffic" || :
	eq "lengths of metadata" "$(xdpctl dump hints hints | awk '{ print $2 }' | sort -nu | tr '\n' ' ')" "0 12 24 "
	has "$(in_ns low ethtool -S mv0)" 'rx_xdp_errors: 0' 'rx_xdp_drop: 0'
}

# fails if XDP_ABORTED of a program with hints is lost, or blamed on nobody
test_aborted() {
	begin bridge
	xdpctl detach low:mv0 drv
	tool set dev mv0 hints rx
	differ low:mv0 aborted -s gen:peer -r low:mv0 "A:dst=$MV0" "B:dst=$BROADCAST,n=3"
	eq "aborted" "$(stat low:mv0 rx_xdp_aborted)" 23
}

# fails if wrong requests are not refused with a word of why
test_refused() {
	begin bridge
	refused 'no upper' tool set dev lower hints rx
	refused 'not a hint' tool set dev mv0 hints speed
	hasnt "$(tool status)" ', hints'
	tool set dev mv0 hints rx
	ip -n low link del mv0
	hasnt "$(tool status)" ', hints'
}

# needs_kfuncs: programs bound to a device, which ask its driver
needs_kfuncs() {
	needs_native
	[[ -e /sys/kernel/btf/vmlinux ]] || skip "this kernel has no BTF"
	xdpctl metadata low:lower >/dev/null || skip "this kernel's drivers tell programs nothing"
}

# fails if a program bound to a macvlan is told other things than one bound to its lower, or by another frame
test_kfuncs() {
	local lower upper
	topo bridge
	needs_kfuncs
	eq "what the driver says it can tell" "$(xdpctl metadata low:mv0)" "$(xdpctl metadata low:lower)"
	defer "rm -f $PINS/kfuncs-bound $PINS/kfuncs-lower"
	xdpctl bound low:lower kfuncs
	mv "$PINS/kfuncs-bound" "$PINS/kfuncs-lower"
	xdpctl attach low:lower drv kfuncs-lower
	xdpctl bound low:mv0 kfuncs
	xdpctl attach low:mv0 drv kfuncs-bound
	observe -s gen:peer "A:dst=$MV0" "V:dst=$MV0,vid=7,n=4"
	lower=$(xdpctl dump kfuncs-lower told | grep '^65 ' | sort)
	upper=$(xdpctl dump kfuncs-bound told | grep '^65 ' | sort)
	eq "frames that were asked about" "$(wc -l <<<"$upper")" 20
	eq "what the upper's program was told" "$upper" "$lower"
	has "$upper" '= [1-9][0-9]* 0 '
	# ENODATA (61) on the skb path: no driver has the frame any more
	observe -s gen:peer "B:dst=$BROADCAST,n=1"
	has "$(xdpctl dump kfuncs-bound told | grep '^66 ')" '= 0 61 0 0 61 0 61'
}

# fails if a program bound to a bond, or to a macvlan on it, is told nothing or of another frame
test_kfuncs_stacked() {
	needs_native
	# shellcheck source=selftests/bond_xdp.test.sh
	. selftests/bond_xdp.test.sh
	bond_topo mode balance-rr
	[[ -e /sys/kernel/btf/vmlinux ]] || skip "this kernel has no BTF"
	xdpctl metadata low:s0 >/dev/null || skip "this kernel's drivers tell programs nothing"
	ip -n low link add link bond0 name mv0 up address "$MV0" type macvlan mode bridge
	defer "rm -f $PINS/kfuncs-bound $PINS/kfuncs-mv0"
	xdpctl bound low:mv0 kfuncs
	mv "$PINS/kfuncs-bound" "$PINS/kfuncs-mv0"
	xdpctl bound low:bond0 kfuncs
	xdpctl attach low:bond0 drv kfuncs-bound
	xdpctl attach low:mv0 drv kfuncs-mv0
	observe -s gen:p0 "A:from=gen:p0,dst=$MV0" "B:from=gen:p1,dst=$MV0"
	eq "what the macvlan's program was told" "$(xdpctl dump kfuncs-mv0 told | sort)" \
		"$(xdpctl dump kfuncs-bound told | sort)"
	has "$(xdpctl dump kfuncs-mv0 told | sort)" '^65 [0-9]* = [1-9][0-9]* 0 ' $'\n''66 [0-9]* = [1-9][0-9]* 0 '
}

# fails if a bound program behind another one is told nothing, or nothing of frames of a slave that joins later
test_kfuncs_chain() {
	needs_native
	# shellcheck source=selftests/bond_xdp.test.sh
	. selftests/bond_xdp.test.sh
	bond_topo mode balance-rr
	[[ -e /sys/kernel/btf/vmlinux ]] || skip "this kernel has no BTF"
	xdpctl metadata low:s0 >/dev/null || skip "this kernel's drivers tell programs nothing"
	defer "rm -f $PINS/kfuncs-bound"
	xdpctl bound low:bond0 kfuncs
	attach low:bond0 pass
	batch low 'link set s1 nomaster'
	tool chain add dev bond0 from 1 on pass to pinned "$PINS/kfuncs-bound"
	batch low 'link set s1 master bond0'
	wait_for "the slave" slave_is_up s1
	observe -w low:bond0 -s gen:p0 "A:from=gen:p0,dst=$LOWER" "B:from=gen:p1,dst=$LOWER"
	has "$(xdpctl dump kfuncs-bound told | sort)" '^65 [0-9]* = [1-9][0-9]* 0 ' $'\n''66 [0-9]* = [1-9][0-9]* 0 '
}

# fails if modules can't go and come back where programs could have asked drivers, or hints were set
test_unload() {
	begin bridge
	tool set dev mv0 hints rx,hash,time
	xdpctl detach low:mv0 drv
	unload_modules
	load_modules
	hasnt "$(tool status)" ', hints'
	xdpctl attach low:mv0 drv hints
	observe -w low:mv0 -s gen:peer "A:dst=$MV0"
	told A 0 0 0 0 0 20
}

# fails if a program compiled for other versions of the layouts does not find fields and types by CO-RE
test_core() {
	begin bridge
	[[ -e /sys/kernel/btf/xdp_rx_handler ]] || skip "the module has no BTF"
	xdpctl detach low:mv0 drv
	fresh hints_core
	xdpctl attach low:mv0 drv hints_core
	observe -w low:mv0 -s gen:peer "A:dst=$MV0"
	tool set dev mv0 hints rx
	observe -w low:mv0 -s gen:peer "B:dst=$MV0"
	tool set dev mv0 hints rx,time
	observe -w low:mv0 -s gen:peer "C:dst=$MV0"
	eq "layouts" "$(xdpctl dump hints_core layouts | sort)" "$(printf '%s\n' "65 0 0 0 = 20 0" \
		"66 1 $(ifindex low:lower) 0 = 20 0" "67 3 0 0 = 20 0")"
}

# fails if metadata does not reach an AF_XDP socket, ahead of each frame
test_af_xdp() {
	needs_native
	# shellcheck source=selftests/xsk.test.sh
	. selftests/xsk.test.sh
	topo bridge
	fresh xskmap
	attach low:mv0 xskmap
	tool set dev mv0 hints rx,time
	sockets -c -m "$(meta_type mv0)" low:mv0 0
	frames -s gen:peer "A:dst=$MV0"
	sockets_end
	has "$SOCKETS" 'xsk low:mv0 0 A frames=20 .*meta=20'
}

# fails if a virtual machine finds metadata in its frames, or its frames spoilt by it
test_macvtap() {
	needs_native
	# shellcheck source=selftests/macvtap.test.sh
	. selftests/macvtap.test.sh
	macvtap_topo bridge
	attach low:mv0 pass
	tool set dev mv0 hints rx,hash,time
	carries rx
	eq "frames as skbs" "$(skbs)" 0
}

# fails if a program that the lower's own hands frames to is not told where they came in
test_by_program() {
	local type
	# shellcheck source=selftests/handup.test.sh
	. selftests/handup.test.sh
	begin bridge
	fresh hints
	xdpctl attach low:mv0 drv hints
	tool set dev mv0 hints rx
	type=$(meta_type mv0)
	observe -w low:mv0 -s gen:peer "A:dst=$MV0"
	# no queue that could feed a socket
	told A 12 "$type" "$(ifindex low:lower)" 4294967295 0 20
}
