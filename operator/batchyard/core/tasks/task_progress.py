"""What is written about tasks while and after their Pods run, and what is said about those that may never run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from batchyard.api.job import Job
from batchyard.api.states import OnTaskFailure
from batchyard.core.actions import Action, Delete, let_go, patch_status
from batchyard.core.conditions import Observed, merge
from batchyard.core.facts import PodFacts, TaskFacts
from batchyard.core.pods.environment import task_directory
from batchyard.core.pods.job import TASK
from batchyard.core.pools.pool_view import PoolView
from batchyard.core.snapshot import JobView, Rules
from batchyard.core.tasks import attempts, evictions, reactivation, slow_starts, unplaceable
from batchyard.core.tasks.evictions import Fate
from batchyard.core.tasks.outcomes import Surroundings, ended_by_request, settle
from batchyard.core.tasks.verdicts import Verdict, image_trouble, refused_until, verdict
from batchyard.core.times import stamp
from batchyard.node.protocol import RunResult

LASTING_SECONDS = 3
"""A task that ends sooner is never written as running: one write less for each. Kubelets tell of an end up to 2 s late."""


def plan_pods(view: JobView, job: Job, pool: PoolView, of_job: Fate | None) -> Iterator[Action]:
    """Looks at every Pod of which there may be something to say; at most one write about each. `of_job`: what the job's state asks."""
    now, rules = pool.s.now, pool.s.rules
    retries = job.spec.constraints.max_task_retry_count
    pods = view.task_pods if of_job or pool.fated else attempts.restless(view)
    for pod in pods:
        if (task := attempts.task_of(view, pod)) is None:
            yield from _retire(pod)
            continue
        fate = Fate.TERMINATE if task.wants_end else of_job or pool.fate_on(pod.node) or evictions.of_pod(pod)
        if (at := refused_until(pod, TASK)) is not None and now < at and fate is None:
            continue
        if (ended := verdict(pod, TASK)) is not None:
            yield _record_end(task, pod, job, ended, Surroundings(now, retries, rules.max_recoveries, fate))
        elif pod.deleting_since is None:
            yield from _watch(task, pod, job, now, rules) if fate is None else (Delete(pod.ref),)


def _record_end(task: TaskFacts, pod: PodFacts, job: Job, ended: Verdict, around: Surroundings) -> Action:
    if unplaceable.gave_up(pod) and around.fate is None:
        return unplaceable.given_back(task, pod, around.now)
    more = unplaceable.cleared(task, around.now)
    return settle(task, ended, around, node_info(job, task, pod.node), more)


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
    elif (moment := slow_starts.given_up_at(pod)) is not None and now >= moment:
        yield Delete(pod.ref)
    elif (trouble := image_trouble(pod, TASK)) and now - pod.created > rules.image_pull_deadline:
        # Two writes: the verdict is durable before the Pod is taken away, and counts only if the command never ran.
        yield Delete(pod.ref) if task.pending_failure else _give_up(task, trouble)
    elif _lasts(pod, now) and task.state != "running":
        yield _running(task, pod, job, now)


def _give_up(task: TaskFacts, trouble: str) -> Action:
    info = {"category": "usererror", "code": "ContainerInvalidImage", "message": trouble[:1024]}
    return patch_status(task.ref, {"executionInfo": {"failureInfo": info}})


def _lasts(pod: PodFacts, now: float) -> bool:
    since = pod.container(TASK).running_since
    return since is not None and now - since >= LASTING_SECONDS


def _running(task: TaskFacts, pod: PodFacts, job: Job, now: float) -> Action:
    since = pod.container(TASK).running_since
    return patch_status(
        task.ref,
        {
            "observedGeneration": task.generation,
            "state": "running",
            **unplaceable.cleared(task, now),
            # An image that came after all: what was to be said of a Pod that cannot start is taken back.
            "executionInfo": {"startTime": stamp(since or 0), "failureInfo": None},
            "nodeInfo": node_info(job, task, pod.node),
        },
    )


def node_info(job: Job, task: TaskFacts, node: str) -> dict[str, Any]:
    return {"nodeId": node, "poolId": job.spec.pool_info.pool_id, "taskRootDirectory": task_directory(job, task.id)}


def plan_attention(view: JobView, job: Job, *, now: float) -> Iterator[Action]:
    """Tasks that cannot or shall not run: refused with Azure's code, or ended at their user's wish before they started."""
    live = view.task_pods.live
    for task in _worth_a_look(view, job):
        if task.reactivations_asked:
            yield reactivation.answer(task, job, now)
            continue
        refusal = refused(task, job, view.tasks.by_key)
        if refusal is not None and not task.refused:
            yield _say(task, [refusal], now)
        elif task.unsupported and task.observed_generation != task.generation:
            yield _say(task, [unsupported(task.unsupported)], now)
        elif task.wants_end and task.ref.uid not in live and not task.refused and task.state != "completed":
            yield patch_status(task.ref, ended_by_request(RunResult(None, None, None), now))


def _worth_a_look(view: JobView, job: Job) -> Iterator[TaskFacts]:
    """What the store has marked, and what only the job's own settings make wrong."""
    spec, tasks = job.spec, view.tasks
    yield from tasks.attention
    for step in (spec.job_preparation_task, spec.job_release_task):
        if step is not None:
            yield from tasks.by_key.get(step.id.lower(), ())
    if not spec.uses_task_dependencies:
        yield from tasks.dependent.values()
    if spec.on_task_failure is OnTaskFailure.NO_ACTION:
        yield from tasks.naming.values()


def unsupported(fields: tuple[str, ...]) -> Observed:
    return Observed(
        "Unsupported", status=True, reason="NotImplemented", message=f"has no effect yet: {', '.join(fields)}"
    )


def refused(task: TaskFacts, job: Job, by_key: Mapping[str, Any]) -> Observed | None:
    """Azure's 409 for a task that the job cannot take (3.7.17, 3.8.14, 4.1)."""
    spec = job.spec
    if spec.job_preparation_task is not None and task.key == spec.job_preparation_task.id.lower():
        return _refusal(
            "TaskIdSameAsJobPreparationTask", f"id {task.id!r} is the job preparation task's; choose another"
        )
    if spec.job_release_task is not None and task.key == spec.job_release_task.id.lower():
        return _refusal("TaskIdSameAsJobReleaseTask", f"id {task.id!r} is the job release task's; choose another")
    first = by_key.get(task.key, (task,))[0]
    if first.ref.uid != task.ref.uid:
        return _refusal(
            "TaskExists",
            f"BatchTask {first.ref.name!r} of job {job.name!r} has id {first.id!r} already; choose another",
        )
    if (task.depends_on or task.depends_on_ranges) and not spec.uses_task_dependencies:
        return _refusal(
            "TaskDependenciesNotSpecifiedOnJob",
            f"dependsOn needs usesTaskDependencies: true on job {job.name!r}; set it on a new job",
        )
    if task.names_job_action and spec.on_task_failure is OnTaskFailure.NO_ACTION:
        needs = "a jobAction in exitConditions needs onTaskFailure: performexitoptionsjobaction"
        return _refusal("InvalidPropertyValue", f"{needs} on job {job.name!r}; set it on a new job")
    return None


def misconfigured(task: TaskFacts, misfit: str, now: float) -> Action:
    """What the pool cannot give is refused, never silently lowered or left to the API server."""
    return _say(task, [_refusal("Misconfigured", misfit)], now)


def _refusal(reason: str, message: str) -> Observed:
    return Observed("Admitted", status=False, reason=reason, message=f"{message}; this task never runs")


def _say(task: TaskFacts, observed: list[Observed], now: float) -> Action:
    conditions = merge(task.conditions, observed, now=now, generation=task.generation)
    return patch_status(task.ref, {"observedGeneration": task.generation, "conditions": conditions})
