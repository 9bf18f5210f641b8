"""What breaks the rules about one job on one machine, and what looks like it and does not."""

import pytest

from tests.history.build import NODE, OTHER, history, prep, release, start_task, task, wipe
from tests.history.checker import violations
from tests.history.history import History
from tests.history.process import Place
from tests.history.seen import JobGone, LeftOnDisk, Lost, RecordSeen, TaskGiven, Unremembered

RAN = (prep(0, 1), task("a", 1, 2))
LEFT = LeftOnDisk(at=9, job="j", place=NODE, path="workitems/j")
STARTED = Place("q", "n1")
"""On a node of a pool with a start task."""


@pytest.mark.parametrize(
    "kept",
    [
        history(*RAN, release(2, 3), wipe(3, 4)),
        history(prep(0, 1, 1), prep(1, 2), task("a", 2, 3)),
        history(*RAN, prep(4, 5, boot="b2"), task("b", 5, 6, boot="b2")),
        history(task("a", 0, 1, job="plain")),
        history(prep(0, 1, job="once"), task("a", 5, 6, job="once", boot="b2")),
        history(*RAN, release(2, 3, None), release(4, 5)),
        history(*RAN, release(2, 3, 7)),
        history(*RAN, release(2, 3, 7), Lost(at=3, node="n1", machine="m1", boot="b1"), release(4, 5)),
        history(*(start_task(n, n + 1, 1, place=STARTED, key="pod1") for n in range(2))),
        history(*(start_task(n, n + 1, 1, place=STARTED, key=f"pod{n}") for n in range(3))),
        history(*RAN, release(2, 3), wipe(3, 4), prep(5, 6), task("b", 6, 7), release(7, 8)),
        history(*RAN, wipe(3, 4, job=""), prep(5, 6), task("b", 6, 7), release(7, 8)),
        history(*RAN, release(2, 3), Unremembered(at=3.1, job="j", place=NODE), release(4, 5)),
        history(*RAN, release(2, 3), task("b", 4, 5, job="plain")),
        history(*RAN, release(2, 3), prep(4, 5, place=OTHER), task("b", 5, 6, place=OTHER)),
        history(prep(0, 1), TaskGiven(at=1, job="j", node="n1"), release(2, 3)),
        history(*RAN, LEFT),
        history(*RAN, LEFT, JobGone(at=10, job="j")),
        history(*RAN, RecordSeen(at=-1, job="j", node="n1")),
        history(start_task(0, 1, place=STARTED), task("a", 1, 2, job="plain", place=STARTED)),
    ],
)
def test_nothing_is_said_where_the_rules_are_kept(kept: History) -> None:
    assert violations(kept) == []


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        ("S1", history(task("a", 0, 1))),
        ("S1", history(prep(0, 1, 1), task("a", 1, 2))),
        ("S1", history(prep(0, 1, None), task("a", 1, 2))),
        ("S1", history(prep(0, 2), task("a", 1, 3))),
        ("S1", history(*RAN, task("b", 5, 6, boot="b2"))),
        ("S1", history(prep(0, 1, place=OTHER), task("a", 1, 2))),
        ("S1", history(prep(0, 1, job="once"), task("a", 1, 2))),
        ("S1", history(*RAN, wipe(2, 3), task("b", 4, 5))),
        ("S2", history(*RAN, release(1.5, 3))),
        ("S2", history(*RAN, release(2, 3), task("b", 4, 5))),
        ("S2", history(*RAN, release(2, 3), prep(4, 5))),
        ("S2", history(prep(0, 1), task("a", 1, 9, None), release(8, 10))),
        ("S2", history(*RAN, wipe(1.5, 3))),
        ("S2", history(*RAN, release(2, 4), wipe(3, 5))),
        ("S2", history(*RAN, wipe(1.5, 3, job=""))),
        ("S3", history(prep(0, 1), release(2, 3))),
        ("S3", history(task("a", 0, 1, job="plain"), prep(0, 1, place=OTHER), release(2, 3))),
        ("S3", history(prep(0, 1, 1), task("a", 1, 2), release(2, 3))),
        ("S4", history(*RAN, release(2, 3), release(4, 5))),
        ("S4", history(*RAN, release(2, 4, 1), release(3, 5))),
        ("S4", history(*RAN, release(2, 3), Unremembered(at=3.1, job="j", place=OTHER), release(4, 5))),
        ("S4", history(*RAN, release(2, 3), Unremembered(at=3.1, job="j", place=NODE), release(4, 5), release(6, 7))),
        ("S4", history(*RAN, release(2, 3), Lost(at=3.1, node="n1", machine="m1", boot="b1"), release(4, 5))),
        ("S5", history(*RAN, JobGone(at=8, job="j"), LEFT)),
        ("S5", history(prep(0, 1), task("a", 1, 9), JobGone(at=8, job="j"))),
        ("S10", history(*RAN, release(2, 3, 7), release(4, 5, 7))),
        ("S10", history(*RAN, release(2, 3, 7), Lost(at=3, node="n1", machine="m2", boot="b1"), release(4, 5))),
        ("S10", history(*(start_task(n, n + 1, 1, place=STARTED, key="pod1") for n in range(3)))),
        ("S13", history(task("a", 1, 2, job="plain", place=STARTED))),
        ("S13", history(start_task(0, 1, 1, place=STARTED), task("a", 1, 2, job="plain", place=STARTED))),
        ("S13", history(start_task(0, 2, place=STARTED), prep(1, 3, place=STARTED))),
        ("S13", history(start_task(0, 1, place=STARTED), task("a", 5, 6, job="plain", place=STARTED, boot="b2"))),
        ("S16", history(*RAN, RecordSeen(at=0.5, job="j", node="n1"))),
        ("S16", history(*RAN, RecordSeen(at=-1, job="j", node="n2"))),
    ],
)
def test_what_breaks_a_rule_is_named(rule: str, broken: History) -> None:
    assert rule in {sentence.partition(":")[0] for sentence in violations(broken)}


def test_the_sentence_says_what_ran_where_and_when() -> None:
    (sentence,) = violations(history(task("a", 1, 2, attempt=3)))
    says = "S1: task a, attempt 3 of job j on n1 (pool p), 1.00 to 2.00 (exit code 0) had no successful preparation before it in boot b1"
    assert sentence == says
