"""What all lists have in common: all namespaces, and going on with every change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from typing_extensions import override

from batchyard.cli.outcome import Exit, Problem
from tests.cli.memory import Memory
from tests.cli.objects import job, node, pool, task
from tests.cli.typing_in import said, typed

Object = dict[str, Any]
ELSEWHERE: Any = {"meta": {"namespace": "team"}}


def watched(line: str, cluster: Memory, *later: list[tuple[str, Object]]) -> tuple[str, str]:
    """Until Ctrl-C, which comes when all has been seen."""
    cluster.later, cluster.interrupts = [*later], True
    answer = typed(line, cluster)
    assert answer.code == Exit.INTERRUPTED
    return answer.out, answer.err


def newer(each: Object, version: str = "8") -> Object:
    return {**each, "metadata": {**each["metadata"], "resourceVersion": version}}


def test_all_namespaces_have_a_column_that_tells_them_apart() -> None:
    assert said("job list -A", job("frames"), job("frames", "completed", **ELSEWHERE)) == (
        "NAMESPACE   NAME     STATE       POOL     DONE   FAILED   RUN   REASON   DURATION   AGE\n"
        "default     frames   active      sample   0/0    0        0     -        60s        60s\n"
        "team        frames   completed   sample   0/0    0        0     -        60s        60s\n"
    )


@pytest.mark.parametrize("line", ["pool list", "node list", "job list"])
def test_other_namespaces_are_seen_only_when_asked_for(line: str) -> None:
    objects = [{**each, "metadata": {**each["metadata"], "namespace": "team"}} for each in (pool(), node("n1"), job())]
    assert typed(line, Memory(*objects)).out == ""
    assert "team" in said(f"{line} --all-namespaces", *objects)
    assert "in any namespace" in typed(f"{line} -A", Memory()).err


def test_tasks_of_jobs_of_one_name_are_listed_from_all_namespaces() -> None:
    listed = said("task list demo -A", task("a"), task("b", meta={"namespace": "team"}))
    assert [line.split()[:2] for line in listed.splitlines()[1:]] == [["default", "a"], ["team", "b"]]


def test_lists_take_labels_beside_their_own_filters() -> None:
    objects = (pool("a"), pool("b"), node("n1"), node("n2"), job("a"), job("b"), task("a"), task("b"))
    for each in objects[::2]:
        each["metadata"]["labels"] = {"team": "film"}
    for line in ("pool list", "node list", "job list --pool sample", "task list demo --state active"):
        one, other = said(f"{line} -o name", *objects).splitlines()
        assert said(f"{line} -o name -l team=film", *objects) == f"{one}\n"
        assert typed(f"{line} --selector team=film", Memory(*objects[1::2])).out == ""
        assert other not in watched(f"{line} -o name -w -l team=film", Memory(*objects))[0]


def test_watched_list_goes_on_with_a_row_for_each_change_below_the_same_columns() -> None:
    out, err = watched(
        "job list --watch",
        Memory(job("frames"), job("old", "completed")),
        [("ADDED", job("frames")), ("MODIFIED", newer(job("frames", "terminating"))), ("ADDED", newer(job("new")))],
        [("DELETED", newer(job("old", "completed"), "9"))],
    )
    assert out == (
        "NAME     STATE       POOL     DONE   FAILED   RUN   REASON   DURATION   AGE\n"
        "frames   active      sample   0/0    0        0     -        60s        60s\n"
        "old      completed   sample   0/0    0        0     -        60s        60s\n"
        "frames   terminating   sample   0/0    0        0     -        60s        60s\n"
        "new      active        sample   0/0    0        0     -        60s        60s\n"
    )
    assert err.splitlines()[0] == "batchjob.batchyard.io/old is gone from the list"


def test_watched_list_shows_once_what_it_has_shown_and_tells_what_went_while_nobody_looked() -> None:
    class Losing(Memory):
        """Every watch ends at once; one object goes meanwhile."""

        @override
        def changes(self, *_: object, **__: object) -> Iterator[tuple[str, Object]]:
            if self.objects.pop(("BatchPool", "default", "old"), None) is None:
                raise KeyboardInterrupt
            return iter(())

    answer = typed("pool list -w -o name", Losing(pool("old"), pool()))
    assert answer.out == "batchpool.batchyard.io/old\nbatchpool.batchyard.io/sample\n"
    assert answer.err.startswith("batchpool.batchyard.io/old is gone from the list\n")


def test_watched_list_chooses_as_the_list_does() -> None:
    failed: Any = {"info": {"result": "failure"}}
    out, _ = watched(
        "task list demo --failed -w",
        Memory(task("a"), task("b", "completed", **failed)),
        [("MODIFIED", newer(task("c", "completed", **failed))), ("MODIFIED", newer(task("a", "running")))],
    )
    assert [line.split()[0] for line in out.splitlines()] == ["TASK", "b", "c"]


def test_watched_list_in_other_forms_gives_one_object_after_the_other() -> None:
    out, _ = watched("pool list -w -o yaml", Memory(pool()), [("MODIFIED", newer(pool()))])
    assert out.count("---\napiVersion: batchyard.io/v1alpha1\nkind: BatchPool\n") == 2


def test_watch_goes_on_when_the_cluster_does_not_answer_for_a_while() -> None:
    class Flaky(Memory):
        @override
        def changes(self, *_: object, **__: object) -> Iterator[tuple[str, Object]]:
            if not self.later:
                raise KeyboardInterrupt
            self.later.pop()
            raise Problem("no answer", Exit.UNREACHABLE)

    cluster = Flaky(pool())
    cluster.later = [[], []]
    answer = typed("pool list -w -o name", cluster)
    assert (answer.out, answer.code) == ("batchpool.batchyard.io/sample\n", Exit.INTERRUPTED)
