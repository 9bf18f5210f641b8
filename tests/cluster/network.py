"""The cluster's network: a switch and router in a namespace of its own, with a port for the host and for every member.

Nothing of the machine's own configuration is changed, so its firewall and its forwarding never matter.
"""

import json
from pathlib import Path

from tests.cluster.commands import run, succeeds
from tests.cluster.layout import Layout, mac

BRIDGE = "nodes"


def make(layout: Layout) -> None:
    switch, host = layout.name, layout.name
    run("ip", "netns", "add", switch)
    run("ip", "-n", switch, "link", "set", "lo", "up")
    run("ip", "-n", switch, "link", "add", BRIDGE, "type", "bridge")
    run("ip", "-n", switch, "addr", "add", f"{layout.router_address}/24", "dev", BRIDGE)
    run("ip", "-n", switch, "link", "set", BRIDGE, "up")
    forward = "echo 1 > /proc/sys/net/ipv4/ip_forward"
    run("nsenter", f"--net=/run/netns/{switch}", "sh", "-c", forward)
    run("ip", "link", "add", host, "type", "veth", "peer", "name", "host", "netns", switch)
    run("ip", "-n", switch, "link", "set", "host", "master", BRIDGE, "up")
    run("ip", "addr", "add", f"{layout.host_address}/24", "dev", host)
    run("ip", "link", "set", host, "up")
    run("ip", "route", "add", layout.pod_network, "via", layout.router_address)


def plug(layout: Layout, member: str, address: str) -> None:
    """Give a member its namespace with one interface, plugged into the switch."""
    netns = layout.netns(member)
    run("ip", "netns", "add", netns)
    run("ip", "-n", netns, "link", "set", "lo", "up")
    run("ip", "-n", netns, "link", "add", "eth0", "type", "veth", "peer", "name", port(address), "netns", layout.name)
    run("ip", "-n", layout.name, "link", "set", port(address), "master", BRIDGE, "up")
    run("ip", "-n", netns, "link", "set", "eth0", "address", mac(address))
    run("ip", "-n", netns, "addr", "add", f"{address}/24", "dev", "eth0")
    run("ip", "-n", netns, "link", "set", "eth0", "up")
    run("ip", "-n", netns, "route", "add", "default", "via", layout.router_address)


def unplug(layout: Layout, member: str, address: str) -> None:
    succeeds("ip", "-n", layout.name, "link", "del", port(address))
    succeeds("ip", "netns", "del", layout.netns(member))


def route_pods(layout: Layout, index: int) -> None:
    run("ip", "-n", layout.name, "route", "replace", layout.pods(index), "via", layout.address(index))


def unroute_pods(layout: Layout, index: int) -> None:
    succeeds("ip", "-n", layout.name, "route", "del", layout.pods(index))


def set_port(layout: Layout, address: str, state: str) -> None:
    """Cut a member off (down) or plug it in again (up)."""
    run("ip", "-n", layout.name, "link", "set", port(address), state)


def reset(layout: Layout, member: str, peer: str) -> set[str]:
    """End every connection of a member with a peer, as a router that forgot them would; the peer's ends of them."""
    ss = ("nsenter", f"--net=/run/netns/{layout.netns(member)}", "ss", "-Htn")
    which = ("state", "established", "dst", peer)
    before = _peers(run(*ss, *which))
    run(*ss, "-K", *which)
    left = before & _peers(run(*ss, *which))
    if left:
        raise SystemExit(
            f"connections with {', '.join(left)} are still there: does this kernel have INET_DIAG_DESTROY?"
        )
    return before


def _peers(connections: str) -> set[str]:
    return {line.split()[3] for line in connections.splitlines()}


def port(address: str) -> str:
    return f"port{address.rpartition('.')[2]}"


def namespaces(layout: Layout) -> list[str]:
    """All the network namespaces of the cluster, the switch first."""
    known = json.loads(run("ip", "-json", "netns", "list") or "[]")
    names = [entry["name"] for entry in known]
    return sorted(name for name in names if name == layout.name or name.startswith(f"{layout.name}-"))


def processes(layout: Layout) -> list[int]:
    """Every process in one of the namespaces."""
    return [int(pid) for name in namespaces(layout) for pid in run("ip", "netns", "pids", name).split()]


def remove(layout: Layout) -> None:
    """Needs no state: also what an interrupted start or stop left behind goes."""
    succeeds("ip", "link", "del", layout.name)  # its peer, its address and its route go with it
    for name in namespaces(layout):
        run("ip", "netns", "del", name)


def exists(layout: Layout) -> bool:
    return Path(f"/sys/class/net/{layout.name}").exists()
