# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# xdp-rxh monitor, and where else losses are shown: ethtool -S, ip -s link, drop reasons.

# begin MODE...: uppers, and the tool
begin() {
	needs_native
	needs_tool
	topo "$@"
}

# begin_taps MODE...: uppers are macvtaps on our tap.ko
begin_taps() {
	needs_native
	needs_tool
	load_macvtap_modules
	UPPER_TYPE=macvtap topo "$@"
}

# shot FILTER WORDS...: what jq makes of one shot
shot() {
	local filter=$1
	shift
	tool -j monitor "$@" | jq -r "$filter"
}

# total IF NAME WANT: a counter since the device was made
total() { eq "$1 $2" "$(shot ".[0].totals.$2" dev "$1")" "$3"; }

# link IF NAME: the same by ip -s link; ethtool_stat IF NAME: by ethtool -S
link() { ip -n low -s -j link show dev "$1" | jq ".[0].stats64.$2"; }
ethtool_stat() { in_ns low ethtool -S "$1" | sed -n "s/^ *$2: //p"; }

# names WORDS...: the devices of one shot, in its order
names() { shot '[.[].ifname] | join(" ")' "$@"; }

# fails if totals are not the frames that were sent, or other than what ip and ethtool show
test_totals() {
	local name
	begin bridge bridge
	attach low:mv0 drop
	observe -s gen:peer "A:dst=$MV0,n=30" "C:dst=$BROADCAST,n=10" "D:dst=$LOWER,n=5"
	total mv0 rx_xdp_drop 40
	total mv0 rx_xdp_skb 10
	total mv0 rx_packets "$(link mv0 rx.packets)"
	total mv0 rx_bytes "$(link mv0 rx.bytes)"
	total mv0 tx_dropped "$(link mv0 tx.dropped)"
	for name in rx_xdp_{aborted,drop,pass,tx,redirect,invalid,skb,tx_errors,redirect_errors,errors} \
		tx_xdp_xmit{,_errors}; do
		total mv0 "$name" "$(ethtool_stat mv0 "$name")"
	done
	total lower rx_xdp_drop 40
	total lower rx_packets "$(link lower rx.packets)"
}

# fails if a lower's sums leave out its uppers in other namespaces
test_port_sums_up() {
	begin bridge bridge@up0
	attach low:mv0 drop
	attach up0:mv1 drop
	observe -s gen:peer "A:dst=$MV0,n=30" "B:dst=$MV1,n=12"
	total lower rx_xdp_drop 42
	eq "devices" "$(names)" 'lower mv0'
}

# fails if rates are not the frames sent in a second
test_rates() {
	local line table interval=$((4 * SCALE))
	begin bridge
	attach low:mv0 drop
	exec {table}< <(in_ns low "$TOOL" monitor dev mv0 interval "$interval" count 2)
	# the second interval begins when the first table has come
	read -rt $((30 * SCALE)) -u "$table" line || fail "no table"
	has "$line" '^DEVICE +ON +PACKET/s'
	read -ru "$table" line
	has "$line" '^mv0 +lower +0 +0 +0 +0 +0 +0 +0 +- +- +0$'
	observe -s gen:peer "A:dst=$MV0,n=$((interval * 4))" "C:dst=$BROADCAST,n=$interval"
	read -ru "$table" line
	eq "between tables" "$line" ''
	read -rt $((30 * SCALE)) -u "$table" line || fail "no second table"
	read -ru "$table" line
	exec {table}<&-
	has "$line" '^mv0 +lower +5 +[0-9]+ +5 +0 +0 +0 +0 +20% +- +0$'
}

# fails if rows are not in the order that is asked for, or filters leave others than they say
test_sorted_and_filtered() {
	begin bridge bridge bridge
	attach low:mv0 drop
	attach low:mv1 pass
	ip -n low link add other up type veth peer name near
	delete_later low other
	ip -n low link add link other name mv9 type macvlan mode bridge
	traffic -s gen:peer "A:dst=$MV0" "B:dst=$MV1"
	eq "by drop" "$(names native sort drop interval 0.5)" 'mv0 mv1'
	eq "by pass" "$(names native sort pass interval 0.5)" 'mv1 mv0'
	eq "on a port" "$(names port lower sort name)" 'lower mv0 mv1 mv2'
	eq "on another" "$(names port other sort name)" 'mv9 other'
	eq "busy" "$(names busy sort name interval 0.5)" 'lower mv0 mv1'
	# its stack knows no protocol of theirs
	eq "losing" "$(names losing interval 0.5)" mv1
	eq "rates" "$(shot '.[0].rates | .rx_xdp_drop > 0 and .rx_xdp_pass == 0' dev mv0 interval 0.5)" true
}

# fails if a queue's fill is not what waits in it, or what found it full is not in all places
test_ring() {
	local fd
	begin_taps bridge
	ip -n low link set mv0 txqueuelen 16
	exec {fd}<>"$(tap_node low mv0)"
	attach low:mv0 pass
	eq "no frame" "$(shot '.[0].ring | [.queues, .queued, .size] | @csv' dev mv0)" 1,0,16
	observe -s gen:peer "A:dst=$MV0,n=7"
	eq "native" "$(shot '.[0].ring | [.queued, .worst_queued] | @csv' dev mv0)" 7,7
	observe -s gen:peer "C:dst=$BROADCAST,n=5"
	eq "both" "$(shot '.[0].ring.queued' dev mv0)" 12
	dd bs=2048 count=5 <&"$fd" of=/dev/null status=none
	eq "read" "$(shot '.[0].ring.queued' dev mv0)" 7
	observe -s gen:peer "A:dst=$MV0,n=20"
	eq "full" "$(shot '.[0].ring.queued' dev mv0)" 16
	total mv0 rx_dropped 11
	eq "dropped" "$(link mv0 rx.dropped)" 11
	total mv0 rx_xdp_errors 0
	dd bs=2048 count=16 <&"$fd" of=/dev/null status=none
	eq "empty" "$(shot '.[0].ring.queued' dev mv0)" 0
	exec {fd}<&-
	eq "closed" "$(shot '.[0].ring' dev mv0)" null
}

# fails if of several queues all, or not the fullest, are shown
test_ring_of_many() {
	local fd other
	begin_taps bridge
	exec {fd}<>"$(tap_node low mv0)" {other}<>"$(tap_node low mv0)"
	attach low:mv0 pass
	observe -s gen:peer "A:dst=$MV0,n=9"	# one flow
	eq "queues" "$(shot '.[0].ring | [.queues, .queued, .size, .worst_queued, .worst_size] | @csv' dev mv0)" \
		2,9,$((2 * $(link_queue mv0))),9,"$(link_queue mv0)"
	has "$(tool monitor dev mv0 interval 0.1 count 1)" " 9/[0-9]+,9/[0-9]+ "
	exec {fd}<&- {other}<&-
}

link_queue() { ip -n low -j link show dev "$1" | jq '.[0].txqlen'; }

# fails if what is lost is not shown with its reason
test_losing() {
	local fd
	begin_taps bridge bridge
	ip -n low link set mv0 txqueuelen 1
	exec {fd}<>"$(tap_node low mv0)"
	attach low:mv0 pass
	traffic -s gen:peer "A:dst=$MV0"
	has "$(tool monitor losing interval 1 count 1)" $'\n''mv0 +lower .* 1/1 +[1-9][0-9]* ring=[1-9]'
	eq "losing" "$(names losing interval 0.5)" mv0
	exec {fd}<&-
}

# fails if what an upper's program drops is a loss of its lower's, whose driver counts it as dropped
test_lower_counts_drops() {
	needs_native
	needs_tool
	# shellcheck source=selftests/tap.test.sh
	. selftests/tap.test.sh
	tap_topo bridge
	attach low:mv0 drop
	traffic -t low:lower "A:dst=$MV0"
	eq "busy" "$(names busy interval 0.5)" mv0
	eq "losing" "$(names losing interval 0.5)" ''
	hasnt "$(tool monitor interval 0.5 count 1)" 'rx='
	[[ $(shot '.[0].totals.rx_dropped' dev lower) -gt 0 ]] || fail "this tun counts no drops"
}

tables() { grep -c '^DEVICE' "$WORK/tables"; }

# fails if one that was stopped for a while makes up for the tables that it missed
test_stopped() {
	local pid before
	begin bridge
	nsenter --net=/run/netns/low "$TOOL" monitor interval 0.25 >"$WORK/tables" &
	pid=$!
	defer "kill $pid 2>/dev/null"
	wait_for "a table" grep -q '^DEVICE' "$WORK/tables"
	kill -STOP "$pid"
	before=$(tables)
	pause 4		# 16 tables
	kill -CONT "$pid"
	pause 1
	kill "$pid"
	[[ $(($(tables) - before)) -lt 10 ]] || fail "$(($(tables) - before)) tables in a second"
}

# fails if a frame that the sink was not told of is not shown
test_sink() {
	local sink
	begin_taps bridge
	attach low:mv0 pass
	sink=$(ip -n low -br link | sed -n 's/^\(xdprxh[0-9]*\) .*/\1/p')
	fresh redirect
	ip -n low link add other up type veth peer name near
	delete_later low other
	ip -n low link set near up
	xdpctl set redirect cfg 0 "dev=low:$sink"
	attach low:other redirect
	observe -s low:near "A:dst=$MV0"
	total lower sink_dropped 20
}

# fails if one dump does not tell of 300 devices, or of one twice
test_many() {
	local i lines=
	begin
	for ((i = 0; i < 300; i++)); do
		lines+="link add link lower name m$i type macvlan mode bridge"$'\n'
	done
	batch low "$lines"
	eq "devices" "$(shot '[.[].ifname] | [length, (unique | length)] | @csv')" 301,301
}

# fails if a mistake is not told in a line that says what is wrong
test_mistakes() {
	begin bridge
	refused 'nosuch: No such device' tool monitor dev nosuch
	refused 'nosuch: No such device' tool monitor port nosuch
	refused 'lo: no device with native XDP' tool monitor port lo
	refused 'neither an upper' tool monitor dev lo
	refused 'not a number of seconds' tool monitor interval 0
	refused 'not a number' tool monitor count many
	refused 'Usage.*KEY' tool monitor sort size
	refused 'Usage' tool monitor mv0
}

# ---- drop reasons

# skb_events EVENT...: write down what these events of the subsystem skb say from now on
skb_events() {
	local event
	TRACE=/sys/kernel/tracing/instances/selftest
	mkdir "$TRACE"
	defer "rmdir $TRACE"
	for event in "$@"; do
		echo 1 >"$TRACE/events/skb/$event/enable"
	done
}

# fails if sk_buffs that found a queue full are freed without the reason
test_reason_full() {
	local fd
	begin_taps bridge
	ip -n low link set mv0 txqueuelen 4
	exec {fd}<>"$(tap_node low mv0)"
	skb_events kfree_skb
	observe -s gen:peer "A:dst=$MV0,n=10"	# no program: as sk_buffs
	eq "full" "$(events 'kfree_skb: .*reason: FULL_RING')" 6
	eq "dropped" "$(link mv0 rx.dropped)" 6
	exec {fd}<&-
}

# fails if sk_buffs that a reader took look as if they had been lost
test_reason_none() {
	local fd
	begin_taps bridge
	exec {fd}<>"$(tap_node low mv0)"
	skb_events kfree_skb consume_skb
	observe -s gen:peer "A:dst=$MV0,n=10"
	dd bs=2048 count=10 <&"$fd" of=/dev/null status=none
	eq "lost" "$(events 'kfree_skb: .*\[tap\]')" 0
	[[ $(events 'consume_skb: ') -ge 10 ]] || fail "only $(events 'consume_skb: ') were consumed"
	exec {fd}<&-
}
