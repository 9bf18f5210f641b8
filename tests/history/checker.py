"""All rules at once, each under its number; what they say names the rule first."""

from collections.abc import Callable, Iterator, Mapping

from tests.history import bounds, places, slots, statuses, tasks
from tests.history.history import History

Rule = Callable[[History], Iterator[str]]
RULES: Mapping[Rule, str] = {
    places.prepared_first: "S1",
    places.nothing_after_release: "S2",
    places.released_only_where_used: "S3",
    places.released_once: "S4",
    places.wiped: "S5",
    tasks.no_twins: "S7",
    tasks.started_once: "S8",
    tasks.success_is_final: "S9",
    bounds.tasks_within_bounds: "S10",
    bounds.recoveries_within_bounds: "S10",
    bounds.preparations_within_bounds: "S10",
    bounds.start_tasks_within_bounds: "S10",
    bounds.failed_releases_stay_so: "S10",
    tasks.in_order: "S11",
    slots.slots_kept: "S12",
    places.started_first: "S13",
    statuses.ends_are_final: "S14",
    statuses.numbers_only_rise: "S14",
    statuses.counts_agree: "S14",
    statuses.nothing_is_uncounted: "S14",
    statuses.counts_are_of_tasks_there: "S14",
    places.recorded_first: "S16",
    tasks.no_verdict_lost: "S17",
    tasks.verdicts_are_true: "S17",
}


def violations(history: History) -> list[str]:
    """Sentences; empty when every rule holds."""
    return [f"{number}: {sentence}" for rule, number in RULES.items() for sentence in rule(history)]
