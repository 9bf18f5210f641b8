"""Rules about one task wherever it runs: no twins, once, final success, order, true verdicts."""

from collections.abc import Iterator
from itertools import combinations, pairwise

from tests.history.history import History
from tests.history.process import Process
from tests.history.seen import TaskSeen


def no_twins(history: History) -> Iterator[str]:
    """S7: two attempts of a task never live at once."""
    for _, runs in history.by_task():
        for first, second in combinations(runs, 2):
            if first.overlaps(second):
                yield f"{second} overlaps {first}"


def started_once(history: History) -> Iterator[str]:
    """S8: an attempt is started once, whatever is started again around it."""
    for _, runs in history.by_task():
        for first, second in combinations(runs, 2):
            if first.attempt == second.attempt and not _replaced(first, second):
                yield f"{second} although it was started before: {first}"


def _replaced(first: Process, second: Process) -> bool:
    """A new machine under the old one's name finds the Pod, and on its empty disk nothing says that it was started before."""
    return first.place.node == second.place.node and first.place.machine != second.place.machine


def success_is_final(history: History) -> Iterator[str]:
    """S9: nothing of a task starts once its success was seen in the API."""
    succeeded: dict[tuple[str, str], float] = {}
    for sight in history.sights(TaskSeen):
        if sight.result == "success":
            succeeded.setdefault((sight.job, sight.task), sight.at)
    for key, runs in history.by_task():
        for run in runs:
            if run.start > succeeded.get(key, float("inf")):
                yield f"{run} began although its success was seen at {succeeded[key]:.2f}"


def in_order(history: History) -> Iterator[str]:
    """S11: a task starts after every task it depends on has ended as that one's exit conditions ask."""
    runs = dict(history.by_task())
    for (job, _), own in runs.items():
        terms = history.terms.job(job)
        for run in own:
            for needed in sorted(terms.task(run.task).after):
                enough = terms.task(needed).satisfying
                if not any(p.exit_code in enough and p.end <= run.start for p in runs.get((job, needed), ())):
                    yield f"{run} began before task {needed} had satisfied it"


def no_verdict_lost(history: History) -> Iterator[str]:
    """S17: a task that has succeeded is not run again unless its node was lost before it could tell."""
    for _, runs in history.by_task():
        for first, second in pairwise(runs):
            if first.succeeded and not history.lost_between(first, second):
                yield f"{second} although {first} had succeeded"


def verdicts_are_true(history: History) -> Iterator[str]:
    """S17: what a status says of a task's end is how a process of it ended."""
    runs = dict(history.by_task())
    for sight in history.sights(TaskSeen):
        if sight.state != "completed" or sight.exit_code is None:
            continue
        own = [run for run in runs.get((sight.job, sight.task), ()) if run.attempt == sight.attempt]
        # What was cut off did not see its own exit code.
        if not any(run.exit_code in (sight.exit_code, None) and run.end <= sight.at for run in own):
            yield (
                f"task {sight.task} of job {sight.job} is said to have ended attempt {sight.attempt} "
                f"with exit code {sight.exit_code}, which no process did"
            )
        if sight.result == "success" and sight.exit_code != 0:
            yield f"task {sight.task} of job {sight.job} is said to have succeeded with exit code {sight.exit_code}"
