"""What is said about objects that cannot be read or planned for, so that their neighbours go on and their owner knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from batchyard.core.actions import Action, Delete, Emit, Patch, Plan, Ref, patch_status
from batchyard.core.conditions import Observed, merge


@dataclass(frozen=True, slots=True)
class Broken:
    """An object that we could not make sense of, with what its status says as it is."""

    ref: Ref
    error: str
    conditions: tuple[Mapping[str, Any], ...] = ()
    generation: int = 0
    observed_generation: object = None


def plan_broken(broken: Iterable[Broken], *, now: float) -> Iterator[Action]:
    """One condition each, written once."""
    for each in broken:
        message = f"this object cannot be used: {each.error}"
        observed = [Observed("Stalled", status=True, reason="InvalidObject", message=message)]
        conditions = merge(each.conditions, observed, now=now, generation=each.generation)
        if conditions != [*each.conditions] or each.observed_generation != each.generation:
            yield patch_status(each.ref, {"observedGeneration": each.generation, "conditions": conditions})


def leave_alone(todo: Plan, broken: Iterable[Broken]) -> Plan:
    """Without what was planned for objects as they were last understood: they are no longer so, and each write would be refused."""
    aside = {_which(each.ref) for each in broken}
    return replace(todo, actions=tuple(each for each in todo.actions if _about(each) not in aside)) if aside else todo


def _about(action: Action) -> tuple[str, str, str] | None:
    match action:
        case Patch(ref=ref) | Delete(ref=ref) | Emit(about=ref):
            return _which(ref)
        case _:
            return None


def _which(ref: Ref) -> tuple[str, str, str]:
    return ref.kind, ref.namespace, ref.name
