"""What a kubeconfig with one context says."""

from typing import Any


def content(cluster: dict[str, Any], user: dict[str, Any]) -> dict[str, Any]:
    """As JSON, which is YAML too."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "batchyard", "cluster": cluster}],
        "users": [{"name": "batchyard", "user": user}],
        "contexts": [{"name": "batchyard", "context": {"cluster": "batchyard", "user": "batchyard"}}],
        "current-context": "batchyard",
    }
