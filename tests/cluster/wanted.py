"""What a test asked for, as it applied and patched it, in the words of the rules. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.cluster.trace import is_traced
from tests.history.terms import JobTerms, TaskTerms, Terms

Object = dict[str, Any]
EXIT_CODES = range(256)


@dataclass(frozen=True)
class Wanted:
    _specs: dict[tuple[str, str], Object] = field(default_factory=dict)
    """By kind and name; also of what is gone."""

    def apply(self, kind: str, name: str, spec: Object) -> None:
        self._specs[kind, name] = spec

    def patch(self, kind: str, name: str, spec: Object) -> None:
        self._specs[kind, name] = merged(self._specs.get((kind, name), {}), spec)

    def id_of(self, kind: str, name: str) -> str:
        """Azure's id of an object."""
        return str(self._specs.get((kind, name), {}).get("id", name))

    def terms(self) -> Terms:
        pools = dict(self._of("BatchPool"))
        return Terms(
            jobs={self.id_of("BatchJob", name): self._job(name, spec) for name, spec in self._of("BatchJob")},
            slots={self.id_of("BatchPool", name): spec.get("taskSlotsPerNode", 1) for name, spec in pools.items()},
            start_task=frozenset(
                self.id_of("BatchPool", n) for n, spec in pools.items() if _awaited(spec, "startTask")
            ),
        )

    def _of(self, kind: str) -> Iterator[tuple[str, Object]]:
        return ((name, spec) for (of, name), spec in self._specs.items() if of == kind)

    def _job(self, name: str, spec: Object) -> JobTerms:
        preparation = spec.get("jobPreparationTask") or {}
        own = [{"id": task, **given} for task, given in self._of("BatchTask") if given.get("jobId") == name]
        specs = {task["id"]: task for given in [*spec.get("tasks", []), *own] for task in _each(given)}
        return JobTerms(
            preparation=_awaited(spec, "jobPreparationTask"),
            prepare_again=preparation.get("rerunOnNodeRebootAfterSuccess", True),
            preparation_retries=_retries(preparation, {}),
            release="jobReleaseTask" in spec,
            tasks={task: _task(given, spec, specs) for task, given in specs.items()},
        )


def merged(old: Object, new: Object) -> Object:
    """As a JSON merge patch does it."""
    kept = {key: value for key, value in old.items() if key not in new}
    changed = {
        key: merged(old.get(key) or {}, value) if isinstance(value, dict) else value for key, value in new.items()
    }
    return {**kept, **{key: value for key, value in changed.items() if value is not None}}


def _each(task: Object) -> list[Object]:
    """The tasks of a range, or the one."""
    limits = task.get("range")
    return [{**task, "id": str(n)} for n in range(limits["start"], limits["end"] + 1)] if limits else [task]


def _awaited(spec: Object, step: str) -> bool:
    """Whether there is such a step, tasks wait for its success, and it can be seen."""
    given = spec.get(step) or {}
    return is_traced(given.get("commandLine", "")) and bool(given.get("waitForSuccess", True))


def _retries(spec: Object, job: Object) -> int:
    own = (spec.get("constraints") or {}).get("maxTaskRetryCount")
    return int((job.get("constraints") or {}).get("maxTaskRetryCount", 0) if own is None else own)


def _task(spec: Object, job: Object, tasks: Mapping[str, Object]) -> TaskTerms:
    return TaskTerms(
        slots=spec.get("requiredSlots", 1),
        max_retries=_retries(spec, job),
        after=frozenset(_named(spec.get("dependsOn") or {}, tasks) if job.get("usesTaskDependencies") else ()),
        satisfying=frozenset({0, *_satisfying(spec.get("exitConditions") or {})}),
    )


def _named(depends_on: Object, tasks: Mapping[str, Object]) -> Iterator[str]:
    """Ids regardless of case and ranges regardless of leading zeros; what is not there stays as it is written."""
    by_lower = {task.lower(): task for task in tasks}
    yield from (by_lower.get(named.lower(), named) for named in depends_on.get("taskIds", ()))
    for limits in depends_on.get("taskIdRanges", ()):
        numbers = range(limits["start"], limits["end"] + 1)
        yield from (task for task in tasks if task.isdigit() and int(task) in numbers)


def _satisfying(conditions: Object) -> Iterator[int]:
    single = [((rule["code"], rule["code"]), rule["exitOptions"]) for rule in conditions.get("exitCodes", ())]
    spans = [((rule["start"], rule["end"]), rule["exitOptions"]) for rule in conditions.get("exitCodeRanges", ())]
    everything = [((0, EXIT_CODES[-1]), conditions.get("default", {}))]
    for (first, last), options in (*single, *spans, *everything):
        if options.get("dependencyAction") == "satisfy":
            yield from range(first, last + 1)
