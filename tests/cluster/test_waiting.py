"""Waiting ends with the condition's value or with its name."""

import itertools

import pytest

from tests.cluster.waiting import wait_for


def test_wait_returns_the_first_truthy_value() -> None:
    values = iter([None, "", "ready", "later"])
    assert wait_for("readiness", lambda: next(values), 5, interval=0) == "ready"


def test_wait_past_its_deadline_names_what_it_waited_for() -> None:
    polls = itertools.count()
    with pytest.raises(TimeoutError, match="the moon: not within 0 s"):
        wait_for("the moon", lambda: next(polls) < 0, 0, interval=0)
