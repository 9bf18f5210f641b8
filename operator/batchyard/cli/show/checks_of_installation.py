"""Judges an installation: the API server, our kinds, the operator, its lease, the admission policies. Facts in, checks out."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from batchyard.api.names import API_VERSION, INSTALLATION, LABEL_PART_OF
from batchyard.cli.show.checkup import Check, Mark
from batchyard.cli.show.objects import Object, at, is_true, name, plural
from batchyard.cli.show.times import Moment, between
from batchyard.kube.kinds import OURS, labelled

OLDEST = (1, 32)
"""Of Kubernetes; the chart asks for the same."""
LABELLED = f"{LABEL_PART_OF}={INSTALLATION}"
"""What the chart installs, by whatever name and in whatever namespace."""
VERSION_LABEL = "app.kubernetes.io/version"
POLICIES = ("directories", "expiry", "identity", "launch", "operator", "outcome", "records", "restricted")
INSTALL = "install the chart (docs/install.md)"


def api_server(version: Object) -> Check:
    told = str(at(version, "gitVersion"))
    found = re.match(r"v?(\d+)\.(\d+)", told)
    oldest = ".".join(map(str, OLDEST))
    if found is None:
        return Check("api-server", Mark.WARN, f"it says that it is version {told!r}, which is none")
    if (int(found[1]), int(found[2])) < OLDEST:
        return Check("api-server", Mark.FAIL, f"Kubernetes {told} is older than {oldest}", "upgrade the cluster")
    return Check("api-server", Mark.OK, f"Kubernetes {told}; {oldest} or newer is supported")


def kinds(served: Collection[str]) -> Check:
    """`served`: plurals of our group and version."""
    missing = [kind.plural for kind in OURS if kind.plural not in served]
    if missing:
        return Check("kinds", Mark.FAIL, f"{API_VERSION} has no {', '.join(missing)}", INSTALL)
    return Check("kinds", Mark.OK, f"{API_VERSION} is served with all {len(OURS)} kinds")


def definitions(found: Sequence[Object], ours: str) -> Check:
    """`found`: the CRDs. `ours`: the version of this command line."""
    broken = [name(each) for each in found if not (is_true(each, "Established") and is_true(each, "NamesAccepted"))]
    if broken:
        step = f"kubectl describe crd {broken[0]}"
        return Check("definitions", Mark.FAIL, f"not established: {', '.join(broken)}", step)
    versions = {version_of(each) for each in found}
    if versions == {ours}:
        return Check("definitions", Mark.OK, f"established, of version {ours}")
    told = ", ".join(sorted(versions - {""})) or "no version: they were not installed by the chart"
    step = f"upgrade the chart or the command line, so that both are {ours}" if versions != {""} else ""
    return Check("definitions", Mark.WARN, f"established, of {told}; this command line is {ours}", step)


def operator(deployment: Object, ours: str) -> Check:
    wanted, ready = at(deployment, "spec.replicas", 1), at(deployment, "status.readyReplicas", 0)
    told = f"{at(deployment, 'metadata.namespace')}/{name(deployment)}: {ready} of {plural(wanted, 'replica')} ready"
    see = f"kubectl describe pods {pods(deployment)}"
    if not ready:
        return Check("operator", Mark.FAIL, told, see)
    if ready < wanted:
        return Check("operator", Mark.WARN, told, see)
    version = version_of(deployment)
    if version != ours:
        step = "upgrade the older of the two"
        return Check("operator", Mark.WARN, f"{told}, of version {version}; this command line is {ours}", step)
    return Check("operator", Mark.OK, f"{told}, of version {version}")


def version_of(installed: Object) -> str:
    return str(at(installed, "metadata.labels", {}).get(VERSION_LABEL, ""))


def selector(deployment: Object) -> str:
    """Of its Pods, whose labels have the names of the release in them."""
    return labelled(at(deployment, "spec.selector.matchLabels", {}))


def pods(deployment: Object) -> str:
    """Its Pods, as kubectl is told of them."""
    return f"--namespace {at(deployment, 'metadata.namespace')} --selector {selector(deployment)}"


def watched(deployments: Sequence[Object], namespace: str) -> Check:
    """Whether one of these operators serves the namespace: without a list it serves all."""
    if any(serves(each, namespace) for each in deployments):
        return Check("watched", Mark.OK, f"an operator serves namespace {namespace}")
    served = ", ".join(sorted({listed for each in deployments for listed in _listed(each)}))
    step = "add it to watchNamespaces of the chart"
    return Check("watched", Mark.FAIL, f"no operator serves namespace {namespace}, only {served}", step)


def serves(deployment: Object, namespace: str) -> bool:
    return _listed(deployment) == [""] or namespace in _listed(deployment)


def _listed(deployment: Object) -> list[str]:
    return _given(deployment, "BATCHYARD_WATCH_NAMESPACES").split(",")


def account(deployment: Object) -> str:
    """The service account of its Pods."""
    return str(at(deployment, "spec.template.spec.serviceAccountName", "default"))


def runs_pods(deployment: Object, namespace: str, lacking: Sequence[str]) -> Check:
    """`lacking`: the rights that the operator has not there. With the chart's rbac.optIn it has them where its role is bound."""
    home, called = at(deployment, "metadata.namespace"), name(deployment)
    if not lacking:
        return Check("run-pods", Mark.OK, f"operator {home}/{called} may, in namespace {namespace}")
    told = f"operator {home}/{called} may not {' and '.join(lacking)} in namespace {namespace}: with rbac.optIn it may where somebody with the role admin has bound its role"
    step = f"kubectl create rolebinding {called} --namespace {namespace} --clusterrole={home}:{called}:executor --serviceaccount={home}:{account(deployment)}"
    return Check("run-pods", Mark.FAIL, told, step)


def lease_name(deployment: Object) -> str:
    """As the chart tells it to the operator."""
    return _given(deployment, "BATCHYARD_LEASE_NAME") or name(deployment)


def _given(deployment: Object, variable: str) -> str:
    containers = at(deployment, "spec.template.spec.containers", [])
    given = {each["name"]: each.get("value", "") for container in containers for each in container.get("env", [])}
    return str(given.get(variable, ""))


def lease(found: Object | None, deployment: Object, *, renewed: bool, now: Moment) -> Check:
    """`renewed`: lately, or while we looked: clocks of other machines are not to be believed."""
    holder, see = at(found, "spec.holderIdentity"), f"see the operator's log: kubectl logs {pods(deployment)}"
    if not holder:
        return Check("lease", Mark.FAIL, "no operator holds it", see)
    since = between(at(found, "spec.acquireTime"), "", now)
    if not renewed:
        ago = between(at(found, "spec.renewTime"), "", now)
        return Check("lease", Mark.FAIL, f"{holder} took it {since} ago and has not renewed it for {ago}", see)
    return Check("lease", Mark.OK, f"{holder} holds it, since {since}")


def policies(found: Sequence[Object], bindings: Sequence[Object]) -> Check:
    """A policy without a binding judges nothing."""
    bound = {str(at(each, "spec.policyName")) for each in bindings}
    there = {name(each) for each in found if name(each) in bound}
    missing = [each for each in POLICIES if not any(policy.endswith(f"-{each}") for policy in there)]
    if missing:
        step = "install the chart with policies.enabled=true"
        return Check(
            "policies", Mark.WARN, f"not in force: {', '.join(missing)} (SECURITY.md says what they guard)", step
        )
    return Check("policies", Mark.OK, f"all {len(POLICIES)} are in force")
