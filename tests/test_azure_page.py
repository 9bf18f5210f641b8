"""docs/azure-batch.md says which rule of Azure Batch holds here and which test shows it; this keeps the page true."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from batchyard.api.unsupported import NOT_YET
from batchyard.core.jobs.waiting import REASONS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "azure-batch.md"
NOT_HERE = "not here"
RULES = ("Rule", "What holds here", "Tests", "Difference from Azure")
FIELDS = ("Field", "Of", "Why")
REFERENCE = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
PARTS = {1: 8, 2: 0, 3: 9, 4: 8, 5: 0, 6: 5, 7: 2}
"""How many sections with rules each part has; 0 if the part is one itself."""
SECTIONS = [name for part, last in PARTS.items() for name in [f"{part}.{n}" for n in range(1, last + 1)] or [str(part)]]


@dataclass(frozen=True)
class Row:
    section: str
    """Number of the heading above it."""
    cells: tuple[str, ...]

    @property
    def number(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.cells[0].split("."))


def tables(text: str) -> Iterator[tuple[tuple[str, ...], Row]]:
    """Every row of every table, with the table's header."""
    section, header = "", tuple[str, ...]()
    for line in text.splitlines():
        if line.startswith("#"):
            section = (re.findall(r"^#+ ([\d.]+) ", line) or [""])[0]
        cells = tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
        if not line.startswith("|"):
            header = ()
        elif not header:
            header = cells
        elif not set(line) <= set("|-"):
            yield header, Row(section, cells)


@cache
def rows(header: tuple[str, ...]) -> tuple[Row, ...]:
    return tuple(row for found, row in tables(PAGE.read_text()) if found == header)


@cache
def functions(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text()) if (ROOT / file).exists() else ast.Module([], [])
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def name_of(row: Row) -> str:
    return row.cells[0]


@pytest.mark.parametrize("row", rows(RULES), ids=name_of)
def test_rule_names_the_tests_that_show_it_or_says_that_it_is_not_here_and_why(row: Row) -> None:
    assert len(row.cells) == len(RULES)
    _, what, tests, difference = row.cells
    named = [REFERENCE.fullmatch(each) for each in tests.split(", ")]
    assert tests == NOT_HERE or all(named), tests
    assert what
    assert difference not in ("", *(("none",) if tests == NOT_HERE else ()))


def test_every_test_that_the_page_names_exists() -> None:
    named = REFERENCE.findall(PAGE.read_text())
    assert len(named) > len(rows(RULES)) > 0
    assert [each for each in named if each[1] not in functions(each[0])] == []


def test_every_section_has_its_rules_in_order_and_none_of_another() -> None:
    listed = rows(RULES)
    assert all(row.cells[0].startswith(f"{row.section}.") for row in listed)
    assert [*dict.fromkeys(row.section for row in listed)] == SECTIONS
    assert all(before.number < after.number for before, after in pairwise(listed))


@pytest.mark.parametrize(("section", "last"), [("3.7", 23), ("3.8", 15)])
def test_every_numbered_rule_of_preparation_and_release_is_there(section: str, last: int) -> None:
    found = [row.number[-1] for row in rows(RULES) if row.section == section]
    assert found == [*range(1, last + 1)]


def test_fields_without_effect_are_those_that_objects_are_told_of() -> None:
    """A field that gets an effect must leave the list; a new one without must come into it."""
    told = {cls.model_fields[name].alias for cls, names in NOT_YET.items() for name in names}
    assert {row.cells[0].strip("`") for row in rows(FIELDS)} == told


def test_every_variable_that_tasks_are_given_is_on_the_page() -> None:
    sources = (ROOT / "operator" / "batchyard").rglob("*")
    found = {name for file in sources if file.suffix in (".py", ".sh") for name in re.findall(r"AZ_BATCH_\w+[A-Z]", file.read_text())}  # fmt: skip
    assert len(found) > 10
    assert [name for name in sorted(found) if f"`{name}`" not in PAGE.read_text()] == []


def test_every_reason_why_a_job_waits_is_on_the_page() -> None:
    assert [reason for reason, _ in REASONS if f"`{reason}`" not in PAGE.read_text()] == []
