# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the demo's two halves share: tools/demo/demo on the host and tools/demo/guest in the VM.
# Sourced, never run.
# shellcheck disable=SC2034 # for those who source this

# How many frames of each kind go to each macvlan, and the ports of those that are UDP.
count=50
port=7777
other_port=8888

outside_ip=10.9.2.1
outside_mac=06:0d:00:00:00:01
inside_mac=02:0d:00:00:00:02

# In seconds from the start of a script.
deadline=150

row_format='  %-8s %-4s %-9s |%6s %5s %9s |%6s %5s %8s |%6s %5s %8s | %s\n'

failed=0 checked=0

die() {
	echo "demo: $*" >&2
	exit 1
}

say() {
	printf '[%3d s] %s\n' "$SECONDS" "$*"
}

# Show a command and run it.
run() {
	echo "  # $*"
	"$@"
}

# Until the command succeeds.
wait_for() { # <what> <command...>
	local what=$1

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$deadline" ] || die "waited in vain for $what"
		sleep 0.05
	done
}

# Nothing is only shown: a number that is not what it must be fails the demo.
check() { # <what> <is> <must be>
	checked=$((checked + 1))
	[ "$2" != "$3" ] || return 0
	failed=$((failed + 1))
	echo "demo: FAILED: $1: $2, must be $3" >&2
}

finish() {
	say "$checked numbers checked, $failed wrong"
	[ "$failed" = 0 ]
	exit
}

upper_mac() {
	printf '02:0d:00:00:00:1%d' "$1"
}

table_head() { # <scene> <where the traffic comes from>
	echo "Scene $1: $count frames of each kind to each macvlan, $2"
	# shellcheck disable=SC2059 # the one format of all rows
	printf "$row_format" '' '' '' pings '' '' "udp" "$port" '' "udp" "$other_port" '' ''
	# shellcheck disable=SC2059
	printf "$row_format" attached on program seen drop answered seen drop arrived \
		seen drop arrived TCP
}
