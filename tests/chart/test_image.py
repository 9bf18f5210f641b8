"""What the image, the chart, the locks and the package have to agree on. Builds nothing."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.cluster import image

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ("requirements.lock", "requirements-dev.lock")


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / lock).read_text(), re.MULTILINE))


def imports(path: Path) -> Iterator[str]:
    """Full names of everything that a module imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_image_is_the_one_the_chart_installs() -> None:
    chart = yaml.safe_load((ROOT / "charts/batchyard/Chart.yaml").read_text())
    values = yaml.safe_load((ROOT / "charts/batchyard/values.yaml").read_text())
    assert f"{values['image']['repository']}:{chart['appVersion']}" == image.NAME
    assert chart["version"] == chart["appVersion"] == PROJECT["project"]["version"]


def test_the_base_of_the_dockerfile_is_the_oldest_python_supported() -> None:
    [base] = re.findall(r"^ARG BASE=(.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    oldest = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert base == f"docker.io/library/python:{oldest}-slim-bookworm"


def test_nothing_is_imported_that_the_image_leaves_out() -> None:
    used = {
        name for path in (ROOT / "operator").rglob("*.py") for name in imports(path) if name.startswith("kubernetes")
    }
    assert {name for name in used if ".aio" in name or ".client.api" in name or name.endswith("Api")} == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_requirement_with_hashes_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    requirements = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in requirement for requirement in requirements)


def test_the_locks_are_up_to_date_with_the_project() -> None:
    wanted = dict(requirement.split("==") for requirement in PROJECT["project"]["dependencies"])
    development = dict(requirement.split("==") for requirement in PROJECT["dependency-groups"]["dev"])
    assert wanted.items() <= pins("requirements.lock").items()
    assert pins("requirements.lock").items() | development.items() <= pins("requirements-dev.lock").items()


def test_the_command_line_and_what_only_it_needs_stay_out_of_the_image() -> None:
    assert "operator/batchyard/cli" in (ROOT / ".dockerignore").read_text().splitlines()
    extra = dict(each.split("==") for each in PROJECT["project"]["optional-dependencies"]["cli"])
    assert extra.items() <= pins("requirements-dev.lock").items()
    assert "rich" in extra.keys() - pins("requirements.lock").keys()
