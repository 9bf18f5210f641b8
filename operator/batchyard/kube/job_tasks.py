"""The tasks of one job, kept sorted as they come and go, so that a pass costs what changed. Holds, decides nothing."""

from __future__ import annotations

from bisect import bisect_left, insort

from batchyard.core.dependencies import number
from batchyard.core.facts import TaskFacts
from batchyard.core.snapshot import JobTasks, TaskCounts


class TaskIndex:
    """Tasks of one job by what passes ask for."""

    def __init__(self) -> None:
        self._waiting: list[TaskFacts] = []
        self._attention: dict[str, TaskFacts] = {}
        self._preparing: dict[str, TaskFacts] = {}
        self._by_uid: dict[str, TaskFacts] = {}
        self._by_key: dict[str, list[TaskFacts]] = {}
        self._dependent: dict[str, TaskFacts] = {}
        # What was satisfied stays so when its task is deleted (Azure: satisfaction is remembered).
        self._succeeded: set[str] = set()
        self._numbers: set[int] = set()
        self._completed = 0
        self._ok = 0
        self._refused = 0

    @property
    def empty(self) -> bool:
        return not self._by_uid

    def put(self, task: TaskFacts) -> None:
        self.drop(task.ref.uid)
        self._by_uid[task.ref.uid] = task
        insort(self._by_key.setdefault(task.key, []), task, key=_age)
        self._sort_in(task)
        self._look_again(task.key)

    def drop(self, uid: str) -> None:
        if (old := self._by_uid.pop(uid, None)) is None:
            return
        same = self._by_key[old.key]
        same[:] = [task for task in same if task.ref.uid != uid]
        if not same:
            del self._by_key[old.key]
        self._sort_out(old)
        self._look_again(old.key)

    def view(self) -> JobTasks:
        return JobTasks(
            counts=TaskCounts(total=len(self._by_uid) - self._refused, completed=self._completed, succeeded=self._ok),
            waiting=self._waiting,
            attention=tuple(self._attention.values()),
            preparing=self._preparing,
            by_uid=self._by_uid,
            by_key=self._by_key,
            dependent=self._dependent,
            succeeded=self._succeeded,
            succeeded_numbers=self._numbers,
        )

    def _sort_in(self, task: TaskFacts) -> None:
        if task.refused:
            self._refused += 1
        elif task.state == "completed":
            self._completed += 1
            self._ok += task.succeeded
        elif not (task.deleting or _cannot_run(task)):
            insort(self._waiting, task, key=_order)
        if task.state == "preparing":
            self._preparing[task.ref.uid] = task
        if task.state != "completed" and (task.depends_on or task.depends_on_ranges):
            self._dependent[task.ref.uid] = task
        if task.succeeded:
            self._succeeded.add(task.key)
            if (value := number(task.id)) is not None:
                self._numbers.add(value)

    def _sort_out(self, task: TaskFacts) -> None:
        if task.refused:
            self._refused -= 1
        elif task.state == "completed":
            self._completed -= 1
            self._ok -= task.succeeded
        else:
            place = bisect_left(self._waiting, _order(task), key=_order)
            if place < len(self._waiting) and self._waiting[place].ref.uid == task.ref.uid:
                del self._waiting[place]
        self._preparing.pop(task.ref.uid, None)
        self._dependent.pop(task.ref.uid, None)
        self._attention.pop(task.ref.uid, None)

    def _look_again(self, key: str) -> None:
        """Tasks of one id speak for each other: the first of them counts, the others are refused."""
        same = self._by_key.get(key, ())
        for place, task in enumerate(same):
            open_ = task.state != "completed" and not task.refused
            if open_ and (place > 0 or _needs_a_word(task)):
                self._attention[task.ref.uid] = task
            else:
                self._attention.pop(task.ref.uid, None)


def _age(task: TaskFacts) -> tuple[bool, float, str]:
    """A task that has been refused never comes first again, one that has run never comes second."""
    return bool(task.refused), task.order[0], task.ref.name


def _order(task: TaskFacts) -> tuple[float, str, str]:
    return *task.order, task.ref.uid


def _cannot_run(task: TaskFacts) -> bool:
    return "range" in task.unsupported


def _needs_a_word(task: TaskFacts) -> bool:
    """Whether there is something to say or do about the task by itself, before it may run."""
    return task.wants_end or (bool(task.unsupported) and task.observed_generation != task.generation)
