"""The words of a Pod's status, as a kubelet writes them. Values only."""

from __future__ import annotations

from typing import Any

from batchyard.core.times import stamp
from tests.simulation.cluster.run_sh import Exit
from tests.simulation.virtual_time import EPOCH

Raw = dict[str, Any]
TERMINAL = ("Succeeded", "Failed")


def at(seconds: float) -> str:
    return stamp(EPOCH + seconds)


def waiting(reason: str, message: str = "") -> Raw:
    return {"waiting": {"reason": reason, **({"message": message} if message else {})}}


def running(since: float) -> Raw:
    return {"running": {"startedAt": at(since)}}


def terminated(end: Exit, started: float, finished: float, container_id: str) -> Raw:
    reason = end.reason or ("Completed" if end.code == 0 else "Error")
    more = {"message": end.message} if end.message else {}
    times = {"startedAt": at(started), "finishedAt": at(finished)}
    return {"terminated": {"exitCode": end.code, "reason": reason, "containerID": container_id, **times, **more}}


def condition(kind: str, status: str, reason: str = "", message: str = "") -> Raw:
    more = {key: text for key, text in (("reason", reason), ("message", message)) if text}
    return {"type": kind, "status": status, **more}


def with_condition(item: Raw, new: Raw) -> list[Raw]:
    """The Pod's conditions with one put in its place."""
    old = (item.get("status") or {}).get("conditions") or []
    return [*(each for each in old if each["type"] != new["type"]), new]


def conditions(item: Raw) -> dict[str, str]:
    return {each["type"]: each["status"] for each in (item.get("status") or {}).get("conditions") or ()}


def ended(item: Raw) -> bool:
    return (item.get("status") or {}).get("phase") in TERMINAL


def deleting(item: Raw) -> bool:
    return "deletionTimestamp" in item["metadata"]
