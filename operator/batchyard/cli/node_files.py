"""Files on the nodes of a pool, read with the caller's own rights through the pool's agent container. Never leaves the pool's root."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from batchyard.api import names
from batchyard.cli.outcome import Exit, NotThere, Problem
from batchyard.cli.session import Session
from batchyard.cli.show.objects import name
from batchyard.kube.kinds import POD, Scope, labelled

AGENT = "agent"
ROOT = PurePosixPath(names.ROOT_DIR)
_BUSYBOX = f"{names.NODE_BIN}/busybox"
# What tasks wrote may be links: only where one leads to counts. $1 is the path, $2 how many lines from the end or how deep.
_GUARD = f"""
busybox={_BUSYBOX}
fail() {{ printf '%s\\n' "$1: $2" >&2; exit 1; }}
path=$("$busybox" readlink -f "$1") && [ -e "$path" ] || fail "$1" 'no such file or directory'
case $path/ in {ROOT}/*) ;; *) fail "$1" 'leads out of {ROOT}' ;; esac
"""
_READ = f"""{_GUARD}
[ ! -d "$path" ] || fail "$1" 'is a directory; `batchyard node files` lists it'
[ -f "$path" ] || fail "$1" 'is no regular file'
[ -n "$2" ] || exec "$busybox" cat "$path"
exec "$busybox" tail -n "$2" "$path"
"""
_LIST = (
    _GUARD
    + r"""
[ -d "$path" ] || { cd "${path%/*}" && exec "$busybox" stat -c '%F|%s|%Y|%n' "./${path##*/}"; }
cd "$path" && exec "$busybox" find . -xdev -mindepth 1 -maxdepth "$2" -exec "$busybox" stat -c '%F|%s|%Y|%n' {} +
"""
)


@dataclass(frozen=True, slots=True)
class Place:
    """The disk of one node of one pool."""

    session: Session
    pool: str
    node: str

    def read(self, path: str, *, tail: int | None = None) -> Iterator[bytes]:
        return self._run(_READ, path, "" if tail is None else str(tail))

    def listed(self, path: str, *, depth: int = 1) -> str:
        """A line for each entry: type, size, modification time in epoch seconds, path from there."""
        return b"".join(self._run(_LIST, path, str(depth))).decode(errors="replace")

    def _run(self, script: str, path: str, how: str) -> Iterator[bytes]:
        cluster, namespace = self.session.cluster, self.session.namespace
        argv = (_BUSYBOX, "sh", "-c", script, "batchyard", str(inside(path)), how)
        try:
            yield from cluster.execute(namespace, self._agent(), AGENT, argv)
        except Problem as problem:
            if problem.exit_code is Exit.FORBIDDEN:
                hint = "files on nodes are read through the pool's agent: that needs get and create on pods/exec"
                raise Problem(problem.message, Exit.FORBIDDEN, hint=hint) from problem
            if problem.message.endswith("no such file or directory"):
                raise NotThere(
                    problem.message, hint=f"batchyard node files {self.node} --pool {self.pool}"
                ) from problem
            raise

    def _agent(self) -> str:
        labels = {names.LABEL_POOL: self.pool, names.LABEL_COMPONENT: names.COMPONENT_POOL_NODE}
        found = self.session.cluster.list(
            Scope(
                POD,
                self.session.namespace,
                label_selector=labelled(labels),
                field_selector=f"spec.nodeName={self.node},status.phase=Running",
            )
        )
        if not found:
            raise NotThere(
                f"pool {self.pool} has no running agent on node {self.node}: the node is gone, or does not answer",
                hint=f"batchyard node list --pool {self.pool}",
            )
        return name(found[0])


def inside(path: str) -> PurePosixPath:
    """The path on the node: below the pool's root, with which an absolute one has to begin."""
    whole = ROOT / path  # an absolute path stands for itself
    if ".." in whole.parts or (whole != ROOT and ROOT not in whole.parents):
        raise Problem(f"{path} is not below {ROOT}, the pool's directory on a node", Exit.USAGE)
    return whole
