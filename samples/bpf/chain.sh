#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# chain.sh IF PROGRAM.bpf.o...: several programs on one device: what one passes, the next one is given.
#
#	samples/bpf/chain.sh mv0 build/samples/filter.bpf.o build/samples/macvtap.bpf.o
#
# Prints the chain, and at SIGINT or SIGTERM what each program counted; takes all off again. Meanwhile programs
# and maps are in /sys/fs/bpf/chain-IF, where bpftool can set them up.
set -euo pipefail
PATH=$PATH:$(dirname "$0")/../../build

usage() {
	echo "Usage: chain.sh IF PROGRAM.bpf.o..."
	echo "What a program passes, the next one is given. Prints what each has counted at SIGINT or SIGTERM."
}

if [[ ${1-} == --help ]]; then
	usage
	exit
elif [[ $# -lt 2 || $1 == -* ]]; then
	usage >&2
	exit 1
fi
for tool in ip bpftool jq xdp-rxh; do
	command -v "$tool" >/dev/null || { echo "chain.sh: no $tool (make tools; apt install iproute2 bpftool jq)" >&2; exit 1; }
done

dev=$1
shift
pins=/sys/fs/bpf/chain-$dev
mkdir "$pins" || { echo "chain.sh: is another chain.sh on $dev? If not: rm -r $pins" >&2; exit 1; }
trap 'rm -r "$pins"' EXIT
n=0
for file; do
	n=$((n + 1))
	bpftool prog load "$file" "$pins/$n" type xdp pinmaps "$pins/maps-$n"
done

ip link set dev "$dev" xdpdrv pinned "$pins/1"
trap 'ip link set dev "$dev" xdpdrv off; rm -r "$pins"' EXIT
for ((i = 2; i <= n; i++)); do
	xdp-rxh chain add dev "$dev" from $((i - 1)) on pass to pinned "$pins/$i"
done

sleep infinity &
trap 'kill $!' INT TERM
echo ready
xdp-rxh chain show dev "$dev"
wait || :
i=0
for file; do
	i=$((i + 1))
	name=${file##*/}
	bpftool -j map dump pinned "$pins/maps-$i/counters" | jq -r --arg is "$dev ${name%.bpf.o}" \
		'[.[].formatted.values[].value] | "\($is) frames \(map(.frames) | add) dropped \(map(.dropped) | add)"'
done
