"""What `batchyard version` prints. What could not be read is `unknown`, with the reason."""

from __future__ import annotations

from collections.abc import Iterator

from batchyard.api.names import API_VERSION
from batchyard.cli.show.objects import Object, at
from batchyard.cli.show.table import lines

KUBERNETES = "version of Kubernetes"
OPERATORS = "deployments of the operator"
DEFINITION = "definition"
"""What may not have been read, by these words."""


def text(found: Object) -> str:
    return lines([["WHAT", "VERSION", "ABOUT"], *_rows(found)])


def _rows(found: Object) -> Iterator[list[str]]:
    yield ["command-line", found["batchyard"], "-"]
    yield ["kubernetes", *_or_unread(found, KUBERNETES, at(found, "kubernetes.gitVersion"), "-")]
    for each in found["operators"]:
        yield [
            "operator",
            each["version"] or "unknown",
            f"{each['namespace']}/{each['name']}: {', '.join(each['images'])}",
        ]
    if not found["operators"]:
        yield ["operator", *_or_unread(found, OPERATORS, "none", "no Deployment has the chart's label")]
    told = ", ".join(sorted({version or "unknown" for version in found["definitions"].values()}))
    yield ["definitions", *_or_unread(found, DEFINITION, told, API_VERSION)]


def _or_unread(found: Object, what: str, version: str, about: str) -> tuple[str, str]:
    why = next((each["why"] for each in found["unread"] if each["what"].startswith(what)), None)
    return (version, about) if why is None else ("unknown", why)
