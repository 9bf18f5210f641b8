"""The table of jobs, and one job, as the page is told of them."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from batchyard.cli.web import jobs
from batchyard.cli.web.job import MOST, Around, shown
from batchyard.cli.web.jobs import PAGE, Query
from tests.cli.objects import BORN, condition, failed, job, preparation, range_task, record, succeeded, task

Object = dict[str, Any]
MANY = [job(f"job{number:04}", "completed" if number % 2 else "active") for number in range(250)]


def test_table_is_cut_into_pages_what_goes_on_first() -> None:
    pages = [jobs.listed(MANY, Query(page=page))["jobs"] for page in range(4)]
    assert [len(page) for page in pages] == [PAGE, PAGE, 50, 0]
    states = [each["state"] for page in pages for each in page]
    assert states == ["active"] * 125 + ["completed"] * 125
    assert jobs.listed(MANY, Query())["states"] == {"active": 125, "completed": 125}


@pytest.mark.parametrize(
    ("given", "total"),
    [({}, 250), ({"state": "active"}, 125), ({"text": "JOB000"}, 10), ({"pool": "other"}, 0), ({"text": "job000", "state": "completed"}, 5)],
)  # fmt: skip
def test_table_has_what_the_address_asks_for(given: dict[str, str], total: int) -> None:
    assert jobs.listed(MANY, Query.of(given))["total"] == total


def test_jobs_are_put_together_by_pool_state_or_reason() -> None:
    waits = condition("Admitted", "False", "ExceedsPool", "a task requires 4 slots; lower requiredSlots")
    found = [
        job("a", conditions=(waits,), counts={"active": 3}),
        job("b", counts={"running": 1, "succeeded": 1}),
        job("c", "completed", counts={"succeeded": 2}),
    ]
    both = {"by": "state", "word": "active", "jobs": 2, "total": 5, "needHuman": 1}
    groups = jobs.listed(found, Query.of({"group": "state"}))["groups"]
    assert groups[0] == {**both, "counts": groups[0]["counts"]}
    assert +groups[0]["counts"] == {"active": 3, "running": 1, "succeeded": 1, "completed": 1}
    assert [(each["word"], each["jobs"]) for each in groups] == [("active", 2), ("completed", 1)]
    assert [each["word"] for each in jobs.listed(found, Query.of({"group": "pool"}))["groups"]] == ["sample"]
    reasons = jobs.listed(found, Query.of({"group": "reason", "state": "active"}))["groups"]
    assert sorted(each["word"] for each in reasons) == ["ExceedsPool", "Running"]
    assert jobs.listed(found, Query.of({"group": "colour"}))["groups"] == []


@pytest.mark.parametrize("page", ["-1", "x", "9" * 400, "²", ""])
def test_page_that_is_no_number_is_the_first(page: str) -> None:
    assert Query.of({"page": page}).page == 0


def test_job_that_the_operator_has_not_seen_is_new_for_count_filter_and_row() -> None:
    told = jobs.listed([job("unseen", ""), job("seen")], Query.of({"state": "new"}))
    assert told["states"] == {"new": 1, "active": 1}
    assert [(each["name"], each["state"]) for each in told["jobs"]] == [("unseen", "new")]


def test_jobs_that_need_a_person_are_called_whatever_is_filtered() -> None:
    waits = condition("Admitted", "False", "ExceedsPool", "a task requires 4 slots; lower requiredSlots")
    told = jobs.listed([job("wide", conditions=(waits,)), job("good")], Query(text="nothing"))
    assert told["jobs"] == []
    assert [(each["name"], each["next"]) for each in told["attention"]] == [("wide", "lower requiredSlots")]


def test_failed_tasks_come_with_a_command_that_reads_their_output_in_the_same_place() -> None:
    tasks = [task("a", "completed", node="node1", info=failed(3)), task("b", "completed", info=succeeded())]
    told = shown(job(counts={"failed": 1, "succeeded": 1}), Around(tasks, [], place=["--namespace", "team"]))
    assert told["failures"] == [
        {
            "task": "a",
            "node": "node1",
            "code": "FailureExitCode",
            "exitCode": 3,
            "message": "it failed",
            "command": "batchyard task logs demo a --namespace team",
        }
    ]
    assert told["causes"] == ["1 failed: FailureExitCode, exit code 3: it failed"]


def test_name_that_would_be_a_command_is_quoted() -> None:
    hostile = "$(rm -rf ~)'; reboot"
    told = shown(job(), Around([task("a", "completed", spec={"id": hostile}, info=failed(1))], []))
    assert shlex.split(told["failures"][0]["command"]) == ["batchyard", "task", "logs", "demo", hostile]


def test_tasks_of_a_range_that_failed_are_told_one_by_one() -> None:
    ranged = range_task(
        "all", 1, 9, base=0, counts={"failed": 3}, failed=[{"ids": "2,4-5", "failureCode": "FailureExitCode", "exitCode": 7}]
    )  # fmt: skip
    told = shown(job(), Around([ranged], []))
    assert [(each["task"], each["exitCode"]) for each in told["failures"]] == [("2", 7), ("4", 7), ("5", 7)]
    assert told["failures"][0]["command"] == "batchyard task logs demo 2"


def test_of_very_many_failures_only_the_first_are_told() -> None:
    tasks = [task(f"t{number}", "completed", info=failed(1)) for number in range(MOST + 5)]
    told = shown(job(), Around(tasks, [record(f"node{number}") for number in range(MOST + 5)]))
    assert (len(told["failures"]), told["failuresTotal"]) == (MOST, MOST + 5)
    assert (len(told["nodes"]), told["nodesTotal"]) == (MOST, MOST + 5)


def test_node_where_preparation_failed_stands_first() -> None:
    records = [record("node1", **preparation("success", 0)), record("node2", **preparation("failure", 4))]
    told = shown(job(), Around([], records))
    assert [(each["node"], each["preparation"]["state"], each["preparation"]["exitCode"]) for each in told["nodes"]] == [
        ("node2", "failure", 4),
        ("node1", "success", 0),
    ]  # fmt: skip
    assert told["nodes"][0]["command"] == "batchyard job logs demo --node node2"


def test_node_where_preparation_runs_again_is_not_told_how_it_ended_before() -> None:
    again = preparation("failure", 4)["jobPreparationTaskExecutionInfo"] | {"state": "running", "endTime": BORN}
    records = [record("node2", **preparation("failure", 5)), record("node1", jobPreparationTaskExecutionInfo=again)]
    told = shown(job(), Around([], records))
    assert [each["node"] for each in told["nodes"]] == ["node2", "node1"]
    assert told["nodes"][1]["preparation"] == {
        "state": "running",
        "exitCode": None,
        "retries": 0,
        "start": BORN,
        "end": "",
    }
    assert [each for each in told["also"] if "node1" in each] == []
