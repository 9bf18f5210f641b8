"""What the API said over time, and what the users asked for, in the words of tests/history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from batchyard.api import names
from batchyard.kube import kinds
from batchyard.kube.kinds import Kind
from batchyard.kube.observe import controller_uid
from tests.history.process import Place, Process
from tests.history.ranges import seen_one_by_one
from tests.history.seen import (
    JobGone,
    JobSeen,
    LeftOnDisk,
    NamespaceEnds,
    RecordSeen,
    Seen,
    TaskGiven,
    TaskGone,
    TaskSeen,
    TaskThere,
)
from tests.history.terms import JobTerms, TaskTerms, Terms
from tests.simulation.api.call import Body
from tests.simulation.cluster.cluster import Cluster
from tests.simulation.cluster.machine import Machine
from tests.simulation.hub import Heard

Raw = Mapping[str, Any]
EXIT_CODES = range(256)


@dataclass
class Sights:
    cluster: Cluster
    most_recoveries: int
    strangers: tuple[str, ...] = ()
    """How names begin of what is no user's: it is looked at by nobody."""
    seen: list[Seen] = field(default_factory=list)
    pools: dict[str, Raw] = field(default_factory=dict)
    jobs: dict[str, Raw] = field(default_factory=dict)
    """All there ever were, by UID, as they were last."""
    tasks: dict[str, Raw] = field(default_factory=dict)
    _there: set[str] = field(default_factory=set)
    """UIDs of tasks whose job is known."""
    _given: set[str] = field(default_factory=set)
    _uids: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._follow(kinds.NAMESPACE, self._namespace)
        self._follow(kinds.BATCH_POOL, self._pool)
        self._follow(kinds.BATCH_JOB, self._job)
        self._follow(kinds.BATCH_NODE, self._member)
        self._follow(kinds.BATCH_TASK, self._task)
        self._follow(kinds.BATCH_JOB_NODE, self._record)
        self._follow(kinds.POD, self._pod)

    def _follow(self, kind: Kind, heard: Heard) -> None:
        def of_users(what: str, item: Body) -> None:
            if not item["metadata"]["name"].startswith(self.strangers):
                heard(what, item)

        self.cluster.hub.follow(kind, of_users)

    def judged(self, processes: Sequence[Process]) -> tuple[Process, ...]:
        """Without those of strangers."""
        if not self.strangers:
            return tuple(processes)
        return tuple(each for each in processes if each.place.pool in self.pools and each.job in ("", *self.jobs))

    @property
    def _now(self) -> float:
        return self.cluster.trace.now()

    def _namespace(self, _: str, item: Raw) -> None:
        """There is one with jobs, and one that nobody deletes."""
        if "deletionTimestamp" in item["metadata"]:
            self.seen.append(NamespaceEnds(at=self._now))

    def _pool(self, what: str, item: Raw) -> None:
        """No machine has anything of a pool that is gone; an empty directory stays where it was wiped of a job later."""
        pool = item["metadata"]["uid"]
        self.pools[pool] = item
        for machine in self._machines() if what == "DELETED" else ():
            root = machine.disk.roots.get(pool)
            if root is not None and root.tools and pool not in machine.remnants:
                self.seen.append(LeftOnDisk(at=self._now, place=Place(pool, machine.name, machine.uid), path="."))

    def _job(self, what: str, item: Raw) -> None:
        meta, status = item["metadata"], item.get("status") or {}
        self.jobs[meta["uid"]] = item
        self._uids[meta["namespace"], meta["name"]] = meta["uid"]
        for task in self.cluster.hub.known["BatchTask"].values() if what == "ADDED" else ():
            self._count("", task)  # it may have come before its job
        if what == "DELETED":
            self.seen.append(JobGone(at=self._now, job=meta["uid"]))
            self.seen.extend(self._left(meta["uid"], f"workitems/{item['spec'].get('id', meta['name'])}"))
        elif status.get("state"):
            counts = status.get("taskCounts") or {}
            self.seen.append(JobSeen(at=self._now, job=meta["uid"], state=status["state"], counts=counts))

    def _left(self, job: str, directory: str) -> Iterator[LeftOnDisk]:
        for machine in self._machines():
            for pool in machine.disk.roots:
                for path in machine.disk.left_of(pool, job, directory) if job not in machine.remnants else ():
                    yield LeftOnDisk(at=self._now, job=job, place=Place(pool, machine.name, machine.uid), path=path)

    def _machines(self) -> Iterator[Machine]:
        """Those that are there: nobody can wipe the others."""
        nodes = self.cluster.hub.known["Node"]
        for machine in self.cluster.nodes.machines.values():
            node = nodes.get(("", machine.name))
            if node is not None and node["metadata"]["uid"] == machine.uid:
                yield machine

    def _member(self, what: str, item: Raw) -> None:
        """A machine that has left its pool has nothing of it any more."""
        spec, pool = item["spec"], controller_uid(item["metadata"])
        machine = self.cluster.nodes.machines.get(spec["nodeId"])
        here = (
            machine is not None
            and machine.uid == spec["nodeUID"]
            and ("", machine.name) in self.cluster.hub.known["Node"]
        )
        if what == "DELETED" and machine is not None and here and pool in machine.disk.roots:
            self.seen.append(LeftOnDisk(at=self._now, place=Place(pool, machine.name, machine.uid), path="."))

    def _count(self, what: str, item: Raw) -> None:
        uid, job = item["metadata"]["uid"], self._job_of(item)
        if job and uid not in self._there:
            self._there.add(uid)
            self.seen += [TaskThere(at=self._now, job=job, task=each) for each in _ids(item)]
        if what == "DELETED" and uid in self._there:
            self.seen += [TaskGone(at=self._now, job=job, task=each) for each in _ids(item)]

    def _task(self, what: str, item: Raw) -> None:
        meta, status = item["metadata"], item.get("status") or {}
        self.tasks[meta["uid"]] = item
        self._count(what, item)
        if what == "DELETED" or not status.get("state"):
            return
        if "range" in item["spec"]:
            self.seen += seen_one_by_one(self._now, self._job_of(item), item)
            return
        info = status.get("executionInfo") or {}
        sight = TaskSeen(
            at=self._now,
            job=self._job_of(item),
            task=_id(item),
            state=status["state"],
            attempt=status.get("attempt", 0),
            result=info.get("result") or "",
            exit_code=info.get("exitCode"),
            retries=info.get("retryCount", 0),
            reactivations=status.get("reactivations", 0),
            uncharged=status.get("recoveryCount", 0) + info.get("requeueCount", 0),
            recoveries=status.get("recoveryCount", 0),
        )
        self.seen.append(sight)

    def _record(self, what: str, item: Raw) -> None:
        spec = item["spec"]
        if what == "ADDED":
            self.seen.append(RecordSeen(at=self._now, job=spec["jobUID"], node=spec["nodeId"]))
        if (item.get("status") or {}).get("tasksStarted"):
            # Written before the Pod: after a crash between the two nobody knows any more that none was made.
            self._gives(item["metadata"]["uid"], spec["jobUID"], spec["nodeId"])

    def _pod(self, _: str, item: Raw) -> None:
        labels, node = item["metadata"].get("labels") or {}, item["spec"].get("nodeName")
        if labels.get(names.LABEL_COMPONENT) == names.COMPONENT_TASK and node:
            self._gives(item["metadata"]["uid"], labels[names.LABEL_JOB_UID], node)

    def _gives(self, uid: str, job: str, node: str) -> None:
        if uid not in self._given:
            self._given.add(uid)
            self.seen.append(TaskGiven(at=self._now, job=job, node=node))

    def _job_of(self, item: Raw) -> str:
        meta = item["metadata"]
        owners = (o["uid"] for o in meta.get("ownerReferences") or () if o["kind"] == "BatchJob")
        return next(owners, "") or self._uids.get((meta["namespace"], item["spec"]["jobId"]), "")

    def pools_called(self, namespace: str, name: str) -> list[str]:
        """UIDs of all there ever were."""
        metas = (item["metadata"] for item in self.pools.values())
        return [meta["uid"] for meta in metas if (meta["namespace"], meta["name"]) == (namespace, name)]

    # What was asked for.

    def terms(self) -> Terms:
        pools = {uid: item["spec"] for uid, item in self.pools.items()}
        return Terms(
            jobs={uid: self._job_terms(uid, item["spec"]) for uid, item in self.jobs.items()},
            start_retries={
                uid: spec["startTask"].get("maxTaskRetryCount", 0)
                for uid, spec in pools.items()
                if spec.get("startTask")
            },
            most_recoveries=self.most_recoveries,
            slots={uid: spec.get("taskSlotsPerNode", 1) for uid, spec in pools.items()},
            start_task=frozenset(
                uid
                for uid, spec in pools.items()
                if (spec.get("startTask") or {}).get("waitForSuccess", "startTask" in spec)
            ),
        )

    def _job_terms(self, uid: str, spec: Raw) -> JobTerms:
        preparation = spec.get("jobPreparationTask")
        retries = (spec.get("constraints") or {}).get("maxTaskRetryCount", 0)
        mine = {name: item["spec"] for item in self.tasks.values() if self._job_of(item) == uid for name in _ids(item)}
        return JobTerms(
            preparation=preparation is not None and preparation.get("waitForSuccess", True),
            prepare_again=(preparation or {}).get("rerunOnNodeRebootAfterSuccess", True),
            preparation_retries=((preparation or {}).get("constraints") or {}).get("maxTaskRetryCount", 0),
            release="jobReleaseTask" in spec,
            tasks={name: _task_terms(each, retries) for name, each in mine.items()},
        )


def _id(item: Raw) -> str:
    return str(item["spec"].get("id") or item["metadata"]["name"])


def _ids(item: Raw) -> Iterable[str]:
    if (limits := item["spec"].get("range")) is None:
        return (_id(item),)
    return map(str, range(limits["start"], limits["end"] + 1))


def _task_terms(spec: Raw, retries: int) -> TaskTerms:
    own = (spec.get("constraints") or {}).get("maxTaskRetryCount")
    depends = spec.get("dependsOn") or {}
    ranges = (range(r["start"], r["end"] + 1) for r in depends.get("taskIdRanges") or ())
    return TaskTerms(
        slots=spec.get("requiredSlots", 1),
        max_retries=retries if own is None else own,
        after=frozenset(depends.get("taskIds") or ()) | {str(number) for each in ranges for number in each},
        satisfying=frozenset(code for code in EXIT_CODES if _satisfies(spec.get("exitConditions") or {}, code)),
    )


def _satisfies(conditions: Raw, code: int) -> bool:
    """Whether tasks that depend on this one may start after that exit code."""
    if code == 0:
        return True
    single = [each for each in conditions.get("exitCodes") or () if each["code"] == code]
    ranged = [each for each in conditions.get("exitCodeRanges") or () if each["start"] <= code <= each["end"]]
    options = (*(each["exitOptions"] for each in (*single, *ranged)), conditions.get("default") or {})
    return bool(options[0].get("dependencyAction") == "satisfy")
