"""Server-side apply for what has the fields of a DaemonSet: who wants which field, and what an object becomes by that.

A field goes when the last who applied it does so no more. Whoever else changes it takes it over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from tests.simulation.api.call import Body

Path = tuple[str, ...]
KEYS: Mapping[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "volumes": ("name",),
    "env": ("name",),
    "volumeMounts": ("mountPath",),
    "ports": ("containerPort", "protocol"),
    "imagePullSecrets": ("name",),
    "ownerReferences": ("uid",),
}
"""Lists whose items are told apart by these fields; other lists are taken as a whole."""
WHOLE = ("selector", "nodeSelector", "fieldRef", "requiredDuringSchedulingIgnoredDuringExecution")
SETS = ("finalizers",)
NOBODYS = ("apiVersion", "kind", "status")
NOBODYS_METADATA = (
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
)


Owner = tuple[str, str]
"""A manager and how it came to own: a manager that applies is another one than the same that writes."""


class Owners:
    """Of the fields of all objects that are applied by anybody, by uid."""

    def __init__(self) -> None:
        self._paths: defaultdict[str, dict[Owner, frozenset[Path]]] = defaultdict(dict)

    def applied(self, live: Body | None, config: Body, manager: str) -> Body:
        """What the object becomes."""
        if live is None:
            return config
        owned, me = self._paths[live["metadata"]["uid"]], (manager, "apply")
        dropped = owned.get(me, frozenset()) - frozenset(_fields(config))
        for owner, paths in owned.items():
            if owner != me:
                dropped -= paths | {path[:-1] for path in paths if len(path) > 1 and path[-2] in SETS}
        result: Body = _merged(_without(live, dropped, ()), config, "")
        return result

    def settle(self, before: Body | None, wanted: Body, config: Body, manager: str, uid: str) -> None:
        """After the apply: its fields are the manager's, and those that it changed nobody else's.

        `wanted` is what was to become of the object before defaults were filled in again.
        """
        self._disown(before, wanted, uid)
        self._paths[uid][manager, "apply"] = frozenset(_fields(config))

    def written(self, before: Body | None, item: Body, manager: str) -> None:
        """Somebody wrote: what he changed is his alone."""
        uid: str = item["metadata"]["uid"]
        changed = self._disown(before, item, uid) & frozenset(_fields(item))
        owned = self._paths[uid]
        owned[manager, "write"] = owned.get((manager, "write"), frozenset()) | changed

    def _disown(self, old: Body | None, new: Body, uid: str) -> frozenset[Path]:
        """The fields that have changed, which are nobody's now."""
        before, after = dict(_leaves(old or {})), dict(_leaves(new))
        absent = object()
        touched = {path for path in before.keys() | after.keys() if before.get(path, absent) != after.get(path, absent)}
        owned = self._paths[uid]
        for owner, paths in owned.items():
            owned[owner] = paths - touched
        return frozenset(touched)


def _fields(config: Body) -> Iterator[Path]:
    return (path for path, _ in _leaves(config))


def _leaves(item: Body) -> Iterator[tuple[Path, Any]]:
    for name, value in item.items():
        if name == "metadata":
            for key in value.keys() - set(NOBODYS_METADATA):
                yield from _below(value[key], ("metadata", key))
        elif name not in NOBODYS:
            yield from _below(value, (name,))


def _below(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    name = path[-1]
    if isinstance(value, dict) and value and name not in WHOLE:
        for key, inner in value.items():
            yield from _below(inner, (*path, key))
    elif isinstance(value, list) and name in KEYS:
        for item in value:
            here = (*path, _identity(item, name))
            yield here, None
            yield from _below(item, here)
    elif isinstance(value, list) and name in SETS:
        yield path, None  # the list itself: with it goes what nobody owns in it
        for item in value:
            yield (*path, f"={item}"), None
    else:
        yield path, value


def _identity(item: Body, name: str) -> str:
    return ",".join(f"{key}={item.get(key, 'TCP' if key == 'protocol' else '')}" for key in KEYS[name])


def _merged(live: Any, config: Any, name: str) -> Any:
    if isinstance(live, dict) and isinstance(config, dict) and name not in WHOLE:
        return {**live, **{key: _merged(live.get(key), value, key) for key, value in config.items()}}
    if isinstance(live, list) and isinstance(config, list) and name in KEYS:
        return _merged_items(live, config, name)
    if isinstance(live, list) and isinstance(config, list) and name in SETS:
        return _in_order({each: each for each in live}, {each: each for each in config})
    return config


def _merged_items(live: list[Body], config: list[Body], name: str) -> list[Body]:
    there = {_identity(each, name): each for each in live}
    wanted = {_identity(each, name): each for each in config}
    return _in_order(there, {identity: _merged(there.get(identity), each, "") for identity, each in wanted.items()})


def _in_order(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[Any]:
    """As applied; what only the object has stays behind what it stood behind."""
    result, rest = [], list(there)
    for identity, each in wanted.items():
        while rest and rest[0] not in wanted:
            result.append(there[rest.pop(0)])
        result.append(each)
        if rest and rest[0] == identity:
            rest.pop(0)
    return result + [there[identity] for identity in rest if identity not in wanted]


def _without(value: Any, dropped: frozenset[Path], path: Path) -> Any:
    """An item of a keyed list goes as a whole with its place in the list; a map that loses its last field goes too."""
    name = path[-1] if path else ""
    if isinstance(value, dict) and name not in WHOLE:
        kept = {}
        for key, inner in value.items():
            here = (*path, key)
            if here in dropped:
                continue
            left = _without(inner, dropped, here)
            if left is inner or left not in ({}, []):
                kept[key] = left
        return value if len(kept) == len(value) and all(kept[key] is value[key] for key in kept) else kept
    if isinstance(value, list) and name in KEYS:
        items = [(item, (*path, _identity(item, name))) for item in value]
        left = [_without(item, dropped, here) for item, here in items if here not in dropped]
        return value if len(left) == len(value) and all(a is b for a, b in zip(left, value, strict=True)) else left
    if isinstance(value, list) and name in SETS:
        kept_items = [item for item in value if (*path, f"={item}") not in dropped]
        return value if len(kept_items) == len(value) else kept_items
    return value
