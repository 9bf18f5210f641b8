"""What the operator of a namespaces cluster costs, read from its process and from the API server's audit log."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.cluster.audit import WRITES
from tests.cluster.cluster import Cluster

SYSTEM = "batchyard-system"
USER = f"system:serviceaccount:{SYSTEM}:batchyard"
Event = dict[str, Any]


@dataclass(frozen=True)
class Cost:
    rss_mb: float
    cpu_seconds: float
    task_writes: int
    """About BatchTasks and their Pods."""
    other_writes: int
    """About pool, nodes, job, preparation, release and wipe: what a job costs however many tasks it has."""
    lease_writes: int
    event_writes: int
    reaction_ms: float
    """From the answer to the write "preparation succeeded" to the request for the first task Pod; nan without a preparation."""


def figures(cost: Cost, tasks: int) -> dict[str, float]:
    named = {
        "operator memory (RSS), MB": cost.rss_mb,
        "operator CPU, s": cost.cpu_seconds,
        "operator CPU per task, ms": 1000 * cost.cpu_seconds / tasks,
        "API writes for each task": cost.task_writes / tasks,
        "API writes for job, pool and nodes": cost.other_writes,
        "beside them, to the lease": cost.lease_writes,
        "beside them, events": cost.event_writes,
    }
    prepared = cost.reaction_ms == cost.reaction_ms  # nan differs from itself
    return {"preparation success to first Pod, ms": cost.reaction_ms, **named} if prepared else named


class Meter:
    """Counts from when it is made."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._process = operator_process(cluster)
        self._cpu = cpu_seconds(self._process)
        self._position = cluster.audit_position()

    def read(self) -> Cost:
        writes = list(_writes(self._cluster.layout.audit_log, self._position))
        kinds = Counter(_subject(event["objectRef"]) for event in writes)
        return Cost(
            rss_mb=rss_mb(self._process),
            cpu_seconds=cpu_seconds(self._process) - self._cpu,
            task_writes=kinds["task"],
            other_writes=kinds["other"],
            lease_writes=kinds["leases"],
            event_writes=kinds["events"],
            reaction_ms=reaction_ms(writes),
        )


def _subject(target: Mapping[str, str]) -> str:
    """What a write is about."""
    kind = target["resource"]
    if kind in ("leases", "events"):
        return kind
    of_task = kind == "pods" and target["namespace"] != SYSTEM and "-release-" not in target["name"]
    return "task" if of_task or kind == "batchtasks" else "other"


def operator_process(cluster: Cluster) -> Path:
    """Its directory in /proc: the nodes' processes are this machine's."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            argv, groups = (process / "cmdline").read_bytes(), (process / "cgroup").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended meanwhile
        if argv.endswith(b"-m\0batchyard\0") and f"/{cluster.layout.name}/" in groups:
            return process
    raise SystemExit("the operator does not run")


def rss_mb(process: Path) -> float:
    return _memory_mb(process, "VmRSS")


def peak_rss_mb(process: Path) -> float:
    return _memory_mb(process, "VmHWM")


def _memory_mb(process: Path, what: str) -> float:
    line = next(line for line in (process / "status").read_text().splitlines() if line.startswith(f"{what}:"))
    return int(line.split()[1]) * 1024 / 1e6


def cpu_seconds(process: Path) -> float:
    fields = (process / "stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # user and system time


def reaction_ms(writes: list[Event]) -> float:
    """The last two writes about a node before the first task Pod are the preparation's result and `tasksStarted`."""
    before: list[Event] = []
    for event in sorted(writes, key=lambda event: str(event["requestReceivedTimestamp"])):
        target = event["objectRef"]
        if event["verb"] == "create" and target["resource"] == "pods":
            break
        if target["resource"] == "batchjobnodes" and target.get("subresource") == "status":
            before.append(event)
    else:
        return float("nan")
    of_node = (
        [each for each in before if each["objectRef"]["name"] == before[-1]["objectRef"]["name"]] if before else []
    )
    if len(of_node) < 2:
        return float("nan")
    answered = datetime.fromisoformat(of_node[-2]["stageTimestamp"])
    return (datetime.fromisoformat(event["requestReceivedTimestamp"]) - answered).total_seconds() * 1000


def _writes(log: Path, since: int) -> Iterator[Event]:
    with log.open("rb") as lines:
        lines.seek(since)
        for line in lines:
            event = json.loads(line)
            ours = event["user"]["username"] == USER
            if ours and event["stage"] == "ResponseComplete" and event["verb"] in WRITES:
                yield event
