"""What is shown stays as it was, and is shown again as long as it is so."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batchyard.kube.shelf import Shelf

steps = st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers()))


@given(steps)
def test_what_was_shown_does_not_change_with_the_shelf(steps: list[tuple[str, int | None]]) -> None:
    shelf, now, shown = Shelf[str, int](), dict[str, int](), list[tuple[object, object]]()
    for key, value in steps:
        if value is None:
            shelf.pop(key, None)
            now.pop(key, None)
        else:
            shelf[key] = now[key] = value
        shown.append((shelf.shown, now.copy()))
    assert [was for was, _ in shown] == [expected for _, expected in shown]
    assert [*shelf.items()] == [*now.items()]


def test_shelf_on_which_nothing_changes_shows_the_same_object() -> None:
    shelf = Shelf[str, int]()
    shelf["a"] = 1
    assert shelf.shown is shelf.shown
