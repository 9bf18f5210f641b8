from __future__ import annotations

from batchyard.core.actions import Delete, Emit, Plan, Ref, patch_status
from batchyard.core.quarantine import Broken, leave_alone

JOB, OTHER = (Ref("BatchJob", "team", name, f"uid-{name}", "7") for name in ("demo", "other"))
TASK = Ref("BatchTask", "team", "demo", "uid-task", "7")


def test_nothing_is_written_to_an_object_as_it_was_before_it_could_not_be_read_any_more() -> None:
    told = Emit(JOB, "Normal", "Started", "")
    todo = Plan((patch_status(JOB, {}), Delete(JOB), told, patch_status(OTHER, {}), Delete(TASK)), wake_at=9)
    newer = Ref("BatchJob", "team", "demo", "uid-demo", "8")
    assert leave_alone(todo, [Broken(newer, "no")]) == Plan((patch_status(OTHER, {}), Delete(TASK)), wake_at=9)
    assert leave_alone(todo, []) is todo
