# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
# What install and uninstall share. Sourced with their arguments: <kernel> <destdir> <prefix> [dkms]
. "$(dirname "$0")/../vm/lib.sh"
cd "$tree" || exit

kver=$(resolve "$1") || die "no kernel $1"
destdir=${2:-${INSTALL_MOD_PATH-}}
prefix=$3
modules=$destdir/lib/modules/$kver

# For DKMS
version=$(sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)
source=/usr/src/xdp-rx-handler-$version
# DKMS leaves a module alone if the kernel has one of the same name and version. Neither tap.ko has any version.
force=$destdir/usr/share/dkms/modules_to_force_install/xdp-rx-handler

# The names of the modules, by Kbuild: build/ may be gone.
module_names() {
	sed -n 's/^obj-m *[:+]*= *//p' net/core/Kbuild drivers/net/Kbuild | xargs -n 1 | sed 's/\.o$//'
}

# What dpkg put there is dpkg's. Installed into a DESTDIR, nothing is in the way.
not_packaged() {
	[ -z "$destdir" ] || return 0
	! dpkg-query -W -f '${db:Status-Status}\n' xdp-rx-handler-dkms xdp-rx-handler-tools 2>/dev/null |
		grep -q '^installed' || die "the Debian package is installed: apt remove xdp-rx-handler-*"
}

# A package being built has only our modules there; whoever installs it runs depmod.
update_dependencies() {
	[ ! -e "$modules/modules.order" ] || depmod -b "${destdir:-/}" "$kver"
}
