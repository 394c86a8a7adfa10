# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A macvlan over virtio-net: frames from outside the guest. The runner's own VM has no such device; try
#   tools/vm/vm -k 6.12 --qemu "-netdev user,id=n0 -device virtio-net-pci,netdev=n0,guest_csum=off" \
#       -- selftests/run virtio

virtio_topo() {
	local path
	NIC=
	modprobe virtio_net
	for path in /sys/class/net/*; do
		[[ $(readlink "$path/device/driver") != */virtio_net ]] || NIC=${path##*/}
	done
	[[ -n $NIC ]] || skip "this VM has no virtio-net device"
	netns low
	ip link set "$NIC" netns low
	defer "ip -n low link set $NIC down netns 1"
	batch low "link set $NIC up
	link add link $NIC name mv0 up type macvlan mode bridge
	addr add 10.0.2.77/24 dev mv0"
	delete_later low mv0
}

# QEMU's user network answers at this address
ping_outside() { in_ns low ping -c 3 -i 0.2 -W 5 10.0.2.2; }

# fails if frames from outside don't come through a program that passes
test_pass() {
	virtio_topo
	attach low:mv0 pass
	has_program low:mv0 "$MODE pass"
	ping_outside
	has "$(in_ns low ethtool -S mv0)" 'rx_xdp_pass: [1-9]'
}

# fails if frames from outside get past a program that drops
test_drop() {
	virtio_topo
	ping_outside
	attach low:mv0 drop
	refused '100% packet loss' ping_outside
	has "$(in_ns low ethtool -S mv0)" 'rx_xdp_drop: [1-9]'
	detach low:mv0
	ping_outside
}
