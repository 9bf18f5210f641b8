"""Which trace a job is: its own, or one that its user names in the form of W3C."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchyard.api.trace_context import ANNOTATION, Trace, of_job, span

UID = "3e577f92-5370-4677-897d-15f764075aa9"
OWN = Trace("3e577f9253704677897d15f764075aa9")
ID, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def test_trace_of_a_job_is_its_uid_without_dashes() -> None:
    assert of_job(UID, {}) == OWN
    assert OWN.told(SPAN) == f"00-3e577f9253704677897d15f764075aa9-{SPAN}-01"


def test_who_gives_a_trace_has_it_with_his_span_and_flags() -> None:
    assert of_job(UID, {ANNOTATION: f"00-{ID}-{SPAN}-00"}) == Trace(ID, SPAN, "00")


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "mine",
        f"01-{ID}-{SPAN}-01",
        f"00-{ID.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{ID}-{'0' * 16}-01",
        f"00-{ID}-{SPAN}-01\n",
        f"00-{ID}-{SPAN}-01-more",
        f"00-{ID[1:]}-{SPAN}-01",
    ],
)
def test_a_trace_of_another_form_is_as_none(wrong: str) -> None:
    assert of_job(UID, {ANNOTATION: wrong}) == OWN


@given(st.text())
def test_whatever_the_uid_ids_have_the_form_of_w3c(uid: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", of_job(uid, {}).id)
    assert re.fullmatch(r"[0-9a-f]{16}", span(uid))


def test_steps_of_one_object_are_spans_of_their_own() -> None:
    assert len({span(UID), span(UID, "preparation"), span(UID, "release"), span("other")}) == 4
