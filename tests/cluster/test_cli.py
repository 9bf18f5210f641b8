"""`batchyard` against a real cluster: every command, what it prints, and with whose rights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

from batchyard.cli.outcome import Exit
from tests.cluster.batch import IMAGE, Batch
from tests.cluster.shell import ROOT, Shell

JOB = {
    "apiVersion": "batchyard.io/v1alpha1",
    "kind": "BatchJob",
    "metadata": {"name": "demo"},
    "spec": {
        "poolInfo": {"poolId": "pool"},
        "jobPreparationTask": {"commandLine": "/bin/sh -c 'echo prepared'"},
        "jobReleaseTask": {"commandLine": "true"},
        "tasks": [
            {"id": "hello", "commandLine": "/bin/sh -c 'echo hello; echo careful >&2'"},
            {"id": "broken", "commandLine": "/bin/sh -c 'echo no such scene >&2; exit 3'"},
        ],
    },
}


def test_a_job_is_run_looked_at_and_ended_from_the_command_line(small: Shell) -> None:
    shell, batch = small, small.batch
    ran = shell("job run -f -", Exit.JOB_FAILED, stdin=yaml.safe_dump(JOB))
    assert "demo: 0/2 tasks completed" in ran
    assert ran.endswith(
        "batchjob.batchyard.io/demo created\n"
        "job demo: 1 of 2 tasks succeeded, 1 failed; it stays active; `batchyard job terminate demo` releases its nodes and ends it\n"
        " broken on node1: FailureExitCode, exit code 3: The task exited with an exit code representing a failure\n"
        " | no such scene\n"
        " batchyard task logs demo broken\n"
    )
    pools = "NAME STATE ALLOCATION NODES IDLE RUNNING SLOTS REASON AGE\npool active steady 1/1 1 0 1 - T\n"
    batch.wait("the pool has heard of the last task's end", lambda: shell("pool list") == pools)
    nodes = "NODE POOL STATE SCHEDULING TASKS SLOTS START ERROR AGE\nnode1 pool idle enabled 0 0 - - T\n"
    batch.wait("the node has heard of it, too", lambda: shell("node list") == nodes)
    assert shell("node list -o name") == "batchnode.batchyard.io/pool.node1\n"
    assert shell("node list -o wide").startswith("NODE POOL STATE ")
    assert "kind: BatchNode" in shell("node list -o yaml")
    assert shell("why pool/pool") == "pool pool: active, steady, 1 of 1 node\nTargetReached: 1 idle\n"
    assert [each["metadata"]["name"] for each in json.loads(shell("job list -o json"))["items"]] == ["demo"]
    assert shell("job list") == (
        "NAME STATE POOL DONE FAILED RUN REASON DURATION AGE\ndemo active pool 2/2 1 0 - T T\n"
    )
    assert shell("task list demo") == (
        "TASK STATE NODE EXIT RESULT RETRIES REASON DURATION AGE\n"
        "broken completed node1 3 failure 0 FailureExitCode T T\n"
        "hello completed node1 0 success 0 - T T\n"
    )
    assert "node1 completed 0 0 - - - T\n" in shell("job describe demo")
    assert shell("task why demo broken") == (
        "task broken of job demo: completed\n"
        "FailureExitCode: exit code 3: The task exited with an exit code representing a failure\n"
        "next: batchyard task logs demo broken; then batchyard task reactivate demo broken\n"
        "docs: docs/troubleshooting.md#why-a-task-failed\n"
    )

    directory = "workitems/demo/job-1/hello"
    assert sorted(shell("task logs demo hello").splitlines()) == ["careful", "hello"]
    batch.cluster.kubectl("delete", "pod", "-n", batch.namespace, "-l", "batchyard.io/job=demo", "--field-selector=status.phase!=Running")  # fmt: skip
    assert shell("task logs demo hello") == "careful\nhello\n"
    assert shell("task logs demo hello --stdout") == "hello\n"
    assert shell("task logs demo broken --stderr --tail 1") == "no such scene\n"
    assert shell(f"node files node1 {directory}") == (
        "SIZE MODIFIED NAME\n2 T .attempt\n11 T .expires\n8 T stderr.txt\n6 T stdout.txt\n- T wd/\n"
    )
    assert shell(f"node cat node1 {directory}/stdout.txt") == "hello\n"
    assert "is not below" in shell("node cat node1 ../../etc/passwd", Exit.USAGE)
    assert "no such file or directory" in shell(f"node cat node1 {directory}/nothing", Exit.NOT_FOUND)

    assert shell("task reactivate demo broken") == "batchtask.batchyard.io/demo.broken reactivated\n"
    batch.says("btask", "demo.broken", "Reactivated", "Reactivated")
    batch.completed("broken", job="demo")
    assert "success is final" in shell("task reactivate demo hello", Exit.ERROR)
    assert shell("job disable demo") == "batchjob.batchyard.io/demo disabling\n"
    assert "job demo is disabled: " in shell("job wait demo", Exit.JOB_STOPPED)
    assert "next: batchyard job enable demo\n" in shell("why demo")
    assert shell("job enable demo") == "batchjob.batchyard.io/demo enabled\n"
    assert shell("job terminate demo --reason Enough") == "batchjob.batchyard.io/demo terminating\n"
    ended = shell("job wait demo --for completed", Exit.JOB_STOPPED)
    assert "job demo was terminated (Enough): 1 of 2 tasks succeeded, 1 failed\n" in ended
    assert shell("job delete demo --wait").endswith("batchjob.batchyard.io/demo is gone\n")
    assert shell("job list") == f"no jobs in namespace {batch.namespace}\n"


def test_a_command_is_run_followed_and_explained(small: Shell) -> None:
    shell = small
    ran = shell(f"job run --name quick --pool pool --image {IMAGE} --logs -- /bin/sh -c 'echo hello'")
    assert "job quick completed (AllTasksComplete): 1 of 1 task succeeded, 0 failed\nhello\n" in ran
    shell("job run --name bad --pool pool -- /bin/sh -c 'exit 7'", Exit.JOB_FAILED)
    assert shell("job run --name slow --pool pool --no-wait -- /bin/sh -c 'echo one; sleep 3; echo two'") == (
        "batchjob.batchyard.io/slow created\n"
    )
    assert shell("task logs slow task --follow").endswith("one\ntwo\n")
    shell.batch.job("big", tasks={})
    shell.batch.task("big.t", job="big", id="t", commandLine="true", requiredSlots=4)
    shell.batch.says("bjob", "big", "Admitted", "ExceedsPool")
    assert shell("why big t") == (
        "task t of job big: active\n"
        "ExceedsPool: a task requires 4 slots; each node of pool 'pool' has 1\n"
        "next: lower requiredSlots or raise the pool's taskSlotsPerNode\n"
        "docs: docs/troubleshooting.md#exceedspool\n"
    )
    assert "not within 1 s" in shell("job wait big --timeout 1", Exit.TIMEOUT)
    assert shell("pool resize pool --dedicated 0") == "batchpool.batchyard.io/pool resizing\n"
    shell.batch.gone("bnode", "pool.node1")
    assert "pool has no running agent on node node1" in shell("task logs bad task --stdout", Exit.NOT_FOUND)
    assert '"nope" not found' in shell("job wait nope", Exit.NOT_FOUND)


def test_a_range_is_one_line_and_each_of_it_has_its_output(small: Shell) -> None:
    shell, batch = small, small.batch
    line = "/bin/sh -c 'echo point $AZ_BATCH_TASK_ID; test $AZ_BATCH_TASK_ID != 2 || exit 5'"
    points = {"id": "points", "range": {"start": 1, "end": 3}, "commandLine": line}
    pool = {"poolId": "pool"}
    batch.apply("BatchJob", "sweep", {"poolInfo": pool, "onAllTasksComplete": "terminatejob", "tasks": [points]})
    assert shell("job wait sweep --logs", Exit.JOB_FAILED).endswith(
        "job sweep failed (AllTasksComplete): 2 of 3 tasks succeeded, 1 failed\n"
        " 1-3: 1 FailureExitCode, exit code 5 (2)\n"
        " batchyard task logs sweep 2\n"
        "point 2\n"
    )
    assert shell("task list sweep").startswith(
        "TASK STATE NODE EXIT RESULT RETRIES REASON DURATION AGE\n1-3 completed - - 2 of 3, 1 failed 0 FailureExitCode "
    )
    assert shell("task why sweep 2") == (
        "task 2 of 1-3 of job sweep: completed\nFailureExitCode: exit code 5\nnext: batchyard task logs sweep 2\n"
        "docs: docs/troubleshooting.md#why-a-task-failed\n"
    )
    assert shell("task logs sweep 3") == "point 3\n"
    assert shell("task logs sweep 3 --stdout") == "point 3\n"


def somebody(batch: Batch, role: str, folder: Path) -> Shell:
    """A service account with one of the cluster's own roles in this namespace, and its kubeconfig."""
    kubectl, namespace = batch.cluster.kubectl, batch.namespace
    kubectl("create", "serviceaccount", role, "-n", namespace)
    kubectl(
        "create", "rolebinding", role, "-n", namespace, f"--clusterrole={role}", f"--serviceaccount={namespace}:{role}"
    )
    token = kubectl("create", "token", role, "-n", namespace).strip()
    config = yaml.safe_load(batch.cluster.kubeconfig.read_text())
    config["users"] = [{**each, "user": {"token": token}} for each in config["users"]]
    path = folder / f"{role}.kubeconfig"
    path.write_text(yaml.safe_dump(config))
    return Shell(batch, path)


def test_everybody_can_do_what_their_own_role_allows(small: Shell, tmp_path: Path) -> None:
    batch = small.batch
    batch.job("done", tasks={"one": "/bin/sh -c 'echo hello'"})
    batch.completed("one", job="done")
    viewer, editor = somebody(batch, "view", tmp_path), somebody(batch, "edit", tmp_path)
    assert "done active pool 1/1" in viewer("job list")
    assert viewer("task logs done one") == "hello\n"
    assert "that needs get and create on pods/exec" in viewer("task logs done one --stdout", Exit.FORBIDDEN)
    assert "is forbidden" in viewer("job terminate done", Exit.FORBIDDEN)
    assert editor("task logs done one --stdout") == "hello\n"
    assert "is forbidden" in editor("pool resize pool --dedicated 2", Exit.FORBIDDEN)
    assert editor("job terminate done") == "batchjob.batchyard.io/done terminating\n"


def test_kubectl_calls_us_as_its_plugin_and_completes_our_words(shell: Shell, tmp_path: Path) -> None:
    for name, what in (
        ("kubectl-batchyard", "from batchyard.cli.app import main; main()"),
        ("kubectl_complete-batchyard", "from batchyard.cli.commands.completion import kubectl; kubectl()"),
    ):
        (tmp_path / name).write_text(f"#!{sys.executable}\n{what}\n")
        (tmp_path / name).chmod(0o755)
    programs = shell.batch.cluster.layout.programs
    config = str(shell.kubeconfig)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "operator"), "KUBECONFIG": config}

    def kubectl(*words: str) -> str:
        line = [str(programs / "kubectl"), *words]
        return subprocess.run(line, env=env, capture_output=True, text=True, check=True).stdout

    shell.batch.pool("plugged", targetDedicatedNodes=0)
    namespace = shell.batch.namespace
    assert kubectl("batchyard", "pool", "list", "-n", namespace, "-o", "name") == "batchpool.batchyard.io/plugged\n"
    assert kubectl("batchyard", "--help").startswith("Usage: kubectl batchyard ")
    assert kubectl("__complete", "batchyard", "-n", namespace, "pool", "resize", "pl").splitlines()[0] == "plugged"
