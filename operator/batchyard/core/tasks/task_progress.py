"""What is written about tasks while and after their Pods run, and what is said about those that may never run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from batchyard.api.job import Job
from batchyard.api.states import OnTaskFailure
from batchyard.core.actions import Action, Delete, Patch, let_go, patch_status
from batchyard.core.conditions import Observed
from batchyard.core.facts import PodFacts, TaskFacts, Unit
from batchyard.core.happenings import Happening
from batchyard.core.pods.environment import task_directory
from batchyard.core.pods.job import TASK
from batchyard.core.pools.pool_view import PoolView
from batchyard.core.snapshot import JobView, Rules
from batchyard.core.tasks import attempts, evictions, happened, range_status, reactivation, slow_starts, unplaceable
from batchyard.core.tasks.evictions import Fate
from batchyard.core.tasks.outcomes import Surroundings, never_started, settle
from batchyard.core.tasks.patience import hopeless_from, lasts_from, over
from batchyard.core.tasks.range_status import Word
from batchyard.core.tasks.ranges import holds
from batchyard.core.tasks.refusals import refused, say
from batchyard.core.tasks.telling import tell, unheard
from batchyard.core.tasks.verdicts import Verdict, container_info, image_trouble, refused_until, verdict
from batchyard.core.times import stamp


def plan_pods(view: JobView, job: Job, pool: PoolView, of_job: Fate | None) -> Iterator[Action]:
    """Looks at every Pod of the job's tasks once; at most one write about each. `of_job`: what the job's state asks."""
    words: dict[str, list[Word]] = {uid: [] for uid in view.tasks.ranges}
    tells: defaultdict[str, list[Happening]] = defaultdict(list)
    for task, action in _of_pods(view, job, pool, of_job):
        if task is not None and task.index is not None and isinstance(action, Patch):
            words[task.ref.uid].append((task, action.body["status"]))
            tells[task.ref.uid] += action.tells
        else:
            yield action
    for uid, said in words.items():
        for action in range_status.plan(view.tasks.ranges[uid], said, job, view.task_pods, pool.s.now):
            yield replace(action, tells=(*tells[uid],))


def _of_pods(view: JobView, job: Job, pool: PoolView, of_job: Fate | None) -> Iterator[tuple[TaskFacts | None, Action]]:
    now, rules = pool.s.now, pool.s.rules
    retries = job.spec.constraints.max_task_retry_count
    fated = of_job is not None or pool.fated
    for run, pod in (view.task_pods.at_work if fated else attempts.restless(view)).items():
        if not fated and run in view.tasks.begun and not over(lasts_from(pod, TASK), now):
            continue
        task = attempts.task_of(view, pod)
        if task is None or task.wants_end or of_job or pool.fate_on(pod.node):
            yield task, Delete(pod.ref)
        elif task.state != "running" and over(lasts_from(pod, TASK), now):
            yield task, _running(task, pod, job, now)
    for pod in view.task_pods.others.values():
        if (task := attempts.task_of(view, pod)) is None:
            yield from ((None, action) for action in _retire(pod))
            continue
        fate = Fate.TERMINATE if task.wants_end else of_job or pool.fate_on(pod.node) or evictions.of_pod(pod)
        if (at := refused_until(pod, TASK)) is not None and now < at and fate is None:
            continue
        if (ended := verdict(pod, TASK)) is not None:
            yield task, _record_end(task, pod, job, ended, Surroundings(now, retries, rules.max_recoveries, fate))
        elif pod.deleting_since is None:
            steps = _watch(task, pod, job, now, rules) if fate is None else (Delete(pod.ref),)
            yield from ((task, action) for action in steps)


def _record_end(task: TaskFacts, pod: PodFacts, job: Job, ended: Verdict, around: Surroundings) -> Action:
    if unplaceable.gave_up(pod) and around.fate is None:
        return unplaceable.given_back(task, pod, around.now)
    more = _room_found(task, around.now)
    return settle(task, ended, around, node_info(job, task, pod.node), more, container_info(pod, TASK))


def _retire(pod: PodFacts) -> Iterator[Action]:
    """Its outcome is durable, or its task is gone: stopped if it still runs, then let go; its log is kept a while."""
    if pod.ended:
        yield from let_go(pod.ref, pod.finalizers)
    elif pod.deleting_since is None:
        yield Delete(pod.ref)


def _watch(task: TaskFacts, pod: PodFacts, job: Job, now: float, rules: Rules) -> Iterator[Action]:
    if pod.phase == "Running" and task.state == "running":
        return  # nothing to say until it ends
    if unplaceable.waits(pod):
        yield from unplaceable.plan(task, pod, now)
    elif over(slow_starts.given_up_at(pod), now):
        yield Delete(pod.ref)
    elif over(hopeless_from(pod, TASK, rules), now):
        # Two writes: the verdict is durable before the Pod is taken away, and counts only if the command never ran.
        yield Delete(pod.ref) if task.pending_failure else _give_up(task, image_trouble(pod, TASK))
    elif over(lasts_from(pod, TASK), now) and task.state != "running":
        yield _running(task, pod, job, now)


def _give_up(task: TaskFacts, trouble: str) -> Action:
    info = {"category": "usererror", "code": "ContainerInvalidImage", "message": trouble[:1024]}
    return patch_status(task.ref, {"executionInfo": {"failureInfo": info}})


def _room_found(task: TaskFacts, now: float) -> dict[str, Any]:
    """Of a range others may still look for room: range_status.py says when all have found it."""
    return unplaceable.cleared(task, now) if task.index is None else {}


def _running(task: TaskFacts, pod: PodFacts, job: Job, now: float) -> Action:
    since = pod.container(TASK).running_since
    status = {
        "state": "running",
        **_room_found(task, now),
        # An image that came after all: what was to be said of a Pod that cannot start is taken back.
        "executionInfo": {"startTime": stamp(since or 0), "failureInfo": None},
        "nodeInfo": node_info(job, task, pod.node),
    }
    return tell(task, status, now, tells=happened.at_start(task, since or 0))


def node_info(job: Job, task: TaskFacts, node: str) -> dict[str, Any]:
    return {"nodeId": node, "poolId": job.spec.pool_info.pool_id, "taskRootDirectory": task_directory(job, task.id)}


def plan_attention(view: JobView, job: Job, *, now: float) -> Iterator[Action]:
    """Tasks that cannot or shall not run: refused with Azure's code, or ended at their user's wish before they started."""
    busy = view.task_pods.live.keys() | attempts.to_write_down(view)
    for task in _worth_a_look(view, job):
        if task.reactivations_asked:
            yield reactivation.answer(task, job, now)
            continue
        if unheard(task):
            yield tell(task, {}, now)
            continue
        refusal = refused(task, job, view.tasks)
        if refusal is not None and not task.refused:
            yield say(task, [refusal], now)
        elif task.unsupported and task.observed_generation != task.generation:
            yield say(task, [unsupported(task.unsupported)], now)
        elif (task.wants_end or task.ends) and not task.refused and task.state != "completed":
            yield from _end(task, busy, now)


def _end(task: TaskFacts, busy: AbstractSet[Unit], now: float) -> Iterator[Action]:
    """Those that wait, at their user's wish; the others when their Pods have ended."""
    if task.indexes is not None:
        yield from range_status.end_waiting(task, busy, now)
    elif task.unit not in busy:
        yield never_started(task, now)


def _worth_a_look(view: JobView, job: Job) -> Iterator[TaskFacts]:
    """What the store has marked, and what only the job's own settings make wrong."""
    spec, tasks = job.spec, view.tasks
    yield from tasks.attention
    for step in (spec.job_preparation_task, spec.job_release_task):
        if step is not None:
            yield from tasks.by_key.get(step.id.lower(), ())
            yield from (task for task in tasks.ranges.values() if holds(task, step.id))
    if not spec.uses_task_dependencies:
        yield from tasks.dependent.values()
    if spec.on_task_failure is OnTaskFailure.NO_ACTION:
        yield from tasks.naming.values()


def unsupported(fields: tuple[str, ...]) -> Observed:
    return Observed(
        "Unsupported", status=True, reason="NotImplemented", message=f"has no effect yet: {', '.join(fields)}"
    )
