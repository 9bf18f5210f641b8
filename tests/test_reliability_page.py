"""docs/reliability.md says what is promised and which test shows it; this keeps the page true."""

import ast
import re
from pathlib import Path

from tests.history.checker import RULES

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "reliability.md").read_text()


def functions_of(file: str) -> set[str]:
    return {node.name for node in ast.walk(ast.parse((ROOT / file).read_text())) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_the_page_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)
    assert named
    assert [name for file, name in named if name not in functions_of(file)] == []


def test_every_fault_on_real_nodes_is_on_the_page() -> None:
    files = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "tests/cluster").glob("test_faults*.py"))]
    there = {f"`{file}::{name}`" for file in files for name in functions_of(file) if name.startswith("test_")}
    assert {each for each in there if each not in PAGE} == set()


def test_every_rule_of_the_checker_is_on_the_page() -> None:
    assert {number for number in RULES.values() if f"| {number} |" not in PAGE} == set()
