from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from typing_extensions import override

from batchyard.kube.client import Client
from batchyard.kube.kinds import POD, Scope
from batchyard.kube.reflector import Reflector, list_once
from tests.kube.api_server import ApiServer, answering, losing, status
from tests.kube.eventually import eventually
from tests.kube.memory import Memory

PODS = "/api/v1/namespaces/default/pods"
DEFAULT_PODS = Scope(POD, "default")


@asynccontextmanager
async def running(reflector: Reflector) -> AsyncIterator[asyncio.Task[Any]]:
    task = asyncio.create_task(reflector.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


def has(memory: Memory, *names: str) -> Callable[[], bool]:
    return lambda: memory.names == set(names)


async def test_sink_follows_the_server(server: ApiServer, client: Client) -> None:
    server.put(f"{PODS}/a")
    memory = Memory()
    reflector = Reflector(client, DEFAULT_PODS, memory)
    assert not reflector.synced.is_set()
    async with running(reflector):
        await asyncio.wait_for(reflector.synced.wait(), 5)
        assert memory.names == {"a"}
        server.put(f"{PODS}/b")
        server.drop(f"{PODS}/a")
        changed = server.put(f"{PODS}/b", spec={"x": 1})
        await eventually("a is gone and b is known", has(memory, "b"))
        await eventually("b is the new one", lambda: list(memory.items.values()) == [changed])


async def test_object_deleted_while_the_stream_was_away_is_swept(server: ApiServer, client: Client) -> None:
    for name in "abc":
        server.put(f"{PODS}/{name}")
    memory = Memory()
    async with running(Reflector(client, DEFAULT_PODS, memory)):
        await eventually("the watch is open", lambda: server.calls("watch"))
        server.drop(f"{PODS}/a")
        server.put(f"{PODS}/d")
        server.forget()
        server.cut()
        await eventually("the sink agrees after the gap", has(memory, "b", "c", "d"))
    assert len(server.calls("list")) == 2


async def test_cut_stream_is_taken_up_where_it_stopped(server: ApiServer, client: Client) -> None:
    memory = Memory()
    async with running(Reflector(client, DEFAULT_PODS, memory)):
        await eventually("the watch is open", lambda: server.calls("watch"))
        server.put(f"{PODS}/a")
        await eventually("a is known", has(memory, "a"))
        server.cut()
        server.put(f"{PODS}/b")
        server.drop(f"{PODS}/a")
        await eventually("both changes of the gap arrived", has(memory, "b"))
    assert len(server.calls("list")) == 1


async def test_list_starts_over_when_its_pages_expire(server: ApiServer, client: Client) -> None:
    server.page_size = 1
    for name in "abc":
        server.put(f"{PODS}/{name}")
    server.next.append(server.regular)
    server.next.append(answering(lambda: status(410, "Expired")))
    memory = Memory()
    async with running(Reflector(client, DEFAULT_PODS, memory)):
        await eventually("everything is listed", has(memory, "a", "b", "c"))
    assert [request.query.get("continue", "-")[0] for request in server.calls("list")] == ["-", "1", "-", "1", "2"]
    assert memory.sweeps == 1


@pytest.mark.parametrize("code", [401, 403, 404, 429, 500, 503])
async def test_refused_list_is_tried_again(server: ApiServer, client: Client, code: int) -> None:
    server.put(f"{PODS}/a")
    server.next.append(answering(lambda: status(code)))
    memory = Memory()
    async with running(Reflector(client, DEFAULT_PODS, memory)):
        await eventually("the list came through", has(memory, "a"))


async def test_server_that_is_away_is_waited_for(server: ApiServer, client: Client) -> None:
    server.put(f"{PODS}/a")
    server.next.extend([losing(server.regular)] * 2)
    memory = Memory()
    async with running(Reflector(client, DEFAULT_PODS, memory)):
        await eventually("the list came through", has(memory, "a"))


async def test_refused_watch_leads_to_a_new_list(server: ApiServer, client: Client) -> None:
    server.next.extend([server.regular, answering(lambda: status(403))])
    memory, restarts = Memory(), list[str]()
    async with running(Reflector(client, DEFAULT_PODS, memory, count=restarts.append)):
        await eventually("it was listed again", lambda: memory.sweeps == 2)
    assert restarts == ["Pod"]


async def test_busy_server_is_not_asked_for_a_new_list(server: ApiServer, client: Client) -> None:
    server.next.extend([server.regular, answering(lambda: status(429))])
    memory = Memory()
    async with running(Reflector(client, DEFAULT_PODS, memory)):
        await eventually("the watch is tried again", lambda: len(server.calls("watch")) == 2)
    assert memory.sweeps == 1


async def test_error_in_the_stream_leads_to_a_new_list(server: ApiServer, client: Client) -> None:
    memory = Memory()
    async with running(Reflector(client, DEFAULT_PODS, memory)):
        await eventually("the watch is open", lambda: server.calls("watch"))
        server.say({"type": "ERROR", "object": {"code": 500, "message": "etcd event is lost"}})
        await eventually("it was listed again", lambda: memory.sweeps == 2)


async def test_silent_stream_is_replaced(server: ApiServer, client: Client) -> None:
    server.muted = True
    memory = Memory()
    async with running(Reflector(client, DEFAULT_PODS, memory, silence_seconds=0.1)):
        await eventually("the watch is open", lambda: server.calls("watch"))
        server.put(f"{PODS}/a")
        server.muted = False
        await eventually("the next stream brings what the silent one kept", has(memory, "a"))
    assert memory.sweeps == 1


async def test_bookmark_moves_the_place_to_resume_and_counts_as_life(server: ApiServer, client: Client) -> None:
    memory = Memory()
    reflector = Reflector(client, DEFAULT_PODS, memory)
    async with running(reflector):
        await eventually("the watch is open", lambda: server.calls("watch"))
        quiet_since = time.monotonic()
        server.say({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "5000"}}})
        await eventually("the bookmark is heard", lambda: reflector.last_event_age(quiet_since) < 0)
        server.cut()
        await eventually("the watch is open again", lambda: len(server.calls("watch")) == 2)
    assert server.calls("watch")[1].query["resourceVersion"] == "5000"
    assert server.calls("watch")[1].query["allowWatchBookmarks"] == "true"


async def test_full_list_is_repeated_when_asked_for(server: ApiServer, client: Client) -> None:
    memory = Memory()
    async with running(Reflector(client, DEFAULT_PODS, memory, relist_seconds=0.01)):
        await eventually("the watch is open", lambda: server.calls("watch"))
        await asyncio.sleep(0.02)
        server.put(f"{PODS}/a")
        await eventually("it was listed again", lambda: memory.sweeps >= 2)


async def test_fresh_object_survives_the_sweep_of_an_older_list(server: ApiServer, client: Client) -> None:
    memory = Memory()

    async def list_and_meanwhile_create(request: Any) -> Any:
        answer = await server.regular(request)
        memory.upsert(server.put(f"{PODS}/fresh"))  # as fed back from the answer to our own write
        return answer

    server.next.append(list_and_meanwhile_create)
    await list_once(client, DEFAULT_PODS, memory)
    assert memory.names == {"fresh"}


async def test_one_full_list_sweeps(server: ApiServer, client: Client) -> None:
    memory = Memory()
    server.put(f"{PODS}/a")
    await list_once(client, DEFAULT_PODS, memory)
    server.drop(f"{PODS}/a")
    server.put(f"{PODS}/b")
    version = await list_once(client, DEFAULT_PODS, memory)
    assert memory.names == {"b"}
    assert int(version) >= 103


async def test_bug_in_the_sink_ends_the_reflector_loudly(server: ApiServer, client: Client) -> None:
    class Broken(Memory):
        @override
        def upsert(self, item: dict[str, Any]) -> None:
            raise KeyError(item["no such field"])

    server.put(f"{PODS}/a")
    async with running(Reflector(client, DEFAULT_PODS, Broken())) as task:
        with pytest.raises(KeyError):
            await asyncio.wait_for(task, 5)


async def test_flood_of_events_leaves_room_for_others(server: ApiServer, client: Client) -> None:
    memory = Memory()
    async with running(Reflector(client, DEFAULT_PODS, memory)):
        await eventually("the watch is open", lambda: server.calls("watch"))
        for number in range(2000):
            server.put(f"{PODS}/{number}")
        await eventually("others run while half of the flood is still to come", lambda: 0 < len(memory.items) < 2000)
        await eventually("the flood is over", lambda: len(memory.items) == 2000)
