"""Ids of jobs are unique without regard to case (Azure: identifiers), and what one job had is nothing to the next of its name."""

from __future__ import annotations

import pytest

from batchyard.core.actions import Patch
from tests import build
from tests.core.whole_jobs import completed, delete, look, run, start, state
from tests.core.whole_pools import running


def test_the_later_of_two_jobs_says_whose_id_it_has_and_never_runs() -> None:
    job = build.job("later", status={})
    view = build.view(job, clashes_with="first", tasks=build.tasks(build.task()))
    actions = build.planned(build.snapshot(view, of=build.pool(), **build.serving("node1"))).actions
    (told,) = (a for a in actions if isinstance(a, Patch) and a.ref.kind == "BatchJob")
    says = {c["type"]: (c["status"], c["reason"]) for c in told.body["status"]["conditions"]}
    assert says == {"Admitted": ("False", "JobExists"), "Stalled": ("True", "JobExists")}
    assert "'first'" in told.body["status"]["conditions"][0]["message"]
    assert not [a for a in actions if getattr(a, "kind", "") in ("Pod", "BatchJobNode")]


def test_it_runs_when_the_first_is_gone() -> None:
    world = start("t1")
    spec = {"id": "Demo", "poolInfo": {"poolId": "sample"}, "tasks": [{"id": "late", "commandLine": "true"}]}
    world.put({"kind": "BatchJob", "metadata": {"name": "second", "namespace": build.NAMESPACE}, "spec": spec})
    run(world, completed)
    run(world, lambda w: not look(w).actions)
    assert not [r for r in world.trace if r.about == "second"]
    world.delete(("BatchJob", build.NAMESPACE, "demo"))
    run(world, lambda w: any(r.about == "second" for r in w.trace))
    assert state(world) == "gone"


def test_a_job_that_has_begun_keeps_its_id_when_another_is_named_like_it() -> None:
    world = start("t1", id="Late")
    world.seconds = 15
    run(world, running("node1"))
    spec = {"poolInfo": {"poolId": "sample"}, "tasks": [{"id": "other", "commandLine": "true"}]}
    world.put({"kind": "BatchJob", "metadata": {"name": "late", "namespace": build.NAMESPACE}, "spec": spec})
    run(world, completed)
    assert not [r for r in world.trace if r.about == "late"]
    delete(world)
    run(world, lambda w: any(r.about == "late" for r in w.trace))


@pytest.mark.parametrize("crash_every", [0, 1])
def test_tasks_that_users_made_go_with_their_job_and_are_not_those_of_the_next_of_its_name(crash_every: int) -> None:
    world = start()
    spec = {"jobId": "demo", "id": "x", "commandLine": "true"}
    world.put({"kind": "BatchTask", "metadata": {"name": "demo.x", "namespace": build.NAMESPACE}, "spec": spec})
    run(world, completed, crash_every)
    delete(world, crash_every)
    assert not world.of("BatchTask")
