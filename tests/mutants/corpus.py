"""The corpus: one patch for each bug, with a head that says what it is. Reads; runs nothing.

Bug: one sentence
Kind: a word or two for the table
Rule: the rules that may tell, one is enough (S1, L2; `ends`: other ends than without a fault; `test` where a test tells)
Caught by: where it shows: `workload NAME`, `plan NAME: MISHAP write NUMBER`, `seed NUMBER`, or `test FILE::NAME`
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Mutant:
    patch: Path

    @property
    def name(self) -> str:
        return self.patch.stem

    @property
    def bug(self) -> str:
        return self._head["Bug"]

    @property
    def kind(self) -> str:
        return self._head["Kind"]

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(self._head["Rule"].split(", "))

    @property
    def hint(self) -> str:
        return self._head["Caught by"]

    @property
    def by_test(self) -> bool:
        """It cannot show in a simulated cluster: it is in a script, on the wire, or in how much is read."""
        return self.hint.startswith("test ")

    @cached_property
    def _head(self) -> dict[str, str]:
        head = self.patch.read_text().partition("\n--- ")[0]
        return dict(re.findall(r"^([A-Z][a-z ]+): (.+)$", head, re.MULTILINE))


def corpus() -> list[Mutant]:
    return [Mutant(patch) for patch in sorted(FOLDER.glob("*.patch"))]


def named(name: str) -> Mutant:
    """By its number, or by as much of its name as tells it from others."""
    (found,) = (mutant for mutant in corpus() if mutant.name.startswith(name))
    return found
