"""The cache holds whole directories only, each made once."""

from pathlib import Path

import pytest

from tests.cluster import cache


@pytest.fixture(autouse=True)
def cache_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "batchyard"


def write_file(draft: Path) -> None:
    (draft / "file").write_text("whole")


def interrupted(draft: Path) -> None:
    (draft / "file").write_text("half")
    raise KeyboardInterrupt


def test_what_is_cached_is_not_made_again() -> None:
    path = cache.made_once("things", "content", write_file)
    assert (path / "file").read_text() == "whole"
    assert cache.made_once("things", "content", interrupted) == path


def test_interrupted_making_leaves_nothing_half_made(cache_root: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        cache.made_once("things", "content", interrupted)
    assert [path.name for path in (cache_root / "things").iterdir()] == ["content.lock"]
    assert (cache.made_once("things", "content", write_file) / "file").read_text() == "whole"


def test_key_tells_contents_and_their_borders_apart() -> None:
    keys = {cache.key(parts) for parts in ([b"ab", b"c"], [b"a", b"bc"], [b"abc"], [b"c", b"ab"], [])}
    assert len(keys) == 5
    assert cache.key([b"ab", b"c"]) == cache.key([b"ab", b"c"])
