"""A Prometheus of our own that reads one target every second, for as long as somebody looks."""

import json
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.monitoring.prometheus import build

Series = list[dict[str, Any]]
PORT = 19090


@dataclass(frozen=True)
class Prometheus:
    address: str
    begun: float

    def range(self, expression: str) -> Series:
        """All values since it began, one a second."""
        found = self._ask("query_range", query=expression, start=self.begun, end=time.time(), step=1)
        result: Series = found["result"]
        return result

    def up(self) -> bool:
        """Whether the target has been read."""
        try:
            return any(each["value"][1] == "1" for each in self._ask("query", query="up")["result"])
        except OSError:
            return False

    def values(self, series: str, label: str) -> list[str]:
        """Of a label, in the series there are."""
        found: list[str] = self._ask(f"label/{label}/values", **{"match[]": series})
        return found

    def _ask(self, what: str, **params: Any) -> Any:
        url = f"http://{self.address}/api/v1/{what}?{urllib.parse.urlencode(params)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]


@contextmanager
def reading(target: str, folder: Path) -> Iterator[Prometheus]:
    """Of `target`, an address with a port; the folder keeps its data and its log."""
    address = f"127.0.0.1:{PORT}"
    jobs = [{"job_name": "batchyard", "honor_labels": True, "static_configs": [{"targets": [target]}]}]
    config = {"global": {"scrape_interval": "1s", "scrape_timeout": "1s"}, "scrape_configs": jobs}
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
    with (folder / "prometheus.log").open("w") as log:
        process = subprocess.Popen(
            [
                build() / "prometheus",
                f"--config.file={folder}/prometheus.yaml",
                f"--storage.tsdb.path={folder}/data",
                f"--web.listen-address={address}",
            ],
            stdout=log,
            stderr=log,
        )
        try:
            yield Prometheus(address, time.time())
        finally:
            process.terminate()
            process.wait(timeout=30)
