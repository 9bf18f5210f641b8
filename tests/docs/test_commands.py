"""Commands on the pages are commands that there are: `batchyard` takes its words, `kubectl` is asked for kinds of ours."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from batchyard.api.crd import KINDS
from batchyard.cli.app import batchyard
from tests.docs.pages import PAGES, ROOT, blocks, commands, named

OTHERS = {
    "configmap", "crd", "daemonset", "deployment", "events", "namespace", "node", "nodes", "pod", "pods", "pods,lease", "job", "jobs", "secret",
}  # fmt: skip
OURS = {"batchyard"} | {
    word for kind in KINDS for word in (kind.plural, kind.short_name, kind.model_fields["kind"].default.lower())
}
_ASKED = re.compile(r"^kubectl (?:get|describe|delete|edit|patch|scale|explain) ([a-z][a-z,]*)\b")

each_page = pytest.mark.parametrize("page", PAGES, ids=named)


@each_page
def test_batchyard_takes_the_words_of_every_command(page: Path) -> None:
    wrong = {line: said for line in commands(page, "batchyard") if (said := refused(line))}
    assert wrong == {}


@each_page
def test_kubectl_is_asked_for_kinds_that_there_are(page: Path) -> None:
    asked = {line: found[1] for line in commands(page, "kubectl") if (found := _ASKED.match(line))}
    assert {line: what for line, what in asked.items() if what not in OTHERS and not {*what.split(",")} <= OURS} == {}


def test_quick_start_has_commands_that_no_test_runs_only_where_it_says_how_the_image_gets_to_the_nodes() -> None:
    """Those in `console` blocks are run by tests/cluster/test_quick_start.py."""
    page = ROOT / "docs" / "quick-start.md"
    shell = blocks(page, "sh")
    assert [
        block for block in shell if block not in page.read_text().partition("## The image")[2].partition("\n## ")[0]
    ] == []
    assert len(blocks(page, "console")) > 5


def test_there_are_commands_to_be_checked() -> None:
    assert sum(len([*commands(page, "batchyard")]) for page in PAGES) > 50
    assert sum(len([*commands(page, "kubectl")]) for page in PAGES) > 30


def test_a_command_that_is_not_there_is_refused() -> None:
    assert refused("batchyard job run --pol sample")
    assert refused("batchyard job resume demo")


def refused(line: str) -> str:
    """What is wrong with the words of a command; how many arguments it needs is not looked at, for text leaves them out."""
    command: click.Command = batchyard
    context, words = click.Context(command), shlex.split(line)[1:]
    try:
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            _, found, words = command.resolve_command(context, words)
            assert found is not None
            command, context = found, click.Context(found, parent=context)
        command.make_parser(context).parse_args(words)
    except click.UsageError as error:
        return error.format_message()
    return ""


def test_the_release_is_upgraded_on_a_real_cluster_as_the_page_says() -> None:
    (line,) = (each for each in commands(ROOT / "docs/install.md", "helm") if each.startswith("helm upgrade"))
    flags = {word for word in line.split() if "reuse" in word}
    assert flags == set(re.findall(r'"(--[a-z-]*reuse[a-z-]*)"', (ROOT / "tests/cluster/test_chart.py").read_text()))
    assert flags
