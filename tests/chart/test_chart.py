"""The chart as a whole: lint, package, definitions, and values that it must refuse. Helm comes with the cluster's programs."""

import gzip
import json
import tarfile
from base64 import b64encode
from pathlib import Path

import pytest
import yaml

from tests.chart.helm import CHART, ROOT, VERSIONS, Document, helm, of_kind, refusal, rendered, setting

pytestmark = pytest.mark.cluster
CRDS = {path.name: yaml.safe_load(path.read_text()) for path in sorted((ROOT / "crds").glob("*.yaml"))}
KEEP = "helm.sh/resource-policy"


EVERYTHING = (
    *(f"metrics.{each}.enabled=true" for each in ("serviceMonitor", "rules", "dashboard")),
    *("networkPolicy.enabled=true", "taskNetworkPolicy.namespaces={team}", "rbac.optIn=true"),
    *("replicas=2", "podDisruptionBudget.enabled=true", "extraObjects[0].kind=ConfigMap"),
    *("extraObjects[0].apiVersion=v1", "extraObjects[0].metadata.name=extra"),
)
"""Values with which the chart makes all that it can make."""


@pytest.mark.parametrize("version", VERSIONS)
def test_helm_finds_nothing_to_complain_about(version: int) -> None:
    done = helm("lint", "--strict", CHART, version=version)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_definition_is_in_the_packaged_chart(tmp_path: Path) -> None:
    assert helm("package", CHART, "--destination", tmp_path).returncode == 0
    [package] = tmp_path.iterdir()
    with tarfile.open(package) as tar:
        packaged = {Path(name).name for name in tar.getnames() if "/files/crds/" in name}
    assert packaged == set(CRDS)


def test_definitions_are_rendered_word_for_word() -> None:
    specs = {crd["metadata"]["name"]: crd["spec"] for crd in of_kind(rendered(), "CustomResourceDefinition")}
    assert specs == {crd["metadata"]["name"]: crd["spec"] for crd in CRDS.values()}


def test_definitions_outlive_the_release_unless_told_otherwise() -> None:
    kept = of_kind(rendered(), "CustomResourceDefinition")
    assert all(crd["metadata"]["annotations"] == {KEEP: "keep"} for crd in kept)
    given_up = of_kind(rendered("crds.keep=false"), "CustomResourceDefinition")
    assert not any("annotations" in crd["metadata"] for crd in given_up)


def test_definitions_can_be_left_to_someone_else() -> None:
    assert of_kind(rendered("crds.enabled=false"), "CustomResourceDefinition") == []


def test_definitions_carry_the_annotations_asked_for() -> None:
    annotated = of_kind(rendered("crds.annotations.team=platform"), "CustomResourceDefinition")
    assert all(crd["metadata"]["annotations"] == {KEEP: "keep", "team": "platform"} for crd in annotated)


@pytest.mark.parametrize("values", [(), EVERYTHING, ("watchNamespaces={team}", "policies.enabled=false")])
def test_helm_3_and_4_make_the_same_of_it(values: tuple[str, ...]) -> None:
    three, four = (sorted(rendered(*values, version=version), key=_identity) for version in VERSIONS)
    assert three == four


def _identity(document: Document) -> tuple[str, str, str]:
    return document["kind"], document["metadata"].get("namespace", ""), document["metadata"]["name"]


def test_the_release_fits_the_secret_that_helm_keeps_it_in() -> None:
    """Kubernetes allows 1 MiB; what Helm stores is the chart and all it made, zipped, in base64."""
    dry = ("install", "batchyard", CHART, "--dry-run=client", "--output", "json")
    done = helm(*dry, *setting(EVERYTHING), version=4)
    assert {"chart", "manifest"} <= json.loads(done.stdout).keys(), done.stderr
    assert 100_000 < len(b64encode(gzip.compress(done.stdout.encode()))) < 500_000


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ("replicas=3", "replicas"),
        ("replica=2", "replica"),
        ("networkPolicy.apiServerPorts={0}", "apiServerPorts"),
        ("metrics.serviceMonitor.interval=often", "interval"),
        ("metrics.rules.alerts.BatchyardDown.for=1h", "BatchyardDown"),
        ("metrics.rules.alerts.BatchyardNoProgress.for=long", "for"),
        ("image.pullpolicy=Always", "pullpolicy"),
        ("image.pullPolicy=Sometimes", "pullPolicy"),
        ("image.repository=", "repository"),
        ("image.digest=sha256:abc", "digest"),
        ("operator.logLevel=loud", "logLevel"),
        ("operator.maxRecoveries=-1", "maxRecoveries"),
        ("operator.keepPodsSeconds=5m", "keepPodsSeconds"),
        ("crds.enabled=perhaps", "enabled"),
        ("watchNamespaces=team-a", "watchNamespaces"),
        ("watchNamespaces[0]=Team_A", "watchNamespaces"),
    ],
)
@pytest.mark.parametrize("version", VERSIONS)
def test_an_unknown_or_ill_value_is_refused_by_name(value: str, field: str, version: int) -> None:
    assert field in refusal(value, version=version)


def test_values_that_a_parent_chart_sets_are_taken() -> None:
    assert refusal("global.theirs=1", "enabled=true") == ""


@pytest.mark.parametrize("version", VERSIONS)
def test_an_older_kubernetes_is_refused(version: int) -> None:
    done = helm("template", "batchyard", CHART, "--kube-version", "1.31.0", version=version)
    assert "kubeVersion" in done.stderr
    assert done.returncode != 0
