"""The house rules that no other tool checks."""

from __future__ import annotations

import ast
import operator
import os
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "operator" / "batchyard"
FILES = sorted(PACKAGE.rglob("*.py"))
LINES = 250


def named(file: Path) -> str:
    return str(file.relative_to(PACKAGE))


def test_standard_librarys_operator_is_not_shadowed() -> None:
    assert not (ROOT / "operator" / "__init__.py").exists()
    assert Path(operator.__file__).parent == Path(sysconfig.get_paths()["stdlib"])


def catches_everything(handler: ast.ExceptHandler) -> bool:
    caught = ast.walk(handler.type) if handler.type is not None else ()
    names = {each.id for each in caught if isinstance(each, ast.Name)}
    return handler.type is None or bool(names & {"Exception", "BaseException"})


def swallows(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return not (isinstance(last, ast.Raise) and last.exc is None)


def test_one_place_only_goes_on_whatever_happened() -> None:
    """Anything else that goes wrong is a bug, and has to be seen."""
    found = [
        named(file)
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ExceptHandler) and catches_everything(node) and swallows(node)
    ]
    assert found == ["handlers/loops.py"]


@pytest.mark.parametrize("file", FILES, ids=named)
def test_file_is_small_enough_to_be_one_idea(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= LINES


@pytest.mark.parametrize("file", [each for each in FILES if each.name != "__main__.py"], ids=named)
def test_file_says_what_lives_there(file: Path) -> None:
    assert ast.get_docstring(ast.parse(file.read_text()))


def test_layers_hold_and_every_package_has_one() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    placed = {name.strip() for layer in layers for name in layer.split("|")}
    parts = {f"batchyard.{each.stem}" for each in PACKAGE.iterdir() if each.stem not in ("__init__", "__pycache__")}
    assert parts - placed <= {"batchyard.settings"}  # values that __main__ and handlers share
    lint = Path(sys.executable).with_name("lint-imports")
    env = {**os.environ, "PYTHONPATH": str(ROOT / "operator")}
    answer = subprocess.run([lint, "--no-cache"], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout
    assert f"Contracts: {len(contracts)} kept, 0 broken." in answer.stdout
