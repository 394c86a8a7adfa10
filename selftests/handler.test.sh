# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The handler that Documentation/new-device.rst shows.

# fails if that page's module does not load, lets a frame past the program, or has one meet it twice
test_example() {
	local example=$PWD/build/example/$KERNEL/xdp_rxh_example.ko
	needs_native
	[[ -e $example ]] || skip "not built: tools/build/example"
	rmmod macvlan_xdp
	insmod "$example"
	defer "rmmod xdp_rxh_example"
	topo passthru
	differ low:mv0 pass -s gen:peer -r low:mv0 "A:dst=$MV0" "B:dst=$STRANGER" "C:dst=$BROADCAST,n=5" "V:dst=$MV0,vid=5"
	saw low:mv0 B 20
	got low:mv0 A 20
	differ low:mv0 drop -s gen:peer -r low:mv0 "A:dst=$MV0" "B:dst=$STRANGER" "C:dst=$BROADCAST,n=5"
	saw low:mv0 A 20
	got low:mv0 A 0
	ip_attach low:mv0 drop
	refused 'in use' rmmod xdp_rxh_example
	ip -n low link set dev mv0 down
	ip -n low link del dev mv0
}

# fails if that module takes for its own what a device's module has noted of it
test_example_beside_another() {
	local example=$PWD/build/example/$KERNEL/xdp_rxh_example.ko
	needs_native
	[[ -e $example ]] || skip "not built: tools/build/example"
	topo passthru
	attach low:mv0 drop
	refused 'busy' insmod "$example"
	observe -S low:mv0 -w low:mv0 -s gen:peer -r low:mv0 "A:dst=$MV0"
	saw low:mv0 A 20
	got low:mv0 A 0
}
