"""The door of the store: what the API server says, and in which order it may say it."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.api import names
from batchyard.core.quarantine import plan_broken
from batchyard.kube.tables import REMEMBERED_DELETIONS, Table, tables
from tests import build
from tests.kube.known import JOB, SAMPLE, Known

TASK = (build.NAMESPACE, "demo.t")


@pytest.fixture
def known() -> Known:
    return Known()


@pytest.fixture
def table(known: Known) -> Table:
    return tables(known)["BatchTask"]


def task(name: str = "demo.t", version: int = 5, state: str = "active", **metadata: Any) -> dict[str, Any]:
    meta = {**build.metadata(name), "resourceVersion": str(version), **metadata}
    return {"metadata": meta, "spec": {"jobId": "demo", "commandLine": "true"}, "status": {"state": state}}


def pod(**metadata: Any) -> dict[str, Any]:
    meta = {**build.metadata("task001"), "labels": {names.LABEL_POOL: "sample"}, **metadata}
    return {"kind": "Pod", "metadata": meta, "spec": {}, "status": {}}


def states(known: Known) -> dict[str, str]:
    return {name: each.state for (_, name), each in known.tasks.items()}


def test_older_version_does_not_pass(known: Known, table: Table) -> None:
    table.upsert(task(version=5, state="running"))
    for version in (4, 5):
        table.upsert(task(version=version))
    assert states(known) == {"demo.t": "running"}
    table.upsert(task(version=10, state="completed"))
    assert states(known) == {"demo.t": "completed"}


def test_versions_are_numbers_not_text(known: Known, table: Table) -> None:
    table.upsert(task(version=9))
    table.upsert(task(version=10, state="running"))
    assert states(known) == {"demo.t": "running"}


def test_what_is_deleted_does_not_come_back_with_a_late_answer(known: Known, table: Table) -> None:
    table.upsert(task(version=5))
    table.remove(*TASK, "demo.t-uid")
    table.upsert(task(version=6))
    assert states(known) == {}
    table.upsert(task(version=7, uid="another"))
    assert states(known) == {"demo.t": "active"}


def test_deletion_told_before_the_object_itself_counts(known: Known, table: Table) -> None:
    table.remove(*TASK, "demo.t-uid")
    table.upsert(task())
    assert states(known) == {}


def test_end_of_an_earlier_object_of_the_name_leaves_the_new_one(known: Known, table: Table) -> None:
    table.upsert(task(version=5))
    table.upsert(task(version=6, uid="another"))
    table.remove(*TASK, "demo.t-uid")
    assert known.tasks[TASK].ref.uid == "another"


def test_deletions_are_not_remembered_for_ever(table: Table) -> None:
    for number in range(REMEMBERED_DELETIONS + 10):
        table.remove(build.NAMESPACE, "x", f"uid-{number}")
    assert len(table._deleted) == REMEMBERED_DELETIONS
    assert f"uid-{REMEMBERED_DELETIONS + 9}" in table._deleted


def test_what_a_list_does_not_mention_is_gone_unless_it_is_newer(known: Known, table: Table) -> None:
    for name, version in (("a", 1), ("b", 2), ("c", 20)):
        table.upsert(task(name, version))
    table.listed({"a-uid"}, 10)
    assert {*states(known)} == {"a", "c"}


def test_list_of_one_namespace_sweeps_nothing_elsewhere(known: Known, table: Table) -> None:
    table.upsert(task("a", 1))
    table.upsert(task("b", 1, namespace="elsewhere"))
    table.listed(set(), 10, "elsewhere")
    assert {*states(known)} == {"a"}
    table.listed(set(), 10)
    assert {*states(known)} == set()


def test_swept_object_does_not_come_back_with_a_late_answer(known: Known, table: Table) -> None:
    table.upsert(task("a", 1))
    table.listed(set(), 10)
    table.upsert(task("a", 5))
    assert states(known) == {}


def test_answer_without_a_version_is_left_to_the_watch() -> None:
    """Seen from the real API server when two deletes of a Pod overtake each other."""
    known = Known()
    item = pod(deletionTimestamp="2026-11-21T15:00:00Z")
    del item["metadata"]["resourceVersion"]
    tables(known)["Pod"].upsert(item)
    assert known.pods == {}


# Objects that cannot be read.


@pytest.mark.parametrize("spec", [{"commandLine": "true"}, {"jobId": 5, "commandLine": "true"}, None, []])
def test_object_that_cannot_be_read_is_told_and_its_neighbours_go_on(known: Known, table: Table, spec: Any) -> None:
    table.upsert({**task("bad", 1), "spec": spec})
    table.upsert(task("good", 2))
    assert states(known) == {"good": "active"}
    (broken,) = known.broken_in(build.NAMESPACE)
    assert (broken.ref.kind, broken.ref.name) == ("BatchTask", "bad")
    assert (build.NAMESPACE, "") in known.woken


@pytest.mark.parametrize("succeeded", ["1-99999999999999999999", "bad"])
def test_range_with_a_status_of_nonsense_is_told_too(known: Known, table: Table, succeeded: str) -> None:
    spec = {"jobId": "demo", "commandLine": "true", "range": {"start": 0, "end": 9}}
    table.upsert({**task("bad", 1), "spec": spec, "status": {"range": {"succeeded": succeeded}}})
    assert [broken.ref.name for broken in known.broken_in(build.NAMESPACE)] == ["bad"]


def test_complaint_is_written_once_and_gone_when_the_object_is_corrected(known: Known, table: Table) -> None:
    bad = {**task(version=1), "spec": {}}
    table.upsert(bad)
    (patch,) = plan_broken(known.broken_in(build.NAMESPACE), now=build.T0)
    told = {**bad, "status": patch.body["status"], "metadata": {**bad["metadata"], "resourceVersion": "2"}}  # type: ignore[union-attr]
    table.upsert(told)
    assert [*plan_broken(known.broken_in(build.NAMESPACE), now=build.T0 + 60)] == []
    table.upsert(task(version=3))
    assert known.broken_in(build.NAMESPACE) == []
    assert states(known) == {"demo.t": "active"}


def test_object_that_cannot_be_read_any_more_stays_as_it_was_understood(known: Known, table: Table) -> None:
    table.upsert(task(version=1, state="running"))
    table.upsert({**task(version=2), "spec": {}})
    assert states(known) == {"demo.t": "running"}


def test_new_object_of_a_name_that_cannot_be_read_is_not_taken_for_the_old_one(known: Known, table: Table) -> None:
    table.upsert(task(version=1))
    table.upsert({**task(version=2, uid="another"), "spec": {}})
    assert states(known) == {}


def test_complaint_goes_with_its_object(known: Known, table: Table) -> None:
    table.upsert({**task(), "spec": {}})
    table.remove(*TASK, "demo.t-uid")
    assert known.broken_in(build.NAMESPACE) == []


def test_conditions_of_any_shape_do_no_harm(known: Known, table: Table) -> None:
    for version, conditions in enumerate((5, ["x"], [{"no": "type"}], None), 1):
        table.upsert({**task(version=version), "spec": {}, "status": {"conditions": conditions}})
    assert known.broken_in(build.NAMESPACE)[0].conditions == ()


def test_nothing_is_said_about_objects_of_others(known: Known) -> None:
    item = {"metadata": build.metadata("node1", namespace=""), "status": {"conditions": [{"no": "type"}]}}
    tables(known)["Node"].upsert(item)
    assert [*known.nodes, *known.broken, *known.woken] == []


def test_every_kind_finds_its_place(known: Known) -> None:
    found = tables(known)
    pool = {"metadata": build.metadata("sample"), "spec": {"targetDedicatedNodes": 1}}
    member = {
        "metadata": build.metadata("sample.node1"),
        "spec": {"poolId": "sample", "nodeId": "node1", "nodeUID": "u"},
    }
    found["BatchPool"].upsert(pool)
    found["BatchNode"].upsert(member)
    found["BatchJob"].upsert({"metadata": build.metadata("demo"), "spec": {"poolInfo": {"poolId": "sample"}}})
    found["BatchTask"].upsert(task())
    found["BatchJobNode"].upsert(build.job_node().model_dump(by_alias=True, mode="json", exclude_none=True))
    found["Pod"].upsert(pod())
    found["Node"].upsert({"metadata": build.metadata("node1", namespace="")})
    found["DaemonSet"].upsert({"metadata": build.metadata(names.pool_daemon_set("sample"))})
    found["Namespace"].upsert(
        {"metadata": build.metadata(build.NAMESPACE, namespace="", deletionTimestamp="2026-01-01T00:00:00Z")}
    )
    s = known.snapshot()
    assert s.pool is not None
    assert [*s.daemon_sets] == ["sample-node"]
    assert ([*s.members], [*s.nodes], s.namespace_ending) == (["node1"], ["node1"], True)
    view = known.view()
    assert ([*view.tasks.by_key], [*view.nodes]) == (["demo.t"], ["node1"])
    assert known.pods.keys() == {(build.NAMESPACE, "task001")}
    assert {JOB} == {*known.jobs} == {(build.NAMESPACE, "demo")}
    assert SAMPLE in known.pools
