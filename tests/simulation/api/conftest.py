import pytest

from batchyard.kube.kinds import NAMESPACE as NAMESPACE_KIND
from tests.simulation.api.calling import NAMESPACE, Caller


@pytest.fixture
def caller() -> Caller:
    """On a server that has one namespace."""
    caller = Caller()
    caller.create(NAMESPACE_KIND, NAMESPACE)
    return caller
