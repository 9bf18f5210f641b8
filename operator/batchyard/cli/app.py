"""The commands by name, each imported when it is called, and the one place where problems become exit codes."""

from __future__ import annotations

import importlib
import os
import signal
import sys

import click

from batchyard import __version__
from batchyard.cli.outcome import Exit, Problem
from batchyard.cli.session import Start, Wish, place_options

# Where each command is, and its line in the help: asking for help must not import them all.
COMMANDS = {
    "job": ("batchyard.cli.commands.job:job", "Run, list, describe, wait for, stop and delete jobs."),
    "task": ("batchyard.cli.commands.task:task", "List tasks, read their output, say why one waits, run one again."),
    "node": ("batchyard.cli.commands.node:node", "List a pool's nodes and read the files on them."),
    "pool": ("batchyard.cli.commands.pool:pool", "List pools and resize them."),
    "why": ("batchyard.cli.commands.why:why", "Say why a job, task or pool waits: one reason, numbers, the next step."),
    "top": ("batchyard.cli.commands.top:top", "Show pools, their nodes and jobs on the whole terminal."),
    "ui": ("batchyard.cli.commands.ui:ui", "Show pools, jobs and their nodes in a web page."),
    "doctor": ("batchyard.cli.commands.doctor:doctor", "Check the installation and what you may do in this namespace."),
    "bundle": ("batchyard.cli.commands.bundle:bundle", "Write a support bundle for a bug report."),
    "version": ("batchyard.cli.commands.version:version", "Show the versions of all that plays together."),
    "completion": ("batchyard.cli.commands.completion:completion", "Print the completion script of a shell."),
}


class Lazy(click.Group):
    # Not marked with @override: where that comes from costs more to import than all of ours.

    def list_commands(self, ctx: click.Context) -> list[str]:  # type: ignore[explicit-override]  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # type: ignore[explicit-override]  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # type: ignore[explicit-override]  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
@place_options
@click.pass_context
def batchyard(ctx: click.Context, namespace: str | None, context: str | None, kubeconfig: str | None) -> None:
    """Pools, jobs and tasks of Batchyard, with your own rights in the cluster.

    \b
    Exit codes: 0 fine, 1 error, 2 wrong usage, 3 not found, 4 not permitted,
    5 no answer from the cluster, 10 a task of the job failed, 11 the job was
    stopped, 12 doctor found a failure, 124 timeout, 130 interrupted.
    """  # noqa: D301 - click's mark for lines that stay as they are
    start = ctx.ensure_object(Start)
    start.wish = Wish(namespace, context, kubeconfig)


def called() -> str:
    """By what name we are known: kubectl calls a plugin by the name of its file."""
    name = os.path.basename(sys.argv[0])  # noqa: PTH119 - pathlib is not needed otherwise
    return "kubectl batchyard" if name.startswith("kubectl-") else "batchyard"


def main() -> None:
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `batchyard task list ... | head` ends quietly
    sys.exit(run(sys.argv[1:]))


def run(argv: list[str], start: Start | None = None) -> int:
    try:
        code = batchyard.main(argv, prog_name=called(), standalone_mode=False, obj=start or Start())
    except Problem as problem:
        return tell(problem)
    except click.ClickException as wrong:
        wrong.show()
        return Exit.USAGE if isinstance(wrong, click.UsageError) else Exit.ERROR
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return Exit.INTERRUPTED
    return int(code or 0)


def tell(problem: Problem) -> int:
    click.echo(f"error: {problem.message}", err=True)
    if problem.hint:
        click.echo(f"  {problem.hint}", err=True)
    return problem.exit_code
