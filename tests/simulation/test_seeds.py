from __future__ import annotations

import pytest

from tests.simulation import many, seeds

SEEDS = (*range(60), 62)
"""The last one once broke a rule."""
TWICE = range(0, 60, 20)


def test_every_rule_holds_in_every_storm() -> None:
    found = {seed: complaints for seed, complaints in many.each(seeds.complaints, SEEDS, together=5) if complaints}
    assert found == {}


@pytest.mark.parametrize("seed", TWICE)
def test_the_same_seed_is_the_same_life(seed: int) -> None:
    assert seeds.play(seed).trace == seeds.play(seed).trace


def test_a_tape_shrinks_to_the_faults_that_matter() -> None:
    kept = seeds.shrink(
        [("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5)], lambda faults: {("b", 2), ("e", 5)} <= set(faults)
    )
    assert kept == [("b", 2), ("e", 5)]
