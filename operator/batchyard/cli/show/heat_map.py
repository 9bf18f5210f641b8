"""A pool's nodes as rows of letters, trouble first, and the legend with their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from batchyard.cli.show.node_cells import CELLS, Tone, cell, order
from batchyard.cli.show.objects import Object
from batchyard.cli.show.picture import Line, Span, plain

INDENT = "  "


def height(nodes: int, width: int) -> int:
    """How many rows it takes to show all of them."""
    return -(-nodes // max(1, width - len(INDENT)))


def rows(nodes: Sequence[Object], width: int, room: int) -> Iterator[Line]:
    """At most `room` rows; the last one says how many nodes have none."""
    across = max(1, width - len(INDENT))
    cells, hidden = [cell(node) for node in sorted(nodes, key=order)], ""
    if len(cells) > across * room:
        kept = max(0, across * room - len(_hidden(len(cells))))
        cells, hidden = cells[:kept], _hidden(len(cells) - kept)
    for start in range(0, max(len(cells), 1 if hidden else 0), across):
        parts = groupby(cells[start : start + across], lambda each: each.tone)
        row = [("".join(each.letter for each in part), tone) for tone, part in parts]
        last = start + across >= len(cells)
        yield [(INDENT, Tone.PLAIN), *row, *(plain(hidden) if last else ())]


def _hidden(number: int) -> str:
    return f" {number} not shown"


def legend(nodes: Sequence[Object]) -> list[Span]:
    """Only of what is there."""
    found = Counter(cell(node) for node in nodes)
    return [(f"{each.letter} {found[each]} {each.word}", each.tone) for each in CELLS if each in found]
