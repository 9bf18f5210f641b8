"""Words of conditions that more than one room goes by. Names only; who says them, and when, is elsewhere."""

from __future__ import annotations

NEEDS_HUMAN = frozenset(
    {
        *("Misconfigured", "ExceedsPool", "NotPermitted", "DependencyFailed", "PreparationFailing", "ImagePulling"),
        *("Unschedulable", "JobExists", "PoolExists", "StartTaskFailed", "AllocationTimedout"),
    }
)
"""What does not pass by waiting. docs/troubleshooting.md says of each what to do."""
BLOCKING = (("Admitted", "False"), ("Ready", "False"), ("Stalled", "True"))
"""Conditions, with their status, whose reason says so."""
