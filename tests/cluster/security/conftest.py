"""The room that the attacks of this folder take place in."""

from collections.abc import Iterator

import pytest

from tests.cluster.cluster import Cluster
from tests.cluster.security.tenants import Room, move_in, move_out


@pytest.fixture(scope="session")
def room(operator: Cluster) -> Iterator[Room]:
    room = move_in(operator, "policies")
    try:
        yield room
    finally:
        move_out(room)
