"""`batchyard` against a real cluster where something is wrong, or might be: doctor, bundle, what failed, when something starts."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import yaml

from batchyard.cli.outcome import Exit
from tests.cluster import operators
from tests.cluster.batch import Batch
from tests.cluster.installation import NAMESPACE, RELEASE
from tests.cluster.shell import Shell
from tests.cluster.test_cli import somebody


def results(told: str) -> dict[str, str]:
    """By check; of two of one name the second."""
    return {line.split()[1]: line.split()[0] for line in told.splitlines()[1:]}


def test_doctor_passes_a_sound_installation_and_leaves_open_what_a_viewer_cannot_see(
    small: Shell, tmp_path: Path
) -> None:
    told = small("doctor")
    assert set(results(told).values()) == {"ok"}, told
    assert "ok lease " in told
    assert "ok policies all 8 are in force\n" in told
    assert "ok pools nodes serve in every pool that wants some (1 of 1)\n" in told
    viewer = results(somebody(small.batch, "view", tmp_path)("doctor"))
    assert {name for name, result in viewer.items() if result == "unknown"} == {
        "definitions", "operator", "lease", "policies", "finalizers",
    }  # fmt: skip
    assert {name for name, result in viewer.items() if result == "warn"} == {"run-jobs", "read-files"}


def test_doctor_fails_while_no_operator_works_and_tells_what_cannot_be_deleted(small: Shell) -> None:
    batch, kubectl = small.batch, small.batch.cluster.kubectl
    batch.job("stuck", tasks={"one": "true"})
    batch.completed("one", job="stuck")
    kubectl("scale", "deployment", RELEASE, "-n", NAMESPACE, "--replicas=0")
    try:
        batch.wait("the operator has let go", lambda: not operators.leader(batch.cluster))
        small("job delete stuck")
        told = small("doctor", Exit.UNHEALTHY)
        assert results(told)["operator"] == "fail"
        assert results(told)["lease"] == "fail"
        assert "1 being deleted, " in told
        assert "batchjob/stuck for T, and no operator works; start the operator again" in told
    finally:
        operators.scale(batch.cluster, 1)
        batch.wait("it leads", lambda: operators.leader(batch.cluster) in operators.pods(batch.cluster))
    batch.gone("bjob", "stuck")
    batch.wait("all is well again", lambda: _is_well(small))


def _is_well(shell: Shell) -> bool:
    """While it is not, doctor ends with a code of its own, which the shell refuses."""
    try:
        return set(results(shell("doctor")).values()) == {"ok"}
    except AssertionError:
        return False


def test_bundle_holds_what_a_bug_report_needs_and_no_command(small: Shell, tmp_path: Path) -> None:
    small.batch.job("secret", tasks={"one": "/bin/sh -c 'echo hunter2'"}, commonEnvironmentSettings=[{"name": "A", "value": "hunter3"}])  # fmt: skip
    small.batch.completed("one", job="secret")
    files, told = bundle(small, tmp_path / "admin.tar.gz")
    assert told.endswith(" files\n")
    here = small.batch.namespace
    assert {f"objects/{here}/{kind}.yaml" for kind in ("batchpools", "batchnodes", "batchjobs", "batchtasks")} <= {
        *files
    }
    assert {"versions.yaml", "doctor.txt", "doctor.json", f"pods/{here}/pods.yaml", f"events/{here}.yaml"} <= {*files}
    assert any(name.startswith(f"operator/{NAMESPACE}/") for name in files)
    whole = "\n".join(files.values())
    assert "hunter2" not in whole
    assert "hunter3" not in whole
    assert "REDACTED" in files[f"objects/{here}/batchtasks.yaml"]
    viewers, told = bundle(somebody(small.batch, "view", tmp_path), tmp_path / "viewer.tar.gz")
    assert " could not be read (manifest.json)\n" in told
    assert f"objects/{here}/batchtasks.yaml" in viewers
    assert {each["what"] for each in json.loads(viewers["manifest.json"])["unread"]} >= {
        "deployments of the operator"
    }  # without which its Pods are not known
    assert yaml.safe_load(viewers["versions.yaml"])["kubernetes"]["gitVersion"]


def bundle(shell: Shell, file: Path) -> tuple[dict[str, str], str]:
    told = shell(f"bundle -o {file}")
    with tarfile.open(fileobj=io.BytesIO(file.read_bytes())) as tar:
        found = {each.name.partition("/")[2]: tar.extractfile(each) for each in tar}
        return {name: content.read().decode() for name, content in found.items() if content}, told


def test_what_failed_and_what_hooks_wrote_is_read_together(small: Shell, tmp_path: Path) -> None:
    shell, batch = small, small.batch
    tasks = {"a": "/bin/sh -c 'echo no camera; exit 3'", "b": "/bin/sh -c 'echo no light >&2; exit 4'", "c": "true"}
    hooks: dict[str, Any] = {
        "jobPreparationTask": {"commandLine": "/bin/sh -c 'echo fetched'"},
        "jobReleaseTask": {"commandLine": "/bin/sh -c 'echo gone'"},
    }
    batch.job("shoot", tasks=tasks, onAllTasksComplete="terminatejob", **hooks)
    waited = shell("job wait shoot", Exit.JOB_FAILED)
    assert " | no camera\n" in waited
    assert waited.endswith(" | no light\n batchyard task logs shoot --failed\n")
    assert shell("task logs shoot --failed") == "==> task a <==\nno camera\n==> task b <==\nno light\n"
    assert shell("job logs shoot") == (
        "==> preparation on node1: exit code 0 <==\nfetched\n==> release on node1: exit code 0 <==\ngone\n"
    )
    assert somebody(batch, "view", tmp_path)("task logs shoot --failed") == shell("task logs shoot --failed")


def test_what_waits_is_told_when_it_may_start(small: Shell) -> None:
    shell, batch = small, small.batch
    batch.job("line", tasks={f"t{number}": "/bin/sh -c 'sleep 2'" for number in range(8)})
    batch.wait("some have ended", lambda: "estimated start: in about " in shell("why line"))
    told = shell("why line")
    assert ", the last task in about " in told or "completed" in told
    batch.completed(job="line")
    assert "estimated start" not in shell("why line")


def test_preparation_is_read_by_a_viewer_while_its_pod_is_there(batch: Batch, shell: Shell, tmp_path: Path) -> None:
    batch.pool(targetDedicatedNodes=1, nodeSelector={"kubernetes.io/hostname": "node1"})
    batch.job("ready", tasks={"one": "true"}, jobPreparationTask={"commandLine": "/bin/sh -c 'echo fetched'"})
    batch.completed("one", job="ready")
    told = "==> preparation on node1: exit code 0 <==\nfetched\n"
    assert somebody(batch, "view", tmp_path)("job logs ready") == told
    assert shell("job logs ready --hook preparation --tail 1") == told
