"""`make cli-page`: runs every `$ batchyard ...` of docs/cli.md against the recorded cluster and writes what it prints below it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.recorded import load
from tests.cli.typing_in import typed

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
_BLOCK = re.compile(r"```console\n(.*?)```\n", re.DOTALL)
PROMPT = "$ batchyard "


def rendered(page: str) -> str:
    return _BLOCK.sub(lambda block: f"```console\n{_answered(block[1])}```\n", page)


def commands(page: str) -> list[str]:
    return [
        line.removeprefix(PROMPT)
        for block in _BLOCK.findall(page)
        for line in block.splitlines()
        if line.startswith(PROMPT)
    ]


def _answered(block: str) -> str:
    return "".join(f"{PROMPT}{line}\n{_printed(line)}" for line in commands(f"```console\n{block}```\n"))


def _printed(line: str) -> str:
    """As on a terminal that shows no live picture; an exit code other than 0 is told."""
    cluster = load()
    said = typed(line, cluster, now=lambda: cluster.now)
    return said.both + (f"(exit code {said.code})\n" if said.code else "")


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text()))
