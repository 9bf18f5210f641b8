"""Jobs as a table that is filtered and cut into pages here, never in the browser. Objects in, plain values out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
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
    group: str = ""
    """One of GROUPS, or none."""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Query:
        page = given.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 0
        group = given.get("group", "")
        return cls(
            given.get("text", "").lower(),
            given.get("state", ""),
            given.get("pool", ""),
            number,
            group if group in GROUPS else "",
        )

    def takes(self, job: Object) -> bool:
        return self.text in name(job).lower() and self.state in ("", _state(job)) and self.pool in ("", _pool(job))


def listed(jobs: Sequence[Object], query: Query) -> Object:
    found = sorted(filter(query.takes, jobs), key=_newest, reverse=True)
    return {
        "states": Counter(map(_state, jobs)),
        "total": len(found),
        "page": query.page,
        "perPage": PAGE,
        "groups": grouped(found, query.group),
        "jobs": [row(each) for each in found[query.page * PAGE : (query.page + 1) * PAGE]],
        "attention": attention("job", jobs, _why),
    }


def grouped(jobs: Sequence[Object], by: str) -> list[Object]:
    """What the jobs of each pool, state or reason have in common, the most jobs first; of very many the first ones."""
    if not by:
        return []
    found: defaultdict[str, list[Object]] = defaultdict(list)
    for job in jobs:
        found[GROUPS[by](job)].append(job)
    of_size = sorted(found, key=lambda word: (-len(found[word]), word))
    return [{"by": by, "word": word, **_together(found[word])} for word in of_size[:PAGE]]


def _together(jobs: Sequence[Object]) -> Object:
    counts: Counter[str] = Counter()
    for job in jobs:
        counts.update(at(job, "status.taskCounts", {}))
    numbers = {"jobs": len(jobs), "total": sum(map(total, jobs)), "needHuman": sum(map(needs_human, jobs))}
    return {**numbers, "counts": counts}


def row(job: Object) -> Object:
    return {
        "name": name(job),
        "state": _state(job),
        "pool": _pool(job),
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


def _pool(job: Object) -> str:
    return str(at(job, "spec.poolInfo.poolId"))


def _why(job: Object) -> why.Reason:
    """Without its tasks: a table of many jobs asks for none."""
    return why.of_job(job, (), ())


def _newest(job: Object) -> tuple[bool, str, str]:
    """What goes on stands before what is over."""
    return at(job, "status.state") != "completed", at(job, "metadata.creationTimestamp"), name(job)


GROUPS: Mapping[str, Callable[[Object], str]] = {"pool": _pool, "state": _state, "reason": lambda job: _why(job).word}
"""By what the table is put together, if somebody wants that."""
