# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The samples do what they say on an upper.

# fails if the filter's sample can't be attached as its page says, or drops what it was not told to
test_filter() {
	local filter=$PWD/build/samples/filter.bpf.o
	[[ -e $filter ]] || skip "no samples: make samples"
	needs_native
	topo bridge bridge
	ip -n low link set dev mv0 xdpdrv obj "$filter" sec xdp
	observe -s gen:peer -r low:mv0 "A:dst=$MV0,n=5"
	got low:mv0 A 5
	# 256: what is not IP
	bpftool map update name drop_protos key 0 1 0 0 value 1 0 0 0
	observe -s gen:peer -r low:mv0 "A:dst=$MV0,n=5"
	got low:mv0 A 0
	ip -n low link set dev mv0 xdpdrv off
}
