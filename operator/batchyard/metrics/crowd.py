"""Under which names pools are told, so that no user can make more series than were allowed. Knows no metric."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

Key = tuple[str, str]
"""Namespace and name of a pool, and the labels under which it is told."""
OTHER = "_other"
"""No object of Kubernetes can be called so."""
ALL_OTHERS = (OTHER, OTHER)


@dataclass
class Crowd:
    """So many pools have their own name, so many namespaces one for their other pools. All beyond that are told as one."""

    most: int
    _own: Counter[Key] = field(default_factory=Counter)
    _shared: Counter[Key] = field(default_factory=Counter)

    def label(self, key: Key, *, exists: bool) -> Key:
        """Jobs may name pools that nobody has made: anybody can invent as many as he likes, so they have no name of their own."""
        for wanted in (key, (key[0], OTHER)) if exists else ((key[0], OTHER),):
            known = self._of(wanted)
            if wanted in known or len(known) < self.most:
                return wanted
        return ALL_OTHERS

    def enter(self, label: Key) -> bool:
        """Whether it is the first under this label."""
        known = self._of(label)
        known[label] += 1
        return known[label] == 1

    def leave(self, label: Key) -> bool:
        """Whether it was the last."""
        known = self._of(label)
        known[label] -= 1
        if known[label]:
            return False
        del known[label]
        return True

    def _of(self, label: Key) -> Counter[Key]:
        return self._shared if label[1] == OTHER else self._own
