"""Rules about what the API says over time (S14)."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby, pairwise

from tests.history.history import History
from tests.history.seen import JobSeen, TaskGone, TaskSeen, TaskThere


def ends_are_final(history: History) -> Iterator[str]:
    """S14: a completed job stays so until it is deleted, a successful task too, a failed one until its user asks once more."""
    for before, after in _job_pairs(history):
        if before.state == "completed" and after.state not in ("completed", "deleting"):
            yield f"job {after.job} was completed at {before.at:.2f} and is {after.state} at {after.at:.2f}"
    for before_task, after_task in _task_pairs(history):
        if problem := _reopened(before_task, after_task):
            yield f"task {after_task.task} of job {after_task.job} {problem} at {after_task.at:.2f}"


def _reopened(before: TaskSeen, after: TaskSeen) -> str:
    if before.result == "success" and (after.result, after.exit_code) != ("success", before.exit_code):
        return f"had succeeded and is {after.state} {after.result}"
    asked = after.reactivations > before.reactivations
    if before.state == "completed" != after.state and not asked:
        return f"was completed and is {after.state}"
    return ""


def numbers_only_rise(history: History) -> Iterator[str]:
    """S14: attempts are numbered upwards; retries too, until a reactivation counts them anew."""
    for before, after in _task_pairs(history):
        if after.attempt < before.attempt:
            yield f"attempt of task {after.task} of job {after.job} fell from {before.attempt} to {after.attempt}"
        if after.retries < before.retries and after.reactivations == before.reactivations:
            yield f"retryCount of task {after.task} of job {after.job} fell from {before.retries} to {after.retries}"


def counts_agree(history: History) -> Iterator[str]:
    """S14: a job's counts of one moment fit together."""
    for job in history.sights(JobSeen):
        if job.counts and job.counts.get("completed", 0) != job.counts.get("succeeded", 0) + job.counts.get(
            "failed", 0
        ):
            yield f"job {job.job} at {job.at:.2f} counts {dict(job.counts)}"


def nothing_is_uncounted(history: History) -> Iterator[str]:
    """S14: what has ended, and what there is, grows less only by tasks that are deleted, or whose user asks once more."""
    gone = Counter(sight.job for sight in history.sights(TaskGone))
    asked = _asked(history)
    fallen: Counter[tuple[str, str]] = Counter()
    for before, after in _job_pairs(history) if _watched(history) else ():
        if before.counts and after.counts:
            for what, number in (("completed", _completed), ("total", total)):
                fallen[after.job, what] += max(0, number(before) - number(after))
    for (job, what), count in fallen.items():
        excused = gone[job] + (asked[job] if what == "completed" else 0)
        if count > excused:
            yield f"{what} of job {job} fell by {count}, {excused} of it by deletion or reactivation"


def counts_are_of_tasks_there(history: History) -> Iterator[str]:
    """S14: a job never counts more tasks than it has ever had."""
    there = Counter(sight.job for sight in history.sights(TaskThere))
    for job in history.sights(JobSeen) if _watched(history) else ():
        if total(job) > there[job.job]:
            yield f"job {job.job} at {job.at:.2f} counts {dict(job.counts)}, and has had {there[job.job]} tasks"


def total(job: JobSeen) -> int:
    return sum(job.counts.get(each, 0) for each in ("active", "preparing", "running", "completed"))


def _completed(job: JobSeen) -> int:
    return job.counts.get("completed", 0)


def _asked(history: History) -> Counter[str]:
    """How many ended tasks of each job were asked for once more."""
    most: Counter[tuple[str, str]] = Counter()
    for sight in history.sights(TaskSeen):
        most[sight.job, sight.task] = max(sight.reactivations, most[sight.job, sight.task])
    found: Counter[str] = Counter()
    for (job, _), count in most.items():
        found[job] += count
    return found


def _watched(history: History) -> bool:
    """Whether all tasks were, as they came and went."""
    return bool(history.sights(TaskThere))


def _job_pairs(history: History) -> Iterator[tuple[JobSeen, JobSeen]]:
    for _, group in groupby(sorted(history.sights(JobSeen), key=lambda s: s.job), key=lambda s: s.job):
        yield from pairwise(group)


def _task_pairs(history: History) -> Iterator[tuple[TaskSeen, TaskSeen]]:
    def task(sight: TaskSeen) -> tuple[str, str]:
        return sight.job, sight.task

    for _, group in groupby(sorted(history.sights(TaskSeen), key=task), key=task):
        yield from pairwise(group)
