"""`batchyard` against a real cluster while something waits: lists that go on, the place in the queue, events, output that is yet to come."""

import os
import subprocess
import sys

from tests.cluster.shell import ROOT, Shell


def test_what_waits_is_told_its_place_and_lists_go_on_while_it_moves(small: Shell) -> None:
    shell, batch = small, small.batch
    watch = subprocess.Popen(
        [sys.executable, "-u", "-m", "batchyard.cli", "-n", batch.namespace, "job", "list", "--watch"],
        env={**os.environ, "KUBECONFIG": str(shell.kubeconfig), "PYTHONPATH": str(ROOT / "operator")},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        run = "job run --pool pool --no-wait --name"
        shell(f"{run} first -- /bin/sh -c 'sleep 12'")
        batch.wait("the only slot is taken", lambda: "Running" in shell("why first task"))
        shell(f"{run} second -- true")
        batch.wait("second waits", lambda: "place in the queue: job 1 of 1 that" in shell("why second"))
        shell(f"{run} third -- true")
        batch.wait("third waits behind it", lambda: "job 2 of 2 that wait for slots of the pool, 1 task before it" in shell("why third task"))  # fmt: skip
        assert "Queue: job 2 of 2" in shell("job describe third")
        assert f"{batch.namespace} second active pool 0/1" in shell("job list --all-namespaces")
        shell("job wait third --timeout 120")
        assert watch.stdout is not None
        rows = [next(watch.stdout)]
        while rows[-1].split()[:2] != ["third", "completed"]:
            rows.append(next(watch.stdout))
        assert rows[0].split()[:2] == ["NAME", "STATE"]
        assert ["first", "active"] in [row.split()[:2] for row in rows]
    finally:
        watch.terminate()
        watch.wait(timeout=30)


def test_descriptions_end_with_what_the_cluster_told(small: Shell) -> None:
    shell, batch = small, small.batch
    tasks = [{"id": "a", "commandLine": "/bin/sh -c 'exit 3'"}]
    failing = {"commandLine": "/bin/sh -c 'exit 7'", "waitForSuccess": False}
    pool = {"poolId": "pool"}
    batch.apply("BatchJob", "told", {"poolInfo": pool, "jobPreparationTask": failing, "tasks": tasks})
    batch.completed("a", job="told")
    batch.wait("the events are there", lambda: "Pod/told-a-" in shell("task describe told a"))
    task = shell("task describe told a")
    assert "State: completed\nWhy: FailureExitCode: exit code 3: " in task
    assert " Normal Started Pod/told-a-" in task
    assert " Warning PreparationFailed BatchJobNode/told.node1 on node node1: exit code 7\n" in shell(
        "job describe told"
    )


def test_one_of_a_range_can_be_followed_before_it_has_begun(small: Shell) -> None:
    line = "/bin/sh -c 'echo point $AZ_BATCH_TASK_ID; sleep 3; echo end'"
    points = {"id": "points", "range": {"start": 1, "end": 2}, "commandLine": line}
    small.batch.apply("BatchJob", "sweep", {"poolInfo": {"poolId": "pool"}, "tasks": [points]})
    small.batch.wait("the task is there", lambda: small.batch.all("btask"))
    assert small("task logs sweep 2 --follow") == (
        "task 2 has not begun; waiting (why: batchyard task why sweep 2)\npoint 2\nend\n"
    )
