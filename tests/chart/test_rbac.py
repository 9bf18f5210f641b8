"""Every right that the chart gives, verb by verb: a change here is a change of what a stolen token can do."""

from typing import Any

import pytest

from tests.chart.helm import NAMESPACE, Document, installed, of_kind, refusal, rendered, the

pytestmark = pytest.mark.cluster
CLUSTER = f"{NAMESPACE}:batchyard"
READ = {"get", "list", "watch"}
MAKE = READ | {"create", "patch", "delete"}
OWN_KINDS = ("batchpools", "batchnodes", "batchjobs", "batchjobnodes", "batchtasks")
USE = {"create", "update", "patch", "delete", "deletecollection"}

Rights = dict[tuple[str, str], set[str]]

SERVED_NAMESPACES: Rights = {
    ("batchyard.io", "batchpools"): READ | {"patch"},
    ("batchyard.io", "batchjobs"): READ | {"patch", "delete"},
    ("batchyard.io", "batchnodes"): MAKE,
    ("batchyard.io", "batchjobnodes"): MAKE,
    ("batchyard.io", "batchtasks"): MAKE,
    **{("batchyard.io", f"{plural}/status"): {"patch"} for plural in OWN_KINDS},
    ("apps", "daemonsets"): MAKE,
    ("", "pods"): MAKE,
    ("", "events"): {"create", "patch"},
}
EVERYWHERE: Rights = {("", "nodes"): READ, ("", "namespaces"): READ, ("batchyard.io", "operators"): {"act"}}
OWN_NAMESPACE: Rights = {("coordination.k8s.io", "leases"): {"create", "get", "patch"}, ("", "pods"): MAKE}


def rights(role: Document) -> Rights:
    found: Rights = {}
    for rule in role["rules"]:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                found.setdefault((group, resource), set()).update(rule["verbs"])
    return found


def bound(documents: list[Document], kind: str) -> set[tuple[str | None, str]]:
    """Where the bindings of a kind bind which role."""
    return {(each["metadata"].get("namespace"), each["roleRef"]["name"]) for each in of_kind(documents, kind)}


def test_the_operator_has_exactly_these_rights() -> None:
    documents = installed()
    assert rights(the(documents, "ClusterRole", CLUSTER)) == SERVED_NAMESPACES
    assert rights(the(documents, "ClusterRole", f"{CLUSTER}:nodes")) == EVERYWHERE
    assert rights(the(documents, "Role", "batchyard")) == OWN_NAMESPACE


def test_only_its_own_lease_can_be_changed() -> None:
    named = [rule for rule in the(installed(), "Role", "batchyard")["rules"] if "patch" in rule["verbs"]]
    assert [rule.get("resourceNames") for rule in named if rule["resources"] == ["leases"]] == [["batchyard"]]


def test_the_rights_hold_everywhere_by_default() -> None:
    documents = installed()
    assert bound(documents, "ClusterRoleBinding") == {(None, CLUSTER), (None, f"{CLUSTER}:nodes")}
    assert bound(documents, "RoleBinding") == {(NAMESPACE, "batchyard")}


def test_a_list_of_namespaces_confines_the_rights_to_these() -> None:
    documents = installed("watchNamespaces={team-a,team-b}")
    assert bound(documents, "ClusterRoleBinding") == {(None, f"{CLUSTER}:nodes")}
    assert bound(documents, "RoleBinding") == {(NAMESPACE, "batchyard"), ("team-a", CLUSTER), ("team-b", CLUSTER)}


def test_with_opt_in_a_stolen_token_makes_pods_only_where_a_namespace_has_bound_the_role() -> None:
    """The attack: a Pod in any namespace of the cluster."""
    documents = installed("rbac.optIn=true")
    runs = {("apps", "daemonsets"): {"create", "patch", "delete"}, ("", "pods"): {"create", "patch", "delete"}}
    cluster_wide = {role for kind in ("ClusterRoleBinding",) for _, role in bound(documents, kind)}
    assert cluster_wide == {CLUSTER, f"{CLUSTER}:nodes"}
    for name in cluster_wide:
        given = rights(the(documents, "ClusterRole", name))
        assert all(not given.get(what, set()) & verbs for what, verbs in runs.items())
    executor = rights(the(documents, "ClusterRole", f"{CLUSTER}:executor"))
    assert executor == runs
    assert not [role for _, role in bound(documents, "RoleBinding") if role.endswith(":executor")]
    both = rights(the(documents, "ClusterRole", CLUSTER))
    assert {what: both.get(what, set()) | executor.get(what, set()) for what in both} == SERVED_NAMESPACES


def test_opting_in_is_not_asked_of_namespaces_that_are_listed() -> None:
    assert "have opted in" in refusal("rbac.optIn=true", "watchNamespaces={team}")


def test_every_binding_is_for_the_operator_alone() -> None:
    documents = installed()
    bindings = of_kind(documents, "ClusterRoleBinding") + of_kind(documents, "RoleBinding")
    operator: list[dict[str, Any]] = [{"kind": "ServiceAccount", "name": "batchyard", "namespace": NAMESPACE}]
    assert all(binding["subjects"] == operator for binding in bindings)


def test_people_get_rights_through_the_clusters_own_roles() -> None:
    documents = installed()
    given = {name: rights(the(documents, "ClusterRole", f"{CLUSTER}:{name}")) for name in ("view", "edit", "admin")}
    assert given == {
        "view": {("batchyard.io", plural): READ for plural in OWN_KINDS},
        "edit": {("batchyard.io", plural): USE for plural in ("batchjobs", "batchtasks")},
        "admin": {("batchyard.io", "batchpools"): USE, ("batchyard.io", "batchnodes"): {"update", "patch", "delete"}},
    }


def test_roles_are_taken_in_by_the_clusters_own_and_by_those_that_users_compose() -> None:
    labels = {
        name: the(installed(), "ClusterRole", f"{CLUSTER}:{name}")["metadata"]["labels"]
        for name in ("view", "edit", "admin")
    }
    assert {name: found["batchyard.io/role"] for name, found in labels.items()} == {name: name for name in labels}
    aggregated = "rbac.authorization.k8s.io/aggregate-to-"
    into = {
        name: {key.removeprefix(aggregated) for key in found if aggregated in key} for name, found in labels.items()
    }
    assert into == {
        "view": {"cluster-reader", "view", "edit", "admin"},
        "edit": {"edit", "admin"},
        "admin": {"admin"},
    }


def test_roles_can_be_left_to_someone_else() -> None:
    documents = installed("rbac.create=false", "rbac.aggregate=false")
    assert not {document["kind"] for document in documents} & {
        "Role",
        "ClusterRole",
        "RoleBinding",
        "ClusterRoleBinding",
    }


def test_the_account_of_helm_test_may_read_its_job_and_nothing_else() -> None:
    rules = the(rendered(), "Role", "batchyard-test")["rules"]
    job = {
        "apiGroups": ["batchyard.io"],
        "resources": ["batchjobs"],
        "resourceNames": ["batchyard-test"],
        "verbs": ["get"],
    }
    assert rules == [job]
