"""What the other tests of this folder assume about the API server, asked of a real one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from batchyard.kube import credentials
from batchyard.kube.client import Client
from batchyard.kube.errors import Conflict, KubeError, NotFound, Rejected, Unavailable
from batchyard.kube.http import Http
from batchyard.kube.kinds import LEASE, Kind, Scope
from batchyard.kube.lease import Elector, LeaseLost, Timing
from batchyard.kube.reflector import Reflector, list_once
from tests.cluster.cluster import Cluster
from tests.kube.eventually import eventually
from tests.kube.memory import Memory
from tests.kube.probes import CONFIG_MAP, DEFINITION, GROUP, NAMESPACE, PROBE, probe

PROBES = Scope(PROBE, NAMESPACE)


@pytest.fixture(scope="module")
def _room(cluster: Cluster) -> Iterator[None]:
    cluster.kubectl("create", "namespace", NAMESPACE)
    cluster.apply(DEFINITION)
    cluster.kubectl("wait", "--for=condition=Established", f"crd/probes.{GROUP}")
    yield
    cluster.kubectl("delete", "--wait=false", f"crd/probes.{GROUP}", f"namespace/{NAMESPACE}")


@pytest.fixture
async def client(cluster: Cluster, _room: None) -> AsyncIterator[Client]:
    async with Client(Http(credentials.load(cluster.kubeconfig))) as client:
        await _served(client)
        yield client
        while await client.delete_collection(PROBE, NAMESPACE, "!kept"):
            pass


async def _served(client: Client) -> None:
    async with asyncio.timeout(30):
        while True:
            with suppress(Unavailable):
                [_ async for _ in client.list_pages(PROBES)]
                return
            await asyncio.sleep(0.1)


async def test_absent_object_is_not_found(client: Client) -> None:
    with pytest.raises(NotFound):
        await client.get(PROBE, NAMESPACE, "absent")
    with pytest.raises(NotFound):
        await client.delete(PROBE, NAMESPACE, "absent")
    with pytest.raises(NotFound):
        await client.create(PROBE, "no-such-namespace", probe("a"))


@pytest.mark.parametrize(
    "kind", [Kind("no.such.group", "v1", "probes", "Probe"), Kind("apps", "v1", "probes", "Probe")], ids=str
)
async def test_kind_that_is_not_served_says_nothing_about_objects(client: Client, kind: Kind) -> None:
    with pytest.raises(Unavailable):
        await client.get(kind, NAMESPACE, "a")


async def test_second_creation_says_that_it_exists(client: Client) -> None:
    created = await client.create(PROBE, NAMESPACE, probe("a"))
    with pytest.raises(Conflict) as caught:
        await client.create(PROBE, NAMESPACE, probe("a"))
    assert caught.value.already_exists
    assert (await client.get(PROBE, NAMESPACE, "a"))["metadata"]["uid"] == created["metadata"]["uid"]


async def test_mistake_is_rejected_with_its_field(client: Client) -> None:
    with pytest.raises(Rejected) as caught:
        await client.create(PROBE, NAMESPACE, probe("a", size=11))
    assert [cause.field for cause in caught.value.causes] == ["spec.size"]


@pytest.mark.usefixtures("_room")
async def test_forbidden_is_rejected(cluster: Cluster) -> None:
    nobody = replace(credentials.load(cluster.kubeconfig), headers=lambda: {"Impersonate-User": "nobody"})
    async with Client(Http(nobody)) as powerless:
        with pytest.raises(Rejected) as caught:
            await powerless.get(PROBE, NAMESPACE, "a")
    assert caught.value.status == 403


async def test_patch_of_a_stale_version_changes_nothing(client: Client) -> None:
    created = await client.create(PROBE, NAMESPACE, probe("a"))
    version = created["metadata"]["resourceVersion"]
    running = {"metadata": {"resourceVersion": version}, "status": {"state": "running"}}
    patched = await client.merge_patch(PROBE, NAMESPACE, "a", running, subresource="status")
    assert patched["status"] == {"state": "running"}
    with pytest.raises(Conflict) as caught:
        await client.merge_patch(PROBE, NAMESPACE, "a", {**running, "status": None}, subresource="status")
    assert not caught.value.already_exists
    assert (await client.get(PROBE, NAMESPACE, "a")) == patched


async def test_applied_object_is_what_was_applied_last(client: Client) -> None:
    await client.apply(CONFIG_MAP, NAMESPACE, "a", {"metadata": {"name": "a"}, "data": {"x": "1", "y": "1"}})
    await client.merge_patch(CONFIG_MAP, NAMESPACE, "a", {"data": {"theirs": "1"}})
    applied = await client.apply(CONFIG_MAP, NAMESPACE, "a", {"metadata": {"name": "a"}, "data": {"x": "2"}})
    assert applied["data"]["x"] == "2"
    assert "y" not in applied["data"]
    again = await client.apply(CONFIG_MAP, NAMESPACE, "a", {"metadata": {"name": "a"}, "data": {"x": "2"}})
    assert again["metadata"]["resourceVersion"] == applied["metadata"]["resourceVersion"]


async def test_only_the_object_that_was_meant_is_deleted(client: Client) -> None:
    created = await client.create(PROBE, NAMESPACE, probe("a"))
    uid, version = created["metadata"]["uid"], created["metadata"]["resourceVersion"]
    with pytest.raises(Conflict):
        await client.delete(PROBE, NAMESPACE, "a", uid="another")
    await client.merge_patch(PROBE, NAMESPACE, "a", {"spec": {"size": 2}})
    with pytest.raises(Conflict):
        await client.delete(PROBE, NAMESPACE, "a", uid=uid, resource_version=version)
    await client.delete(PROBE, NAMESPACE, "a", uid=uid)
    with pytest.raises(NotFound):
        await client.get(PROBE, NAMESPACE, "a")


async def test_many_objects_are_listed_in_pages_and_deleted_in_slices(client: Client) -> None:
    names = [f"p{number:02}" for number in range(25)]
    await asyncio.gather(*(client.create(PROBE, NAMESPACE, probe(name, labels={"many": "yes"})) for name in names))
    scope = replace(PROBES, label_selector="many=yes")
    pages = [[item["metadata"]["name"] for item in page.items] async for page in client.list_pages(scope, limit=10)]
    assert [len(page) for page in pages] == [10, 10, 5]
    assert sorted(name for page in pages for name in page) == names
    slices = 1
    while await client.delete_collection(PROBE, NAMESPACE, "many=yes", limit=10):
        slices += 1
    assert slices == 3
    assert not [item async for page in client.list_pages(scope) for item in page.items]


async def test_reflector_follows_what_matches_its_selector(client: Client) -> None:
    await client.create(PROBE, NAMESPACE, probe("done"))
    await client.merge_patch(PROBE, NAMESPACE, "done", {"status": {"state": "completed"}}, subresource="status")
    await client.create(PROBE, NAMESPACE, probe("open"))
    memory = Memory()
    reflector = Reflector(client, replace(PROBES, field_selector="status.state!=completed"), memory)
    task = asyncio.create_task(reflector.run())
    await asyncio.wait_for(reflector.synced.wait(), 10)
    assert memory.names == {"open"}
    await client.create(PROBE, NAMESPACE, probe("new"))
    await eventually("the new one is seen", lambda: memory.names == {"open", "new"})
    await client.merge_patch(PROBE, NAMESPACE, "open", {"status": {"state": "completed"}}, subresource="status")
    await client.delete(PROBE, NAMESPACE, "new")
    await eventually("one left the selection, one the cluster", lambda: not memory.names)
    assert reflector.last_event_age(time.monotonic()) < 10
    task.cancel()


async def test_reflector_survives_a_version_that_the_server_has_forgotten(client: Client) -> None:
    memory = Memory()
    for name in "ab":
        await client.create(PROBE, NAMESPACE, probe(name))
    await list_once(client, PROBES, memory)
    await client.delete(PROBE, NAMESPACE, "a")
    reflector = Reflector(client, PROBES, memory)
    # Older than the definition of the kind, so certainly before the server began to remember its changes.
    reflector._version, reflector._relist_at = "1", float("inf")
    task = asyncio.create_task(reflector.run())
    await eventually("the deletion that no event told of is swept", lambda: memory.names == {"b"}, 10)
    assert memory.sweeps == 2
    assert reflector.synced.is_set()
    task.cancel()


async def test_lease_passes_from_the_dead_to_the_living(client: Client) -> None:
    timing = Timing(duration=4, deadline=3, renew=0.3, request=1)
    first, second = (Elector(client, NAMESPACE, "operator", name, timing=timing) for name in ("first", "second"))
    await asyncio.wait_for(first.acquire(), 10)
    keeper, waiting = asyncio.create_task(first.keep()), asyncio.create_task(second.acquire())
    fence_of_the_dead = first.valid_until
    await eventually("the first renewed", lambda: first.valid_until > fence_of_the_dead)
    keeper.cancel()
    fence_of_the_dead = first.valid_until
    await asyncio.wait_for(waiting, 20)
    assert time.monotonic() > fence_of_the_dead
    with pytest.raises(LeaseLost):
        first.assert_held()
    second.assert_held()
    lease = await client.get(LEASE, NAMESPACE, "operator")
    assert lease["spec"]["leaseTransitions"] == 2
    await second.release()
    await asyncio.wait_for(first.acquire(), 2)


async def test_late_claim_of_the_former_holder_is_refused(client: Client) -> None:
    first, second = (Elector(client, NAMESPACE, "contested", name) for name in ("first", "second"))
    await asyncio.wait_for(first.acquire(), 10)
    old = await client.get(LEASE, NAMESPACE, "contested")
    await first.release()
    await asyncio.wait_for(second.acquire(), 10)
    with pytest.raises(KubeError):
        await first._write(old, first._sighting.record)
    assert second.held
