"""`python -m batchyard`: the operator."""

from __future__ import annotations

import asyncio
import gc
import logging
import os

import uvloop

from batchyard import metrics
from batchyard.handlers.operator import run
from batchyard.settings import read


def main() -> None:
    settings = read(os.environ)
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for noisy in ("kopf", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    gc.set_threshold(20_000, 20, 100)
    metrics.serve(settings.metrics_port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(settings))


if __name__ == "__main__":
    main()
