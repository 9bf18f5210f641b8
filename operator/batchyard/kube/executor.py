"""Does what a plan asks for, each action as one conditional write, and feeds the answers back. Decides nothing, repeats nothing.

A refused or unclear write is settled by reading the object; the next pass then plans from what is.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from batchyard.api import names
from batchyard.core.actions import Absence, Action, Apply, Create, Delete, Emit, Patch, Plan, Ref
from batchyard.core.times import stamp
from batchyard.kube import kinds
from batchyard.kube.bucket import Bucket
from batchyard.kube.client import Client
from batchyard.kube.errors import Conflict, KubeError, NotFound, Rejected, Unavailable
from batchyard.kube.kinds import Kind, Scope
from batchyard.kube.observe import controller_uid, pod
from batchyard.kube.tables import Table

log = logging.getLogger(__name__)

KINDS: Mapping[str, Kind] = {
    kind.kind: kind
    for kind in (
        kinds.POD,
        kinds.DAEMON_SET,
        kinds.BATCH_POOL,
        kinds.BATCH_NODE,
        kinds.BATCH_JOB,
        kinds.BATCH_JOB_NODE,
        kinds.BATCH_TASK,
    )
}


@dataclass
class Outcome:
    """What became of a plan: complaints of the API server by job, and when to try again what was put off."""

    troubles: dict[str, list[str]] = field(default_factory=dict)
    retry_at: float | None = None

    def later(self, moment: float) -> None:
        self.retry_at = moment if self.retry_at is None else min(self.retry_at, moment)


class Executor:
    def __init__(self, client: Client, tables: Mapping[str, Table], bucket: Bucket) -> None:
        self._client = client
        self._tables = tables
        self._bucket = bucket
        self._written: dict[tuple[str, str, str], float] = {}

    async def apply(self, plan: Plan) -> Outcome:
        """All actions at once, as fast as the bucket lets them pass. Raises only what the lease or a bug raises."""
        outcome = Outcome()
        async with asyncio.TaskGroup() as group:
            for action in plan.actions:
                group.create_task(self._settle(action, outcome))
        return outcome

    async def _settle(self, action: Action, outcome: Outcome) -> None:
        if isinstance(action, Patch) and action.lazy and (wait := self._too_soon(action)):
            outcome.later(wait)
            return
        try:
            await self._do(action)
        except Conflict:
            await self._refresh(action, outcome)
        except NotFound:
            await self._refresh(action, outcome)
        except Rejected as error:
            log.warning("refused: %s: %s", _about(action), error)
            outcome.troubles.setdefault(_job_of(action), []).append(error.message)
            outcome.later(time.time() + 15)
        except Unavailable as error:
            log.warning("%s: %s", _about(action), error)
            outcome.later(time.time() + max(1.0, error.retry_after or 0))
            if error.outcome_unknown:
                await self._refresh(action, outcome)

    def _too_soon(self, patch: Patch) -> float | None:
        """When a patch that may wait is due; None if that is now."""
        last = self._written.get((patch.ref.kind, patch.ref.namespace, patch.ref.name), 0)
        return last + patch.lazy if time.time() - last < patch.lazy else None

    async def _do(self, action: Action) -> None:
        match action:
            case Create():
                await self._create(action)
            case Apply(kind=kind, manifest=manifest):
                meta = manifest["metadata"]
                async with self._bucket:
                    answer = await self._client.apply(KINDS[kind], meta["namespace"], meta["name"], manifest)
                self._tables[kind].upsert(answer)
            case Patch(ref=ref, body=body, subresource=subresource):
                async with self._bucket:
                    answer = await self._client.merge_patch(KINDS[ref.kind], ref.namespace, ref.name, body, subresource)
                self._remember(ref)
                self._tables[ref.kind].upsert(answer)
            case Delete(ref=ref, grace_seconds=grace):
                async with self._bucket:
                    answer = await self._client.delete(
                        KINDS[ref.kind], ref.namespace, ref.name, uid=ref.uid, grace_seconds=grace
                    )
                self._deleted(ref, answer)
            case Emit():
                await self._emit(action)

    def _remember(self, ref: Ref) -> None:
        if len(self._written) > 10_000:
            self._written.clear()
        self._written[ref.kind, ref.namespace, ref.name] = time.time()

    def _deleted(self, ref: Ref, answer: dict[str, Any]) -> None:
        """The API server answers with the object while it is going, with a Status when it is gone."""
        if answer.get("kind") == "Status":
            self._tables[ref.kind].remove(ref.namespace, ref.name, ref.uid)
        elif (answer.get("metadata") or {}).get("deletionTimestamp"):
            self._tables[ref.kind].upsert(answer)

    async def _create(self, action: Create) -> None:
        meta, kind = action.manifest["metadata"], KINDS[action.kind]
        if action.unless is not None and await self._present(action.unless):
            return
        try:
            async with self._bucket:
                answer = await self._client.create(kind, meta["namespace"], action.manifest)
        except Conflict as conflict:
            if not conflict.already_exists:
                raise
            answer = await self._client.get(kind, meta["namespace"], meta["name"])
            if action.owner_uid and controller_uid(answer["metadata"]) != action.owner_uid:
                raise Rejected(f"{action.kind} {meta['name']!r} exists and is not ours; delete it") from conflict
        self._tables[action.kind].upsert(answer)

    async def _present(self, absence: Absence) -> bool:
        """Asks the API server itself, because what follows cannot be undone (S19)."""
        components = ",".join(absence.components)
        selector = f"{names.LABEL_JOB_UID}={absence.job_uid},{names.LABEL_COMPONENT} in ({components})"
        found = False
        async for page in self._client.list_pages(Scope(kinds.POD, absence.namespace, selector)):
            for item in page.items:
                self._tables["Pod"].upsert(item)
                facts = pod(item)
                preparing = facts.component == names.COMPONENT_PREPARATION
                found |= (preparing or not facts.ended) and absence.node in ("", facts.node)
        return found

    async def _refresh(self, action: Action, outcome: Outcome) -> None:
        """Our view was out of date, or the outcome is unknown: the object as it is now decides."""
        match action:
            case Create(kind=kind, manifest=manifest) | Apply(kind=kind, manifest=manifest):
                namespace, name, uid = manifest["metadata"]["namespace"], manifest["metadata"]["name"], ""
            case Patch(ref=ref) | Delete(ref=ref):
                kind, namespace, name, uid = ref.kind, ref.namespace, ref.name, ref.uid
            case Emit():
                return
        try:
            answer = await self._client.get(KINDS[kind], namespace, name)
            if uid and answer["metadata"]["uid"] != uid:
                self._tables[kind].remove(namespace, name, uid)
            self._tables[kind].upsert(answer)
        except NotFound:
            if uid:
                self._tables[kind].remove(namespace, name, uid)
        except KubeError as error:
            log.warning("%s %s/%s: %s", kind, namespace, name, error)
        outcome.later(time.time() + 0.05)

    async def _emit(self, event: Emit) -> None:
        """Events are for people and may be lost; the same one again is the same object."""
        ref, now = event.about, stamp(time.time())
        body = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{ref.name}.{names.digest(ref.uid, event.reason, event.message, length=16)}",
                "namespace": ref.namespace,
            },
            "involvedObject": {
                "apiVersion": names.API_VERSION,
                "kind": ref.kind,
                "namespace": ref.namespace,
                "name": ref.name,
                "uid": ref.uid,
                "resourceVersion": ref.resource_version,
            },
            "type": event.type,
            "reason": event.reason,
            "message": event.message[:1024],
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
            "source": {"component": f"{names.GROUP}/operator"},
            "reportingComponent": f"{names.GROUP}/operator",
        }
        try:
            async with self._bucket:
                await self._client.create(kinds.EVENT, ref.namespace, body)
        except (Conflict, Rejected, Unavailable) as error:
            log.debug("event not posted: %s", error)


def _about(action: Action) -> str:
    match action:
        case Create(kind=kind, manifest=manifest) | Apply(kind=kind, manifest=manifest):
            return f"{type(action).__name__} {kind} {manifest['metadata']['namespace']}/{manifest['metadata']['name']}"
        case Patch(ref=ref) | Delete(ref=ref) | Emit(about=ref):
            return f"{type(action).__name__} {ref.kind} {ref.namespace}/{ref.name}"


def _job_of(action: Action) -> str:
    """Name of the job that the write was for, as far as its object says; empty when it was for the pool."""
    match action:
        case Create(manifest=manifest) | Apply(manifest=manifest):
            return str((manifest["metadata"].get("labels") or {}).get(names.LABEL_JOB, ""))
        case Patch(ref=ref) | Delete(ref=ref) | Emit(about=ref):
            return ref.name if ref.kind == "BatchJob" else ""
