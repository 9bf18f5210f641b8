"""`batchyard top` as one picture: pools with a letter for each node, below them jobs and why they wait. Fits what room there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from batchyard.cli.show import heat_map, queue, why
from batchyard.cli.show.jobs import total
from batchyard.cli.show.node_cells import Tone
from batchyard.cli.show.objects import Object, at, is_true, name, plural, waits_for
from batchyard.cli.show.picture import Line, cut, plain, printable, wrapped
from batchyard.cli.show.progress import gauge
from batchyard.cli.show.table import Column, table
from batchyard.cli.show.times import Moment

BAR = 10
AROUND = 4
"""Lines that are neither a pool's nor a job's: the title, two empty ones, and the heads of the jobs' columns."""


@dataclass(frozen=True, slots=True)
class View:
    """All that is looked at; without a namespace that of all namespaces, and then names say which."""

    namespace: str | None
    pools: Sequence[Object]
    nodes: Sequence[Object]
    jobs: Sequence[Object]
    silence: str = field(default="", kw_only=True)
    """That it is no longer known to be so; empty while it is."""

    def called(self, each: Object) -> str:
        return name(each) if self.namespace else f"{at(each, 'metadata.namespace')}/{name(each)}"

    def by_pool(self) -> Iterator[tuple[Object, list[Object]]]:
        of = defaultdict[tuple[str, str], list[Object]](list)
        for node in self.nodes:
            of[at(node, "metadata.namespace"), at(node, "spec.poolId")].append(node)
        for pool in sorted(self.pools, key=self.called):
            yield pool, of[at(pool, "metadata.namespace"), name(pool)]


def frame(view: View, now: Moment, width: int, height: int | None = None) -> list[Line]:
    """Without a height as long as it gets. What has no room is counted."""
    jobs = _in_order(view.jobs)
    pools = [_Pool(view, pool, nodes, width) for pool, nodes in view.by_pool()]
    room = max(0, height - AROUND) if height else sum(pool.height for pool in pools) + len(jobs) + 2
    for_jobs = min(max(1, len(jobs)), max(room // 2, room - max(1, sum(pool.height for pool in pools))))
    tone = Tone.TROUBLE if view.silence else Tone.PLAIN
    drawn = [plain(_title(view, now), tone), plain(""), *_pools(pools, room - for_jobs), plain("")]
    drawn += _jobs(view, jobs, for_jobs, now)
    return [cut(line, width) for line in drawn][:height]


def _title(view: View, now: Moment) -> str:
    where = f"namespace {view.namespace}" if view.namespace else "all namespaces"
    counts = (plural(len(found), thing) for found, thing in ((view.pools, "pool"), (view.nodes, "node"), (view.jobs, "job")))  # fmt: skip
    when = f", {printable(view.silence)}" if view.silence else f" at {now:%Y-%m-%dT%H:%M:%SZ}"
    return f"{where}{when}: {', '.join(counts)}"


class _Pool:
    def __init__(self, view: View, pool: Object, nodes: Sequence[Object], width: int) -> None:
        self._nodes, self._width = nodes, width
        self._head = wrapped([(_heading(view, pool), Tone.PLAIN), *heat_map.legend(nodes), *_lacks(pool, nodes)], width)
        self.height = len(self._head) + heat_map.height(len(nodes), width)

    def lines(self, room: int) -> Iterator[Line]:
        """With two lines or more, one at least is for the nodes."""
        head = self._head[: max(1, room - 1)]
        yield from head
        yield from heat_map.rows(self._nodes, self._width, room - len(head))


def _heading(view: View, pool: Object) -> str:
    current, target = (
        sum(int(at(pool, f"{path}{kind}Nodes", 0)) for kind in ("Dedicated", "LowPriority"))
        for path in ("status.current", "spec.target")
    )
    return f"{view.called(pool)}: {current} of {plural(target, 'node')}"


def _lacks(pool: Object, nodes: Sequence[Object]) -> Line:
    """Why it is not as it should be; that it is as it should be is seen."""
    found = why.of_pool(pool, nodes)
    return () if found.word == "TargetReached" else plain(printable(found.line), Tone.CHANGING)


def _pools(pools: Sequence[_Pool], room: int) -> Iterator[Line]:
    shown = pools if 2 * len(pools) <= room else pools[: max(0, room - 1) // 2]
    hidden = len(pools) - len(shown)
    for pool, share in zip(shown, _shares([pool.height for pool in shown], room - (hidden > 0)), strict=True):
        yield from pool.lines(share)
    if hidden or not pools:
        yield plain(f"and {plural(hidden, 'more pool')}" if hidden else "no pools")


def _shares(wanted: Sequence[int], room: int) -> list[int]:
    """Who wants less than an equal part leaves the rest to the others."""
    given = [0] * len(wanted)
    for left, place in zip(range(len(wanted), 0, -1), sorted(range(len(wanted)), key=wanted.__getitem__), strict=True):
        given[place] = min(wanted[place], room // left)
        room -= given[place]
    return given


def _in_order(jobs: Sequence[Object]) -> list[Object]:
    """As they stand in a pool's queue; those that are over come last, the latest of them first."""
    over = [job for job in jobs if at(job, "status.state") == "completed"]
    going = [job for job in jobs if at(job, "status.state") != "completed"]
    return sorted(going, key=queue.order) + sorted(
        over, key=lambda job: str(at(job, "status.executionInfo.endTime")), reverse=True
    )


def _jobs(view: View, jobs: Sequence[Object], room: int, now: Moment) -> Iterator[Line]:
    if not jobs:
        yield plain("no jobs")
        return
    shown = jobs if len(jobs) <= room else jobs[: max(0, room - 1)]
    columns = (Column("JOB", lambda job, _now: view.called(job)), *COLUMNS)
    header, *lines = table(columns, shown, now).splitlines()
    yield plain(header)
    yield from (plain(line, _tone(job)) for line, job in zip(lines, shown, strict=True))
    if hidden := len(jobs) - len(shown):
        yield plain(f"and {plural(hidden, 'more job')}")


def _tone(job: Object) -> Tone:
    if at(job, "status.taskCounts.failed", 0) or is_true(job, "Stalled"):
        return Tone.TROUBLE
    if at(job, "status.state") == "completed":
        return Tone.PLAIN
    return Tone.CHANGING if waits_for(job) else Tone.BUSY


def _progress(job: Object, _now: Moment) -> str:
    done, all_ = int(at(job, "status.taskCounts.completed", 0)), total(job)
    return f"{gauge(done, all_, BAR)} {done}/{all_}"


COLUMNS = (
    Column("POOL", lambda job, _now: at(job, "spec.poolInfo.poolId")),
    Column("PROGRESS", _progress),
    Column("FAILED", lambda job, _now: at(job, "status.taskCounts.failed", 0)),
    Column("RUN", lambda job, _now: at(job, "status.taskCounts.running", 0)),
    Column("WAIT", lambda job, _now: at(job, "status.taskCounts.active", 0)),
    Column("WHY", lambda job, _now: printable(why.of_job(job, [], []).line)),
)
