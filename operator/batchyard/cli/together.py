"""Several kinds followed at once, a thread for each: all that there is, and again as it changes. What is made of it is elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import NamedTuple

from batchyard.cli.access.cluster import Object
from batchyard.cli.following import changes, full_name
from batchyard.cli.outcome import Problem
from batchyard.cli.session import Session
from batchyard.kube.kinds import Scope

Found = dict[tuple[str, str], Object]
News = tuple[int, list[Object], list[Object]]
"""Of which scope, what came or changed, and what went."""
Loss = tuple[int, Problem]
"""For which scope nobody answers, and how that was seen."""


class Seen(NamedTuple):
    objects: list[list[Object]]
    """Of each scope."""
    silence: str
    """That the API server does not answer, and how old the news are; empty while it does."""


def together(session: Session, scopes: Sequence[Scope], every: float = 1.0) -> Iterator[Seen]:
    """What there is, first when all is known, then after so many seconds; the end of one following is the end of all."""
    news = SimpleQueue[News | Loss | BaseException]()
    for place, scope in enumerate(scopes):
        threading.Thread(target=_tell, args=(session, scope, place, news), daemon=True).start()
    known = _Known([Found() for _ in scopes], session.now)
    while len(known.heard) < len(scopes):
        known.take(news.get())
    while True:
        yield Seen([[*each.values()] for each in known.found], known.silence())
        until = time.monotonic() + every
        while (left := until - time.monotonic()) > 0:
            try:
                known.take(news.get(timeout=left))
            except Empty:
                break


def _tell(session: Session, scope: Scope, place: int, news: SimpleQueue[News | Loss | BaseException]) -> None:
    try:
        for came, went in changes(session, scope, lambda problem: news.put((place, problem))):
            news.put((place, came, went))
    except Problem as problem:
        news.put(problem)
    except BaseException as bug:  # nobody would wait for a thread that is gone
        news.put(bug)
        raise


@dataclass(slots=True)
class _Known:
    found: list[Found]
    now: Callable[[], datetime]
    heard: dict[int, datetime] = field(default_factory=dict)
    """When there was news of a scope for the last time."""
    lost: dict[int, str] = field(default_factory=dict)

    def take(self, news: News | Loss | BaseException) -> None:
        if isinstance(news, BaseException):
            raise news
        if len(news) == 2:
            self.lost[news[0]] = news[1].message
            return
        place, came, went = news
        self.heard[place] = self.now()
        self.lost.pop(place, None)
        for each in went:
            self.found[place].pop(full_name(each), None)
        self.found[place] |= {full_name(each): each for each in came}

    def silence(self) -> str:
        if not self.lost:
            return ""
        last = min(self.heard[place] for place in self.lost)
        return f"last news at {last:%Y-%m-%dT%H:%M:%SZ}, {next(iter(self.lost.values()))}"
