"""From a kubeconfig's entries, or the service account of this Pod, to what every call carries: address, TLS, headers."""

from __future__ import annotations

import base64
import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from batchyard.cli.access import kubeconfig
from batchyard.cli.access.kubeconfig import Entry, Target
from batchyard.cli.outcome import Problem

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True, slots=True)
class Login:
    server: str
    namespace: str
    tls: ssl.SSLContext | None = None
    headers: dict[str, str] = field(default_factory=dict)
    server_name: str | None = None
    """The name in the server's certificate, where it is not the one in the address."""
    proxy: str = ""


def login(explicit: str | None, context: str | None, environ: Mapping[str, str]) -> Login:
    """With kubectl's order: a kubeconfig, else the service account of the Pod we are in."""
    paths = kubeconfig.files(explicit, environ)
    if paths:
        return of_target(kubeconfig.target(paths, context), environ)
    if environ.get("KUBERNETES_SERVICE_HOST") and (SERVICE_ACCOUNT / "token").is_file():
        return _of_pod(environ)
    raise Problem("there is no kubeconfig", hint="name one with --kubeconfig, or set KUBECONFIG")


def of_target(target: Target, environ: Mapping[str, str]) -> Login:
    cluster, user = target.cluster, target.user
    if "auth-provider" in user:
        raise Problem(
            "the kubeconfig uses auth-provider, which Kubernetes gave up in 1.26",
            hint="use a credential plugin (users[].user.exec)",
        )
    if plugin := user.get("exec"):
        from batchyard.cli.access.credential_plugin import run_plugin  # noqa: PLC0415 - most users have none

        user = {**user, **run_plugin(plugin, cluster, environ)}
    server = str(cluster.get("server", "")).rstrip("/")
    return Login(
        server=server,
        namespace=target.namespace,
        tls=_tls(cluster, user) if server.startswith("https:") else None,
        headers=_sound(_authorization(user) | _impersonation(user)),
        server_name=cluster.get("tls-server-name"),
        proxy=cluster.get("proxy-url", ""),
    )


def _of_pod(environ: Mapping[str, str]) -> Login:
    host = environ["KUBERNETES_SERVICE_HOST"]
    address = f"[{host}]" if ":" in host else host
    return of_target(
        Target(
            cluster={
                "server": f"https://{address}:{environ.get('KUBERNETES_SERVICE_PORT', '443')}",
                "certificate-authority": str(SERVICE_ACCOUNT / "ca.crt"),
            },
            user={"tokenFile": str(SERVICE_ACCOUNT / "token")},
            namespace=(SERVICE_ACCOUNT / "namespace").read_text(encoding="utf-8").strip(),
        ),
        environ,
    )


def _authorization(user: Entry) -> dict[str, str]:
    token = user.get("token")
    if file := user.get("tokenFile"):  # what rotates goes before what stands in the kubeconfig
        try:
            token = Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise Problem(f"cannot read the token of the kubeconfig: {error}") from error
    if token:
        return {"Authorization": f"Bearer {token}"}
    if user.get("username"):
        pair = f"{user['username']}:{user.get('password', '')}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}


def _impersonation(user: Entry) -> dict[str, str]:
    if user.get("as-groups") or user.get("as-user-extra"):
        raise Problem("as-groups and as-user-extra of a kubeconfig are not supported", hint="use `as` alone")
    named = {"Impersonate-User": user.get("as"), "Impersonate-Uid": user.get("as-uid")}
    return {header: value for header, value in named.items() if value}


def _sound(headers: dict[str, str]) -> dict[str, str]:
    """Whoever sends what cannot be sent tells it in full, and it may be a token."""
    if wrong := [name for name, value in headers.items() if not value.isprintable()]:
        raise Problem(f"what the kubeconfig gives for {wrong[0]} has characters that cannot be sent")
    return headers


def _tls(cluster: Entry, user: Entry) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(
            cafile=cluster.get("certificate-authority"), cadata=_decoded(cluster, "certificate-authority-data")
        )
        # Cluster authorities often lack the key identifiers that Python 3.13 and later insist on.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if cluster.get("insecure-skip-tls-verify"):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        with _file(user, "client-certificate") as certificate, _file(user, "client-key") as key:
            if certificate:
                context.load_cert_chain(certificate, key)
    except (OSError, ValueError) as error:  # what is wrong with a certificate is an OSError too
        raise Problem(f"cannot use the certificates of the kubeconfig: {error}") from error
    return context


def _decoded(entry: Entry, key: str) -> str | None:
    return base64.b64decode(entry[key]).decode() if entry.get(key) else None


@contextmanager
def _file(user: dict[str, Any], name: str) -> Iterator[str | None]:
    """Python's TLS takes client certificates from files only: for the moment of loading there is one, for us alone."""
    if (text := _decoded(user, f"{name}-data")) is None:
        yield user.get(name)
        return
    import tempfile  # noqa: PLC0415 - a token needs no file

    descriptor, path = tempfile.mkstemp()
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        yield path
    finally:
        Path(path).unlink()
