"""`batchyard bundle`: what is in it, what never is, and what is said about what could not be read."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from batchyard import __version__
from batchyard.api.names import LABEL_MANAGED_BY, MANAGED_BY
from batchyard.cli.commands.bundle import FOLDER, packed
from batchyard.cli.outcome import Exit, NotLoggedIn, Problem
from tests.cli.memory import Memory
from tests.cli.objects import event, job, made, pod, task
from tests.cli.test_doctor import OF_PODS, SYSTEM, sound
from tests.cli.typing_in import Said, typed

Object = dict[str, Any]
HIDDEN = ("hunter2", "s3cr3t", "--key=abc", "whisper", "last-applied")
VARIABLES = [{"name": "PASSWORD", "value": "hunter2"}]


def operator(restarts: int = 0) -> Object:
    status = {"containerStatuses": [{"name": "operator", "restartCount": restarts}]}
    return made("Pod", "batchyard-0", {}, status, namespace=SYSTEM, labels=OF_PODS)


def run_of(of: Object) -> Object:
    found = pod(of)
    found["metadata"]["labels"][LABEL_MANAGED_BY] = MANAGED_BY
    found["metadata"]["annotations"] = {"note": "whisper"}
    found["spec"] = {"nodeName": "node1", "containers": [{"name": "task", "env": VARIABLES, "args": ["--key=abc"]}]}
    return found


def cluster() -> Memory:
    note = {"kubectl.kubernetes.io/last-applied-configuration": "s3cr3t", "batchyard.io/spec-hash": "1234"}
    image = {"imageName": "busybox", "containerRunOptions": "--env PASSWORD=hunter2"}
    step = {"commandLine": "prepare --key=abc", "environmentSettings": VARIABLES, "containerSettings": image}
    spec = {"jobPreparationTask": step, "commonEnvironmentSettings": VARIABLES, "tasks": [{"id": "a", **step}]}
    found = task("a", spec={"commandLine": "run --key=abc", "environmentSettings": VARIABLES})
    run = run_of(found)
    foreign = made("Pod", "web", {"containers": [{"env": VARIABLES}]})
    secret = made("Secret", "token", {})
    events = (event(run, "Pulled", "image is there"), event(foreign, "Killed", "whisper"))
    jobs = job("demo2", spec=spec, meta={"annotations": note, "managedFields": ["s3cr3t"]})
    elsewhere = job("other", meta={"namespace": "team"})
    made_of = sound(jobs, found, run, foreign, secret, *events, operator(), elsewhere)
    made_of.logs = {"batchyard-0": b"one\ntwo\n", "batchyard-0.previous": b"the end\n"}
    return made_of


@pytest.fixture(autouse=True)
def _in_a_directory_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def bundle(of: Memory, options: str = "") -> tuple[Said, dict[str, str]]:
    answer = typed(f"bundle {options}", of)
    with tarfile.open(f"{FOLDER}.tar.gz") as tar:
        names = [each.name for each in tar]
        assert names == sorted(names)
        files = {each: tar.extractfile(each) for each in names}
        return answer, {each.removeprefix(f"{FOLDER}/"): (file.read().decode() if file else "") for each, file in files.items()}  # fmt: skip


def test_bundle_holds_versions_objects_statuses_events_logs_and_checks() -> None:
    answer, files = bundle(cluster())
    assert (answer.code, answer.both) == (Exit.OK, "batchyard-bundle.tar.gz: 11 files\n")
    assert [*files] == [
        "doctor.json",
        "doctor.txt",
        "events/default.yaml",
        "manifest.json",
        "objects/default/batchjobs.yaml",
        "objects/default/batchnodes.yaml",
        "objects/default/batchpools.yaml",
        "objects/default/batchtasks.yaml",
        "operator/batchyard-system/batchyard-0.log",
        "pods/default/pods.yaml",
        "versions.yaml",
    ]
    assert yaml.safe_load(files["versions.yaml"])["batchyard"] == __version__
    assert files["operator/batchyard-system/batchyard-0.log"] == "one\ntwo\n"
    assert "ok       api-server" in files["doctor.txt"]
    assert json.loads(files["doctor.json"])["healthy"]
    manifest = json.loads(files["manifest.json"])
    assert manifest["unread"] == []
    assert manifest["files"] == [each for each in files if each != "manifest.json"]
    [told] = yaml.safe_load(files["pods/default/pods.yaml"])["items"]
    assert told["spec"] == {"nodeName": "node1"}
    assert told["status"]["phase"] == "Running"
    assert Path(f"{FOLDER}.tar.gz").stat().st_mode & 0o077 == 0


def test_bundle_has_neither_commands_nor_values_nor_what_others_wrote() -> None:
    _, files = bundle(cluster())
    whole = "\n".join(files.values())
    assert [word for word in HIDDEN if word in whole] == []
    [_, told] = yaml.safe_load(files["objects/default/batchjobs.yaml"])["items"]
    assert told["spec"]["jobPreparationTask"] == {
        "commandLine": "REDACTED",
        "environmentSettings": [{"name": "PASSWORD", "value": "REDACTED"}],
        "containerSettings": {"imageName": "busybox", "containerRunOptions": "REDACTED"},
    }
    assert told["metadata"]["annotations"] == {"batchyard.io/spec-hash": "1234"}
    assert "web" not in whole
    assert "Secret" not in whole


def test_commands_are_in_it_if_they_are_asked_for_and_secrets_still_are_not() -> None:
    _, files = bundle(cluster(), "--with-commands")
    assert "run --key=abc" in files["objects/default/batchtasks.yaml"]
    assert "hunter2" in files["objects/default/batchtasks.yaml"]
    whole = "\n".join(files.values())
    assert [word for word in ("s3cr3t", "whisper", "last-applied") if word in whole] == []
    assert "hunter2" not in files["pods/default/pods.yaml"]


def test_bundle_of_all_namespaces_has_a_folder_for_each() -> None:
    assert "objects/team/batchjobs.yaml" not in bundle(cluster())[1]
    assert "objects/team/batchjobs.yaml" in bundle(cluster(), "-A")[1]


def test_log_of_an_operator_that_was_restarted_is_in_it_twice() -> None:
    found = cluster()
    found.objects["Pod", SYSTEM, "batchyard-0"] = operator(restarts=2)
    _, files = bundle(found, "--lines 1")
    assert files["operator/batchyard-system/batchyard-0.log"] == "two\n"
    assert files["operator/batchyard-system/batchyard-0.previous.log"] == "the end\n"


def test_what_may_not_be_read_is_listed_with_the_reason() -> None:
    found = cluster()
    found.denied |= {"events", "deployments"}
    answer, files = bundle(found)
    assert answer.out == "batchyard-bundle.tar.gz: 9 files, 2 could not be read (manifest.json)\n"
    assert json.loads(files["manifest.json"])["unread"] == [
        {"what": "deployments of the operator", "why": "deployments is forbidden: you cannot read it"},
        {"what": "events", "why": "events is forbidden: you cannot read it"},
    ]


@pytest.mark.parametrize("problem", [Problem("no answer", Exit.UNREACHABLE), NotLoggedIn("Unauthorized")])
def test_cluster_that_tells_nothing_gives_no_bundle(problem: Problem) -> None:
    found = cluster()
    found.refuses = problem
    assert typed("bundle", found).code == problem.exit_code
    assert not Path(f"{FOLDER}.tar.gz").exists()


def test_directory_that_is_not_there_is_told() -> None:
    answer = typed("bundle -o nowhere/x.tar.gz", cluster())
    assert (answer.code, answer.err) == (
        Exit.ERROR,
        "error: cannot write nowhere/x.tar.gz: No such file or directory\n",
    )


def test_same_files_are_the_same_bytes() -> None:
    first = packed({"b": "2", "a": "1"})
    assert first == packed({"a": "1", "b": "2"})
    with tarfile.open(fileobj=io.BytesIO(first)) as tar:
        assert [(each.name, each.mtime, each.uid) for each in tar] == [(f"{FOLDER}/a", 0, 0), (f"{FOLDER}/b", 0, 0)]
