"""Credential plugins of a kubeconfig (users[].user.exec): runs one and takes its answer. No connection here."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Mapping

from batchyard.cli.access.kubeconfig import Entry
from batchyard.cli.outcome import Problem

_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")


def run_plugin(plugin: Entry, cluster: Entry, environ: Mapping[str, str]) -> Entry:
    """What the plugin answers, as entries of a kubeconfig's user."""
    version = plugin.get("apiVersion", "")
    if version not in _VERSIONS:
        raise Problem(f"the credential plugin speaks {version or 'no apiVersion'}; known are {', '.join(_VERSIONS)}")
    mode = plugin.get("interactiveMode", "IfAvailable")
    interactive = mode != "Never" and sys.stdin.isatty()
    if mode == "Always" and not interactive:
        raise Problem("the credential plugin wants to ask on a terminal, and there is none")
    try:
        environment = _environment(plugin, cluster, environ, interactive=interactive)
        status = _answer(plugin, _said(plugin, environment, interactive))
        return {
            "token": status.get("token"),
            "client-certificate-data": _encoded(status.get("clientCertificateData")),
            "client-key-data": _encoded(status.get("clientKeyData")),
        }
    except (AttributeError, LookupError, TypeError, ValueError) as error:  # some value is none that it could be
        raise Problem(
            f"the credential plugin, or its entry in the kubeconfig, is not as it should be: {error}"
        ) from error


def _environment(plugin: Entry, cluster: Entry, environ: Mapping[str, str], *, interactive: bool) -> dict[str, str]:
    spec: Entry = {"interactive": interactive}
    if plugin.get("provideClusterInfo"):
        extensions = {each["name"]: each.get("extension") for each in cluster.get("extensions") or ()}
        spec["cluster"] = {
            "server": cluster.get("server"),
            "tls-server-name": cluster.get("tls-server-name"),
            "insecure-skip-tls-verify": cluster.get("insecure-skip-tls-verify"),
            "certificate-authority-data": cluster.get("certificate-authority-data"),
            "config": extensions.get("client.authentication.k8s.io/exec"),
        }
    info = {"apiVersion": plugin["apiVersion"], "kind": "ExecCredential", "spec": spec}
    own = {each["name"]: each.get("value", "") for each in plugin.get("env") or ()}
    return {**environ, **own, "KUBERNETES_EXEC_INFO": json.dumps(info)}


def _said(plugin: Entry, environment: dict[str, str], interactive: bool) -> bytes:
    command = plugin.get("command", "")
    try:
        done = subprocess.run(  # noqa: S603 - the user's own kubeconfig names it
            [command, *(plugin.get("args") or ())],
            env=environment,
            stdin=None if interactive else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=False,
        )
    except OSError as error:
        raise Problem(f"cannot run the credential plugin {command!r}: {error.strerror}", hint=plugin.get("installHint", "")) from error  # fmt: skip
    if done.returncode:
        raise Problem(f"the credential plugin {command!r} ended with exit code {done.returncode}")
    return done.stdout


def _answer(plugin: Entry, said: bytes) -> Entry:
    try:
        status = json.loads(said)["status"]
    except (ValueError, LookupError, TypeError):
        status = None
    if not isinstance(status, dict):
        raise Problem(f"the credential plugin {plugin.get('command')!r} answered no ExecCredential")
    return status


def _encoded(text: str | None) -> str | None:
    return base64.b64encode(text.encode()).decode() if text else None
