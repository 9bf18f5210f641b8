"""Lines of text in which each piece has a tone: what a terminal colours, and anybody else reads as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from batchyard.cli.show.node_cells import Tone

Span = tuple[str, Tone]
Line = Sequence[Span]


def plain(text: str, tone: Tone = Tone.PLAIN) -> Line:
    return ((text, tone),)


def cut(line: Line, width: int) -> Line:
    """Three dots say that there was more."""
    if sum(len(text) for text, _ in line) <= width:
        return line
    kept, room = list[Span](), max(0, width - 3)
    for text, tone in line:
        kept.append((text[:room], tone))
        room -= len(kept[-1][0])
    return [*kept, ("..."[:width], Tone.PLAIN)]


def wrapped(spans: Iterable[Span], width: int, gap: str = "   ") -> list[Line]:
    """Side by side, each whole, and those that have no room left on the next line."""
    lines, room = list[list[Span]](), 0
    for text, tone in spans:
        if not lines or len(gap) + len(text) > room:
            lines.append([("  " if lines else "", Tone.PLAIN), (text, tone)])
            room = width - len(text) - len(lines[-1][0][0])
        else:
            lines[-1] += [(gap, Tone.PLAIN), (text, tone)]
            room -= len(gap) + len(text)
    return [*lines]


def text(lines: Iterable[Line]) -> str:
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)


def printable(message: str) -> str:
    """A message on one line, whatever its writer put into it."""
    return "".join(each if each.isprintable() else " " for each in message)
