"""The tasks of one job, kept sorted as they come and go, so that a pass costs what changed. Holds, decides nothing."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping

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
        self._by_key: dict[str, tuple[TaskFacts, ...]] = {}
        self._dependent: dict[str, TaskFacts] = {}
        # What was satisfied stays so when its task is deleted (Azure: satisfaction is remembered).
        self._succeeded: set[str] = set()
        self._numbers: set[int] = set()
        self._completed = 0
        self._ok = 0
        self._refused = 0

    @property
    def by_uid(self) -> Mapping[str, TaskFacts]:
        return self._by_uid

    def put(self, task: TaskFacts) -> None:
        self._replace(self._by_uid.get(task.ref.uid), task)

    def drop(self, uid: str) -> None:
        self._replace(self._by_uid.get(uid), None)

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

    def _replace(self, old: TaskFacts | None, new: TaskFacts | None) -> None:
        self._line_up(old, new)
        if old is not None:
            self._take_out(old)
        if new is not None:
            self._take_in(new)
        for key in {each.key for each in (old, new) if each is not None}:
            self._look_again(key)

    def _line_up(self, old: TaskFacts | None, new: TaskFacts | None) -> None:
        """Most changes leave a task its place, and in a long line leaving and joining is what costs."""
        leaves, joins = old is not None and _waits(old), new is not None and _waits(new)
        if old is not None and new is not None and leaves and joins and _order(old) == _order(new):
            self._waiting[self._place(old)] = new
            return
        if old is not None and leaves:
            del self._waiting[self._place(old)]
        if new is not None and joins:
            insort(self._waiting, new, key=_order)

    def _place(self, task: TaskFacts) -> int:
        return bisect_left(self._waiting, _order(task), key=_order)

    def _take_in(self, task: TaskFacts) -> None:
        uid = task.ref.uid
        self._by_uid[uid] = task
        self._by_key[task.key] = tuple(sorted((*self._by_key.get(task.key, ()), task), key=_age))
        self._count(task, 1)
        if task.state == "preparing":
            self._preparing[uid] = task
        if task.state != "completed" and (task.depends_on or task.depends_on_ranges):
            self._dependent[uid] = task
        if task.succeeded:
            self._succeeded.add(task.key)
            if (value := number(task.id)) is not None:
                self._numbers.add(value)

    def _take_out(self, task: TaskFacts) -> None:
        uid = task.ref.uid
        del self._by_uid[uid]
        self._by_key[task.key] = tuple(each for each in self._by_key[task.key] if each.ref.uid != uid)
        self._count(task, -1)
        for marked in (self._preparing, self._dependent, self._attention):
            marked.pop(uid, None)

    def _count(self, task: TaskFacts, step: int) -> None:
        if task.refused:
            self._refused += step
        elif task.state == "completed":
            self._completed += step
            self._ok += step * task.succeeded

    def _look_again(self, key: str) -> None:
        """Tasks of one id speak for each other: the first of them counts, the others are refused."""
        same = self._by_key.get(key, ())
        if not same:
            self._by_key.pop(key, None)
        for place, task in enumerate(same):
            open_ = task.state != "completed" and not task.refused
            if open_ and (place > 0 or _needs_a_word(task)):
                self._attention[task.ref.uid] = task
            else:
                self._attention.pop(task.ref.uid, None)


def _waits(task: TaskFacts) -> bool:
    return not (task.refused or task.state == "completed" or task.deleting or "range" in task.unsupported)


def _age(task: TaskFacts) -> tuple[bool, float, str]:
    """A task that has been refused never comes first again, one that has run never comes second."""
    return bool(task.refused), task.order[0], task.ref.name


def _order(task: TaskFacts) -> tuple[float, str, str]:
    return *task.order, task.ref.uid


def _needs_a_word(task: TaskFacts) -> bool:
    """Whether there is something to say or do about the task by itself, before it may run."""
    return task.wants_end or (bool(task.unsupported) and task.observed_generation != task.generation)
