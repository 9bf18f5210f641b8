"""Specs are read as what the rules need of them."""

from tests.cluster.trace import traced
from tests.cluster.wanted import Wanted
from tests.history.terms import JobTerms, TaskTerms, Terms

STEP = {"commandLine": traced()}


def test_specs_become_terms() -> None:
    wanted = Wanted()
    wanted.apply("BatchPool", "pool", {"id": "Pool_1", "taskSlotsPerNode": 3, "startTask": STEP})
    wanted.apply("BatchJob", "job", {"jobPreparationTask": STEP, "jobReleaseTask": STEP, "tasks": [{"id": "one"}]})
    wanted.apply("BatchTask", "job.two", {"jobId": "job", "id": "two", "requiredSlots": 2})
    assert wanted.terms() == Terms(
        jobs={"job": JobTerms(preparation=True, release=True, tasks={"one": TaskTerms(), "two": TaskTerms(slots=2)})},
        slots={"Pool_1": 3},
        start_task=frozenset({"Pool_1"}),
    )


def test_a_step_that_nobody_waits_for_or_that_cannot_be_seen_is_not_asked_for() -> None:
    wanted = Wanted()
    wanted.apply("BatchPool", "pool", {"startTask": {"commandLine": "true"}})
    wanted.apply("BatchJob", "job", {"jobPreparationTask": {**STEP, "waitForSuccess": False}})
    assert not wanted.terms().start_task
    assert not wanted.terms().job("job").preparation


def test_patches_count() -> None:
    wanted = Wanted()
    wanted.apply("BatchJob", "job", {"constraints": {"maxTaskRetryCount": 1}, "tasks": [{"id": "one"}]})
    wanted.patch("BatchJob", "job", {"constraints": {"maxTaskRetryCount": 4, "maxWallClockTime": None}})
    assert wanted.terms().job("job").task("one") == TaskTerms(max_retries=4)


def test_dependencies_name_tasks_regardless_of_case_and_leading_zeros() -> None:
    wanted = Wanted()
    tasks = [{"id": "Middle"}, {"id": "02"}, {"id": "7"}]
    after = {"taskIds": ["MIDDLE", "none"], "taskIdRanges": [{"start": 1, "end": 3}]}
    wanted.apply(
        "BatchJob", "job", {"usesTaskDependencies": True, "tasks": [*tasks, {"id": "last", "dependsOn": after}]}
    )
    assert wanted.terms().job("job").task("last").after == {"Middle", "02", "none"}


def test_a_range_is_as_many_tasks() -> None:
    wanted = Wanted()
    wanted.apply("BatchTask", "many", {"jobId": "job", "range": {"start": 1, "end": 3}, "requiredSlots": 2})
    wanted.apply("BatchJob", "job", {})
    assert wanted.terms().job("job").tasks == dict.fromkeys(("1", "2", "3"), TaskTerms(slots=2))


def test_exit_conditions_satisfy() -> None:
    wanted = Wanted()
    satisfy = {"exitOptions": {"dependencyAction": "satisfy"}}
    conditions = {"exitCodes": [{"code": 3, **satisfy}], "exitCodeRanges": [{"start": 5, "end": 6, **satisfy}]}
    wanted.apply("BatchTask", "one", {"jobId": "job", "exitConditions": conditions})
    wanted.apply("BatchJob", "job", {})
    assert wanted.terms().job("job").task("one").satisfying == {0, 3, 5, 6}
