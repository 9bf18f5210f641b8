"""What processes did on the nodes, from lines that they write themselves: the ground truth of the tests.

The lines lie in the pool's shared directory, which only the wipe of the whole pool removes; they are only ever appended, and outlive a
power loss. A process that lives says so twice a second, so that one which was cut off is known to have lived until then.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.history.process import Place, Process, Step

FILE = "shared/trace"
_STEPS = {"-": Step.START, "jobpreparation": Step.PREPARATION, "jobrelease": Step.RELEASE}
_SHELL = """
say() {{ read -r up _ < /proc/uptime; echo "$who $* $up" >> "$AZ_BATCH_NODE_SHARED_DIR/trace"; }};
read -r since _ < /proc/uptime; read -r attempt < "$AZ_BATCH_TASK_DIR/.attempt"; mark=/mnt/batch/boot/trace;
[ -e $mark ] || {{ echo $since > $mark.$since.$$; ln $mark.$since.$$ $mark 2> /dev/null; rm $mark.$since.$$; }}; read -r boot < $mark;
who="$AZ_BATCH_ACCOUNT_NAME $AZ_BATCH_POOL_ID ${{AZ_BATCH_JOB_ID:--}} ${{AZ_BATCH_TASK_ID:--}} $attempt $boot $since";
say start; (while sleep 0.5; do say alive; done > /dev/null 2>&1) & beat=$!;
({body}); code=$?; kill $beat; say end $code; exit $code
"""
_LINE = re.compile(r"(\S+) (\S+) (\S+) (\S+) (\d+) (\S+) (\S+) (start|alive|end (\d+)) ([\d.]+)")


@dataclass(frozen=True)
class Line:
    """One line of a node's trace, and the UID of the Node object when it was read."""

    node: str
    machine: str
    text: str


def traced(body: str = "true") -> str:
    """A command line that writes when it starts, lives and ends around a piece of shell without single quotes."""
    return f"/bin/sh -c '{' '.join(_SHELL.split()).format(body=body)}'"


def is_traced(command_line: str) -> bool:
    return "AZ_BATCH_NODE_SHARED_DIR/trace" in command_line


def processes(namespace: str, lines: Iterable[Line]) -> list[Process]:
    """What ran, by start. Jobs have their ids, times are epoch seconds."""
    found: dict[tuple[str, ...], Process] = {}
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    for line in lines:
        match = _LINE.fullmatch(line.text)
        if match is None or match[1] != namespace:  # torn, on a full disk
            continue
        _, pool, job, task, attempt, boot, since, word, code, up = match.groups()
        key, at = (line.node, pool, job, task, attempt, since), booted + float(up)
        if word == "start":
            found[key] = Process(
                step=_STEPS.get(task, Step.TASK),
                place=Place(pool, line.node, line.machine),
                boot=boot,
                job="" if job == "-" else job,
                task=task,
                attempt=int(attempt),
                start=at,
                end=at,
                exit_code=None,
            )
        elif key in found:
            found[key] = replace(found[key], end=at, exit_code=int(code) if code else None)
    return sorted(found.values(), key=lambda process: process.start)
