"""Which kinds there are, and what a path means."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from tests.simulation.api.custom import custom_resources
from tests.simulation.api.daemon_sets import DaemonSets
from tests.simulation.api.plain import Events, Leases, Namespaces, Nodes
from tests.simulation.api.pods import Pods
from tests.simulation.api.refusal import not_served
from tests.simulation.api.resource import Resource

NAMESPACES = Namespaces()
PODS = Pods()
RESOURCES: tuple[Resource, ...] = (NAMESPACES, Nodes(), PODS, DaemonSets(), Leases(), Events(), *custom_resources())
BY_KIND = {(each.kind.api_version, each.kind.kind): each for each in RESOURCES}
_BY_PATH = {(each.kind.group, each.kind.version, each.kind.plural): each for each in RESOURCES}


@dataclass(frozen=True, slots=True)
class Target:
    """What a call is about: an object, one of its subresources, or, without a name, a collection."""

    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""


@lru_cache(maxsize=100_000)
def target(path: str) -> Target:
    """Raises Refused for what is not served."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[0] == "apis" and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    elif parts[0] == "api" and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    else:
        raise not_served()
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and (group or rest[2] not in ("status", "finalize")):
        namespace, rest = rest[1], rest[2:]
    resource = _BY_PATH.get((group, version, rest[0]))
    if resource is None or len(rest) > 3:
        raise not_served()
    name, subresource = (*rest[1:], "", "")[:2]
    if (name and bool(namespace) != resource.kind.namespaced) or (namespace and not resource.kind.namespaced):
        raise not_served()
    return Target(resource, namespace, name, subresource)
