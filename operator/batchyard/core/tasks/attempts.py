"""Which tasks of a job have a Pod that still counts: it runs, or how it ended is not written down yet. Answers questions only."""

from __future__ import annotations

from collections.abc import Iterator

from batchyard.api import names
from batchyard.core.facts import PodFacts, TaskFacts
from batchyard.core.snapshot import JobView


def task_of(view: JobView, pod: PodFacts) -> TaskFacts | None:
    """The task that the Pod is the current attempt of; None for a Pod that only its log keeps."""
    task = view.tasks.by_uid.get(pod.labels.get(names.LABEL_TASK_UID, ""))
    if task is None or pod.owner_uid != task.ref.uid or task.state == "completed":
        return None
    return task if pod.labels.get(names.LABEL_ATTEMPT) == str(task.attempt) else None


def restless(view: JobView) -> list[PodFacts]:
    """Pods about which there may be something to do by themselves: all but those that run and are written down as running."""
    pods = view.task_pods
    return [*(pods.at_work[run] for run in sorted(pods.at_work.keys() - view.tasks.running)), *pods.others.values()]


def to_write_down(view: JobView) -> Iterator[TaskFacts]:
    """Tasks whose present attempt has ended and stands for them until that is written down."""
    return (task for pod in view.task_pods.ended if (task := task_of(view, pod)) is not None)


def unsettled(view: JobView) -> Iterator[TaskFacts]:
    """Tasks whose present attempt runs, or has ended and waits to be written down."""
    return (task for pod in view.task_pods if (task := task_of(view, pod)) is not None)


def busy_nodes(view: JobView) -> set[str]:
    return {*view.task_pods.load, *(pod.node for pod in view.task_pods.ended if task_of(view, pod) is not None)}


def settled(view: JobView) -> bool:
    """No process of a task runs or can start any more, and every outcome is durable."""
    return not view.task_pods.load and not any(to_write_down(view))
