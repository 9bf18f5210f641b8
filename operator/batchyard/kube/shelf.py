"""A dict that can be shown to others, who then see it as it was at that moment. Holds, decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import TypeVar

from typing_extensions import override

K = TypeVar("K")
V = TypeVar("V")


class Shelf(MutableMapping[K, V]):
    """`shown` never changes, and is the same object as long as nothing on the shelf does: core/memory.py relies on both."""

    def __init__(self) -> None:
        self._things: dict[K, V] = {}
        self._shown: dict[K, V] | None = None

    @property
    def shown(self) -> Mapping[K, V]:
        if self._shown is None:
            self._shown = self._things.copy()
        return self._shown

    @override
    def __getitem__(self, key: K) -> V:
        return self._things[key]

    @override
    def __setitem__(self, key: K, thing: V) -> None:
        self._things[key] = thing
        self._shown = None

    @override
    def __delitem__(self, key: K) -> None:
        del self._things[key]
        self._shown = None

    @override
    def __iter__(self) -> Iterator[K]:
        return iter(self._things)

    @override
    def __len__(self) -> int:
        return len(self._things)
