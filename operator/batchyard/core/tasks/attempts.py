"""Which tasks of a job have a Pod that still counts: it runs, or how it ended is not written down yet. Answers questions only."""

from __future__ import annotations

from batchyard.core.facts import PodFacts, TaskFacts, Unit
from batchyard.core.snapshot import JobView
from batchyard.core.tasks.ranges import integer, member, shall_end
from batchyard.core.tasks.task_pods import Run


def task_of(view: JobView, pod: PodFacts) -> TaskFacts | None:
    """The task that the Pod is the current attempt of; None for a Pod that only its log keeps."""
    if (task := _owner(view, pod)) is None or not _counts(task, pod):
        return None
    return task if task.indexes is None else member(task, int(pod.unit[1]))


def restless(view: JobView) -> dict[Run, PodFacts]:
    """Of the Pods at work those about which there may be something to do by themselves: they are not written down as running."""
    at_work, ranges = view.task_pods.at_work, view.tasks.ranges
    here = {run: at_work[run] for run in sorted(at_work.keys() - view.tasks.running)}
    return {run: pod for run, pod in here.items() if not _rests(view, pod)} if ranges else here


def to_write_down(view: JobView) -> set[Unit]:
    """Those whose present attempt has ended and stands for them until that is written down."""
    return {pod.unit for pod in view.task_pods.ended if _unsettled(view, pod)}


def unsettled(view: JobView) -> set[Unit]:
    """Those whose present attempt runs, or has ended and waits to be written down."""
    return {pod.unit for pod in view.task_pods if _unsettled(view, pod)}


def busy_nodes(view: JobView) -> set[str]:
    return {*view.task_pods.load, *(pod.node for pod in view.task_pods.ended if _unsettled(view, pod))}


def settled(view: JobView) -> bool:
    """No process of a task runs or can start any more, and every outcome is durable."""
    return not view.task_pods.load and not any(_unsettled(view, pod) for pod in view.task_pods.ended)


def _owner(view: JobView, pod: PodFacts) -> TaskFacts | None:
    task = view.tasks.by_uid.get(pod.unit[0])
    return task if task is not None and pod.owner_uid == task.ref.uid else None


def _unsettled(view: JobView, pod: PodFacts) -> bool:
    task = _owner(view, pod)
    return task is not None and _counts(task, pod)


def _counts(task: TaskFacts, pod: PodFacts) -> bool:
    if task.indexes is None:
        return task.state != "completed" and pod.attempt == str(task.attempt)
    number = integer(pod.unit[1])
    return (
        number is not None and number in task.indexes.open and pod.attempt == str(task.indexes.history(number).attempt)
    )


def _rests(view: JobView, pod: PodFacts) -> bool:
    """Of a range only the whole is written down as running."""
    task = view.tasks.ranges.get(pod.unit[0])
    if task is None or task.indexes is None or task.state != "running" or task.wants_end or not _unsettled(view, pod):
        return False
    number = integer(pod.unit[1])
    return number is not None and not (task.indexes.history(number).pending_failure or shall_end(task, number))
