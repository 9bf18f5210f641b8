from __future__ import annotations

from typing import Any

import pytest

from batchyard.kube.errors import Rejected
from batchyard.kube.kinds import BATCH_JOB, BATCH_TASK, LEASE, POD
from tests.simulation.api.calling import Caller

SPEC = {"poolInfo": {"poolId": "sample"}}
BAD_SPECS: dict[str, tuple[dict[str, Any], str, str]] = {
    "spec.priority": ({**SPEC, "priority": 1001}, "FieldValueInvalid", "less than or equal to 1000"),
    "spec.desiredState": ({**SPEC, "desiredState": "asleep"}, "FieldValueNotSupported", '"active"'),
    "spec.poolInfo": ({}, "FieldValueRequired", "Required"),
    "spec.maxParallelTasks": ({**SPEC, "maxParallelTasks": "many"}, "FieldValueTypeInvalid", "of type integer"),
    "spec.tasks[1]": (
        {**SPEC, "tasks": [{"id": "a", "commandLine": "true"}] * 2},
        "FieldValueDuplicate",
        "Duplicate",
    ),
}


@pytest.mark.parametrize("field", BAD_SPECS)
def test_schema_is_kept_naming_the_field(caller: Caller, field: str) -> None:
    spec, reason, words = BAD_SPECS[field]
    with pytest.raises(Rejected) as caught:
        caller.create(BATCH_JOB, "a", spec=spec)
    (cause,) = caught.value.causes
    assert (cause.field, cause.reason) == (field, reason)
    assert words in cause.message


def test_unknown_fields_are_dropped_and_defaults_filled_in(caller: Caller) -> None:
    made = caller.create(BATCH_TASK, "a", spec={"jobId": "j", "commandLine": "true", "wishes": 3})
    assert "wishes" not in made["spec"]
    assert made["spec"]["requiredSlots"] == 1
    assert made["status"]["observedGeneration"] == -1


@pytest.mark.parametrize(
    ("meta", "field"),
    [
        ({"name": "Not A Name"}, "metadata.name"),
        ({"labels": {"a b": "x"}}, "metadata.labels"),
        ({"labels": {"a": "x y"}}, "metadata.labels"),
        ({"finalizers": ["a b"]}, "metadata.finalizers"),
        ({"ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "a"}]}, "metadata.ownerReferences.uid"),
    ],
)
def test_odd_metadata_is_refused_naming_the_field(caller: Caller, meta: dict[str, Any], field: str) -> None:
    with pytest.raises(Rejected) as caught:
        caller.create(BATCH_JOB, "a", spec=SPEC, meta=meta)
    assert [cause.field for cause in caught.value.causes] == [field]


def test_pods_spec_is_nearly_all_fixed(caller: Caller) -> None:
    caller.create(POD, "a", spec={"containers": [{"name": "a", "image": "busybox"}]})
    changed = caller.patch(POD, "a", {"spec": {"containers": [{"name": "a", "image": "alpine"}]}})
    assert changed["metadata"]["generation"] == 2
    with pytest.raises(Rejected) as caught:
        caller.patch(POD, "a", {"spec": {"restartPolicy": "Never"}})
    assert [cause.field for cause in caught.value.causes] == ["spec"]


def test_lease_lasts_for_some_time(caller: Caller) -> None:
    with pytest.raises(Rejected) as caught:
        caller.create(LEASE, "a", spec={"leaseDurationSeconds": 0})
    assert [cause.field for cause in caught.value.causes] == ["spec.leaseDurationSeconds"]
