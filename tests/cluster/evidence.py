"""What the daemons of a cluster said last: for the message of a wait that failed, perhaps on a machine nobody can look at."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from tests.cluster import processes, waiting
from tests.cluster.layout import Layout

T = TypeVar("T")
CONTROL_PLANE = ("etcd", "apiserver", "controller-manager", "scheduler")
OPERATOR_LOGS = "*/disk/var/log/pods/batchyard-system_batchyard-*/operator/*.log"
LINES, LONGEST_LINE = 15, 400


class DaemonDied(RuntimeError):  # noqa: N818 - reads as what happened
    """Nothing restarts a program of the control plane, so that there is nothing to wait for any more."""


def wait_for(layout: Layout, what: str, condition: Callable[[], T], seconds: float) -> T:
    """As in waiting.py; ends at once when the control plane has lost a program, and shows what the logs say."""

    def unless_died() -> T:
        value = condition()
        died = [] if value else [name for name in CONTROL_PLANE if processes.has_died(layout, name)]
        if died:
            raise DaemonDied("\n".join([f"{what}: {', '.join(died)} ended by itself", *_tails(_logs(layout, died))]))
        return value

    try:
        return waiting.wait_for(what, unless_died, seconds)
    except TimeoutError as late:
        names = [*CONTROL_PLANE, *(f"{node.name}-kubelet" for node in layout.nodes.glob("*"))]
        operator = sorted(layout.nodes.glob(OPERATOR_LOGS), key=lambda log: log.stat().st_mtime)
        raise TimeoutError("\n".join([str(late), *_tails([*_logs(layout, names), *operator])])) from None


def _logs(layout: Layout, names: list[str]) -> list[Path]:
    return [layout.logs / f"{name}.log" for name in names]


def _tails(logs: list[Path]) -> Iterator[str]:
    for log in logs:
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        yield "\n".join([f"--- end of {log}", *(line[:LONGEST_LINE] for line in lines[-LINES:])])
