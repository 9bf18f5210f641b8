from __future__ import annotations

import dataclasses
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from batchyard.api import names
from batchyard.core.actions import Absence, Action, Apply, Create, Delete, Emit, Patch, Plan, Ref, patch_status
from batchyard.core.happenings import Happening
from batchyard.kube import kinds
from batchyard.kube.bucket import Bucket
from batchyard.kube.client import Client
from batchyard.kube.executor import (
    AGAIN_SECONDS,
    REFUSED_SECONDS,
    TROUBLED_SECONDS,
    Executor,
    Outcome,
)
from batchyard.kube.http import Http
from batchyard.kube.lease import LeaseLost
from batchyard.kube.tables import tables
from batchyard.kube.taken import FIRST_SECONDS
from batchyard.logs import ABOUT
from tests import build
from tests.kube.api_server import ApiServer, answering, losing, status
from tests.kube.known import Known

TASKS = kinds.BATCH_TASK.collection(build.NAMESPACE)
PODS = kinds.POD.collection(build.NAMESPACE)
TASK, POD = f"{TASKS}/demo.t", f"{PODS}/demo.t"
OWNER: dict[str, Any] = {
    "apiVersion": names.API_VERSION,
    "kind": "BatchJob",
    "name": "demo",
    "uid": "demo-uid",
    "controller": True,
}
SPEC = {"jobId": "demo", "id": "t", "commandLine": "true"}
BURST = 1000


class Operator:
    """An executor before a server, and what its store learns."""

    def __init__(self, client: Client) -> None:
        self.known = Known()
        self.tables = tables(self.known)
        self.executor = Executor(client, self.tables, Bucket(per_second=1e6, burst=BURST, in_flight=8))

    async def do(self, *actions: Action) -> Outcome:
        self._began = time.time()
        return await self.executor.apply(Plan(actions))

    def puts_off(self, outcome: Outcome, seconds: float) -> bool:
        """Whether it is to be looked at again so long after something in the latest `do`, however long that took."""
        assert outcome.retry_at is not None
        return self._began + seconds <= outcome.retry_at + 0.01 and outcome.retry_at <= time.time() + seconds

    def see(self, item: dict[str, Any]) -> Ref:
        """As a watch would have told; returns what a plan would know of a task."""
        self.tables["BatchTask"].upsert(item)
        return self.known.tasks[build.NAMESPACE, item["metadata"]["name"]].ref

    @property
    def tasks(self) -> dict[str, str]:
        return {name: task.state for (_, name), task in self.known.tasks.items()}


@pytest.fixture
async def operator(client: Client) -> AsyncIterator[Operator]:
    yield Operator(client)  # noqa: PT022  made inside the running loop


def there(server: ApiServer, path: str = TASK, **metadata: Any) -> dict[str, Any]:
    meta = {"namespace": build.NAMESPACE, "generation": 1, "creationTimestamp": "2026-01-01T00:00:00Z", **metadata}
    return server.put(path, spec=SPEC, metadata=meta)


def create(**more: Any) -> Create:
    labels = {names.LABEL_JOB: "demo"}
    meta = {"name": "demo.t", "namespace": build.NAMESPACE, "ownerReferences": [OWNER], "labels": labels}
    return Create("BatchTask", {"metadata": meta, "spec": SPEC}, "demo-uid", **more)


def writes(server: ApiServer) -> list[str]:
    return [request.method for request in server.requests if request.method != "GET"]


async def test_answer_to_a_write_is_known_before_any_watch_tells(server: ApiServer, operator: Operator) -> None:
    outcome = await operator.do(create())
    assert operator.tasks == {"demo.t": "active"}
    assert outcome == Outcome()
    ref = operator.known.tasks[build.NAMESPACE, "demo.t"].ref
    assert await operator.do(patch_status(ref, {"state": "running"})) == Outcome()
    assert operator.tasks == {"demo.t": "running"}
    assert writes(server) == ["POST", "PATCH"]


async def test_object_of_that_name_that_is_ours_counts_as_created(server: ApiServer, operator: Operator) -> None:
    there(server, ownerReferences=[OWNER])
    assert await operator.do(create()) == Outcome()
    assert operator.tasks == {"demo.t": "active"}


async def test_object_of_a_stranger_is_told_and_not_taken(server: ApiServer, operator: Operator) -> None:
    there(server, ownerReferences=[{**OWNER, "uid": "earlier"}])
    outcome = await operator.do(create())
    assert outcome.troubles == {"demo": ["BatchTask 'demo.t' exists and is not ours; delete it"]}
    assert operator.puts_off(outcome, FIRST_SECONDS)
    assert operator.tasks == {}
    server.drop(TASK)
    assert await operator.do(create()) == Outcome()


async def test_the_longer_a_name_is_taken_the_more_seldom_it_is_tried(server: ApiServer, operator: Operator) -> None:
    there(server, ownerReferences=[{**OWNER, "uid": "earlier"}])
    await operator.do(create())
    assert operator.puts_off(await operator.do(create()), 2 * FIRST_SECONDS)


async def test_pod_that_nobody_would_find_again_is_no_pod_of_ours(server: ApiServer, operator: Operator) -> None:
    """Its labels were taken off."""
    there(server, POD, ownerReferences=[OWNER])
    outcome = await operator.do(dataclasses.replace(create(), kind="Pod"))
    assert outcome.troubles == {"demo": ["Pod 'demo.t' exists and is not ours; delete it"]}


async def test_object_that_goes_while_we_look_whose_it_is_is_made_in_the_next_pass(
    server: ApiServer, operator: Operator
) -> None:
    server.next.append(answering(lambda: status(409, "AlreadyExists")))
    outcome = await operator.do(create())
    assert operator.puts_off(outcome, AGAIN_SECONDS)
    assert not outcome.troubles


async def test_conflict_is_settled_by_a_look_at_the_object_and_not_repeated(
    server: ApiServer, operator: Operator
) -> None:
    ref = operator.see(there(server))
    server.put(TASK, status={"state": "running"}, metadata=server.objects[TASK]["metadata"])
    outcome = await operator.do(patch_status(ref, {"state": "completed"}))
    assert operator.tasks == {"demo.t": "running"}
    assert operator.puts_off(outcome, AGAIN_SECONDS)
    assert writes(server) == ["PATCH"]
    assert outcome.conflicts == 1


TELLS = (Happening("task", "success"),)


async def test_what_a_write_tells_is_told_once_it_is_taken(server: ApiServer, operator: Operator) -> None:
    ref = operator.see(there(server))
    outcome = await operator.do(patch_status(ref, {"state": "completed"}, tells=TELLS))
    assert outcome.happened == [*TELLS]


async def test_what_a_write_tells_that_comes_too_late_is_not_told(server: ApiServer, operator: Operator) -> None:
    ref = operator.see(there(server))
    server.put(TASK, status={"state": "completed"}, metadata=server.objects[TASK]["metadata"])
    outcome = await operator.do(patch_status(ref, {"state": "completed"}, tells=TELLS))
    assert outcome.happened == []


async def test_what_a_write_tells_whose_answer_is_lost_is_told_if_the_object_is_as_written(
    server: ApiServer, operator: Operator
) -> None:
    ref = operator.see(there(server))
    server.next.append(losing(server.regular))
    outcome = await operator.do(patch_status(ref, {"state": "completed"}, tells=TELLS))
    assert outcome.happened == [*TELLS]


async def test_conflict_with_another_object_of_the_name_forgets_the_old_one(
    server: ApiServer, operator: Operator
) -> None:
    ref = operator.see(there(server))
    server.drop(TASK)
    new = there(server)
    await operator.do(patch_status(ref, {"state": "completed"}))
    assert operator.known.tasks[build.NAMESPACE, "demo.t"].ref.uid == new["metadata"]["uid"]


async def test_write_to_an_object_that_is_gone_forgets_it(server: ApiServer, operator: Operator) -> None:
    ref = operator.see(there(server))
    server.drop(TASK)
    outcome = await operator.do(patch_status(ref, {"state": "completed"}))
    assert operator.tasks == {}
    assert not outcome.troubles
    assert outcome.conflicts == 0


async def test_refused_write_is_told_under_its_job_and_not_repeated_with_every_wake(
    server: ApiServer, operator: Operator
) -> None:
    """Something else wakes the pool many times a second; the answer to the same question will be the same."""
    server.next.extend([answering(lambda: status(403, "Forbidden"))])
    first = await operator.do(create())
    assert first.troubles == {"demo": ["Forbidden (HTTP 403)"]}
    assert operator.puts_off(first, REFUSED_SECONDS)
    for _ in range(2):
        again = await operator.do(create())
        assert again.troubles == first.troubles
    assert writes(server) == ["POST"]


async def test_log_names_the_object_of_a_refused_write_its_uid_and_its_pool(
    server: ApiServer, operator: Operator, caplog: pytest.LogCaptureFixture
) -> None:
    server.next.extend([answering(lambda: status(422, "Invalid", name="x"))])
    job = Ref("BatchJob", build.NAMESPACE, "x", "u", "1")
    await operator.executor.apply(Plan((patch_status(job, {}),)), "render")
    about = {"kind": "BatchJob", "namespace": build.NAMESPACE, "object": "x", "uid": "u", "pool": "render"}
    [record] = [each for each in caplog.records if each.levelname == "WARNING"]
    assert vars(record).items() >= about.items()
    assert {*about} <= {*ABOUT}


async def test_another_write_to_the_same_object_is_tried_at_once(server: ApiServer, operator: Operator) -> None:
    server.next.append(answering(lambda: status(403, "Forbidden")))
    refused = create()
    await operator.do(refused)
    other = Create("BatchTask", {**refused.manifest, "spec": {**SPEC, "commandLine": "false"}}, "demo-uid")
    assert await operator.do(other) == Outcome()


async def test_refused_write_about_a_job_is_told_there_and_one_about_the_pool_to_all(
    server: ApiServer, operator: Operator
) -> None:
    server.next.extend([answering(lambda: status(422, "Invalid", name="x"))] * 2)
    job, pool = (Ref(kind, build.NAMESPACE, "x", "u", "1") for kind in ("BatchJob", "BatchPool"))
    outcome = await operator.do(patch_status(job, {}), patch_status(pool, {}))
    assert outcome.troubles == {"x": ["Invalid (HTTP 422)"], "": ["Invalid (HTTP 422)"]}


async def test_one_refused_write_does_not_stop_the_others(server: ApiServer, operator: Operator) -> None:
    ref = operator.see(there(server))
    server.next.append(answering(lambda: status(403, "Forbidden")))
    gone = Ref("BatchTask", build.NAMESPACE, "gone", "u", "1")
    await operator.do(Delete(gone), patch_status(ref, {"state": "running"}), create())
    assert len(writes(server)) == 3


async def test_turned_away_write_is_tried_when_the_server_says_so(server: ApiServer, operator: Operator) -> None:
    throttled = status(429, "TooManyRequests")
    throttled.headers["Retry-After"] = "5"
    server.next.append(answering(lambda: throttled))
    outcome = await operator.do(create())
    assert operator.puts_off(outcome, 5)
    assert not server.calls("get")


async def test_lost_answer_is_settled_by_a_read(server: ApiServer, operator: Operator) -> None:
    server.next.append(losing(server.regular))
    outcome = await operator.do(create())
    assert operator.tasks == {"demo.t": "active"}
    assert operator.puts_off(outcome, AGAIN_SECONDS)
    assert writes(server) == ["POST"]


async def test_broken_server_is_not_asked_many_times_a_second(server: ApiServer, operator: Operator) -> None:
    server.next.extend([answering(lambda: status(500))] * 2)
    outcome = await operator.do(create())
    assert operator.puts_off(outcome, TROUBLED_SECONDS)


async def test_numbers_wait_until_the_last_write_is_old_enough(server: ApiServer, operator: Operator) -> None:
    ref = operator.see(there(server))
    body = {"metadata": {"uid": ref.uid}, "status": {"attempt": 1}}
    assert await operator.do(Patch(ref, body, "status", lazy=2)) == Outcome()
    outcome = await operator.do(Patch(ref, body, "status", lazy=2))
    assert outcome.retry_at is not None
    assert writes(server) == ["PATCH"]
    assert await operator.do(Patch(ref, body, "status")) == Outcome()


async def test_deletion_names_the_one_that_is_meant(server: ApiServer, operator: Operator) -> None:
    ref = operator.see(there(server))
    server.drop(TASK)
    new = there(server)
    await operator.do(Delete(ref))
    assert TASK in server.objects
    assert operator.known.tasks[build.NAMESPACE, "demo.t"].ref.uid == new["metadata"]["uid"]


async def test_deleted_object_is_gone_at_once_and_one_with_finalizers_is_seen_going(
    server: ApiServer, operator: Operator
) -> None:
    await operator.do(Delete(operator.see(there(server, f"{TASKS}/a")), grace_seconds=0))
    await operator.do(Delete(operator.see(there(server, f"{TASKS}/b", finalizers=["x"]))))
    assert server.bodies[0]["gracePeriodSeconds"] == 0
    assert {name: task.deleting for (_, name), task in operator.known.tasks.items()} == {"b": True}


async def test_apply_feeds_its_answer_back(operator: Operator) -> None:
    meta = {"name": "sample-node", "namespace": build.NAMESPACE, "creationTimestamp": "2026-01-01T00:00:00Z"}
    assert await operator.do(Apply("DaemonSet", {"metadata": meta, "spec": {}})) == Outcome()
    assert [*operator.known.daemon_sets] == [(build.NAMESPACE, "sample-node")]


# What cannot be undone.


def pod(server: ApiServer, component: str, phase: str, node: str = "node1") -> None:
    meta = {
        "namespace": build.NAMESPACE,
        "labels": {names.LABEL_COMPONENT: component, names.LABEL_JOB: "demo", names.LABEL_POOL: "sample"},
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    server.put(f"{PODS}/{component}-{phase}", metadata=meta, spec={"nodeName": node}, status={"phase": phase})


@pytest.mark.parametrize(
    ("component", "phase", "node", "held"),
    [
        (names.COMPONENT_TASK, "Running", "node1", True),
        (names.COMPONENT_TASK, "Pending", "node1", True),
        (names.COMPONENT_TASK, "Succeeded", "node1", False),
        (names.COMPONENT_TASK, "Running", "node2", False),
        (names.COMPONENT_PREPARATION, "Failed", "node1", True),
    ],
)
async def test_nothing_irreversible_is_begun_while_a_process_may_run_that_we_do_not_know_of(
    server: ApiServer, operator: Operator, component: str, phase: str, node: str, held: bool
) -> None:
    pod(server, component, phase, node)
    absence = Absence(build.NAMESPACE, "demo-uid", "node1", (names.COMPONENT_TASK, names.COMPONENT_PREPARATION))
    outcome = await operator.do(create(unless=absence))
    assert (writes(server) == []) is held
    assert (outcome.retry_at is not None) is held
    assert len(operator.known.pods) == 1
    (listed,) = server.calls("list")
    assert listed.query["labelSelector"] == (
        "batchyard.io/job-uid=demo-uid,app.kubernetes.io/component in (task,preparation)"
    )


async def test_absence_on_any_node_is_meant_when_none_is_named(server: ApiServer, operator: Operator) -> None:
    pod(server, names.COMPONENT_TASK, "Running", "node7")
    await operator.do(create(unless=Absence(build.NAMESPACE, "demo-uid", "", (names.COMPONENT_TASK,))))
    assert writes(server) == []


async def test_what_cannot_be_known_is_not_assumed(server: ApiServer, operator: Operator) -> None:
    server.next.append(answering(lambda: status(503)))
    outcome = await operator.do(create(unless=Absence(build.NAMESPACE, "demo-uid", "node1", (names.COMPONENT_TASK,))))
    assert writes(server) == []
    assert operator.puts_off(outcome, TROUBLED_SECONDS)


# Events.


def event() -> Emit:
    return Emit(Ref("BatchJob", build.NAMESPACE, "demo", "demo-uid", "1"), "Warning", "ReleaseFailed", "x" * 2000)


async def test_event_is_posted_once_however_often_it_is_said(server: ApiServer, operator: Operator) -> None:
    assert await operator.do(event()) == Outcome()
    assert await operator.do(event()) == Outcome()
    (posted,) = server.objects.values()
    assert posted["involvedObject"]["uid"] == "demo-uid"
    assert len(posted["message"]) == 1024


@pytest.mark.parametrize(
    "answer",
    [
        answering(lambda: status(403, "Forbidden")),
        answering(lambda: status(404, "NotFound", name=build.NAMESPACE)),
        answering(lambda: status(500)),
        answering(lambda: web.Response(text="<html>")),
    ],
)
async def test_event_may_be_lost(server: ApiServer, operator: Operator, answer: Any) -> None:
    server.next.append(answer)
    assert await operator.do(event()) == Outcome()
    assert server.objects == {}


async def test_lost_lease_ends_everything(server: ApiServer) -> None:
    def lost() -> None:
        raise LeaseLost("no more")

    async with Client(Http(server.credentials), guard=lost) as client:
        for action in (create(), event()):
            with pytest.raises(ExceptionGroup) as caught:
                await Operator(client).do(action)
            assert caught.group_contains(LeaseLost)
    assert writes(server) == []


async def test_object_that_cannot_be_read_any_more_is_not_asked_for_many_times_a_second(
    server: ApiServer, operator: Operator
) -> None:
    """What we know of it stays old, so that every write to it is refused."""
    ref = operator.see(there(server))
    bad = server.put(TASK, spec={}, metadata=server.objects[TASK]["metadata"])
    operator.tables["BatchTask"].upsert(bad)
    outcome = await operator.do(patch_status(ref, {"state": "completed"}))
    assert operator.puts_off(outcome, TROUBLED_SECONDS)
