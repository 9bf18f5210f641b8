"""What every command shares: the cluster it speaks to, the namespace, the clock, the options for them. Prints nothing itself."""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

import click

from batchyard.cli.access.cluster import Cluster
from batchyard.cli.outcome import Problem

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the options say about where to go."""

    namespace: str | None = None
    context: str | None = None
    kubeconfig: str | None = None

    @property
    def words(self) -> list[str]:
        """With which another command goes to the same place."""
        given = (("--namespace", self.namespace), ("--context", self.context), ("--kubeconfig", self.kubeconfig))
        return [word for option, value in given if value for word in (option, value)]


@dataclass(frozen=True, slots=True)
class Session:
    cluster: Cluster
    namespace: str
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    pause: Callable[[float], None] = time.sleep
    terminal: bool = False
    """Whether progress is read on a terminal, where lines may be rewritten."""
    namespace_given: bool = False
    """By an option, not by the kubeconfig."""


Connect = Callable[[Wish], Session]


def connect(wish: Wish) -> Session:
    from batchyard.cli.access.http_cluster import HttpCluster  # noqa: PLC0415 - help and completion need no TLS
    from batchyard.cli.access.login import login  # noqa: PLC0415

    found = login(wish.kubeconfig, wish.context, os.environ)
    return Session(
        HttpCluster(found),
        wish.namespace or found.namespace,
        terminal=sys.stderr.isatty(),
        namespace_given=wish.namespace is not None,
    )


@dataclass
class Start:
    """What the group at the top hands to its commands: options given before the command's name, and the way to connect."""

    wish: Wish = field(default_factory=Wish)
    connect: Connect = connect


def _contexts(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from batchyard.cli.access import kubeconfig  # noqa: PLC0415

    try:
        found = kubeconfig.contexts(kubeconfig.files(context.params.get("kubeconfig"), os.environ))
    except Problem:
        return []
    return [name for name in found if name.startswith(incomplete)]


_OPTIONS = (
    click.option("-n", "--namespace", help="Namespace; that of the kubeconfig's context by default."),
    click.option("--context", shell_complete=_contexts, help="Context of the kubeconfig."),
    click.option(
        "--kubeconfig", type=click.Path(), help="The kubeconfig file; KUBECONFIG or ~/.kube/config by default."
    ),
)


def place_options(function: Callable[P, R]) -> Callable[P, R]:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def with_session(function: Callable[..., R]) -> Callable[..., R]:
    """Gives a command its session, and the options that choose it."""

    @place_options
    @click.pass_context
    @functools.wraps(function)
    def run(context: click.Context, /, **given: Any) -> R:
        wish = Wish(given.pop("namespace"), given.pop("context"), given.pop("kubeconfig"))
        return function(session_of(context, wish), **given)

    return run


def session_of(context: click.Context, wish: Wish) -> Session:
    start = context.find_object(Start) or Start()
    return start.connect(whole_wish(context, wish))


def whole_wish(context: click.Context, wish: Wish) -> Wish:
    """What stands behind the command's name goes before what stands in front of it."""
    before = (context.find_object(Start) or Start()).wish
    return Wish(
        wish.namespace or before.namespace, wish.context or before.context, wish.kubeconfig or before.kubeconfig
    )


class Seconds(click.FloatRange):
    """A time to wait: no longer than a calendar can add to now."""

    def __init__(self) -> None:
        super().__init__(0, 1e9)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # type: ignore[explicit-override]  # see app.py
        found = float(super().convert(value, param, ctx))
        if found != found:  # noqa: PLR0124 - NaN is in no range and yet passes
            self.fail(f"{value!r} is no number of seconds.", param, ctx)
        return found


def output_option(*choices: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    kinds = choices or ("wide", "name", "json", "yaml")
    return click.option("-o", "--output", type=click.Choice(kinds), default=None, help="Another form of the output.")
