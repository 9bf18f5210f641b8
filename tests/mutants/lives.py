"""Every life in which a bug may show, the cheapest first, as `make test` plays them. Runs in a process that has imported the operator with the bug."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from tests.simulation import crash_plans, seeds
from tests.simulation.crash_plans import Plan
from tests.simulation.test_crash_plans import SLICE
from tests.simulation.test_seeds import SEEDS
from tests.simulation.workloads import WORKLOADS

Found = dict[str, list[str]]
"""Complaints by life; a life without any is in it too."""
Trial = Callable[[], Found]


def everywhere() -> Iterator[Trial]:
    for name in WORKLOADS:
        yield partial(_plan, Plan(name))
    for name in WORKLOADS:
        yield partial(_plans, name)
    for seed in range(SEEDS):
        yield partial(_seed, seed)


def where(hint: str) -> Trial:
    what, _, which = hint.partition(" ")
    match what:
        case "workload":
            return partial(_plan, Plan(which))
        case "plan":
            return partial(_plan, _read(which))
        case "seed":
            return partial(_seed, int(which))
        case _:
            raise ValueError(hint)


def _read(text: str) -> Plan:
    """The other way round than Plan.__str__."""
    workload, _, mishaps = text.partition(": ")
    at = re.findall(r"([A-Za-z, ]+?) write (\d+)(?:, )?", mishaps)
    plan = Plan(workload, tuple((int(number), what) for what, number in at))
    assert str(plan) == text, text
    return plan


def _plan(plan: Plan) -> Found:
    name = f"plan {plan}" if plan.at else f"workload {plan.workload}"
    try:
        result = plan.play()
        expected = Plan(plan.workload).play() if plan.at else result
    except Exception as error:  # noqa: BLE001 - whatever it is, this life shows it
        return {name: [f"{type(error).__name__}: {error}"]}
    return {name: [*result.complaints, *crash_plans.differences(plan.workload, expected, result)]}


def _plans(workload: str) -> Found:
    try:
        _, found = crash_plans.results(workload, SLICE)
    except Exception as error:  # noqa: BLE001 - as above
        return {f"workload {workload}": [f"{type(error).__name__}: {error}"]}
    return {f"plan {name}": complaints for name, complaints in found.items()}


def _seed(seed: int) -> Found:
    return {f"seed {seed}": seeds.complaints(seed)}
