# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Do the commands of Documentation/admin-guide.rst work? The host is netns low, whose lower is called eth0.
# Time limit: 180 s

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

# A Docker of its own on that host, without bridges, with an image that will do for Debian's: sleep is all it has to run
docker_on_host() {
	local dir=$WORK/docker image=$WORK/image SCALE=$((SCALE * 6))	# it takes its time under emulation
	export DOCKER_HOST=unix://$WORK/docker.sock
	mkdir -p "$image/bin"
	cp "$(type -P busybox)" "$image/bin/busybox"
	ln -s busybox "$image/bin/sleep"
	defer "umount -R -l $dir"
	in_ns low dockerd --bridge none --iptables=false --ip6tables=false --storage-driver vfs --data-root "$dir" \
		--exec-root "$WORK/exec" --pidfile "$WORK/docker.pid" --host "$DOCKER_HOST" &
	defer "kill $!; wait $!"
	wait_for "Docker's answer" docker info
	tar -C "$image" -c . | docker import - debian:12 >/dev/null
	defer "docker rm -f c1 >/dev/null && docker network rm lan >/dev/null"
}

# fails if a container of Docker's has no macvlan that a program can be attached to, or keeps Docker from ending it
test_docker() {
	type -P dockerd containerd runc >/dev/null || skip "no docker.io"
	host
	docker_on_host
	guide 'Docker, CNI'
	guide 'Docker, CNI' 3
	ip -n gen address add 192.0.2.1/24 dev peer
	wait_for "an answer" ip netns exec gen ping -q -c 1 -W 1 192.0.2.2
	has "$(nsenter -t "$(docker inspect -f '{{.State.Pid}}' c1)" -n ethtool -S eth0)" 'rx_xdp_pass: [1-9]'
	docker restart -t 0 c1 >/dev/null
	eq "the lower, after the restart" "$(mode_of low:eth0)" none
	guide 'Docker, CNI' 3
}

# A libvirt of its own on that host. Its state goes with the virtual machine that runs the tests.
libvirt_on_host() {
	local SCALE=$((SCALE * 12))
	printf '%s\n' 'security_driver = "none"' 'user = "root"' 'group = "root"' 'cgroup_controllers = []' \
		'namespaces = []' 'stdio_handler = "file"' >/etc/libvirt/qemu.conf
	modprobe tun
	in_ns low libvirtd &
	defer "kill $!; wait $!"
	wait_for "libvirt's answer" test -S /run/libvirt/libvirt-sock
}

# machine N QUEUES: one that has the N-th interface of macvtap.rst, and no disk
machine() {
	local mac
	cat >"$WORK/domain" <<-EOF
	<domain type='qemu'>
	  <name>d$1</name>
	  <memory unit='MiB'>64</memory>
	  <os><type arch='x86_64' machine='pc'>hvm</type></os>
	  <devices>
	    <emulator>/usr/bin/qemu-system-x86_64</emulator>
	    $(tools/install/doc-lines Documentation/macvtap.rst libvirt "$1")
	  </devices>
	</domain>
	EOF
	virsh create "$WORK/domain"
	defer "virsh destroy d$1 2>/dev/null"
	ip -n low link set dev vm0 xdpdrv obj "$installed/samples/macvtap.bpf.o" sec xdp
	mac=$(virsh domiflist "d$1" | awk '$1 == "vm0" { print $5 }')
	eq "vm0's address, and the machine's" "$(ip -n low -j link show dev vm0 | jq -r '.[0].address')" "$mac"
	ip -n gen neigh replace 192.0.2.10 lladdr "$mac" dev peer
	in_ns gen ping -q -c 1 -W 1 192.0.2.10 || :
	has "$(in_ns low ethtool -S vm0)" 'rx_xdp_pass: 1'
	eq "queues that QEMU has" "$(tool -j monitor dev vm0 | jq '.[0].ring.queues')" "$2"
	virsh destroy "d$1"
}

# fails if libvirt does not take the interfaces as the guide has them, or frames don't get as far as its machines
test_libvirt() {
	getent passwd libvirt-qemu >/dev/null || skip "no libvirt-daemon-system"
	host
	load_macvtap_modules
	libvirt_on_host
	export LIBVIRT_DEFAULT_URI=qemu:///system
	ip -n gen address add 192.0.2.1/24 dev peer
	machine 1 4
	batch low "link add link eth0 name vm0 address 52:54:00:12:34:56 up type macvtap mode bridge"
	machine 2 1
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
