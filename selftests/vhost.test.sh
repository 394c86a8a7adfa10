# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A macvtap read and written by vhost-net: every byte of numbered frames of mixed sizes, in order.
# TEST_VHOST_FRAMES=1000000 for a long run.
#
#   netns gen: peer -- veth -- netns low: lower -- mv0 (macvtap), /dev/tapN -- vhost-net -- rings

FRAMES=${TEST_VHOST_FRAMES:-10000}

vhost_topo() {
	modprobe vhost_net || skip "no vhost_net"
	UPPER_TYPE=macvtap topo "$@"
}

# carries OPTIONS-OF-VHOST...
carries() {
	vhost -n "$FRAMES" "${@:1:$#-1}" "$(tap_node low mv0)" gen:peer "${@: -1}"
}

# fails if a frame to a VM is lost, changed or out of order
test_rx() {
	vhost_topo bridge
	carries rx
}

# fails if a frame from a VM is lost, changed or out of order
test_tx() {
	vhost_topo bridge
	carries tx
}

# fails if a frame from a VM is lost, changed or out of order where vhost does not batch them
test_tx_one_by_one() {
	vhost_topo bridge
	carries -S tx
}

# fails if the short virtio-net header is got wrong, without mergeable buffers
test_header_10() {
	vhost_topo bridge
	carries -h 10 -M rx
	carries -h 10 -M tx
}

# fails if the long virtio-net header is got wrong, without mergeable buffers
test_header_12() {
	vhost_topo bridge
	carries -M rx
	carries -M tx
}

# fails if the rings without an event index stop
test_no_event_index() {
	vhost_topo bridge
	carries -E rx
	carries -E -h 10 -M tx
}

# fails if frames larger than a buffer are not spread over several, or not put into one that is large enough
test_large_frames() {
	# shellcheck disable=SC2034 # for wire
	PEER_OPTIONS=(mtu 9000)
	vhost_topo bridge
	batch low "link set lower mtu 9000
	link set mv0 mtu 9000"
	FRAMES=$((FRAMES / 10))
	carries -j 9000 rx
	carries -j 9000 -M rx
}

# fails if taking the backend away under traffic and giving it back loses a frame
test_backend_switched() {
	vhost_topo bridge
	carries -s 20 rx
	carries -s 20 tx
}
