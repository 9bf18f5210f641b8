"""The tasks of one job, kept sorted as they come and go, so that a pass costs what changed. Holds, decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from batchyard.api.dependencies import SatisfiedTasks
from batchyard.api.states import JobAction
from batchyard.core.facts import PodFacts, TaskFacts
from batchyard.core.indexes import Indexes
from batchyard.core.intervals import Intervals
from batchyard.core.snapshot import JobTasks, TaskCounts
from batchyard.core.tasks.dependencies import Parent, Satisfied, first_unmet, known_as
from batchyard.core.tasks.ranges import integer
from batchyard.core.tasks.task_pods import run_of
from batchyard.core.tasks.telling import unheard
from batchyard.kube.blocked import Blocked
from batchyard.kube.lines import Lines
from batchyard.kube.remembered import Remembered
from batchyard.kube.rivals import Rivals, age
from batchyard.kube.seats import Seats


class TaskIndex:
    """Tasks of one job by what passes ask for."""

    def __init__(self) -> None:
        self._seats = Seats()
        self._lines = Lines()
        self._startable = 0
        self._blocked = Blocked(self._has_failed)
        self._rivals = Rivals()
        # What was satisfied stays so when its task is deleted (Azure: satisfaction is remembered).
        self._satisfied = Satisfied()
        self._remembered = Remembered()
        self._read: SatisfiedTasks | None = None
        self._attention: dict[str, TaskFacts] = {}
        self._preparing: dict[str, TaskFacts] = {}
        self._by_uid: dict[str, TaskFacts] = {}
        self._by_key: dict[str, tuple[TaskFacts, ...]] = {}
        self._dependent: dict[str, TaskFacts] = {}
        self._asking: dict[str, TaskFacts] = {}
        self._naming: dict[str, TaskFacts] = {}
        self._avoiding: dict[str, TaskFacts] = {}
        self._failed: set[Parent] = set()
        self._failed_of_ranges: dict[str, Intervals] = {}
        self._total = 0
        self._completed = 0
        self._ok = 0

    @property
    def by_uid(self) -> Mapping[str, TaskFacts]:
        return self._by_uid

    def put(self, task: TaskFacts) -> None:
        self._replace(self._by_uid.get(task.ref.uid), task)

    def drop(self, uid: str) -> None:
        self._replace(self._by_uid.get(uid), None)

    def seat(self, pod: PodFacts, step: int) -> None:
        """A Pod came (1) or went (-1): a task stands in no line while its attempt has one."""
        task = self._by_uid.get(pod.owner_uid)
        before = self._unseated(task)
        if not self._seats.change(run_of(pod), step) or task is None:
            return
        self._seats.unmark(task)
        self._seats.mark(task)
        if _waits(task) and task.ref.uid not in self._blocked:
            self._lines.move(before, self._unseated(task))

    def remember(self, written: SatisfiedTasks | None) -> None:
        """What the job's status says of tasks that cannot say it any more."""
        if written is not None and written != self._read:
            self._read = written
            for parent in self._remembered.news(written):
                self._remembered.add(parent)
                self._satisfy(parent)

    def view(self) -> JobTasks:
        return JobTasks(
            counts=TaskCounts(
                total=self._total,
                completed=self._completed,
                succeeded=self._ok,
                blocked=self._blocked.tasks,
                startable=self._startable,
                hopeless=self._blocked.hopeless,
            ),
            waiting=self._lines.by_slots,
            attention=tuple(self._attention.values()),
            preparing=self._preparing,
            running=self._seats.running,
            begun=self._seats.begun,
            by_uid=self._by_uid,
            by_key=self._by_key,
            ranges=self._rivals.ranges,
            rivals=self._rivals.first,
            dependent=self._dependent,
            asking=self._asking,
            naming=self._naming,
            avoiding=self._avoiding,
            remembered=self._remembered.written,
        )

    def _replace(self, old: TaskFacts | None, new: TaskFacts | None) -> None:
        self._line_up(old, new)
        if old is not None:
            self._take_out(old)
        if new is not None:
            self._take_in(new)
        met = self._rivals.change(old, new, self._by_key)
        for key in {each.key for each in (old, new, *met) if each is not None}:
            self._look_again(key)
        if new is not None and new.satisfies:
            for name in known_as(new.id):
                self._satisfy(name)
        elif old is not None and old.satisfies:
            for name in known_as(old.id):
                self._remembered.add(name)
        if (task := new or old) is not None and task.indexes is not None:
            self._look_at_range(task.ref.uid, old.indexes if old else None, new.indexes if new else None)

    def _line_up(self, old: TaskFacts | None, new: TaskFacts | None) -> None:
        """Into the line of those that may start, or to those that wait for others."""
        stood = old if old is not None and _waits(old) and old.ref.uid not in self._blocked else None
        stands = new if new is not None and _waits(new) else None
        if old is not None:
            self._blocked.drop(old.ref.uid)
        if stands is not None and (parent := first_unmet(stands, self._satisfied)) is not None:
            self._blocked.put(stands, parent)
            stands = None
        self._startable += (stands.open if stands is not None else 0) - (stood.open if stood is not None else 0)
        self._lines.move(self._unseated(stood), self._unseated(stands))

    def _unseated(self, task: TaskFacts | None) -> TaskFacts | None:
        return None if task is None or task in self._seats else task

    def _satisfy(self, parent: Parent) -> None:
        if parent not in self._satisfied:
            self._satisfied.add(parent)
            for task in self._blocked.freed_by(parent):
                self._line_up(None, task)

    def _look_at_range(self, uid: str, old: Indexes | None, new: Indexes | None) -> None:
        """What its integers mean for tasks that wait for them: only those that changed are looked at."""
        before, after = (Intervals(sorted(each.runs(satisfying=True)) if each else ()) for each in (old, new))
        for name in _names(after.without(before)):
            self._satisfy(name)
        for name in _names(before.without(after)):
            self._remembered.add(name)
        before, after = (Intervals(sorted(each.runs(satisfying=False)) if each else ()) for each in (old, new))
        self._failed_of_ranges[uid] = after
        if not after:
            del self._failed_of_ranges[uid]
        for runs in (before.without(after), after.without(before)):
            for name in _names(runs):
                self._blocked.look_again(name)

    def _has_failed(self, parent: Parent) -> bool:
        """It has ended and does not satisfy."""
        if parent in self._satisfied:
            return False
        if parent in self._failed:
            return True
        number = integer(parent) if isinstance(parent, str) else parent
        return number is not None and any(number in failed for failed in self._failed_of_ranges.values())

    def _take_in(self, task: TaskFacts) -> None:
        uid = task.ref.uid
        self._by_uid[uid] = task
        self._by_key[task.key] = tuple(sorted((*self._by_key.get(task.key, ()), task), key=age))
        self._count(task, 1)
        if task.state == "preparing":
            self._preparing[uid] = task
        self._seats.mark(task)
        if not (task.refused or task.state == "completed") and (task.depends_on or task.depends_on_ranges):
            self._dependent[uid] = task
        if task.asks_of_job is not JobAction.NONE:
            self._asking[uid] = task
        if task.names_job_action and not (task.refused or task.state == "completed"):
            self._naming[uid] = task
        if task.avoids and _waits(task):
            self._avoiding[uid] = task

    def _take_out(self, task: TaskFacts) -> None:
        uid = task.ref.uid
        del self._by_uid[uid]
        self._by_key[task.key] = tuple(each for each in self._by_key[task.key] if each.ref.uid != uid)
        self._count(task, -1)
        self._seats.unmark(task)
        for marked in (self._preparing, self._dependent, self._attention, self._asking, self._naming, self._avoiding):
            marked.pop(uid, None)

    def _count(self, task: TaskFacts, step: int) -> None:
        if task.refused:
            return
        of = task.indexes
        self._total += step * (of.total if of is not None else 1)
        self._completed += step * (of.total - task.open if of is not None else task.state == "completed")
        self._ok += step * (of.succeeded if of is not None else task.state == "completed" and task.succeeded)

    def _look_again(self, key: str) -> None:
        """Tasks of one id speak for each other: the first of them counts, the others are refused."""
        same = self._by_key.get(key, ())
        if not same:
            self._by_key.pop(key, None)
        for place, task in enumerate(same):
            open_ = task.state != "completed" and not task.refused
            second = place > 0 or task.ref.uid in self._rivals.first
            if task.reactivations_asked or unheard(task) or (open_ and (second or _needs_a_word(task))):
                self._attention[task.ref.uid] = task
            else:
                self._attention.pop(task.ref.uid, None)
        failed = bool(same) and same[0].state == "completed" and not same[0].satisfies
        for name in known_as(key):
            (self._failed.add if failed else self._failed.discard)(name)
            self._blocked.look_again(name)


def _waits(task: TaskFacts) -> bool:
    return not (task.refused or task.state == "completed" or task.deleting)


def _names(runs: Iterable[tuple[int, int]]) -> Iterator[Parent]:
    """What a `dependsOn` may call these integers of a range."""
    for start, end in runs:
        for number in range(start, end + 1):
            yield number
            yield str(number)


def _needs_a_word(task: TaskFacts) -> bool:
    """Whether there is something to say or do about the task by itself, before it may run."""
    return task.wants_end or bool(task.ends) or (bool(task.unsupported) and task.observed_generation != task.generation)
