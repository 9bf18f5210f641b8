"""Pools and their nodes as the page is told of them."""

from __future__ import annotations

import json
import re

from batchyard.cli.show.node_cells import CELLS
from batchyard.cli.web import pools
from batchyard.cli.web.server import STATIC
from tests.cli.objects import condition, node, pool


def test_nodes_are_told_as_one_list_for_each_thing() -> None:
    ill = node("node3", "starttaskfailed", errors=[{"code": "NodeError", "message": "exit code 1"}], startTaskInfo={"result": "failure"})  # fmt: skip
    busy = node("node1", "running", runningTasksCount=2, runningTaskSlotsCount=3)
    told = pools.shown(pool(target=3), [ill, node("node2"), busy])
    assert told["nodes"] == {
        "name": ["node1", "node2", "node3"],
        "state": ["running", "idle", "starttaskfailed"],
        "tasks": [2, 0, 0],
        "slots": [3, 0, 0],
        "more": {"2": {"start task": "failure", "error": "NodeError: exit code 1"}},
    }
    assert (told["total"], told["states"]) == (3, {"running": 1, "idle": 1, "starttaskfailed": 1})


def test_node_of_a_state_that_this_version_does_not_know_is_unknown() -> None:
    told = pools.shown(pool(), [node("node1", "<script>"), node("node2", "new")])
    assert told["nodes"]["state"] == ["unknown", "unknown"]


def test_every_state_of_a_node_has_its_letter_and_a_colour_of_its_own() -> None:
    part = (STATIC / "states.js").read_text().partition("NODES = {")[2].partition("};")[0]
    looks = re.findall(r'^  "([\w, ]+)": \["(#\w{6})", "#\w{6}", "(.)"\],$', part, re.MULTILINE)
    assert [(word, letter) for word, _, letter in looks] == [(each.word, each.letter) for each in CELLS]
    assert len(looks) == len({colour for _, colour, _ in looks})


def test_pools_that_need_a_person_are_called_with_the_next_step() -> None:
    stuck = condition("Ready", "False", "AllocationTimedout", "1 of 2 nodes after PT15M; add machines")
    told = pools.listed([pool("good"), pool("bad", status={"conditions": [stuck]})])
    assert [each["name"] for each in told["pools"]] == ["bad", "good"]
    assert told["attention"] == [
        {"kind": "pool", "name": "bad", "reason": "AllocationTimedout", "message": "1 of 2 nodes after PT15M", "next": "add machines"}
    ]  # fmt: skip


def test_ten_thousand_nodes_are_told_in_less_than_half_a_megabyte() -> None:
    told = pools.shown(pool(target=10_000), [node(f"worker-{number:05}") for number in range(10_000)])
    assert len(json.dumps(told, separators=(",", ":"))) < 500_000


def test_command_for_more_goes_to_the_same_place_and_is_quoted() -> None:
    told = pools.shown(pool("a b"), [], ["--namespace", "team"])
    assert told["commands"] == ["batchyard why 'pool/a b' --namespace team"]
