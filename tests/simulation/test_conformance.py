"""The API server of the simulation against a real one: random sequences of calls, the same answers, the same watches.

Definitions are installed without their rules in CEL, which the simulation's server does not know.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import yaml

from batchyard.kube import kinds
from tests.cluster.waiting import wait_for
from tests.simulation.api.call import Request
from tests.simulation.api.custom import DIRECTORY
from tests.simulation.conformance.control_plane import ControlPlane, define, running
from tests.simulation.conformance.families import ACTS, Family
from tests.simulation.conformance.forgetting import Interrupted
from tests.simulation.conformance.real_server import RealServer
from tests.simulation.conformance.replaying import Both, replay
from tests.simulation.conformance.sequences import sequence

pytestmark = pytest.mark.cluster  # not one, but programs of one
SEQUENCES = int(os.environ.get("CONFORMANCE_SEQUENCES", "200"))
FIRST = int(os.environ.get("CONFORMANCE_FIRST", "0"))
PARTS = 10
INTERRUPTED = 40
FAMILIES = 60
REST_SECONDS = 60.0


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with running() as plane:
        yield plane


@pytest.fixture(scope="module")
def real_server(plane: ControlPlane) -> Iterator[RealServer]:
    definitions = [yaml.safe_load(file.read_text()) for file in sorted(DIRECTORY.glob("*.yaml"))]
    with plane.api_server() as server:
        define(server, [_without_cel(each) for each in definitions])
        yield server


def _without_cel(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _without_cel(value) for key, value in part.items() if key != "x-kubernetes-validations"}
    return [_without_cel(each) for each in part] if isinstance(part, list) else part


def test_both_servers_have_forgotten_the_same(plane: ControlPlane, real_server: RealServer) -> None:
    """An API server that was started after the compaction: one that runs already still knows what it has sent lately."""
    lives = [(Interrupted(seed), Both.new(real_server)) for seed in range(INTERRUPTED)]
    for each, both in lives:
        assert both.differ(each.before()) is None
    plane.compact()
    with plane.api_server() as fresh:
        for each, both in lives:
            wait_for("watches are served", partial(fresh.remembers, each.path), REST_SECONDS)
            both.forget(fresh)
            assert both.differ(each.after()) is None


def test_both_garbage_collectors_leave_the_same(plane: ControlPlane, real_server: RealServer) -> None:
    """The real one takes its time: after each act it is waited for until it has left what ours leaves, then for its next round.

    Before the sequences, which leave more behind than it could look through in that time.
    """
    lives = [(Family(seed), Both.new(real_server)) for seed in range(FAMILIES)]
    with plane.controllers(real_server):
        for act in range(ACTS):
            for family, both in lives:
                assert both.agree(family.acts[act]), family.namespace
            for family, both in lives:
                _alike(family, both, real_server)
            _round_of_the_collector(real_server, act)
            for family, both in lives:
                assert family.seen(real_server.handle) == family.seen(both.rest().handle), family.namespace


@pytest.mark.parametrize("part", range(PARTS))
def test_both_servers_say_the_same(real_server: RealServer, part: int) -> None:
    for seed in range(FIRST + part, FIRST + SEQUENCES, PARTS):
        assert replay(sequence(seed), real_server) is None, f"seed {seed}"


def _alike(family: Family, both: Both, server: RealServer) -> None:
    ours = family.seen(both.rest().handle)
    try:
        wait_for("the same is left", lambda: family.seen(server.handle) == ours, REST_SECONDS)
    except TimeoutError:
        assert family.seen(server.handle) == ours, family.namespace


def _round_of_the_collector(server: RealServer, number: int) -> None:
    """It takes away what was made after all that it is waited for."""
    reference = {"apiVersion": "v1", "kind": "Pod", "name": "nobody", "uid": "absent"}
    body = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": f"round{number}", "ownerReferences": [reference]},
    }
    collection = kinds.LEASE.collection("default")
    assert server.handle(Request("POST", collection, {}, body)).code == 201
    gone = Request("GET", kinds.LEASE.object("default", f"round{number}"))
    wait_for("the garbage collector comes round", lambda: server.handle(gone).code == 404, REST_SECONDS)
