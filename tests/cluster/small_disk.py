"""A node whose pools have a disk of their own, small enough to be filled: a file in a loop device."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster import image, nodes
from tests.cluster.cluster import Cluster
from tests.cluster.commands import run

SIZE = 16 << 20


@contextmanager
def node_with_small_disk(cluster: Cluster, name: str) -> Iterator[Path]:
    """The mounted disk, which the machine sees as well as the node."""
    nodes.create(cluster.layout, name)
    file, disk = cluster.layout.node(name) / "small.ext4", cluster.node_root(name)
    file.touch()
    os.truncate(file, SIZE)
    run("mkfs.ext4", "-q", "-m", "0", file)
    run("mount", "-o", "loop", file, disk)
    try:
        cluster.boot(name)
        cluster.wait_ready(name)
        nodes.load(cluster.layout, name, image.archive())
        yield disk
    finally:
        cluster.crash(name)
        run("umount", disk)
        cluster.remove_node(name)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Not one more byte can be written within."""
    file = disk / "fill"
    try:
        with file.open("wb", buffering=0) as filling:
            for size in (1 << 20, 1 << 12, 1):
                while _took(filling.fileno(), size):
                    pass
        yield
    finally:
        file.unlink()


def _took(file: int, size: int) -> bool:
    try:
        return os.write(file, bytes(size)) > 0
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False
