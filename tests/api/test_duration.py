"""Durations in both styles."""

import pytest

from batchyard.api.duration import seconds


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT15M", 900),
        ("PT1H30M", 5400),
        ("PT1M30S", 90),
        ("PT90S", 90),
        ("PT0S", 0),
        ("P7D", 604_800),
        ("P2W", 1_209_600),
        ("P1DT2H", 93_600),
        ("PT168H", 604_800),
        ("P10675199DT2H48M5.4775807S", 922_337_203_686),
        ("15m", 900),
        ("1h30m", 5400),
        ("90s", 90),
        ("1.5h", 5400),
        ("2900ms100ms", 3),
    ],
)
def test_both_styles_are_read(text: str, length: int) -> None:
    assert seconds(text) == length


@pytest.mark.parametrize("text", ["PT0.2S", "1ms", "0.001s"])
def test_a_fraction_of_a_second_is_rounded_up_so_that_it_does_not_vanish(text: str) -> None:
    assert seconds(text) == 1


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1DT", "15", "15 m", "pt15m", "PT15m", "15M", "-15m", "P1M", "P1Y", "PT1S1M", "5d", "15m\n"],
)
def test_anything_else_is_refused_with_an_example_of_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="PT15M or P7D, or Go style such as 15m"):
        seconds(text)
