"""Merge patches (RFC 7386)."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from batchyard.core.differences import holds, merge_patch
from tests.core.world import _merged

leaves = st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)
objects = st.recursive(
    st.dictionaries(st.sampled_from("abc"), leaves, max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), leaves | inner, max_size=3),
    max_leaves=6,
)


@given(objects, objects)
def test_the_patch_turns_one_object_into_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert _merged(before, merge_patch(before, after)) == after


@given(objects, objects)
def test_an_object_that_was_patched_holds_the_patch_and_an_other_does_not(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert holds(_merged(before, after), after)
    patch = merge_patch(before, after)
    assert holds(before, patch) == (before == after)


@given(objects)
def test_there_is_no_patch_between_equals(same: dict[str, Any]) -> None:
    assert merge_patch(same, same) == {}
