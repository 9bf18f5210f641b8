"""`batchyard doctor`: what each check says of a sound installation, and of each way in which it can be unsound."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typing_extensions import override

from batchyard import __version__
from batchyard.api.names import FINALIZER, INSTALLATION, LABEL_PART_OF
from batchyard.cli.outcome import Exit, NotLoggedIn, Problem
from batchyard.cli.show.checks_of_installation import OLDEST, POLICIES
from batchyard.kube.kinds import LEASE, OURS, Kind
from tests.cli.memory import Memory, key
from tests.cli.objects import condition, job, made, node, pool
from tests.cli.typing_in import Said, typed

Object = dict[str, Any]
ROOT = Path(__file__).parents[2]
SYSTEM = "batchyard-system"
ENFORCE = "pod-security.kubernetes.io/enforce"
LABELS = {LABEL_PART_OF: INSTALLATION, "app.kubernetes.io/version": __version__}
OF_PODS = {"app.kubernetes.io/name": "other", "app.kubernetes.io/instance": "mine"}
"""Names of the release, which may be any."""
PODS = "--namespace batchyard-system --selector app.kubernetes.io/name=other,app.kubernetes.io/instance=mine"


def whole(kind: str, name: str, spec: Object, status: Object | None = None, **meta: Any) -> Object:
    """Of the whole cluster."""
    found = made(kind, name, spec, status, **meta)
    del found["metadata"]["namespace"]
    return found


def deployment(ready: int = 1, version: str = __version__, watches: str = "") -> Object:
    environment = [
        {"name": "BATCHYARD_LEASE_NAME", "value": "lease"},
        {"name": "BATCHYARD_WATCH_NAMESPACES", "value": watches},
    ]
    container = {"name": "operator", "image": "example/batchyard:1", "env": environment}
    template = {"spec": {"containers": [container], "serviceAccountName": "operator"}}
    spec = {"replicas": 1, "selector": {"matchLabels": OF_PODS}, "template": template}
    labels = {**LABELS, "app.kubernetes.io/version": version}
    return made("Deployment", "batchyard", spec, {"readyReplicas": ready}, namespace=SYSTEM, labels=labels)


def lease(holder: str = "batchyard-0", renewed: str = "2026-03-01T11:59:58Z") -> Object:
    spec = {"holderIdentity": holder, "acquireTime": "2026-03-01T09:00:00Z", "renewTime": renewed}
    return made("Lease", "lease", spec, namespace=SYSTEM)


def definition(plural: str, established: str = "True", version: str = __version__) -> Object:
    conditions = [condition("Established", established), condition("NamesAccepted", "True")]
    labels = {"app.kubernetes.io/version": version}
    return whole("CustomResourceDefinition", f"{plural}.batchyard.io", {}, {"conditions": conditions}, labels=labels)


def policy(name: str) -> tuple[Object, Object]:
    full = f"{SYSTEM}-batchyard-{name}"
    binding = whole("ValidatingAdmissionPolicyBinding", full, {"policyName": full}, labels=LABELS)
    return whole("ValidatingAdmissionPolicy", full, {}, labels=LABELS), binding


def namespace(name: str, **labels: str) -> Object:
    return whole("Namespace", name, {}, labels=labels)


def sound(*more: Object) -> Memory:
    """A cluster in which all is well, with objects added or put in the place of those of the same name."""
    objects = [
        *(definition(kind.plural) for kind in OURS),
        *(each for name in POLICIES for each in policy(name)),
        *(deployment(), lease(), namespace("default"), namespace(SYSTEM)),
        *(pool(status={"nodeCounts": {"idle": 2}}), node("node1"), node("node2"), job()),
    ]
    cluster = Memory(*objects, *more)
    cluster.pages["/version"] = {"gitVersion": "v1.34.2"}
    cluster.pages["/apis/batchyard.io/v1alpha1"] = {"resources": [{"name": kind.plural} for kind in OURS]}
    return cluster


def doctor(cluster: Memory) -> Said:
    return typed("doctor", cluster)


def test_sound_installation_passes_every_check() -> None:
    answer = doctor(sound())
    assert (answer.code, answer.err) == (Exit.OK, "")
    assert answer.out == (
        "RESULT   CHECK          MESSAGE\n"
        "ok       api-server     Kubernetes v1.34.2; 1.32 or newer is supported\n"
        "ok       kinds          batchyard.io/v1alpha1 is served with all 5 kinds\n"
        f"ok       definitions    established, of version {__version__}\n"
        f"ok       operator       batchyard-system/batchyard: 1 of 1 replica ready, of version {__version__}\n"
        "ok       lease          batchyard-0 holds it, since 3h\n"
        "ok       pod-security   namespace batchyard-system has no label of its own, so the cluster's default holds\n"
        "ok       watched        an operator serves namespace default\n"
        "ok       run-pods       operator batchyard-system/batchyard may, in namespace default\n"
        "ok       policies       all 8 are in force\n"
        "ok       run-jobs       you may, in namespace default\n"
        "ok       read-logs      you may, in namespace default\n"
        "ok       read-files     you may, in namespace default\n"
        "ok       pod-security   namespace default has no label of its own, so the cluster's default holds\n"
        "ok       pools          nodes serve in every pool that wants some (1 of 1)\n"
        "ok       nodes          none of 2 nodes is out of service\n"
        "ok       objects        the operator can read all pools, nodes and jobs (4)\n"
        "ok       finalizers     0 being deleted, 0 with the operator's finalizer\n"
    )


def old(cluster: Memory) -> None:
    cluster.pages["/version"] = {"gitVersion": "v1.31.9+k3s1"}


def without_kinds(cluster: Memory) -> None:
    del cluster.pages["/apis/batchyard.io/v1alpha1"]


def without_one_kind(cluster: Memory) -> None:
    del cluster.pages["/apis/batchyard.io/v1alpha1"]["resources"][2]


def put(*objects: Object) -> Callable[[Memory], None]:
    return lambda cluster: cluster.objects.update({key(each): each for each in objects})


def without(kind: str) -> Callable[[Memory], None]:
    def take(cluster: Memory) -> None:
        cluster.objects = {key: each for key, each in cluster.objects.items() if key[0] != kind}

    return take


def deny(*rights: str) -> Callable[[Memory], None]:
    return lambda cluster: cluster.denied.update(rights)


DELETED = {"finalizers": [FINALIZER], "deletionTimestamp": "2026-03-01T11:00:00Z"}
STALLED = condition("Stalled", "True", "InvalidObject", "this object cannot be used: spec.pool")
BARE = pool(status={"nodeCounts": {"unusable": 2}})
FAILING = pool(status={"nodeCounts": {"starttaskfailed": 2}, "conditions": [condition("StartTaskFailed", "True")]})
OFF = node("node2", "offline")
OFF["spec"]["schedulingState"] = "disabled"

UNSOUND: dict[str, tuple[Callable[[Memory], None], str]] = {
    "an old API server": (old, "fail api-server Kubernetes v1.31.9+k3s1 is older than 1.32; upgrade the cluster"),
    "nothing is installed": (without_kinds, "fail kinds batchyard.io/v1alpha1 has no batchpools, batchnodes, batchjobs, batchjobnodes, batchtasks; install the chart (docs/install.md)"),
    "a kind is missing": (without_one_kind, "fail kinds batchyard.io/v1alpha1 has no batchjobs; install the chart (docs/install.md)"),
    "a definition is not established": (put(definition("batchjobs", "False")), "fail definitions not established: batchjobs.batchyard.io; kubectl describe crd batchjobs.batchyard.io"),
    "definitions of two versions": (put(definition("batchjobs", version="0.0.9")), f"warn definitions established, of 0.0.9, {__version__}; this command line is {__version__}; upgrade the chart or the command line, so that both are {__version__}"),
    "definitions may not be read": (deny("customresourcedefinitions"), "unknown definitions customresourcedefinitions is forbidden: you cannot read it; ask somebody who may read that"),
    "no operator": (without("Deployment"), "fail operator no Deployment has the label batchyard.io/part-of=installation; install the chart (docs/install.md)"),
    "no replica is ready": (put(deployment(0)), f"fail operator batchyard-system/batchyard: 0 of 1 replica ready; kubectl describe pods {PODS}"),
    "another version": (put(deployment(version="0.9.0")), f"warn operator batchyard-system/batchyard: 1 of 1 replica ready, of version 0.9.0; this command line is {__version__}; upgrade the older of the two"),
    "the operator may not be read": (deny("deployments"), "unknown lease deployments is forbidden: you cannot read it; ask somebody who may read that"),
    "this namespace is not served": (put(deployment(watches="a,team")), "fail watched no operator serves namespace default, only a, team; add it to watchNamespaces of the chart"),
    "this namespace has not opted in": (deny(f"{SYSTEM}:operator create daemonsets", f"{SYSTEM}:operator create pods"), "fail run-pods operator batchyard-system/batchyard may not create daemonsets and create pods in namespace default: with rbac.optIn it may where somebody with the role admin has bound its role; kubectl create rolebinding batchyard --namespace default --clusterrole=batchyard-system:batchyard:executor --serviceaccount=batchyard-system:operator"),
    "what the operator may is not told": (deny("localsubjectaccessreviews"), "unknown run-pods localsubjectaccessreviews is forbidden: you cannot read it; ask somebody who may read that"),
    "nobody holds the lease": (without("Lease"), f"fail lease no operator holds it; see the operator's log: kubectl logs {PODS}"),
    "the lease is not renewed": (put(lease(renewed="2026-03-01T11:50:00Z")), f"fail lease batchyard-0 took it 3h ago and has not renewed it for 10m; see the operator's log: kubectl logs {PODS}"),
    "the policies are off": (without("ValidatingAdmissionPolicyBinding"), "warn policies not in force: directories, expiry, identity, launch, operator, outcome, records, restricted (SECURITY.md says what they guard); install the chart with policies.enabled=true"),
    "a viewer": (deny("create batchjobs", "create pods", "use batchpools"), "warn run-jobs you lack create batchjobs and create pods there; ask for the role edit in namespace default"),
    "no logs": (deny("get pods/log"), "warn read-logs you lack get pods/log there; ask for the role view in namespace default"),
    "no files": (deny("get pods/exec"), "warn read-files you lack get pods/exec there; ask for the role edit in namespace default"),
    "Pod Security refuses pools": (put(namespace("default", **{ENFORCE: "restricted"})), f"fail pod-security namespace default enforces 'restricted', which refuses Pods that mount a directory of their node, as those of pools do; kubectl label --overwrite namespace default {ENFORCE}=privileged"),
    "a pool without nodes": (put(BARE), "warn pools no node serves in sample; batchyard why pool/sample"),
    "a pool whose start task fails": (put(FAILING), "fail pools no node serves in sample; batchyard why pool/sample"),
    "nodes out of service": (put(node("node1", "starttaskfailed"), OFF), "warn nodes 2 of 2 nodes out of service: node1 (starttaskfailed), node2 (offline); batchyard why pool/sample"),
    "an object that cannot be read": (put(job(conditions=(STALLED,))), "fail objects the operator has put aside batchjob/demo; kubectl describe batchjob/demo says what is wrong"),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "told"), UNSOUND.values(), ids=UNSOUND)
def test_each_fault_is_one_line_with_its_next_step(spoil: Callable[[Memory], None], told: str) -> None:
    cluster = sound()
    spoil(cluster)
    answer = doctor(cluster)
    assert told in [re.sub(r" {3,}", " ", line) for line in answer.out.splitlines()]
    assert answer.code == (Exit.UNHEALTHY if "\nfail" in answer.out else Exit.OK)


def test_namespace_may_be_one_of_those_that_are_served() -> None:
    assert "ok       watched" in doctor(sound(deployment(watches="a,default"))).out


def test_operator_that_serves_only_other_namespaces_needs_no_right_here() -> None:
    assert " run-pods " not in doctor(sound(deployment(watches="team"))).out


def test_who_may_use_pools_needs_no_right_to_create_pods() -> None:
    cluster = sound()
    cluster.denied.add("create pods")
    assert "ok       run-jobs " in doctor(cluster).out


def test_lease_that_is_renewed_while_we_look_is_held_whatever_our_clock_says() -> None:
    class Renewed(Memory):
        @override
        def get(self, kind: Kind, namespace: str, name: str) -> Object:
            found = super().get(kind, namespace, name)
            if kind is LEASE:
                put(lease(renewed="2026-03-01T11:50:02Z"))(self)
            return found

    cluster = Renewed(*sound(lease(renewed="2026-03-01T11:50:00Z")).objects.values())
    cluster.pages = sound().pages
    assert "ok       lease          batchyard-0 holds it, since 3h\n" in doctor(cluster).out


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (put(deployment(0)), "fail     finalizers     1 being deleted, 1 with the operator's finalizer: batchjob/demo for 60m, and no operator works; start the operator again"),
        (put(deployment(watches="team")), "fail     finalizers     1 being deleted, 1 with the operator's finalizer: batchjob/demo for 60m, and no operator works; start the operator again"),
        (deny("deployments"), "unknown  finalizers     1 being deleted, 1 with the operator's finalizer; whether an operator works is not known"),
        (put(), "ok       finalizers     1 being deleted, 1 with the operator's finalizer\n"),
    ],
)  # fmt: skip
def test_what_is_being_deleted_is_stuck_only_where_no_operator_works(spoil: Callable[[Memory], None], told: str) -> None:  # fmt: skip
    cluster = sound(job(meta=DELETED))
    spoil(cluster)
    assert re.sub(" +", " ", told) in re.sub(" +", " ", doctor(cluster).out)


def test_finalizers_are_told_before_anybody_deletes_what_no_operator_cleans_up() -> None:
    cluster = sound(job(meta={"finalizers": [FINALIZER]}), deployment(0))
    assert "they cannot be deleted while no operator works" in doctor(cluster).out


def test_user_who_may_read_nothing_gets_no_failure() -> None:
    cluster = sound()
    cluster.denied |= {
        "deployments",
        "customresourcedefinitions",
        "validatingadmissionpolicies",
        "namespaces",
        "leases",
    }
    cluster.denied |= {"batchpools", "batchnodes", "batchjobs", "pods"}
    answer = doctor(cluster)
    assert answer.code == Exit.OK
    assert answer.out.count("unknown ") == 9


def test_cluster_that_does_not_answer_fails_the_only_check() -> None:
    cluster = sound()
    cluster.refuses = Problem("no answer from https://here: it took too long", Exit.UNREACHABLE, hint="try kubectl")
    answer = doctor(cluster)
    assert answer.code == Exit.UNHEALTHY
    assert answer.out.splitlines()[1:] == ["fail     api-server   no answer from https://here: it took too long; try kubectl"]  # fmt: skip


def test_user_whom_the_cluster_does_not_know_is_not_told_that_all_is_well() -> None:
    cluster = sound()
    cluster.refuses = NotLoggedIn("Unauthorized")
    answer = doctor(cluster)
    assert answer.code == Exit.UNHEALTHY
    assert answer.out.splitlines()[1:] == ["fail     api-server   Unauthorized; log in again: the API server does not know you"]  # fmt: skip


def test_checks_are_objects_for_scripts() -> None:
    told = json.loads(typed("doctor -o json", sound(deployment(0))).out)
    assert told["healthy"] is False
    assert told["checks"][3]["check"] == "operator"
    assert set(told["checks"][3]) == {"check", "result", "message", "next"}
    assert yaml.safe_load(typed("doctor -o yaml", sound()).out)["healthy"] is True


def test_versions_and_policies_are_those_of_the_chart() -> None:
    chart = yaml.safe_load((ROOT / "charts/batchyard/Chart.yaml").read_text())
    assert chart["appVersion"] == __version__
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text()
    assert chart["kubeVersion"] == f">={'.'.join(map(str, OLDEST))}.0-0"
    files = (ROOT / "charts/batchyard/templates/policies").glob("[a-z]*.yaml")
    assert sorted(each.stem for each in files) == sorted(POLICIES)
