from __future__ import annotations

from typing import Any

import pytest

from batchyard.api import names
from tests.simulation.leftovers import Known, leftovers

Raw = dict[str, Any]
OWNER = {"apiVersion": names.API_VERSION, "kind": "BatchJob", "name": "demo", "uid": "job"}
WIPE = {names.LABEL_COMPONENT: names.COMPONENT_WIPE}
RELEASE = {names.LABEL_COMPONENT: names.COMPONENT_RELEASE, names.LABEL_JOB_UID: "job"}


def item(uid: str = "u", spec: Raw | None = None, **meta: Any) -> Raw:
    return {"metadata": {"name": "x", "namespace": "team", "uid": uid, **meta}, "spec": spec or {}}


def known(**kinds: Raw) -> Known:
    return {kind: {("team", "x"): each} for kind, each in kinds.items()}


LEFT = {
    "record": (known(BatchJobNode=item(spec={"jobUID": "job"})), "L3"),
    "Pod": (known(Pod=item(labels=RELEASE)), "L3"),
    "wipe": (known(BatchJob=item("job"), Pod=item(labels=WIPE)), "L3"),
    "DaemonSet": (known(DaemonSet=item(ownerReferences=[OWNER])), "L3"),
    "task": (known(BatchTask=item(ownerReferences=[OWNER])), "L3"),
    "job that does not go": (known(BatchJob=item("job", deletionTimestamp="2026-01-01T00:00:00Z")), "L4"),
    "Pod that does not go": (known(Pod=item(deletionTimestamp="2026-01-01T00:00:00Z")), "L4"),
}


@pytest.mark.parametrize("what", LEFT)
def test_what_should_have_gone_is_named(what: str) -> None:
    there, rule = LEFT[what]
    assert [each.partition(":")[0] for each in leftovers(there)] == [rule]


def test_what_is_of_a_job_that_is_there_may_stay() -> None:
    record, pod = item(spec={"jobUID": "job"}), item(labels=RELEASE, ownerReferences=[OWNER])
    assert list(leftovers(known(BatchJob=item("job"), BatchJobNode=record, Pod=pod, BatchTask=item()))) == []
