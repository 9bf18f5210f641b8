"""A namespace with a job at work, people with different rights in it, and what the API server says to each.

Everybody acts by impersonation, and no write of theirs is stored (dryRun).
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

from batchyard.kube import credentials, kinds
from batchyard.kube.kinds import Kind
from tests.cluster import installation
from tests.cluster.batch import Batch
from tests.cluster.cluster import Cluster
from tests.cluster.security import attacks
from tests.cluster.trace import traced

Object = dict[str, Any]
VOLUME = Kind("", "v1", "persistentvolumes", "PersistentVolume", namespaced=False)
REVIEW = Kind("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced=False)
OWN = (kinds.BATCH_POOL, kinds.BATCH_NODE, kinds.BATCH_JOB, kinds.BATCH_JOB_NODE, kinds.BATCH_TASK)
KINDS = {kind.kind: kind for kind in (kinds.POD, kinds.DAEMON_SET, VOLUME, *OWN)}

OPERATOR = f"system:serviceaccount:{installation.NAMESPACE}:batchyard"
DAEMON_SET_CONTROLLER = "system:serviceaccount:kube-system:daemon-set-controller"
JOBS: Object = {"apiGroups": ["batchyard.io"], "resources": ["batchjobs", "batchtasks"], "verbs": ["*"]}
POOLS: Object = {"apiGroups": ["batchyard.io"], "resources": ["batchpools"], "verbs": ["create", "get"]}
USE: Object = {"apiGroups": ["batchyard.io"], "resources": ["batchpools"], "resourceNames": ["pool"], "verbs": ["use"]}
PODS: Object = {"apiGroups": [""], "resources": ["pods", "persistentvolumes"], "verbs": ["*"]}

OWNER, SUBMITTER, USER, POOL_WRITER = "owner", "submitter", "pool-user", "pool-writer"
IN_NAMESPACE: dict[str, list[Object]] = {
    OWNER: [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}],
    SUBMITTER: [JOBS],
    USER: [JOBS, USE],
    POOL_WRITER: [POOLS],
}
"""Roles of one namespace by the user who has them."""
VIEW, EDIT, ADMIN = "view", "edit", "admin"
"""Users with the cluster's own roles of that name, in one namespace."""
EVERYWHERE = "works-everywhere"
"""A user with jobs and Pods in all namespaces who is no administrator of the cluster."""


@dataclass(frozen=True)
class Room:
    cluster: Cluster
    namespace: str

    def create(self, user: str, body: Object, namespace: str = "") -> str:
        """What is said to the user; empty if it would be done."""
        path = KINDS[body["kind"]].collection(namespace or self.namespace)
        return self.send(user, "POST", f"{path}?dryRun=All", body)[0]

    def patch(self, user: str, what: str, body: Object, subresource: str = "", namespace: str = "") -> str:
        """`what` is KIND/NAME, or KIND alone for the first object of it."""
        kind, _, name = what.partition("/")
        name = name or self.cluster.get_all(kind, self.namespace)[0]["metadata"]["name"]
        path = KINDS[kind].object(namespace or self.namespace, name, subresource)
        return self.send(user, "PATCH", f"{path}?dryRun=All", body)[0]

    def delete(self, user: str, what: str) -> str:
        """What is said to the user; empty if it would be done."""
        kind, _, name = what.partition("/")
        return self.send(user, "DELETE", f"{KINDS[kind].object(self.namespace, name)}?dryRun=All", {})[0]

    def may(self, user: str, right: str) -> bool:
        """Whether the user has a right, as in `patch batchjobs.batchyard.io/status`, in the namespace."""
        verb, _, what = right.partition(" ")
        what, _, subresource = what.partition("/")
        resource, _, group = what.partition(".")
        asked = {"verb": verb, "group": group, "resource": resource, "subresource": subresource}
        body = {"spec": {"resourceAttributes": {**asked, "namespace": self.namespace}}}
        answer = self.send(
            user, "POST", REVIEW.collection(), {**body, "apiVersion": REVIEW.api_version, "kind": REVIEW.kind}
        )
        return bool(answer[1]["status"]["allowed"])

    def task_pod(self) -> Object:
        (pod,) = self.cluster.get_all("pod", self.namespace, "app.kubernetes.io/component=task")
        return pod

    def send(self, user: str, method: str, path: str, body: Object) -> tuple[str, Object]:
        """The API server's complaint, if any, and its answer."""
        access = credentials.load(self.cluster.kubeconfig)
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        headers = {**access.headers(), "Impersonate-User": user, "Content-Type": kind}
        request = Request(access.server + path, json.dumps(body).encode(), headers, method=method)
        try:
            with build_opener(ProxyHandler({}), HTTPSHandler(context=access.ssl_context)).open(request) as answer:
                return "", json.load(answer)
        except HTTPError as error:
            said: Object = json.load(error)
            return said["message"], said


def move_in(cluster: Cluster, namespace: str) -> Room:
    """A job whose task runs, in a namespace that forbids what Pod Security calls restricted."""
    labels = {"batchyard.io/pod-security": "restricted", "pod-security.kubernetes.io/enforce": "privileged"}
    own = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}}
    roles = [each for user, rules in IN_NAMESPACE.items() for each in _role(user, rules, namespace)]
    named = [_binding(user, "ClusterRole", namespace) for user in (VIEW, EDIT, ADMIN)]
    cluster.apply(_listed([own, *roles, *named, *_role(EVERYWHERE, [JOBS, PODS], "")]))
    batch = Batch(cluster, namespace)
    batch.pool(targetDedicatedNodes=1)
    cluster.kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(attacks.stranger()))
    task = {"id": "one", "commandLine": traced("sleep 86400"), "resources": {"requests": {"memory": "8Mi"}}}
    steps = {"jobPreparationTask": {"commandLine": traced()}}
    batch.apply("BatchJob", "job", {"poolInfo": {"poolId": "pool"}, "tasks": [task], **steps})
    batch.wait("a task at work", lambda: batch.tasks().get("one", {}).get("state") == "running")
    return Room(cluster, namespace)


def move_out(room: Room) -> None:
    room.cluster.kubectl("delete", "clusterrole,clusterrolebinding", EVERYWHERE)
    room.cluster.kubectl("delete", "namespace", room.namespace, "--wait=false")


def _role(name: str, rules: list[Object], namespace: str) -> list[Object]:
    """A role and its binding to the user of that name; of the whole cluster without a namespace."""
    kind = "Role" if namespace else "ClusterRole"
    return [{**_meta(name, kind, namespace), "rules": rules}, _binding(name, kind, namespace)]


def _binding(name: str, kind: str, namespace: str) -> Object:
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}
    meta = _meta(name, "RoleBinding" if namespace else "ClusterRoleBinding", namespace)
    return {
        **meta,
        "roleRef": role,
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}],
    }


def _meta(name: str, kind: str, namespace: str) -> Object:
    where = {"namespace": namespace} if namespace else {}
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name, **where}}


def _listed(items: list[Object]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
