from __future__ import annotations

import tracemalloc
from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchyard.api import names
from batchyard.core.facts import NOT_STARTED, Terminated
from batchyard.core.natural import natural
from batchyard.core.times import epoch
from batchyard.kube import observe
from batchyard.kube.tables import tables
from tests import build
from tests.kube.known import Known

AT = "2026-01-01T00:00:00Z"
OWNER = {"apiVersion": names.API_VERSION, "kind": "BatchJob", "name": "demo", "uid": "demo-uid", "controller": True}


def task(spec: dict[str, Any] | None = None, status: dict[str, Any] | None = None, **metadata: Any) -> dict[str, Any]:
    return {
        "metadata": build.metadata("demo.t", **metadata),
        "spec": {"jobId": "demo", "commandLine": "true", **(spec or {})},
        "status": status or {},
    }


def pod(status: dict[str, Any] | None = None, spec: dict[str, Any] | None = None, **metadata: Any) -> dict[str, Any]:
    return {"metadata": build.metadata("p", **metadata), "spec": spec or {}, "status": status or {}}


# Tasks.


def test_task_is_active_until_its_status_says_otherwise() -> None:
    facts = observe.task(task())
    assert (facts.state, facts.id, facts.job, facts.attempt) == ("active", "demo.t", "demo", 0)
    assert orjson.loads(facts.spec) == {"jobId": "demo", "commandLine": "true"}
    assert (facts.succeeded, facts.deleting, facts.wants_end, facts.refused) == (False, False, False, "")


def test_of_a_completed_task_the_spec_is_not_kept() -> None:
    """Its Pod will not be built again, and there are many."""
    facts = observe.task(task(status={"state": "completed", "executionInfo": {"result": "success", "retryCount": 2}}))
    assert (facts.spec, facts.succeeded, facts.retry_count, facts.pending_failure) == (b"", True, 2, "")


def test_failure_of_an_open_task_is_one_that_waits_for_its_pod_to_go() -> None:
    info = {"failureInfo": {"category": "usererror", "code": "ContainerInvalidImage", "message": "no"}}
    assert (
        observe.task(task(status={"state": "running", "executionInfo": info})).pending_failure
        == "ContainerInvalidImage"
    )
    assert observe.task(task(status={"state": "completed", "executionInfo": info})).pending_failure == ""


def test_refusal_is_what_the_condition_says() -> None:
    condition = {"type": "Admitted", "status": "False", "reason": "TaskExists", "message": "", "lastTransitionTime": AT}
    assert observe.task(task(status={"conditions": [condition]})).refused == "TaskExists"
    assert observe.task(task(status={"conditions": [{**condition, "status": "True"}]})).refused == ""


@pytest.mark.parametrize(
    ("owners", "uid"),
    [
        ([], ""),
        ([OWNER], "demo-uid"),
        ([{**OWNER, "controller": False}], "demo-uid"),
        ([{**OWNER, "kind": "Workflow", "apiVersion": "argoproj.io/v1alpha1", "uid": "w"}], ""),
    ],
)
def test_task_belongs_to_the_job_that_owns_it_whatever_else_made_it(owners: list[Any], uid: str) -> None:
    assert observe.task(task(ownerReferences=owners)).job_uid == uid


def test_dependencies_are_known_without_regard_to_case() -> None:
    facts = observe.task(task({"dependsOn": {"taskIds": ["A", "b"], "taskIdRanges": [{"start": 1, "end": 3}]}}))
    assert (facts.depends_on, facts.depends_on_ranges) == (("a", "b"), ((1, 3),))


def test_task_that_waits_costs_less_than_two_kilobytes() -> None:
    known = Known()
    table = tables(known)["BatchTask"]
    raw = [
        orjson.dumps(
            {
                **task({"id": f"task{n:05}", "environmentSettings": [{"name": "PART", "value": str(n)}]}),
                "metadata": build.metadata(
                    f"demo.task{n:05}", uid=f"{n:08}-aaaa-bbbb-cccc-0123456789ab", ownerReferences=[OWNER]
                ),
            }
        )
        for n in range(2000)
    ]
    table.upsert(orjson.loads(raw.pop()))  # what is made once
    tracemalloc.start()
    try:
        for each in raw:
            table.upsert(orjson.loads(each))
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(known.tasks) == 2000
    assert used / len(raw) < 2000


@given(st.lists(st.integers(0, 10**20), min_size=2, max_size=5, unique=True))
def test_numbers_in_ids_sort_as_numbers(numbers: list[int]) -> None:
    ids = [f"task{n}-x" for n in sorted(numbers)]
    assert sorted(ids, key=natural) == ids


def test_ids_sort_as_people_expect() -> None:
    ids = ["1", "2", "10", "a", "a1", "a2b1", "a2b10", "a10", "b"]
    assert all(natural(low) < natural(high) for low, high in pairwise(ids))
    assert natural("task007") == natural("task7")


# Pods.


def test_pod_is_where_its_affinity_wants_it_until_it_is_bound() -> None:
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["node1"]}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    spec = {"affinity": {"nodeAffinity": required}}
    waiting, bound = observe.pod(pod(spec=spec)), observe.pod(pod(spec={**spec, "nodeName": "node1"}))
    assert (waiting.node, waiting.bound) == ("node1", False)
    assert (bound.node, bound.bound) == ("node1", True)
    assert observe.pod(pod()).node == ""


def test_containers_are_told_by_what_runs_ran_and_waits() -> None:
    ended = {"exitCode": 3, "reason": "Error", "message": "{}", "startedAt": AT, "finishedAt": AT, "containerID": "c0"}
    status = {
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True"}, {"type": "DisruptionTarget", "status": "True"}],
        "initContainerStatuses": [{"name": "prep", "containerID": "c1", "state": {"terminated": ended}}],
        "containerStatuses": [
            {
                "name": "task",
                "containerID": "c2",
                "state": {"running": {"startedAt": AT}},
                "lastState": {"terminated": ended},
            },
            {"name": "other", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no"}}},
        ],
    }
    facts = observe.pod(pod(status))
    end = Terminated(3, "Error", "{}", 1767225600.0, 1767225600.0)
    assert (facts.ready, facts.disrupted, facts.phase) == (True, True, "Running")
    assert (facts.container("prep").last_end, facts.container("prep").last_end_id) == (end, "c1")
    assert facts.container("task").running_since == 1767225600.0
    assert (facts.container("task").previous, facts.container("task").previous_id) == (end, "c0")
    assert facts.container("other").waiting_reason == "ImagePullBackOff"
    assert facts.container("nobody") == NOT_STARTED


@pytest.mark.parametrize(
    ("phase", "node", "deleting", "ended"),
    [
        ("Succeeded", "node1", False, True),
        ("Failed", "node1", False, True),
        ("Pending", "", False, False),
        ("Pending", "", True, True),  # no node will ever start it
        ("Pending", "node1", True, False),
        ("Running", "node1", True, False),
    ],
)
def test_pod_has_ended_when_no_process_of_it_runs_or_will(phase: str, node: str, deleting: bool, ended: bool) -> None:
    meta = {"deletionTimestamp": AT} if deleting else {}
    assert observe.pod(pod({"phase": phase}, {"nodeName": node}, **meta)).ended is ended


# The rest of the cluster.


def test_node_of_which_nothing_is_known_serves_nobody() -> None:
    facts = observe.node({"metadata": build.metadata("node1", namespace="")})
    assert (facts.ready, facts.boot_id, facts.labels) == (False, "", {})


def test_cordoned_node_is_ready_and_not_schedulable() -> None:
    status = {"conditions": [{"type": "Ready", "status": "True"}]}
    facts = observe.node(
        {"metadata": build.metadata("node1"), "spec": {"unschedulable": True}, "status": status},
    )
    assert (facts.ready, facts.schedulable) == (True, False)


def test_of_a_nodes_taints_those_count_that_keep_pods_away_and_are_somebodys_word() -> None:
    """The cluster's own say what conditions say too."""
    taints = [
        {"key": "gpu", "value": "a100", "effect": "NoExecute"},
        {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"},
        {"key": "slow", "effect": "PreferNoSchedule"},
        {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"},
    ]
    facts = observe.node({"metadata": build.metadata("node1"), "spec": {"taints": taints}})
    assert facts.taints == (("gpu", "a100", "NoExecute"), ("node-role.kubernetes.io/control-plane", "", "NoSchedule"))


@pytest.mark.parametrize("ready", ["Unknown", "False"])
def test_node_that_is_not_ready_is_silent_since_its_condition_turned(ready: str) -> None:
    """From then on `lostAfter` counts."""
    conditions = [
        {"type": "Ready", "status": ready, "lastTransitionTime": AT},
        {"type": "DiskPressure", "status": "True"},
    ]
    taints = [{"key": "node.kubernetes.io/out-of-service", "effect": "NoExecute"}]
    status = {"conditions": conditions, "addresses": [{"type": "InternalIP", "address": "10.0.0.7"}]}
    facts = observe.node({"metadata": build.metadata("node1"), "spec": {"taints": taints}, "status": status})
    assert (facts.silent_since, facts.fenced, facts.disk_full, facts.address) == (epoch(AT), True, True, "10.0.0.7")


def test_daemon_set_says_whose_it_is_and_of_which_version() -> None:
    meta = build.metadata(
        "demo-prep",
        labels={names.LABEL_POOL: "sample", names.LABEL_JOB: "demo"},
        annotations={names.ANNOTATION_HASH: "h"},
        ownerReferences=[OWNER],
        deletionTimestamp=AT,
    )
    facts = observe.daemon_set({"metadata": meta})
    assert (facts.pool, facts.job, facts.spec_hash, facts.owner_uid, facts.deleting) == (
        "sample",
        "demo",
        "h",
        "demo-uid",
        True,
    )


@pytest.mark.parametrize(
    "raw", [{}, {"metadata": {}}, {"metadata": None}, {"metadata": build.metadata("x"), "spec": 5}]
)
def test_what_is_no_object_is_refused_at_the_door(raw: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        observe.task(raw)
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        observe.pod(raw)


def test_tasks_that_ask_the_same_of_the_machine_say_it_alike() -> None:
    one = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "2"}}
    other = {"limits": {"cpu": "2"}, "requests": {"memory": "1Gi", "cpu": "1"}}
    asked = [observe.task(task({**task()["spec"], "resources": each})).asks for each in (one, other)]
    assert asked[0] == asked[1] != observe.task(task()).asks == ""
