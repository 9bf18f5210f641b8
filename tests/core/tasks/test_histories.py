"""However differently the integers of a range fare, few histories are kept apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchyard.core.indexes import History
from batchyard.core.tasks.histories import narrowed

few = st.integers(0, 6)
histories = st.lists(st.builds(History, few, few, few, few), max_size=30)


@given(histories, st.integers(1, 8))
def test_no_more_are_left_than_allowed_and_every_one_is_covered(histories: list[History], most: int) -> None:
    found = narrowed(histories, most)
    assert set(found) == set(histories)
    assert len(set(found.values())) <= most


@given(histories, st.integers(1, 8))
def test_no_counter_ever_goes_down(histories: list[History], most: int) -> None:
    """So that nothing runs more often than it may, and no attempt has the number of an earlier one."""
    for before, after in narrowed(histories, most).items():
        assert before.attempt <= after.attempt
        assert before.retry_count <= after.retry_count
        assert before.requeue_count <= after.requeue_count
        assert before.recovery_count <= after.recovery_count


@given(histories)
def test_nothing_changes_while_there_are_few(histories: list[History]) -> None:
    assert all(before == after for before, after in narrowed(histories, 30).items())
