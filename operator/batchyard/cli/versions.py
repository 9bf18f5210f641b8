"""Which versions play together: of the command line, Kubernetes, the operators, the definitions. As far as the caller may read it."""

from __future__ import annotations

import platform

from batchyard import __version__
from batchyard.api.names import GROUP
from batchyard.cli.access.cluster import Cluster, Object
from batchyard.cli.reading import Reading
from batchyard.cli.show.checks_of_installation import LABELLED, version_of
from batchyard.cli.show.objects import at, name
from batchyard.cli.show.versions import DEFINITION, KUBERNETES, OPERATORS
from batchyard.kube.kinds import CRD, DEPLOYMENT, OURS, Scope


def operators(cluster: Cluster, reading: Reading) -> list[Object]:
    """Their Deployments."""
    return reading.of(OPERATORS, lambda: cluster.list(Scope(DEPLOYMENT, label_selector=LABELLED)), [])


def versions(cluster: Cluster, deployments: list[Object], reading: Reading) -> Object:
    found = [_definition(cluster, f"{kind.plural}.{GROUP}", reading) for kind in OURS]
    return {
        "batchyard": __version__,
        "python": platform.python_version(),
        "kubernetes": reading.of(KUBERNETES, lambda: cluster.read("/version"), Object()),
        "operators": [_operator(each) for each in deployments],
        "definitions": {name(each): version_of(each) for each in found if each},
    }


def _definition(cluster: Cluster, name: str, reading: Reading) -> Object:
    return reading.of(f"{DEFINITION} {name}", lambda: cluster.get(CRD, "", name), Object())


def _operator(deployment: Object) -> Object:
    images = [at(each, "image") for each in at(deployment, "spec.template.spec.containers", [])]
    where = {"namespace": at(deployment, "metadata.namespace"), "name": name(deployment)}
    return {**where, "version": version_of(deployment), "images": images}
