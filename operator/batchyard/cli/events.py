"""Fetches the Events about some objects, as far as the caller may read them."""

from __future__ import annotations

from batchyard.cli.access.cluster import Object
from batchyard.cli.outcome import Exit, Problem
from batchyard.cli.session import Session
from batchyard.cli.show.objects import at
from batchyard.kube.kinds import EVENT, Scope


def about(session: Session, *objects: Object) -> list[Object]:
    """Of one object it is asked by name, of more by kind. Who may not read Events sees none."""
    wanted = {at(each, "metadata.uid") for each in objects}
    found: list[Object] = []
    for selector in _selectors(objects):
        try:
            found += session.cluster.list(Scope(EVENT, session.namespace, field_selector=selector))
        except Problem as problem:
            if problem.exit_code is not Exit.FORBIDDEN:
                raise
    return [each for each in found if at(each, "involvedObject.uid") in wanted]


def _selectors(objects: tuple[Object, ...]) -> list[str]:
    names: dict[str, list[str]] = {}
    for each in objects:
        names.setdefault(each["kind"], []).append(at(each, "metadata.name"))
    return [
        f"involvedObject.kind={kind}" + (f",involvedObject.name={found[0]}" if len(found) == 1 else "")
        for kind, found in names.items()
    ]
