"""A disk without room. Judged by its whole history, too, as far as a full disk lets it be written."""

from tests.cluster.batch import Batch
from tests.cluster.small_disk import full, node_with_small_disk
from tests.cluster.trace import traced
from tests.cluster.under_fault import begin, end


def test_full_disk_fails_the_tasks_there_says_so_and_holds_nobody_else(batch: Batch) -> None:
    """C12: what was there before is wiped all the same, and with room the node serves again."""
    with node_with_small_disk(batch.cluster, "node3") as disk:
        batch.pool(targetDedicatedNodes=1, nodeSelector={"kubernetes.io/hostname": "node3"})
        batch.pool("elsewhere", nodeSelector={"batch": "true"}, targetDedicatedNodes=2)
        begin(batch, tasks=["first"])
        batch.job("wiped", tasks={"first": traced()})
        batch.completed("first")
        batch.completed("first", job="wiped")
        with full(disk):
            batch.task("second", commandLine=traced())
            failure = batch.completed("second")["second"]["executionInfo"]["failureInfo"]
            assert failure["code"] == "DiskFull"
            batch.job("others", pool="elsewhere", tasks={"one": traced(), "two": traced()})
            others = batch.completed("one", "two", job="others")
            assert {status["executionInfo"]["result"] for status in others.values()} == {"success"}
            batch.delete("bjob", "wiped")
            batch.gone("bjob", "wiped")
        batch.patch("btask", "second", {"spec": {"reactivations": 1}})
        batch.wait("success", lambda: batch.tasks()["second"].get("executionInfo", {}).get("result") == "success")
        batch.terminate()
        end(batch)
        batch.delete("bpool", "pool")
        batch.gone("bpool", "pool")
        assert {path.name for path in disk.rglob("*")} <= {"lost+found", ".trash"}
