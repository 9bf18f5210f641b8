from __future__ import annotations

from pathlib import Path

import pytest

from batchyard.kube.credentials import load

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: here
clusters: [{name: here, cluster: {server: "http://127.0.0.1:8001/"}}, {name: there, cluster: {server: "http://there"}}]
users: [{name: me, user: {token: secret}}, {name: nobody, user: {}}]
contexts: [{name: here, context: {cluster: here, user: me}}, {name: there, context: {cluster: there, user: nobody}}]
"""


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Path:
    path = tmp_path / "kubeconfig"
    path.write_text(KUBECONFIG)
    return path


def test_kubeconfig_is_read(kubeconfig: Path) -> None:
    credentials = load(kubeconfig)
    assert credentials.server == "http://127.0.0.1:8001"
    assert credentials.headers() == {"Authorization": "Bearer secret"}
    assert credentials.ssl_context is None


def test_context_is_chosen(kubeconfig: Path) -> None:
    credentials = load(kubeconfig, "there")
    assert credentials.server == "http://there"
    assert credentials.headers() == {}
