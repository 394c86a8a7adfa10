# shellcheck shell=bash
# What setup, vm, kver and initramfs share: where the cache is and which kernel a name means.
# Sourced, never run. A kernel is named as `uname -r` does, or by its short name in tools/vm/kernels.

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # for those who source this
tree=$(cd "$vm_dir/../.." && pwd)
# Outside the tree: shared by all clones, and not lost with `git clean`.
cache=${XDP_RXH_CACHE:-${XDG_CACHE_HOME:-${HOME-}/.cache}/xdp-rxh}

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# Short names of the kernels that every run covers.
lab_kernels() {
	awk '!/^#/ && $3 == "always" { print $1 }' "$vm_dir/kernels"
}

# What a debug kernel is known by, besides its version.
debug_hash() {
	cat "$vm_dir"/debug.config "$vm_dir"/debug-kernel | sha256sum | cut -c 1-8
}

# The `uname -r` pattern of a short name; nothing if it is not one. "rt" is the one rt kernel.
kernel_regex() {
	awk -v k="$1" -v hash="$(debug_hash)" '!/^#/ && ($1 == k || $3 == k) {
		sub("HASH", hash, $2)
		print $2
		exit
	}' "$vm_dir/kernels"
}

# Newest kernel of a short name among those on stdin.
newest() {
	grep -Ex -- "$(kernel_regex "$1")" | sort -V | tail -n 1
}

cached_kernels() {
	local d

	for d in "$cache"/kernels/*/boot; do
		[ -d "$d" ] && basename "${d%/boot}"
	done
	return 0
}

# A full version is taken as it is; a short name means the newest one in the cache, or else the
# newest one whose headers are installed. Fails, silently, if there is none.
resolve() {
	local kver

	[ -n "$(kernel_regex "$1")" ] || { echo "$1"; return 0; }
	kver=$(cached_kernels | newest "$1")
	[ -n "$kver" ] ||
		kver=$(for d in /usr/src/linux-headers-*; do echo "${d##*/linux-headers-}"; done |
			newest "$1")
	[ -n "$kver" ] && echo "$kver"
}
