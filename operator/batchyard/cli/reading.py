"""Reads that may be refused: the refusal is noted and something else stands in. A cluster that tells us nothing at all is a Problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from batchyard.cli.outcome import Exit, NotLoggedIn, Problem

T = TypeVar("T")


@dataclass(slots=True)
class Reading:
    unread: list[tuple[str, str]] = field(default_factory=list)
    """What, and why."""

    def of(self, what: str, look: Callable[[], T], otherwise: T) -> T:
        try:
            return look()
        except Problem as problem:
            if problem.exit_code is Exit.UNREACHABLE or isinstance(problem, NotLoggedIn):
                raise
            self.unread.append((what, problem.message))
            return otherwise

    @property
    def told(self) -> list[dict[str, str]]:
        return [{"what": what, "why": why} for what, why in self.unread]
