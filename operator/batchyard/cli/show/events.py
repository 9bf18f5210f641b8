"""Kubernetes Events as lines, the latest last. They are forgotten after about an hour; nothing is only there."""

from __future__ import annotations

from collections.abc import Sequence

from batchyard.cli.show.objects import Object, at
from batchyard.cli.show.table import Column, table
from batchyard.cli.show.times import Moment, between

MOST = 20
COLUMNS = (
    Column("AGE", lambda event, now: between(when(event), "", now)),
    Column("TYPE", lambda event, _now: at(event, "type")),
    Column("REASON", lambda event, _now: at(event, "reason")),
    Column("ABOUT", lambda event, _now: f"{at(event, 'involvedObject.kind')}/{at(event, 'involvedObject.name')}"),
    Column("MESSAGE", lambda event, _now: " ".join(str(at(event, "message")).split())),
)


def when(event: Object) -> str:
    """The latest time it tells; the API server writes some with fractions of a second."""
    return str(at(event, "lastTimestamp") or at(event, "eventTime") or at(event, "metadata.creationTimestamp"))


def section(events: Sequence[Object], now: Moment) -> str:
    """Empty when there are none."""
    if not events:
        return ""
    latest = sorted(events, key=when)[-MOST:]
    return "Events:\n" + "\n".join(f"  {line}" for line in table(COLUMNS, latest, now).splitlines())
