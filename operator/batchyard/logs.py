"""What the operator says while it works: one JSON object a line, or plain lines for people. No value that a user wrote but names goes in."""

from __future__ import annotations

import json
import logging
import signal
from datetime import UTC, datetime
from typing import Literal

from typing_extensions import override

Format = Literal["json", "text"]
FORMATS: tuple[Format, ...] = ("json", "text")
ABOUT = ("kind", "namespace", "object", "uid", "pool", "duration")
"""What `extra` may say of the object that a line is about; what is empty is left out. Seconds, for a duration."""
log = logging.getLogger(__name__)


class Json(logging.Formatter):
    @override
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {
            "ts": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": record.getMessage(),
        }
        line |= {key: said for key in ABOUT if (said := vars(record).get(key, "")) != ""}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def begin(level: str, how: Format) -> None:
    """Everything that the process and its libraries log, to standard error. SIGUSR1 turns debug on and off."""
    handler = logging.StreamHandler()
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(Json() if how == "json" else text)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("kopf", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    signal.signal(signal.SIGUSR1, lambda *_: _turn(level))


def _turn(usual: str) -> None:
    now = usual if logging.root.level == logging.DEBUG else "DEBUG"
    logging.root.setLevel(now)
    log.warning("log level is now %s", now.lower())
