"""What the containers of a pool are given: command, user, image, limits (Azure 1.4, 1.8, 3.7, 3.8, 4.1). Variables: test_environment.py."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.api.task import TaskSpec
from batchyard.core.pods import job as job_pods
from batchyard.core.pods.parts import wrapped
from batchyard.core.pods.pool import daemon_set
from tests import build

MODES = ("task", "preparation", "release", "start")
BOTH: dict[str, Any] = {"jobPreparationTask": build.PREPARATION, "jobReleaseTask": build.RELEASE}


def container(mode: str, *, pool: dict[str, Any] | None = None, **job: Any) -> dict[str, Any]:
    """The container in which a user's command runs."""
    in_pool = build.pool("sample", **{"startTask": {"commandLine": "start"}, **(pool or {})})
    of = build.job(**{**BOTH, **job})
    task = build.task("t1")
    found: dict[str, Any]
    match mode:
        case "task":
            spec = TaskSpec.model_validate_json(task.spec)
            found = job_pods.task_pod(in_pool, of, task, spec, "node1")["spec"]["containers"][0]
        case "release":
            found = job_pods.release_pod(in_pool, of, build.job_node())["spec"]["containers"][0]
        case "preparation":
            made = job_pods.preparation_daemon_set(in_pool, of, ["node1"], build.RULES)
            found = made["spec"]["template"]["spec"]["initContainers"][0]
        case _:
            made = daemon_set(in_pool, ["node1"], build.RULES)
            found = made["spec"]["template"]["spec"]["initContainers"][1]
    return found


def variables(mode: str, **given: Any) -> dict[str, str]:
    """As the kubelet sets them: of two of one name the later one counts."""
    listed = container(mode, **given)["env"]
    return {each["name"]: each.get("value") or each["valueFrom"]["fieldRef"]["fieldPath"] for each in listed}


def test_ids_are_told_as_they_were_written() -> None:
    """7.1: case preserved."""
    told = variables("task", pool={"id": "Sample_Pool"}, id="Demo:job-1")
    assert (told["AZ_BATCH_POOL_ID"], told["AZ_BATCH_JOB_ID"]) == ("Sample_Pool", "Demo:job-1")


@pytest.mark.parametrize(("mode", "own"), [("task", None), ("preparation", "own"), ("release", "own"), ("start", None)])
def test_variables_of_the_job_reach_its_tasks_and_a_tasks_own_win(mode: str, own: str | None) -> None:
    """3.1, 3.8.13, 7.1: the start task has only its own."""
    steps: dict[str, Any] = {
        name: {**step, "environmentSettings": [{"name": "B", "value": "own"}]} for name, step in BOTH.items()
    }
    common = [{"name": "A", "value": "common"}, {"name": "B", "value": "common"}]
    told = variables(mode, commonEnvironmentSettings=common, **steps)
    assert (told.get("A"), told.get("B")) == ((None, None) if mode == "start" else ("common", own or "common"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("render --frame 1", ["render", "--frame", "1"]),
        ("/bin/sh -c 'echo $HOME | wc'", ["/bin/sh", "-c", "echo $$HOME | wc"]),
        ('a "b c" > d', ["a", "b c", ">", "d"]),
        ("a 'b", []),
    ],
)
def test_a_command_line_is_split_into_words_and_no_shell_is_run_unless_named(line: str, words: list[str]) -> None:
    """4.1; what is no command line has no words, which run.sh reports as CommandLaunchFailed."""
    command = wrapped("task", line)
    assert command[command.index("--") + 1 :] == words


@pytest.mark.parametrize("mode", MODES)
def test_everything_runs_as_the_pools_user_unless_it_asks_to_be_admin(mode: str) -> None:
    """3.7.18, 3.8.13, 4.1."""
    assert container(mode)["securityContext"]["runAsUser"] == 1000
    assert container(mode)["securityContext"]["runAsNonRoot"]


@pytest.mark.parametrize(("allowed", "user"), [("admin", 0), ("nonadmin", 1000)])
@pytest.mark.parametrize("mode", MODES[1:])
def test_admin_is_root_in_the_container_if_the_pool_allows_it(mode: str, allowed: str, user: int) -> None:
    """4.1; a task that a pool does not allow it is refused, see test_misfits.py."""
    admin = {"userIdentity": {"autoUser": {"elevationLevel": "admin"}}}
    steps: dict[str, Any] = {name: {**step, **admin} for name, step in BOTH.items()}
    pool = {"maxElevationLevel": allowed, "startTask": {"commandLine": "start", **admin}}
    assert container(mode, pool=pool, **steps)["securityContext"]["runAsUser"] == user


@pytest.mark.parametrize("mode", MODES)
def test_the_pools_image_is_that_of_all_who_name_none(mode: str) -> None:
    """1.8."""
    assert container(mode)["image"] == build.IMAGE


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("preparation", {"RETRIES": "0", "WALL_CLOCK": "0", "RETENTION": "604800", "RERUN": "true"}),
        ("release", {"RETRIES": None, "WALL_CLOCK": "900", "RETENTION": "604800", "RERUN": None}),
        ("task", {"RETRIES": None, "WALL_CLOCK": "0", "RETENTION": "604800", "RERUN": None}),
        ("start", {"RETRIES": "0", "WALL_CLOCK": None, "RETENTION": None, "RERUN": None}),
    ],
)
def test_limits_that_nobody_set_are_azures(mode: str, expected: dict[str, str | None]) -> None:
    """1.4, 3.7.8, 3.7.12, 3.8.6, 4.1; seconds, 0 for none; None where there is no such limit."""
    told, long = variables(mode), {"RETRIES": "MAX_RETRIES", "RERUN": "RERUN_ON_REBOOT"}
    assert {name: told.get(f"BATCHYARD_{long.get(name, name)}") for name in expected} == expected


def test_a_changed_start_task_touches_no_node_that_is_there() -> None:
    """1.1, 1.4: only nodes that join later and those whose reboot is asked for."""
    made = daemon_set(build.pool(startTask={"commandLine": "start"}), ["node1"], build.RULES)
    assert made["spec"]["updateStrategy"] == {"type": "OnDelete"}


def test_directories_are_made_before_the_start_task_runs() -> None:
    """1.4."""
    made = daemon_set(build.pool(startTask={"commandLine": "start"}), ["node1"], build.RULES)
    assert [each["name"] for each in made["spec"]["template"]["spec"]["initContainers"]] == ["setup", "start-task"]


def test_what_a_task_asks_of_the_machine_is_asked_of_kubernetes() -> None:
    """1.3: slots are only counted; resources are held."""
    resources = {"requests": {"cpu": "2"}, "limits": {"memory": "1Gi"}}
    task = build.task(spec={"resources": resources})
    spec = TaskSpec.model_validate_json(task.spec)
    made = job_pods.task_pod(build.pool(), build.job(), task, spec, "node1")
    assert made["spec"]["containers"][0]["resources"] == resources
