"""The site of docs/ can be built, and every link leads somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.docs.pages import PAGES, ROOT, named, text_of

_LINK = re.compile(r"\]\(([^)\s]+)\)")


def test_site_is_built_without_a_warning_which_a_dead_link_or_anchor_is(tmp_path: Path) -> None:
    mkdocs = Path(sys.executable).with_name("mkdocs")
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    line = [str(word) for word in (mkdocs, "build", "--strict", "--site-dir", tmp_path)]
    done = subprocess.run(line, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    places = {path.stem if path.name != "index.md" else "" for path in (ROOT / "docs").glob("*.md")} | {
        "security",
        "changelog",
    }
    assert {place for place in places if not (tmp_path / place / "index.html").exists()} == set()
    assert (tmp_path / "examples/prep-release/job.yaml").read_text() == (
        ROOT / "examples/prep-release/job.yaml"
    ).read_text()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_of_a_page_lead_to_files_of_the_repository_or_are_addresses(page: Path) -> None:
    """As it is read in the repository. On the site the build itself checks them, with their anchors."""
    targets = _LINK.findall(page.read_text())
    outside = [urlsplit(target) for target in targets if ":" in target]
    assert [url.geturl() for url in outside if url.scheme != "https" or "." not in url.netloc] == []
    inside = [target.partition("#")[0] for target in targets if ":" not in target]
    assert [target for target in inside if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_lists_and_tables_of_a_page_begin_after_an_empty_line(page: Path) -> None:
    """Without one the site shows them as part of the paragraph before; elsewhere they look well."""
    lines = text_of(page).splitlines()
    begun = re.compile(r"- |\d+\. |\|")
    assert [
        line for before, line in pairwise(lines) if begun.match(line) and re.match(r"(?!- |\d+\. |\||  )\S", before)
    ] == []
