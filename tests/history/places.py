"""Rules about one job on one machine: preparation before tasks, release after them and once, wipe of everything."""

from collections.abc import Iterator
from itertools import combinations

from tests.history.history import History
from tests.history.process import Process, Step
from tests.history.seen import JobGone, LeftOnDisk, RecordSeen, TaskGiven, Unremembered


def prepared_first(history: History) -> Iterator[str]:
    """S1: no task before its job's preparation has succeeded there in this boot."""
    for task in history.of(Step.TASK):
        terms = history.terms.job(task.job)
        if terms.preparation and not any(
            done.succeeded and done.end <= task.start and (done.boot == task.boot or not terms.prepare_again)
            for done in history.in_stay_of(task, Step.PREPARATION)
        ):
            yield f"{task} had no successful preparation before it in boot {task.boot}"


def nothing_after_release(history: History) -> Iterator[str]:
    """S2: no task and no preparation lives while or after the job is released there, or while it is wiped."""
    for release in history.of(Step.RELEASE):
        for work in history.in_stay_of(release, Step.TASK, Step.PREPARATION):
            if work.end > release.start:
                yield f"{work} lived after the start of {release}"
    for wipe in history.of(Step.WIPE):
        for work in history.of(Step.TASK, Step.PREPARATION, Step.RELEASE):
            if work.place == wipe.place and wipe.job in ("", work.job) and work.overlaps(wipe):
                yield f"{work} lived during {wipe}"


def released_only_where_used(history: History) -> Iterator[str]:
    """S3: a release follows a task there, be it one that could not be launched, and a preparation that has succeeded if the job has one."""
    for release in history.of(Step.RELEASE):
        before = [p for p in history.in_stay_of(release, Step.TASK, Step.PREPARATION) if p.start < release.start]
        if not any(process.step is Step.TASK for process in before) and not _given(history, release):
            yield f"{release} where no task has run"
        prepared = any(process.step is Step.PREPARATION and process.succeeded for process in before)
        if history.terms.job(release.job).preparation and not prepared:
            yield f"{release} where no preparation has succeeded"


def _given(history: History, release: Process) -> bool:
    """Whether a task's Pod had come there: whoever releases cannot know that its command was never launched."""
    return any(
        (given.job, given.node) == _node(release) and given.at < release.start for given in history.sights(TaskGiven)
    )


def released_once(history: History) -> Iterator[str]:
    """S4: one release succeeds at most that could be remembered, and two are never at work at once."""
    for first, second in combinations(history.of(Step.RELEASE), 2):
        if history.stay(first) == history.stay(second):
            if first.overlaps(second):
                yield f"{second} began while {first} was at work"
            elif first.succeeded and not _unremembered(history, first, second):
                yield f"{second} although {first} had succeeded"


def _unremembered(history: History, first: Process, second: Process) -> bool:
    return any(
        (each.job, each.place) == (first.job, first.place) and first.end <= each.at <= second.start
        for each in history.sights(Unremembered)
    )


def wiped(history: History) -> Iterator[str]:
    """S5: when a job is gone, nothing of it is left on any disk and nothing of it runs; nor of a pool where a machine has left it."""
    gone = {each.job: each.at for each in history.sights(JobGone)}
    for left in history.sights(LeftOnDisk):
        if not left.job:
            yield f"{left.place} has left its pool with the directory on its disk"
        elif left.job in gone and left.at >= gone[left.job]:
            yield f"{left.path} of job {left.job} is on {left.place} although the job is gone"
    for process in history.of(Step.PREPARATION, Step.TASK, Step.RELEASE):
        if process.end > gone.get(process.job, process.end):
            yield f"{process} lived after its job was gone at {gone[process.job]:.2f}"


def recorded_first(history: History) -> Iterator[str]:
    """S16: a record names the job on the node before any process of it runs there. Only where records were watched."""
    first: dict[tuple[str, str], float] = {}
    for record in history.sights(RecordSeen):
        first.setdefault((record.job, record.node), record.at)
    for process in history.of(Step.PREPARATION, Step.TASK) if first else ():
        if process.start < first.get(_node(process), float("inf")):
            yield f"{process} began before there was a record of it"


def started_first(history: History) -> Iterator[str]:
    """S13: a node takes work only after its start task has succeeded in this boot, where the pool has one."""
    starts = history.of(Step.START)
    for process in history.of(Step.TASK, Step.PREPARATION):
        if process.place.pool in history.terms.start_task and not any(
            start.succeeded
            and start.place == process.place
            and start.boot == process.boot
            and start.end <= process.start
            for start in starts
        ):
            yield f"{process} had no successful start task before it in boot {process.boot}"


def _node(process: Process) -> tuple[str, str]:
    return process.job, process.place.node
