"""Short words for the histories that the rules are tested with: job `j` on node `n1` of pool `p`, unless they say otherwise."""

from dataclasses import replace
from typing import Any

from tests.history.history import History
from tests.history.process import Place, Process, Step
from tests.history.seen import Seen
from tests.history.terms import JobTerms, TaskTerms, Terms

NODE, OTHER = Place("p", "n1", "m1"), Place("p", "n2", "m2")
TERMS = Terms(
    jobs={
        "j": JobTerms(
            preparation=True,
            release=True,
            preparation_retries=1,
            tasks={
                "big": TaskTerms(slots=2),
                "flaky": TaskTerms(max_retries=1),
                "last": TaskTerms(after=frozenset({"a"})),
                "three": TaskTerms(satisfying=frozenset({3})),
                "after-three": TaskTerms(after=frozenset({"three"})),
            },
        ),
        "plain": JobTerms(),
        "hasty": JobTerms(release=True),
        "once": JobTerms(preparation=True, prepare_again=False),
    },
    slots={"p": 2},
    start_task=frozenset({"q"}),
    start_retries={"q": 1},
    most_recoveries=2,
)


def process(step: Step, start: float, end: float, exit_code: int | None = 0, **fields: Any) -> Process:
    base = Process(step=step, place=NODE, boot="b1", job="j", start=start, end=end, exit_code=exit_code)
    return replace(base, **fields)


def prep(start: float, end: float, exit_code: int | None = 0, **fields: Any) -> Process:
    return process(Step.PREPARATION, start, end, exit_code, **fields)


def task(name: str, start: float, end: float, exit_code: int | None = 0, **fields: Any) -> Process:
    return process(Step.TASK, start, end, exit_code, task=name, **fields)


def release(start: float, end: float, exit_code: int | None = 0, **fields: Any) -> Process:
    return process(Step.RELEASE, start, end, exit_code, **fields)


def wipe(start: float, end: float, exit_code: int | None = 0, **fields: Any) -> Process:
    return process(Step.WIPE, start, end, exit_code, **fields)


def start_task(start: float, end: float, exit_code: int | None = 0, **fields: Any) -> Process:
    return process(Step.START, start, end, exit_code, **{"job": "", **fields})


def history(*facts: Process | Seen) -> History:
    processes = tuple(fact for fact in facts if isinstance(fact, Process))
    return History(TERMS, processes, tuple(fact for fact in facts if not isinstance(fact, Process)))
