# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# AF_XDP sockets in copy mode on queues of a macvlan: queue k of the lower is queue k of the upper.

QUEUES=4

# queued_topo UPPER-QUEUES MODE...: a wire of QUEUES queues; gen's CPU 0 and 1 send into those that steer says
queued_topo() {
	# veth takes both ends' real numbers from the options of the first
	# shellcheck disable=SC2034 # for topo
	PEER_OPTIONS=(numtxqueues "$QUEUES" numrxqueues "$QUEUES") LOWER_OPTIONS=("${PEER_OPTIONS[@]}")
	# shellcheck disable=SC2034 # for topo
	UPPER_OPTIONS="numrxqueues $1"
	shift
	topo "$@"
	fresh xskmap
	attach low:mv0 xskmap
}

# steer QUEUE [QUEUE]: what gen's CPU 0 sends comes in at the first, what CPU 1 sends at the second
steer() {
	# shellcheck disable=SC2016 # for the inner shell
	ip netns exec gen bash -c '
		for ((q = 0; q < 4; q++)); do echo 0 >"/sys/class/net/peer/queues/tx-$q/xps_cpus"; done
		echo 1 >"/sys/class/net/peer/queues/tx-$1/xps_cpus"
		[[ -z $2 ]] || echo 2 >"/sys/class/net/peer/queues/tx-$2/xps_cpus"' steer "$1" "${2-}"
}

# Generic mode doesn't know the queue of a frame from a veth
two_cpus() {
	needs_native
	[[ $(nproc) -ge 2 ]] || skip "needs two CPUs"
}

# sockets ARGS-OF-XSK...: open them; sockets_end: what they got, in $SOCKETS. (A queue is free only some
# time after its last socket was closed: the kernel does that in a work queue.)
sockets() { wait_for "sockets on $*" open_sockets "$@"; }

open_sockets() {
	local line=
	exec {XSK}< <(exec "$BIN/xsk" "$@" 2>&1)
	XSK_PID=$!
	echo "+ xsk $*" >>"$WORK/trace"
	defer "kill $XSK_PID 2>/dev/null"
	read -rt $((10 * SCALE)) -u "$XSK" line || :
	[[ $line != ready ]] || return 0
	note "xsk: $line"
	exec {XSK}<&-
	return 1
}

sockets_end() {
	kill "$XSK_PID"
	SOCKETS=$(cat <&"$XSK")
	wait "$XSK_PID" || :
	exec {XSK}<&-
	hasnt "$SOCKETS" 'reordered|damaged'
}

# in_socket QUEUE STREAM COUNT
in_socket() {
	local regex="xsk low:mv0 $1 $2 frames=([0-9]+)" count=0
	if [[ $SOCKETS =~ $regex ]]; then count=${BASH_REMATCH[1]}; fi
	eq "stream $2 in the socket of queue $1" "$count" "$3"
}

# fails if a frame reaches the socket of another queue than it came in at, or none
test_queue_by_queue() {
	two_cpus
	queued_topo $QUEUES bridge
	sockets -c low:mv0 0 1 2 3
	steer 0 1
	frames -s gen:peer "A:dst=$MV0,n=10,cpu=0" "B:dst=$MV0,n=11,cpu=1"
	steer 2 3
	frames -s gen:peer "C:dst=$MV0,n=12,cpu=0" "D:dst=$MV0,n=13,cpu=1"
	sockets_end
	in_socket 0 A 10
	in_socket 1 B 11
	in_socket 2 C 12
	in_socket 3 D 13
	eq "lines" "$(wc -l <<<"$SOCKETS")" 4
}

# fails if a frame for a queue without a socket doesn't go on to the stack, as the program says
test_other_queues_pass() {
	two_cpus
	queued_topo $QUEUES bridge bridge
	sockets -c low:mv0 1
	steer 0 1
	observe -s gen:peer -r low:mv0 -r low:mv1 "A:dst=$MV0,cpu=0" "B:dst=$MV0,cpu=1" "D:dst=$MV1,cpu=1"
	sockets_end
	got low:mv0 A 20
	got low:mv0 B 0
	got low:mv1 D 20
	in_socket 1 B 20
	in_socket 0 A 0
}

# fails if an upper with fewer queues than its lower has frames of high queues clamped into a socket
test_fewer_queues_than_the_lower() {
	two_cpus
	queued_topo 1 bridge
	sockets -c low:mv0 0
	steer 0 3
	observe -s gen:peer -r low:mv0 "A:dst=$MV0,cpu=0" "B:dst=$MV0,cpu=1"
	sockets_end
	in_socket 0 A 20
	in_socket 0 B 0
	got low:mv0 B 20
}

# fails if a socket is fed from the skb path as well: two CPUs would then write into its ring at once
test_multicast_takes_another_queue() {
	two_cpus
	queued_topo $QUEUES bridge
	sockets -c low:mv0 0 1 2 3
	steer 0 1
	observe -w low:mv0 -q -s gen:peer -r low:mv0 "A:dst=$MV0,n=60,cpu=0" "B:dst=$MV0,n=60,cpu=1" \
		"C:dst=$BROADCAST,n=60,cpu=0" "M:dst=$MULTICAST,n=60,cpu=1"
	sockets_end
	in_socket 0 A 60
	in_socket 1 B 60
	saw low:mv0 C 60
	got low:mv0 C 60
	got low:mv0 M 60
	has "$NATIVE" "queue low:mv0 $QUEUES frames=120"
}

# fails if a socket on the queue of the skb path, which exists if the upper has one more, gets nothing
test_socket_for_the_skb_path() {
	needs_native
	queued_topo $((QUEUES + 1)) bridge
	sockets -c low:mv0 0 $QUEUES
	steer 0
	frames -s gen:peer "A:dst=$MV0" "C:dst=$BROADCAST"
	sockets_end
	in_socket 0 A 20
	in_socket $QUEUES C 20
	in_socket 0 C 0
}

# fails if zero-copy, which a macvlan can't do, is granted or quietly replaced
test_zero_copy_refused() {
	queued_topo $QUEUES bridge
	refused 'not supported' xsk -z low:mv0 0
	sockets low:mv0 0
	steer 0
	frames -s gen:peer "A:dst=$MV0"
	sockets_end
	in_socket 0 A 20
}

# fails if sockets of two uppers on the same queue take each other's frames
test_two_uppers() {
	queued_topo $QUEUES bridge bridge
	xdpctl load drop
	attach low:mv1 drop
	sockets -c low:mv0 0 1
	steer 0
	observe -w low:mv1 -s gen:peer "A:dst=$MV0" "B:dst=$MV1"
	sockets_end
	in_socket 0 A 20
	in_socket 0 B 0
	saw low:mv1 B 20
}

# fails if a socket in a container is not fed
test_in_a_namespace() {
	# shellcheck disable=SC2034 # for topo
	UPPER_OPTIONS="numrxqueues 2"
	topo bridge@up0
	fresh xskmap
	attach up0:mv0 xskmap
	sockets -c up0:mv0 0
	frames -s gen:peer "A:dst=$MV0"
	sockets_end
	has "$SOCKETS" 'xsk up0:mv0 0 A frames=20'
}

# fails if sockets closed under traffic, or an upper deleted under its sockets, hurt anybody
test_closed_under_traffic() {
	queued_topo $QUEUES bridge bridge
	steer 0
	traffic -s gen:peer "A:dst=$MV0" "C:dst=$BROADCAST"
	for _ in 1 2 3; do
		sockets -c low:mv0 0 1 2 3
		sockets_end
	done
	sockets -c low:mv0 0
	ip -n low link del mv0
	sockets_end
	stop_traffic
	observe -s gen:peer -r low:mv1 "B:dst=$MV1"
	got low:mv1 B 20
}

# fails if memory of the lower, which has an upper's sockets in it, is touched after a lower that goes first
test_deleted_with_the_lower() {
	queued_topo $QUEUES bridge
	steer 0
	sockets -c low:mv0 0
	frames -s gen:peer "A:dst=$MV0,n=10,cpu=0"
	delete_together lower mv0
	sockets_end
	in_socket 0 A 10
	refused '.' ip -n low link show dev mv0
}
