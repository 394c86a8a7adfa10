# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The samples do what they say on an upper.

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

# fails if the filter's sample can't be attached as its page says, or drops what it was not told to
test_filter() {
	local filter=$PWD/build/samples/filter.bpf.o
	[[ -e $filter ]] || skip "no samples: make samples"
	needs_native
	topo bridge bridge
	ip -n low link set dev mv0 xdpdrv obj "$filter" sec xdp
	observe -s gen:peer -r low:mv0 "A:dst=$MV0,n=5"
	got low:mv0 A 5
	# 6: neither IP nor ARP
	bpftool map update name limits key 6 0 0 0 value 1 0 0 0 0 0 0 0
	observe -s gen:peer -r low:mv0 "A:dst=$MV0,n=5"
	got low:mv0 A 0
	ip -n low link set dev mv0 xdpdrv off
}

# fails if the sample of hints takes one layout for another, counts wrongly, or leaves its program
test_hints() {
	if [[ ! -e /sys/kernel/btf/vmlinux ]]; then
		refused 'no BTF: -b' build/samples/hints lo
		skip "this kernel has no BTF"
	fi
	two_layouts
}

# fails if the file of layouts, for kernels where the module has no BTF, does not do
test_hints_btf() {
	[[ -e build/xdp_rx_handler.btf ]] || skip "no samples: make samples"
	[[ ! -e /sys/kernel/btf/xdp_rx_handler ]] || skip "the module has BTF of its own"
	two_layouts -b "$PWD/build/xdp_rx_handler.btf"
}

# two_layouts OPTIONS...: the sample of hints, with them, on two macvlans and a bond
two_layouts() {
	local sample=$PWD/build/samples/hints lower s1
	[[ -x $sample ]] || skip "no samples: make samples"
	needs_tool
	# shellcheck source=selftests/bond_xdp.test.sh
	. selftests/bond_xdp.test.sh
	load_bonding_xdp
	slaves mode balance-rr
	ip -n gen link add peer up type veth peer name lower netns low
	delete_later low lower
	batch low "link set lower up
	link add link lower name mv0 up address $MV0 type macvlan mode bridge
	link add link lower name mv1 up address $MV1 type macvlan mode bridge"
	tool set dev mv0 hints rx
	tool set dev mv1 hints rx,time
	tool set dev bond0 hints rx
	start "$sample" "$@" mv0 mv1 bond0
	frames -s gen:peer "A:dst=$MV0,n=5" "B:dst=$MV1,n=6" "C:from=gen:p1,dst=$LOWER,n=7"
	stop
	lower=$(ip -n low -o link show dev lower | cut -d: -f1) s1=$(ip -n low -o link show dev s1 | cut -d: -f1)
	has "$SAID" "layout macvlan ifindex $lower queue 0 frames 5" "layout other ifindex 0 queue 0 frames 6" \
		"layout bond ifindex $s1 queue 0 frames 7"
	eq "the upper's program" "$(mode_of low:mv0)" none
	refused 'which device' "$sample"
}

# fails if the AF_XDP sample misses frames, or does not find what lies in front of them
test_receiver() {
	local sample=$PWD/build/samples/receiver lower line=
	[[ -x $sample ]] || skip "no samples: make samples"
	needs_tool
	needs_native
	topo bridge
	tool set dev mv0 hints rx
	start "$sample" -i 1 mv0 0
	frames -s gen:peer "A:dst=$MV0,n=15"
	read -rt $((10 * SCALE)) -u "$SAMPLE" line || :
	has "$line" "layout macvlan ifindex"
	tool set dev mv0 hints off
	frames -s gen:peer "B:dst=$MV0,n=6"
	stop
	lower=$(ip -n low -o link show dev lower | cut -d: -f1)
	has "$SAID" "layout macvlan ifindex $lower queue 0 frames 15" "layout none ifindex 0 queue 0 frames 6"
	eq "the upper's program" "$(mode_of low:mv0)" none
	refused 'which queues' "$sample" lo
}
