"""What the page asks, and what it is told: reads the objects for each question. Questions for anything else there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from batchyard.cli.naming import records_of, tasks_of
from batchyard.cli.outcome import NotThere
from batchyard.cli.session import Session
from batchyard.cli.show.objects import Object
from batchyard.cli.standing import standing
from batchyard.cli.web import job, jobs, pools
from batchyard.cli.web.guard import is_name
from batchyard.cli.web.recent import Look, Recent
from batchyard.kube.kinds import BATCH_JOB, BATCH_NODE, BATCH_POOL, Kind, Scope


class Answers:
    def __init__(self, session: Session, recent: Recent, place: Sequence[str] = ()) -> None:
        """`place`: options with which a command finds the same cluster and namespace."""
        self._session, self._recent, self._place = session, recent, place

    def to(self, question: str, query: Mapping[str, str]) -> tuple[Object, datetime]:
        """With the moment of the oldest that it tells. Leaves as a Problem what the caller may not see, and what is not there."""
        look = Look(self._recent)
        answer = _Answer(replace(self._session, cluster=look.as_cluster()), self._place)
        return {"namespace": self._session.namespace, **answer.to(question, query)}, look.oldest


@dataclass(frozen=True, slots=True)
class _Answer:
    _session: Session
    _place: Sequence[str]

    def to(self, question: str, query: Mapping[str, str]) -> Object:
        what, _, name = question.partition("/")
        if question == "pools":
            return pools.listed(self._of(BATCH_POOL))
        if question == "jobs":
            return jobs.listed(self._of(BATCH_JOB), jobs.Query.of(query))
        if what == "pool" and is_name(name):
            return self._pool(name)
        if what == "job" and is_name(name):
            return self._job(name)
        raise NotThere("nothing is told of that")

    def _pool(self, name: str) -> Object:
        pool = self._session.cluster.get(BATCH_POOL, self._session.namespace, name)
        return pools.shown(pool, self._of(BATCH_NODE, f"spec.poolId={name}"), self._place)

    def _job(self, name: str) -> Object:
        found = self._session.cluster.get(BATCH_JOB, self._session.namespace, name)
        around = job.Around(
            tasks_of(self._session, name),
            records_of(self._session, name),
            standing(self._session, found).also,
            self._place,
        )
        return job.shown(found, around)

    def _of(self, kind: Kind, selector: str = "") -> list[Object]:
        return self._session.cluster.list(Scope(kind, self._session.namespace, field_selector=selector))
