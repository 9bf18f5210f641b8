"""Words of conditions that more than one room goes by. Who says them, and when, is elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

NEEDS_HUMAN = frozenset(
    {
        *("Misconfigured", "ExceedsPool", "NotPermitted", "DependencyFailed", "PreparationFailing", "ImagePulling"),
        *("Unschedulable", "JobExists", "PoolExists", "StartTaskFailed", "AllocationTimedout"),
    }
)
"""What does not pass by waiting. docs/troubleshooting.md says of each what to do."""
BLOCKING = (("Admitted", "False"), ("Ready", "False"), ("Stalled", "True"))
"""Conditions, with their status, whose reason says so."""


def needed_for(conditions: Iterable[tuple[str, str, str]]) -> str:
    """Of type, status and reason of each the reason for which a pool or a job needs a person; empty while it needs none."""
    told = (reason for kind, status, reason in conditions if (kind, status) in BLOCKING)
    return next((reason for reason in told if reason in NEEDS_HUMAN), "")
