# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A real virtual machine on a macvtap with a program: QEMU in the VM that runs the tests boots a small Linux.
# One emulator runs another, so this is opt-in: TEST_REAL_VM=VMLINUX, a kernel made with real-vm.config.
# Time limit: 600 s
#
#   netns gen: peer 10.9.0.1 -- veth -- netns low: lower -- mv0 (macvtap), /dev/tapN -- QEMU: eth0 10.9.0.2

# shellcheck source=selftests/macvtap.test.sh
. selftests/macvtap.test.sh

# initramfs: of busybox, what it does, and what it sends
initramfs() {
	local root=$WORK/root
	rm -rf "$root"
	mkdir -p "$root"/{bin,proc,dev}
	mknod "$root/dev/console" c 5 1
	cp "$(command -v busybox)" "$root/bin/busybox"
	cp selftests/real-vm-init "$root/init"
	head -c 300000 /dev/urandom >"$root/data"
	(cd "$root" && find . | cpio -o -H newc --quiet) >"$WORK/initramfs"
}

says() { grep -q "^$1" "$WORK/console" 2>/dev/null || [[ ! -d /proc/$VM_PID ]]; }

# console TEXT: wait until the machine says so; waiting for each takes longer than for anything else
console() {
	local SCALE=$((SCALE * 24))
	wait_for "'$1' on the machine's console" says "$1"
	grep -q "^$1" "$WORK/console" || fail "the machine is gone: $(tail -n 5 "$WORK/console" "$WORK/qemu")"
	note "'$1' after $SECONDS s"
}

# machine NETDEV-OPTIONS: boot it, ping, and TCP both ways
machine() {
	[[ -e ${TEST_REAL_VM-} ]] || skip "slow: set TEST_REAL_VM to a kernel, see Documentation/testing.rst"
	command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
	initramfs
	macvtap_topo bridge
	attach low:mv0 pass
	batch gen "address add 10.9.0.1/24 dev peer
	neigh add 10.9.0.2 lladdr $MV0 dev peer nud permanent"
	SECONDS=0
	: >"$WORK/console"
	qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot -machine q35 -cpu max,la57=off -m 64 \
		-accel tcg,thread=single -kernel "$TEST_REAL_VM" -initrd "$WORK/initramfs" \
		-serial "file:$WORK/console" -append "console=ttyS0 quiet panic=-1 tsc=reliable" \
		-netdev "tap,id=net,fd=3,$1" -device "virtio-net-pci,netdev=net,mac=$MV0,romfile=" \
		3<>"$(tap_node low mv0)" >"$WORK/qemu" 2>&1 &
	VM_PID=$!
	defer "kill $VM_PID 2>/dev/null"
	console 'vm: up'
	console 'vm: ping answered'
	in_ns gen socat -u TCP-LISTEN:7778,reuseaddr "OPEN:$WORK/got,creat,trunc" &
	defer "kill $! 2>/dev/null"
	in_ns gen socat -u "OPEN:$WORK/root/data" TCP:10.9.0.2:7777,retry=50,interval=1
	console "vm: received $(md5sum <"$WORK/root/data")"
	console 'vm: sent'
	cmp "$WORK/root/data" "$WORK/got" || fail "not what the machine sent"
	eq "frames as skbs" "$(skbs)" 0
	has "$(ip netns exec low ethtool -S mv0)" 'rx_xdp_pass: [1-9][0-9][0-9]'
	wait "$VM_PID"
}

# fails if a virtual machine does not get its frames from a macvtap with a program by vhost-net, or can't send
test_vhost() {
	machine vhost=on
}

# fails if QEMU itself, reading the macvtap, does not get them
test_no_vhost() {
	machine vhost=off
}
