"""What each node did for a job and when: a bar for each task, preparation and release; of very many tasks what prevailed at each moment."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from batchyard.cli.naming import natural_order
from batchyard.cli.show.jobs import PREPARATION, RELEASE, step
from batchyard.cli.show.objects import Object, at
from batchyard.cli.show.progress import task_id
from batchyard.cli.show.times import moment

MOST_BARS = 5000
MOST_LANES = 1000
"""One below the other; no browser draws a picture of any height."""
MOST_NODES = 200
MOMENTS = 240
"""Into which the time is cut where there are more tasks than bars."""
WORST = ("failure", "running", "success", "preparation", "release")
"""Of what happened at one moment on one node the first of these is shown."""


class Bar(NamedTuple):
    node: str
    start: float
    end: float | None
    """None while it goes on."""
    what: str
    label: str


def shown(tasks: Sequence[Object], records: Sequence[Object]) -> Object:
    """Of a range nobody keeps the times of single tasks, so it has no bars."""
    by_node: defaultdict[str, list[Bar]] = defaultdict(list)
    for bar in (*_steps(records), *_tasks(tasks)):
        by_node[bar.node].append(bar)
    chosen = sorted(_chosen(by_node), key=natural_order)
    many = sum(len(by_node[node]) for node in chosen) > MOST_BARS
    laid = {} if many else {node: _laid(by_node[node]) for node in chosen}
    binned = many or sum(row["lanes"] for row in laid.values()) > MOST_LANES
    moments = [each for node in chosen for bar in by_node[node] for each in (bar.start, bar.end) if each is not None]
    begin, end = min(moments, default=0.0), max(moments, default=0.0)
    rows = [{"node": node, **(_prevailing(by_node[node], begin, end) if binned else laid[node])} for node in chosen]
    return {"begin": begin, "end": end, "binned": binned, "rows": rows, "nodesTotal": len(by_node)}


def _chosen(by_node: dict[str, list[Bar]]) -> list[str]:
    """Where there are too many: those where something failed, then those that did most."""

    def weight(node: str) -> tuple[int, int]:
        return sum(bar.what == "failure" for bar in by_node[node]), len(by_node[node])

    return sorted(by_node, key=weight, reverse=True)[:MOST_NODES]


def _tasks(tasks: Iterable[Object]) -> Iterator[Bar]:
    for each in tasks:
        node, info = at(each, "status.nodeInfo.nodeId"), at(each, "status.executionInfo", {})
        if node and (start := _seconds(info, "startTime")) is not None:
            end = _seconds(info, "endTime") if at(each, "status.state") == "completed" else None
            yield Bar(node, start, end, str(at(info, "result") or "running"), task_id(each))


def _steps(records: Iterable[Object]) -> Iterator[Bar]:
    for each in records:
        for what, path in (("preparation", PREPARATION), ("release", RELEASE)):
            info = step(each, path)
            if (start := _seconds(info, "startTime")) is not None:
                failed = at(info, "result") == "failure"
                label = f"{what} failed" if failed else what
                yield Bar(
                    str(at(each, "spec.nodeId")), start, _seconds(info, "endTime"), "failure" if failed else what, label
                )


def _seconds(info: Object, word: str) -> float | None:
    found = moment(at(info, word))
    return None if found is None else found.timestamp()


def _laid(bars: Sequence[Bar]) -> Object:
    """Tasks that ran beside each other on a node lie one below the other."""
    free: list[tuple[float, int]] = []
    laid, lanes = [], 0
    for bar in sorted(bars, key=lambda bar: (bar.start, bar.label)):
        if free and free[0][0] <= bar.start:
            lane = heapq.heappop(free)[1]
        else:
            lane, lanes = lanes, lanes + 1
        heapq.heappush(free, (float("inf") if bar.end is None else bar.end, lane))
        laid.append([bar.start, bar.end, bar.what, bar.label, lane])
    return {"lanes": lanes, "bars": laid}


def _prevailing(bars: Sequence[Bar], begin: float, end: float) -> Object:
    """The worst of each moment; what goes on lasts to the latest of them."""
    width = max(1.0, (end - begin) / MOMENTS)
    worst: dict[int, int] = {}
    begun: defaultdict[int, int] = defaultdict(int)
    for bar in bars:
        first, last = (int(((when or end) - begin) / width) for when in (bar.start, bar.end))
        begun[first] += 1
        for place in range(first, last + 1):
            worst[place] = min(worst.get(place, len(WORST)), WORST.index(bar.what))
    return {"lanes": 1, "bars": [*_joined(worst, begun, begin, width)]}


def _joined(worst: dict[int, int], begun: dict[int, int], begin: float, width: float) -> Iterator[list[object]]:
    """Equal neighbours are one bar."""
    run: list[int] = []
    for place in [*sorted(worst), -1]:
        if run and (place != run[-1] + 1 or worst[place] != worst[run[0]]):
            number, what = sum(begun.get(each, 0) for each in run), WORST[worst[run[0]]]
            yield [begin + run[0] * width, begin + (run[-1] + 1) * width, what, f"{number} begun, worst: {what}", 0]
            run = []
        run.append(place)
