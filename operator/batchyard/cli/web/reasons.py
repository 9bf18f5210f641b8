"""Why something waits, and what of it needs a person, as the page shows it. The words are those of `batchyard why`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from batchyard.api.reasons import BLOCKING, NEEDS_HUMAN
from batchyard.cli.show.objects import Object, at, name
from batchyard.cli.show.why import Reason

MOST = 100


def told(reason: Reason) -> Object:
    return {"reason": reason.word, "message": reason.message, "next": reason.next_step}


def needs_human(each: Object) -> bool:
    return any(
        (told.get("type"), told.get("status")) in BLOCKING and told.get("reason") in NEEDS_HUMAN
        for told in at(each, "status.conditions", [])
    )


def attention(kind: str, objects: Sequence[Object], why: Callable[[Object], Reason]) -> list[Object]:
    """Those that do not go on by waiting, with what is to be done."""
    found = [each for each in sorted(objects, key=name) if needs_human(each)]
    return [{"kind": kind, "name": name(each), **told(why(each))} for each in found[:MOST]]
