"""Who we are and where the API server is. The only importer of the `kubernetes` library, which knows every kubeconfig."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kubernetes.client import Configuration
from kubernetes.config import ConfigException, load_incluster_config, load_kube_config

from batchyard.kube.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Credentials:
    """All that a session needs. `headers()` is asked before every request, so that a rotated token is picked up."""

    server: str
    ssl_context: ssl.SSLContext | None
    headers: Callable[[], dict[str, str]]
    server_name: str | None = None


def load(kubeconfig: Path | None = None, context: str | None = None) -> Credentials:
    """The given kubeconfig, else the service account of this Pod, else the user's own kubeconfig."""
    configuration = Configuration()
    if kubeconfig is None and os.environ.get("KUBERNETES_SERVICE_HOST"):
        load_incluster_config(  # type: ignore[no-untyped-call]
            client_configuration=configuration
        )
    else:
        load_kube_config(  # type: ignore[no-untyped-call]
            str(kubeconfig) if kubeconfig else None, context, client_configuration=configuration
        )
    return Credentials(
        server=configuration.host.rstrip("/"),
        ssl_context=_ssl_context(configuration) if configuration.host.startswith("https:") else None,
        headers=lambda: _headers(configuration),
        server_name=configuration.tls_server_name or None,
    )


def _headers(configuration: Configuration) -> dict[str, str]:
    try:
        # The library's own hook behind this call reads the service account's token file again once a minute.
        token = configuration.get_api_key_with_prefix("BearerToken", alias="authorization")
    except (ConfigException, OSError) as error:
        raise Unavailable(f"no credentials at the moment: {error}") from error
    return {"Authorization": token.strip()} if token else {}


def _ssl_context(configuration: Configuration) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=configuration.ssl_ca_cert or None)
    # Cluster authorities often lack the key identifiers that Python 3.13 and later insist on.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file or None)
    return context
