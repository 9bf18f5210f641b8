"""The example repository is taken as it stands: by our models, by the chart, and by a real API server that has the tools' definitions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from batchyard.api.crd import KINDS
from batchyard.api.names import API_VERSION
from tests.api.definitions import install
from tests.chart.helm import container, of_kind, rendered
from tests.cluster.cluster import Cluster
from tests.gitops.definitions import definitions
from tests.gitops.judging import EXAMPLE, scripts

FILES = sorted(EXAMPLE.rglob("*.yaml"))
NAMESPACES = ("argocd", "flux-system", "team")
OURS = {kind.model_fields["kind"].default: kind for kind in KINDS}


def documents(path: Path) -> list[dict[str, Any]]:
    return [*yaml.safe_load_all(path.read_text())]


def all_of(kind: str) -> list[dict[str, Any]]:
    return [each for path in FILES for each in documents(path) if each["kind"] == kind]


def test_pool_and_job_are_read_by_our_models() -> None:
    mine = [each for path in FILES for each in documents(path) if each["apiVersion"] == API_VERSION]
    assert [OURS[each["kind"]].model_validate(each).name for each in mine] == ["frames-1", "render"]


def test_the_job_ends_by_itself_in_the_pool_that_is_made_for_it() -> None:
    (job,), (pool,) = all_of("BatchJob"), all_of("BatchPool")
    assert job["spec"]["poolInfo"]["poolId"] == pool["metadata"]["name"]
    assert job["spec"]["onAllTasksComplete"] == "terminatejob"


def test_there_is_a_health_check_for_each_kind_that_people_write() -> None:
    assert sorted(scripts()) == ["batchyard.io_BatchJob", "batchyard.io_BatchPool", "batchyard.io_BatchTask"]


def test_the_chart_takes_the_values_that_both_tools_give_it() -> None:
    (release,) = all_of("HelmRelease")
    application = next(each for each in all_of("Application") if "chart" in each["spec"]["source"])
    values = release["spec"]["values"]
    assert application["spec"]["source"]["helm"]["valuesObject"] == values
    (deployment,) = of_kind(rendered(f"image.repository={values['image']['repository']}"), "Deployment")
    assert container([deployment])["image"].startswith("registry.example.com/batchyard:")


@pytest.fixture(scope="module")
def tools(cluster: Cluster) -> Iterator[Cluster]:
    """The definitions of every kind in the example are served."""
    added = definitions()
    names = [f"crd/{each['metadata']['name']}" for each in added]
    install(cluster)
    try:
        for each in added:  # larger than the annotation of a client-side apply may be
            cluster.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(each))
        cluster.kubectl("wait", "--for=condition=Established", "--timeout=30s", *names)
        for namespace in NAMESPACES:
            cluster.kubectl("create", "namespace", namespace)
        yield cluster
    finally:
        cluster.kubectl("delete", "--ignore-not-found", "--wait=false", *names)
        cluster.kubectl("delete", "--ignore-not-found", "--wait=false", "namespace", *NAMESPACES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(EXAMPLE)))
def test_the_api_server_takes_it_without_a_warning(tools: Cluster, path: Path) -> None:
    options = ("--server-side", "--dry-run=server", "--validate=strict", "--warnings-as-errors")
    said = tools.kubectl("apply", *options, "-f", str(path))
    assert [line.split(".")[0].split("/")[0] for line in said.splitlines()] == [
        each["kind"].lower() for each in documents(path)
    ]
