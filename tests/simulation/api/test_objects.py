from __future__ import annotations

import pytest

from batchyard.kube.errors import Conflict, NotFound, Rejected
from batchyard.kube.kinds import BATCH_JOB, LEASE, Scope
from tests.simulation.api.calling import NAMESPACE, Caller

SPEC = {"poolInfo": {"poolId": "sample"}}


def test_spec_and_status_go_through_different_doors(caller: Caller) -> None:
    made = caller.create(BATCH_JOB, "a", spec=SPEC, status={"state": "active"})
    assert made["metadata"]["generation"] == 1
    assert made.get("status", {}).get("state") is None
    told = caller.patch(BATCH_JOB, "a", {"status": {"state": "active"}, "spec": {"priority": 5}}, "status")
    assert told["status"]["state"] == "active"
    assert told["spec"] == made["spec"]
    assert told["metadata"]["generation"] == 1
    changed = caller.patch(BATCH_JOB, "a", {"status": {"state": "completed"}, "spec": {"priority": 5}})
    assert changed["status"]["state"] == "active"
    assert changed["metadata"]["generation"] == 2


def test_patch_that_changes_nothing_writes_nothing(caller: Caller) -> None:
    made = caller.create(LEASE, "a", spec={"holderIdentity": "me"})
    version = caller.server.version
    assert caller.patch(LEASE, "a", {"spec": made["spec"]}) == made
    assert caller.server.version == version


def test_first_write_to_an_object_of_ours_stores_its_defaults_whatever_it_says(caller: Caller) -> None:
    made = caller.create(BATCH_JOB, "a", spec=SPEC)
    assert made["status"] == {"observedGeneration": -1}
    first, second = (caller.patch(BATCH_JOB, "a", {"spec": SPEC}) for _ in range(2))
    assert made["metadata"]["resourceVersion"] != first["metadata"]["resourceVersion"]
    assert first == second


def test_stale_version_and_another_uid_are_refused(caller: Caller) -> None:
    made = caller.create(BATCH_JOB, "a", spec=SPEC)
    caller.patch(BATCH_JOB, "a", {"spec": {"priority": 1}})
    with pytest.raises(Conflict):
        caller.patch(BATCH_JOB, "a", {"metadata": {"resourceVersion": made["metadata"]["resourceVersion"]}})
    with pytest.raises(Conflict):
        caller.delete(BATCH_JOB, "a", preconditions={"uid": "another"})
    with pytest.raises(Conflict) as caught:
        caller.create(BATCH_JOB, "a", spec=SPEC)
    assert caught.value.already_exists


def test_finalizer_holds_back_the_end(caller: Caller) -> None:
    caller.create(BATCH_JOB, "a", spec=SPEC, meta={"finalizers": ["batchyard.io/hold"]})
    marked = caller.delete(BATCH_JOB, "a")
    assert marked["metadata"]["generation"] == 2
    assert "deletionTimestamp" in marked["metadata"]
    with pytest.raises(Rejected) as caught:
        caller.patch(BATCH_JOB, "a", {"metadata": {"finalizers": ["batchyard.io/hold", "batchyard.io/more"]}})
    assert [cause.field for cause in caught.value.causes] == ["metadata.finalizers"]
    caller.patch(BATCH_JOB, "a", {"metadata": {"finalizers": None}})
    with pytest.raises(NotFound):
        caller.get(BATCH_JOB, "a")


def test_pages_of_a_list_show_one_version(caller: Caller) -> None:
    for name in "abcde":
        caller.create(BATCH_JOB, name, spec=SPEC)
    pages = caller.pages(Scope(BATCH_JOB, NAMESPACE), 2)
    first = next(pages)
    caller.delete(BATCH_JOB, "d")
    caller.create(BATCH_JOB, "f", spec=SPEC)
    names = [item["metadata"]["name"] for page in (first, *pages) for item in page["items"]]
    assert names == ["a", "b", "c", "d", "e"]


def test_what_is_compacted_has_expired(caller: Caller) -> None:
    for name in "abc":
        caller.create(BATCH_JOB, name, spec=SPEC)
    pages, start = caller.pages(Scope(BATCH_JOB, NAMESPACE), 2), caller.server.version
    next(pages)
    caller.delete(BATCH_JOB, "a")
    caller.server.compact(caller.server.version)
    with pytest.raises(Conflict) as caught:
        next(pages)
    assert caught.value.expired
    watch = caller.server.watch(BATCH_JOB.collection(), {"resourceVersion": str(start)})
    (event,) = watch.events()
    assert (event["type"], event["object"]["code"]) == ("ERROR", 410)
    assert not [*watch.events()]


def test_watch_tells_what_enters_and_leaves_its_selection(caller: Caller) -> None:
    query = {"resourceVersion": str(caller.server.version), "labelSelector": "shown=yes"}
    watch = caller.server.watch(BATCH_JOB.collection(NAMESPACE), query)
    caller.create(BATCH_JOB, "a", spec=SPEC)
    assert not [*watch.events()]
    caller.patch(BATCH_JOB, "a", {"metadata": {"labels": {"shown": "yes"}}})
    caller.patch(BATCH_JOB, "a", {"spec": {"priority": 1}})
    last = caller.patch(BATCH_JOB, "a", {"metadata": {"labels": None}})
    events = [*watch.events()]
    assert [event["type"] for event in events] == ["ADDED", "MODIFIED", "DELETED"]
    assert events[-1]["object"]["metadata"]["resourceVersion"] == last["metadata"]["resourceVersion"]
