"""docs/reference is what the models say: every kind, every field, every rule."""

from pathlib import Path
from typing import Any

import pytest

from batchyard.api.crd import KINDS
from batchyard.api.meta import Resource
from batchyard.api.reference import DIRECTORY, text, write
from batchyard.api.schema import structural

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def test_pages_are_what_the_models_say(tmp_path: Path) -> None:
    write(tmp_path)
    pages = [{each.name: each.read_text() for each in folder.iterdir()} for folder in (DIRECTORY, tmp_path)]
    assert pages[0] == pages[1], "run `make crds`"
    assert len(pages[0]) == len(KINDS)


@each_kind
def test_every_field_and_every_rule_of_the_definition_is_on_the_page(kind: type[Resource]) -> None:
    """Asked of what the API server is told, not of what the page is made from."""
    parts = {part: structural(kind)["properties"][part] for part in ("spec", "status")}
    (names, says), page = told({"properties": parts}), text(kind).replace("&lt;", "<").replace("\\*", "*")
    assert [name for name in sorted(names - parts.keys()) if f"| `{name}` |" not in page] == []
    assert [each for each in sorted(says) if each not in page] == []
    assert len(names) > 10


def told(node: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Names of the fields from here on, and what is said when a rule between them is broken."""
    rules = node.get("x-kubernetes-validations", ()) if "properties" in node else ()
    names, says = set(node.get("properties", ())), {each["message"] for each in rules}
    below = [
        *node.get("properties", {}).values(),
        *(node[part] for part in ("items", "additionalProperties") if part in node),
    ]
    for more, words in map(told, below):
        names |= more
        says |= words
    return names, says
