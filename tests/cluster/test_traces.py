"""What a cluster leaves behind on the machine: nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import cgroups, nodes, processes
from tests.cluster.claims import CLAIMS
from tests.cluster.cluster import Cluster
from tests.cluster.commands import run
from tests.cluster.layout import Layout

Traces = dict[str, list[str]]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "state"
    Cluster.down(tmp_path / "state")


def traces(layout: Layout, pid_namespaces: set[int]) -> Traces:
    """All that can be seen of one cluster from the machine, by kind; kinds of which there is nothing are left out."""
    found = {
        "claims": [claim.name for claim in CLAIMS.glob(str(layout.number))],
        "links": lines_with(run("ip", "-o", "link"), f" {layout.name}@"),
        "routes": lines_with(run("ip", "route"), f" dev {layout.name} "),
        "network namespaces": lines_with(run("ip", "netns", "list"), layout.name),
        "mounts": lines_with(Path("/proc/self/mounts").read_text(), f"/{layout.name}"),
        "cgroups": [str(group) for root in cgroups.hierarchies() for group in root.glob(layout.name)],
        "processes": processes_of(layout, pid_namespaces),
        "state": [str(path) for path in layout.state.glob("*")],
    }
    return {kind: things for kind, things in found.items() if things}


def lines_with(text: str, part: str) -> list[str]:
    return [line for line in text.splitlines() if part in line]


def processes_of(layout: Layout, pid_namespaces: set[int]) -> list[str]:
    """Every process with the state directory in its command line or in the PID namespace of a node."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_text().replace("\0", " ")
            namespace = (process / "ns/pid").stat().st_ino
        except OSError:
            continue  # ended meanwhile, or not ours to look at
        ours = str(layout.state) in line or namespace in pid_namespaces
        if ours and not processes.gone(int(process.name)):
            found.append(line)
    return found


def pid_namespaces(cluster: Cluster) -> set[int]:
    inits = [nodes.first_process(cluster.layout, name) for name in cluster.nodes]
    return {Path(f"/proc/{init}/ns/pid").stat().st_ino for init in inits}


@pytest.mark.cluster
@pytest.mark.parametrize("state_is_lost", [False, True], ids=["state kept", "state lost"])
def test_down_leaves_nothing_behind(state: Path, state_is_lost: bool) -> None:
    cluster = Cluster.up(state, node_count=1)
    namespaces = pid_namespaces(cluster)
    kinds = {"claims", "links", "routes", "network namespaces", "mounts", "cgroups", "processes", "state"}
    assert set(traces(cluster.layout, namespaces)) == kinds
    if state_is_lost:
        shutil.rmtree(state, ignore_errors=True)

    Cluster.down(state)
    Cluster.down(state)

    assert traces(cluster.layout, namespaces) == {}
