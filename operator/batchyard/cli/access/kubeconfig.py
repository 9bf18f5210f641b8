"""Which cluster, user and namespace a kubeconfig means, as kubectl reads it. Files in, values out; opens no connection."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batchyard.cli.outcome import Problem

Entry = dict[str, Any]
# Entries with paths in them; kubectl reads those as relative to the file that has them.
_PATHS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
_LISTS = {"clusters": "cluster", "users": "user", "contexts": "context"}
_TEXTS = (
    *("server", "proxy-url", "tls-server-name", "certificate-authority-data", "cluster", "user", "namespace"),
    *("client-certificate-data", "client-key-data", "token", "username", "password", "as", "as-uid", *_PATHS),
)
_TYPES = {**dict.fromkeys(_TEXTS, str), "exec": dict, "extensions": list}
"""Of what is read of an entry: YAML makes a number of what somebody forgot to quote."""


@dataclass(frozen=True, slots=True)
class Target:
    """One context of a kubeconfig."""

    cluster: Entry
    user: Entry
    namespace: str = "default"


def files(explicit: str | None, environ: Mapping[str, str]) -> list[Path]:
    """The files that count, in kubectl's order: the option, else KUBECONFIG, else ~/.kube/config."""
    if explicit is not None:
        if not Path(explicit).is_file():
            raise Problem(f"there is no kubeconfig {explicit}")
        return [Path(explicit)]
    listed = environ.get("KUBECONFIG", "")
    named = [Path(each) for each in listed.split(os.pathsep) if each] or [Path.home() / ".kube/config"]
    return [each for each in named if each.is_file()]


def target(paths: list[Path], context: str | None) -> Target:
    """Where several files name the same thing, the first one holds."""
    documents = [(path, _read(path)) for path in paths]
    wanted = context or next((text for _, each in documents if (text := each.get("current-context"))), None)
    if not wanted:
        raise Problem("the kubeconfig has no current-context", hint="choose one with --context")
    chosen = _named(documents, "contexts", "context", wanted)
    return Target(
        cluster=_named(documents, "clusters", "cluster", chosen.get("cluster", "")),
        user=_named(documents, "users", "user", chosen["user"]) if chosen.get("user") else {},
        namespace=chosen.get("namespace") or "default",
    )


def contexts(paths: list[Path]) -> list[str]:
    found = (entry.get("name", "") for path in paths for entry in _read(path).get("contexts") or ())
    return list(dict.fromkeys(found))


def _read(path: Path) -> Entry:
    import yaml  # noqa: PLC0415 - only commands that reach a cluster pay for it

    try:
        with path.open(encoding="utf-8") as file:
            content = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise Problem(f"cannot read the kubeconfig {path}: {error}") from error
    if not isinstance(content, dict | None):
        raise Problem(f"{path} is no kubeconfig")
    for listed, member in _LISTS.items():
        if not _are_entries((content or {}).get(listed) or [], member):
            raise Problem(f"{path} is no kubeconfig: {listed} is no list of entries with a {member} each")
    return content or {}


def _are_entries(listed: Any, member: str) -> bool:
    return isinstance(listed, list) and all(
        isinstance(each, dict) and isinstance(each.get(member) or {}, dict) for each in listed
    )


def _named(documents: list[tuple[Path, Entry]], listed: str, member: str, name: str) -> Entry:
    for path, document in documents:
        for entry in document.get(listed) or ():
            if entry.get("name") == name:
                found = entry.get(member) or {}
                if wrong := [key for key, wanted in _TYPES.items() if not isinstance(found.get(key), wanted | None)]:
                    raise Problem(
                        f"the kubeconfig's {member} {name!r} has a value for {wrong[0]} that is of the wrong type"
                    )
                return _with_absolute_paths(found, path.resolve().parent)
    raise Problem(f"the kubeconfig has no {member} {name!r}")


def _with_absolute_paths(entry: Entry, folder: Path) -> Entry:
    absolute: Entry = {key: str(folder / entry[key]) for key in _PATHS if entry.get(key)}
    if (plugin := entry.get("exec")) and os.sep in str(plugin.get("command", "")):
        absolute["exec"] = {**plugin, "command": str(folder / plugin["command"])}
    return {**entry, **absolute}
