"""Each state of a node has a letter of its own, so that nobody needs the colour."""

from __future__ import annotations

import pytest

from batchyard.api.states import NodeState
from batchyard.cli.show.node_cells import CELLS, DRAINING, Tone, cell, order
from tests.cli.objects import Object, node
from tests.cli.page import PAGE


def drained() -> Object:
    found = node("n1", "running")
    found["spec"]["schedulingState"] = "disabled"
    return found


def test_every_state_has_a_letter_of_its_own() -> None:
    assert {each.word for each in CELLS} - {DRAINING} == {*NodeState}
    assert len({each.letter for each in CELLS}) == len(CELLS)


def test_trouble_is_in_capitals() -> None:
    for each in CELLS:
        assert each.letter == (each.letter.upper() if each.tone is Tone.TROUBLE else each.letter.lower())


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (node("n1", "idle"), "idle"),
        (node("n1", "offline"), "offline"),
        (drained(), DRAINING),
        ({"spec": {"nodeId": "new"}}, "creating"),
        (node("n1", "of a later version"), "unknown"),
    ],
)
def test_node_is_shown_as_what_it_does(found: Object, word: str) -> None:
    assert cell(found).word == word


def test_trouble_comes_first_and_equals_go_by_name() -> None:
    nodes = [
        node("b", "running"),
        node("a", "running"),
        node("d", "idle"),
        node("c", "unusable"),
        node("e", "starting"),
    ]
    assert [each["spec"]["nodeId"] for each in sorted(nodes, key=order)] == ["c", "e", "a", "b", "d"]


def test_page_explains_every_letter() -> None:
    told = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    for each in CELLS:
        word = each.word.partition(",")[0]
        assert [line for line in told if f"`{each.letter}`" in line and f"`{word}`" in line]
