from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from batchyard.api import names
from batchyard.api.job import Job
from batchyard.core.actions import Ref
from batchyard.core.facts import DaemonSetFacts
from batchyard.core.quarantine import Broken
from batchyard.kube import observe
from tests import build
from tests.kube.known import JOB, OTHER, SAMPLE, Known, at, job_pod

NODE: dict[str, Any] = {
    "metadata": {"name": "node1", "uid": "u", "resourceVersion": "1", "labels": {"batch": "true"}},
    "spec": {},
    "status": {
        "nodeInfo": {"bootID": "boot1"},
        "conditions": [{"type": "Ready", "status": "True", "lastHeartbeatTime": "2026-01-01T00:00:00Z"}],
    },
}


def put_job(known: Known, name: str = "demo", **more: Any) -> Job:
    job = build.job(name, **more)
    known.put_job(at(job), job)
    return job


def daemon_set(name: str, **facts: Any) -> DaemonSetFacts:
    return DaemonSetFacts(Ref("DaemonSet", build.NAMESPACE, name, f"{name}-uid", "1"), "owner", "hash", **facts)


def steps(act: Callable[[], None]) -> int:
    """Calls of functions, and of generators for their next, while that is done."""
    counted = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    return counted


def test_pods_that_are_listed_before_their_job_cost_the_same_however_many_there_are() -> None:
    known = Known()
    pods = [job_pod(name=f"pod{number}", node=f"node{number}") for number in range(200)]
    costs = [steps(partial(known.put_pod, at(pod), pod)) for pod in pods]
    assert max(costs[100:]) <= max(costs[1:10]) + 5


# Who is woken.


def test_pool_wakes_itself() -> None:
    known = Known()
    with known.listening() as heard:
        known.put_pool(SAMPLE, build.pool())
    assert heard == {SAMPLE}


def test_job_and_what_belongs_to_it_wake_its_pool_only() -> None:
    known = Known()
    known.put_pool(SAMPLE, build.pool())
    known.put_pool(OTHER, build.pool("other"))
    task, record, pod = build.task(), build.job_node(), job_pod()
    prep = daemon_set("demo-prep", pool="sample", job="demo")
    with known.listening() as heard:
        job = put_job(known)
    assert heard == {SAMPLE}
    belongings: list[tuple[Any, Any]] = [
        (known.put_task, task),
        (known.put_job_node, record),
        (known.put_pod, pod),
        (known.put_daemon_set, prep),
    ]
    for put, thing in belongings:
        for there in (thing, None):
            with known.listening() as heard:
                put(at(thing), there)
            assert heard == {SAMPLE}, (thing, there)
    with known.listening() as heard:
        known.put_job(at(job), None)
    assert heard == {SAMPLE}


def test_task_of_a_job_that_nobody_has_seen_wakes_nobody() -> None:
    known = Known()
    with known.listening() as heard:
        known.put_task(at(task := build.task()), task)
    assert not heard


def test_task_that_came_before_its_job_is_seen_with_it() -> None:
    known = Known()
    known.put_task(at(task := build.task()), task)
    put_job(known)
    assert known.view().tasks.waiting == {1: [task]}


def test_member_wakes_its_pool() -> None:
    known = Known()
    member = build.member()
    for there in (member, None):
        with known.listening() as heard:
            known.put_member(at(member), there)
        assert heard == {SAMPLE}
    assert not known.snapshot().members


def test_pool_pod_and_pool_daemon_set_wake_their_pool() -> None:
    known = Known()
    pod = build.pod(names.COMPONENT_POOL_NODE, labels={names.LABEL_POOL: "sample"})
    with known.listening() as heard:
        known.put_pod(at(pod), pod)
    assert heard == {SAMPLE}
    found = daemon_set("sample-node", pool="sample")
    with known.listening() as heard:
        known.put_daemon_set(at(found), found)
    assert heard == {SAMPLE}
    assert known.snapshot().pods == {"node1": pod}
    assert known.snapshot().daemon_sets == {"sample-node": found}


def test_wipe_pod_in_the_operators_namespace_wakes_the_pool_in_the_tenants() -> None:
    known = Known()
    put_job(known)
    labels = {names.LABEL_NAMESPACE: build.NAMESPACE, names.LABEL_POOL: "sample", names.LABEL_JOB: "demo"}
    pod = build.pod(names.COMPONENT_WIPE, labels=labels, ref=Ref("Pod", "batchyard", "wipe", "wipe-uid", "1"))
    with known.listening() as heard:
        known.put_pod(at(pod), pod)
    assert heard == {SAMPLE}
    assert known.view().wipe_pods == {"node1": pod}


def test_pod_that_speaks_for_another_namespace_is_believed_only_in_the_operators_own() -> None:
    """Else a tenant's Pod could say that another tenant's job is wiped."""
    known = Known()
    put_job(known)
    labels = {names.LABEL_NAMESPACE: build.NAMESPACE, names.LABEL_POOL: "sample", names.LABEL_JOB: "demo"}
    forged = build.pod(names.COMPONENT_WIPE, labels=labels, ref=Ref("Pod", "attacker", "wipe", "wipe-uid", "1"))
    with known.listening() as heard:
        known.put_pod(at(forged), forged)
    assert heard.isdisjoint({SAMPLE})
    assert known.view().wipe_pods == {}


def test_heartbeat_of_a_node_wakes_nobody() -> None:
    known = Known()
    known.put_pool(SAMPLE, build.pool())
    known.put_node(("", "node1"), observe.node(NODE))
    later = {"type": "Ready", "status": "True", "lastHeartbeatTime": "2026-01-01T00:00:10Z"}
    beat = {
        **NODE,
        "metadata": {**NODE["metadata"], "resourceVersion": "2", "annotations": {"volumes": "2"}},
        "status": {**NODE["status"], "conditions": [later], "images": [{"names": ["busybox"], "sizeBytes": 1}]},
    }
    with known.listening() as heard:
        known.put_node(("", "node1"), observe.node(beat))
    assert not heard


@pytest.mark.parametrize(
    "change", [{"ready": False}, {"schedulable": False}, {"boot_id": "boot2"}, {"labels": {}}, {"uid": "new"}, None]
)
def test_node_that_changes_wakes_pools_and_those_who_only_name_one(change: dict[str, Any] | None) -> None:
    """A job may have records on the node although its pool is gone: they are closed when the node goes."""
    known = Known()
    known.put_pool(SAMPLE, build.pool())
    put_job(known, poolInfo={"poolId": "other"})
    facts = observe.node(NODE)
    known.put_node(("", "node1"), facts)
    with known.listening() as heard:
        known.put_node(("", "node1"), None if change is None else replace(facts, **change))
    assert heard == {SAMPLE, OTHER}


def test_boot_is_remembered_from_when_it_was_first_seen() -> None:
    known = Known()
    known.put_node(("", "node1"), build.node())
    first = known.nodes["node1"].boot_seen
    known.put_node(("", "node1"), build.node(ready=False))
    assert known.nodes["node1"].boot_seen == first > 0
    known.put_node(("", "node1"), build.node(boot_id="boot2"))
    assert known.nodes["node1"].boot_seen > first


def test_namespace_that_ends_wakes_its_pools_once_and_no_others() -> None:
    known = Known()
    known.put_pool(SAMPLE, build.pool())
    known.put_pool(("elsewhere", "sample"), build.pool())
    for ending, expected in ((True, {SAMPLE}), (True, set()), (None, {SAMPLE}), (None, set())):
        with known.listening() as heard:
            known.put_namespace(("", build.NAMESPACE), ending)
        assert heard == expected
        assert known.snapshot().namespace_ending is bool(ending)


# Leavings of a job that is gone.


def test_job_that_is_gone_is_still_seen_by_the_pool_that_its_records_name() -> None:
    known = Known()
    job = put_job(known, poolInfo={"poolId": "other"})
    record = build.job_node()
    known.put_job_node(at(record), record)
    assert known.jobs_in(OTHER) == ["demo"]
    with known.listening() as heard:
        known.put_job(at(job), None)
    assert heard == {SAMPLE, OTHER}
    assert (known.jobs_in(SAMPLE), known.jobs_in(OTHER)) == (["demo"], [])
    assert known.view().job is None


def test_pods_and_daemon_sets_are_leavings_too() -> None:
    leavings: list[tuple[Any, Any]] = [
        (Known.put_pod, job_pod()),
        (Known.put_daemon_set, daemon_set("demo-prep", pool="sample", job="demo")),
    ]
    for put, thing in leavings:
        known = Known()
        put(known, at(thing), thing)
        assert known.jobs_in() == ["demo"]
        with known.listening() as heard:
            put(known, at(thing), None)
        assert heard == {SAMPLE}
        assert known.jobs_in() == []


def test_job_in_another_pool_is_shown_to_its_former_pool_without_tasks() -> None:
    """Two pools that both work on a job would start its tasks twice; what is left in the former one is cleaned by that one."""
    known = Known()
    record = build.job_node()
    known.put_job_node(at(record), record)
    put_job(known, poolInfo={"poolId": "other"})
    task = build.task()
    known.put_task(at(task), task)
    assert (known.jobs_in(SAMPLE), known.jobs_in(OTHER)) == (["demo"], ["demo"])
    assert known.view(pool=OTHER).nodes == known.view(pool=SAMPLE).nodes == {"node1": record}
    assert (known.view(pool=OTHER).tasks.counts.total, known.view(pool=SAMPLE).tasks.counts.total) == (1, 0)
    wiped = build.job_node(wipe={"state": "completed"})
    with known.listening() as heard:
        known.put_job_node(at(wiped), wiped)
    assert heard == {SAMPLE, OTHER}
    assert (known.jobs_in(SAMPLE), known.jobs_in(OTHER)) == ([], ["demo"])


def test_leavings_of_a_job_that_cannot_be_read_are_left_alone() -> None:
    known = Known()
    record = build.job_node()
    known.put_job_node(at(record), record)
    known.put_broken("BatchJob", JOB, Broken(Ref("BatchJob", *JOB, "u", "1"), "unreadable"))
    assert known.jobs_in() == []


def test_job_that_was_understood_once_goes_on_when_it_cannot_be_read_any_more() -> None:
    known = Known()
    put_job(known)
    known.put_broken("BatchJob", JOB, Broken(Ref("BatchJob", *JOB, "u", "2"), "unreadable"))
    assert known.jobs_in() == ["demo"]


def test_nothing_is_kept_of_a_job_that_has_left_nothing() -> None:
    known = Known()
    job, task, record, pod = put_job(known), build.task(), build.job_node(), job_pod()
    known.put_task(at(task), task)
    known.put_job_node(at(record), record)
    known.put_pod(at(pod), pod)
    known.note_troubles(SAMPLE, {"demo": ["no"]})
    known.put_job(at(job), None)
    known.put_pod(at(pod), None)
    known.put_job_node(at(record), None)
    known.put_task(at(task), None)
    assert (known.related, known.concerns.pools) == ({}, set())


# Jobs of one name after each other.


def test_tasks_of_an_earlier_job_of_the_name_neither_run_nor_satisfy_anything() -> None:
    known = Known()
    put_job(known)
    done, open_ = build.task("done", state="completed", succeeded=True), build.task("open", depends_on=("done",))
    for task in (done, open_):
        known.put_task(at(task), task)
    assert known.view().tasks.waiting == {1: [open_]}
    put_job(known, meta={"uid": "next-uid"})
    tasks = known.view().tasks
    assert (tasks.counts.total, tasks.waiting, tasks.by_key) == (0, {}, {})
    mine = build.task("mine", job_uid="next-uid")
    child = build.task("child", job_uid="next-uid", depends_on=("done",))
    for task in (mine, child, open_):
        known.put_task(at(task), task)
    assert known.view().tasks.waiting == {1: [mine]}
    for task in (done, open_):
        known.put_task(at(task), None)
    assert known.view().tasks.waiting == {1: [mine]}


def test_task_without_an_owner_belongs_to_whichever_job_has_the_name() -> None:
    known = Known()
    put_job(known)
    task = build.task(job_uid="")
    known.put_task(at(task), task)
    put_job(known, meta={"uid": "next-uid"})
    assert known.view().tasks.waiting == {1: [task]}


def test_task_that_comes_again_under_its_name_replaces_the_old_one() -> None:
    known = Known()
    put_job(known)
    known.put_task(at(old := build.task()), old)
    new = build.task(ref=replace(old.ref, uid="new-uid"))
    known.put_task(at(new), new)
    assert known.view().tasks.by_uid == {"new-uid": new}


# Ids.


def ids(known: Known) -> dict[str, str]:
    return {view.name: view.clashes_with for view in known.snapshot().jobs}


def test_id_belongs_to_the_job_that_was_there_first_whatever_its_case() -> None:
    known = Known()
    put_job(known, "b", id="Job_1", meta={"creationTimestamp": "2026-01-01T00:00:00Z"})
    put_job(known, "a", id="JOB_1", meta={"creationTimestamp": "2026-01-02T00:00:00Z"})
    put_job(known, "c", id="other")
    assert ids(known) == {"a": "b", "b": "", "c": ""}


def test_job_named_like_the_id_comes_first_even_if_it_came_later() -> None:
    known = Known()
    put_job(known, "sly", id="DEMO", meta={"creationTimestamp": "2020-01-01T00:00:00Z"})
    put_job(known, "demo")
    assert ids(known) == {"demo": "", "sly": "demo"}


def test_job_that_has_begun_keeps_its_id_whoever_comes_later() -> None:
    known = Known()
    put_job(known, "sly", id="DEMO")
    put_job(known, "demo", meta={"finalizers": [], "creationTimestamp": "2020-01-01T00:00:00Z"})
    assert ids(known) == {"demo": "sly", "sly": ""}


def test_same_id_in_another_namespace_is_no_clash() -> None:
    known = Known()
    put_job(known, "a", id="One")
    put_job(known, "b", id="one", meta={"namespace": "elsewhere"})
    assert ids(known) == {"a": ""}


def test_job_is_woken_when_the_one_that_had_its_id_is_gone() -> None:
    known = Known()
    first = put_job(known, "a", id="one", poolInfo={"poolId": "other"})
    put_job(known, "b", id="ONE")
    assert ids(known) == {"b": "a"}
    with known.listening() as heard:
        known.put_job(at(first), None)
    assert heard == {SAMPLE, OTHER}
    assert ids(known) == {"b": ""}


# Pods.


def test_of_two_preparation_pods_on_a_node_the_one_that_stays_counts() -> None:
    known = Known()
    put_job(known)
    going = job_pod(names.COMPONENT_PREPARATION, name="old", created=build.T0 + 9, deleting_since=build.T0 + 10)
    new = job_pod(names.COMPONENT_PREPARATION, name="new")
    for pod in (new, going):
        known.put_pod(at(pod), pod)
    assert known.view().preparation_pods == {"node1": new}
    known.put_pod(at(new), None)
    assert known.view().preparation_pods == {"node1": going}
    known.put_pod(at(going), None)
    assert known.view().preparation_pods == {}


def test_pod_replaced_under_its_name_leaves_nothing_behind() -> None:
    known = Known()
    put_job(known)
    old = job_pod(names.COMPONENT_RELEASE, name="same")
    known.put_pod(at(old), old)
    new = replace(old, ref=replace(old.ref, uid="new-uid"), node="node2")
    known.put_pod(at(new), new)
    assert known.view().release_pods == {"node2": new}


def test_pod_that_is_bound_elsewhere_moves() -> None:
    known = Known()
    pod = build.pod(names.COMPONENT_POOL_NODE, labels={names.LABEL_POOL: "sample"}, node="")
    known.put_pod(at(pod), pod)
    known.put_pod(at(pod), bound := replace(pod, node="node2"))
    assert known.snapshot().pods == {"node2": bound}


def test_pods_are_told_apart_by_what_they_are_for() -> None:
    known = Known()
    put_job(known)
    components = names.COMPONENT_TASK, names.COMPONENT_PREPARATION, names.COMPONENT_RELEASE, names.COMPONENT_WIPE
    task, prepare, release, wipe = pods = [job_pod(component) for component in components]
    for pod in pods:
        known.put_pod(at(pod), pod)
    view = known.view()
    assert [*view.task_pods] == [task]
    assert view.preparation_pods == {"node1": prepare}
    assert view.release_pods == {"node1": release}
    assert view.wipe_pods == {"node1": wipe}


# What the API server refused.


def test_trouble_is_told_once_and_is_over_when_it_is_not_repeated() -> None:
    known = Known()
    put_job(known)
    for said, expected in ((["b", "a"], {SAMPLE}), (["a", "b", "b"], set()), ([], {SAMPLE}), ([], set())):
        with known.listening() as heard:
            known.note_troubles(SAMPLE, {"demo": said})
        assert heard == expected
        assert known.view().troubles == tuple(sorted({*said}))


def test_trouble_of_the_pool_is_told_to_all_its_jobs_and_that_of_a_job_to_nobody_else() -> None:
    known = Known()
    put_job(known, "a")
    put_job(known, "b")
    known.note_troubles(SAMPLE, {"": ["pool"], "a": ["mine"]})
    assert known.view("a").troubles == ("mine", "pool")
    assert known.view("b").troubles == ("pool",)


def moved() -> Known:
    """A job that has left something in the pool that it had before."""
    known = Known()
    record = build.job_node()
    known.put_job_node(at(record), record)
    put_job(known, poolInfo={"poolId": "other"})
    return known


def test_trouble_in_one_pool_is_not_over_because_another_pool_of_the_job_has_none() -> None:
    """Else the job's status would go to and fro, each write of it waking the pool that takes the trouble back."""
    known = moved()
    with known.listening() as heard:
        known.note_troubles(OTHER, {"demo": ["quota"]})
    assert heard == {SAMPLE, OTHER}
    with known.listening() as heard:
        known.note_troubles(SAMPLE, {})
    assert heard == set()
    assert known.view(pool=OTHER).troubles == ("quota",)
    known.note_troubles(SAMPLE, {"demo": ["denied"]})
    assert known.view(pool=OTHER).troubles == ("denied", "quota")


def test_trouble_in_a_pool_that_a_job_has_left_for_good_is_over() -> None:
    known = moved()
    known.note_troubles(SAMPLE, {"demo": ["denied"]})
    wiped = build.job_node(wipe={"state": "completed"})
    known.put_job_node(at(wiped), wiped)
    assert known.view(pool=OTHER).troubles == ()


def test_trouble_with_what_a_job_left_is_not_kept_for_the_next_of_its_name() -> None:
    known, record = Known(), build.job_node()
    known.put_job_node(at(record), record)
    known.note_troubles(SAMPLE, {"demo": ["denied"]})
    known.put_job_node(at(record), None)
    put_job(known)
    assert known.view().troubles == ()


def test_object_that_cannot_be_read_wakes_its_namespace_once_for_each_complaint() -> None:
    known = Known()
    broken = Broken(Ref("BatchTask", build.NAMESPACE, "t", "u", "1"), "bad")
    for what, expected in ((broken, {(build.NAMESPACE, "")}), (broken, set()), (None, {(build.NAMESPACE, "")})):
        with known.listening() as heard:
            known.put_broken("BatchTask", (build.NAMESPACE, "t"), what)
        assert heard == expected
        assert known.broken_in(build.NAMESPACE) == ([what] if what else [])
    assert known.broken_in("elsewhere") == []


def test_id_of_a_pool_belongs_to_the_one_that_was_there_first_whatever_its_case() -> None:
    """Azure 1.1: unique in the account without regard to case."""
    known = Known()
    known.put_pool(OTHER, build.pool("other", id="SAMPLE"))
    assert known.snapshot(OTHER).clashes_with == ""
    first = build.pool()
    with known.listening() as heard:
        known.put_pool(SAMPLE, first)
    assert heard == {SAMPLE, OTHER}
    assert (known.snapshot().clashes_with, known.snapshot(OTHER).clashes_with) == ("", "sample")
    known.put_pool(SAMPLE, None)
    assert known.snapshot(OTHER).clashes_with == ""
