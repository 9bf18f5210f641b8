"""The operator's Pod as the chart makes it."""

import pytest

from batchyard.settings import read
from tests.chart.helm import Document, container, of_kind, rendered, the

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


def test_secrets_of_the_registry_are_the_wipe_pods_too() -> None:
    assert read(environment(rendered())).rules.image_pull_secrets == ()
    documents = rendered("imagePullSecrets[0].name=pull", "imagePullSecrets[1].name=mirror")
    assert read(environment(documents)).rules.image_pull_secrets == ("pull", "mirror")


@pytest.mark.parametrize("name", ["", "system-node-critical", "mine"])
def test_wipe_pods_have_a_class_and_a_quota_that_allows_it_or_neither(name: str) -> None:
    documents = rendered(f"operator.wipePriorityClassName={name}")
    assert read(environment(documents)).rules.wipe_priority_class == name
    quotas = [each["spec"]["scopeSelector"]["matchExpressions"] for each in of_kind(documents, "ResourceQuota")]
    assert quotas == ([[{"scopeName": "PriorityClass", "operator": "In", "values": [name]}]] if name else [])


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


@pytest.mark.parametrize(
    ("values", "image"),
    [
        (("global.imageRegistry=mirror:5000/all",), "mirror:5000/all/batchyard/batchyard:0.1.0"),
        (("global.imageRegistry=theirs", "image.registry=ours"), "ours/batchyard/batchyard:0.1.0"),
    ],
)
def test_the_registry_of_a_parent_chart_is_taken_unless_there_is_one_of_ours(
    values: tuple[str, ...], image: str
) -> None:
    documents = rendered(*values)
    assert container(documents)["image"] == environment(documents)["BATCHYARD_IMAGE"] == image


def test_security_contexts_can_be_changed_field_by_field() -> None:
    documents = rendered("podSecurityContext.runAsUser=null", "securityContext.capabilities.add={NET_BIND_SERVICE}")
    pod = the(documents, "Deployment", "batchyard")["spec"]["template"]["spec"]
    assert "runAsUser" not in pod["securityContext"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert container(documents)["securityContext"]["capabilities"] == {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}
    assert the(documents, "Pod", "batchyard-test")["spec"]["securityContext"] == pod["securityContext"]


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


def test_a_single_operator_ends_before_the_next_one_starts() -> None:
    spec = the(rendered(), "Deployment", "batchyard")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


def test_of_two_operators_one_at_a_time_is_replaced_and_each_has_its_node() -> None:
    spec = the(rendered("replicas=2"), "Deployment", "batchyard")["spec"]
    assert (spec["replicas"], spec["strategy"]["rollingUpdate"]) == (2, {"maxSurge": 0, "maxUnavailable": 1})
    [spread] = spec["template"]["spec"]["topologySpreadConstraints"]
    assert spread["labelSelector"]["matchLabels"] == spec["selector"]["matchLabels"]


def test_helm_test_is_a_job_of_two_tasks_in_a_namespace_that_is_served() -> None:
    own, given = rendered(), rendered("watchNamespaces={team-a,team-b}")
    assert [each["metadata"]["name"] for each in of_kind(own, "Namespace")] == ["batchyard-test"]
    assert of_kind(given, "Namespace") == []
    for documents, namespace in ((own, "batchyard-test"), (given, "team-a")):
        job = the(documents, "BatchJob", "batchyard-test")
        assert (job["metadata"]["namespace"], len(job["spec"]["tasks"])) == (namespace, 2)


def test_what_helm_test_makes_is_no_part_of_the_release() -> None:
    """A kind and an object of it in one release cannot be installed together."""
    ours = [each for each in rendered() if each["apiVersion"].startswith("batchyard.io/")]
    assert {each["metadata"]["annotations"]["helm.sh/hook"] for each in ours} == {"test"}


def test_the_pod_of_helm_test_meets_the_restricted_standard() -> None:
    pod = the(rendered(), "Pod", "batchyard-test")["spec"]
    assert (
        pod["securityContext"]
        == the(rendered(), "Deployment", "batchyard")["spec"]["template"]["spec"]["securityContext"]
    )
    assert pod["containers"][0]["securityContext"] == container(rendered())["securityContext"]
