"""`make simulate`: every crash plan of every workload, and a table of what came of them; or the storms of some seeds."""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Sequence
from functools import partial

from tests.simulation import crash_plans, many, seeds
from tests.simulation.crash_plans import Extent
from tests.simulation.workloads import WORKLOADS


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    options.add_argument("workloads", nargs="*", default=[*WORKLOADS], metavar="workload")
    options.add_argument("--singles", type=int, default=1, help="every so-manyth plan with one mishap")
    options.add_argument("--pairs", type=int, default=Extent().pairs, help="every so-manyth plan with two")
    options.add_argument("--seeds", help="a..b: play the storms of these seeds, the last one excluded")
    given = options.parse_args()
    if unknown := set(given.workloads) - WORKLOADS.keys():
        options.error(f"no workload {', '.join(sorted(unknown))}; there are {', '.join(WORKLOADS)}")
    return _storms(given.seeds) if given.seeds else _plans(given)


def _storms(seeds_: str) -> int:
    first, _, last = seeds_.partition("..")
    began, wanted = time.monotonic(), range(int(first), int(last))
    wrong = {seed: found for seed, found in many.each(seeds.complaints, wanted, together=5) if found}
    _tell({f"seed {seed}": found for seed, found in wrong.items()})
    print(f"{len(wanted)} seeds, {len(wrong)} failed, {_cost(began, len(wanted))}")
    return 1 if wrong else 0


def _plans(given: argparse.Namespace) -> int:
    began, played, failed = time.monotonic(), 0, 0
    print(f"{'workload':32} {'writes':>6} {'plans':>6} {'failed':>6} {'after':>7}")
    play = partial(crash_plans.results, extent=Extent(given.singles, given.pairs))
    for workload, (writes, found) in many.each(play, _longest_first(given.workloads)):
        wrong = {plan: complaints for plan, complaints in found.items() if complaints}
        after = f"{time.monotonic() - began:.0f} s"
        print(f"{workload:32} {writes:>6} {len(found):>6} {len(wrong):>6} {after:>7}", flush=True)
        played, failed = played + len(found), failed + len(wrong)
        _tell(wrong)
    print(f"{played} plans, {failed} failed, {_cost(began, played)}")
    return 1 if failed else 0


def _longest_first(workloads: Sequence[str]) -> list[str]:
    """No processor is to be without work in the end."""
    return [workload for workload, _ in sorted(many.each(crash_plans.length, workloads), key=lambda each: -each[1])]


def _cost(began: float, lives: int) -> str:
    """CPU seconds say what a life costs however busy the machine is."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime
    return f"{time.monotonic() - began:.0f} s, {cpu:.0f} s of CPU, {cpu / lives:.3f} each"


def _tell(wrong: dict[str, list[str]]) -> None:
    for plan, complaints in [*wrong.items()][:8]:
        print(f"  {plan}")
        for complaint in complaints[:4]:
            print(f"    {complaint[:600]}")


if __name__ == "__main__":
    sys.exit(main())
