"""What a start of the command line costs: help, and a list that a server answers over TLS, to a client with a certificate.

CPU time, because seconds depend on what else the machine does; on an idle one they are the same. Best of ten.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.cli.http_server import serving
from tests.cli.test_start import PACKAGE

ROUNDS = 10
BUDGET = 250
"""Milliseconds; above it the benchmark fails."""
NOTHING = 200, json.dumps({"metadata": {}, "items": []}).encode()


def milliseconds(*argv: str, kubeconfig: Path) -> float:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGE), "KUBECONFIG": str(kubeconfig)}
    took = []
    for _ in range(ROUNDS):
        begin = _spent()
        subprocess.run([sys.executable, *argv], env=env, capture_output=True, check=True)
        took.append(_spent() - begin)
    return 1000 * min(took)


def _spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _certificate(folder: Path) -> tuple[Path, Path]:
    """One for both sides, which is its own authority."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made_for = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1")
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    line = ["openssl", "req", "-x509", *kind, *made_for, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(line, capture_output=True, check=True)
    return certificate, key


def _kubeconfig(path: Path, server: str, certificate: Path, key: Path) -> Path:
    said, secret = (base64.b64encode(file.read_bytes()).decode() for file in (certificate, key))
    cluster = {"server": server, "certificate-authority-data": said}
    user = {"client-certificate-data": said, "client-key-data": secret}
    entries = {"cluster": cluster, "user": user, "context": {"cluster": "here", "user": "here"}}
    content = {f"{kind}s": [{"name": "here", kind: entry}] for kind, entry in entries.items()}
    path.write_text(json.dumps({"current-context": "here", **content}))
    return path


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = _certificate(Path(folder))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        with serving(tls) as server:
            server.answers = [NOTHING] * ROUNDS
            config = _kubeconfig(Path(folder) / "config", server.address, certificate, key)
            took = {
                name: milliseconds(*argv, kubeconfig=config)
                for name, argv in (
                    ("python alone", ("-c", "")),
                    ("batchyard --help", ("-m", "batchyard.cli", "--help")),
                    ("batchyard job list", ("-m", "batchyard.cli", "job", "list")),
                )
            }
    for name, found in took.items():
        print(f"  {name + ', CPU ms':<36}{found:>10.0f}", flush=True)
    assert max(took.values()) < BUDGET, f"a start takes more than {BUDGET} ms"


if __name__ == "__main__":
    main()
