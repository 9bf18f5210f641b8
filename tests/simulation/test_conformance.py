"""The API server of the simulation against a real one: random sequences of calls, the same answers, the same watches.

Definitions are installed without their rules in CEL, which the simulation's server does not know.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.simulation.api.custom import DIRECTORY
from tests.simulation.conformance.real_server import RealServer, running
from tests.simulation.conformance.replaying import replay
from tests.simulation.conformance.sequences import sequence

pytestmark = pytest.mark.cluster  # not one, but programs of one
SEQUENCES = int(os.environ.get("CONFORMANCE_SEQUENCES", "200"))
FIRST = int(os.environ.get("CONFORMANCE_FIRST", "0"))
PARTS = 10


@pytest.fixture(scope="module")
def real_server() -> Iterator[RealServer]:
    definitions = [yaml.safe_load(file.read_text()) for file in sorted(DIRECTORY.glob("*.yaml"))]
    with running([_without_cel(each) for each in definitions]) as server:
        yield server


def _without_cel(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _without_cel(value) for key, value in part.items() if key != "x-kubernetes-validations"}
    return [_without_cel(each) for each in part] if isinstance(part, list) else part


@pytest.mark.parametrize("part", range(PARTS))
def test_both_servers_say_the_same(real_server: RealServer, part: int) -> None:
    for seed in range(FIRST + part, FIRST + SEQUENCES, PARTS):
        assert replay(sequence(seed), real_server) is None, f"seed {seed}"
