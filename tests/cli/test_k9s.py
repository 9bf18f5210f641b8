"""examples/k9s fits our kinds and our commands; that k9s takes its form was seen by its own schemas (internal/config/json/schemas) once."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from batchyard.cli.show.objects import at
from batchyard.kube.kinds import BATCH_POOL, OURS
from tests.cli.recorded import Recorded, load
from tests.cli.typing_in import typed

Object = dict[str, Any]
ROOT = Path(__file__).parents[2]
HERE = ROOT / "examples/k9s"
VIEWS: dict[str, Object] = yaml.safe_load((HERE / "views.yaml").read_text())["views"]
PLUGINS: dict[str, Object] = yaml.safe_load((HERE / "plugins.yaml").read_text())["plugins"]
KINDS = {kind.plural: kind for kind in OURS}
PAGER = ["-c", 'batchyard "$@" 2>&1 | less -K', "batchyard"]
TAKEN = {f"Shift-{letter}" for letter in "ANOPSJ"}
"""By k9s itself, for sorting and the way to an owner."""
CHOSEN = {
    "batchpools": "sample",
    "batchjobs": "frames",
    "batchtasks": "frames.frame2",
    "batchjobnodes": "demo.node1",
}
PREPARED = "sample-node-pvvcr:/mnt/batch/tasks/workitems/demo/job-1/jobpreparation"
COLUMN = re.compile(r"([A-Z]+):(\.[^|]+)(\|[TWR]+)?")
META = {"name", "namespace", "creationTimestamp"}


def columns(plural: str) -> dict[str, str]:
    """Paths by name."""
    found = (COLUMN.fullmatch(each) for each in VIEWS[f"batchyard.io/v1alpha1/{plural}"]["columns"])
    return {column[1]: column[2] for column in found if column}


def version(plural: str) -> Object:
    found: Object = yaml.safe_load((ROOT / f"crds/{plural}.yaml").read_text())["spec"]["versions"][0]
    return found


def has(schema: Object, path: list[str]) -> bool:
    if not path:
        return True
    name, _, part = path[0].partition("[")
    inner = schema.get("properties", {}).get(name)
    if inner is None:
        return schema.get("type") == "object" and bool(schema.get("additionalProperties"))
    return has(inner["items"] if part else inner, path[1:])


def test_every_kind_has_a_view_and_every_column_k9s_form() -> None:
    assert set(VIEWS) == {f"{kind.api_version}/{kind.plural}" for kind in OURS}
    for plural in KINDS:
        view = VIEWS[f"batchyard.io/v1alpha1/{plural}"]
        assert len(columns(plural)) == len(view["columns"])
        assert view["sortColumn"].removesuffix(":asc") in columns(plural)


@pytest.mark.parametrize("plural", KINDS)
def test_every_column_is_a_field_of_its_kind(plural: str) -> None:
    found = version(plural)
    printed = [each["jsonPath"] for each in found["additionalPrinterColumns"]]
    for path in columns(plural).values():
        if path.startswith(".metadata."):
            assert path.removeprefix(".metadata.") in META
            continue
        if "@" in path:
            assert any(each.startswith(path[: path.index("]") + 1]) for each in printed)
        plain = re.sub(r"\[.*\]", "[]", path)
        assert has(found["schema"]["openAPIV3Schema"], plain.removeprefix(".").split(".")), path


def test_field_that_is_not_there_is_found() -> None:
    schema = version(BATCH_POOL.plural)["schema"]["openAPIV3Schema"]
    assert not has(schema, ["spec", "nothing"])
    assert not has(schema, ["status", "conditions[]", "nothing"])


def test_no_key_means_two_things_or_what_k9s_has_it_for() -> None:
    keys = [(plugin["shortCut"], scope) for plugin in PLUGINS.values() for scope in plugin["scopes"]]
    assert len(set(keys)) == len(keys)
    assert {scope for _, scope in keys} <= set(KINDS)
    assert not {key for key, _ in keys} & TAKEN
    page = (HERE / "README.md").read_text()
    assert [key for key, _ in keys if f"| {key} |" not in page] == []


@pytest.mark.parametrize("plugin", PLUGINS.values(), ids=PLUGINS)
def test_what_changes_something_is_left_out_of_a_k9s_that_only_reads(plugin: Object) -> None:
    """Nothing that is printed is lost: k9s shows the words of a command in the background, and clears the screen after any other."""
    changes = plugin["command"] == "batchyard"
    assert plugin.get("dangerous", False) is changes
    assert plugin.get("background", False) is changes
    assert plugin.get("confirm", False) is (changes and "enable" not in plugin["args"])


def recorded() -> Recorded:
    """With what a preparation wrote, which was not recorded."""
    cluster = load()
    cluster.files |= {f"{PREPARED}/{file}": b"prepared\n" for file in ("stdout.txt", "stderr.txt")}
    return cluster


@pytest.mark.parametrize("plugin", PLUGINS.values(), ids=PLUGINS)
def test_every_key_does_what_its_command_line_says(plugin: Object) -> None:
    (plural,) = plugin["scopes"]
    cluster = recorded()
    found = cluster.get(KINDS[plural], "default", CHOSEN[plural])
    known = {"NAME": found["metadata"]["name"], "NAMESPACE": "default", "CONTEXT": "here"}
    known |= {f"COL-{name}": str(at(found, path.removeprefix("."))) for name, path in columns(plural).items()}
    args = plugin["args"]
    if plugin["command"] == "sh":
        assert args[:3] == PAGER
        args = args[3:]
    typed_in = [re.sub(r"\$([\w-]+)", lambda word: known[word[1]], arg) for arg in args]
    answer = typed(shlex.join(typed_in), cluster, now=lambda: cluster.now)
    assert (answer.code, bool(answer.both)) == (0, True), answer.both
    assert bool(cluster.writes) is plugin.get("dangerous", False)
