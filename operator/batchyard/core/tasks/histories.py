"""How many different histories the open indexes of a range may have: few, so that its status stays small whatever happens.

Only where there are more do some indexes take over the counters of others, the higher ones, so that nothing runs too often.
An index with a Pod keeps its own; none that has been tried before starts while there are too many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from batchyard.core.indexes import History, Indexes

MOST = 16


def crowded(indexes: Indexes) -> bool:
    return len(indexes.tried) > MOST


def narrowed(histories: Sequence[History], most: int) -> Mapping[History, History]:
    """For each of these what stands for it, so that there are no more than `most`: the nearest are made one, again and again."""
    groups = [[each] for each in sorted(set(histories), key=_size)]
    while len(groups) > max(most, 1):
        place = min(range(len(groups) - 1), key=lambda n: _distance(groups[n][-1], groups[n + 1][-1]))
        groups[place : place + 2] = [groups[place] + groups[place + 1]]
    return {each: _covering(group) for group in groups for each in group}


def _size(history: History) -> tuple[int, int, int, int, str]:
    return (
        history.retry_count,
        history.recovery_count,
        history.requeue_count,
        history.attempt,
        history.pending_failure,
    )


def _distance(low: History, high: History) -> tuple[int, int, int, int]:
    """What is limited counts most: retries, then recoveries."""
    return (
        high.retry_count - low.retry_count,
        abs(high.recovery_count - low.recovery_count),
        abs(high.requeue_count - low.requeue_count),
        abs(high.attempt - low.attempt),
    )


def _covering(group: Sequence[History]) -> History:
    return History(
        attempt=max(each.attempt for each in group),
        retry_count=max(each.retry_count for each in group),
        requeue_count=max(each.requeue_count for each in group),
        recovery_count=max(each.recovery_count for each in group),
    )
