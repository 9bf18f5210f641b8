"""`batchyard bundle`: writes down what a bug report needs."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import click

from batchyard.cli.bundle import Bundle, Wanted
from batchyard.cli.outcome import Problem
from batchyard.cli.session import Session, with_session
from batchyard.cli.show.objects import plural

FOLDER = "batchyard-bundle"


@click.command()
@click.option("-o", "--output", default=f"{FOLDER}.tar.gz", show_default=True, help="The file to write.")
@click.option("-A", "--all-namespaces", is_flag=True, help="What is in all namespaces.")
@click.option("--with-commands", is_flag=True, help="With command lines and values of variables; otherwise they are redacted.")  # fmt: skip
@click.option("--lines", type=click.IntRange(min=0), default=2000, show_default=True, help="Of each operator's log.")
@with_session
def bundle(session: Session, output: str, all_namespaces: bool, with_commands: bool, lines: int) -> None:
    """Write a support bundle for a bug report: versions, our objects, their Pods' statuses and events, the operator's log.

    Look through it before you hand it on: names, labels and messages are as they are. It has no secrets and no output of tasks.
    """
    found = Bundle(session, Wanted(everywhere=all_namespaces, with_commands=with_commands, lines=lines))
    found.gather()
    try:
        target = Path(output)
        target.touch(mode=0o600)
        target.write_bytes(packed(found.files))
    except OSError as error:
        raise Problem(f"cannot write {output}: {error.strerror}") from error
    unread = f", {len(found.reading.unread)} could not be read (manifest.json)" if found.reading.unread else ""
    click.echo(f"{output}: {plural(len(found.files), 'file')}{unread}")


def packed(files: Mapping[str, str]) -> bytes:
    """The same files are the same bytes, whoever packs them and when."""
    archive = io.BytesIO()
    with gzip.GzipFile(fileobj=archive, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
        for name, text in sorted(files.items()):
            content = f"{text}\n".encode()
            entry = tarfile.TarInfo(f"{FOLDER}/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()
