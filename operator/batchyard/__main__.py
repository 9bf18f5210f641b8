"""`python -m batchyard`: the operator."""

from __future__ import annotations

import asyncio
import gc
import os

from batchyard import logs, metrics
from batchyard.handlers.operator import run
from batchyard.settings import read

GARBAGE_THRESHOLDS = 20_000, 20, 100
"""Most of what a pass makes is gone with it; what stays is large and seldom garbage."""


def main() -> None:
    settings = read(os.environ)
    logs.begin(settings.log_level, settings.log_format)
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    metrics.limit_pools(settings.metrics_max_pools)
    metrics.serve(settings.metrics_port)
    asyncio.run(run(settings))


if __name__ == "__main__":
    main()
