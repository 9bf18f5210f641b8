"""etcd, the API server, the controller manager and the scheduler as plain processes in a namespace of their own."""

import json
from pathlib import Path

from tests.cluster import evidence, network, processes
from tests.cluster.commands import Argument, succeeds
from tests.cluster.layout import CONTROL_PLANE, Layout

ETCD = "http://127.0.0.1:2379"
START_SECONDS = 120.0
AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata"}],
}


def start(layout: Layout) -> None:
    network.plug(layout, CONTROL_PLANE, layout.api_address)
    audit_policy(layout).write_text(json.dumps(AUDIT_POLICY))
    start_missing(layout)


def start_missing(layout: Layout) -> None:
    """Every program that does not run, in their order."""
    for name in commands(layout):
        if processes.find(layout, name) is None:
            start_program(layout, name)


def start_program(layout: Layout, name: str) -> None:
    """Waits for what it needs: without etcd the API server ends after 20 s, without that the others do after 10 s."""
    inside = ("nsenter", f"--net=/run/netns/{layout.netns(CONTROL_PLANE)}")
    if name == "apiserver":
        health = (*inside, "busybox", "wget", "-q", "-Y", "off", "-O", "/dev/null", f"{ETCD}/health")
        _await_answer(layout, "etcd", health)
    elif name != "etcd":
        ready = (layout.programs / "kubectl", "--kubeconfig", layout.kubeconfig("admin"), "get", "--raw", "/readyz")
        _await_answer(layout, "apiserver", (*inside, *ready))
    program, *flags = commands(layout)[name]
    processes.start(layout, name, *inside, layout.programs / program, *flags)


def _await_answer(layout: Layout, name: str, probe: tuple[Argument, ...]) -> None:
    evidence.wait_for(layout, f"{name} answering", lambda: succeeds(*probe), START_SECONDS)


def commands(layout: Layout) -> dict[str, list[str]]:
    """The argv of every program, in the order of their start."""
    return {
        "etcd": _etcd(layout),
        "apiserver": _apiserver(layout),
        "controller-manager": _controller_manager(layout),
        "scheduler": ["kube-scheduler", f"--kubeconfig={layout.kubeconfig('scheduler')}", "--leader-elect=false"],
    }


def audit_policy(layout: Layout) -> Path:
    return layout.state / "audit-policy.json"


def _etcd(layout: Layout) -> list[str]:
    return [
        "etcd",
        f"--data-dir={layout.state / 'etcd'}",
        "--unsafe-no-fsync",
        f"--listen-client-urls={ETCD}",
        f"--advertise-client-urls={ETCD}",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--log-level=warn",
        f"--quota-backend-bytes={8 << 30}",
    ]


def _apiserver(layout: Layout) -> list[str]:
    pki = layout.pki
    return [
        "kube-apiserver",
        f"--etcd-servers={ETCD}",
        f"--service-cluster-ip-range={layout.service_network}",
        f"--advertise-address={layout.api_address}",
        f"--client-ca-file={pki}/ca.crt",
        f"--tls-cert-file={pki}/apiserver.crt",
        f"--tls-private-key-file={pki}/apiserver.key",
        f"--kubelet-client-certificate={pki}/apiserver-kubelet.crt",
        f"--kubelet-client-key={pki}/apiserver-kubelet.key",
        "--kubelet-preferred-address-types=InternalIP",  # names of nodes do not resolve
        f"--service-account-key-file={pki}/sa.key",
        f"--service-account-signing-key-file={pki}/sa.key",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        f"--audit-policy-file={audit_policy(layout)}",
        f"--audit-log-path={layout.audit_log}",
        "--audit-log-maxsize=10000",  # MB: one file, so that requests can be counted
    ]


def _controller_manager(layout: Layout) -> list[str]:
    return [
        "kube-controller-manager",
        f"--kubeconfig={layout.kubeconfig('controller-manager')}",
        f"--service-account-private-key-file={layout.pki}/sa.key",
        f"--root-ca-file={layout.pki}/ca.crt",
        "--use-service-account-credentials=true",
        "--kube-api-qps=200",  # its default of 20 requests per second makes it take 5 s to start
        "--kube-api-burst=400",
        "--node-monitor-grace-period=20s",
        "--leader-elect=false",
    ]
