#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Status messages of the family "xdp_rxh", by the kernel's YNL: ynl_status.py UPPER LOWER.

The upper is set to be handed no frames. Exits with a message about what is not as it should.
"""

import socket
import sys

sys.path.insert(0, "build/ynl/tools/net/ynl")
from lib import YnlFamily  # pylint: disable=wrong-import-position


def main(upper, lower):
    """Exit unless both devices are as they should."""
    ynl = YnlFamily("Documentation/netlink/specs/xdp_rxh.yaml", schema="")
    alone = ynl.do("status-get", {"ifindex": socket.if_nametoindex(upper)})
    for got, want in (
        (alone["ifname"], upper),
        (alone["reason"], "handler-none"),
        (alone["notes"], set()),
        (alone["lower"][0]["name"], lower),
        (alone["counters"]["drop"], 0),
    ):
        if got != want:
            sys.exit(f"got {got}, want {want} in {alone}")
    names = sorted(device["ifname"] for device in ynl.dump("status-get", {}))
    if names != sorted((upper, lower)):
        sys.exit(f"the dump has {names}")


main(*sys.argv[1:])
