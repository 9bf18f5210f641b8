"""`make cli-record`: the example and two more jobs on a real cluster, written down for the outputs in docs/cli.md."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from batchyard.api.names import API_VERSION, COMPONENT_POOL_NODE, LABEL_COMPONENT, LABEL_TASK_UID, ROOT_DIR
from batchyard.cli.access.http_cluster import HttpCluster
from batchyard.cli.access.login import login
from batchyard.cli.commands.job_run import of_command
from batchyard.cli.following import follow
from batchyard.cli.node_files import Place
from batchyard.cli.session import Session
from batchyard.cli.show.objects import at, waits_for
from batchyard.cli.show.progress import verdict
from batchyard.kube.kinds import (
    BATCH_JOB,
    BATCH_JOB_NODE,
    BATCH_NODE,
    BATCH_POOL,
    BATCH_TASK,
    CRD,
    DEPLOYMENT,
    EVENT,
    LEASE,
    NAMESPACE,
    POD,
    POLICY,
    POLICY_BINDING,
    Scope,
)
from tests.cli.recorded import FILE
from tests.cluster.cluster import Cluster
from tests.cluster.demo import operator_cluster
from tests.cluster.installation import NAMESPACE as SYSTEM

Object = dict[str, Any]
ROOT = Path(__file__).parents[2]
HERE = "default"
FRAMES = """\
apiVersion: batchyard.io/v1alpha1
kind: BatchJob
metadata: {name: frames}
spec:
  poolInfo: {poolId: sample}
  onAllTasksComplete: terminatejob
  tasks:
    - {id: frame1, commandLine: /bin/sh -c 'echo rendering scene 1; echo done'}
    - {id: frame2, commandLine: /bin/sh -c 'echo rendering scene 2; echo "scene 2 has no camera" >&2; exit 3'}
    - {id: frame3, commandLine: /bin/sh -c 'echo rendering scene 3; echo done'}
---
apiVersion: batchyard.io/v1alpha1
kind: BatchJob
metadata: {name: wide}
spec:
  poolInfo: {poolId: sample}
  tasks: [{id: all, commandLine: "true", requiredSlots: 4}]
"""
SHOTS = """\
apiVersion: batchyard.io/v1alpha1
kind: BatchJob
metadata: {name: shots}
spec:
  poolInfo: {poolId: sample}
  tasks:
"""
SHOTS += "".join(f"    - {{id: shot{number:02}, commandLine: /bin/sh -c 'sleep 4'}}\n" for number in range(1, 21))
PAGES = ("/version", f"/apis/{API_VERSION}")
OF_THE_CLUSTER = (CRD, POLICY, POLICY_BINDING, NAMESPACE)
"""What `batchyard doctor` reads, beside what belongs to the operator."""
PRINTED = ("workitems/frames/job-1/frame2", "shared")
READ = ("workitems/frames/job-1/frame2/stdout.txt", "workitems/frames/job-1/frame2/stderr.txt", "shared/job_prep_and_release.txt")  # fmt: skip


def main() -> None:
    with operator_cluster() as cluster:
        FILE.write_text(json.dumps(_recorded(cluster), indent=1) + "\n")


def _recorded(cluster: Cluster) -> Object:
    session = Session(HttpCluster(login(str(cluster.kubeconfig), None, os.environ)), HERE)
    cluster.apply(ROOT / "examples/prep-release")
    _end(session, "demo")
    made = session.cluster.create(BATCH_JOB, HERE, of_command("sample", ("/bin/sh", "-c", "echo hello from $AZ_BATCH_NODE_ID"), image=None, name=None))  # fmt: skip
    run = _end(session, made["metadata"]["name"])
    cluster.apply(FRAMES)
    _end(session, "frames")
    _reason(session, "wide")
    cluster.apply(SHOTS)
    _ended(session, "shots", 6)
    kinds = (BATCH_POOL, BATCH_NODE, BATCH_JOB, BATCH_JOB_NODE, BATCH_TASK, POD, EVENT)
    found = (each for kind in kinds for each in session.cluster.list(Scope(kind, HERE)))
    objects = [each for each in found if each["kind"] != "Event" or _is_shown(each)]
    objects += _installed(session)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    logs = {
        name: b"".join(session.cluster.log(HERE, name, "task", follow=False, tail=None)).decode()
        for name in _task_pods(objects)
    }
    return {
        "now": now,
        "objects": [_slim(each) for each in objects],
        "run": [_slim(each) for each in (made, *run)],
        "logs": logs,
        "files": dict(_files(session, objects)),
        "pages": {path: session.cluster.read(path) for path in PAGES},
    }


def _end(session: Session, name: str) -> list[Object]:
    """Its versions until it has ended."""
    seen = []
    for job in follow(session, BATCH_JOB, HERE, name, timeout=180):
        seen.append(job)
        if verdict(job):
            break
    return seen


def _ended(session: Session, name: str, tasks: int) -> None:
    """So many of its tasks."""
    for job in follow(session, BATCH_JOB, HERE, name, timeout=120):
        if at(job, "status.taskCounts.completed", 0) >= tasks and waits_for(job):
            return


def _installed(session: Session) -> list[Object]:
    """The lease last: it is renewed every two seconds."""
    found = [each for kind in OF_THE_CLUSTER for each in session.cluster.list(Scope(kind))]
    kept = [each for each in found if each["kind"] != "Namespace" or each["metadata"]["name"] in (HERE, SYSTEM)]
    return kept + [each for kind in (DEPLOYMENT, LEASE) for each in session.cluster.list(Scope(kind, SYSTEM))]


def _reason(session: Session, name: str) -> None:
    for job in follow(session, BATCH_JOB, HERE, name, timeout=60):
        if any(
            each["type"] == "Admitted" and each["status"] == "False" for each in job["status"].get("conditions", [])
        ):
            return


def _is_shown(event: Object) -> bool:
    """About what the page describes."""
    return str(event["involvedObject"]["name"]).startswith(("demo.", "frames-frame2-"))


def _task_pods(objects: list[Object]) -> Iterator[str]:
    """Those that have begun."""
    pods = (each for each in objects if each["kind"] == "Pod" and each["status"]["phase"] != "Pending")
    return (pod["metadata"]["name"] for pod in pods if LABEL_TASK_UID in pod["metadata"]["labels"])


def _files(session: Session, objects: list[Object]) -> Iterator[tuple[str, str]]:
    (node,) = {each["status"]["nodeInfo"]["nodeId"] for each in objects if each["metadata"]["name"] == "frames.frame2"}
    place, agent = Place(session, "sample", node), _agent(objects, node)
    yield from ((f"{agent}:{ROOT_DIR}/{path}", place.listed(path)) for path in PRINTED)
    yield from ((f"{agent}:{ROOT_DIR}/{path}", b"".join(place.read(path)).decode()) for path in READ)


def _agent(objects: list[Object], node: str) -> str:
    pods = (each for each in objects if each["kind"] == "Pod" and each["spec"].get("nodeName") == node)
    (name,) = (
        pod["metadata"]["name"] for pod in pods if pod["metadata"]["labels"].get(LABEL_COMPONENT) == COMPONENT_POOL_NODE
    )
    return str(name)


def _slim(each: Object) -> Object:
    """Without what no command shows."""
    meta = {name: value for name, value in each["metadata"].items() if name not in ("managedFields", "annotations")}
    if each["kind"] == "Pod":
        return {
            **each,
            "metadata": meta,
            "spec": {"nodeName": each["spec"].get("nodeName", "")},
            "status": {"phase": each["status"]["phase"]},
        }
    if each["kind"] in (CRD.kind, POLICY.kind):  # too long, and nobody looks at it
        return {**each, "metadata": meta, "spec": {}}
    return {**each, "metadata": meta}


if __name__ == "__main__":
    main()
