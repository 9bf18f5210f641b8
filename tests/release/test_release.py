"""A release is verified by the commands of docs/install.md, and no longer once a byte of it is another. The image, which takes minutes to build, has a stand-in."""

import json
import os
import re
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.chart.helm import helm
from tests.cluster import image, programs
from tests.cluster.commands import run
from tests.cluster.packages import need
from tests.docs.pages import blocks
from tests.release import parts, signing
from tests.release.__main__ import make

WHEN = 1_790_000_000  # an even second, as zip files have them
PAGE = parts.ROOT / "docs/install.md"
[TAKE_THE_KEY, VERIFY] = [block for block in blocks(PAGE, "sh") if "gpg" in block]
CHART = f"{parts.NAME}.tgz"
PACKAGES = (f"{parts.NAME}-py3-none-any.whl", f"{parts.NAME}.tar.gz")
UNSIGNED = (CHART, *PACKAGES, f"{parts.NAME}.cdx.json", f"{parts.NAME}-image.tar", signing.SUMS)
SIGNATURES = (f"{CHART}.prov", f"{signing.SUMS}.asc")


def stand_in(out: Path, _: int) -> None:
    (out / f"{parts.NAME}-image.tar").write_text("an image\n" * 100)


PARTS = (parts.chart, parts.packages, parts.bill, stand_in)


def sh(place: Path, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs commands of the page where somebody has the release in dist/, with the Helm of the other tests, or another."""
    path = f"{programs.build()}:{os.environ['PATH']}"
    env = {"PATH": path, "LC_ALL": "C", "HOME": str(place.parent), **variables}
    try:
        return subprocess.run(["sh", "-euc", script], cwd=place, env=env, check=False, capture_output=True, text=True)
    finally:  # the agent that gpg begins stays, and a kubelet would find no inotify left
        subprocess.run(["gpgconf", "--kill", "all"], env=env, check=True)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Fingerprints of two secret keys in a home of gpg that is there for these tests only."""
    need("gpg", "gpg-agent", "gpgv")
    home = tmp_path_factory.mktemp("signer")
    home.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GNUPGHOME", str(home))
        for name in ("maintainer", "stranger"):
            run("gpg", "--batch", "--passphrase", "", "--quick-generate-key", name, "rsa2048", "sign", "never")
        yield {name: _fingerprint(name) for name in ("maintainer", "stranger")}
        run("gpgconf", "--kill", "gpg-agent")


def _fingerprint(name: str) -> str:
    listed = run("gpg", "--batch", "--with-colons", "--list-secret-keys", name)
    return next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:"))


@pytest.fixture(scope="module")
def made(keys: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made")
    make(out, WHEN, keys["maintainer"], PARTS)
    return out


@pytest.fixture(scope="module")
def unsigned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("unsigned")
    make(out, WHEN, None, PARTS)
    return out


@pytest.fixture
def somewhere(made: Path, keys: dict[str, str], tmp_path: Path) -> Path:
    """A place where somebody has the release and took the key as the page says."""
    place = tmp_path / "somewhere"
    shutil.copytree(made, place / "dist")
    (place / "KEY.asc").write_text(run("gpg", "--armor", "--export"))
    taken = sh(place, TAKE_THE_KEY.replace("FINGERPRINT", keys["maintainer"]))
    assert taken.returncode == 0, taken.stderr
    return place


def change_a_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle] = ord("A") if content[middle] != ord("A") else ord("B")
    file.write_bytes(content)


def test_release_has_its_files_and_only_signed_ones_have_signatures(made: Path, unsigned: Path) -> None:
    assert {path.name for path in unsigned.iterdir()} == {*UNSIGNED}
    assert {path.name for path in made.iterdir()} == {*UNSIGNED, *SIGNATURES}


def test_page_names_every_file_of_a_release_and_no_other() -> None:
    named = re.findall(rf"dist/({re.escape(parts.NAME)}[\w.-]*\w)", PAGE.read_text())
    [table] = re.findall(r"^\| in `dist/` .*?\n\n", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    in_table = set(re.findall(r"`([^`/ ]+\.[^`/ ]+|SHA256SUMS)`", table))
    assert in_table == {*UNSIGNED, *SIGNATURES}
    assert {*named} <= in_table
    assert len(named) > 5


def test_the_commands_of_the_page_verify_a_release(somewhere: Path) -> None:
    done = sh(somewhere, VERIFY)
    assert done.returncode == 0, done.stderr
    assert "Good signature from" in done.stderr
    assert {line.split(":")[0] for line in done.stdout.splitlines() if line.endswith(": OK")} == {
        *UNSIGNED, f"{CHART}.prov"
    } - {signing.SUMS}  # fmt: skip
    assert "Signed by: maintainer" in done.stdout


@pytest.mark.parametrize("file", [*UNSIGNED, *SIGNATURES])
def test_one_changed_byte_in_any_file_is_found(somewhere: Path, file: str) -> None:
    change_a_byte(somewhere / "dist" / file)
    done = sh(somewhere, VERIFY)
    assert done.returncode != 0
    assert "BAD signature" in done.stderr or "FAILED" in done.stdout or "CRC error" in done.stderr, done


@pytest.mark.parametrize("file", [CHART, f"{CHART}.prov"])
@pytest.mark.parametrize("major", ["3", "4"])
def test_helm_finds_a_changed_byte_by_itself(somewhere: Path, file: str, major: str) -> None:
    """Helm 3 is that of the cluster's tests, Helm 4 the one that made the package."""
    [verify] = [line for line in VERIFY.splitlines() if line.startswith("helm")]
    first = programs.build() if major == "3" else parts.helm().parent
    path = f"{first}:{os.environ['PATH']}"
    assert f"v{major}." in sh(somewhere, "helm version --short", PATH=path).stdout
    assert sh(somewhere, verify, PATH=path).returncode == 0
    change_a_byte(somewhere / "dist" / file)
    assert sh(somewhere, verify, PATH=path).returncode != 0


def test_a_signature_by_another_key_is_refused(somewhere: Path, keys: dict[str, str]) -> None:
    """Also where that key is known: it is not the one that the page has told to take."""
    sums, chart = somewhere / "dist" / signing.SUMS, somewhere / "dist" / CHART
    signing.write_signature(sums, keys["stranger"])
    signing.write_provenance(chart, keys["stranger"])
    by_gpg, _, by_helm = VERIFY.splitlines()
    assert "No public key" in sh(somewhere, by_gpg).stderr
    assert "unknown entity" in sh(somewhere, by_helm).stderr


def test_what_can_be_made_again_is_the_same_and_bears_the_time_of_the_commit(made: Path, unsigned: Path) -> None:
    for name in UNSIGNED[:-1]:
        assert (unsigned / name).read_bytes() == (made / name).read_bytes(), name
    for name in (CHART, PACKAGES[1]):
        with tarfile.open(made / name) as archive:
            assert {file.mtime for file in archive} == {WHEN}
    with zipfile.ZipFile(made / PACKAGES[0]) as wheel:
        assert {datetime(*file.date_time, tzinfo=UTC).timestamp() for file in wheel.infolist()} == {WHEN}


def test_the_packaged_chart_is_the_chart(made: Path) -> None:
    packaged, directory = (
        helm("template", "batchyard", chart, "--kube-version", "1.32.0")
        for chart in (made / CHART, parts.ROOT / "charts/batchyard")
    )
    assert packaged.stdout == directory.stdout
    assert packaged.returncode == 0


def test_the_wheel_has_the_command_line_and_the_extra_that_the_page_installs(made: Path) -> None:
    with zipfile.ZipFile(made / PACKAGES[0]) as wheel:
        metadata = wheel.read(f"{parts.NAME}.dist-info/METADATA").decode()
        assert "batchyard/cli/app.py" in wheel.namelist()
    assert "Provides-Extra: cli" in metadata
    assert f"pip install 'dist/{PACKAGES[0]}[cli]'" in PAGE.read_text()


@pytest.mark.cluster
def test_the_image_of_a_release_has_the_name_that_the_page_and_the_chart_use(tmp_path: Path) -> None:
    parts.image(tmp_path, WHEN)
    with tarfile.open(tmp_path / f"{parts.NAME}-image.tar") as archive:
        manifest = archive.extractfile("manifest.json")
        assert manifest
        [told] = json.load(manifest)
    assert told["RepoTags"] == [image.NAME]
    assert f"docker tag {image.NAME} " in PAGE.read_text()


def test_packages_are_built_by_the_locked_version_of_what_the_project_asks_for() -> None:
    [backend] = parts.PROJECT["build-system"]["requires"]
    assert backend in parts.PROJECT["dependency-groups"]["dev"]


def test_only_a_commit_is_released(tmp_path: Path) -> None:
    git = ("git", "-C", tmp_path, "-c", "user.name=name", "-c", "user.email=name@batchyard.test")
    run(*git, "init", "--quiet")
    (tmp_path / "file").write_text("")
    run(*git, "add", "file")
    run("env", f"GIT_COMMITTER_DATE={WHEN} +0100", *git, "commit", "--quiet", "--message", "first")
    assert parts.moment(tmp_path) == WHEN
    (tmp_path / "other").write_text("")
    with pytest.raises(SystemExit, match="other"):
        parts.moment(tmp_path)
