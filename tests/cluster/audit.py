"""Reading the API server's audit log: who asked it for what, when, and how often."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

WRITES = {"create", "update", "patch", "delete", "deletecollection"}


class Request(NamedTuple):
    user: str
    verb: str
    resource: str  # with a subresource as in `batchtasks/status`
    code: int

    @property
    def is_write(self) -> bool:
        return self.verb in WRITES


class Answer(NamedTuple):
    at: float  # epoch seconds
    source: str  # address of the one who asked
    namespace: str
    name: str
    request: Request


def requests(log: Path, since: int = 0) -> Counter[Request]:
    """How often each request was answered after a position in the log (its size at some moment)."""
    return Counter(answer.request for answer in answers(log, since))


def answers(log: Path, since: int = 0, word: str = "") -> Iterator[Answer]:
    """By time; only of lines with the word in them, which is quicker than to read all."""
    with log.open("rb") as lines:
        lines.seek(since)
        events = (json.loads(line) for line in lines if line.endswith(b"\n") and word.encode() in line)
        yield from (_answer(event) for event in events if event["stage"] == "ResponseComplete")


def created(log: Path, since: int, resource: str, namespace: str) -> dict[str, float]:
    """When each object that is named in the log after a position was made first, in epoch seconds."""
    found: dict[str, float] = {}
    for answer in answers(log, since, f'"{resource}"'):
        verb, kind, code = answer.request[1:]
        if (verb, kind, code, answer.namespace) == ("create", resource, 201, namespace):
            found.setdefault(answer.name, answer.at)
    return found


def _answer(event: dict[str, Any]) -> Answer:
    target = event.get("objectRef", {})
    parts = [target.get("resource", event["requestURI"]), target.get("subresource")]
    code = event.get("responseStatus", {}).get("code", 0)
    request = Request(event["user"]["username"], event["verb"], "/".join(part for part in parts if part), code)
    at = datetime.fromisoformat(event["stageTimestamp"]).timestamp()
    return Answer(at, event["sourceIPs"][0], target.get("namespace", ""), target.get("name", ""), request)
