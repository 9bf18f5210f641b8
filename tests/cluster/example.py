"""examples/prep-release run as a user would, with kubectl, on any cluster that has the operator; shows what happened on each node."""

import json
import shlex
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from tests.cluster.commands import run
from tests.cluster.watching import watch

ROOT = Path(__file__).parents[2]
FOLDER = "examples/prep-release/"
JOB, TASKS = "demo", 8
FILE = "job_prep_and_release.txt"
DEADLINE_SECONDS = 300
TERMINATE = '{"spec": {"desiredState": "terminated"}}'
TASK_LINE = '{.metadata.name} {.status.state} {.status.nodeInfo.nodeId} {.status.executionInfo.exitCode}{"\\n"}'

ReadFile = Callable[[str, PurePosixPath], str | None]
"""The text of a file of a node, by the node's name and the file's path there; None where there is no such file."""


@dataclass(frozen=True)
class Seen:
    """What the example did. Seconds count from the start of `kubectl apply`."""

    files: dict[str, str | None]
    """What preparation and tasks wrote, by node."""
    files_after_release: dict[str, str | None]
    exit_codes: dict[str, tuple[int | None, int | None]]
    """Of preparation and release, by node."""
    seconds_to_tasks_completed: float
    seconds_to_job_completed: float

    @property
    def as_promised(self) -> bool:
        return (
            all(codes == (0, 0) for codes in self.exit_codes.values())
            and all(self.files.values())
            and not any(self.files_after_release.values())
        )


def run_example(kubeconfig: Path, programs: Path, read_file: ReadFile) -> Seen:
    """Apply it, wait for its tasks, show the nodes' files, terminate it, show how preparation and release ended."""
    kubectl = Kubectl(programs / "kubectl", kubeconfig)
    start = time.monotonic()
    kubectl.show("apply", "-f", FOLDER)
    _await_tasks(kubectl, start)
    tasks_completed = time.monotonic() - start
    files = _files(kubectl, read_file)
    for node, text in files.items():
        print(f"\n{FILE} on {node}:\n{text or '(no such file)'}", end="")
    print()
    kubectl.show("patch", "batchjob", JOB, "--type", "merge", "--patch", TERMINATE)
    _await_job(kubectl, start)
    job_completed = time.monotonic() - start
    print()
    kubectl.show("get", "batchjobnodes", *of_job())
    left = _files(kubectl, read_file)
    for node, text in left.items():
        print(f"{FILE} on {node}: {'still there' if text else 'gone'}")
    return Seen(files, left, _exit_codes(kubectl), tasks_completed, job_completed)


class Kubectl:
    def __init__(self, program: Path, kubeconfig: Path) -> None:
        self._words = (str(program), "--kubeconfig", str(kubeconfig), "--namespace", "default")

    def __call__(self, *words: str) -> str:
        return run(*self._words, *words)

    def show(self, *words: str) -> None:
        """Run it as a user who sees the command line and its output."""
        print(f"$ kubectl {shlex.join(words)}", flush=True)
        paths = (str(ROOT / word) if word == FOLDER else word for word in words)
        print(self(*paths), end="", flush=True)

    def watch(self, *words: str, seconds: int = DEADLINE_SECONDS) -> Generator[str, None, None]:
        return watch(*self._words, "get", *words, seconds=seconds)


def of_job() -> tuple[str, str]:
    return "--field-selector", f"spec.jobId={JOB}"


def _await_tasks(kubectl: Kubectl, start: float) -> None:
    completed: set[str] = set()
    with closing(kubectl.watch("batchtasks", *of_job(), "-o", f"jsonpath={TASK_LINE}")) as lines:
        for task, *facts in map(str.split, lines):
            if facts[:1] != ["completed"] or task in completed:
                continue
            completed.add(task)
            _, node, code = facts if len(facts) == 3 else ("", "no node", "none")
            print(f"{time.monotonic() - start:6.1f} s  {task} completed on {node}, exit code {code}", flush=True)
            if len(completed) == TASKS:
                return
    raise TimeoutError(f"{TASKS} tasks completed: only {len(completed)} within {DEADLINE_SECONDS} s")


def _await_job(kubectl: Kubectl, start: float) -> None:
    before = ""
    with closing(kubectl.watch("batchjob", JOB, "-o", 'jsonpath={.status.state}{"\\n"}')) as states:
        for state in states:
            if state != before:
                print(f"{time.monotonic() - start:6.1f} s  job {state}", flush=True)
            if state == "completed":
                return
            before = state
    raise TimeoutError(f"job completed: still {before} after {DEADLINE_SECONDS} s")


def _files(kubectl: Kubectl, read_file: ReadFile) -> dict[str, str | None]:
    return {
        node["nodeId"]: read_file(node["nodeId"], PurePosixPath("/var/lib/batchyard", node["poolUID"], "shared", FILE))
        for node in (record["spec"] for record in _job_nodes(kubectl))
    }


def _exit_codes(kubectl: Kubectl) -> dict[str, tuple[int | None, int | None]]:
    return {
        record["spec"]["nodeId"]: (
            _exit_code(record, "jobPreparationTaskExecutionInfo"),
            _exit_code(record, "jobReleaseTaskExecutionInfo"),
        )
        for record in _job_nodes(kubectl)
    }


def _exit_code(record: dict[str, Any], step: str) -> int | None:
    code: int | None = record.get("status", {}).get(step, {}).get("exitCode")
    return code


def _job_nodes(kubectl: Kubectl) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(kubectl("get", "batchjobnodes", *of_job(), "-o", "json"))["items"]
    return items
