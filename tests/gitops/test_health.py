"""What Helm 4, Flux and Argo CD make of pools, jobs and tasks at every moment of their lives. What they go by: docs/gitops.md."""

from __future__ import annotations

import json

import pytest

from tests.cli.recorded import FILE
from tests.gitops.jobs import JOBS
from tests.gitops.judging import Verdict, judge
from tests.gitops.moments import HAS_FAILED, IS_DONE, WORKS
from tests.gitops.pools import POOLS
from tests.gitops.tasks import TASKS

KINDS = {"job": JOBS, "pool": POOLS, "task": TASKS}
TABLE = {f"{kind} {when}": case for kind, cases in KINDS.items() for when, case in cases.items()}


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    return dict(zip(TABLE, judge(moment() for moment, _, _ in TABLE.values()), strict=True))


@pytest.mark.parametrize("name", TABLE)
def test_tools_say_of_a(name: str, verdicts: dict[str, Verdict]) -> None:
    _, words, message = TABLE[name]
    verdict = verdicts[name]
    assert verdict.words == words, verdict
    assert message in verdict.message


def test_all_tools_give_people_the_same_reason(verdicts: dict[str, Verdict]) -> None:
    for verdict in verdicts.values():
        if verdict.words in (WORKS, HAS_FAILED) and "generation" not in verdict.message:
            assert verdict.message
            assert verdict.message == verdict.shown


def test_tools_say_the_same_of_what_a_real_api_server_gave_out() -> None:
    """From the moment of its creation: a new object has the status that its definition gives it."""
    recorded = json.loads(FILE.read_text())
    life = recorded["run"]
    assert life[0]["status"] == {"observedGeneration": -1}
    assert [verdict.words for verdict in judge(life)] == [*[WORKS] * (len(life) - 1), IS_DONE]
    jobs = [each for each in recorded["objects"] if each["kind"] == "BatchJob"]
    names = [
        each["metadata"]["name"].partition("-")[0] for each in jobs
    ]  # the name of a run is another at each recording
    words = {name: verdict.words for name, verdict in zip(names, judge(jobs), strict=True)}
    assert words == {"demo": WORKS, "frames": HAS_FAILED, "run": IS_DONE, "shots": WORKS, "wide": WORKS}
