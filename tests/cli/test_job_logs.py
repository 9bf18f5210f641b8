"""`batchyard job logs`: what preparation and release wrote, from the kubelet and from the nodes' files."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.api import names
from batchyard.cli.commands.job_logs import HOOKS
from batchyard.cli.outcome import Exit
from batchyard.core.pods.job import PREPARATION, RELEASE
from tests.cli.memory import Memory
from tests.cli.objects import NODE_ROOT, agent, job, made, preparation, record
from tests.cli.typing_in import typed

Object = dict[str, Any]
DIRECTORY = f"{NODE_ROOT}/workitems/demo/job-1"
RELEASED = {"state": "completed", "result": "success", "exitCode": 0, "taskRootDirectory": f"{DIRECTORY}/jobrelease"}


def hook_pod(component: str, machine: str) -> Object:
    labels = {names.LABEL_JOB_UID: "uid-demo", names.LABEL_COMPONENT: component}
    found = made("Pod", f"{component}-{machine}", {"nodeName": machine}, {"phase": "Running"}, labels=labels)
    return {**found, "apiVersion": "v1"}


def cluster() -> Memory:
    first = record("node1", **preparation("success", 0), jobReleaseTaskExecutionInfo=RELEASED)
    second = record("node2", **preparation("failure", 7))
    for each in (first, second):
        each["spec"]["jobUID"] = "uid-demo"
    objects = (job(), second, first, record("node3"), agent("node1"), agent("node2"))
    found = Memory(*objects, hook_pod(names.COMPONENT_PREPARATION, "node1"))
    found.logs["preparation-node1"] = b"fetched\nready\n"
    for name, out, err in (("jobpreparation", b"fetching\n", b"no such host\n"), ("jobrelease", b"gone\n", b"")):
        found.files |= {f"{DIRECTORY}/{name}/stdout.txt": out, f"{DIRECTORY}/{name}/stderr.txt": err}
    return found


def test_output_of_both_is_printed_node_by_node() -> None:
    answer = typed("job logs demo", cluster())
    assert answer.code == Exit.OK
    assert answer.both == (
        "==> preparation on node1: exit code 0 <==\nfetching\nno such host\n"
        "==> preparation on node2: exit code 7 <==\nfetching\nno such host\n"
        "==> release on node1: exit code 0 <==\ngone\n"
    )


@pytest.mark.parametrize(
    ("options", "titles"),
    [
        ("--failed", ["preparation on node2: exit code 7"]),
        ("--hook release", ["release on node1: exit code 0"]),
        ("--node node1", ["preparation on node1: exit code 0", "release on node1: exit code 0"]),
    ],
)
def test_one_may_be_chosen(options: str, titles: list[str]) -> None:
    said = typed(f"job logs demo {options}", cluster()).out
    assert [line[4:-4] for line in said.splitlines() if line.startswith("==> ")] == titles


def running() -> Memory:
    """The preparation on node1 has not ended yet."""
    found = cluster()
    of_job = found.objects["BatchJobNode", "default", "demo.node1"]
    of_job["status"]["jobPreparationTaskExecutionInfo"] = {"state": "running"}
    return found


def test_what_still_runs_is_told_by_the_kubelet() -> None:
    answer = typed("job logs demo --node node1 --hook preparation", running())
    assert answer.both == "==> preparation on node1: running <==\nfetched\nready\n"


def test_who_may_not_read_files_gets_what_the_kubelet_keeps() -> None:
    found = cluster()
    found.denied.add("create pods/exec")
    answer = typed("job logs demo --node node1", found)
    assert (
        answer.out
        == "==> preparation on node1: exit code 0 <==\nfetched\nready\n==> release on node1: exit code 0 <==\n"
    )
    assert (answer.err.count("is forbidden"), answer.code) == (1, Exit.FORBIDDEN)


def test_only_the_end_may_be_wanted() -> None:
    line = "job logs demo --node node1 --hook preparation --tail 1"
    assert typed(line, running()).out.endswith("<==\nready\n")
    ended = cluster()
    assert typed(line, ended).code == Exit.OK
    assert {words[6] for _, _, words in ended.executed} == {"1"}


def test_of_two_pods_on_a_node_the_later_one_tells() -> None:
    found = running()
    again = hook_pod(names.COMPONENT_PREPARATION, "node1")
    again["metadata"] |= {"name": "again", "creationTimestamp": "2026-03-01T12:00:00Z"}
    found.objects["Pod", "default", "again"] = again
    found.logs["again"] = b"once more\n"
    assert typed("job logs demo --node node1 --hook preparation", found).out.endswith("<==\nonce more\n")


def test_node_that_is_gone_keeps_no_other_back() -> None:
    found = cluster()
    del found.objects["Pod", "default", "sample-node-node2"]
    answer = typed("job logs demo", found)
    assert answer.code == Exit.NOT_FOUND
    assert "pool sample has no running agent on node node2" in answer.err
    assert answer.out.endswith("==> release on node1: exit code 0 <==\ngone\n")


def test_job_without_any_says_so() -> None:
    assert typed("job logs demo", Memory(job())).err == "no preparation or release of job demo has run\n"
    assert typed("job logs demo --failed --hook release", Memory(job())).err == "no release of job demo has failed\n"
    assert typed("job logs nope", Memory()).code == Exit.NOT_FOUND


def test_containers_are_named_as_the_operator_names_them() -> None:
    assert [hook.container for hook in HOOKS] == [PREPARATION, RELEASE]
