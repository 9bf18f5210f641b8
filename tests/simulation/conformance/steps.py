"""One step of a sequence: a call that two servers can be asked, although each has its own uids and versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from batchyard.kube.request import JSON
from tests.simulation.api.call import Body, Request, Response
from tests.simulation.api.patching import merged

CURRENT, FIRST, UID = "$current ", "$first ", "$uid "
"""Followed by the path of an object: its latest version that a side knows, its first one, its uid."""
CONTINUE, LISTED = "$continue ", "$listed "
"""Followed by the path of a collection: where its last list goes on, and which version that showed."""

Ask = Callable[[Request], Response]


@dataclass(frozen=True)
class Step:
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    content_type: str = JSON
    on_top_of: str = ""
    """Path of an object: the body is a merge patch on it as the side knows it, and what is sent is the whole."""
    pages: bool = False
    """A list is followed to its last page."""
    between: tuple[Step, ...] = ()
    """What happens after the first page."""


@dataclass
class Side:
    """One of the two servers, and what it has said about objects so far."""

    ask: Ask
    known: dict[str, list[Body]] = field(default_factory=dict)
    lists: dict[str, Body] = field(default_factory=dict)
    """The metadata of the last page of each collection."""

    def take(self, step: Step) -> list[Response]:
        """The answer, or one for each page, with what happened between them."""
        answer = self._call(step, dict(step.query))
        answers = [answer]
        if step.pages:
            for each in step.between:
                answers += self.take(each)
            while token := (answer.body.get("metadata") or {}).get("continue"):
                answer = self._call(step, {**step.query, "continue": token})
                answers.append(answer)
        return answers

    def resolved(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.resolved(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.resolved(inner) for inner in value]
        return self._word(value) if isinstance(value, str) and value.startswith("$") else value

    def _call(self, step: Step, query: dict[str, str]) -> Response:
        body = self.resolved(step.body)
        if step.on_top_of and (seen := self.known.get(step.on_top_of)):
            body = merged(seen[-1], body)
        answer = self.ask(Request(step.method, step.path, self.resolved(query), body, step.content_type))
        self._remember(step, answer)
        return answer

    def _remember(self, step: Step, answer: Response) -> None:
        meta = answer.body.get("metadata") or {}
        if answer.code < 300 and "resourceVersion" in meta and "uid" not in meta:
            self.lists[step.path] = meta
        if answer.code < 300 and "uid" in meta and "resourceVersion" in meta:
            path = step.path if step.method != "POST" else f"{step.path}/{meta['name']}"
            self.known.setdefault(path.removesuffix("/status"), []).append(answer.body)

    def _word(self, word: str) -> str:
        for mark, place, key in ((CURRENT, -1, "resourceVersion"), (FIRST, 0, "resourceVersion"), (UID, -1, "uid")):
            if word.startswith(mark):
                seen = self.known.get(word.removeprefix(mark))
                return str(seen[place]["metadata"][key]) if seen else "1"
        for mark, key in ((CONTINUE, "continue"), (LISTED, "resourceVersion")):
            if word.startswith(mark):
                return str(self.lists[word.removeprefix(mark)][key])
        return word
