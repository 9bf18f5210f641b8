"""Rules about one task wherever it runs: no twins, once, final success, bounds, order, true verdicts."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise

from tests.history.history import History
from tests.history.process import Process, Step
from tests.history.seen import Lost, TaskSeen
from tests.history.terms import UNLIMITED


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


def within_bounds(history: History) -> Iterator[str]:
    """S10: a command that fails by itself is tried again as often as its user allows."""
    asked: Counter[tuple[str, str]] = Counter()
    uncharged: Counter[tuple[str, str]] = Counter()
    for sight in history.sights(TaskSeen):
        key = sight.job, sight.task
        asked[key] = max(sight.reactivations, asked[key])
        uncharged[key] = max(sight.uncharged, uncharged[key])
    for (job, task), runs in history.by_task():
        allowed = history.terms.job(job).task(task).max_retries
        failed = sum(run.failed for run in runs)
        rounds = 1 + asked[job, task]
        # The end of one that was taken away may have been a failure that nobody heard of.
        if allowed != UNLIMITED and failed > (1 + allowed) * rounds + uncharged[job, task]:
            yield f"task {task} of job {job} failed {failed} times with maxTaskRetryCount {allowed}"
    yield from _preparations_within_bounds(history)


def _preparations_within_bounds(history: History) -> Iterator[str]:
    failed = Counter((p.boot, history.stay(p)) for p in history.of(Step.PREPARATION) if p.failed)
    for (_, (job, place, _)), count in failed.items():
        allowed = history.terms.job(job).preparation_retries
        if allowed != UNLIMITED and count > 1 + allowed:
            yield f"preparation of job {job} on {place} failed {count} times with maxTaskRetryCount {allowed}"


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
    lost = history.sights(Lost)
    for _, runs in history.by_task():
        for first, second in pairwise(runs):
            excused = any(first.start <= loss.at <= second.start and _of(loss, first) for loss in lost)
            if first.succeeded and not excused:
                yield f"{second} although {first} had succeeded"


def _of(loss: Lost, process: Process) -> bool:
    place = process.place
    return (loss.node, loss.machine) == (place.node, place.machine) and loss.boot in ("", process.boot)


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
