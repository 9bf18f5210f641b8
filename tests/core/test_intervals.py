"""Runs of integers behave as sets of integers do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchyard.core.intervals import Intervals, Run, read, text, union

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


@given(runs, runs)
def test_what_is_removed_is_not_there_any_more(runs: list[Run], gone: list[Run]) -> None:
    found = Intervals(runs)
    for start, end in gone:
        found.remove(start, end)
    assert found.runs == Intervals((n, n) for n in numbers(runs) - numbers(gone)).runs


@given(runs, runs)
def test_what_is_in_one_set_and_not_in_the_other(runs: list[Run], other: list[Run]) -> None:
    left = [n for start, end in Intervals(runs).without(Intervals(other)) for n in range(start, end + 1)]
    assert left == sorted(numbers(runs) - numbers(other))


@given(runs, st.integers(0, 9))
def test_text_says_all_and_no_more(runs: list[Run], base: int) -> None:
    found = Intervals((start + base, end + base) for start, end in runs)
    assert read(text(found, base), base).runs == found.runs


def test_text_is_that_of_indexed_jobs() -> None:
    assert text(Intervals([(1, 1), (3, 5), (7, 8)])) == "1,3-5,7-8"
    assert (text(Intervals()), read("").runs) == ("", ())


@given(st.lists(runs, max_size=4))
def test_a_union_has_what_any_of_them_has(sets: list[list[Run]]) -> None:
    assert [*union(map(Intervals, sets))] == sorted(set().union(*map(numbers, sets)))
