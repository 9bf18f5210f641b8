"""The cgroups below which each node's kubelet works, in version 1 and version 2."""

from pathlib import Path

from tests.cluster.waiting import wait_for

ROOT = Path("/sys/fs/cgroup")
CONTROLLERS = ("cpuset", "cpu", "io", "memory", "hugetlb", "pids")
REMOVAL_SECONDS = 60.0


def make(*path: str) -> None:
    """Make a path of nested groups with all controllers usable in the last one."""
    for root in hierarchies():
        group = root
        for name in path:
            _delegate(group)
            group = group / name
            group.mkdir(exist_ok=True)
            _copy_cpuset(group)
        _delegate(group)


def remove(*path: str) -> None:
    """Remove a group with all groups below it; their processes have been killed."""
    for root in hierarchies():
        group = root.joinpath(*path)
        wait_for(f"removal of {group}", lambda group=group: _removed(group), REMOVAL_SECONDS)  # type: ignore[misc]


def hierarchies() -> list[Path]:
    """The mounted hierarchies: one in version 2, one per controller in version 1."""
    if (ROOT / "cgroup.controllers").exists():
        return [ROOT]
    return [path for path in ROOT.iterdir() if path.is_dir() and not path.is_symlink()]


def _delegate(group: Path) -> None:
    """Version 2: let the groups below have the controllers."""
    control = group / "cgroup.subtree_control"
    if group.is_relative_to(ROOT / "unified") or not control.exists():
        return
    missing = set(CONTROLLERS) & _words(group / "cgroup.controllers") - _words(control)
    if missing:
        _empty_container_root(group)
        control.write_text(" ".join(f"+{name}" for name in sorted(missing)))


def _empty_container_root(group: Path) -> None:
    """In a container the root group holds processes and may not hold controllers too: move the processes down."""
    if group != ROOT or not (group / "cgroup.type").exists():
        return  # a machine's own root group has no type and may hold both
    shelter = group / "init"
    shelter.mkdir(exist_ok=True)
    for pid in (group / "cgroup.procs").read_text().split():
        try:
            (shelter / "cgroup.procs").write_text(pid)
        except OSError:
            continue  # ended meanwhile


def _copy_cpuset(group: Path) -> None:
    """Version 1: a new cpuset is empty and takes no process."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        file, above = group / name, group.parent / name
        if group.is_relative_to(ROOT / "cpuset") and not file.read_text().strip():
            file.write_text(above.read_text())


def _removed(group: Path) -> bool:
    if not group.exists():
        return True
    try:
        for below in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
            below.rmdir()
        group.rmdir()
    except OSError:
        return False  # the last processes are still ending
    return True


def _words(file: Path) -> set[str]:
    return set(file.read_text().split())
