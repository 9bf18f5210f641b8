"""The images made by hand are whole docker archives."""

import hashlib
import json
import tarfile
from pathlib import Path

import pytest

from tests.cluster import base_images
from tests.cluster.packages import need


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need("busybox-static")
    path = tmp_path_factory.mktemp("images") / "base.tar"
    base_images.write(path)
    return path


def test_archive_names_every_image_and_holds_what_it_names(archive: Path) -> None:
    with tarfile.open(archive) as tar:
        names = tar.getnames()
        manifest = json.load(tar.extractfile("manifest.json") or pytest.fail("no manifest"))
    assert [image["RepoTags"] for image in manifest] == [[name] for name in base_images.IMAGES]
    assert all(part in names for image in manifest for part in (image["Config"], *image["Layers"]))


def test_same_busybox_gives_the_same_archive(archive: Path, tmp_path: Path) -> None:
    base_images.write(tmp_path / "again.tar")
    digests = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (archive, tmp_path / "again.tar")}
    assert len(digests) == 1
