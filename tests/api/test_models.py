"""Reading and writing objects."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from batchyard.api.execution import FailureInfo
from batchyard.api.job import Job
from batchyard.api.job_node import JobNode
from batchyard.api.meta import Condition
from batchyard.api.node import Node
from batchyard.api.pool import Pool
from batchyard.api.states import (
    ConditionStatus,
    ErrorCategory,
    JobDesiredState,
    NodeFillType,
    OnAllTasksComplete,
    StepState,
)
from batchyard.api.task import Task, TaskSpec
from tests.api.manifests import inline, job, job_node, node, pool, step, task


def test_a_pool_has_defaults_for_what_the_user_left_out() -> None:
    spec = Pool.model_validate(pool(startTask=step())).spec
    assert (spec.task_slots_per_node, spec.target_low_priority_nodes, spec.resize_timeout) == (1, 0, "PT15M")
    assert spec.task_scheduling_policy.node_fill_type is NodeFillType.SPREAD
    assert spec.start_task is not None
    assert (spec.start_task.wait_for_success, spec.start_task.max_task_retry_count) == (True, 0)


def test_a_job_has_defaults_for_what_the_user_left_out() -> None:
    spec = Job.model_validate(job(jobPreparationTask=step(), jobReleaseTask=step())).spec
    assert (spec.priority, spec.max_parallel_tasks, spec.constraints.max_task_retry_count) == (0, -1, 0)
    assert spec.desired_state is JobDesiredState.ACTIVE
    assert spec.on_all_tasks_complete is OnAllTasksComplete.NO_ACTION
    assert spec.job_preparation_task is not None
    assert spec.job_preparation_task.id == "jobpreparation"
    assert spec.job_preparation_task.wait_for_success
    assert spec.job_preparation_task.rerun_on_node_reboot_after_success
    assert spec.job_release_task is not None
    assert (spec.job_release_task.id, spec.job_release_task.max_wall_clock_time) == ("jobrelease", "PT15M")


def test_a_task_has_defaults_for_what_the_user_left_out() -> None:
    spec = Task.model_validate(task()).spec
    assert (spec.required_slots, spec.constraints.retention_time) == (1, "P7D")
    assert spec.constraints.max_task_retry_count is None  # the job's value holds
    assert not spec.user_identity.is_admin


def test_the_id_is_the_object_s_name_unless_given() -> None:
    assert Task.model_validate(task("task001")).id == "task001"
    assert Task.model_validate(task("demo.task001-5f", id="Task001")).id == "Task001"
    assert Job.model_validate(job("demo", id="Demo:job-1")).id == "Demo:job-1"
    assert Pool.model_validate(pool("sample")).id == "sample"


def test_fields_of_a_newer_version_are_ignored() -> None:
    assert Job.model_validate(job(fromTheFuture={"a": 1})).spec == Job.model_validate(job()).spec


def test_an_unknown_enum_value_is_refused_naming_the_field() -> None:
    with pytest.raises(ValidationError, match=r"spec\.onAllTasksComplete"):
        Job.model_validate(job(onAllTasksComplete="never"))


def test_a_record_outside_the_jobs_directories_is_refused() -> None:
    for directory in ("workitems", "workitems/..", "workitems/demo/../..", "/etc", "shared"):
        with pytest.raises(ValidationError, match=r"spec\.directory"):
            JobNode.model_validate(job_node(directory=directory))


def test_an_object_reads_as_it_was_written() -> None:
    for kind, document in (
        (Pool, pool(startTask=step(), nodeSelector={"batch": "true"})),
        (Node, node(schedulingState="disabled")),
        (Job, job(jobPreparationTask=step(), tasks=inline("a", "b", resources={"limits": {"cpu": 1}}))),
        (Task, task(dependsOn={"taskIdRanges": [{"start": 1, "end": 3}]})),
        (JobNode, job_node()),
    ):
        read = kind.model_validate(document)
        assert kind.model_validate(read.to_wire()) == read


def test_the_wire_has_azure_s_names_and_nothing_unset() -> None:
    wire = TaskSpec(job_id="demo", command_line="true", required_slots=2).to_wire()
    assert (wire["jobId"], wire["commandLine"], wire["requiredSlots"]) == ("demo", "true", 2)
    assert "exitConditions" not in wire
    assert JobNode.model_validate(job_node()).to_wire()["spec"]["nodeUID"] == "3"


def test_an_inline_task_becomes_the_spec_of_a_task() -> None:
    read = Job.model_validate(job(tasks=inline("a", requiredSlots=3))).spec.tasks[0]
    spec = TaskSpec.model_validate(read.to_wire() | {"jobId": "demo"})
    assert (spec.id, spec.required_slots, spec.command_line) == ("a", 3, "true")


def test_times_are_whole_seconds_in_utc_as_kubernetes_keeps_them() -> None:
    local = datetime(2026, 11, 21, 13, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
    condition = Condition(type="Ready", status=ConditionStatus.TRUE, last_transition_time=local, reason="Reached")
    assert condition.last_transition_time == datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert condition.to_wire()["lastTransitionTime"] == "2026-11-21T12:00:00Z"


def test_a_message_of_ours_is_cut_rather_than_refused() -> None:
    failure = FailureInfo(category=ErrorCategory.USER_ERROR, code="FailureExitCode", message="x" * 100_000)
    assert len(failure.message) == 4096


def test_a_status_can_be_searched_by_condition() -> None:
    condition = {"type": "Ready", "status": "True", "reason": "R", "lastTransitionTime": "2026-11-21T12:00:00Z"}
    status = Pool.model_validate(pool() | {"status": {"conditions": [condition]}}).status
    found = status.condition("Ready")
    assert found is not None
    assert found.reason == "R"
    assert status.condition("Stalled") is None


def test_an_object_nobody_has_seen_yet_has_generation_minus_one() -> None:
    assert Job.model_validate(job()).status.observed_generation == -1


def test_models_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Job.model_validate(job()).spec.priority = 5  # type: ignore[misc]


def test_states_are_azure_s_words() -> None:
    assert StepState("completed") is StepState.COMPLETED
    assert str(NodeFillType.PACK) == "pack"


@pytest.mark.parametrize("uid", ["../../etc", "..", "a/b", "*", ""])
def test_what_becomes_a_directory_is_no_path(uid: str) -> None:
    record = job_node()
    record["spec"]["poolUID"] = uid
    with pytest.raises(ValidationError, match="a UID is a plain name"):
        JobNode.model_validate(record)
