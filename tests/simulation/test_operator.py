"""What an operator does when the API server is out of breath at its start."""

from __future__ import annotations

from typing_extensions import override

from batchyard.kube.request import Request
from tests.simulation.network import Fate
from tests.simulation.simulation import simulate
from tests.simulation.tape import Tape
from tests.simulation.weather import Fair
from tests.simulation.workloads import WORKLOADS


class Breathless(Fair):
    """The first two lists of each kind are refused."""

    def __init__(self) -> None:
        self._asked: dict[str, int] = {}

    @override
    def fate(self, call: Request) -> Fate:
        if call.verb != "list":
            return Fate.DONE
        number = self._asked[call.path] = self._asked.get(call.path, 0) + 1
        return Fate.DONE if number > 2 else (Fate.BUSY, Fate.REFUSED)[number - 1]


def test_operator_does_not_end_because_its_first_lists_are_refused() -> None:
    result = simulate(WORKLOADS["no_preparation"].script, Tape(1), lambda _: Breathless())
    assert result.complaints == []
