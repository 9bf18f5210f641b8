"""What somebody with the operator's own token cannot do; and what the cluster's roles give to people."""

import pytest

from tests.cluster import installation
from tests.cluster.batch import Batch
from tests.cluster.security import attacks
from tests.cluster.security.attacks import mounting
from tests.cluster.security.tenants import (
    ADMIN,
    EDIT,
    OPERATOR,
    OWN,
    VIEW,
    Object,
    Room,
)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (attacks.pod(automountServiceAccountToken=False), "carry its label"),
        (attacks.by_the_operator(automountServiceAccountToken=True), "no token"),
        (attacks.by_the_operator(serviceAccountName="clusterrole-aggregation-controller"), "no token"),
        (attacks.by_the_operator(hostNetwork=True), "no namespace of their node"),
        (attacks.by_the_operator(hostPID=True), "no namespace of their node"),
        (attacks.by_the_operator(priorityClassName="system-node-critical"), "only the operator's wipe Pods"),
        (attacks.by_the_operator(**mounting("/")), "directories of pools and nothing else"),
        (attacks.by_the_operator(**mounting("/var/lib/batchyard")), "directories of pools and nothing else"),
        (attacks.by_the_operator(**mounting("/var/lib/batchyard/../kubelet")), ".."),
        (attacks.by_the_operator(volumes=[{"name": "s", "secret": {"secretName": "s"}}]), "nothing else"),
        *(
            (attacks.by_the_operator(container=attacks.restricted_container(**more)), reason)
            for more, reason in (
                ({"context": {"privileged": True, "allowPrivilegeEscalation": True}}, "not privileged"),
                ({"context": {"capabilities": {"add": ["SYS_ADMIN"]}}}, "not privileged"),
                ({"context": {"seccompProfile": {"type": "Unconfined"}}}, "not privileged"),
                ({"envFrom": [{"secretRef": {"name": "s"}}]}, "no Secret"),
                ({"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}, "no Secret"),
            )
        ),
    ],
    ids=lambda each: str(each["spec"])[:120] if isinstance(each, dict) else each,
)
def test_the_operator_itself_makes_no_other_pods(room: Room, body: Object, reason: str) -> None:
    assert reason in room.create(OPERATOR, body, "kube-system")


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("BatchJob/job", {"displayName": "changed"}),
        ("BatchPool/pool", {"displayName": "changed"}),
        ("BatchTask", {"desiredState": "terminated"}),
        ("BatchNode", {"schedulingState": "disabled"}),
        ("BatchJobNode", {"poolUID": attacks.VICTIM}),
    ],
)
def test_the_operator_itself_never_changes_what_users_wrote(room: Room, what: str, change: Object) -> None:
    assert "never changes what users wrote" in room.patch(OPERATOR, what, {"spec": change})


def test_the_operator_itself_deletes_only_jobs_that_have_ended_and_ask_for_it(room: Room) -> None:
    batch = Batch(room.cluster, room.namespace)
    batch.job("stays", onAllTasksComplete="terminatejob")
    batch.job("expires", onAllTasksComplete="terminatejob", ttlSecondsAfterFinished=10**6)
    for name in ("stays", "expires"):
        batch.job_state("completed", name)
    for job in ("BatchJob/job", "BatchJob/stays"):
        assert "only jobs that have ended and have ttlSecondsAfterFinished" in room.delete(OPERATOR, job)
    assert room.delete(OPERATOR, "BatchJob/expires") == ""


@pytest.mark.parametrize(
    "right",
    [
        "get secrets", "list configmaps", "create serviceaccounts", "create serviceaccounts/token", "create pods/exec",
        "update pods/ephemeralcontainers", "create pods/attach", "create pods/portforward", "patch nodes", "get nodes/proxy",
        "create persistentvolumes", "impersonate users", "create deployments.apps", "create jobs.batch",
        "create clusterroles.rbac.authorization.k8s.io", "bind clusterroles.rbac.authorization.k8s.io",
        "escalate roles.rbac.authorization.k8s.io", "create rolebindings.rbac.authorization.k8s.io",
        "create validatingwebhookconfigurations.admissionregistration.k8s.io",
        "delete validatingadmissionpolicies.admissionregistration.k8s.io",
        "patch customresourcedefinitions.apiextensions.k8s.io", "create batchpools.batchyard.io", "delete batchpools.batchyard.io",
    ],
)  # fmt: skip
def test_the_operator_lacks(room: Room, right: str) -> None:
    assert not room.may(OPERATOR, right)


def test_the_operator_has_what_it_lives_on(room: Room) -> None:
    """So that the test above is known to tell the difference."""
    assert room.may(OPERATOR, "create pods")
    assert room.may(OPERATOR, "patch batchjobs.batchyard.io/status")


ROLES: list[tuple[str, set[str]]] = [
    (VIEW, set()),
    (EDIT, {"batchjobs", "batchtasks"}),
    (ADMIN, {"batchjobs", "batchtasks", "batchpools"}),
]


@pytest.mark.parametrize(("user", "creates"), ROLES)
def test_the_clusters_own_roles_give_no_more_than_they_say(room: Room, user: str, creates: set[str]) -> None:
    plurals = {kind.plural for kind in OWN}
    assert {each for each in plurals if room.may(user, f"get {each}.batchyard.io")} == plurals
    assert {each for each in plurals if room.may(user, f"create {each}.batchyard.io")} == creates
    removes = creates | {"batchnodes"} if user == ADMIN else creates
    assert {each for each in plurals if room.may(user, f"delete {each}.batchyard.io")} == removes
    assert {each for each in plurals if room.may(user, f"patch {each}.batchyard.io/status")} == set()
    assert not room.may(user, "act operators.batchyard.io")
    assert not room.may(user, "patch batchjobnodes.batchyard.io")


def test_nodes_are_managed_by_the_administrators_of_their_namespace(room: Room) -> None:
    assert [user for user, _ in ROLES if room.may(user, "patch batchnodes.batchyard.io")] == [ADMIN]


def test_the_api_server_has_no_doubts_about_the_policies(room: Room) -> None:
    policies = room.cluster.get_all("validatingadmissionpolicy", selector="app.kubernetes.io/name=batchyard")
    checks = {each["metadata"]["name"]: (each.get("status") or {}).get("typeChecking") for each in policies}
    assert len(checks) == len(list((installation.CHART / "templates/policies").glob("*.yaml"))) > 0
    assert [doubt for doubt in checks.values() if doubt] == []
