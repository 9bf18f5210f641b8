"""docs/cli.md shows what the commands print, and shows every command."""

from __future__ import annotations

import click

from batchyard.cli.app import COMMANDS, batchyard
from batchyard.cli.outcome import Exit
from tests.cli.page import PAGE, commands, rendered


def test_page_shows_what_the_commands_print() -> None:
    """`make cli-page` writes it anew."""
    assert rendered(PAGE.read_text()) == PAGE.read_text()


def test_page_names_every_command_and_exit_code() -> None:
    page = PAGE.read_text()
    context = click.Context(batchyard)
    groups = {name: batchyard.get_command(context, name) for name in COMMANDS}
    names = [
        f"batchyard {name} {inner}".strip()
        for name, group in groups.items()
        for inner in (group.commands if isinstance(group, click.Group) else [""])
    ]
    assert [name for name in names if name not in page] == []
    assert [each for each in Exit if f"| {each.value} |" not in page] == []
    assert len(commands(page)) >= 12
