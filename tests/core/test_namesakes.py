"""Ids of jobs are unique without regard to case (Azure: identifiers)."""

from __future__ import annotations

from batchyard.core.actions import Patch
from tests import build
from tests.core.whole_jobs import completed, look, run, start, state


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
