"""The operator's Pod as the chart makes it."""

import pytest

from batchyard.settings import read
from tests.chart.helm import Document, container, rendered, the

pytestmark = pytest.mark.cluster
IMAGE = "docker.io/batchyard/batchyard:0.1.0"


def environment(documents: list[Document]) -> dict[str, str]:
    """As the kubelet would resolve it."""
    return {each["name"]: each.get("value", each["name"].lower()) for each in container(documents)["env"]}


def test_the_operator_reads_what_the_chart_writes() -> None:
    settings = read(environment(rendered("watchNamespaces={team-a,team-b}", "operator.keepPodsSeconds=604800")))
    assert settings.watch_namespaces == ("team-a", "team-b")
    assert settings.rules.image == IMAGE
    assert settings.rules.image_pull_policy == "IfNotPresent"
    assert settings.rules.keep_pods_seconds == 604800
    assert (settings.rules.max_recoveries, settings.rules.image_pull_deadline) == (10, 300)
    assert settings.rules.keep_pods_per_pool == 500
    assert (settings.lease_name, settings.identity) == ("batchyard", "batchyard_pod_name")
    assert settings.log_level == "INFO"


def test_the_probes_ask_the_ports_that_the_operator_opens() -> None:
    operator, settings = container(rendered()), read(environment(rendered()))
    ports = {port["name"]: port["containerPort"] for port in operator["ports"]}
    assert ports == {"metrics": settings.metrics_port, "health": settings.health_port}
    assert operator["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "health"}
    assert operator["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "health"}


def test_a_digest_wins_over_a_tag_everywhere() -> None:
    digest = f"sha256:{'a' * 64}"
    documents = rendered(f"image.digest={digest}", "image.tag=edge")
    wanted = f"docker.io/batchyard/batchyard@{digest}"
    assert container(documents)["image"] == environment(documents)["BATCHYARD_IMAGE"] == wanted


def test_the_pod_meets_the_restricted_standard() -> None:
    documents = rendered()
    pod = the(documents, "Deployment", "batchyard")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert {next(iter(volume.keys() - {"name"})) for volume in pod["volumes"]} == {"emptyDir"}
    assert container(documents)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_two_operators_never_run_at_once() -> None:
    spec = the(rendered(), "Deployment", "batchyard")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
