"""The pages that people read, and what in them is code: blocks by their language, and what stands in the text between backticks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
    ROOT / "charts/batchyard/README.md",
    *(ROOT / name for name in ("README.md", "SECURITY.md", "CHANGELOG.md")),
)
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"(?:^ {4}\S.*\n)+", re.MULTILINE)
_INLINE = re.compile(r"`([^`\n]+)`")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def text_of(page: Path) -> str:
    """Without its blocks of code."""
    return _BLOCK.sub("", page.read_text())


def blocks(page: Path, language: str) -> list[str]:
    return [text for found, text in _BLOCK.findall(page.read_text()) if found == language]


def commands(page: Path, program: str) -> Iterator[str]:
    """Every line of code that begins with the program, without its comment."""
    fenced, between = [block for _, block in _BLOCK.findall(page.read_text())], text_of(page)
    lines = [line for block in (*fenced, *_INDENTED.findall(between)) for line in block.splitlines()]
    for line in (*lines, *_INLINE.findall(between)):
        code = line.strip().removeprefix("$ ").partition(" #")[0].strip()
        if code == program or code.startswith(f"{program} "):
            yield code
