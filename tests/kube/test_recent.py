from __future__ import annotations

from batchyard.kube.recent import Recent


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_note_is_found_with_its_age_until_it_is_forgotten() -> None:
    clock = Clock()
    recent: Recent[str, int] = Recent(10, clock)
    recent.note("a", 1)
    clock.now = 4
    assert recent.find("a") == (1, 4)
    assert recent.find("b") is None
    clock.now = 10
    assert recent.find("a") is None


def test_newer_note_replaces_the_old_one_and_lives_as_long() -> None:
    clock = Clock()
    recent: Recent[str, int] = Recent(10, clock)
    recent.note("a", 1)
    clock.now = 9
    recent.note("a", 2)
    clock.now = 12
    assert recent.find("a") == (2, 3)


def test_no_more_is_held_than_what_was_noted_of_late() -> None:
    clock = Clock()
    recent: Recent[int, None] = Recent(10, clock)
    for number in range(1000):
        clock.now = float(number)
        recent.note(number, None)
        assert len(recent) <= 10
    assert recent.find(999) == (None, 0)
