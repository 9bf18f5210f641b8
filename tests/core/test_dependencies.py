"""When a task's parents let it start (Azure 4.6)."""

from __future__ import annotations

import pytest

from batchyard.core.dependencies import number, satisfied
from tests import build


@pytest.mark.parametrize(("id_", "value"), [("4", 4), ("004", 4), ("a4", None), ("-4", None), ("٤", None)])
def test_leading_zeros_do_not_matter_in_ranges(id_: str, value: int | None) -> None:
    assert number(id_) == value


def test_every_integer_of_a_range_must_have_succeeded() -> None:
    task = build.task(depends_on_ranges=((1, 3),))
    assert not satisfied(task, set(), {1, 3})
    assert satisfied(task, set(), {1, 2, 3})


def test_a_task_waits_for_its_dependency() -> None:
    assert not satisfied(build.task(depends_on=("a",)), {"b"}, set())
