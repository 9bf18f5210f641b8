"""Tasks inside a job become BatchTasks of their own, once."""

from __future__ import annotations

from batchyard.core.actions import Create
from batchyard.core.indexes import Indexes
from batchyard.core.jobs.inline_tasks import all_created, condition, plan_inline_tasks
from tests import build

INLINE = [{"id": "a", "commandLine": "true", "requiredSlots": 2}, {"id": "B", "commandLine": "true"}]
SAID = {"type": "TasksCreated", "status": "True", "reason": "AllCreated", "lastTransitionTime": "2027-01-15T08:00:00Z"}


def test_each_task_is_made_with_what_its_user_wrote_and_nothing_else() -> None:
    job = build.job(tasks=INLINE)
    first, second = (action for action in plan_inline_tasks(build.view(job), job) if isinstance(action, Create))
    assert first.manifest["spec"] == {"jobId": "demo", "id": "a", "commandLine": "true", "requiredSlots": 2}
    assert first.manifest["metadata"]["ownerReferences"][0]["uid"] == job.uid
    assert second.manifest["spec"] == {"jobId": "demo", "id": "B", "commandLine": "true"}


def test_only_what_is_missing_is_made_ids_compare_without_case() -> None:
    job = build.job(tasks=INLINE)
    view = build.view(job, tasks=build.tasks(build.task("b")))
    assert [a.manifest["spec"]["id"] for a in plan_inline_tasks(view, job) if isinstance(a, Create)] == ["a"]


def test_a_task_that_its_user_deleted_is_not_made_again() -> None:
    job = build.job(tasks=INLINE, status={"state": "active", "conditions": [SAID]})
    assert all_created(build.view(job), job)
    assert not [*plan_inline_tasks(build.view(job), job)]


def test_a_job_without_inline_tasks_says_nothing_about_them() -> None:
    assert not [*condition(build.view(build.job()), build.job())]
    job = build.job(tasks=INLINE)
    (said,) = condition(build.view(job), job)
    assert (said.type, said.status) == ("TasksCreated", False)


def test_the_id_of_an_inline_range_names_its_object_only() -> None:
    job = build.job(tasks=[{"id": "points", "commandLine": "true", "range": {"start": 1, "end": 9}}])
    (made,) = (action for action in plan_inline_tasks(build.view(job), job) if isinstance(action, Create))
    assert made.manifest["metadata"]["name"] == "demo.points"
    assert made.manifest["spec"] == {"jobId": "demo", "commandLine": "true", "range": {"start": 1, "end": 9}}
    present = build.task("points", id="[demo.points]", indexes=Indexes(1, 9))
    assert not [*plan_inline_tasks(build.view(job, tasks=build.tasks(present)), job)]
