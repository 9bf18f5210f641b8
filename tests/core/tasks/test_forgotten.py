"""Pods that a kubelet has forgotten over a power loss are taken away, so that another starts (L2)."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.api import names
from batchyard.core.facts import ContainerFacts
from batchyard.core.tasks.forgotten import FORGOTTEN_SECONDS, forgotten_at
from tests import build
from tests.build import T0

PENDING: dict[str, Any] = {"phase": "Pending", "containers": {"task": ContainerFacts()}}


def test_pod_that_its_node_says_nothing_about_is_given_up_a_minute_after_the_boot() -> None:
    nodes = {"node1": build.node(boot_seen=T0 + 100)}
    assert forgotten_at(build.pod(**PENDING), nodes) == T0 + 100 + FORGOTTEN_SECONDS


@pytest.mark.parametrize(
    "facts",
    [
        {"phase": "Running"},
        {"deleting_since": T0},
        {"containers": {"task": ContainerFacts(waiting_reason="ContainerCreating")}},
        {"containers": {"prep": ContainerFacts(running_since=T0)}},
    ],
)
def test_pod_that_is_at_work_or_going_is_waited_for(facts: dict[str, Any]) -> None:
    assert forgotten_at(build.pod(**{**PENDING, **facts}), {"node1": build.node()}) is None


@pytest.mark.parametrize(("nodes", "moment"), [({"node1": build.node()}, None), ({}, T0 + FORGOTTEN_SECONDS)])
def test_pod_that_no_node_has_is_given_up_only_when_its_node_is_gone(nodes: Any, moment: float | None) -> None:
    """No scheduler will ever find the node that it asks for."""
    assert forgotten_at(build.pod(**PENDING, bound=False), nodes) == moment


@pytest.mark.parametrize("nodes", [{}, {"node1": build.node(ready=False)}])
def test_pod_of_a_node_that_is_away_is_waited_for(nodes: dict[str, object]) -> None:
    assert forgotten_at(build.pod(**PENDING), nodes) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "component", [names.COMPONENT_TASK, names.COMPONENT_PREPARATION, names.COMPONENT_RELEASE, names.COMPONENT_POOL_NODE]
)
def test_forgotten_pod_of_every_kind_is_deleted_in_time_and_the_pass_is_woken_for_it(component: str) -> None:
    pod = build.pod(component, **{**PENDING, "owner_uid": "task001-uid"})
    job = build.job(jobPreparationTask=build.PREPARATION, jobReleaseTask=build.RELEASE)
    task = build.task()
    if component == names.COMPONENT_TASK:
        pod = build.pod(component, of=task, **PENDING)
    parts: dict[str, Any] = {
        names.COMPONENT_TASK: {"task_pods": (pod,)},
        names.COMPONENT_PREPARATION: {"preparation_pods": {"node1": pod}},
        names.COMPONENT_RELEASE: {"release_pods": {"node1": pod}},
    }
    whole = build.serving("node1")
    whole["pods"] = whole["pods"] | ({"node1": pod} if component == names.COMPONENT_POOL_NODE else {})
    view = build.view(job, tasks=build.tasks(task), **parts.get(component, {}))
    early = build.snapshot(view, of=build.pool(), now=T0 + FORGOTTEN_SECONDS - 1, **whole)
    late = build.snapshot(view, of=build.pool(), now=T0 + FORGOTTEN_SECONDS, **whole)
    assert pod.ref.name not in deleted(early)
    assert (build.planned(early).wake_at or 0) <= T0 + FORGOTTEN_SECONDS
    assert pod.ref.name in deleted(late)


def deleted(snapshot: object) -> set[str]:
    return {action.ref.name for action in build.planned(snapshot).actions if type(action).__name__ == "Delete"}  # type: ignore[arg-type, union-attr]


@pytest.mark.parametrize("component", [names.COMPONENT_TASK, names.COMPONENT_RELEASE])
def test_pod_that_was_made_for_a_node_that_is_gone_is_deleted(component: str) -> None:
    task, job = build.task(), build.job(jobPreparationTask=build.PREPARATION, jobReleaseTask=build.RELEASE)
    pod = build.pod(component, of=task if component == names.COMPONENT_TASK else None, node="gone", bound=False)
    parts: dict[str, Any] = (
        {"task_pods": (pod,)} if pod.component == names.COMPONENT_TASK else {"release_pods": {"gone": pod}}
    )
    view = build.view(job, tasks=build.tasks(task), **parts)
    late = build.snapshot(view, of=build.pool(), now=T0 + FORGOTTEN_SECONDS, **build.serving("node1"))
    assert pod.ref.name in deleted(late)
