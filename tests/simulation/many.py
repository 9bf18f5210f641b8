"""Many simulations at once, on all processors. What travels between the processes is small."""

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


def each(play: Callable[[T], R], what: Sequence[T], *, together: int = 1) -> Iterator[tuple[T, R]]:
    """In their order; `play` is a function of a module. So many are sent `together`."""
    with ProcessPoolExecutor(cpu_count(), get_context("fork"), initializer=_prepare) as pool:
        yield from zip(what, pool.map(play, what, chunksize=together), strict=True)


def _prepare() -> None:
    logging.disable(logging.CRITICAL)
    gc.freeze()  # what is there will not become garbage
