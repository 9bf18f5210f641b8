"""Every example, and every manifest on a page, is taken by a real API server as it stands. Those in examples/gitops: tests/gitops; in examples/k9s: tests/cli."""

from pathlib import Path

import pytest
import yaml

from tests.api.definitions import install
from tests.cluster.cluster import Cluster
from tests.docs.pages import PAGES, blocks, named

EXAMPLES = Path(__file__).parents[2] / "examples"
OURS = sorted(path for path in EXAMPLES.rglob("*.yaml") if not {"gitops", "k9s"} & {*path.parts})


@pytest.fixture(scope="module", autouse=True)
def _definitions(cluster: Cluster) -> None:
    install(cluster)


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_the_api_server_takes_it_without_a_warning(cluster: Cluster, path: Path) -> None:
    said = cluster.kubectl("apply", "--dry-run=server", "--validate=strict", "--warnings-as-errors", "-f", str(path))
    kinds = [document["kind"].lower() for document in yaml.safe_load_all(path.read_text())]
    assert [line.split(".")[0] for line in said.splitlines()] == kinds


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "yaml")], ids=named)
def test_the_api_server_takes_what_pages_show(cluster: Cluster, page: Path) -> None:
    manifests = blocks(page, "yaml")
    strictly = ("--dry-run=server", "--validate=strict", "--warnings-as-errors")
    said = cluster.kubectl("apply", *strictly, "-f", "-", stdin="---\n".join(manifests))
    assert len(said.splitlines()) == len(manifests)
