#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The family "xdp_rxh" as Documentation/netlink/specs says it is, by the kernel's YNL.

ynl.py IF PROG: the device has a program and, behind its edge "pass", one more; PROG is a pinned one. In the
network namespace that this runs in. Afterwards that edge leads to PROG, and there is no other. Exits with a
message about the first thing that is not as it should.
"""

import ctypes
import socket
import sys

sys.path.insert(0, "build/ynl/tools/net/ynl")
from lib import NlError, YnlFamily  # pylint: disable=wrong-import-position

ABORTED, DROP, PASS, STOP = 0, 1, 2, 0xFFFFFFFF


def check(what, got, want):
    """Exit unless both are the same."""
    if got != want:
        sys.exit(f"{what}: got {got}, want {want}")


def edges(chain, number):
    """Where the edges of a chain's node, by its place, lead to, by code."""
    return {edge["code"]: edge["to"] for edge in chain["node"][number].get("edge", [])}


def refused(ynl, text, *request):
    """The kernel says no, and why."""
    try:
        ynl.do(*request)
    except NlError as error:
        if text not in error.nl_msg.extack.get("msg", ""):
            sys.exit(f"{request} is refused with {error.nl_msg.extack}")
        return
    sys.exit(f"{request} is not refused")


def main():
    """All of it."""
    spec = "Documentation/netlink/specs/xdp_rxh.yaml"
    ynl, listener = YnlFamily(spec, schema=""), YnlFamily(spec, schema="")
    listener.ntf_subscribe("chain")
    dev = {"ifindex": socket.if_nametoindex(sys.argv[1])}

    before = ynl.do("chain-get", dev)
    check("ifindex", before["ifindex"], dev["ifindex"])
    check("edges", edges(before, 0), {PASS: before["node"][1]["id"]})
    check("handler", before["handler"], "any")
    check("in the dump", [before], [c for c in ynl.dump("chain-get", {}) if c["ifindex"] == dev["ifindex"]])

    generation = before["generation"]
    edge = {**dev, "from": 1, "code": DROP}
    expected = {"generation": generation}
    ynl.do("edge-add", {**edge, **expected, "to": before["node"][1]["id"]})
    refused(ynl, "has changed meanwhile", "edge-add", {**edge, **expected, "to": STOP, "replace": True})
    refused(ynl, "", "edge-add", {**edge, "to": STOP})
    ynl.do("edge-add", {**edge, "to": STOP, "replace": True})
    check("edges", edges(ynl.do("chain-get", dev), 0), {PASS: before["node"][1]["id"], DROP: STOP})
    ynl.do("edge-del", edge)
    ynl.do("switch-set", {**dev, "handler": "none"})
    ynl.do("switch-set", {**dev, "handler": "any"})
    check("the chain", ynl.do("chain-get", dev)["node"], before["node"])

    prog = {"prog-fd": ctypes.CDLL("libbpf.so.1").bpf_obj_get(sys.argv[2].encode())}
    ynl.do("edge-add", {**dev, "from": 1, "code": ABORTED, **prog})
    added = ynl.do("chain-get", dev)
    node = edges(added, 0)[ABORTED]
    ynl.do("node-replace", {**dev, "from": before["node"][1]["id"], **prog})
    replaced = ynl.do("chain-get", dev)["node"]
    check("programs", {n["prog-id"] for n in replaced[1:]}, {n["prog-id"] for n in added["node"] if n["id"] == node})
    ynl.do("node-del", {**dev, "from": node, "close-up": True})
    nodes = [{"id": 1, "edge": [{"code": PASS, "to": 7}]}, {"id": 7, **prog}]
    ynl.do("chain-set", {**dev, "generation": generation + 6, "node": nodes})
    after = ynl.do("chain-get", dev)
    check("a new node", after["node"][1]["id"] > node, True)
    check("edges", edges(after, 0), {PASS: after["node"][1]["id"]})

    listener.check_ntf()
    told = [message["msg"] for message in listener.async_msg_queue]
    check("messages", {message["name"] for message in listener.async_msg_queue}, {"chain-ntf"})
    check("generations", [t["generation"] - generation for t in told], [1, 2, 3, 3, 3, 4, 5, 6, 7])
    drops = [before["node"][1]["id"], STOP] + [None] * 7
    check("edges told", [edges(t, 0).get(DROP) for t in told], drops)
    check("handlers told", [t["handler"] for t in told], ["any"] * 3 + ["none"] + ["any"] * 5)
    check("the last told", told[-1], after)


main()
