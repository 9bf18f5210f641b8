"""Range tasks that their job cannot take (Azure 3.7.17, 3.8.14, 4.1)."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.api import names
from batchyard.core.facts import TaskFacts
from batchyard.core.indexes import Indexes
from batchyard.core.tasks.refusals import refused
from tests import build


def sweep(start: int, end: int, name: str = "sweep", **facts: Any) -> TaskFacts:
    return build.task(name, id=names.range_key(f"demo.{name}"), indexes=Indexes(start, end), **facts)


def test_a_range_is_refused_whole_when_one_of_its_ids_is_taken() -> None:
    first, second = build.task("five", id="5"), sweep(1, 9)
    tasks = build.tasks(first, second)
    found = refused(second, build.job(), tasks)
    assert found is not None
    assert (found.reason, found.message) == (
        "TaskExists",
        "BatchTask 'demo.five' of job 'demo' has id '5' already; choose another; this task never runs",
    )
    assert refused(first, build.job(), tasks) is None


def test_of_two_ranges_that_overlap_the_second_is_refused() -> None:
    first, second = sweep(1, 9, "first"), sweep(7, 20, "second")
    found = refused(second, build.job(), build.tasks(first, second))
    assert found is not None
    assert "'demo.first' of job 'demo' has id '7' already" in found.message


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ({"jobPreparationTask": {**build.PREPARATION, "id": "3"}}, "TaskIdSameAsJobPreparationTask"),
        (
            {"jobPreparationTask": build.PREPARATION, "jobReleaseTask": {**build.RELEASE, "id": "9"}},
            "TaskIdSameAsJobReleaseTask",
        ),
        ({"jobPreparationTask": {**build.PREPARATION, "id": "03"}}, ""),
        ({"jobPreparationTask": {**build.PREPARATION, "id": "10"}}, ""),
    ],
)
def test_no_integer_of_a_range_is_the_id_of_preparation_or_release(steps: dict[str, Any], reason: str) -> None:
    task = sweep(1, 9)
    found = refused(task, build.job(**steps), build.tasks(task))
    assert (found.reason if found else "") == reason
