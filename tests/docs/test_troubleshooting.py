"""docs/troubleshooting.md has every reason under its own name, with what the operator says."""

from __future__ import annotations

import re
from pathlib import Path

from batchyard.api.reasons import NEEDS_HUMAN
from batchyard.cli.show import documented
from batchyard.core.jobs.waiting import REASONS
from batchyard.core.tasks import outcomes
from batchyard.node.protocol import ALREADY_STARTED, NODE_NOT_PREPARED
from tests.docs.reasons import reasons
from tests.docs.said import said

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text()
SECTIONS = {
    part.partition("\n")[0]: part
    for part in re.split(r"^### ", re.sub(r"(?m)^## ", "### ", PAGE), flags=re.MULTILINE)[1:]
}
QUOTED = re.compile(r"^> (.+)$", re.MULTILINE)
PARTS = set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE))


def first_cells(part: str) -> set[str]:
    rows = [line.split("|")[1] for line in SECTIONS[part].splitlines() if line.startswith("| `")]
    return {word for row in rows for word in re.findall(r"`(\w+)`", row)}


def test_every_reason_has_its_section_or_its_line() -> None:
    sections = SECTIONS.keys() - PARTS
    assert sections | first_cells("On its way") == reasons()
    assert not sections & first_cells("On its way")


def test_reasons_why_a_job_waits_stand_in_the_order_in_which_they_are_told() -> None:
    of_jobs = PAGE.partition("\n## A job's tasks wait")[2].partition("\n## ")[0]
    told = ["Suspended", "Misconfigured", *(reason for reason, _ in REASONS), "PendingEvaluation"]
    assert re.findall(r"^### (.+)$", of_jobs, re.MULTILINE) == told


def test_every_sentence_is_one_of_the_operators_and_stands_under_its_reason() -> None:
    sentences = {(reason, message) for _, reason, message in said()}
    quoted = {(name, each) for name, part in SECTIONS.items() for each in QUOTED.findall(part) if name not in PARTS}
    assert quoted - sentences == set()
    assert {name for name, _ in quoted} >= {reason for reason, _ in REASONS}
    assert {*QUOTED.findall(SECTIONS["A task cannot run again"])} <= {message for _, message in sentences}


def test_every_reason_is_told_with_a_sentence_if_the_operator_has_one() -> None:
    with_sentence = {reason for _, reason, message in said() if message} - first_cells("On its way")
    assert {reason for reason in with_sentence if not QUOTED.search(SECTIONS[reason])} == {"UserTerminate"}


def test_what_needs_a_person_is_what_the_operator_calls_one_for() -> None:
    assert {name for name, part in SECTIONS.items() if "**Needs a person" in part} == NEEDS_HUMAN


def test_every_other_word_of_the_command_line_is_there() -> None:
    source = "".join(path.read_text() for path in (ROOT / "operator/batchyard/cli/show").glob("why*.py"))
    words = set(re.findall(r'(?:Reason\(|_ending\(job, |word = |else )\s*"([A-Z]\w+)"', source))
    assert first_cells("What else `batchyard why` says") == words - reasons()


def test_command_line_names_the_sections_that_there_are() -> None:
    assert SECTIONS.keys() - PARTS == documented.SECTIONS
    assert first_cells("Why a task failed") == documented.CODES
    assert "Why a task failed".lower().replace(" ", "-") == documented.OF_CODES
    assert (ROOT / documented.PAGE).is_file()


def test_refusals_of_the_admission_policies_are_there_in_their_own_words() -> None:
    policies = ROOT / "charts/batchyard/templates/policies"
    messages = {path.stem: re.findall(r'message: "(.+)"', path.read_text()) for path in policies.glob("*.yaml")}
    told = re.findall(r"^\| `([^`]+)` \|", SECTIONS["The API server refuses what is applied"], re.MULTILINE)
    every = [message for of in messages.values() for message in of]
    assert [each for each in told if not any(message.startswith(each) for message in every)] == []
    assert set(messages["launch"]) <= set(told)


def test_every_code_of_a_failure_is_there() -> None:
    """Those that the operator has words for, and those that the scripts on nodes can leave; two of them are recoveries."""
    scripts = "".join(path.read_text() for path in (ROOT / "operator/batchyard/node").glob("*.sh"))
    left = set(re.findall(r"(?:refuse|refuse_launch|_code=) ?([A-Z][a-z]\w+)", scripts)) - {
        ALREADY_STARTED,
        NODE_NOT_PREPARED,
    }
    codes = {*outcomes._MESSAGES, outcomes.MAX_RECOVERIES_REACHED}
    assert left & codes  # they are found
    assert first_cells("Why a task failed") == codes | left
