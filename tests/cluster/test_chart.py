"""The life of a release on a real cluster, as users live it with Helm: jobs go on whatever happens to the operator."""

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import installation, programs
from tests.cluster.batch import Batch, Object
from tests.cluster.commands import CommandError
from tests.cluster.trace import traced
from tests.gitops.judging import MODULE

UNTIL_TOLD = 'while [ ! -e "$AZ_BATCH_NODE_SHARED_DIR/go" ]; do sleep 0.2; done'
STEPS: dict[str, Any] = {"jobPreparationTask": {"commandLine": traced()}, "jobReleaseTask": {"commandLine": traced()}}
TASKS = ("one", "two")


@pytest.fixture
def release(batch: Batch) -> Iterator[Batch]:
    """For tests that change the release: it is put back, before the namespace of the test goes."""
    yield batch
    installation.install_as_in_tests(batch.cluster)


def helm(batch: Batch, *argv: str | Path, program: Path | None = None) -> str:
    return installation.helm(batch.cluster, *argv, program=program)


def upgrade(batch: Batch, *values: str, program: Path | None = None) -> None:
    changes = [word for value in values for word in ("--set", value)]
    helm(
        batch,
        "upgrade",
        "batchyard",
        installation.CHART,
        "--reset-then-reuse-values",
        *changes,
        "--wait",
        "--timeout",
        "180s",
        program=program,
    )


def running_job(batch: Batch) -> dict[str, Object]:
    """A prepared job whose two tasks run until they are told to end; its Pods by name."""
    begin_job(batch)
    return running(batch)


def begin_job(batch: Batch) -> None:
    batch.pool()
    batch.job(tasks=dict.fromkeys(TASKS, traced(UNTIL_TOLD)), **STEPS)


def running(batch: Batch) -> dict[str, Object]:
    batch.wait("both tasks run", lambda: all(batch.tasks().get(t, {}).get("state") == "running" for t in TASKS))
    return pods(batch)


def pods(batch: Batch) -> dict[str, Object]:
    """Uid and restarts of every Pod of the namespace."""
    found = batch.all("pod")
    return {p["metadata"]["name"]: {"uid": p["metadata"]["uid"], "restarts": _restarts(p)} for p in found}


def _restarts(pod: Object) -> int:
    statuses = [*pod["status"].get("containerStatuses", []), *pod["status"].get("initContainerStatuses", [])]
    return sum(status["restartCount"] for status in statuses)


def tell_to_end(batch: Batch) -> None:
    for node in batch.cluster.nodes:
        (batch.root(node) / "shared/go").touch()


def ends_well(batch: Batch) -> None:
    """Each task ran once, and so did preparation and release on each node."""
    tell_to_end(batch)
    assert {task["executionInfo"]["result"] for task in batch.completed(*TASKS).values()} == {"success"}
    batch.terminate()
    batch.job_state("completed")
    ran = sorted(process.task for process in batch.ran())
    assert ran == sorted([*TASKS, *["jobpreparation", "jobrelease"] * len(batch.nodes())])


def operator_uid(batch: Batch) -> str:
    return str(installation.operator_pod(batch.cluster)["metadata"]["uid"])


def test_upgrade_and_rollback_leave_running_tasks_alone(release: Batch) -> None:
    goes_through_upgrade_and_rollback(release)


def test_helm_4_installs_upgrades_and_rolls_back_as_well(release: Batch) -> None:
    """It writes by server-side apply, and waits for each object in its own way."""
    four = programs.build(MODULE) / "helm"
    helm(release, "uninstall", "batchyard", "--wait", "--timeout", "120s")
    installation.install_as_in_tests(release.cluster, four)
    goes_through_upgrade_and_rollback(release, four)
    helm(release, "uninstall", "batchyard", "--wait", "--timeout", "120s", program=four)


def goes_through_upgrade_and_rollback(release: Batch, program: Path | None = None) -> None:
    before, first = running_job(release), operator_uid(release)
    upgrade(release, "operator.logLevel=debug", program=program)
    second = operator_uid(release)
    assert second != first
    helm(release, "rollback", "batchyard", "--wait", "--timeout", "180s", program=program)
    assert operator_uid(release) not in (first, second)
    assert 0 < max(stored(release)) < 500_000  # Kubernetes allows 1 MiB
    assert pods(release) == before
    ends_well(release)


def stored(batch: Batch) -> list[int]:
    """The sizes of what Helm keeps of each revision."""
    found = batch.cluster.get_all("secret", installation.NAMESPACE, "owner=helm")
    return [len(b64decode(each["data"]["release"])) for each in found]


def test_uninstall_keeps_what_users_have_and_the_next_install_goes_on_with_it(release: Batch) -> None:
    before, cluster = running_job(release), release.cluster
    helm(release, "uninstall", "batchyard", "--wait", "--timeout", "120s")
    assert release.state() == "active"
    assert pods(release) == before
    release.wait("the operator's namespace is empty", lambda: not _left_in_operators_namespace(release))
    cluster_wide = "clusterrole,clusterrolebinding,validatingadmissionpolicy,validatingadmissionpolicybinding"
    assert "batchyard" not in cluster.kubectl("get", cluster_wide, "-o", "name")
    tell_to_end(release)
    release.wait("the tasks have ended with nobody there", lambda: {"Succeeded"} == _phases(release))
    assert {task["state"] for task in release.tasks().values()} == {"running"}
    installation.install_as_in_tests(cluster)
    ends_well(release)
    release.delete("bjob", "job")
    release.gone("bjob", "job")


def _left_in_operators_namespace(batch: Batch) -> list[str]:
    """But for wipe Pods of namespaces that were ending, which the next operator takes away."""
    kinds = "all,role,rolebinding,serviceaccount,configmap,resourcequota"
    others = ("-l", "app.kubernetes.io/managed-by!=batchyard")
    left = batch.cluster.kubectl("get", kinds, "-n", installation.NAMESPACE, *others, "-o", "name").split()
    return sorted(set(left) - {"serviceaccount/default", "configmap/kube-root-ca.crt"})


def _phases(batch: Batch) -> set[str]:
    return {pod["status"]["phase"] for pod in batch.all("pod", "app.kubernetes.io/component=task")}


def test_helm_test_runs_a_job_of_two_tasks_and_tidies_up(batch: Batch) -> None:
    assert "Succeeded" in helm(batch, "test", "batchyard", "--timeout", "180s")
    batch.wait("its namespace is gone", lambda: batch.cluster.get("namespace", "batchyard-test") is None)
    assert batch.cluster.get("pod", "batchyard-test", installation.NAMESPACE) is None


def test_helm_test_fails_with_the_reason_when_nothing_can_run(release: Batch) -> None:
    upgrade(release, "test.nodeSelector.no=such", "test.timeoutSeconds=10")
    with pytest.raises(CommandError):
        helm(release, "test", "batchyard", "--timeout", "60s")
    said = release.cluster.kubectl("logs", "-n", installation.NAMESPACE, "batchyard-test")
    assert "no Node of the cluster is ready and matches the nodeSelector" in said
    release.cluster.kubectl("delete", "pod", "batchyard-test", "-n", installation.NAMESPACE)
    release.wait("its namespace is gone", lambda: release.cluster.get("namespace", "batchyard-test") is None)


def test_standby_takes_over_and_running_tasks_do_not_notice(release: Batch) -> None:
    upgrade(release, "replicas=2", "podDisruptionBudget.enabled=true")
    before, leader = running_job(release), holder(release)
    release.cluster.kubectl("delete", "pod", leader, "-n", installation.NAMESPACE, "--wait=false")
    release.wait("another one leads", lambda: holder(release) not in ("", leader), 60)
    assert pods(release) == before
    ends_well(release)


def test_operator_confined_to_namespaces_serves_these_and_no_other(release: Batch) -> None:
    """With rights in these alone: in any other it could not even look."""
    upgrade(release, f"watchNamespaces={{{release.namespace}}}")
    account = f"--as=system:serviceaccount:{installation.NAMESPACE}:batchyard"
    with pytest.raises(CommandError):
        release.cluster.kubectl("get", "batchjobs", "-n", "default", account)
    running_job(release)
    ends_well(release)
    release.delete("bjob", "job")
    release.gone("bjob", "job")


def test_operator_runs_nothing_in_a_namespace_that_has_not_opted_in(release: Batch) -> None:
    """The attack: somebody with the operator's token makes a Pod where nobody asked for pools."""
    upgrade(release, "rbac.optIn=true")
    account = f"{installation.NAMESPACE}:batchyard"
    attack = ("run", "attack", "--image=x", "--dry-run=server", f"--as=system:serviceaccount:{account}")
    with pytest.raises(CommandError, match="cannot create resource"):
        release.kubectl(*attack)
    begin_job(release)
    release.says("bjob", "job", "Admitted", "NotPermitted")
    role = f"--clusterrole={installation.NAMESPACE}:batchyard:executor"
    release.kubectl("create", "rolebinding", "batchyard", role, f"--serviceaccount={account}")
    running(release)
    ends_well(release)
    release.delete("bjob", "job")
    release.gone("bjob", "job")


def holder(batch: Batch) -> str:
    lease = batch.cluster.get("lease", "batchyard", installation.NAMESPACE) or {}
    return str(lease.get("spec", {}).get("holderIdentity", ""))
