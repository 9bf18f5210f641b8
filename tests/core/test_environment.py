"""Every variable and directory of Azure's section 7, in each kind of task, as the containers get them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

import pytest
from pydantic import ValidationError

from batchyard.api import trace_context
from batchyard.api.job import Job
from batchyard.api.task import TaskSpec
from batchyard.core.pods.job import preparation_daemon_set, release_pod, task_pod
from batchyard.core.pods.pool import daemon_set
from tests import build

ROOT = "/mnt/batch/tasks"
JOB = f"{ROOT}/workitems/demo/job-1"
POOL = build.pool(startTask={"commandLine": "start"})
OF = build.job(
    jobPreparationTask=build.PREPARATION,
    jobReleaseTask=build.RELEASE,
    commonEnvironmentSettings=[{"name": "A", "value": "job"}, {"name": "B", "value": "$(A) $C"}],
)
NODE = {
    "AZ_BATCH_ACCOUNT_NAME": "team",
    "AZ_BATCH_ACCOUNT_URL": "https://kubernetes.default.svc/apis/batchyard.io/v1alpha1/namespaces/team",
    "AZ_BATCH_POOL_ID": "sample",
    "AZ_BATCH_NODE_ROOT_DIR": ROOT,
    "AZ_BATCH_NODE_SHARED_DIR": f"{ROOT}/shared",
    "AZ_BATCH_NODE_STARTUP_DIR": f"{ROOT}/startup",
    "AZ_BATCH_NODE_STARTUP_WORKING_DIR": f"{ROOT}/startup/wd",
    "AZ_BATCH_NODE_MOUNTS_DIR": f"{ROOT}/fsmounts",
}
PREPARED = {
    "AZ_BATCH_JOB_PREP_DIR": f"{JOB}/jobpreparation",
    "AZ_BATCH_JOB_PREP_WORKING_DIR": f"{JOB}/jobpreparation/wd",
}


def of_task(id_: str) -> dict[str, str]:
    directory = f"{JOB}/{id_}"
    mine = {"AZ_BATCH_TASK_DIR": directory, "AZ_BATCH_TASK_WORKING_DIR": f"{directory}/wd"}
    return {"AZ_BATCH_JOB_ID": "demo", "AZ_BATCH_TASK_ID": id_, **mine}


def container(kind: str, of: Job = OF, **spec: Any) -> dict[str, Any]:
    facts = build.task("task001")
    body = TaskSpec.model_validate({"jobId": "demo", "id": "task001", "commandLine": "run", **spec})
    build_: Mapping[str, Callable[[], Any]] = {
        "start": lambda: daemon_set(POOL, ["node1"], build.RULES),
        "preparation": lambda: preparation_daemon_set(POOL, of, ["node1"], build.RULES),
        "release": lambda: release_pod(POOL, of, build.job_node()),
        "task": lambda: task_pod(POOL, of, facts, body, "node1"),
    }
    whole = build_[kind]()
    pod = whole["spec"]["template"]["spec"] if kind in ("start", "preparation") else whole["spec"]
    name = {"start": "start-task", "preparation": "prep", "release": "release", "task": "task"}[kind]
    found: dict[str, Any] = next(c for c in (*pod.get("initContainers", ()), *pod["containers"]) if c["name"] == name)
    return found


def variables(kind: str, of: Job = OF, **spec: Any) -> dict[str, str]:
    """Those of Azure; a later one of a name wins, as the kubelet has it."""
    return {each["name"]: each.get("value", "") for each in container(kind, of, **spec)["env"]}


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("start", {"AZ_BATCH_TASK_DIR": f"{ROOT}/startup", "AZ_BATCH_TASK_WORKING_DIR": f"{ROOT}/startup/wd"}),
        ("preparation", of_task("jobpreparation")),
        ("release", {**of_task("jobrelease"), **PREPARED}),
        ("task", {**of_task("task001"), **PREPARED}),
    ],
)
def test_each_kind_of_task_sees_exactly_azures_variables(kind: str, more: dict[str, str]) -> None:
    """7.1. AZ_BATCH_NODE_ID comes from the kubelet, AZ_BATCH_NODE_IS_DEDICATED from the node's own disk."""
    found = {name: value for name, value in variables(kind).items() if name.startswith("AZ_BATCH_")}
    assert found.pop("AZ_BATCH_NODE_ID") == ""
    assert found == {**NODE, **more}


@pytest.mark.parametrize("kind", ["start", "preparation", "release", "task"])
def test_the_node_id_is_the_name_of_the_node_the_pod_runs_on(kind: str) -> None:
    (source,) = [each["valueFrom"] for each in container(kind)["env"] if each["name"] == "AZ_BATCH_NODE_ID"]
    assert source == {"fieldRef": {"fieldPath": "spec.nodeName"}}


@pytest.mark.parametrize("kind", ["start", "preparation", "release", "task"])
def test_what_only_the_wrapper_needs_is_taken_away_before_the_command_starts(kind: str) -> None:
    script = (files("batchyard.node") / "run.sh").read_text()
    private = script.split('_private="')[1].split('"')[0].split()
    assert {name for name in variables(kind) if name.startswith("BATCHYARD_")} <= set(private)


@pytest.mark.parametrize("kind", ["start", "preparation", "release", "task"])
def test_the_whole_root_of_the_pool_is_mounted_in_every_task(kind: str) -> None:
    """7.2."""
    mounts = {each["name"]: each["mountPath"] for each in container(kind)["volumeMounts"]}
    assert mounts["root"] == ROOT


def test_a_job_without_preparation_has_no_variables_of_one() -> None:
    of = build.job()
    spec = TaskSpec.model_validate({"jobId": "demo", "id": "a", "commandLine": "run"})
    pod = task_pod(POOL, of, build.task("a"), spec, "node1")
    assert not {each["name"] for each in pod["spec"]["containers"][0]["env"]} & set(PREPARED)


def test_the_tasks_own_variables_override_the_jobs_common_ones() -> None:
    assert variables("task")["A"] == "job"
    assert variables("task", environmentSettings=[{"name": "A", "value": "task"}])["A"] == "task"


def test_the_start_task_has_its_own_variables_only() -> None:
    assert "A" not in variables("start")


def test_values_are_taken_as_written() -> None:
    """Shielded from the expansion that Kubernetes does."""
    assert variables("task")["B"] == "$$(A) $$C"


def test_az_batch_names_that_slip_through_still_lose_to_the_real_ones() -> None:
    """The schema refuses them (tests/api/test_admission.py); if one got here, ours comes last."""
    assert variables("task", environmentSettings=[{"name": "AZ_BATCH_POOL_ID", "value": "x"}])["AZ_BATCH_POOL_ID"] == "sample"  # fmt: skip


def test_a_task_id_that_is_no_directory_name_is_refused() -> None:
    with pytest.raises(ValidationError):
        TaskSpec.model_validate({"jobId": "demo", "id": "../x", "commandLine": "run"})


def test_a_command_may_start_in_the_directory_that_its_image_names() -> None:
    """4.1: containerSettings.workingDirectory; the variables of its directory stay as they are."""
    image = {"imageName": build.IMAGE, "workingDirectory": "containerImageDefault"}
    found = variables("task", containerSettings=image)
    assert (found["BATCHYARD_WORKING_DIRECTORY"], found["AZ_BATCH_TASK_WORKING_DIR"]) == ("image", f"{JOB}/task001/wd")
    assert "BATCHYARD_WORKING_DIRECTORY" not in variables("task")


UID = "3e577f92-5370-4677-897d-15f764075aa9"
TRACE = "3e577f9253704677897d15f764075aa9"
FOREIGN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


@pytest.mark.parametrize(
    ("kind", "span"),
    [
        ("preparation", trace_context.span(UID, "preparation")),
        ("release", trace_context.span("demo.node1-uid", "release")),
        ("task", trace_context.span("task001-uid")),
    ],
)
def test_each_step_of_a_job_is_told_its_trace_and_span(kind: str, span: str) -> None:
    of = OF.model_copy(update={"metadata": OF.metadata.model_copy(update={"uid": UID})})
    assert variables(kind, of)["TRACEPARENT"] == f"00-{TRACE}-{span}-01"


def test_start_task_belongs_to_no_trace() -> None:
    assert "TRACEPARENT" not in variables("start")


@pytest.mark.parametrize("kind", ["preparation", "release", "task"])
def test_a_trace_that_the_user_sets_wins_and_stands_once(kind: str) -> None:
    """Server-side apply refuses a name that stands twice."""
    of = build.job(
        jobPreparationTask=build.PREPARATION,
        jobReleaseTask=build.RELEASE,
        commonEnvironmentSettings=[{"name": "TRACEPARENT", "value": "mine"}],
    )
    assert [each["value"] for each in container(kind, of)["env"] if each["name"] == "TRACEPARENT"] == ["mine"]


def test_annotation_of_a_job_names_the_trace_that_its_tasks_belong_to() -> None:
    of = build.job(meta={"annotations": {"batchyard.io/traceparent": FOREIGN}})
    assert variables("task", of)["TRACEPARENT"] == f"{FOREIGN[:36]}{trace_context.span('task001-uid')}-00"
