"""A pool's nodes as a table, and the files on one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from batchyard.cli.show.objects import Object, at
from batchyard.cli.show.table import AGE, Column, field, lines

COLUMNS = (
    field("NODE", "spec.nodeId"),
    field("POOL", "spec.poolId"),
    field("STATE", "status.state"),
    Column("SCHEDULING", lambda node, _now: at(node, "spec.schedulingState", "enabled")),
    Column("TASKS", lambda node, _now: at(node, "status.runningTasksCount", 0)),
    Column("SLOTS", lambda node, _now: at(node, "status.runningTaskSlotsCount", 0)),
    Column("START", lambda node, _now: start_task(node)),
    Column("DEDICATED", lambda node, _now: at(node, "spec.isDedicated", default=True), wide=True),
    field("IP", "status.ipAddress", wide=True),
    Column("ERROR", lambda node, _now: "; ".join(each["code"] for each in at(node, "status.errors", []))),
    AGE,
)


def start_task(node: Object) -> str:
    info = at(node, "status.startTaskInfo", {})
    return str(at(info, "result") or at(info, "state"))


def place(node: Object) -> tuple[str, str, str]:
    """Where it stands in a list."""
    return at(node, "metadata.namespace"), at(node, "spec.poolId"), at(node, "spec.nodeId")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file or directory, by its path below the directory that was listed."""

    path: str
    kind: str
    size: int
    modified: datetime


def entries(text: str) -> list[Entry]:
    """From the lines that the node's `stat` wrote; a name with a line break in it is cut there."""
    found = (line.split("|", 3) for line in text.splitlines() if line.count("|") >= 3)
    return sorted(
        (
            Entry(path.removeprefix("./"), kind, int(size), datetime.fromtimestamp(int(modified), UTC))
            for kind, size, modified, path in found
            if size.isdigit() and modified.isdigit()
        ),
        key=lambda entry: entry.path,
    )


def files(found: Sequence[Entry]) -> str:
    rows = [["SIZE", "MODIFIED", "NAME"]]
    for entry in found:
        directory = entry.kind == "directory"
        size = "-" if directory else str(entry.size)
        rows.append([size, f"{entry.modified:%Y-%m-%dT%H:%M:%SZ}", entry.path + ("/" if directory else "")])
    return lines(rows)


def wire(entry: Entry) -> Object:
    return {
        "path": entry.path,
        "type": entry.kind,
        "size": entry.size,
        "modified": f"{entry.modified:%Y-%m-%dT%H:%M:%SZ}",
    }
