"""Runs of integers behave as sets of integers do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchyard.core.intervals import Intervals, Run

runs = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5)).map(lambda r: (r[0], r[0] + r[1])), max_size=8)


def numbers(runs: list[Run]) -> set[int]:
    return {n for start, end in runs for n in range(start, end + 1)}


@given(runs)
def test_runs_hold_what_was_added_and_nothing_else(runs: list[Run]) -> None:
    found = Intervals(runs)
    assert [*found] == sorted(numbers(runs))
    assert len(found) == len(numbers(runs))
    assert all((n in found) == (n in numbers(runs)) for n in range(-1, 40))


@given(runs, st.randoms())
def test_equal_sets_look_equal_in_whatever_order_they_came(runs: list[Run], chance: object) -> None:
    shuffled = [(n, n) for n in numbers(runs)]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert Intervals(shuffled).runs == Intervals(runs).runs
    assert all(
        end + 1 < start for (_, end), (start, _) in zip(Intervals(runs).runs, Intervals(runs).runs[1:], strict=False)
    )


@given(runs, st.integers(0, 30), st.integers(0, 10))
def test_first_missing_is_the_smallest_number_that_is_not_there(runs: list[Run], start: int, more: int) -> None:
    missing = [n for n in range(start, start + more + 1) if n not in numbers(runs)]
    assert Intervals(runs).first_missing(start, start + more) == (missing[0] if missing else None)
