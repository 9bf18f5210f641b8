"""Completion: of commands, options and names, for shells and for kubectl."""

from __future__ import annotations

import subprocess
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from batchyard.cli.app import batchyard
from batchyard.cli.commands import completion
from batchyard.cli.outcome import Exit, Problem
from batchyard.cli.session import Session, Start
from tests.cli.memory import Memory
from tests.cli.objects import job, pool, task
from tests.cli.typing_in import typed


def offered(line: str, cluster: Memory) -> list[str]:
    """`line` as far as it is typed; its last word is to be completed."""
    *before, incomplete = line.split(" ")
    start = Start(connect=lambda wish: Session(cluster, wish.namespace or "default"))
    found = ShellComplete(batchyard, {"obj": start}, "batchyard", completion.VARIABLE)
    return [each.value for each in found.get_completions(before, incomplete)]


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("jo", ["job"]),
        ("job d", ["delete", "describe", "disable"]),
        ("job disable --t", ["--tasks"]),
        ("job disable --tasks w", ["wait"]),
        ("job describe fr", ["frames"]),
        ("job describe ", ["demo", "frames"]),
        ("pool resize ", ["sample"]),
        ("task logs demo ", ["a", "b"]),
        ("job list --pool s", ["sample"]),
        ("job describe -n other ", []),
        ("-n other job describe ", []),
        ("-n default job describe f", ["frames"]),
    ],
)
def test_names_and_words_are_offered(line: str, values: list[str]) -> None:
    cluster = Memory(job("demo"), job("frames"), pool(), task("a"), task("b"), task("x", of="frames"))
    assert offered(line, cluster) == values


def test_cluster_that_does_not_answer_offers_nothing() -> None:
    cluster = Memory()
    cluster.refuses = Problem("no answer", Exit.UNREACHABLE)
    assert offered("job describe ", cluster) == []
    assert offered("task logs demo ", cluster) == []


def test_contexts_of_the_kubeconfig_are_offered(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("contexts: [{name: here}, {name: there}]")
    assert offered(f"job list --kubeconfig {config} --context t", Memory()) == ["there"]
    assert offered(f"job list --kubeconfig {tmp_path / 'no'} --context t", Memory()) == []


def test_kubectl_is_answered_in_its_own_form(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["kubectl_complete-batchyard", "po"])
    completion.kubectl()
    assert capsys.readouterr().out == "pool\tList pools and resize them.\n:4\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_of_each_shell_names_our_variable(shell: str, tmp_path: Path) -> None:
    script = typed(f"completion {shell}", Memory()).out
    assert completion.VARIABLE in script
    if shell == "bash":
        (tmp_path / "script").write_text(script)
        subprocess.run(["bash", "-n", tmp_path / "script"], check=True)


def test_every_command_has_a_line_of_help() -> None:
    def commands(group: click.Group) -> list[click.Command]:
        context = click.Context(group)
        found = [group.get_command(context, name) for name in group.list_commands(context)]
        inner = [each for one in found if isinstance(one, click.Group) for each in commands(one)]
        return [each for each in found if each is not None] + inner

    assert len(commands(batchyard)) >= 20
    assert [each.name for each in commands(batchyard) if not each.help] == []


def test_help_keeps_its_lines_and_says_how_we_were_called(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = typed("job run --help", Memory()).out
    assert "  batchyard job run -f job.yaml\n  batchyard job run --pool sample" in shown
    monkeypatch.setattr("sys.argv", ["/usr/bin/kubectl-batchyard"])
    shown = typed("--help", Memory()).out
    assert shown.startswith("Usage: kubectl batchyard [OPTIONS]")
    assert "  Exit codes: 0 fine, 1 error, 2 wrong usage, 3 not found, 4 not permitted,\n" in shown
