"""Values for a structural schema, right ones and, at a given rate, wrong ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.simulation.api.shapes import Schema

WORDS = (
    "a", "demo", "A_1", "task-1", "PT15M", "P7D", "90s", "1h30m", "workitems/demo", "docker.io/library/busybox:1.37",
    "500m", "1.5Gi", "2", "node1", "batch", "echo hello", "tvm-1", "1-4,7", "example.com/gpu", "00000000-0000-4000-8000-00000000000a",
)  # fmt: skip
WRONG: tuple[Any, ...] = (None, True, -1, 7, 1.5, "", "*", "x" * 33_000, [], {}, ["a"], {"a": "b"}, 1 << 40)
MOMENTS = ("2026-01-01T00:00:00Z", "2026-02-03T04:05:06Z")


@dataclass(frozen=True, slots=True)
class Values:
    chance: Random
    wrong: float
    """How many of all values are of the wrong kind or out of bounds."""
    optional: float = 0.15
    """How many of the fields are there that need not be."""
    words: tuple[str, ...] = WORDS

    def draw(self, schema: Schema) -> Any:
        if self.chance.random() < self.wrong:
            return self.chance.choice(WRONG)
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        return self._right(schema)

    def _right(self, schema: Schema) -> Any:
        match schema.get("type"):
            case "object":
                return self._object(schema)
            case "array":
                few = range(self.chance.randint(schema.get("minItems", 0), min(schema.get("maxItems", 2), 2)))
                return [self.draw(schema["items"]) for _ in few]
            case "boolean":
                return self.chance.random() < 0.5
            case "integer":
                return self.chance.randint(schema.get("minimum", 0), min(schema.get("maximum", 9), 9))
            case "number":
                return self.chance.choice([0.5, 1, 2])
            case "string":
                return self._text(schema)
            case _:
                return self.chance.choice(["1", 1])  # int-or-string

    def _object(self, schema: Schema) -> Any:
        required = schema.get("required", ())
        drawn = {
            name: self.draw(inner)
            for name, inner in (schema.get("properties") or {}).items()
            if (name in required and self.chance.random() >= self.wrong) or self.chance.random() < self.optional
        }
        if isinstance(inner := schema.get("additionalProperties"), dict) and self.chance.random() < self.optional:
            drawn[self.chance.choice(WORDS[:4])] = self.draw(inner)
        if self.chance.random() < self.wrong:
            drawn["unknownField"] = 1
        return drawn

    def _text(self, schema: Schema) -> str:
        if schema.get("format") == "date-time":
            return self.chance.choice(MOMENTS)
        low, high = schema.get("minLength", 0), schema.get("maxLength", 1000)
        fitting = [
            word
            for word in self.words
            if low <= len(word) <= high and re.search(schema.get("pattern", ""), word) is not None
        ]
        return self.chance.choice(fitting or WORDS)
