# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# bash completion for xdp-rxh: what the word after the present ones may be.

# Devices that can have a chain, and their lowers. "compgen -W" runs what looks like a command, and a container's root
# chooses names: those of other characters are left out.
_xdp_rxh_devices() {
	xdp-rxh status 2>/dev/null | sed -n 's/^\([^ ]*\) on \([^:]*\):.*/\1\n\2/p; t; s/^\([^ :]\+\):.*/\1/p' |
		grep -x '[[:alnum:]._@-]*'
}

# Nodes of the chain that the words are about
_xdp_rxh_nodes() {
	local i
	for ((i = 0; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} != dev ]] ||
			xdp-rxh chain show dev "${COMP_WORDS[i + 1]}" 2>/dev/null |
			sed -n 's/.*node \([0-9]*\).*/\1/p'
	done
}

_xdp_rxh() {
	local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD - 1]} words=
	local codes='aborted drop pass tx redirect any' prog='id pinned obj' edit

	COMPREPLY=()
	edit=" ${COMP_WORDS[*]:1:COMP_CWORD-1} "
	case $last in
	xdp-rxh | -j) words='-j status monitor stats set trace chain' ;;
	chain) words='show add del replace import export' ;;
	dev) words=$(_xdp_rxh_devices) ;;
	from | node) words=$(_xdp_rxh_nodes) ;;
	on) words=$codes ;;
	to) words="$prog stop $(_xdp_rxh_nodes)" ;;
	id) words=$(bpftool prog show 2>/dev/null | sed -n 's/^\([0-9]*\): xdp .*/\1/p') ;;
	pinned | obj) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	show | status | stats | set) words='dev' ;;
	port) words=$(_xdp_rxh_devices) ;;
	sort) words='packets bytes drop pass tx redirect aborted skb ring lost name' ;;
	interval | count) ;;
	trace) words='dev count' ;;
	hand-up) words='on off program' ;;
	handler) words='any none module program' ;;
	hints) words='off rx rx,hash rx,time rx,hash,time' ;;
	add | del | replace | import | export) words='dev' ;;
	*)
		case $edit in
		*' show '*) words='--dot' ;;
		*' monitor '*) words='dev port native busy losing sort interval count' ;;
		*' set '*) words='hand-up handler hints' ;;
		*' trace dev '*' count '*) ;;
		*' trace '*) words='dev count' ;;
		*' import dev '*) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
		*' replace '*' node '*) words="$prog prog expect" ;;
		*' del '*' node '*) words='close-up stop expect' ;;
		*' add '*' to '*) words='prog force expect' ;;
		*' del '*' on '*) words='expect' ;;
		*' from '*) words='on' ;;
		*' add dev '*) words='from' ;;
		*' del dev '*) words='from node' ;;
		*' replace dev '*) words='node' ;;
		esac
		;;
	esac
	[[ -z $words ]] || mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -o filenames -F _xdp_rxh xdp-rxh
