"""A cluster number belongs to one state directory at a time."""

from pathlib import Path

import pytest

from tests.cluster import claims


@pytest.fixture(autouse=True)
def own_claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "CLAIMS", tmp_path / "claims")


def test_first_free_number_is_taken_and_found_again() -> None:
    assert claims.find(Path("/one")) is None
    assert claims.take(Path("/one")) == 0
    assert claims.take(Path("/other")) == 1
    assert claims.find(Path("/other")) == 1


def test_released_number_is_free() -> None:
    claims.take(Path("/one"))
    claims.release(0)
    claims.release(0)
    assert claims.find(Path("/one")) is None
    assert claims.take(Path("/other")) == 0


def test_wanted_number_that_is_taken_is_refused() -> None:
    claims.take(Path("/one"), 5)
    with pytest.raises(SystemExit, match="5 is taken"):
        claims.take(Path("/other"), 5)
