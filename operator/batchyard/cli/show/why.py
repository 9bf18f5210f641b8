"""Why something waits or how it ended: one reason, numbers, the next step. From its conditions; what they leave open from facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from batchyard.cli.show import ranges
from batchyard.cli.show.documented import PAGE, address
from batchyard.cli.show.jobs import PREPARATION, step, total
from batchyard.cli.show.objects import Object, at, condition, is_true, name, plural
from batchyard.cli.show.progress import cause, failed_id

OPERATOR_HINT = "see that the operator runs: batchyard doctor"
NEVER = "this task never runs"


@dataclass(frozen=True, slots=True)
class Reason:
    word: str
    message: str
    next_step: str = ""

    @property
    def line(self) -> str:
        return f"{self.word}: {self.message}" if self.message else self.word


def told(each: Object, kind: str, status: str) -> Reason:
    """What the operator says in a condition: the last part of its sentence is what to do next."""
    found = condition(each, kind, status)
    message, separator, step = str(found.get("message", "")).rpartition("; ")
    return Reason(found.get("reason", kind), message if separator else step, step if separator else "")


def text(heading: str, reason: Reason, also: Sequence[str] = (), page: str = PAGE) -> str:
    lines = [heading, reason.line]
    if reason.next_step:
        lines.append(f"next: {reason.next_step}")
    lines += [f"also: {each}" for each in also]
    if reason.next_step and (docs := address(reason.word, page)):
        lines.append(f"docs: {docs}")
    return "\n".join(lines)


def wire(heading: str, reason: Reason, also: Sequence[str] = (), page: str = PAGE) -> Object:
    """The same for scripts."""
    found = {"about": heading, "reason": reason.word, "message": reason.message, "next": reason.next_step}
    return {**found, "also": [*also], "docs": address(reason.word, page)}


def unseen(each: Object) -> bool:
    return int(at(each, "status.observedGeneration", -1)) < int(at(each, "metadata.generation", 0))


def of_job(job: Object, failed: Sequence[Object], records: Sequence[Object]) -> Reason:
    """`failed`: its tasks that did, as far as they are known. `records`: its BatchJobNodes."""
    state = at(job, "status.state")
    if at(job, "metadata.deletionTimestamp"):
        return _ending(job, "Deleting")
    if state == "completed":
        return _over(job, failed)
    if is_true(job, "Stalled"):
        return told(job, "Stalled", "True")
    if state in ("disabled", "disabling"):
        found = told(job, "Suspended", "True") if is_true(job, "Suspended") else told(job, "Admitted", "False")
        return Reason("Suspended", found.message, f"batchyard job enable {name(job)}")
    if state == "terminating":
        return _ending(job, "Terminating")
    if condition(job, "Admitted", "False"):
        found = told(job, "Admitted", "False")
        step = next(_preparations(records), found.next_step) if found.word == "PreparationFailing" else found.next_step
        return Reason(found.word, found.message, step)
    if unseen(job):
        return Reason("Unseen", "the operator has not looked at this job yet", OPERATOR_HINT)
    return _going_on(job)


def _going_on(job: Object) -> Reason:
    counts = at(job, "status.taskCounts", {})
    if not total(job):
        return Reason("Empty", "the job has no tasks", "add BatchTasks that name it, or terminate it")
    if counts.get("completed", 0) == total(job):
        step = f"add BatchTasks, or batchyard job terminate {name(job)}"
        return Reason("Idle", f"all {plural(total(job), 'task')} are completed, {counts.get('failed', 0)} failed", step)
    return Reason("Running", f"nothing keeps its tasks waiting; {counts.get('running', 0)} running", f"batchyard job wait {name(job)}")  # fmt: skip


def _ending(job: Object, word: str) -> Reason:
    message = condition(job, "Reconciling").get("message") or "its end has begun"
    return Reason(word, message, "wait; it ends by itself")


def _over(job: Object, failed: Sequence[Object]) -> Reason:
    why = at(job, "status.executionInfo.terminateReason") or "Completed"
    succeeded = f"{at(job, 'status.taskCounts.succeeded', 0)} of {plural(total(job), 'task')} succeeded"
    if not is_true(job, "Failed"):
        return Reason(why, succeeded)
    step = f"batchyard task logs {name(job)} {failed_id(failed[0])}" if failed else ""
    return Reason(why, "; ".join([succeeded, *causes(failed)]), step)


def causes(failed: Sequence[Object]) -> list[str]:
    """How many tasks failed of what, the commonest first."""
    counted = Counter(ranges.causes(each) or cause(at(each, "status.executionInfo", {})) for each in failed)
    return [f"{number} failed: {cause}" for cause, number in counted.most_common(3)]


def beside(job: Object, failed: Sequence[Object], records: Sequence[Object]) -> Iterator[str]:
    """What is wrong, too, though it is not the reason."""
    if failed and at(job, "status.state") != "completed":
        yield f"{plural(len(failed), 'task')} failed: batchyard task list {name(job)} --failed"
    if at(condition(job, "Admitted", "False"), "reason") != "PreparationFailing":
        yield from _preparations(records)
    for kind in ("ReleaseFailed", "CleanupFailed", "Unsupported"):
        if found := condition(job, kind, "True"):
            yield f"{kind}: {found.get('message', '')}"


def _preparations(records: Sequence[Object]) -> Iterator[str]:
    """Where the preparation failed, and the command that shows what it said."""
    for record in records:
        info = step(record, PREPARATION)
        if info.get("result") == "failure":
            node, pool = at(record, "spec.nodeId"), at(record, "spec.poolId")
            path = f"{at(info, 'taskRootDirectory') or at(record, 'spec.directory')}/stderr.txt"
            yield f"preparation failed on {node}, exit code {info.get('exitCode', '-')}: batchyard node cat {node} {path} --pool {pool}"  # fmt: skip


def of_pool(pool: Object, nodes: Sequence[Object]) -> Reason:
    if unseen(pool):
        return Reason("Unseen", "the operator has not looked at this pool yet", OPERATOR_HINT)
    for kind in ("Stalled", "StartTaskFailed"):
        if is_true(pool, kind) and condition(pool, kind, "True").get("message"):
            return told(pool, kind, "True")
    if condition(pool, "Ready", "False"):
        return told(pool, "Ready", "False")
    states = Counter(str(at(node, "status.state")) for node in nodes)
    return Reason("TargetReached", ", ".join(f"{number} {state}" for state, number in sorted(states.items())))


def job_heading(job: Object) -> str:
    counts = at(job, "status.taskCounts", {})
    words = ("active", "preparing", "running", "succeeded", "failed")
    numbers = [f"{counts[word]} {'waiting' if word == 'active' else word}" for word in words if counts.get(word)]
    return f"job {name(job)}: {at(job, 'status.state') or 'new'}, {plural(total(job), 'task')}" + (f" ({', '.join(numbers)})" if numbers else "")  # fmt: skip


def pool_heading(pool: Object) -> str:
    current, target = at(pool, "status.currentDedicatedNodes", 0), at(pool, "spec.targetDedicatedNodes", 0)
    return f"pool {name(pool)}: {at(pool, 'status.state') or 'new'}, {at(pool, 'status.allocationState') or 'new'}, {current} of {plural(target, 'node')}"  # fmt: skip
