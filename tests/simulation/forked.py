"""A life that splits: a copy of the process goes on with a mishap, the original without it. What came before is lived only once.

Possible because a simulation has no threads, sockets or files: all of it is in memory.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable
from typing import NoReturn

import orjson

Report = list[str]


class Split:
    """`told` hears what became of every copy, and of the copies of copies, in the original only."""

    def __init__(self, told: Callable[[str, Report], None]) -> None:
        self._told = told
        self._pipe: int | None = None

    def copy(self) -> bool:
        """True in the copy. The original waits here until the copy has reported and ended."""
        loop = asyncio.get_running_loop()
        reading, writing = os.pipe()
        if not os.fork():
            os.close(reading)
            self._pipe = writing
            asyncio._set_running_loop(loop)  # which is known by process id
            gc.disable()  # it would touch, and so copy, all memory
            return True
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            lines = pipe.read().splitlines()
        os.wait()
        for line in lines:
            self._pass_on(*orjson.loads(line))
        return False

    @property
    def is_copy(self) -> bool:
        return self._pipe is not None

    def end(self, name: str, report: Report) -> NoReturn:
        """Ends a copy."""
        self._pass_on(name, report)
        os._exit(0)

    def _pass_on(self, name: str, report: Report) -> None:
        if self._pipe is None:
            self._told(name, report)
        else:
            os.write(self._pipe, orjson.dumps([name, report]) + b"\n")
