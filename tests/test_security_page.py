"""SECURITY.md names the tests in which each attack is denied; this keeps the page true."""

import re

from tests.test_reliability_page import ROOT, functions_of

NAMED = set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", (ROOT / "SECURITY.md").read_text()))


def test_every_test_that_the_page_names_is_there() -> None:
    assert {(file, name) for file, name in NAMED if name not in functions_of(file)} == set()


def test_every_attack_on_a_real_api_server_is_on_the_page() -> None:
    files = [str(path.relative_to(ROOT)) for path in (ROOT / "tests/cluster/security").glob("test_*.py")]
    there = {(file, name) for file in files for name in functions_of(file) if name.startswith("test_")}
    assert len(there) > 20
    assert there - NAMED == set()
