"""`batchyard completion SHELL`, and what kubectl calls to complete `kubectl batchyard ...`."""

from __future__ import annotations

import sys

import click
from click.shell_completion import ShellComplete, get_completion_class

VARIABLE = "_BATCHYARD_COMPLETE"
NO_FILES = ":4"
"""The last line of an answer to kubectl: there is nothing but what stands above."""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell. For example: `source <(batchyard completion bash)`.

    For `kubectl batchyard` nothing needs to be done: kubectl calls kubectl_complete-batchyard, which is installed beside it.
    """
    from batchyard.cli.app import batchyard  # noqa: PLC0415 - it imports us

    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - the choices are click's own
    click.echo(found(batchyard, {}, "batchyard", VARIABLE).source())


def kubectl() -> None:
    """Called as `kubectl_complete-batchyard WORD...`; the last word is the one to complete."""
    click.echo("\n".join([*candidates(sys.argv[1:]), NO_FILES]))


def candidates(words: list[str]) -> list[str]:
    """With a tab between a candidate and what it is."""
    from batchyard.cli.app import batchyard  # noqa: PLC0415

    *before, incomplete = words or [""]
    found = ShellComplete(batchyard, {}, "kubectl batchyard", VARIABLE).get_completions(before, incomplete)
    return [f"{each.value}\t{each.help}" if each.help else each.value for each in found if each.type == "plain"]
