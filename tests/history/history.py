"""All that is known of one run of a cluster, and the questions that several rules ask of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TypeVar

from tests.history.process import Place, Process, Step
from tests.history.seen import Lost, Seen
from tests.history.terms import Terms

S = TypeVar("S", bound=Seen)
Stay = tuple[str, Place, int]
"""A job on a machine between two wipes, which are counted: after one it begins anew there, as if it had never been."""


@dataclass(frozen=True)
class History:
    terms: Terms
    processes: tuple[Process, ...]
    seen: tuple[Seen, ...] = ()

    @cached_property
    def _by_step(self) -> dict[Step, list[Process]]:
        ordered = sorted(self.processes, key=lambda process: (process.start, process.end))
        return {step: [process for process in ordered if process.step is step] for step in Step}

    def of(self, *steps: Step) -> list[Process]:
        """By start."""
        found = [process for step in steps for process in self._by_step[step]]
        return found if len(steps) == 1 else sorted(found, key=lambda process: (process.start, process.end))

    def by_task(self) -> Iterator[tuple[tuple[str, str], list[Process]]]:
        def task(process: Process) -> tuple[str, str]:
            return process.job, process.task

        for key, group in groupby(sorted(self.of(Step.TASK), key=task), key=task):
            yield key, list(group)

    def wipes(self, job: str, place: Place) -> list[Process]:
        """What removed the job's directory there, alone or with the pool's whole one."""
        return [wipe for wipe in self.of(Step.WIPE) if wipe.place == place and wipe.job in ("", job)]

    def stay(self, process: Process) -> Stay:
        wiped = (w for w in self.wipes(process.job, process.place) if w.succeeded and w.end <= process.start)
        return process.job, process.place, sum(1 for _ in wiped)

    @cached_property
    def _by_stay(self) -> dict[Stay, list[Process]]:
        found: dict[Stay, list[Process]] = {}
        for process in self.of(Step.PREPARATION, Step.TASK, Step.RELEASE):
            found.setdefault(self.stay(process), []).append(process)
        return found

    def in_stay_of(self, process: Process, *steps: Step) -> list[Process]:
        """Processes of its job on its machine since the same wipe."""
        return [other for other in self._by_stay[self.stay(process)] if other.step in steps]

    def lost_between(self, first: Process, second: Process) -> bool:
        """Whether the end of the first may never have been heard of: its node was lost before the second began."""
        place = first.place
        return any(
            first.start <= loss.at <= second.start
            and (loss.node, loss.machine) == (place.node, place.machine)
            and loss.boot in ("", first.boot)
            for loss in self.sights(Lost)
        )

    def sights(self, kind: type[S]) -> list[S]:
        """By time."""
        found = [each for each in self.seen if isinstance(each, kind)]
        return sorted(found, key=lambda each: each.at)
