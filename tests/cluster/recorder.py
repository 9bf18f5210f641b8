"""Collects what happened in one namespace into a history: traces from the disks, what the test saw of the API, what it asked for."""

import os
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path
from time import time
from typing import BinaryIO

from tests.cluster import audit, trace
from tests.cluster.cluster import Cluster
from tests.cluster.wanted import Object, Wanted
from tests.history.history import History
from tests.history.process import Place, Process, Step
from tests.history.ranges import seen_one_by_one
from tests.history.seen import JobGone, JobSeen, LeftOnDisk, Lost, RecordSeen, Seen, TaskSeen


@dataclass
class Recorder:
    cluster: Cluster
    namespace: str
    wanted: Wanted = field(default_factory=Wanted)
    _sights: list[Seen] = field(default_factory=list)
    _lines: list[trace.Line] = field(default_factory=list)
    _traces: dict[Path, tuple[BinaryIO, str]] = field(default_factory=dict)
    """Open, so that they can be read to their end when they are wiped; with their nodes."""
    _pools: dict[str, str] = field(default_factory=dict)
    """Ids of the namespace's pools by UID, also of those that are gone."""
    _jobs: dict[str, str] = field(default_factory=dict)
    _records: dict[str, RecordSeen] = field(default_factory=dict)
    _wipes: dict[tuple[str, str, float], Process] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._since = self.cluster.audit_position()

    # what is seen

    def note(self, seen: Object) -> None:
        """An object as the API has just shown it."""
        meta, spec, status = seen["metadata"], seen.get("spec", {}), seen.get("status") or {}
        match seen["kind"]:
            case "BatchPool":
                self._pools[meta["uid"]] = self.wanted.id_of("BatchPool", meta["name"])
            case "BatchJob":
                job = self.wanted.id_of("BatchJob", meta["name"])
                self._jobs[meta["uid"]] = job
                self._sights.append(
                    JobSeen(at=time(), job=job, state=status.get("state", ""), counts=status.get("taskCounts") or {})
                )
            case "BatchTask" if "range" in spec:
                self._sights += seen_one_by_one(time(), self.wanted.id_of("BatchJob", spec["jobId"]), seen)
            case "BatchTask":
                self._sights.append(_task(self.wanted, seen))
            case "BatchJobNode":
                self._note_record(meta, spec, status)
            case _:
                pass

    def _note_record(self, meta: Object, spec: Object, status: Object) -> None:
        job, node = self.wanted.id_of("BatchJob", spec["jobId"]), spec["nodeId"]
        self._records.setdefault(meta["name"], RecordSeen(at=_seconds(meta["creationTimestamp"]), job=job, node=node))
        wipe = status.get("wipe") or {}
        if wipe.get("state") == "completed":
            place, at = Place(self._pools.get(spec["poolUID"]) or spec["poolId"], node, self._machine(node)), time()
            ended = min(_seconds(wipe["endTime"]) + 1, at)
            key = (job, meta["uid"], _seconds(wipe["endTime"]))
            self._wipes.setdefault(
                key, Process(step=Step.WIPE, place=place, job=job, start=ended, end=ended, exit_code=0)
            )

    def job_gone(self, name: str) -> None:
        """To be called when the API has just said so."""
        job = self.wanted.id_of("BatchJob", name)
        self._sights.append(JobGone(at=time(), job=job))
        marks = [uid for uid, id_ in self._jobs.items() if id_ == job]
        patterns = [
            f"workitems/{job}",
            *(f".batchyard/{kind}/{uid}*" for uid in marks for kind in ("started", "prepared")),
        ]
        for node, root in self.roots():
            boot = self.cluster.node_run(node) / root.name
            disk, memory = (root.glob(each) for each in patterns), (boot.glob(f"{uid}*") for uid in marks)
            for path in chain(*disk, *memory):
                place = Place(self._pools[root.name], node)
                self._sights.append(LeftOnDisk(at=time(), job=job, place=place, path=str(path)))

    def node_lost(self, node: str, *, for_good: bool = False) -> None:
        """To be called when nothing of the node runs any more, or just before its disk goes."""
        mine = {(process.place.machine, process.boot) for process in self.processes() if process.node == node}
        for machine, boot in mine:
            self._sights.append(Lost(at=time(), node=node, machine=machine, boot="" if for_good else boot))

    # what ran

    def roots(self) -> list[tuple[str, Path]]:
        """The directories of the namespace's pools on the nodes' disks."""
        nodes = ((node, self.cluster.node_root(node)) for node in self.cluster.nodes)
        return [(node, top / uid) for node, top in nodes for uid in self._pools if (top / uid).exists()]

    def read(self) -> None:
        """Reads on in every trace: to be called before a disk goes, and before a name gets another machine."""
        for node, root in self.roots():
            path = root / trace.FILE
            if path not in self._traces and path.exists():
                self._traces[path] = path.open("rb"), node
        for path, (file, node) in [*self._traces.items()]:
            self._lines.extend(trace.Line(node, self._machine(node), text) for text in _whole_lines(file))
            if not path.exists() or path.stat().st_ino != os.fstat(file.fileno()).st_ino:
                file.close()
                del self._traces[path]

    def _machine(self, node: str) -> str:
        """Tells disks apart. Asks no API, because that is where faults are, too."""
        mark = self.cluster.layout.node(node) / "index"
        return str(mark.stat().st_mtime_ns) if mark.exists() else ""

    def processes(self) -> list[Process]:
        """Of start tasks, preparations, tasks and releases that are traced, by start."""
        self.read()
        return trace.processes(self.namespace, self._lines)

    def history(self) -> History:
        processes = (*self.processes(), *self._wipes.values())
        return History(self.wanted.terms(), processes, (*self._sights, *self._all_records().values()))

    def _all_records(self) -> dict[str, RecordSeen]:
        """The audit log knows when they were made to the microsecond, the objects only the second."""
        for record in self.cluster.get_all("bjnode", self.namespace):
            self.note(record)
        found = dict(self._records)
        for name, at in self._records_made().items():
            job, _, node = name.rpartition(".")
            found[name] = RecordSeen(at=at, job=self.wanted.id_of("BatchJob", job), node=node)
        return found

    def _records_made(self) -> dict[str, float]:
        return audit.created(self.cluster.layout.audit_log, self._since, "batchjobnodes", self.namespace)


def _whole_lines(file: BinaryIO) -> list[str]:
    """Those that were added since, without one that is being written."""
    text = file.read()
    whole, newline, rest = text.rpartition(b"\n")
    file.seek(-len(rest), os.SEEK_CUR)
    return whole.decode(errors="replace").split("\n") if newline else []


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def _task(wanted: Wanted, seen: Object) -> TaskSeen:
    spec, status = seen["spec"], seen.get("status") or {}
    info = status.get("executionInfo") or {}
    return TaskSeen(
        at=time(),
        job=wanted.id_of("BatchJob", spec["jobId"]),
        task=spec.get("id", seen["metadata"]["name"]),
        state=status.get("state", ""),
        attempt=status.get("attempt", 0),
        result=info.get("result", ""),
        exit_code=info.get("exitCode") if trace.is_traced(spec.get("commandLine", "")) else None,
        retries=info.get("retryCount", 0),
        reactivations=status.get("reactivations", 0),
    )
