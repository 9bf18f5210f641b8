"""The machine is left as it was found."""

from pathlib import Path

from tests.cluster import mount_points


def test_only_what_was_made_and_is_still_empty_is_removed(tmp_path: Path) -> None:
    made, there = tmp_path / "made", tmp_path / "var/lib/kubelet"
    there.mkdir(parents=True)
    for _ in range(2):
        mount_points.make(tmp_path, made)
    assert all((tmp_path / name).is_dir() for name in mount_points.DIRECTORIES)
    (tmp_path / "var/lib/cni/somebody's").touch()
    mount_points.remove(made)
    left = [name for name in mount_points.DIRECTORIES if (tmp_path / name).exists()]
    assert left == ["var/lib/kubelet", "var/lib/cni"]
    assert not made.exists()
    mount_points.remove(made)
