from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from batchyard.kube.client import Client
from batchyard.kube.credentials import Credentials
from batchyard.kube.errors import Conflict, KubeError, NotFound, Unavailable
from batchyard.kube.http import Http
from batchyard.kube.kinds import POD, Scope
from tests.kube.api_server import ApiServer, answering, hanging, losing, status
from tests.kube.eventually import eventually

PODS = "/api/v1/namespaces/default/pods"
DEFAULT_PODS = Scope(POD, "default")


async def test_object_is_read(server: ApiServer, client: Client) -> None:
    server.put(f"{PODS}/a")
    pod = await client.get(POD, "default", "a")
    assert pod["metadata"]["name"] == "a"
    assert server.requests[0].headers["Authorization"] == "Bearer me"


async def test_missing_object_is_not_found(client: Client) -> None:
    with pytest.raises(NotFound):
        await client.get(POD, "default", "a")


async def test_list_comes_in_pages_of_one_version(server: ApiServer, client: Client) -> None:
    server.page_size = 2
    for name in "abcde":
        server.put(f"{PODS}/{name}")
    pages = [page async for page in client.list_pages(DEFAULT_PODS, limit=2)]
    assert [[item["metadata"]["name"] for item in page.items] for page in pages] == [["a", "b"], ["c", "d"], ["e"]]
    assert len({page.resource_version for page in pages}) == 1


async def test_selectors_are_sent(server: ApiServer, client: Client) -> None:
    scope = Scope(POD, "default", label_selector="a=b,c in (d)", field_selector="status.phase!=Failed")
    [_ async for _ in client.list_pages(scope)]
    query = server.requests[0].query
    assert (query["labelSelector"], query["fieldSelector"]) == ("a=b,c in (d)", "status.phase!=Failed")


async def test_writes_go_under_our_name_and_in_their_format(server: ApiServer, client: Client) -> None:
    server.put(f"{PODS}/a")
    server.next.extend([answering(lambda: web.json_response({}))] * 3)
    await client.create(POD, "default", {"metadata": {"name": "b"}})
    await client.merge_patch(POD, "default", "a", {}, subresource="status")
    await client.apply(POD, "default", "a", {"metadata": {"name": "a"}})
    assert {request.query["fieldManager"] for request in server.requests} == {"batchyard"}
    assert [request.content_type.removeprefix("application/") for request in server.requests] == [
        "json",
        "merge-patch+json",
        "apply-patch+yaml",
    ]
    assert server.requests[1].path == f"{PODS}/a/status"
    assert server.requests[2].query["force"] == "true"
    assert server.bodies[2] == {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}


async def test_stale_version_in_a_patch_is_a_conflict(server: ApiServer, client: Client) -> None:
    server.put(f"{PODS}/a")
    with pytest.raises(Conflict):
        await client.merge_patch(POD, "default", "a", {"metadata": {"resourceVersion": "1"}})


async def test_deletion_carries_its_preconditions(server: ApiServer, client: Client) -> None:
    server.put(f"{PODS}/a", metadata={"uid": "u"})
    await client.delete(POD, "default", "a", uid="u", resource_version="7", grace_seconds=0)
    assert server.bodies == [
        {
            "propagationPolicy": "Background",
            "gracePeriodSeconds": 0,
            "preconditions": {"uid": "u", "resourceVersion": "7"},
        }
    ]


async def test_collection_is_never_deleted_without_a_selector(server: ApiServer, client: Client) -> None:
    with pytest.raises(ValueError, match="selector"):
        await client.delete_collection(POD, "default", "")
    assert not server.requests


async def test_deleting_a_slice_tells_whether_objects_are_left(server: ApiServer, client: Client) -> None:
    server.next.append(answering(lambda: web.json_response({"metadata": {"continue": "more"}})))
    server.next.append(answering(lambda: web.json_response({"metadata": {}})))
    assert await client.delete_collection(POD, "default", "a=b", limit=10)
    assert not await client.delete_collection(POD, "default", "a=b", limit=10)
    assert server.requests[0].query["limit"] == "10"


async def test_outcome_is_unknown_when_the_answer_to_a_write_is_lost(server: ApiServer, client: Client) -> None:
    server.next.append(losing(server.regular))
    with pytest.raises(Unavailable) as caught:
        await client.create(POD, "default", {"metadata": {"name": "a"}})
    assert caught.value.outcome_unknown
    assert f"{PODS}/a" in server.objects


async def test_outcome_is_unknown_when_a_write_takes_too_long(
    server: ApiServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batchyard.kube.client.WRITE_SECONDS", 0.1)
    server.next.append(hanging)
    with pytest.raises(Unavailable) as caught:
        await client.create(POD, "default", {"metadata": {"name": "a"}})
    assert caught.value.outcome_unknown
    assert "TimeoutError" in str(caught.value)


async def test_outcome_is_unknown_when_the_answer_makes_no_sense(server: ApiServer, client: Client) -> None:
    server.next.append(answering(lambda: web.Response(text="<html>")))
    with pytest.raises(Unavailable) as caught:
        await client.create(POD, "default", {"metadata": {"name": "a"}})
    assert caught.value.outcome_unknown


async def test_write_that_was_never_sent_has_a_known_outcome() -> None:
    async with Client(Http(Credentials("http://127.0.0.1:1", None, dict))) as client:
        with pytest.raises(Unavailable) as caught:
            await client.create(POD, "default", {"metadata": {"name": "a"}})
    assert not caught.value.outcome_unknown


async def test_lost_answer_to_a_read_leaves_nothing_unknown(server: ApiServer, client: Client) -> None:
    server.next.extend([losing(server.regular)] * 2)  # the session itself repeats a read once
    with pytest.raises(Unavailable) as caught:
        await client.get(POD, "default", "a")
    assert not caught.value.outcome_unknown


async def test_server_says_when_to_come_back(server: ApiServer, client: Client) -> None:
    throttled = status(429, "TooManyRequests")
    throttled.headers["Retry-After"] = "3"
    server.next.append(answering(lambda: throttled))
    with pytest.raises(Unavailable) as caught:
        await client.create(POD, "default", {"metadata": {"name": "a"}})
    assert caught.value.retry_after == 3
    assert not caught.value.outcome_unknown


async def test_guard_stops_writes_before_they_are_sent_but_no_reads(server: ApiServer) -> None:
    class FencedError(KubeError):
        pass

    def guard() -> None:
        raise FencedError("no")

    server.put(f"{PODS}/a")
    async with Client(Http(server.credentials), guard=guard) as client:
        await client.get(POD, "default", "a")
        for write in (
            client.create(POD, "default", {"metadata": {"name": "b"}}),
            client.merge_patch(POD, "default", "a", {}),
            client.apply(POD, "default", "a", {}),
            client.delete(POD, "default", "a"),
            client.delete_collection(POD, "default", "a=b"),
        ):
            with pytest.raises(FencedError):
                await write
    assert [request.method for request in server.requests] == ["GET"]


async def test_every_call_is_counted_with_its_code(server: ApiServer) -> None:
    heard: list[tuple[str, str, int]] = []
    took: list[float | None] = []

    def count(verb: str, kind: str, code: int, seconds: float | None) -> None:
        heard.append((verb, kind, code))
        took.append(seconds)

    async with Client(Http(server.credentials), count=count) as client:
        with pytest.raises(NotFound):
            await client.get(POD, "default", "a")
        await client.create(POD, "default", {"metadata": {"name": "a"}})
        server.next.append(losing(server.regular))
        with pytest.raises(Unavailable):
            await client.merge_patch(POD, "default", "a", {})
        server.next.append(answering(lambda: status(410, "Expired")))
        with pytest.raises(KubeError):
            await anext(client.watch(DEFAULT_PODS, "1"))
    assert heard == [("get", "Pod", 404), ("create", "Pod", 201), ("patch", "Pod", 0), ("watch", "Pod", 410)]
    assert [seconds is not None and 0 < seconds < 10 for seconds in took] == [True, True, True, False]


async def test_watch_yields_whole_events_whatever_their_size(server: ApiServer, client: Client) -> None:
    server.put(f"{PODS}/small")
    server.put(f"{PODS}/large", spec={"text": "x" * 400_000})
    lines = client.watch(DEFAULT_PODS, "100")
    sizes = [len(await anext(lines)), len(await anext(lines))]
    await lines.aclose()
    assert sizes[0] < 300
    assert sizes[1] > 400_000


async def test_watches_take_no_place_from_calls(server: ApiServer, client: Client) -> None:
    async def read() -> None:
        async for _ in client.watch(DEFAULT_PODS, "100"):
            pass

    readers = [asyncio.create_task(read()) for _ in range(70)]
    await eventually("all watches are open", lambda: len(server.calls("watch")) == 70)
    await asyncio.wait_for(client.create(POD, "default", {"metadata": {"name": "a"}}), 5)
    for reader in readers:
        reader.cancel()
    await asyncio.wait(readers)


async def test_cut_watch_is_unavailable(server: ApiServer, client: Client) -> None:
    async def read() -> None:
        async for _ in client.watch(DEFAULT_PODS, "100"):
            pass

    reader = asyncio.create_task(read())
    await eventually("the watch is open", lambda: server.calls("watch"))
    server.put(f"{PODS}/a")
    server.cut()
    with pytest.raises(Unavailable):
        await reader


async def test_cancellation_passes_through(server: ApiServer, client: Client) -> None:
    server.next.append(hanging)
    call: asyncio.Task[Any] = asyncio.create_task(client.get(POD, "default", "a"))
    await eventually("the call is on its way", lambda: server.requests)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
