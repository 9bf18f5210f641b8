"""What a deleted task has satisfied, between the job's status and the store."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchyard.core.tasks.dependencies import known_as
from batchyard.kube.remembered import Remembered

ids = st.lists(st.sampled_from(["a", "B", "1", "2", "3", "04", "4", "7", "9" * 20]), unique=True)


def holding(tasks: list[str]) -> Remembered:
    remembered = Remembered()
    for task in tasks:
        for parent in known_as(task):
            remembered.add(parent)
    return remembered


@given(ids, ids)
def test_only_what_is_not_known_is_read(known: list[str], written: list[str]) -> None:
    """A status of ten thousand deleted tasks to which one is added costs one."""
    remembered, said = holding(known), holding(written).written
    fresh = [parent for task in written if task not in known for parent in known_as(task)]
    if said is not None:
        assert sorted(map(str, remembered.news(said))) == sorted(map(str, fresh))
        for parent in remembered.news(said):
            remembered.add(parent)
        assert [*remembered.news(said)] == []
    assert remembered.written == holding([*known, *written]).written
