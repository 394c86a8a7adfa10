# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What every case may use. Sourced by selftests/run, which runs each case in a subshell of its own.
#
# The topology that topo makes; every address is fixed, so that two runs send the same bytes:
#
#   netns gen                 netns low
#   +--------------+          +------------------------------------+
#   |  peer -------|-- veth --|-- lower --+-- mv0 (or in netns up0)|
#   |  ..:00:aa    |          |  ..:00:01 |   ..:01:00             |
#   +--------------+          |           +-- mv1 (or in netns up1)|
#                             |               ..:01:01             |
#                             +------------------------------------+
#
# A case succeeds by returning. It fails by fail(), or by any command that fails unexpectedly (errexit).

# How the program under test is attached: drv. With skb the suite tests itself (xdpgeneric twice).
MODE=${MODE:-drv}
SCALE=${TEST_TIMEOUT_SCALE:-1}
BIN=$PWD/build/selftests
PINS=/run/xdp_rxh_test	# a bpffs that "ip -n", which mounts a new /sys, still sees
KERNEL=$(uname -r)
MODULES=$PWD/build/$KERNEL
PATH=$BIN:$PATH
export TEST_TIMEOUT_SCALE=$SCALE

PEER=02:00:00:00:00:aa
LOWER=02:00:00:00:00:01
MV0=02:00:00:00:01:00
MV1=02:00:00:00:01:01
MV2=02:00:00:00:01:02
STRANGER=02:00:00:00:99:99
BROADCAST=ff:ff:ff:ff:ff:ff
MULTICAST=01:00:5e:00:00:01	# 224.0.0.1: every IPv4 host is a member
: "$PEER $LOWER $MV0 $MV1 $MV2 $STRANGER $BROADCAST $MULTICAST"

case $MODE in
drv) IPMODE=xdpdrv BPFTOOLMODE=xdpdrv LOADERMODE=native ;;
skb) IPMODE=xdpgeneric BPFTOOLMODE=xdpgeneric LOADERMODE=skb ;;
*) echo "MODE is drv or skb"; exit 2 ;;
esac
: "$IPMODE $BPFTOOLMODE $LOADERMODE"

# ---- verdicts of a case

note() { echo "$*"; }

fail() {
	note "FAIL: $*"
	exit 1
}

skip() {
	note "SKIP: $*"
	echo "$*" >"$WORK/skip"
	exit 4
}

# eq WHAT GOT WANT
eq() {
	[[ $2 == "$3" ]] || fail "$1: got '$2', want '$3'"
}

# has TEXT REGEX...: every regex matches TEXT
has() {
	local text=$1 regex
	shift
	for regex in "$@"; do
		[[ $text =~ $regex ]] || fail "no '$regex' in: $text"
	done
}

# hasnt TEXT REGEX...
hasnt() {
	local text=$1 regex
	shift
	for regex in "$@"; do
		[[ ! $text =~ $regex ]] || fail "'$regex' in: $text"
	done
}

# refused REGEX COMMAND...: the command fails and says why
refused() {
	local regex=$1 said status=0
	shift
	said=$("$@" 2>&1) || status=$?
	[[ $status -ne 0 ]] || fail "not refused: $*"
	[[ $said =~ $regex ]] || fail "refused, but with '$said', not '$regex': $*"
}

# ---- commands: each that matters is written down, and shown if the case fails

traced() {
	echo "+ $*" >>"$WORK/trace"
	command "$@"
}

for tool in ip tc ethtool bpftool xdp-loader ping modprobe insmod rmmod xdpctl frames xsk race edits chainmsg handup fuzz vhost taptest failnth nlfuzz; do
	eval "$tool() { traced $tool \"\$@\"; }"
done
unset tool

# ---- waiting: for a condition, with a deadline, never for a time

# A descriptor that never has anything to read: read -t on it is a pause without a process.
exec {NEVER}<> <(:)

pause() { read -rt "$1" -u "$NEVER" || :; }

# wait_for WHAT COMMAND...: until the command succeeds, at most 10 s (scaled)
wait_for() {
	local what=$1 deadline=$((SECONDS + 10 * SCALE))
	shift
	until "$@"; do
		((SECONDS < deadline)) || fail "waited in vain for: $what"
		pause 0.05
	done
}

# ---- undoing: the last first, whether the case succeeded or not

UNDO=() NAMESPACES=()
declare -A DEVICES=()

defer() { UNDO+=("$*"); }

# Deleting a device by hand waits until nobody holds it: a leaked reference hangs the case, and fails it.
delete_later() { DEVICES[$1]+="link del $2"$'\n'; }

undo_all() {
	local i ns lines=
	for ((i = ${#UNDO[@]} - 1; i >= 0; i--)); do
		eval "${UNDO[i]}" || :
	done
	for ns in "${!DEVICES[@]}"; do
		[[ ! -e /run/netns/$ns ]] || batch_anyway "$ns" "${DEVICES[$ns]}"
	done
	for ns in "${NAMESPACES[@]}"; do
		[[ ! -e /run/netns/$ns ]] || lines+="netns del $ns"$'\n'
	done
	[[ -z $lines ]] || ip -force -batch - <<<"$lines"
}

# ---- modules

loaded() { [[ -d /sys/module/$1 ]]; }

load_modules() {
	[[ $MODE == drv ]] || return 0
	loaded macvlan || modprobe macvlan
	loaded xdp_rxh_hints || insmod "$MODULES/xdp_rxh_hints.ko"
	loaded xdp_rx_handler || insmod "$MODULES/xdp_rx_handler.ko"
	loaded macvlan_xdp || insmod "$MODULES/macvlan_xdp.ko"
}

unload_modules() {
	[[ $MODE == drv ]] || return 0
	if loaded macvlan_xdp; then rmmod macvlan_xdp; fi
	if loaded xdp_rx_handler; then rmmod xdp_rx_handler; fi
}

# The modules of macvtaps, ours as far as we have them, until the end of the case
load_macvtap_modules() {
	[[ -e $MODULES/macvtap_xdp.ko ]] || skip "no macvtap_xdp.ko is built"
	unload_macvtap_modules
	defer unload_macvtap_modules
	modprobe macvlan
	insmod "$MODULES/tap.ko"
	modprobe macvtap
	modprobe vhost_net || skip "no vhost_net"
	load_modules
	insmod "$MODULES/macvtap_xdp.ko"
}

# Whatever holds tap.ko goes; the stock one comes back by itself when it is used again.
unload_macvtap_modules() {
	local module
	for module in macvtap_xdp vhost_net ipvtap macvtap tap; do
		! loaded "$module" || rmmod "$module"
	done
}

# bonding_xdp.ko, until the end of the case
load_bonding_xdp() {
	needs_native
	modprobe bonding
	loaded bonding_xdp || insmod "$MODULES/bonding_xdp.ko"
	defer "! loaded bonding_xdp || rmmod bonding_xdp"
}

# bond_of_lower: bond0, whose only slave is lower, and the macvlan mv9 on it
bond_of_lower() {
	load_bonding_xdp
	batch low "link add bond0 type bond mode active-backup
		link set lower down
		link set lower master bond0
		link set bond0 up
		link add link bond0 name mv9 up type macvlan mode bridge"
	delete_later low bond0
}

# needs_tool: xdp-rxh; tool WORDS...: it, where the lower is
TOOL=$PWD/build/xdp-rxh
needs_tool() {
	[[ -x $TOOL ]] || skip "no build/xdp-rxh"
}

tool() { in_ns low "$TOOL" "$@"; }

# needs_native: the case means nothing in the suite's test of itself
needs_native() {
	[[ $MODE == drv ]] || skip "needs native mode"
}

# needs_dispatcher: libxdp has programs replaced in its dispatcher, which takes the kernel's BTF
needs_dispatcher() {
	[[ -e /sys/kernel/btf/vmlinux ]] || skip "this kernel has no BTF for libxdp's dispatcher"
}

# ---- namespaces and devices

netns() {
	NAMESPACES+=("$@")
	xdpctl netns "$@"
}

# batch NETNS LINES: what "ip" is to do there, in one process
batch() {
	echo "$2" >>"$WORK/trace"
	ip -n "$1" -batch - <<<"$2"
}

# The same for what may be gone already
batch_anyway() {
	echo "$2" >>"$WORK/trace"
	ip -n "$1" -force -batch - <<<"$2" 2>/dev/null
}

# The wire: netns gen and low, and the veth between them
PEER_OPTIONS=() LOWER_OPTIONS=()
wire() {
	netns gen low "$@"
	ip -n gen link add peer up address $PEER "${PEER_OPTIONS[@]}" type veth \
		peer name lower netns low address $LOWER "${LOWER_OPTIONS[@]}"
	delete_later low lower
}

# nics: the VM's virtio-net NICs (tools/vm/vm), of which gen:p0 and low:s0 are the ends of one wire, gen:p1 and low:s1
# those of another
nics() {
	local path name address
	local -A ends=([52:54:00:00:00:0a]=gen:p0 [52:54:00:00:00:0b]=low:s0 [52:54:00:00:00:1a]=gen:p1
		[52:54:00:00:00:1b]=low:s1)
	modprobe virtio_net
	netns gen low
	for path in /sys/class/net/*/address; do
		address=$(<"$path") path=${path%/address}
		name=${ends[$address]-}
		[[ -n $name ]] || continue
		unset "ends[$address]"
		ip link set "${path##*/}" netns "${name%:*}" name "${name#*:}"
		defer "ip -n ${name%:*} link set ${name#*:} down netns 1"
	done
	[[ ${#ends[@]} -eq 0 ]] || skip "this VM has no virtio-net NICs"
}

# upper_line NAME MAC MODE[@NETNS]: a line for "ip -n low -batch" that adds an upper
upper_line() {
	local mode=${3%@*} ns=
	[[ $3 != *@* ]] || ns="netns ${3#*@}"
	echo "link add link lower name $1 up address $2 $ns ${UPPER_OPTIONS-} type ${UPPER_TYPE:-macvlan} mode $mode"
}

# topo MODE[@NETNS]...: the wire, and on lower mv0, mv1, ... with these modes, in low or in their own netns
topo() {
	local i=0 arg lines='link set lower up' spaces=()
	for arg in "$@"; do
		[[ $arg != *@* || " ${spaces[*]} " == *" ${arg#*@} "* ]] || spaces+=("${arg#*@}")
		lines+=$'\n'$(upper_line "mv$i" "02:00:00:00:01:0$i" "$arg")
		i=$((i + 1))
	done
	wire "${spaces[@]}"
	batch low "$lines"
}

# in_ns NETNS COMMAND...: only the network is another one; "ip netns exec" would hide bpffs
in_ns() {
	local ns=$1
	shift
	traced nsenter --net="/run/netns/$ns" "$@"
}

# tap_node NETNS IF: a node for the macvtap's character device, whose number no other namespace's can take
tap_node() {
	local node=$WORK/$1-$2 number
	number=$(ip netns exec "$1" sh -c "cat /sys/class/net/$2/macvtap/tap*/dev")
	rm -f "$node"
	mknod "$node" c "${number%:*}" "${number#*:}"
	echo "$node"
}

# delete_together DEV...: of low, in one go, in the order in which they were made
delete_together() {
	batch low "$(printf 'link set %s group 7\n' "$@")"$'\nlink del group 7'
}

has_device() { ip -n "$1" link show dev "$2" &>/dev/null; }

# mode_of NS:IF: "drv NAME ID", "skb NAME ID" or "none"
mode_of() { xdpctl show "$1"; }

# The program of a device: nothing but its id
prog_id() {
	local mode name id
	read -r mode name id < <(xdpctl show "$1")
	: "$mode $name"
	echo "${id-}"
}

# has_program NS:IF MODE[ NAME]
has_program() {
	local is
	is=$(mode_of "$1")
	[[ $is == "$2 "* ]] || fail "$1 has '$is', not '$2'"
}

is_mode() { [[ $(mode_of "$1") == "$2"* ]]; }

attach() { xdpctl attach "$1" "$MODE" "$2"; }
detach() { xdpctl detach "$1" "$MODE"; }

# The far end of a veth takes XDP frames only while it has a program itself
attach_peer() { xdpctl attach "${1:-gen:peer}" drv frags; }

# ip_attach NS:IF PROG [OPTIONS-OF-IP...]: by iproute2, whose extack texts "refused" is for
ip_attach() {
	local ns=${1%:*} dev=${1#*:} prog=$2
	shift 2
	[[ -e $PINS/$prog ]] || xdpctl load "$prog"
	ip "$@" -n "$ns" link set dev "$dev" "$IPMODE" pinned "$PINS/$prog"
}

# The programs whose maps hold devices, CPUs or sockets of a case must not outlive it
fresh() {
	local prog
	for prog in "$@"; do
		defer "rm -f $PINS/$prog"
	done
	xdpctl load "$@"
}

# ---- the oracle

# differ NS:IF PROG ARGS-OF-FRAMES...: the same run in generic and in native mode must print the same.
# What matches the regular expression $INEXACT is left out of the comparison.
# Leaves the native run's lines in $NATIVE, what ethtool counted in it in $STATS.
INEXACT=

differ() {
	local dev=$1 prog=$2 generic
	shift 2
	observe -S "$dev" -x "$dev,skb,$prog" "$@"
	generic=$NATIVE
	observe -S "$dev" -x "$dev,$MODE,$prog" "$@"
	if [[ $NATIVE != "$generic" ]]; then
		note "- generic, + native:"
		diff -u <(echo "$generic") <(echo "$NATIVE") | tail -n +4 || :
		note "counted in native mode: $STATS"
		fail "native and generic mode differ on $dev with $prog"
	fi
}

# observe ARGS-OF-FRAMES...: one run, without comparing
observe() {
	local said line
	said=$(frames "$@")
	NATIVE='' STATS=''
	while read -r line; do
		if [[ $line == stat\ * ]]; then
			STATS+=${line#stat }$'\n'
		else
			[[ -z $INEXACT || ! $line =~ $INEXACT ]] || line=${line/"${BASH_REMATCH[0]}"/}
			[[ -z $line ]] || NATIVE+=$line$'\n'
		fi
	done <<<"$said"
	balanced "$@"
}

# balanced ARGS-OF-FRAMES...: the books of each device that frames attached a native program to and looked at:
# every frame that ip -s link counted met the program once, and has one verdict; every frame passed was
# delivered, or is counted as an error. $IGNORED is how many the device, a bond, counts but ignores, as the slave
# they came in by is inactive; $UNSEEN how many of those passed are too short to be
# recognised, or dropped by tc.
IGNORED=0 UNSEEN=0
balanced() {
	local spec dev verdict met
	for spec; do
		[[ $spec == *,drv,* && $STATS == *"${spec%%,*} rx_xdp_pass "* ]] || continue
		dev=${spec%%,*} met=0
		for verdict in pass drop aborted invalid tx redirect; do
			met=$((met + $(stat "$dev" "rx_xdp_$verdict")))
		done
		[[ $NATIVE =~ (^|$'\n')"link $dev rx_packets="([0-9]+) ]] || continue
		eq "packets received by $dev, and verdicts" "$((BASH_REMATCH[2] - IGNORED))" "$met"
		[[ " $* " != *" -r $dev "* ]] ||
			eq "frames delivered by $dev, and passed" "$(($(delivered "$dev") + UNSEEN))" \
				"$(stat "$dev" rx_xdp_pass)"
	done
}

# delivered NS:IF: frames of all streams that reached protocol handlers there, or on a VLAN device on it
delivered() {
	awk -v dev="$1" '$1 == "got" && index($2 ".", dev ".") == 1 && match($0, /frames=[0-9]+/) {
		sum += substr($0, RSTART + 7, RLENGTH - 7) } END { print sum + 0 }' <<<"$NATIVE"
}

# stat NS:IF NAME: what ethtool -S counted in the last differ
stat() {
	local regex=$'(^|\n)'"$1 $2 ([0-9]+)"
	if [[ $STATS =~ $regex ]]; then echo "${BASH_REMATCH[2]}"; else echo 0; fi
}

# met DEV COUNTER N: that counter of a device of low has come to N
met() { [[ $(in_ns low ethtool -S "$1") =~ [[:space:]]"$2: $3"($|[[:space:]]) ]]; }

# saw NS:IF STREAM COUNT, got NS:IF STREAM COUNT: in the last differ or observe
saw() { arrived saw "$@"; }
got() { arrived got "$@"; }

arrived() {
	local regex=$'(^|\n)'"$1 $2 $3 [^"$'\n'"]*frames=([0-9]+)" count=0
	if [[ $NATIVE =~ $regex ]]; then count=${BASH_REMATCH[2]}; fi
	eq "$1 $2 stream $3" "$count" "$4"
}

# on_skb_path NS:IF COUNT: so many of the frames met the program on the skb path, the others in the driver
on_skb_path() {
	[[ $MODE == drv ]] || return 0
	eq "$1 rx_xdp_skb" "$(stat "$1" rx_xdp_skb)" "$2"
}

# gets_through FROM TO MAC: a frame does, at last. (A bond takes a slave into use some time after LACP has it.)
gets_through() {
	observe -s "$1" -r "$2" "Z:dst=$3,n=1"
	[[ $NATIVE == *"got $2 Z"* ]]
}

# active_is DEV: low:bond0 has this slave for its active one
active_is() {
	[[ $(ip -n low -d -j link show dev bond0 | jq -r '.[0].linkinfo.info_data.active_slave') == "$1" ]]
}

# count_lacpdus: have tc count what LACP frames bonding may see of low:s0; lacpdus: how many those were
count_lacpdus() {
	tc -n low qdisc add dev s0 clsact
	tc -n low filter add dev s0 ingress protocol 0x8809 matchall action ok
}

lacpdus() { tc -n low -s -j filter show dev s0 ingress | jq '[.. | .packets? // empty][0]'; }

# lacp_up: both slaves of low:bond0 have a partner and send to it
lacp_up() { [[ $(in_ns low cat /proc/net/bonding/bond0 | grep -c 'port state: 63') -eq 4 ]]; }

# lacp_partner NS:IF MAC: make gen:bond1 of p0 and p1, and wait until its frames for MAC come to a device
lacp_partner() {
	batch gen "link add bond1 type bond mode 802.3ad lacp_rate fast miimon 100
	link set p0 down
	link set p1 down
	link set p0 master bond1
	link set p1 master bond1
	link set bond1 up"
	delete_later gen bond1
	wait_for "LACP" lacp_up
	wait_for "the partner" gets_through gen:bond1 "$1" "$2"
}

# moved DEV rx|tx COUNT: so many more frames have come in to low:DEV, or gone out, since MOVED_BEFORE was unset
moved() {
	local now
	now=$(ip -n low -s -j link show dev "$1" | jq ".[0].stats64.$2.packets")
	MOVED_BEFORE=${MOVED_BEFORE:-$now}
	((now >= MOVED_BEFORE + $3))
}

# listen NS:IF...: count what is delivered there from now on; heard: until now, in $NATIVE
listen() {
	local dev line args=()
	for dev in "$@"; do
		args+=(-r "$dev")
	done
	exec {LISTENER}< <(exec "$BIN/frames" "${args[@]}")
	LISTENER_PID=$!
	defer "kill $LISTENER_PID 2>/dev/null"
	read -rt $((10 * SCALE)) -u "$LISTENER" line || fail "no listener"
	eq "listener" "$line" ready
}

heard() {
	kill "$LISTENER_PID"
	# shellcheck disable=SC2034 # for got
	NATIVE=$(cat <&"$LISTENER")
	exec {LISTENER}<&-
}

# ---- tracepoints

# trace_events EVENT...: write down what these events of the subsystem xdp say from now on
trace_events() {
	local event
	TRACE=/sys/kernel/tracing/instances/selftest
	[[ -e /sys/kernel/tracing/events/xdp ]] || skip "no tracefs"
	mkdir "$TRACE"
	defer "rmdir $TRACE"
	for event in "$@"; do
		echo 1 >"$TRACE/events/xdp/$event/enable"
	done
}

# events REGEX: how many of them match
events() { grep -cE -- "$1" "$TRACE/trace" || :; }

# ---- traffic in the background

# traffic ARGS-OF-FRAMES...: until stop_traffic, or the end of the case
traffic() {
	local line
	exec {TRAFFIC}< <(exec "$BIN/frames" -l 60 "$@" 2>&1)
	TRAFFIC_PID=$!
	echo "+ frames -l 60 $*" >>"$WORK/trace"
	defer stop_traffic
	read -rt $((10 * SCALE)) -u "$TRAFFIC" line || fail "no traffic"
	eq "traffic" "$line" ready
}

stop_traffic() {
	[[ -n ${TRAFFIC_PID-} ]] || return 0
	kill "$TRAFFIC_PID" 2>/dev/null || :
	wait "$TRAFFIC_PID" 2>/dev/null || :
	exec {TRAFFIC}<&-
	TRAFFIC_PID=
}
