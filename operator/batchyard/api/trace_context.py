"""Which trace a job is, and which span each of its parts (W3C Trace Context). Ids follow from UIDs alone, so that whoever asks, whenever, gets the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from .names import GROUP, digest

VARIABLE = "TRACEPARENT"
ANNOTATION = f"{GROUP}/traceparent"
PREPARATION, RELEASE = "preparation", "release"
_FORM = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
_TRACE = re.compile(r"(?!0{32})[0-9a-f]{32}")
_SAMPLED = "01"


class Trace(NamedTuple):
    id: str
    parent: str = ""
    """The span of somebody else that the job belongs to; empty when it stands by itself."""
    flags: str = _SAMPLED

    def told(self, span: str) -> str:
        """What a program is told, so that its spans stand below this one."""
        return f"00-{self.id}-{span}-{self.flags}"


def of_job(uid: str, annotations: Mapping[str, str]) -> Trace:
    """The one that its user has named; one of another form is as none (so W3C), and then the job's UID is the trace."""
    if given := _FORM.fullmatch(annotations.get(ANNOTATION, "")):
        return Trace(*given.groups())
    plain = uid.replace("-", "")
    return Trace(plain if _TRACE.fullmatch(plain) else digest(uid, length=32))


def span(uid: str, step: str = "") -> str:
    """Of an object, or of one step of it. All attempts of a task are one span: its status tells the times of the last alone."""
    return digest(uid, step, length=16)
