"""What is written about a range task: what its single tasks would say, gathered in one write for all that came at once.

The rules of a single task decide about each index (outcomes.py); here their words are put where the index belongs from now on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from batchyard.api.exits import ExitConditions
from batchyard.api.job import Job
from batchyard.api.states import JobAction, OnTaskFailure
from batchyard.api.task import TaskSpec
from batchyard.core.actions import Action, Manifest, Patch
from batchyard.core.facts import PodFacts, TaskFacts, Unit
from batchyard.core.happenings import Happening
from batchyard.core.indexes import Ended, History, Indexes, Outcome, Place, moved
from batchyard.core.intervals import Intervals, Run, union
from batchyard.core.tasks import range_text, unplaceable
from batchyard.core.tasks.exit_conditions import consequence
from batchyard.core.tasks.histories import MOST, crowded, narrowed
from batchyard.core.tasks.ranges import integer
from batchyard.core.tasks.telling import tell
from batchyard.core.times import stamp
from batchyard.node.protocol import TASK_ENDED

SECONDS = 1
"""Outcomes are written at most so often for one object; what ends meanwhile is written together."""
MOST_FAILURES = 24
"""Failures of more kinds than this are not told apart any more."""
OTHER = "Other"
CODE_LIMIT = 64

Word = tuple[TaskFacts, Manifest]
"""One task of a range and the status that it would be given if it were a single one."""
Places = dict[Place, list[Run]]


def plan(task: TaskFacts, words: Sequence[Word], job: Job, pods: Iterable[PodFacts], now: float) -> Iterator[Patch]:
    """The one write for what was said, if anything was; `pods` are those of the job."""
    indexes = _of(task)
    if not words and not crowded(indexes):
        return
    pods = [pod for pod in pods if pod.unit[0] == task.ref.uid]
    places = _places(task, words, job)
    if crowded(indexes):
        _narrow(indexes, places, pods)
    if not (words or places):
        return
    runs = any(word.get("state") == "running" for _, word in words) or task.state == "running"
    running = runs and any(not pod.ended for pod in pods)
    said = _said(task, words, pods, now)
    begun = min((i["startTime"] for i in _infos(words) if i.get("startTime")), default=stamp(now))
    first = {"startTime": begun} if task.state == "active" and not (indexes.ended or indexes.tried) else {}
    yield write(task, places, now, {**said, **_whole("running" if running else "active", first)})


def write(task: TaskFacts, places: Mapping[Place, Sequence[Run]], now: float, more: Manifest) -> Patch:
    """Each run of indexes goes to its place; `more` is said of the whole as long as indexes are open."""
    indexes = _of(task)
    ended, tried = moved(indexes.ended, places, Outcome), moved(indexes.tried, places, History)
    left = indexes.total - sum(map(len, ended.values()))
    attempts = (place.attempt for place in places if isinstance(place, History))
    status = {
        "attempt": max((task.attempt, *attempts)),
        **more,
        "range": range_text.status(indexes, ended, tried),
    }
    if not left and task.state != "completed":  # nobody looks for room any more
        status |= {**unplaceable.cleared(task, now), **_completed(ended, now, more.get("executionInfo", {}))}
    return tell(task, status, now, lazy=SECONDS)


def end_waiting(task: TaskFacts, busy: AbstractSet[Unit], now: float) -> Iterator[Action]:
    """Indexes that have no Pod and shall get none any more, all at once."""
    waiting = _of(task).open.copy() if task.wants_end else _of(task).open.within(Intervals(task.ends))
    for uid, label in busy:
        if uid == task.ref.uid and (number := integer(label)) is not None:
            waiting.remove(number)
    if waiting:
        how = _outcome(_kinds(_of(task)), None, TASK_ENDED, _conditions(task), JobAction.NONE)
        told = Happening("task", "failure", TASK_ENDED, number=len(waiting))
        yield replace(write(task, {how: waiting.runs}, now, {}), tells=(told,))


def failed(task: TaskFacts) -> Sequence[Run]:
    """Those that its user may ask for once more and does."""
    found = union(those for how, those in _of(task).ended.items() if not how.succeeded)
    found = Intervals(found.without(Intervals(task.ends)))
    return (found if task.once_more is None else found.within(Intervals(task.once_more))).runs


def again(task: TaskFacts, now: float, more: Manifest) -> Action:
    """They wait once more, with everything counted anew but the number of the attempt."""
    history = History(attempt=task.attempt + 1)
    whole = _whole("running" if task.state == "running" else "active", {"endTime": None, "result": None})
    return write(task, {history: failed(task)}, now, {**whole, **more})


def heard(task: TaskFacts, action: JobAction, now: float) -> Action:
    """What these ends asked of the job is done: nobody needs to be asked again."""
    sets = {how: those for how, those in _of(task).ended.items() if how.asks is action}
    places: Places = {replace(how, asks=JobAction.NONE): [*those.runs] for how, those in sets.items()}
    return write(task, places, now, {})


def _of(task: TaskFacts) -> Indexes:
    assert task.indexes is not None  # noqa: S101 - callers look first
    return task.indexes


def _conditions(task: TaskFacts) -> ExitConditions | None:
    return TaskSpec.model_validate_json(task.spec).exit_conditions


def _whole(state: str, info: Manifest) -> Manifest:
    return {"state": state, "executionInfo": info} if info else {"state": state}


def _completed(ended: Ended, now: float, info: Manifest) -> Manifest:
    result = "success" if all(how.succeeded for how in ended) else "failure"
    return {"state": "completed", "executionInfo": {**info, "endTime": stamp(now), "result": result}}


def _infos(words: Sequence[Word]) -> Iterator[Manifest]:
    return (word.get("executionInfo", {}) for _, word in words)


def _said(task: TaskFacts, words: Sequence[Word], pods: Sequence[PodFacts], now: float) -> Manifest:
    """About the room for its Pods: the latest word; taken back when none waits for room and no node is avoided."""
    told = [word for _, word in words if "conditions" in word]
    if told:
        return {key: told[-1][key] for key in ("conditions", "placementFailure") if key in told[-1]}
    if any(map(unplaceable.waits, pods)) or (task.avoids and now < unplaceable.avoided_until(task)):
        return {}
    return unplaceable.cleared(task, now)


def _places(task: TaskFacts, words: Sequence[Word], job: Job) -> Places:
    """Where each index belongs after what was said about it."""
    indexes, places, again = _of(task), defaultdict[Place, list[Run]](list), defaultdict[History, list[Run]](list)
    completed = any(word.get("state") == "completed" for _, word in words)
    conditions = _conditions(task) if completed else None
    kinds = _kinds(indexes)
    for one, word in words:
        assert one.index is not None  # noqa: S101 - words are about single tasks
        run, info = (one.index, one.index), word.get("executionInfo") or {}
        if word.get("state") == "completed":
            asks = None if "jobAction" not in word and _listens(job) else JobAction.NONE
            code = (info.get("failureInfo") or {}).get("code", "")
            how = _outcome(kinds, info.get("exitCode"), code, conditions, asks)
            if not how.succeeded:
                kinds.add(replace(how, asks=JobAction.NONE))
            places[how].append(run)
        elif word.get("state") == "active":
            again[_again(one, word, info)].append(run)
        elif "failureInfo" in info:
            code = (info["failureInfo"] or {}).get("code", "")
            if code != one.pending_failure:
                places[replace(indexes.history(one.index), pending_failure=code)].append(run)
    for history, fewer in narrowed([*again], MOST).items():
        places[fewer] += again[history]
    return dict(places)


def _listens(job: Job) -> bool:
    return job.spec.on_task_failure is not OnTaskFailure.NO_ACTION


def _again(one: TaskFacts, word: Manifest, info: Manifest) -> History:
    return History(
        attempt=word["attempt"],
        retry_count=info.get("retryCount", one.retry_count),
        requeue_count=info.get("requeueCount", one.requeue_count),
        recovery_count=word.get("recoveryCount", one.recovery_count),
    )


def _kinds(indexes: Indexes) -> set[Outcome]:
    """Of failures there are."""
    return {replace(how, asks=JobAction.NONE) for how in indexes.ended if not how.succeeded}


def _outcome(
    kinds: AbstractSet[Outcome],
    exit_code: int | None,
    code: str,
    conditions: ExitConditions | None,
    asks: JobAction | None,
) -> Outcome:
    """`asks` is what its end asks of the job, None for what its exit conditions say."""
    found = consequence(conditions, exit_code, code)
    satisfies = found.dependency_action == "satisfy"
    how = Outcome(code[:CODE_LIMIT], exit_code, satisfies, found.job_action if asks is None else asks)
    if how.succeeded or replace(how, asks=JobAction.NONE) in kinds or len(kinds) < MOST_FAILURES:
        return how
    return replace(how, code=OTHER, exit_code=None)


def _narrow(indexes: Indexes, places: Places, pods: Sequence[PodFacts]) -> None:
    """Fewer histories, among those that have no Pod and are not about to get another one anyway."""
    fixed = Intervals(run for runs in places.values() for run in runs)
    for pod in pods:
        if (number := integer(pod.unit[1])) is not None:
            fixed.add(number)
    free: dict[History, list[Run]] = {}
    for history, those in indexes.tried.items():
        left = those.copy()
        for start, end in fixed.runs:
            left.remove(start, end)
        if left:
            free[history] = [*left.runs]
    kept = sum(len(those) > sum(b - a + 1 for a, b in free.get(h, ())) for h, those in indexes.tried.items())
    for history, fewer in narrowed([*free], MOST - kept).items():
        if fewer != history:
            places.setdefault(fewer, []).extend(free[history])
