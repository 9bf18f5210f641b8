"""Debian's Chromium without a screen, driven over its DevTools protocol: opens a page, reads what a person sees, presses keys."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import websocket

from tests.cluster import packages

SECONDS = 60.0
"""How long something may take to be seen; the machine may be busy."""
PACKAGES = ("chromium", "fonts-dejavu-core")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-port=0", "--remote-allow-origins=*", "--window-size=1280,900")  # fmt: skip
KEYS = {"ArrowRight": 39, "ArrowDown": 40, "Home": 36, "End": 35, "Escape": 27}


def program() -> str:
    """Installed when it is not there."""
    if (found := shutil.which("chromium")) is None:
        packages.need(*PACKAGES)
        found = shutil.which("chromium")
    assert found is not None
    return found


@dataclass
class Tab:
    socket: websocket.WebSocket
    calls: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)

    def call(self, method: str, **params: Any) -> Any:
        self.calls += 1
        self.socket.send(json.dumps({"id": self.calls, "method": method, "params": params}))
        while (said := json.loads(self.socket.recv())).get("id") != self.calls:
            self.events.append(said)
        assert "error" not in said, said
        return said["result"]

    def open(self, address: str) -> None:
        """A page of its own, also where only what stands behind # differs."""
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=address)

    def value(self, expression: str) -> Any:
        said = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def text(self) -> str:
        return str(self.value("document.body ? document.body.innerText : ''"))

    def until(self, expression: str) -> Any:
        """The expression's value once it is true of the page."""
        deadline = time.monotonic() + SECONDS
        while not (found := self.value(expression)):
            assert time.monotonic() < deadline, f"never: {expression}\n{self.text()}"
            self.value("new Promise(requestAnimationFrame)")
        return found

    def sees(self, text: str) -> None:
        self.until(f"document.body !== null && document.body.innerText.includes({json.dumps(text)})")

    def press(self, key: str) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=KEYS[key])

    def picture(self, file: Path) -> None:
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def complaints(self) -> list[str]:
        """What the browser refused, or found wrong in the page: blocked scripts, what was not served, exceptions."""
        self.value("0")  # what it said until now comes before the answer
        found = [each["params"] for each in self.events if each["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")]  # fmt: skip
        return [json.dumps(each) for each in found if each.get("entry", {}).get("level", "error") == "error"]


@contextmanager
def browser(folder: Path) -> Iterator[Tab]:
    """Its profile and its log are kept in the folder."""
    log = folder / "chromium.log"
    with log.open("w") as sink:
        process = subprocess.Popen([program(), *FLAGS, f"--user-data-dir={folder / 'profile'}"], stdout=sink, stderr=sink)  # fmt: skip
        try:
            tab = Tab(websocket.create_connection(_address(process, folder / "profile"), timeout=SECONDS))
            for domain in ("Page", "Runtime", "Log"):
                tab.call(f"{domain}.enable")
            yield tab
            tab.socket.close()
        finally:
            process.terminate()
            process.wait(timeout=30)


def _address(process: subprocess.Popen[bytes], profile: Path) -> str:
    """Of its first tab, which may come later than the port, one that the browser chose and wrote down."""
    deadline = time.monotonic() + SECONDS
    while not (tabs := _tabs(profile / "DevToolsActivePort")):
        assert process.poll() is None, "Chromium has ended"
        assert time.monotonic() < deadline, "Chromium does not start"
        time.sleep(0.1)
    return tabs[0]


def _tabs(written: Path) -> list[str]:
    lines = written.read_text().splitlines() if written.exists() else []
    if not lines:
        return []
    with urllib.request.urlopen(f"http://127.0.0.1:{lines[0]}/json", timeout=SECONDS) as answer:
        return [each["webSocketDebuggerUrl"] for each in json.load(answer) if each["type"] == "page"]
