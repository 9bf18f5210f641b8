"""How often a command may be tried again (S10): as often as its user allows, and what the cluster took away as often as we do."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from tests.history.history import History
from tests.history.process import Process, Step
from tests.history.seen import TaskSeen
from tests.history.terms import UNLIMITED

Task = tuple[str, str]


def tasks_within_bounds(history: History) -> Iterator[str]:
    """S10: a command that fails by itself is tried again as often as its user allows."""
    rounds = _rounds(history)
    uncharged: Counter[Task] = Counter()
    for sight in history.sights(TaskSeen):
        key = sight.job, sight.task
        uncharged[key] = max(sight.uncharged, uncharged[key])
    for (job, task), runs in history.by_task():
        allowed = history.terms.job(job).task(task).max_retries
        failed = sum(run.failed for run in runs)
        # The end of one that was taken away may have been a failure that nobody heard of.
        if allowed != UNLIMITED and failed > (1 + allowed) * rounds[job, task] + uncharged[job, task]:
            yield f"task {task} of job {job} failed {failed} times with maxTaskRetryCount {allowed}"


def recoveries_within_bounds(history: History) -> Iterator[str]:
    """S10: what is taken away again and again is given up."""
    most, rounds = history.terms.most_recoveries, _rounds(history)
    for sight in history.sights(TaskSeen) if most != UNLIMITED else ():
        if sight.recoveries > most * rounds[sight.job, sight.task]:
            yield f"task {sight.task} of job {sight.job} at {sight.at:.2f} has been recovered {sight.recoveries} times"


def preparations_within_bounds(history: History) -> Iterator[str]:
    failed = Counter((p.boot, history.stay(p)) for p in history.of(Step.PREPARATION) if p.failed)
    for (_, (job, place, _)), count in failed.items():
        allowed = history.terms.job(job).preparation_retries
        if allowed != UNLIMITED and count > 1 + allowed:
            yield f"preparation of job {job} on {place} failed {count} times with maxTaskRetryCount {allowed}"


def start_tasks_within_bounds(history: History) -> Iterator[str]:
    """S10: in each boot, by each Pod of the pool there: one that comes anew may be of a start task that was changed."""
    failed = Counter((p.place, p.boot, p.key) for p in history.of(Step.START) if p.failed)
    for (place, boot, _), count in failed.items():
        allowed = history.terms.start_retries.get(place.pool, UNLIMITED)
        if allowed != UNLIMITED and count > 1 + allowed:
            yield f"start task on {place} failed {count} times in boot {boot} with maxTaskRetryCount {allowed}"


def failed_releases_stay_so(history: History) -> Iterator[str]:
    """S10: a release that has failed is not tried again, unless its node was lost before it could tell."""
    releases: dict[object, list[Process]] = {}
    for release in history.of(Step.RELEASE):
        releases.setdefault(history.stay(release), []).append(release)
    for runs in releases.values():
        for first, second in pairwise(runs):
            if first.failed and not history.lost_between(first, second):
                yield f"{second} although {first} had failed"


def _rounds(history: History) -> Counter[Task]:
    """How often the user has asked for each task: once, and with every reactivation."""
    rounds: Counter[Task] = Counter({(run.job, run.task): 1 for run in history.of(Step.TASK)})
    for sight in history.sights(TaskSeen):
        rounds[sight.job, sight.task] = max(1 + sight.reactivations, rounds[sight.job, sight.task])
    return rounds
