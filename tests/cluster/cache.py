"""The user's cache: directories named after their content, made once, never half-made."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.cluster.locked import locked


def root() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "batchyard"


def key(parts: Iterable[bytes]) -> str:
    """A short hash over all the parts and their borders."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()[:16]


def made_once(kind: str, content: str, make: Callable[[Path], None]) -> Path:
    """The cached directory KIND/CONTENT; when it is missing, `make` fills an empty directory that then takes its name."""
    target = root() / kind / content
    if target.exists():
        return target
    with locked(target.with_name(f"{content}.lock")):
        if not target.exists():
            _make(target, make)
    return target


def _make(target: Path, make: Callable[[Path], None]) -> None:
    draft = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    try:
        make(draft)
        draft.chmod(0o755)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
