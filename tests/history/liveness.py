"""What must have happened by the end, once faults have stopped. Apart from the rules, which hold at every moment."""

from collections import Counter
from collections.abc import Iterator

from tests.history.history import History, Stay
from tests.history.process import Place, Process, Step
from tests.history.seen import JobGone, JobSeen, Lost, NamespaceEnds, TaskGone, TaskSeen, TaskThere
from tests.history.statuses import total

ENDING = ("terminating", "deleting", "completed")
TOLD_SECONDS = 60
"""By then the operator has heard that a preparation has ended, were it through a watch that was frozen."""


def tasks_ended(history: History) -> Iterator[str]:
    """L2: every task is completed."""
    last = {(sight.job, sight.task): sight.state for sight in history.sights(TaskSeen)}
    for job, terms in history.terms.jobs.items():
        for task in terms.tasks:
            if last.get((job, task)) != "completed":
                yield f"task {task} of job {job} is {last.get((job, task)) or 'never seen'} at the end"


def counted(history: History) -> Iterator[str]:
    """S14: the last counts of a job that is there are those of the tasks that are. Only where all of them were watched."""
    gone = {sight.job for sight in history.sights(JobGone)}
    last = {sight.job: sight for sight in history.sights(JobSeen) if sight.counts and sight.job not in gone}
    there = Counter(sight.job for sight in history.sights(TaskThere))
    there.subtract(Counter(sight.job for sight in history.sights(TaskGone)))
    for job, sight in last.items():
        if total(sight) != there[job]:
            yield f"job {job} counts {dict(sight.counts)} at the end, and has {there[job]} tasks"


def released_where_owed(history: History) -> Iterator[str]:
    """L8: a job is completed only after its release on every machine that is still there and where tasks have run since the last wipe.

    One that ended with the boot of its machine is none. In a namespace that ends nobody can release any more.
    """
    completed: dict[str, float] = {}
    ends = min((sight.at for sight in history.sights(NamespaceEnds)), default=float("inf"))
    for sight in history.sights(JobSeen):
        if sight.state == "completed" and sight.at < ends:
            completed.setdefault(sight.job, sight.at)
    for stay, processes in _last_stays(history).items():
        job, place, _ = stay
        at = completed.get(job)
        if at is None or not history.terms.job(job).release or _lost(history, place):
            continue
        if not history.terms.job(job).preparation and not _prepared_in_time(history, job, place):
            continue
        ran = any(process.step is Step.TASK and process.start <= at for process in processes)
        releases = (process for process in processes if process.step is Step.RELEASE and process.start <= at)
        if ran and not any(not _interrupted(history, release) for release in releases):
            yield f"job {job} was completed at {at:.2f} without a release on {place}"


def _prepared_in_time(history: History, job: str, place: Place) -> bool:
    """Tasks that do not wait for preparation prove nothing of it, and one that the end of its job has killed owes no release (Azure 3.7.21)."""
    ends = min((sight.at for sight in history.sights(JobSeen) if sight.job == job and sight.state in ENDING), default=0)
    ran = (each for each in history.of(Step.PREPARATION) if (each.job, each.place) == (job, place))
    return any(each.succeeded and each.end + TOLD_SECONDS <= ends for each in ran)


def _last_stays(history: History) -> dict[Stay, list[Process]]:
    """Those that no wipe has ended: what is wiped without a release has left its pool."""
    found: dict[Stay, list[Process]] = {}
    for process in history.of(Step.TASK, Step.RELEASE):
        job, place, number = stay = history.stay(process)
        if number == sum(wipe.succeeded for wipe in history.wipes(job, place)):
            found.setdefault(stay, []).append(process)
    return found


def _interrupted(history: History, release: Process) -> bool:
    place, losses = release.place, history.sights(Lost)
    boots = {(loss.node, loss.machine, loss.boot) for loss in losses if release.start <= loss.at}
    return release.exit_code is None and (place.node, place.machine, release.boot) in boots


def _lost(history: History, place: Place) -> bool:
    machines = {(loss.node, loss.machine) for loss in history.sights(Lost) if not loss.boot}
    return (place.node, place.machine) in machines
