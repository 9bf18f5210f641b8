"""Plays lives until one breaks a rule that should break: `python -m tests.mutants.catching RULES WHERE...`, one process for each mutant.

WHERE is a life (lives.py), or `everywhere`. Ends by printing one line of JSON, a Catch.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

EVERYWHERE = "everywhere"


@dataclass(frozen=True)
class Catch:
    """`by` is empty when nothing told."""

    by: str = ""
    rule: str = ""
    complaint: str = ""
    lives: int = 0
    cpu_seconds: float = 0.0


def rule_of(complaint: str) -> str:
    """The number it begins with; `ends` when a life with a fault ended otherwise than without; else the bug's own exception."""
    head = complaint.partition(":")[0]
    if head == "test" or (head[:1] in ("S", "L") and head[1:].isdigit()):
        return head
    return "ends" if " without the fault " in complaint else "crash"


def catch(rules: Sequence[str], where: Sequence[str]) -> Catch:
    """Without rules any of them counts."""
    lives = 0
    for found in _found(where):
        lives += len(found)
        for life, complaints in found.items():
            for complaint in complaints:
                if (rule := rule_of(complaint)) in rules or not rules:
                    return Catch(life, rule, complaint[:300], lives)
    return Catch(lives=lives)


def _found(where: Sequence[str]) -> Iterator[dict[str, list[str]]]:
    for each in where:
        if each.startswith("test "):
            from tests.mutants import by_test  # noqa: PLC0415 - as below

            yield {each: ["test: failed"] if by_test.fails(each.removeprefix("test ")) else []}
            continue
        from tests.mutants import lives  # noqa: PLC0415 - imports the operator, with the bug, and takes its time

        for trial in lives.everywhere() if each == EVERYWHERE else [lives.where(each)]:
            yield trial()


def cpu_seconds() -> float:
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in spent)


def main() -> None:
    import batchyard  # noqa: PLC0415 - to be sure which one it is

    logging.disable(logging.CRITICAL)
    assert str(batchyard.__file__).startswith(os.environ["PYTHONPATH"]), batchyard.__file__
    rules, *where = sys.argv[1:]
    found = catch([*filter(None, rules.split(","))], where)
    print(json.dumps({**asdict(found), "cpu_seconds": cpu_seconds()}))


if __name__ == "__main__":
    main()
