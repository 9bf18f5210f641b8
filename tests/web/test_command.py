"""`batchyard ui` as a program: it prints an address, serves there, and ends with Ctrl-C."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.cli.test_start import KUBECONFIG, PACKAGE
from tests.web.pages import Page

SECONDS = 120.0
"""In which it starts; the machine may be busy."""


@contextmanager
def started(
    folder: Path, *argv: str, path: str = os.environ["PATH"], kubeconfig: str = KUBECONFIG
) -> Iterator[subprocess.Popen[str]]:
    """In front of a cluster that refuses every connection."""
    (folder / "config").write_text(kubeconfig)
    env = {"PATH": path, "PYTHONPATH": str(PACKAGE), "KUBECONFIG": str(folder / "config"), "PYTHONUNBUFFERED": "1"}  # fmt: skip
    command = ["env", "--default-signal=INT", sys.executable, "-m", "batchyard.cli", "ui", *argv]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], SECONDS)[0], "it prints nothing"
    return process.stdout.readline().strip()


def test_address_is_printed_served_to_this_machine_only_and_gone_after_ctrl_c(tmp_path: Path) -> None:
    with started(tmp_path, "--no-open") as process:
        address = first_line(process)
        assert address.startswith("http://127.0.0.1:")
        page = Page(address)
        assert b"<title>Batchyard</title>" in page.asked("").body
        said = page.asked("api/jobs")
        assert (said.status, said.json["error"]) == (502, "no answer from https://127.0.0.1:1: Connection refused")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=SECONDS)
        assert (process.returncode, errors) == (0, "")


def test_browser_is_started_with_an_address_that_leads_to_the_page_once(tmp_path: Path) -> None:
    opened, programs = tmp_path / "opened", tmp_path / "bin"
    programs.mkdir()
    os.mkfifo(opened)
    (programs / "xdg-open").write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    (programs / "xdg-open").chmod(0o755)
    with started(tmp_path, path=f"{programs}:{os.environ['PATH']}") as process:
        address = first_line(process)
        once = Page(opened.read_text().strip())
        assert once.address != address
        led = once.asked("")
        assert (led.status, led.headers["Location"]) == (303, urlsplit(address).path)
        assert once.asked("").status == 404


def test_credential_plugin_is_run_once_at_the_start(tmp_path: Path) -> None:
    """It may ask a person, or take seconds."""
    plugin, runs = tmp_path / "plugin", tmp_path / "runs"
    plugin.write_text(f"""#!/bin/sh\necho run >> {runs}\necho '{{"status": {{"token": "t"}}}}'\n""")
    plugin.chmod(0o755)
    user = f"{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {plugin}}}}}"
    with started(tmp_path, "--no-open", kubeconfig=KUBECONFIG.replace("{token: secret}", user)) as process:
        assert Page(first_line(process)).asked("api/jobs").status == 502
    assert runs.read_text().split() == ["run"]


def test_each_start_has_a_secret_of_its_own(tmp_path: Path) -> None:
    secrets = set()
    for _ in range(2):
        with started(tmp_path, "--no-open") as process:
            secrets.add(first_line(process).rsplit("/", 2)[1])
    assert len(secrets) == 2
    assert all(len(secret) >= 43 for secret in secrets)


def test_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with started(tmp_path, "--no-open", "--port", str(port)) as process:
            _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert f"error: cannot listen on 127.0.0.1:{port}: Address already in use" in errors
