"""Jobs as a table that is filtered and cut into pages here, never in the browser. Objects in, plain values out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from batchyard.cli.show import why
from batchyard.cli.show.jobs import total
from batchyard.cli.show.objects import Object, at, name
from batchyard.cli.web.reasons import attention, needs_human, told

PAGE = 100


@dataclass(frozen=True, slots=True)
class Query:
    """What the address of the page says about the table; anything else in it is nothing to us."""

    text: str = ""
    state: str = ""
    pool: str = ""
    page: int = 0

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Query:
        page = given.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 0
        return cls(given.get("text", "").lower(), given.get("state", ""), given.get("pool", ""), number)

    def takes(self, job: Object) -> bool:
        return (
            self.text in name(job).lower()
            and self.state in ("", _state(job))
            and self.pool in ("", at(job, "spec.poolInfo.poolId"))
        )


def listed(jobs: Sequence[Object], query: Query) -> Object:
    found = sorted(filter(query.takes, jobs), key=_newest, reverse=True)
    return {
        "states": Counter(map(_state, jobs)),
        "total": len(found),
        "page": query.page,
        "perPage": PAGE,
        "jobs": [row(each) for each in found[query.page * PAGE : (query.page + 1) * PAGE]],
        "attention": attention("job", jobs, _why),
    }


def row(job: Object) -> Object:
    return {
        "name": name(job),
        "state": _state(job),
        "pool": at(job, "spec.poolInfo.poolId"),
        "priority": at(job, "spec.priority", 0),
        "counts": at(job, "status.taskCounts", {}),
        "total": total(job),
        "why": told(_why(job)),
        "needsHuman": needs_human(job),
        "created": at(job, "metadata.creationTimestamp"),
        "started": at(job, "status.executionInfo.startTime"),
        "ended": at(job, "status.executionInfo.endTime"),
    }


def _state(job: Object) -> str:
    """New until the operator has seen it."""
    return str(at(job, "status.state") or "new")


def _why(job: Object) -> why.Reason:
    """Without its tasks: a table of many jobs asks for none."""
    return why.of_job(job, (), ())


def _newest(job: Object) -> tuple[bool, str, str]:
    """What goes on stands before what is over."""
    return at(job, "status.state") != "completed", at(job, "metadata.creationTimestamp"), name(job)
