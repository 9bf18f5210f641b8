"""The kinds the operator talks about, as values that know their paths on the API server. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from batchyard.api import names


@dataclass(frozen=True, slots=True)
class Kind:
    """A resource type of the API server."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def collection(self, namespace: str | None = None) -> str:
        """Path of all objects of one namespace, or of all namespaces."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        if self.namespaced and namespace:
            return f"{root}/namespaces/{quote(namespace, safe='')}/{self.plural}"
        return f"{root}/{self.plural}"

    def object(self, namespace: str | None, name: str, subresource: str = "") -> str:
        """Path of one object or one subresource of it."""
        if self.namespaced and not namespace:
            raise ValueError(f"a {self.kind} is named by namespace and name")
        path = f"{self.collection(namespace)}/{quote(name, safe='')}"
        return f"{path}/{subresource}" if subresource else path


@dataclass(frozen=True, slots=True)
class Scope:
    """Which objects of a kind are meant: all of them, or those of a namespace, or those that match selectors."""

    kind: Kind
    namespace: str | None = None
    label_selector: str = ""
    field_selector: str = ""


def labelled(labels: Mapping[str, str]) -> str:
    """The selector of objects that have all of these."""
    return ",".join(f"{label}={value}" for label, value in labels.items())


def _ours(plural: str, kind: str) -> Kind:
    return Kind(names.GROUP, names.VERSION, plural, kind)


POD = Kind("", "v1", "pods", "Pod")
NODE = Kind("", "v1", "nodes", "Node", namespaced=False)
EVENT = Kind("", "v1", "events", "Event")
NAMESPACE = Kind("", "v1", "namespaces", "Namespace", namespaced=False)
DAEMON_SET = Kind("apps", "v1", "daemonsets", "DaemonSet")
DEPLOYMENT = Kind("apps", "v1", "deployments", "Deployment")
LEASE = Kind("coordination.k8s.io", "v1", "leases", "Lease")
CRD = Kind("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", namespaced=False)
POLICY = Kind("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", namespaced=False)  # fmt: skip
POLICY_BINDING = Kind("admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", namespaced=False)  # fmt: skip

BATCH_POOL = _ours("batchpools", "BatchPool")
BATCH_NODE = _ours("batchnodes", "BatchNode")
BATCH_JOB = _ours("batchjobs", "BatchJob")
BATCH_JOB_NODE = _ours("batchjobnodes", "BatchJobNode")
BATCH_TASK = _ours("batchtasks", "BatchTask")
OURS = (BATCH_POOL, BATCH_NODE, BATCH_JOB, BATCH_JOB_NODE, BATCH_TASK)
