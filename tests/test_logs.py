"""The operator's log: one JSON object a line."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from batchyard import logs
from tests.kube.eventually import eventually

LOGGER = logging.getLogger("batchyard.kube.executor")


@pytest.fixture(autouse=True)
def root() -> Iterator[None]:
    """As it was, when the test is over."""
    before, heeded = (logging.root.handlers[:], logging.root.level), signal.getsignal(signal.SIGUSR1)
    yield
    signal.signal(signal.SIGUSR1, heeded)
    logging.root.handlers[:], logging.root.level = before


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_line_tells_when_how_grave_who_what_and_about_which_object(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin("INFO", "json")
    about = {"kind": "BatchTask", "namespace": "team", "object": "demo.a"}
    LOGGER.warning("refused: %s: %s", "Patch", 'no "right"\nat all', extra={**about, "uid": "", "pool": "render"})
    [line] = said(capsys)
    assert line.pop("ts").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "batchyard.kube.executor",
        "msg": 'refused: Patch: no "right"\nat all',
        **about,
        "pool": "render",
    }


def test_traceback_stays_in_the_line_of_its_error(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin("INFO", "json")
    try:
        int("broken")
    except ValueError:
        LOGGER.exception("job team/demo cannot be planned for")
    [line] = said(capsys)
    assert line["error"].startswith("Traceback ")
    assert line["error"].endswith("invalid literal for int() with base 10: 'broken'")


def test_text_is_for_people_and_libraries_that_talk_much_say_little(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin("INFO", "text")
    LOGGER.debug("too fine")
    logging.getLogger("kopf.activities").info("noise")
    LOGGER.info("leads")
    assert capsys.readouterr().err.endswith(" INFO batchyard.kube.executor: leads\n")


def test_a_signal_turns_debug_on_and_off_while_the_operator_runs(capsys: pytest.CaptureFixture[str]) -> None:
    async def turned(level: int) -> None:
        os.kill(os.getpid(), signal.SIGUSR1)
        await eventually("the level has changed", lambda: logging.root.level == level)
        LOGGER.debug("fine")

    logs.begin("WARNING", "json")
    with asyncio.Runner() as runner:
        for level in (logging.DEBUG, logging.WARNING):
            runner.run(turned(level))
    assert [line["msg"] for line in said(capsys) if line["logger"] != "asyncio"] == [
        "log level is now debug",
        "fine",
        "log level is now warning",
    ]
