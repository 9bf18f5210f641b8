"""`make mutants`: every bug of the corpus put back, one after another, and a table of what told of it."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count

from tests.mutants.catching import EVERYWHERE, Catch
from tests.mutants.copies import DoesNotApply, operator_with
from tests.mutants.corpus import Mutant, corpus
from tests.mutants.trying import Broken, caught, played


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    options.add_argument("mutants", nargs="*", help="their numbers; all without")
    options.add_argument(
        "--search", action="store_true", help="look wherever `make test` does, not where the bug is known to show"
    )
    given = options.parse_args()
    began = time.monotonic()
    chosen = [m for m in corpus() if not given.mutants or m.name.startswith(tuple(given.mutants))]
    told = _without_bugs(chosen, search=given.search)
    missed = list(_table(chosen, search=given.search)) if not told else []
    print(told or f"{len(chosen)} mutants, {len(missed)} not caught, {time.monotonic() - began:.0f} s")
    return 1 if told or missed else 0


def _without_bugs(chosen: Sequence[Mutant], *, search: bool) -> str:
    """Empty when nothing is said of the operator as it is; else a catch would prove nothing."""
    hints = dict.fromkeys(mutant.hint for mutant in chosen if mutant.by_test or not search)
    with operator_with(None) as package:
        found = played((), [*hints, *([EVERYWHERE] if search else [])], package)
    return f"without any mutant: {found.by}: {found.complaint}" if found.by else ""


def _table(chosen: Sequence[Mutant], *, search: bool) -> Iterator[Mutant]:
    """Prints it; those that are not caught come out."""
    print(f"{'mutant':44} {'kind':24} {'rule':5} {'lives':>5} {'CPU s':>6}  caught by")

    def tried(mutant: Mutant) -> Catch | str:
        try:
            return caught(mutant, search=search)
        except (Broken, DoesNotApply) as trouble:
            return str(trouble)

    with ThreadPoolExecutor(cpu_count()) as pool:
        for mutant, found in zip(chosen, pool.map(tried, chosen), strict=True):
            print(f"{mutant.name[:44]:44} {mutant.kind[:24]:24} {_told(found)}", flush=True)
            if isinstance(found, str) or not found.by:
                yield mutant


def _told(found: Catch | str) -> str:
    if isinstance(found, str):
        return found
    return f"{found.rule:5} {found.lives:>5} {found.cpu_seconds:>6.1f}  {found.by or 'NOTHING'}"


if __name__ == "__main__":
    sys.exit(main())
