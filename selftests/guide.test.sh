# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Do the commands of Documentation/admin-guide.rst work? The host is netns low, whose lower is called eth0.

# host: netns low as the guide's host. installed: what make install would have put there
host() {
	needs_native
	needs_tool
	[[ -e build/samples/filter.bpf.o ]] || skip "no samples: make samples"
	installed=/usr/lib/xdp-rxh
	[[ ! -e $installed ]] || skip "$installed is there"
	mkdir -p $installed
	ln -s "$PWD/build/samples" $installed/samples
	defer "rm -r $installed"
	PATH+=:$PWD/build
	wire
	batch low $'link set lower down\nlink set lower name eth0\nlink set eth0 up'
	delete_later low eth0
}

# guide HEADING [N]: what the guide, or $PAGE, says there, on that host
guide() {
	tools/install/doc-lines "Documentation/${PAGE-admin-guide.rst}" "$@" >"$WORK/lines"
	[[ -s $WORK/lines ]] || fail "no lines under $1"
	cat "$WORK/lines" >>"$WORK/trace"
	in_ns low bash -e "$WORK/lines"	# "ip netns exec" would keep namespaces made there to itself
}

container() {
	host
	defer "ip netns del c1 2>/dev/null"
	guide 'A plain network namespace'
}

pings() { ip netns exec gen ping -q -c 1 -W 1 192.0.2.10 >/dev/null; }

# fails if a container's macvlan can't be had as the guide says, or has no native program then
test_netns() {
	container
	has "$(ip -n c1 link show dev mv0)" ' xdp '
	ip -n gen address add 192.0.2.1/24 dev peer
	wait_for "an answer" pings
	has "$(ip netns exec c1 ethtool -S mv0)" 'rx_xdp_pass: [1-9]'
	ip netns del c1
	wait_for "the lower's program to go" is_mode low:eth0 none
}

# fails if the guide's switches are none
test_who() {
	container
	guide 'Who may attach'
	ip -n c1 link set dev mv0 xdpdrv off
	ip netns exec low xdp-rxh set dev eth0 hand-up off
	refused 'hand no frames up' ip -n c1 link set dev mv0 xdpdrv obj $installed/samples/filter.bpf.o sec xdp
}

# fails if the plugin's macvlan does not have what one made by hand has
test_cni() {
	local plugins=/usr/lib/cni
	[[ -x $plugins/macvlan ]] || skip "no containernetworking-plugins"
	host
	ip netns add c1
	defer "ip netns del c1 2>/dev/null"
	tools/install/doc-lines Documentation/admin-guide.rst 'Docker, CNI' 2 >"$WORK/cni"
	CNI_COMMAND=ADD CNI_CONTAINERID=c1 CNI_NETNS=/run/netns/c1 CNI_IFNAME=eth0 CNI_PATH=$plugins \
		ip netns exec low $plugins/macvlan <"$WORK/cni"
	ip -n c1 link set dev eth0 xdpdrv obj $installed/samples/filter.bpf.o sec xdp
	has "$(ip -n c1 link show dev eth0)" ' xdp '
}

# fails if programs can't be attached to slaves, a bond and a macvlan, or taken off, in the guide's order
test_bond() {
	local dev
	host
	load_bonding_xdp
	ip -n low link add eth1 type veth peer name p1 netns gen
	delete_later low eth1
	delete_later low bond0
	guide Bonds
	for dev in eth0 bond0 mv0; do
		has "$(ip -n low link show dev $dev)" ' xdp '
	done
	guide Bonds 2
	for dev in eth0 eth1 bond0 mv0; do
		eq "$dev" "$(mode_of "low:$dev")" none
	done
}

# fails if YNL's command line, as uapi.rst has it, does not show an upper
test_ynl() {
	local PAGE=uapi.rst
	[[ -e build/ynl ]] || skip "no build/ynl: linux-source-6.12 is not installed"
	host
	batch low "link add link eth0 name mv0 type macvlan mode bridge"
	has "$(guide 'Generic netlink')" "'handler': 'any'"
}
