"""The chart as a whole: lint, package, definitions, and values that it must refuse. Helm comes with the cluster's programs."""

import tarfile
from pathlib import Path

import pytest
import yaml

from tests.chart.helm import CHART, ROOT, helm, of_kind, refusal, rendered

pytestmark = pytest.mark.cluster
CRDS = {path.name: yaml.safe_load(path.read_text()) for path in sorted((ROOT / "crds").glob("*.yaml"))}
KEEP = "helm.sh/resource-policy"


def test_helm_finds_nothing_to_complain_about() -> None:
    done = helm("lint", "--strict", CHART)
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


def test_the_release_fits_the_secret_that_helm_keeps_it_in() -> None:
    size = sum(path.stat().st_size for path in (ROOT / "crds").iterdir())
    assert size < 1_000_000  # compressed to about a sixth; Kubernetes allows 1 MiB


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
def test_an_unknown_or_ill_value_is_refused_by_name(value: str, field: str) -> None:
    assert field in refusal(value)


def test_values_that_a_parent_chart_sets_are_taken() -> None:
    assert refusal("global.theirs=1", "enabled=true") == ""


def test_an_older_kubernetes_is_refused() -> None:
    done = helm("template", "batchyard", CHART, "--kube-version", "1.31.0")
    assert "kubeVersion" in done.stderr
    assert done.returncode != 0
