"""Does what a plan asks for, each action as one conditional write, and feeds the answers back. Decides nothing, repeats nothing.

A refused or unclear write is settled by reading the object; the next pass then plans from what is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from batchyard.api import names
from batchyard.core.actions import Absence, Action, Apply, Create, Delete, Emit, Patch, Plan
from batchyard.core.differences import holds
from batchyard.core.happenings import Happening
from batchyard.kube import events, kinds
from batchyard.kube.bucket import Bucket
from batchyard.kube.client import Client
from batchyard.kube.clock import REAL, Clock
from batchyard.kube.errors import Conflict, KubeError, NotFound, Rejected, Unavailable
from batchyard.kube.kinds import Kind, Scope
from batchyard.kube.observe import pod
from batchyard.kube.recent import Recent
from batchyard.kube.tables import Table
from batchyard.kube.taken import Taken, made_by
from batchyard.kube.targets import Target, for_log, job_of, target_of, told

log = logging.getLogger(__name__)

AGAIN_SECONDS = 0.05
"""After a look at the object as it is now."""
TROUBLED_SECONDS = 1.0
"""After an answer that leaves everything open."""
LAZIEST_SECONDS = 60
"""No patch may wait for longer."""
REFUSED_SECONDS = 15
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
    """What became of a plan: complaints of the API server by job, what came true, and when to look again at the latest."""

    troubles: dict[str, list[str]] = field(default_factory=dict)
    happened: list[Happening] = field(default_factory=list)
    conflicts: int = field(default=0, compare=False)
    """Writes that were refused because the object is not any more what we thought."""
    retry_at: float | None = None
    now: Callable[[], float] = field(default=REAL.now, compare=False)
    pool: str = field(default="", compare=False)
    """For the log."""

    def later(self, seconds: float) -> None:
        moment = self.now() + seconds
        self.retry_at = moment if self.retry_at is None else min(self.retry_at, moment)

    def trouble(self, action: Action, message: str) -> None:
        self.troubles.setdefault(job_of(action), []).append(message)


class Executor:
    def __init__(self, client: Client, tables: Mapping[str, Table], bucket: Bucket, clock: Clock = REAL) -> None:
        self._client = client
        self._tables = tables
        self._bucket = bucket
        self._now = clock.now
        self._written: Recent[Target, None] = Recent(LAZIEST_SECONDS, clock.monotonic)
        self._taken = Taken(clock.monotonic)
        self._refused: Recent[Target, tuple[Action, str]] = Recent(REFUSED_SECONDS, clock.monotonic)

    async def apply(self, plan: Plan, pool: str = "") -> Outcome:
        """All actions at once, as fast as the bucket lets them pass. Raises only what the lease or a bug raises."""
        outcome = Outcome(now=self._now, pool=pool)
        async with asyncio.TaskGroup() as group:
            for action in plan.actions:
                group.create_task(self._settle(action, outcome))
        return outcome

    async def _settle(self, action: Action, outcome: Outcome) -> None:
        if self._put_off(action, outcome):
            return
        try:
            await self._do(action, outcome)
        except (Conflict, NotFound) as error:
            outcome.conflicts += isinstance(error, Conflict)
            await self._refresh(action, outcome)
        except Rejected as error:
            log.warning("refused: %s: %s", told(action), error, extra=for_log(action, outcome.pool))
            self._refused.note(target_of(action), (action, error.message))
            outcome.trouble(action, error.message)
            outcome.later(REFUSED_SECONDS)
        except Unavailable as error:
            log.warning("%s: %s", told(action), error, extra=for_log(action, outcome.pool))
            if error.outcome_unknown:
                await self._refresh(action, outcome, unknown=True)
            else:
                outcome.later(max(TROUBLED_SECONDS, error.retry_after or 0))

    def _put_off(self, action: Action, outcome: Outcome) -> bool:
        """Numbers may wait, and what was refused a moment ago is refused again."""
        target = target_of(action)
        if isinstance(action, Patch) and (written := self._written.find(target)) and written[1] < action.lazy:
            outcome.later(action.lazy - written[1])
            return True
        if (refused := self._refused.find(target)) and refused[0][0] == action:
            (_, message), age = refused
            outcome.trouble(action, message)
            outcome.later(REFUSED_SECONDS - age)
            return True
        return False

    async def _do(self, action: Action, outcome: Outcome) -> None:
        match action:
            case Create():
                await self._create(action, outcome)
            case Apply(kind=kind, manifest=manifest):
                meta = manifest["metadata"]
                async with self._bucket:
                    answer = await self._client.apply(KINDS[kind], meta["namespace"], meta["name"], manifest)
                self._tables[kind].upsert(answer)
            case Patch(ref=ref, body=body, subresource=subresource):
                async with self._bucket:
                    answer = await self._client.merge_patch(KINDS[ref.kind], ref.namespace, ref.name, body, subresource)
                self._written.note(target_of(action), None)
                self._tables[ref.kind].upsert(answer)
                outcome.happened += action.tells
            case Delete():
                await self._delete(action)
            case Emit():
                await self._emit(action, outcome)

    async def _delete(self, action: Delete) -> None:
        """The API server answers with the object while it is going, with a Status when it is gone."""
        ref, kind = action.ref, KINDS[action.ref.kind]
        version, grace = ref.resource_version if action.unchanged else None, action.grace_seconds
        async with self._bucket:
            answer = await self._client.delete(
                kind, ref.namespace, ref.name, uid=ref.uid, resource_version=version, grace_seconds=grace
            )
        if answer.get("kind") == "Status":
            self._tables[ref.kind].remove(ref.namespace, ref.name, ref.uid)
        elif (answer.get("metadata") or {}).get("deletionTimestamp"):
            self._tables[ref.kind].upsert(answer)

    async def _create(self, action: Create, outcome: Outcome) -> None:
        meta, kind = action.manifest["metadata"], KINDS[action.kind]
        if action.unless is not None and await self._present(action.unless):
            outcome.later(TROUBLED_SECONDS)
            return
        try:
            async with self._bucket:
                answer = await self._client.create(kind, meta["namespace"], action.manifest)
        except Conflict as conflict:
            if not conflict.already_exists:
                raise
            answer = await self._client.get(kind, meta["namespace"], meta["name"])
            if not made_by(action, answer["metadata"]):
                outcome.trouble(action, f"{action.kind} {meta['name']!r} exists and is not ours; delete it")
                outcome.later(self._taken.again_in(target_of(action)))
                return
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

    async def _refresh(self, action: Action, outcome: Outcome, *, unknown: bool = False) -> None:
        """Our view was out of date, or the outcome is `unknown`: the object as it is now decides."""
        if isinstance(action, Emit):
            return
        kind, namespace, name = target_of(action)
        uid = action.ref.uid if isinstance(action, Patch | Delete) else ""
        try:
            answer = await self._client.get(KINDS[kind], namespace, name)
            if (
                unknown
                and isinstance(action, Patch)
                and holds(answer.get("status") or {}, action.body.get("status", {}))
            ):
                outcome.happened += action.tells  # it was written, only the answer was lost
            # Nothing new although we were refused: it cannot be read as it is, and each look would end like this one.
            outcome.later(TROUBLED_SECONDS if self._tables[kind].knows(answer) else AGAIN_SECONDS)
            if uid and answer["metadata"]["uid"] != uid:
                self._tables[kind].remove(namespace, name, uid)
            self._tables[kind].upsert(answer)
        except NotFound:
            if uid:
                self._tables[kind].remove(namespace, name, uid)
            outcome.later(AGAIN_SECONDS)
        except KubeError as error:
            log.warning("%s %s/%s: %s", kind, namespace, name, error, extra=for_log(action, outcome.pool))
            outcome.later(TROUBLED_SECONDS)

    async def _emit(self, event: Emit, outcome: Outcome) -> None:
        try:
            async with self._bucket:
                await self._client.create(kinds.EVENT, event.about.namespace, events.body(event, self._now()))
        except (Conflict, NotFound, Rejected, Unavailable) as error:
            log.debug("event not posted: %s", error, extra=for_log(event, outcome.pool))
