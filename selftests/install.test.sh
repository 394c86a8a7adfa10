# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# make install and back, by hand, by DKMS, by Debian packages: what modprobe loads then, and that nothing is left.
# Time limit: 600 s

# For the time of a case /lib/modules has but the modules that the cases load: depmod reads all there are, which
# takes minutes under emulation.
MODULES_HOME=/lib/modules/$KERNEL
few_modules() {
	local few=$WORK/few
	needs_native
	# debug kernels have none, and nothing to find here for their checks
	[[ -d /usr/src/linux-headers-$KERNEL ]] || skip "no headers of this kernel"
	unload_everything
	rm -rf "$few"
	mkdir "$few"
	(
		cd "$MODULES_HOME" || exit
		modprobe -a --show-depends macvlan macvtap ipvtap bonding vhost_net veth virtio_net |
			awk -v home="$MODULES_HOME/" '$1 == "insmod" { print substr($2, length(home) + 1) }' | sort -u |
			xargs cp --parents -t "$few"
		cp modules.order modules.builtin* "$few"
	)
	ln -s "/usr/src/linux-headers-$KERNEL" "$few/build"
	mount --bind "$few" "$MODULES_HOME"
	defer "unload_everything; umount $MODULES_HOME"
	depmod
}

unload_everything() {
	local module
	for module in bonding_xdp bonding macvtap_xdp vhost_net ipvtap macvtap tap macvlan_xdp xdp_rx_handler macvlan; do
		! loaded "$module" || rmmod "$module"
	done
}

# What there is wherever anything is installed to, but for the key that DKMS signs with, which it keeps
installed_files() {
	{
		find /etc /usr/{sbin,include/linux,lib/{modprobe.d,systemd/system},share/{bash-completion/completions,man/man8}}
		find /usr/{lib,share,src} -maxdepth 1
		find /usr/lib/xdp-rxh /usr/share/{dkms,xdp-rxh} /var/lib/dkms 2>/dev/null || :
	} | grep -v '^/var/lib/dkms/mok\.' | xargs -d '\n' stat -c '%A %U %n %N' | sort
	find "$MODULES_HOME/" -type f -exec cksum {} + | sort -k 3
}

# install_by [dkms]. As make install does
install_by() { tools/install/install "$KERNEL" "" /usr "$@"; }
uninstall() { tools/install/uninstall "$KERNEL" "" /usr; }

# nothing_left BEFORE
nothing_left() {
	local now
	now=$(installed_files)
	[[ $now == "$1" ]] || fail "not as before: $(diff <(echo "$1") <(echo "$now"))"
	macvtap_is_stock
}

our_tap_is_loaded() { [[ $(</sys/module/tap/taint) == *O* ]]; }

macvtap_is_stock() {
	unload_everything
	modprobe macvtap
	eq "tap.ko" "$(modinfo -n tap)" "$(echo "$MODULES_HOME"/kernel/drivers/net/tap.ko*)"
	! loaded macvtap_xdp || fail "macvtap_xdp is loaded"
	! our_tap_is_loaded || fail "it is our tap.ko that is loaded"
	unload_everything
}

# What modprobe brings along; the modules are in this folder below updates/
brings_our_half() {
	modprobe macvlan
	loaded macvlan_xdp || fail "modprobe macvlan does not bring macvlan_xdp"
	modprobe macvtap
	loaded macvtap_xdp || fail "modprobe macvtap does not bring macvtap_xdp"
	eq "tap.ko" "$(modinfo -n tap)" "$(echo "$MODULES_HOME/updates$1"/tap.ko*)"
	our_tap_is_loaded || fail "modprobe macvtap loads another tap.ko"
	modprobe bonding max_bonds=0
	loaded bonding_xdp || fail "modprobe bonding does not bring bonding_xdp"
}

# The kernel loads macvlan.ko when somebody makes a macvlan.
made_by_ip_is_native() {
	unload_everything
	topo bridge
	attach low:mv0 drop
	has_program low:mv0 drv
	batch low "link del mv0"
}

test_by_make() {
	local before
	few_modules
	before=$(installed_files)
	install_by
	brings_our_half ""
	made_by_ip_is_native
	unload_everything
	uninstall
	nothing_left "$before"
}

# As Documentation/install.rst says
keep_stock_tap() {
	mkdir -p /etc/depmod.d
	echo "override tap * kernel/drivers/net" >/etc/depmod.d/stock-tap.conf
	echo "install macvtap_xdp /bin/true" >/etc/modprobe.d/stock-tap.conf
	defer "rm -f /etc/depmod.d/stock-tap.conf /etc/modprobe.d/stock-tap.conf"
	depmod
}

test_keep_stock_tap() {
	few_modules
	install_by
	defer uninstall
	keep_stock_tap
	modprobe macvtap
	macvtap_is_stock
	modprobe macvtap
	loaded macvlan_xdp || fail "macvlan_xdp is not loaded"
}

# Compiling all modules takes a quarter of an hour under emulation: without TEST_DKMS_BUILD DKMS is given a make
# that takes what is built already, and everything but the compiler is real.
needs_dkms() {
	[[ -x /usr/sbin/dkms ]] || skip "no dkms"
	few_modules
	# the package's postinst builds for the newest kernel there, too
	mount -t tmpfs tmpfs /boot
	defer "umount /boot"
	[[ -z ${TEST_DKMS_BUILD-} ]] || return 0
	mkdir -p "$WORK/bin"
	ln -sf "$PWD/selftests/make-prebuilt" "$WORK/bin/make"
	PATH=$WORK/bin:$PATH
}

# All modules, each with a signature, and with BTF as far as the kernel's headers allow it
dkms_has_all() {
	local name file
	[[ $(dkms status) == xdp-rx-handler/*", $KERNEL, x86_64: installed" ]] || fail "DKMS says: $(dkms status)"
	while read -r name; do
		file=$(echo "$MODULES_HOME/updates/dkms/$name".ko*)
		[[ -e $file ]] || fail "DKMS did not install $name"
		eq "$name is signed by" "$(modinfo -F signer "$file")" "DKMS module signing key"
	done < <(cd build/"$KERNEL" && echo ./*.ko | xargs -n 1 basename -s .ko)
}

test_dkms() {
	local before
	needs_dkms
	before=$(installed_files)
	install_by dkms
	dkms_has_all
	brings_our_half /dkms
	made_by_ip_is_native
	[[ ! -e /sys/kernel/btf/vmlinux || ! -e /usr/src/linux-headers-$KERNEL/vmlinux ]] ||
		[[ -e /sys/kernel/btf/macvlan_xdp ]] || fail "no BTF of macvlan_xdp"
	unload_everything
	uninstall
	nothing_left "$before"
}

# Both ways' modules are in updates/, and modprobe would take whichever it finds first
test_one_way_at_a_time() {
	few_modules
	mkdir -p "$MODULES_HOME/updates/dkms"
	touch "$MODULES_HOME/updates/dkms/xdp_rx_handler.ko.xz"
	refused 'make uninstall first' install_by
	touch "$MODULES_HOME/updates/xdp_rx_handler.ko"
	refused "make uninstall KVER=" tools/install/dkms-pre-install "$KERNEL"
}

test_debian_packages() {
	local before packages=(build/deb/xdp-rx-handler-{dkms,tools}_*.deb)
	needs_dkms
	[[ -e ${packages[0]} ]] || skip "no packages: make deb"
	before=$(installed_files)
	defer "dpkg --purge xdp-rx-handler-dkms xdp-rx-handler-tools &>/dev/null"
	dpkg -i "${packages[@]}" &>"$WORK/dpkg" || fail "dpkg -i: $(tail -n 40 "$WORK/dpkg")"
	dkms_has_all
	brings_our_half /dkms
	made_by_ip_is_native
	xdp-rxh status
	refused 'apt remove' install_by
	refused 'apt remove' uninstall
	unload_everything
	dpkg --purge xdp-rx-handler-dkms xdp-rx-handler-tools &>"$WORK/dpkg" ||
		fail "dpkg --purge: $(tail -n 40 "$WORK/dpkg")"
	nothing_left "$before"
}
