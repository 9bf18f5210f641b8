"""The real cluster that all tests of a session share, and how properties are tried."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from tests.cluster.cluster import Cluster
from tests.cluster.locked import locked

# No property depends on how busy the machine is. Fewer examples than the usual hundred only where each is a whole job or a range of thousands.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that uses the cluster, before `-m` selects by marker."""
    for item in items:
        if "cluster" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.cluster)


Shown = Callable[[], AbstractContextManager[None]]


@pytest.fixture(scope="session")
def shown(request: pytest.FixtureRequest) -> Shown:
    """Within it what is printed is seen at once: the first build takes minutes."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    assert capture is not None

    @contextmanager
    def context() -> Iterator[None]:
        with capture.global_and_fixture_disabled():
            print()
            yield

    return context


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest, shown: Shown) -> Iterator[Cluster]:
    """A cluster of two Ready nodes; where workers share the tests, each has its own. A test that adds, removes or breaks a node restores it."""
    cache = request.config.cache
    assert cache is not None
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    state, kept_logs = cache.mkdir(f"cluster{worker}"), cache.mkdir(f"cluster{worker}-logs")
    with locked(state.with_suffix(".lock")):  # a second run in this checkout would end the first one's cluster
        try:
            with shown():
                cluster = Cluster.up(state)
            yield cluster
        finally:
            keep_logs(state, kept_logs)
            Cluster.down(state)


def keep_logs(state: Path, kept: Path) -> None:
    """What the daemons and the operator said, for whoever must understand a failure."""
    shutil.rmtree(kept, ignore_errors=True)
    if (state / "logs").exists():
        shutil.copytree(state / "logs", kept)
        for folder in state.glob("nodes/*/disk/var/log/pods/batchyard-system_*"):
            shutil.copytree(folder, kept / folder.name, dirs_exist_ok=True)
