"""Pages ask every two seconds; the API server is asked as seldom as what it has costs."""

from __future__ import annotations

import weakref

import pytest
from typing_extensions import override

from batchyard.cli.web.kept import FORGOTTEN_AFTER, MOST_SECONDS, SHARE, Kept
from batchyard.cli.web.recent import LEAST_SECONDS, Look, Recent
from batchyard.kube.kinds import BATCH_JOB, BATCH_TASK, Scope
from tests.cli.memory import Memory, Object
from tests.cli.objects import job


class Slow(Memory):
    """Each answer takes its time; a clock that only it moves."""

    def __init__(self, takes: float = 0.0) -> None:
        super().__init__(job())
        self.takes, self.now = takes, 0.0
        self.asked = 0

    @override
    def list(self, scope: Scope) -> list[Object]:
        self.asked += 1
        self.now += self.takes
        return super().list(scope)


class Held:
    """Something that can be seen to go."""


JOBS = Scope(BATCH_JOB, "default")


@pytest.mark.parametrize(
    ("takes", "later", "asked"),
    [(0.0, LEAST_SECONDS - 0.1, 1), (0.0, LEAST_SECONDS, 2), (2.0, SHARE * 2.0 - 1, 1), (2.0, SHARE * 2.0, 2), (60.0, MOST_SECONDS - 1, 1), (60.0, MOST_SECONDS, 2)],
)  # fmt: skip
def test_what_costs_much_is_read_less_often_but_never_left_for_long(takes: float, later: float, asked: int) -> None:
    slow = Slow(takes=takes)
    recent = Recent(slow, lambda: slow, Kept(LEAST_SECONDS, lambda: slow.now))
    Look(recent).list(JOBS)
    slow.now += later
    Look(recent).list(JOBS)
    assert slow.asked == asked


def test_answers_to_other_questions_are_not_mixed_up() -> None:
    slow = Slow()
    look = Look(Recent(slow, lambda: slow, Kept(LEAST_SECONDS, lambda: slow.now)))
    assert len(look.list(JOBS)) == 1
    assert look.list(Scope(BATCH_TASK, "default")) == []
    assert look.get(BATCH_JOB, "default", "demo")["kind"] == "BatchJob"


def test_objects_that_nobody_asks_for_any_more_are_forgotten() -> None:
    slow = Slow()
    kept = Kept(LEAST_SECONDS, lambda: slow.now)
    gone = weakref.ref(kept.get("large", Held))
    kept.get("other", lambda: 1)
    assert gone() is not None
    slow.now += LEAST_SECONDS + FORGOTTEN_AFTER
    kept.get("other", lambda: 1)
    assert gone() is None


def test_what_failed_is_asked_again() -> None:
    kept = Kept(LEAST_SECONDS)
    with pytest.raises(ZeroDivisionError):
        kept.get("x", lambda: 1 // 0)
    assert kept.get("x", lambda: 2) == 2


def test_what_the_page_has_of_a_cluster_has_no_way_to_write() -> None:
    cluster = Look(Recent(Memory(), Memory)).as_cluster()
    assert not any(hasattr(cluster, verb) for verb in ("create", "patch", "delete", "execute"))
