"""The cluster's keys, certificates and kubeconfigs."""

import base64
import json
from pathlib import Path

from tests.cluster import kubeconfig
from tests.cluster.commands import run
from tests.cluster.layout import Layout

ELLIPTIC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30")
USERS = {
    "admin": "/O=system:masters/CN=admin",
    "controller-manager": "/CN=system:kube-controller-manager",
    "scheduler": "/CN=system:kube-scheduler",
    "proxy": "/CN=system:kube-proxy",
}
API_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")


def make(layout: Layout) -> None:
    """The authority, the API server's certificates, the key of service accounts and a kubeconfig for each user."""
    pki = layout.pki
    pki.mkdir(parents=True, mode=0o700, exist_ok=True)
    run(
        "openssl",
        "req",
        "-x509",
        *ELLIPTIC,
        "-subj",
        "/CN=batchyard-test-ca",
        "-keyout",
        pki / "ca.key",
        "-out",
        pki / "ca.crt",
    )
    run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", pki / "sa.key")
    addresses = [f"IP:{address}" for address in (layout.api_address, "127.0.0.1", layout.api_service_address)]
    issue(layout, "apiserver", "/CN=kube-apiserver", [*addresses, *(f"DNS:{name}" for name in API_NAMES)])
    issue(layout, "apiserver-kubelet", "/O=system:masters/CN=kube-apiserver-kubelet")
    for name, subject in USERS.items():
        issue_user(layout, name, subject)


def issue_user(layout: Layout, name: str, subject: str, alternatives: list[str] | None = None) -> None:
    issue(layout, name, subject, alternatives or [])
    write_kubeconfig(layout, name)


def issue(layout: Layout, name: str, subject: str, alternatives: list[str] | None = None) -> None:
    """Sign a certificate for client and server, `NAME.crt` with `NAME.key`."""
    pki = layout.pki
    extensions = ["-addext", "extendedKeyUsage=clientAuth,serverAuth"]
    if alternatives:
        extensions += ["-addext", f"subjectAltName={','.join(alternatives)}"]
    authority = ("-CA", pki / "ca.crt", "-CAkey", pki / "ca.key")
    files = ("-keyout", pki / f"{name}.key", "-out", pki / f"{name}.crt")
    # an empty configuration, or the certificate claims to be an authority itself
    run("openssl", "req", "-x509", "-config", "/dev/null", *ELLIPTIC, "-subj", subject, *authority, *extensions, *files)


def write_kubeconfig(layout: Layout, name: str) -> None:
    """Everything inline, so that the file can be copied anywhere."""
    pki, path = layout.pki, layout.kubeconfig(name)
    cluster = {"server": layout.api, "certificate-authority-data": _inline(pki / "ca.crt")}
    user = {"client-certificate-data": _inline(pki / f"{name}.crt"), "client-key-data": _inline(pki / f"{name}.key")}
    path.touch(mode=0o600)
    path.write_text(json.dumps(kubeconfig.content(cluster, user), indent=1))


def _inline(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
