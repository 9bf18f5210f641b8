"""A range task as the rules see it: as many tasks as it has integers, each with its own end."""

from collections.abc import Iterator, Mapping
from typing import Any

from batchyard.core.intervals import read
from tests.history.seen import TaskSeen

Object = Mapping[str, Any]


def seen_one_by_one(at: float, job: str, item: Object) -> Iterator[TaskSeen]:
    """What a BatchTask with a range says of each; of one that has ended nobody writes down its last attempt and what it exited with."""
    limits, status = item["spec"]["range"], item.get("status") or {}
    said = status.get("range") or {}
    good = set(read(said.get("succeeded") or "")) | set(read(said.get("asking") or ""))
    bad = {number for each in said.get("failed") or () for number in read(each["ids"])}
    tries = {number: each for each in said.get("tried") or () for number in read(each["ids"])}
    for number in range(limits["start"], limits["end"] + 1):
        tried = tries.get(number, {})
        yield TaskSeen(
            at=at,
            job=job,
            task=str(number),
            state="completed" if number in good | bad else "active",
            result="success" if number in good else "failure" if number in bad else "",
            reactivations=status.get("reactivations", 0),
            uncharged=tried.get("requeueCount", 0) + tried.get("recoveryCount", 0),
        )
