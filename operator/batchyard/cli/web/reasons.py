"""Why something waits, what of it needs a person, and the command that tells more, as the page shows it. The words are those of `batchyard why`."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence

from batchyard.api.reasons import needed_for
from batchyard.cli.show.objects import Object, at, name
from batchyard.cli.show.why import Reason

MOST = 100


def told(reason: Reason) -> Object:
    return {"reason": reason.word, "message": reason.message, "next": reason.next_step}


def needs_human(each: Object) -> bool:
    conditions = at(each, "status.conditions", [])
    return bool(needed_for((at(one, "type"), at(one, "status"), at(one, "reason")) for one in conditions))


def command(*words: str) -> str:
    """To be copied into a shell: names are what people and other programs made of them."""
    return shlex.join(["batchyard", *words])


def attention(kind: str, objects: Sequence[Object], why: Callable[[Object], Reason]) -> list[Object]:
    """Those that do not go on by waiting, with what is to be done."""
    found = [each for each in sorted(objects, key=name) if needs_human(each)]
    return [{"kind": kind, "name": name(each), **told(why(each))} for each in found[:MOST]]
