"""What run.sh, setup.sh and wipe.sh leave on a machine, as far as other processes depend on it. The scripts' own tests are in tests/node.

Modelled: directories of jobs, the marker of every started attempt, marks of preparations, and tmpfs, which a reboot empties.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Root:
    """A pool's directory."""

    tools: bool = False
    """setup.sh has put run.sh there."""
    directories: set[str] = field(default_factory=set)
    started: set[str] = field(default_factory=set)
    prepared: dict[str, str] = field(default_factory=dict)
    """The line that each job's preparation left, by UID."""
    released: dict[str, str] = field(default_factory=dict)
    """And its release, if that succeeded."""


@dataclass
class Boot:
    """A pool's directory on tmpfs."""

    serving: bool = False
    """setup.sh has been there since the machine booted, and the start task has succeeded where jobs wait for it."""
    marks: dict[str, str] = field(default_factory=dict)


@dataclass
class Disk:
    """By pool UID."""

    roots: dict[str, Root] = field(default_factory=dict)
    boots: dict[str, Boot] = field(default_factory=dict)

    def set_up(self, pool: str, *, awaits_start_task: bool) -> None:
        self.root(pool).tools = True
        if not awaits_start_task:
            self.boot(pool).serving = True

    def root(self, pool: str) -> Root:
        return self.roots.setdefault(pool, Root())

    def boot(self, pool: str) -> Boot:
        return self.boots.setdefault(pool, Boot())

    def restart(self) -> None:
        self.boots.clear()

    def wipe_job(self, pool: str, directory: str, job_uid: str) -> None:
        root, boot = self.root(pool), self.boot(pool)
        root.directories = {each for each in root.directories if not (each + "/").startswith(directory + "/")}
        root.started = {key for key in root.started if not key.startswith(f"{job_uid}.")}
        root.prepared.pop(job_uid, None)
        root.released.pop(job_uid, None)
        boot.marks = {mark: line for mark, line in boot.marks.items() if not mark.startswith(f"{job_uid}.")}

    def left_of(self, pool: str, job_uid: str, directory: str) -> list[str]:
        """What there still is of a job."""
        root, boot = self.roots.get(pool, Root()), self.boots.get(pool, Boot())
        marks = [mark for mark in (*root.started, *boot.marks) if mark.startswith(f"{job_uid}.")]
        lines = [job_uid] if job_uid in root.prepared.keys() | root.released.keys() else []
        return [*(d for d in root.directories if (d + "/").startswith(directory + "/")), *marks, *lines]
