"""How a Pod's end is to be read: the command's own end, a launch that cannot work, or the cluster's fault. Decides nothing more."""

from __future__ import annotations

from dataclasses import dataclass

from batchyard.core.facts import NOT_STARTED, ContainerFacts, PodFacts, Terminated
from batchyard.core.times import stamp
from batchyard.node.protocol import ALREADY_STARTED, NODE_NOT_PREPARED, TASK_ENDED, RunResult, parse

REFUSED_SECONDS = 30
CONTAINER_ERROR_LIMIT = 1024
IMAGE_WAITS = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"}
)
LAUNCH_WAITS = frozenset({"CreateContainerConfigError", "CreateContainerError"})


@dataclass(frozen=True, slots=True)
class Ended:
    """The command came to its own end, or could not be launched (`result.code` says why)."""

    result: RunResult


@dataclass(frozen=True, slots=True)
class Lost:
    """The attempt was taken away; what it would have done is unknown. `result` is how it died, where it could still say so."""

    reason: str
    result: RunResult | None = None


Verdict = Ended | Lost


def verdict(pod: PodFacts, container: str) -> Verdict | None:
    """None while a process of the Pod may still run. Reads the wrapper's line first, then the container's state."""
    if not pod.ended:
        return None
    end = pod.container(container).terminated
    if end is None:
        return _without_container(pod)
    if (result := parse(end.message)) is None:
        return _without_line(end)
    if result.code in (NODE_NOT_PREPARED, ALREADY_STARTED):
        return Lost(result.code)
    if not result.succeeded and not result.code and _taken_away(pod):
        return Lost(pod.reason or "PodDeleted", result)
    return Ended(result)


def refused_until(pod: PodFacts, container: str) -> float | None:
    """A kubelet that would not take the Pod refuses the next one too: until then it stands for its task. None for any other Pod."""
    refused = pod.phase == "Failed" and pod.container(container) == NOT_STARTED and not _taken_away(pod)
    return pod.finished + REFUSED_SECONDS if refused and pod.reason != "DeadlineExceeded" else None


def _taken_away(pod: PodFacts) -> bool:
    return pod.disrupted or pod.deleting_since is not None


def _without_line(end: Terminated) -> Verdict:
    if end.reason == "OOMKilled":
        return Ended(_judged(end, code=""))
    return Lost(end.reason or f"ExitCode{end.exit_code}")


def _without_container(pod: PodFacts) -> Verdict:
    if pod.reason == "DeadlineExceeded":
        return Ended(RunResult(None, None, None, code=TASK_ENDED))
    return Lost(pod.reason or ("PodDeleted" if pod.deleting_since else "PodFailed"))


def _judged(end: Terminated, code: str) -> RunResult:
    return RunResult(end.exit_code, _stamped(end.started), _stamped(end.finished), code=code)


def _stamped(epoch: float | None) -> str | None:
    return None if epoch is None else stamp(epoch)


def init_result(container: ContainerFacts) -> RunResult | None:
    """The final result of an init container that the kubelet restarts for ever, from its latest end that left one."""
    if (end := container.last_end) is None:
        return None
    if (result := parse(end.message)) is not None:
        return result
    return _judged(end, code="") if end.reason == "OOMKilled" else None


def container_info(pod: PodFacts, container: str) -> dict[str, str]:
    """Azure's containerInfo of what has ended; empty when there was no container."""
    if identity := pod.container(container).last_end_id:
        return {"containerId": identity, "state": "exited"}
    trouble = image_trouble(pod, container)
    return {"state": "created", "error": trouble[:CONTAINER_ERROR_LIMIT]} if trouble else {}


def image_trouble(pod: PodFacts, container: str) -> str:
    """What the kubelet says while it cannot get or make the container; empty when it does not complain."""
    facts = pod.container(container)
    if facts.waiting_reason in IMAGE_WAITS | LAUNCH_WAITS:
        return f"{facts.waiting_reason}: {facts.waiting_message}".rstrip(": ")
    return ""
