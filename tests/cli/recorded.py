"""A real cluster as it was at one moment, kept in recorded.json: what the outputs in docs/cli.md are made from. `make cli-record` records anew."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from typing_extensions import override

from batchyard.kube.kinds import BATCH_JOB, Kind, Scope
from tests.cli.memory import Memory, Object

FILE = Path(__file__).with_name("recorded.json")


class Recorded(Memory):
    """Takes one new job, which then goes through the versions that one went through when it was recorded."""

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__(*content["objects"])
        self.now = datetime.fromisoformat(content["now"])
        self._run: list[Object] = content["run"]
        self.logs = {pod: text.encode() for pod, text in content["logs"].items()}
        self.pages = content["pages"]
        self.files = {path: text.encode() for path, text in content["files"].items()}

    @override
    def execute(self, namespace: str, pod: str, container: str, argv: Iterable[str]) -> Iterator[bytes]:
        """Each node has its own files."""
        words = [*argv]
        words[5] = f"{pod}:{words[5]}"
        return super().execute(namespace, pod, container, words)

    @override
    def create(self, kind: Kind, namespace: str, body: Object) -> Object:
        assert kind is BATCH_JOB
        self.objects[kind.kind, namespace, self._run[0]["metadata"]["name"]] = self._run[0]
        return copy.deepcopy(self._run[0])

    @override
    def changes(self, scope: Scope, version: str, *, seconds: int) -> Iterator[tuple[str, Object]]:
        yield from (
            ("MODIFIED", each) for each in self._run[1:] if scope.field_selector.endswith(each["metadata"]["name"])
        )


def load() -> Recorded:
    return Recorded(json.loads(FILE.read_text()))
