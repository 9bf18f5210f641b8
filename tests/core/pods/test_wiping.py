"""A wipe that failed or never began is begun anew, after a pause."""

from __future__ import annotations

from dataclasses import replace

import pytest

from batchyard.api import names
from batchyard.core.actions import Delete, Emit, Ref
from batchyard.core.pods.wipe import job_wipe_pod
from batchyard.core.pods.wiping import AGAIN_SECONDS, STUCK_SECONDS, begin_anew
from tests import build
from tests.build import T0

ABOUT = Ref("BatchJobNode", build.NAMESPACE, "demo.node1", "uid", "1")


@pytest.mark.parametrize(
    ("phase", "seconds", "expected"),
    [
        ("Failed", AGAIN_SECONDS - 1, []),
        ("Failed", AGAIN_SECONDS, [Delete, Emit]),
        ("Pending", STUCK_SECONDS - 1, []),
        ("Pending", STUCK_SECONDS, [Delete]),
        ("Running", 10_000, []),
    ],
)
def test_wipe_pod_is_taken_away_when_its_time_is_up(phase: str, seconds: float, expected: list[type]) -> None:
    pod = build.pod(names.COMPONENT_WIPE, phase=phase)
    assert [type(action) for action in begin_anew(ABOUT, pod, now=T0 + seconds)] == expected


def test_wipe_pods_are_critical_for_a_node_whose_disk_is_full_refuses_others() -> None:
    """6.4."""
    spec = job_wipe_pod(build.job_node(), build.RULES)["spec"]
    assert spec["priorityClassName"] == "system-node-critical"
    assert spec["tolerations"] == [{"operator": "Exists"}]
    assert (
        "priorityClassName" not in job_wipe_pod(build.job_node(), replace(build.RULES, wipe_priority_class=""))["spec"]
    )


def test_wipe_pods_pull_the_operators_image_as_the_operator_does() -> None:
    """The Secrets of pools are in other namespaces, and kubelets ask for them even where the image is there already."""
    assert "imagePullSecrets" not in job_wipe_pod(build.job_node(), build.RULES)["spec"]
    spec = job_wipe_pod(build.job_node(), replace(build.RULES, image_pull_secrets=("pull", "mirror")))["spec"]
    assert spec["imagePullSecrets"] == [{"name": "pull"}, {"name": "mirror"}]


def test_wipe_pod_that_is_going_already_is_let_go() -> None:
    pod = build.pod(names.COMPONENT_WIPE, phase="Failed", deleting_since=T0)
    assert not [*begin_anew(ABOUT, pod, now=T0 + 1000)]
