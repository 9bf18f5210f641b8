"""The whole terminal: drawn anew as things change, until Ctrl-C."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from itertools import islice
from queue import SimpleQueue

import pytest
from rich.console import Console
from typing_extensions import override

from batchyard.cli.outcome import Exit, Problem
from batchyard.cli.screen import shown
from batchyard.cli.session import Session
from batchyard.cli.show.objects import at
from batchyard.cli.show.top import View
from batchyard.cli.together import Seen, together
from batchyard.kube.kinds import BATCH_JOB, BATCH_NODE, BATCH_POOL, Scope
from tests.cli.memory import Memory
from tests.cli.objects import NOW, Object, job, node, pool

SCOPES = [Scope(kind, "default") for kind in (BATCH_POOL, BATCH_NODE, BATCH_JOB)]
Change = tuple[str, Object]


class Told(Memory):
    """Watches wait for what the test tells about jobs; a Problem ends them."""

    def __init__(self, *objects: Object) -> None:
        super().__init__(*objects)
        self.news = SimpleQueue[Change | Problem]()

    @override
    def changes(self, scope: Scope, version: str, *, seconds: int) -> Iterator[Change]:
        while isinstance(found := (self.news if scope.kind is BATCH_JOB else SimpleQueue[Change]()).get(), tuple):
            yield found
        raise found


def newer(each: Object) -> Object:
    return {**each, "metadata": {**each["metadata"], "resourceVersion": "8"}}


def names_and_states(views: Iterator[Seen]) -> Iterator[dict[str, str]]:
    for (_, _, jobs), _ in islice(views, 1000):
        yield {str(at(each, "metadata.name")): str(at(each, "status.state")) for each in jobs}


def test_everything_is_known_before_the_first_picture_and_followed_after_it() -> None:
    cluster = Told(pool(), node("n1"), job("a"), job("b"))
    views = together(Session(cluster, "default"), SCOPES, every=0.01)
    assert [len(found) for found in next(views).objects] == [1, 1, 2]
    cluster.news.put(("MODIFIED", newer(job("a", "terminating"))))
    cluster.news.put(("DELETED", newer(job("b"))))
    cluster.news.put(("ADDED", newer(job("c"))))
    wanted = {"a": "terminating", "c": "active"}
    assert next((found for found in names_and_states(views) if found == wanted), None) == wanted
    cluster.news.put(Problem("no longer yours to read", Exit.FORBIDDEN))
    with pytest.raises(Problem, match="no longer yours"):
        list(names_and_states(views))


def test_api_server_that_does_not_answer_is_told_with_the_moment_of_the_last_news_until_it_answers() -> None:
    cluster, back = Told(pool(), job("a")), threading.Event()

    def pause(_: float) -> None:
        back.wait(60)

    session = Session(cluster, "default", now=lambda: NOW, pause=pause)
    seen = together(session, SCOPES, every=0.01)
    assert next(seen).silence == ""
    cluster.news.put(Problem("no answer from https://x", Exit.UNREACHABLE))
    told = (each.silence for each in islice(seen, 1000))
    assert next(filter(None, told)) == "last news at 2026-03-01T12:00:00Z, no answer from https://x"
    back.set()
    assert any(not each.silence for each in islice(seen, 1000))


def test_kind_that_may_not_be_read_ends_it_with_the_reason() -> None:
    cluster = Told(pool())
    cluster.denied.add("batchnodes")
    with pytest.raises(Problem, match="batchnodes is forbidden"):
        next(together(Session(cluster, "default"), SCOPES))


def views() -> Iterator[View]:
    """Two, then Ctrl-C."""
    yield View("default", [pool()], [node("n1", "unusable")], [job("before")])
    yield View("default", [pool()], [node("n1", "running")], [job("after")])
    raise KeyboardInterrupt


@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_screen_is_drawn_for_each_view_and_given_back_at_the_end(
    *, environment: dict[str, str], coloured: bool
) -> None:
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=True, width=60, height=20, color_system="standard", _environ={"TERM": "xterm", **environment}
    )  # fmt: skip
    shown(views(), lambda: NOW, console)
    drawn = out.getvalue()
    assert drawn.index("U 1 unusable") < drawn.index("before") < drawn.index("r 1 running") < drawn.index("after")
    assert ("\x1b[1;31m" in drawn) is coloured
    assert drawn.index("\x1b[?1049h") < drawn.index("before")
    assert drawn.rindex("\x1b[?1049l") > drawn.index("after")
