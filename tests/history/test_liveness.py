"""What is missing at the end is named."""

import pytest

from tests.history.build import OTHER, TERMS, history, prep, release, task, wipe
from tests.history.history import History
from tests.history.liveness import counted, released_where_owed, tasks_ended
from tests.history.seen import JobGone, JobSeen, Lost, NamespaceEnds, Seen, TaskGone, TaskSeen, TaskThere

RAN = (prep(0, 1), task("a", 1, 2))
THERE = TaskThere(at=0, job="j", task="b")
COUNTED = JobSeen(at=8, job="j", state="active", counts={"active": 1, "completed": 1, "failed": 1})
DONE = JobSeen(at=9, job="j", state="completed")


@pytest.mark.parametrize(
    ("whole", "missing"),
    [
        (history(*RAN, release(2, 3), DONE), 0),
        (history(*RAN, release(2, 3, 1), DONE), 0),
        (history(*RAN), 0),
        (history(task("a", 1, 2, job="plain"), JobSeen(at=9, job="plain", state="completed")), 0),
        (history(*RAN, Lost(at=3, node="n1", machine="m1"), DONE), 0),
        (history(*RAN, wipe(3, 4), DONE), 0),
        (history(*RAN, NamespaceEnds(at=8), DONE), 0),
        (history(*RAN, DONE, NamespaceEnds(at=10)), 1),
        (history(*RAN, DONE), 1),
        (history(*RAN, Lost(at=3, node="n1", machine="m1", boot="b1"), DONE), 1),
        (history(*RAN, release(10, 11), DONE), 1),
        (history(*RAN, prep(0, 1, place=OTHER), task("b", 1, 2, place=OTHER), release(2, 3), DONE), 1),
    ],
)
def test_release_is_owed_where_tasks_ran_on_machines_that_are_there(whole: History, missing: int) -> None:
    assert len(list(released_where_owed(whole))) == missing


@pytest.mark.parametrize(("ends", "missing"), [(1.5, 0), (90, 1)])
def test_where_tasks_do_not_wait_a_preparation_that_ends_with_its_job_owes_no_release(
    ends: float, missing: int
) -> None:
    ran = (prep(0, 2, job="hasty"), task("a", 0.5, 1, job="hasty"))
    told = (JobSeen(at=at, job="hasty", state=state) for at, state in ((ends, "terminating"), (99, "completed")))
    assert len(list(released_where_owed(history(*ran, *told)))) == missing


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        ((THERE, THERE, COUNTED), 0),
        ((THERE, THERE, THERE, TaskGone(at=1, job="j", task="c"), COUNTED), 0),
        ((THERE, COUNTED, JobGone(at=9, job="j")), 0),
        ((THERE, COUNTED), 1),
        ((THERE, THERE, TaskGone(at=1, job="j", task="c"), COUNTED), 1),
    ],
)
def test_counts_are_those_of_the_tasks_at_the_end(facts: tuple[Seen, ...], missing: int) -> None:
    assert len(list(counted(history(*facts)))) == missing


def test_every_task_has_to_be_completed_at_the_end() -> None:
    named = [(job, name) for job, terms in TERMS.jobs.items() for name in terms.tasks]
    seen = [TaskSeen(at=1, job=job, task=name, state="completed") for job, name in named]
    assert list(tasks_ended(history(*seen))) == []
    reopened = TaskSeen(at=2, job="j", task="last", state="active")
    assert list(tasks_ended(history(*seen, reopened))) == ["task last of job j is active at the end"]
    assert list(tasks_ended(history(*seen[1:]))) == [
        f"task {named[0][1]} of job {named[0][0]} is never seen at the end"
    ]
