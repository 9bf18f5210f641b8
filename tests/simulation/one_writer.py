"""Of the operators that share a lease only the one that holds it writes (S18). Weather as it is, with an ear at the wire of one of them."""

from __future__ import annotations

from collections.abc import Callable

from typing_extensions import override

from batchyard.kube import kinds
from batchyard.kube.request import Request
from tests.simulation.network import Fate, Overheard, Weather


class OneWriter(Overheard):
    """Tells of writes that reach the server while another one has the lease. `cut_until`: nothing of this operator reaches it before."""

    def __init__(
        self,
        weather: Weather,
        me: str,
        *,
        now: Callable[[], float],
        holder: Callable[[], str],
        tell: Callable[[str], None],
    ) -> None:
        self.me = me
        self.cut_until = 0.0
        super().__init__(weather)
        self._now = now
        self._holder = holder
        self._tell = tell

    @override
    def fate(self, call: Request) -> Fate:
        if self._now() < self.cut_until:
            return Fate.SWALLOWED
        if call.writes and call.kind is not kinds.LEASE and (holder := self._holder()) != self.me:
            self._tell(f"{self.me} sends {call.verb} {call.path} while {holder or 'nobody'} has the lease")
        return super().fate(call)
