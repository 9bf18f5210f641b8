"""Reading the API server's audit log: who asked it for what, and how often."""

import json
from collections import Counter
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


def requests(log: Path, since: int = 0) -> Counter[Request]:
    """How often each request was answered after a position in the log (its size at some moment)."""
    with log.open("rb") as lines:
        lines.seek(since)
        events = [json.loads(line) for line in lines if line.endswith(b"\n")]
    return Counter(_request(event) for event in events if event["stage"] == "ResponseComplete")


def _request(event: dict[str, Any]) -> Request:
    target = event.get("objectRef", {})
    parts = [target.get("resource", event["requestURI"]), target.get("subresource")]
    code = event.get("responseStatus", {}).get("code", 0)
    return Request(event["user"]["username"], event["verb"], "/".join(part for part in parts if part), code)
