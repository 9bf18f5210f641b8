"""Several kinds followed at once, a thread for each: all that there is, and again as it changes. What is made of it is elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue

from batchyard.cli.access.cluster import Object
from batchyard.cli.following import changes, full_name
from batchyard.cli.outcome import Problem
from batchyard.cli.session import Session
from batchyard.kube.kinds import Scope

Found = dict[tuple[str, str], Object]
News = tuple[int, list[Object], list[Object]]
"""Of which scope, what came or changed, and what went."""


def together(session: Session, scopes: Sequence[Scope], every: float = 1.0) -> Iterator[list[list[Object]]]:
    """The objects of each scope, first when all are known, then after so many seconds; the end of one following is the end of all."""
    news = SimpleQueue[News | BaseException]()
    for place, scope in enumerate(scopes):
        threading.Thread(target=_tell, args=(session, scope, place, news), daemon=True).start()
    found, known = [Found() for _ in scopes], set[int]()
    while len(known) < len(scopes):
        known.add(_take(found, news.get()))
    while True:
        yield [[*each.values()] for each in found]
        until = time.monotonic() + every
        while (left := until - time.monotonic()) > 0:
            try:
                _take(found, news.get(timeout=left))
            except Empty:
                break


def _tell(session: Session, scope: Scope, place: int, news: SimpleQueue[News | BaseException]) -> None:
    try:
        for came, went in changes(session, scope):
            news.put((place, came, went))
    except Problem as problem:
        news.put(problem)
    except BaseException as bug:  # nobody would wait for a thread that is gone
        news.put(bug)
        raise


def _take(found: list[Found], news: News | BaseException) -> int:
    if isinstance(news, BaseException):
        raise news
    place, came, went = news
    for each in went:
        found[place].pop(full_name(each), None)
    found[place] |= {full_name(each): each for each in came}
    return place
