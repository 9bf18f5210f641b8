"""`make simulate`: every crash plan of every workload, and a table of what came of them."""

from __future__ import annotations

import argparse
import sys
import time

from tests.simulation import crash_plans, many
from tests.simulation.crash_plans import Plan
from tests.simulation.workloads import WORKLOADS

PAIRS_EACH = 500


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("workloads", nargs="*", default=[*WORKLOADS])
    options.add_argument("--pairs", type=int, default=PAIRS_EACH, help="plans with two mishaps, of each workload")
    options.add_argument("--every", type=int, default=1, help="only every so-manyth plan")
    given = options.parse_args()
    began, played, failed = time.monotonic(), 0, 0
    print(f"{'workload':32} {'writes':>6} {'plans':>6} {'failed':>6} {'plans/s':>8}")
    for workload in given.workloads:
        count, bad = _all_of(workload, given.pairs, given.every)
        played, failed = played + count, failed + bad
    seconds = time.monotonic() - began
    print(f"{played} plans, {failed} failed, {seconds:.0f} s, {played / seconds:.1f} plans/s")
    return 1 if failed else 0


def _all_of(workload: str, pairs: int, every: int) -> tuple[int, int]:
    began, expected = time.monotonic(), crash_plans.reference(workload)
    plans = crash_plans.plans(workload, len(expected.writes), pairs)[::every]
    failed = [(plan, found) for plan, found in many.each(crash_plans.against_reference, plans) if found]
    speed = len(plans) / (time.monotonic() - began)
    print(f"{workload:32} {len(expected.writes):>6} {len(plans):>6} {len(failed):>6} {speed:>8.1f}", flush=True)
    for plan, found in failed[:5]:
        _tell(plan, found)
    return len(plans), len(failed)


def _tell(plan: Plan, found: list[str]) -> None:
    print(f"  {plan}")
    for complaint in found[:4]:
        print(f"    {complaint[:600]}")


if __name__ == "__main__":
    sys.exit(main())
