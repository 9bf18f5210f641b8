"""What is said about objects that cannot be read or planned for, so that their neighbours go on and their owner knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from batchyard.core.actions import Action, Ref, patch_status
from batchyard.core.conditions import Observed, merge


@dataclass(frozen=True, slots=True)
class Broken:
    """An object that we could not make sense of, with its own conditions as they are."""

    ref: Ref
    error: str
    conditions: tuple[Mapping[str, Any], ...] = ()


def plan_broken(broken: Iterable[Broken], *, now: float) -> Iterator[Action]:
    """One condition each, written once."""
    for each in broken:
        message = f"this object cannot be used: {each.error}"
        observed = [Observed("Stalled", status=True, reason="InvalidObject", message=message)]
        conditions = merge(each.conditions, observed, now=now, generation=0)
        for condition in conditions:
            condition.pop("observedGeneration", None)
        if conditions != [{k: v for k, v in c.items() if k != "observedGeneration"} for c in each.conditions]:
            yield patch_status(each.ref, {"conditions": conditions})
