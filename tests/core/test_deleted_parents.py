"""Tasks that depend on a deleted one (Azure 4.6), whichever operator comes to them."""

from __future__ import annotations

import pytest

from batchyard.api import names
from batchyard.kube.snapshots import snapshot
from batchyard.kube.tables import tables
from tests import build
from tests.core.whole_jobs import completed, look, results, run, start
from tests.core.world import World


def delete_task(world: World, task_id: str) -> None:
    """An operator that runs sees it and makes its next pass; then it is gone."""
    store, name = world.store(), names.task("demo", task_id)
    task = world.get("BatchTask", name)
    assert task is not None
    world.delete(("BatchTask", build.NAMESPACE, name))
    tables(store)["BatchTask"].remove(build.NAMESPACE, name, task["metadata"]["uid"])
    store.put_task((build.NAMESPACE, name), None)
    for action in build.planned(snapshot(store, (build.NAMESPACE, "sample"), world.now)).actions:
        world.do(action)


def add_child(world: World, of: str) -> None:
    spec = {"jobId": "demo", "id": "child", "commandLine": "true", "dependsOn": {"taskIds": [of]}}
    world.put({"kind": "BatchTask", "metadata": {"name": "demo.child", "namespace": build.NAMESPACE}, "spec": spec})


def test_what_a_deleted_task_has_satisfied_is_known_to_the_next_operator() -> None:
    world = start("parent", usesTaskDependencies=True)
    run(world, completed)
    delete_task(world, "parent")
    add_child(world, "parent")
    run(world, completed)
    assert results(world) == ["success"]
    world.now += build.RULES.keep_pods_seconds
    run(world, lambda w: not look(w).actions)


@pytest.mark.parametrize("parent", ["20261121201118", "20261121201118123456", "9" * 64])
def test_ids_may_be_integers_larger_than_any_of_a_range(parent: str) -> None:
    """Of dates and times, for example."""
    world = start(parent, usesTaskDependencies=True)
    run(world, completed)
    delete_task(world, parent)
    add_child(world, parent)
    run(world, completed)
    assert results(world) == ["success"]


def test_a_deleted_task_that_failed_has_satisfied_nobody() -> None:
    world = start("parent", exits=lambda what, *_: int(what == "parent"), usesTaskDependencies=True)
    run(world, completed)
    delete_task(world, "parent")
    add_child(world, "parent")
    run(world, lambda w: w.now > build.T0 + 60)
    assert results(world) == [""]


def test_a_job_without_dependencies_is_not_written_to_when_its_tasks_are_deleted() -> None:
    world = start("parent")
    run(world, completed)
    delete_task(world, "parent")
    job = world.get("BatchJob", "demo")
    assert job is not None
    assert "satisfied" not in job["status"]
