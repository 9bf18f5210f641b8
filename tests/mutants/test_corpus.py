from __future__ import annotations

import pytest

from tests.history.checker import RULES
from tests.mutants.copies import DoesNotApply, check, operator_with
from tests.mutants.corpus import Mutant, corpus, named
from tests.mutants.trying import played

QUICK = ("006", "038", "044", "049", "053", "060", "071", "082")
"""Each shows in one short life. `make mutants` plays them all."""
OTHER_RULES = {"S18", "S19", "L1", "L2", "L3", "L4", "L8", "ends", "test"}


@pytest.mark.parametrize("mutant", corpus(), ids=lambda mutant: mutant.name)
def test_patch_applies_and_says_what_it_is(mutant: Mutant) -> None:
    check(mutant.patch)
    assert mutant.bug.endswith(".")
    assert mutant.kind
    assert {*mutant.rules} <= {*RULES.values(), *OTHER_RULES}
    assert mutant.by_test == (mutant.rules == ("test",))


def test_corpus_is_large_enough_to_mean_something() -> None:
    assert len(corpus()) >= 40


def test_patch_that_does_not_apply_any_more_is_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    patch = tmp_path_factory.mktemp("patches") / "999-nothing.patch"
    patch.write_text(named("006").patch.read_text().replace("waits_for", "waited_for"))
    with pytest.raises(DoesNotApply, match="999-nothing"):
        check(patch)


@pytest.mark.parametrize("number", QUICK)
def test_bug_is_seen(number: str) -> None:
    mutant = named(number)
    with operator_with(mutant.patch) as package:
        assert played(mutant.rules, [mutant.hint], package).by


def test_nothing_is_said_of_the_operator_as_it_is() -> None:
    with operator_with(None) as package:
        assert played((), [named(number).hint for number in QUICK], package).by == ""
