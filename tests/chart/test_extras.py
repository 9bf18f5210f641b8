"""What those who install may add to the chart's objects, and what they may not take from them."""

import shutil
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from batchyard.api.job import Job
from batchyard.api.pool import Pool
from batchyard.cli.show.checks_of_installation import LABELLED, selector
from tests.chart.helm import CHART, NAMESPACE, container, helm, installed, of_kind, refusal, rendered, the
from tests.cli.memory import labelled

pytestmark = pytest.mark.cluster
EVERYTHING = (
    "metrics.serviceMonitor.enabled=true", "metrics.rules.enabled=true", "metrics.dashboard.enabled=true", "networkPolicy.enabled=true",
    "replicas=2", "podDisruptionBudget.enabled=true",
)  # fmt: skip


def notes(folder: Path, *values: str) -> str:
    """As helm prints them after an install, which without a cluster it does not."""
    chart = shutil.copytree(CHART, folder / "chart", symlinks=False)
    text = (chart / "templates/NOTES.txt").read_text()
    (chart / "templates/NOTES.txt").unlink()
    (chart / "templates/_notes.tpl").write_text(f'{{{{- define "notes" }}}}{text}{{{{ end }}}}')
    (chart / "templates/notes.yaml").write_text('notes: |\n{{ include "notes" . | indent 2 }}')
    changes = [word for value in values for word in ("--set", value)]
    done = helm("template", "batchyard", chart, "--namespace", NAMESPACE, "--kube-version", "1.32.0", "--debug", "--show-only", "templates/notes.yaml", *changes)  # fmt: skip
    shutil.rmtree(chart)
    return dedent(done.stdout.partition("notes: |\n")[2])


def test_a_registry_takes_the_place_of_the_one_in_the_name() -> None:
    def image(*values: str) -> str:
        return str(container(rendered(*values))["image"]).rpartition(":")[0]

    assert image("image.registry=mirror.test:5000") == "mirror.test:5000/batchyard/batchyard"
    assert image("image.registry=mirror.test/hub", "image.repository=batchyard") == "mirror.test/hub/batchyard"
    assert image("image.registry=mirror.test", "image.repository=localhost/batchyard") == "mirror.test/batchyard"
    assert image("image.repository=mirror.test/own/batchyard") == "mirror.test/own/batchyard"


def test_common_labels_are_on_every_object_and_on_the_operators_pods() -> None:
    documents = installed(*EVERYTHING, "commonLabels.team=platform")
    assert [
        each["metadata"]["name"] for each in documents if each["metadata"]["labels"].get("team") != "platform"
    ] == []
    pod = the(documents, "Deployment", "batchyard")["spec"]["template"]["metadata"]
    assert pod["labels"]["team"] == "platform"
    assert "team" not in the(documents, "Deployment", "batchyard")["spec"]["selector"]["matchLabels"]


def test_command_line_finds_the_installation_whatever_it_is_called() -> None:
    documents = installed("nameOverride=one", "fullnameOverride=another")
    assert [each["kind"] for each in documents if not labelled(each, LABELLED)] == []
    [deployment] = of_kind(documents, "Deployment")
    pod = deployment["spec"]["template"]
    assert labelled(pod, selector(deployment))
    # A Pod with such a label counts as one of those that the operator makes.
    assert not any(label.startswith("batchyard.io/") for label in pod["metadata"]["labels"])


def test_labels_of_pods_win_over_common_ones() -> None:
    documents = rendered("commonLabels.team=platform", "podLabels.team=batch")
    assert the(documents, "Deployment", "batchyard")["spec"]["template"]["metadata"]["labels"]["team"] == "batch"


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (r"commonLabels.app\.kubernetes\.io/name=mine", "app.kubernetes.io/name"),
        (r"podLabels.app\.kubernetes\.io/instance=mine", "app.kubernetes.io/instance"),
        (r"commonLabels.helm\.sh/chart=mine", "helm.sh/chart"),
        (r"podLabels.batchyard\.io/pool=mine", "batchyard.io/pool"),
        ("extraEnv[0].name=BATCHYARD_NAMESPACE", "extraEnv"),
        ("extraVolumes[0].name=tmp", "extraVolumes"),
        ("extraVolumeMounts[0].name=ca", "extraVolumeMounts"),
        ("image.registry=mirror.test/", "registry"),
    ],
)
def test_what_the_chart_itself_sets_cannot_be_set_twice(value: str, named: str) -> None:
    assert named in refusal(value)


def test_variables_volumes_and_mounts_are_added_to_those_of_the_operator() -> None:
    documents = rendered(
        *("extraEnv[0].name=HTTPS_PROXY", "extraEnv[0].value=proxy.test"),
        *("extraVolumes[0].name=ca", "extraVolumes[0].configMap.name=ca"),
        *("extraVolumeMounts[0].name=ca", "extraVolumeMounts[0].mountPath=/etc/ca"),
    )
    operator, usual = container(documents), container(rendered())
    assert operator["env"] == [*usual["env"], {"name": "HTTPS_PROXY", "value": "proxy.test"}]
    assert operator["volumeMounts"] == [*usual["volumeMounts"], {"name": "ca", "mountPath": "/etc/ca"}]
    volumes = the(documents, "Deployment", "batchyard")["spec"]["template"]["spec"]["volumes"]
    assert [each["name"] for each in volumes] == ["tmp", "ca"]


def test_a_spread_that_is_given_is_the_only_one() -> None:
    given = rendered("replicas=2", "topologySpreadConstraints[0].topologyKey=zone")
    spread = the(given, "Deployment", "batchyard")["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert spread == [{"topologyKey": "zone"}]


def test_objects_of_ones_own_are_installed_with_the_chart_and_may_be_templates() -> None:
    own = ("extraObjects[0].kind=ConfigMap", "extraObjects[0].apiVersion=v1", "extraObjects[0].metadata.name=own-{{ .Release.Name }}")  # fmt: skip
    text = r"extraObjects[1]=kind: Secret" + "\n" + r"apiVersion: v1" + "\n" + "metadata: {name: text}"
    documents = rendered(*own, text)
    assert the(documents, "ConfigMap", "own-batchyard")
    assert the(documents, "Secret", "text")


def test_the_chart_gives_its_definitions_alone_to_those_who_install_them_elsewhere() -> None:
    """What a chart of definitions only would hold (docs/install.md)."""
    done = helm("template", "batchyard", CHART, "--show-only", "templates/crds.yaml", "--kube-version", "1.32.0")
    assert (
        done.stdout.count("\nkind: CustomResourceDefinition")
        == len(of_kind(rendered(), "CustomResourceDefinition"))
        == 5
    )
    assert done.stdout.count("\nkind: ") == 5


def test_notes_name_the_next_commands_with_the_names_of_this_release(tmp_path: Path) -> None:
    told = notes(tmp_path)
    for command in (
        "kubectl --namespace batchyard-system rollout status deployment/batchyard",
        "kubectl label node NODE batch=true ",
        "helm test batchyard --namespace batchyard-system",
        "kubectl label --overwrite namespace batchyard-system NAMESPACE pod-security.kubernetes.io/enforce=privileged",
        "kubectl label --overwrite namespace batchyard-system NAMESPACE batchyard.io/pod-security=restricted",
    ):
        assert command in told
    assert "definitions were left out" not in told
    assert "deployment/other" in notes(tmp_path, "fullnameOverride=other")


def test_notes_show_a_pool_and_a_job_that_need_no_other_file(tmp_path: Path) -> None:
    told = notes(tmp_path, "watchNamespaces={team,other}")
    assert "examples/" not in told
    assert "kubectl apply --namespace team -f - <<'EOF'\n" in told
    pool, job = yaml.safe_load_all(told.partition("<<'EOF'\n")[2].partition("\nEOF\n")[0])
    assert len(Pool.model_validate(pool).spec.model_fields_set) == len(pool["spec"])
    assert len(Job.model_validate(job).spec.model_fields_set) == len(job["spec"])
    assert job["spec"]["poolInfo"]["poolId"] == pool["metadata"]["name"]
    assert "--namespace default -f -" in notes(tmp_path)


def test_notes_say_what_was_left_out(tmp_path: Path) -> None:
    told = notes(tmp_path, "policies.enabled=false", "crds.enabled=false")
    assert "batchyard.io/pod-security" not in told
    assert "crds.enabled=false" in told
