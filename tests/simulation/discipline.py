"""How the operator may write, whatever it wants by it: the rules S18 to S21, asked of every call before anything can go wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from batchyard.api import names
from batchyard.kube import kinds
from batchyard.kube.request import Request

LARGEST_BODY, LARGEST_ANNOTATIONS = 512 * 1024, 128 * 1024
LOOKED_SECONDS = 30.0
"""A look at the API server itself is good for so long; what follows may have to wait for its turn to write."""
LEAVING = (names.COMPONENT_RELEASE, names.COMPONENT_WIPE)
CARETAKER = {"CHOWN", "DAC_OVERRIDE", "FOWNER"}
Raw = Mapping[str, Any]


class Discipline:
    def __init__(self, now: Callable[[], float], operator_namespace: str) -> None:
        self._now = now
        self._own = operator_namespace
        self._looked: dict[str, float] = {}
        self.complaints: list[str] = []

    def heard(self, call: Request) -> None:
        if call.verb == "list" and call.kind is kinds.POD:
            self._looked[call.params.get("labelSelector", "")] = self._now()
        if call.writes:
            body = orjson.loads(call.body or b"{}")
            self.complaints += [f"{each}: {call.verb} {call.path}" for each in self._wrong(call, body)]

    def _wrong(self, call: Request, body: Raw) -> Iterator[str]:
        meta = body.get("metadata") or {}
        yield from _unconditional(call, body, meta)
        if len(call.body or b"") > LARGEST_BODY or len(orjson.dumps(meta.get("annotations"))) > LARGEST_ANNOTATIONS:
            yield "S20: it is too large"
        if call.verb == "create" and call.kind is kinds.POD:
            component = meta["labels"][names.LABEL_COMPONENT]
            if component in LEAVING and not self._has_looked(body):
                yield f"S19: nobody looked whether something of the job still runs there before this {component}"
            yield from _beyond_tenancy(body["spec"], meta, component, self._own)
        if call.kind is kinds.DAEMON_SET and call.verb == "apply":
            component = meta["labels"][names.LABEL_COMPONENT]
            yield from _beyond_tenancy(body["spec"]["template"]["spec"], meta, component, self._own)

    def _has_looked(self, pod: Raw) -> bool:
        """A wipe of a whole pool is of no job: what runs there is known by the node's record."""
        job = _job(pod)
        looks = (at for selector, at in self._looked.items() if f"{names.LABEL_JOB_UID}={job}," in selector)
        return not job or self._now() - max(looks, default=float("-inf")) <= LOOKED_SECONDS


def _job(pod: Raw) -> str:
    env = (each for container in pod["spec"]["containers"] for each in container.get("env", ()))
    return next((each["value"] for each in env if each["name"] == "BATCHYARD_JOB_UID"), "")


def _unconditional(call: Request, body: Raw, meta: Raw) -> Iterator[str]:
    match call.verb:
        case "create" | "apply":
            named = bool(meta.get("name")) and "generateName" not in meta
        case "patch":
            named = "resourceVersion" in meta and (call.kind is kinds.LEASE or "uid" in meta)
        case _:
            named = call.verb == "delete" and "uid" in (body.get("preconditions") or {})
    if not named:
        yield "S18: it would be done to whatever has that name now"


def _beyond_tenancy(spec: Raw, meta: Raw, component: str, own: str) -> Iterator[str]:
    if (meta["namespace"] == own) != (component == names.COMPONENT_WIPE):
        yield f"S21: a {component} in namespace {meta['namespace']}"
    if any(spec.get(each) for each in ("hostNetwork", "hostPID", "hostIPC")) or spec.get("serviceAccountName"):
        yield "S21: it reaches for the node or for rights"
    paths = (volume["hostPath"]["path"] for volume in spec.get("volumes", ()) if "hostPath" in volume)
    if not all(path.startswith((names.HOST_ROOT, names.HOST_BOOT)) for path in paths):
        yield "S21: it sees other directories of the node"
    for container in (*spec.get("initContainers", ()), *spec["containers"]):
        security = container.get("securityContext") or {}
        added = set((security.get("capabilities") or {}).get("add", ()))
        ours = component in (names.COMPONENT_WIPE, names.COMPONENT_POOL_NODE)
        if security.get("privileged") or added - (CARETAKER if ours else set()):
            yield f"S21: its container {container['name']} may do too much"
