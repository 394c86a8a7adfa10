# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the loaders of the samples load does what it says on an upper, and is counted rightly.

# start SAMPLE ARGS...: where the lower is, until it is ready; stop: what it says then, in $SAID
start() {
	local line=
	exec {SAMPLE}< <(exec nsenter --net=/run/netns/low "$@" 2>&1)
	SAMPLE_PID=$!
	defer "kill $SAMPLE_PID 2>/dev/null"
	read -rt $((10 * SCALE)) -u "$SAMPLE" line || :
	eq "what the sample said" "$line" ready
}

stop() {
	kill "$SAMPLE_PID"
	SAID=$(cat <&"$SAMPLE")
}

# sample NAME: its path, in $SAMPLE_PATH
sample() {
	SAMPLE_PATH=$PWD/build/samples/$1
	[[ -e $SAMPLE_PATH ]] || skip "no samples: make samples"
}

# ip4 FROM TO PROTOCOL [PORT [FRAGMENT]], ip6 FROM TO PROTOCOL [PORT]: the keys of a stream of frames that begin so;
# IPv6's addresses are 2001:db8::FROM and 2001:db8::TO, hexadecimal. The checksum is wrong.
ip4() {
	# shellcheck disable=SC2086 # words of the addresses
	printf 'type=0800,head=450000320000%04x40%02x0000%02x%02x%02x%02x%02x%02x%02x%02x4000%04x00000000' \
		"${5-0}" "$3" ${1//./ } ${2//./ } "${4-0}"
}

ip6() {
	printf 'type=86dd,head=60000000001a%02x4020010db8%024x20010db8%024x4000%04x00000000' "$3" "0x$1" "0x$2" "${4-0}"
}

# behind an extension header (60, destination options)
ip6_extended() {
	local plain
	plain=$(ip6 "$1" "$2" 60 0)
	printf '%s%02x000104000000004000%04x00000000' "${plain%4000000000000000}" "$3" "${4-0}"
}

# fails if the filter misjudges a protocol, does not keep to a limit, or counts wrongly, on the lower or an upper
test_filter() {
	local line='' dev
	sample filter
	needs_native
	topo bridge bridge
	start "$SAMPLE_PATH" -i 1 -l udp=0 --limit icmp=5 lower mv0
	refused 'xdpdrv off' in_ns low "$SAMPLE_PATH" mv0
	observe -s gen:peer -r low:mv0 "A:dst=$MV0,n=2,type=0806" "T:dst=$MV0,n=3,$(ip4 10.0.0.1 10.0.0.2 6)" \
		"U:dst=$MV0,n=4,$(ip4 10.0.0.1 10.0.0.2 17)" "I:dst=$MV0,n=20,$(ip4 10.0.0.1 10.0.0.2 1)" \
		"F:dst=$MV0,n=5,$(ip4 10.0.0.1 10.0.0.2 47)" "S:dst=$MV0,n=6,$(ip6 1 2 59)" "O:dst=$MV0,n=7" \
		"V:dst=$MV0,n=1,$(ip6 1 2 17)" "E:dst=$MV0,n=1,$(ip6_extended 1 2 17)" \
		"W:dst=$MV0,n=1,$(ip4 10.0.0.1 10.0.0.2 17),vid=5" "B:dst=$MV0,n=1,type=0800,len=20"
	got low:mv0 T 3
	got low:mv0 I 5
	got low:mv0 U 0
	read -rt $((10 * SCALE)) -u "$SAMPLE" line || :
	has "$line" "lower arp frames"
	stop
	for dev in lower mv0; do
		has "$SAID" "$dev arp frames 2 dropped 0" "$dev tcp frames 3 dropped 0" "$dev ipv4 frames 6 dropped 0" \
			"$dev ipv6 frames 6 dropped 0" "$dev other frames 7 dropped 0"
		eq "program of $dev" "$(mode_of "low:$dev")" none
	done
	has "$SAID" "lower udp frames 7 dropped 7" "lower icmp frames 20 dropped 15" "mv0 icmp frames 5 dropped 0"
	hasnt "$SAID" "mv0 udp"
}

# fails if a loader does not say what is wrong, or leaves a program behind when one of its devices can't have it
test_refusals() {
	sample filter
	needs_native
	topo bridge
	refused 'which device' "$SAMPLE_PATH"
	refused 'no such device' "$SAMPLE_PATH" nowhere
	refused 'arp, tcp, udp' "$SAMPLE_PATH" -l ftp=1 lo
	refused 'not a rate' "$SAMPLE_PATH" -l udp=many lo
	refused 'does not support XDP.*is macvlan_xdp' in_ns low "$SAMPLE_PATH" mv0 lo
	refused 'below' in_ns low "$SAMPLE_PATH" mv0 lower
	eq "the upper's program" "$(mode_of low:mv0)" none
	refused 'are you root' setpriv --bounding-set -all --inh-caps -all "$SAMPLE_PATH" lo
	has "$("$SAMPLE_PATH" --help)" 'Usage: filter .*--limit'
}

# fails if a sample does not say what it is for and how to call it, or has no page
test_help() {
	local sample said
	sample filter
	for sample in build/samples/*.bpf.o chain.sh; do
		sample=${sample%.bpf.o} sample=${sample##*/}
		if [[ $sample == chain.sh ]]; then
			said=$(samples/bpf/chain.sh --help)
		else
			said=$("build/samples/$sample" --help)
		fi
		has "$said" "^Usage: $sample .*IF" $'\n[A-Z].*\\.'
		grep -qw "$sample" Documentation/samples.rst || fail "nothing of $sample in samples.rst"
	done
}

# fails if the firewall lets in what a rule denies, keeps out what one allows, or counts wrongly
test_firewall() {
	local from=192.0.2.1 to=192.0.2.2
	sample firewall
	needs_native
	topo bridge
	cat >"$WORK/rules" <<-END
		# of a tenant
		deny	10.0.0.0/8
		allow	10.1.0.0/16	# but these
		deny	2001:db8::/32
		allow	2001:db8::5

		deny	tcp
		allow	tcp/22
	END
	start "$SAMPLE_PATH" -f "$WORK/rules" --deny udp/53 mv0
	observe -s gen:peer -r low:mv0 "A:dst=$MV0,n=2,$(ip4 10.2.0.1 $to 17 1)" "B:dst=$MV0,n=3,$(ip4 10.1.2.3 $to 17 1)" \
		"C:dst=$MV0,n=4,$(ip4 $from $to 6 22)" "D:dst=$MV0,n=5,$(ip4 $from $to 6 23)" \
		"E:dst=$MV0,n=6,$(ip4 $from $to 17 53)" "F:dst=$MV0,n=7,$(ip4 $from $to 17 54)" \
		"G:dst=$MV0,n=1,$(ip6 1 2 17 54)" "H:dst=$MV0,n=2,$(ip6_extended 5 2 6 22)" \
		"I:dst=$MV0,n=3,$(ip6_extended 5 2 6 23)" "J:dst=$MV0,n=4,$(ip4 $from $to 6 23 5)" \
		"K:dst=$MV0,n=1,type=0806" "L:dst=$MV0,n=1,type=0800,len=20"
	got low:mv0 B 3
	got low:mv0 C 4
	got low:mv0 F 7
	got low:mv0 H 2
	stop
	has "$SAID" "mv0 source frames 3 dropped 3" "mv0 port frames 34 dropped 14" "mv0 not-ip frames 1 dropped 0" \
		"mv0 broken frames 1 dropped 1"
	eq "the upper's program" "$(mode_of low:mv0)" none
	refused 'not ADDRESS' "$SAMPLE_PATH" -a 10.0.0 lo
	refused 'not a prefix' "$SAMPLE_PATH" -a 10.0.0.0/33 lo
	echo "permit all" >>"$WORK/rules"
	refused 'rules:9: a rule is' "$SAMPLE_PATH" -f "$WORK/rules" lo
}

# fails if the limiter passes more than a burst at once, mixes up devices, or lets nothing through later
test_limiter() {
	sample limiter
	needs_native
	topo bridge bridge
	start "$SAMPLE_PATH" --rate 1 --burst 640 mv0 mv1
	observe -s gen:peer -r low:mv0 -r low:mv1 "A:dst=$MV0,n=50" "B:dst=$MV1,n=5"
	got low:mv0 A 10
	got low:mv1 B 5
	stop
	has "$SAID" "mv0 limited frames 50 dropped 40" "mv1 limited frames 5 dropped 0"
	start "$SAMPLE_PATH" -r 640 -b 640 mv0
	observe -s gen:peer -r low:mv0 "A:dst=$MV0,n=50"
	wait_for "new tokens" gets_through gen:peer low:mv0 "$MV0"
	stop
	refused 'which rate' "$SAMPLE_PATH" lo
}

# balances DEV LOWER OPTIONS...: the balancer on mv0, of whose backends the two macvlans on gen:DEV are; a third one
# there sees what comes from LOWER's address
balances() {
	local dev=$1 from=$2 streams client frames
	shift 2
	sample balancer
	batch gen "link add link $dev name be0 up address 02:00:00:00:0b:01 type macvlan mode bridge
	link add link $dev name be1 up address 02:00:00:00:0b:02 type macvlan mode bridge
	link add link $dev name any up type macvlan mode source
	link set any type macvlan macaddr add $from"
	start "$SAMPLE_PATH" "$@" -b 02:00:00:00:0b:01 --backend 02:00:00:00:0b:02 mv0
	streams=("C:dst=$MV0,n=5,$(ip4 10.0.0.1 192.0.2.2 17)" "D:dst=$MV0,n=5,$(ip6 1 98 17)")
	for client in {1..8}; do
		streams+=("A:dst=$MV0,n=$client,$(ip4 "10.0.0.$client" 192.0.2.1 17)")
		streams+=("B:dst=$MV0,n=$client,$(ip6 "$client" 99 17)")
	done
	observe -s gen:peer -r gen:be0 -r gen:be1 -r gen:any -r low:mv0 "${streams[@]}"
	stop
	frames=$(delivered gen:be0)
	got low:mv0 C 5
	got low:mv0 D 5
	[[ $frames -gt 0 && $frames -lt 36 ]] || fail "a backend got $frames frames of 36"
	eq "frames of the other backend" "$(delivered gen:be1)" $((36 - frames))
	eq "frames from the device's address" "$(delivered gen:any)" 36
	has "$SAID" "mv0 02:00:00:00:0b:01 frames $frames dropped 0" "mv0 02:00:00:00:0b:02 frames $((36 - frames)) dropped 0"
}

# fails if the balancer loses, doubles or miscounts a frame, or takes one for another address
test_balancer() {
	needs_native
	topo bridge
	attach_peer
	balances peer "$MV0" -s 192.0.2.1
	got low:mv0 B 36
	refused 'whose frames' "$SAMPLE_PATH" lo
	refused 'not an IP address' "$SAMPLE_PATH" -s no lo
	refused 'not a MAC' "$SAMPLE_PATH" -s 192.0.2.1 -b 1:2 lo
}

# fails if the balancer does not reach backends behind another device
test_balancer_redirect() {
	needs_native
	topo bridge
	# shellcheck source=selftests/redirect.test.sh
	. selftests/redirect.test.sh
	second_wire
	balances in 02:00:00:00:00:0b -s 2001:db8::99 --out out
	got low:mv0 A 36
}

# fails if the macvtap's reader gets skbs all the same, or the frames are miscounted
test_macvtap() {
	sample macvtap
	# shellcheck source=selftests/macvtap.test.sh
	. selftests/macvtap.test.sh
	refused 'modprobe macvtap_xdp' "$SAMPLE_PATH" lo
	macvtap_topo bridge
	start "$SAMPLE_PATH" mv0
	vhost -n 500 "$(tap_node low mv0)" gen:peer rx
	eq "frames as skbs" "$(skbs)" 0
	stop
	has "$SAID" "mv0 passed frames 500 dropped 0"
	eq "the upper's program" "$(mode_of low:mv0)" none
}

# fails if a program of the chain is left out, sees what the one before dropped, or stays behind
test_chain() {
	local objects=$PWD/build/samples pins=/sys/fs/bpf/chain-mv0
	sample filter.bpf.o
	needs_native
	[[ -x build/xdp-rxh ]] || skip "no build/xdp-rxh"
	topo bridge
	start samples/bpf/chain.sh mv0 "$objects/"{filter,firewall,macvtap}.bpf.o
	refused 'another chain.sh' in_ns low samples/bpf/chain.sh mv0 "$SAMPLE_PATH"
	# 2: UDP
	bpftool map update pinned $pins/maps-1/limits key 2 0 0 0 value 1 0 0 0 0 0 0 0
	observe -s gen:peer -r low:mv0 "A:dst=$MV0,n=3,$(ip4 10.0.0.1 10.0.0.2 6)" "B:dst=$MV0,n=4,$(ip4 10.0.0.1 10.0.0.2 17)" \
		"C:dst=$MV0,n=2,type=0800,len=20"
	got low:mv0 A 3
	stop
	has "$SAID" "filter.*firewall.*macvtap" "mv0 filter frames 9 dropped 4" "mv0 firewall frames 5 dropped 2" \
		"mv0 macvtap frames 3 dropped 0"
	eq "the upper's program" "$(mode_of low:mv0)" none
	[[ ! -e $pins ]] || fail "$pins is still there"
	refused 'Usage' samples/bpf/chain.sh
}
