"""`make release`: what is installed, into dist/, with its sums; with SIGN_KEY, the id of a key of gpg, signed too."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from tests.release import parts, signing

DIST = parts.ROOT / "dist"


def main() -> None:
    when = parts.moment()
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    make(DIST, when, os.environ.get("SIGN_KEY"))
    for path in sorted(DIST.iterdir()):
        print(f"{path.stat().st_size:12,}  {path.relative_to(parts.ROOT)}")


def make(out: Path, when: int, key: str | None, of: Iterable[parts.Part] = parts.PARTS) -> None:
    """The sums come last: a directory without them holds half a release."""
    for part in of:
        part(out, when)
    if key:
        signing.write_provenance(out / f"{parts.NAME}.tgz", key)
    sums = signing.write_sums(out)
    if key:
        signing.write_signature(sums, key)


if __name__ == "__main__":
    main()
