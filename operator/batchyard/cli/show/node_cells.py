"""What a node is doing as one letter and one tone: capitals for trouble, small letters for what is under way. For pictures of pools."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from batchyard.cli.show.objects import Object, at


class Tone(StrEnum):
    """What a colour stands for; which one it is knows who draws."""

    TROUBLE = "trouble"
    CHANGING = "changing"
    BUSY = "busy"
    FREE = "free"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One of CELLS, and known by that: thousands of nodes are counted by them."""

    letter: str
    word: str
    """Of the node's state, in Azure's words."""
    tone: Tone


DRAINING = "running, disabled"
CELLS = (
    Cell("F", "starttaskfailed", Tone.TROUBLE),
    Cell("U", "unusable", Tone.TROUBLE),
    Cell("?", "unknown", Tone.TROUBLE),
    Cell("P", "preempted", Tone.TROUBLE),
    Cell("O", "offline", Tone.TROUBLE),
    Cell("d", DRAINING, Tone.CHANGING),
    Cell("l", "leavingpool", Tone.CHANGING),
    Cell("b", "rebooting", Tone.CHANGING),
    Cell("m", "reimaging", Tone.CHANGING),
    Cell("c", "creating", Tone.CHANGING),
    Cell("s", "starting", Tone.CHANGING),
    Cell("w", "waitingforstarttask", Tone.CHANGING),
    Cell("r", "running", Tone.BUSY),
    Cell(".", "idle", Tone.FREE),
)
"""In the order in which people want to see them: trouble first."""
_BY_WORD = {each.word: each for each in CELLS}
_PLACES = {each: place for place, each in enumerate(CELLS)}


def cell(node: Object) -> Cell:
    """One that nobody has written about yet is being created; a state that is not ours is unknown."""
    state = str(at(node, "status.state", "creating"))
    if state == "running" and at(node, "spec.schedulingState") == "disabled":
        state = DRAINING
    return _BY_WORD.get(state, _BY_WORD["unknown"])


def order(node: Object) -> tuple[int, str]:
    """Trouble first, then by name, so that nothing moves while nothing changes."""
    return _PLACES[cell(node)], str(at(node, "spec.nodeId"))
