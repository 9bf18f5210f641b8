"""What a Pod of ours may see and do on its node (S21), judged by its manifest alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from batchyard.api import names
from batchyard.core.pods.wipe import BOOTS_DIR, POOLS_DIR

CARETAKER = {"CHOWN", "DAC_OVERRIDE", "FOWNER"}
Raw = Mapping[str, Any]
Pools = Callable[[str, str], Collection[str]]
"""UIDs of the pools that have ever had this namespace and name."""


def job_of(spec: Raw) -> str:
    """UID; empty for Pods of a pool, and for one that wipes all of a pool."""
    env = (each for container in spec["containers"] for each in container.get("env", ()))
    return next((each["value"] for each in env if each["name"] == "BATCHYARD_JOB_UID"), "")


def beyond_tenancy(spec: Raw, meta: Raw, own: str, pools: Pools) -> Iterator[str]:
    """`own` is the operator's namespace."""
    component = meta["labels"][names.LABEL_COMPONENT]
    if (meta["namespace"] == own) != (component == names.COMPONENT_WIPE):
        yield f"S21: a {component} in namespace {meta['namespace']}"
    if any(spec.get(each) for each in ("hostNetwork", "hostPID", "hostIPC")) or spec.get("serviceAccountName"):
        yield "S21: it reaches for the node or for rights"
    if spec.get("automountServiceAccountToken") is not False:
        yield "S21: it has a token of the API server"
    if not _sees_its_own(spec, meta, component, pools):
        yield "S21: it sees other directories of the node"
    for container in (*spec.get("initContainers", ()), *spec["containers"]):
        security = container.get("securityContext") or {}
        added = set((security.get("capabilities") or {}).get("add", ()))
        ours = component in (names.COMPONENT_WIPE, names.COMPONENT_POOL_NODE)
        if security.get("privileged") or added - (CARETAKER if ours else set()):
            yield f"S21: its container {container['name']} may do too much"


def _sees_its_own(spec: Raw, meta: Raw, component: str, pools: Pools) -> bool:
    """Exactly the directories of one pool; who wipes all of a pool sees what they are in, and is told which one goes."""
    paths = {volume["hostPath"]["path"] for volume in spec.get("volumes", ()) if "hostPath" in volume}
    labels = meta["labels"]
    uids = _owning_pool(meta) or pools(labels.get(names.LABEL_NAMESPACE, meta["namespace"]), labels[names.LABEL_POOL])
    if component == names.COMPONENT_WIPE and not job_of(spec):
        told = {container["command"][-1] for container in (*spec.get("initContainers", ()), *spec["containers"])}
        return paths <= {names.HOST_ROOT, names.HOST_BOOT} and any(
            told <= {f"{POOLS_DIR}/{uid}", f"{BOOTS_DIR}/{uid}"} for uid in uids
        )
    return any(paths == {names.host_root(uid), names.host_boot(uid)} for uid in uids)


def _owning_pool(meta: Raw) -> list[str]:
    return [each["uid"] for each in meta.get("ownerReferences") or () if each["kind"] == "BatchPool"]
