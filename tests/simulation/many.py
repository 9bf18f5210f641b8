"""Many simulated lives at once, on all processors. What comes back is small: a life's complaints."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from os import cpu_count
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

CHUNK = 10


def each(play: Callable[[T], R], what: Sequence[T], workers: int | None = None) -> Iterator[tuple[T, R]]:
    """In their order; `play` is a function of a module, because it travels to other processes."""
    workers = workers or cpu_count() or 1
    if workers == 1 or len(what) < 2 * CHUNK:
        yield from ((one, play(one)) for one in what)
        return
    with ProcessPoolExecutor(workers, get_context("fork"), initializer=_prepare) as pool:
        yield from zip(what, pool.map(play, what, chunksize=CHUNK), strict=True)


def _prepare() -> None:
    logging.disable(logging.CRITICAL)
    gc.freeze()
