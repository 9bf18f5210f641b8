"""A BatchTask that stands for one task for every integer of a range: which integers, and what has become of each."""

from __future__ import annotations

from collections.abc import Iterator

from batchyard.cli.show.objects import Object, at

SUCCEEDED, FAILED = "succeeded", "failed"
_STATUS = "status.range"


def bounds(task: Object) -> tuple[int, int] | None:
    """First and last integer; None for a single task."""
    found = at(task, "spec.range", None)
    return None if found is None else (int(found["start"]), int(found["end"]))


def size(task: Object) -> int:
    """How many tasks it is, also as it stands inside a job."""
    found = at(task, "range", None) or at(task, "spec.range", None)
    return 1 if found is None else int(found["end"]) - int(found["start"]) + 1


def index(task: Object, wanted: str) -> int | None:
    """The integer that is meant, if the range has it; leading zeros do not matter."""
    if (found := bounds(task)) is None or not (wanted.isascii() and wanted.isdigit()):
        return None
    return int(wanted) if found[0] <= int(wanted) <= found[1] else None


def states(task: Object) -> Iterator[tuple[int, str]]:
    """Those that have ended, and how."""
    base = int(at(task, f"{_STATUS}.base", 0))
    for text in (at(task, f"{_STATUS}.succeeded"), at(task, f"{_STATUS}.asking")):
        yield from ((number, SUCCEEDED) for number in _numbers(text, base))
    for failure in at(task, f"{_STATUS}.failed", []):
        word = SUCCEEDED if failure.get("dependencyAction") == "satisfy" else FAILED
        yield from ((number, word) for number in _numbers(failure["ids"], base))


def failure_of(task: Object, number: int) -> Object:
    """How that one failed; empty when it did not."""
    base = int(at(task, f"{_STATUS}.base", 0))
    return next((each for each in at(task, f"{_STATUS}.failed", []) if number in _numbers(each["ids"], base)), {})


def has_succeeded(task: Object, number: int) -> bool:
    base = int(at(task, f"{_STATUS}.base", 0))
    return any(number in _numbers(at(task, f"{_STATUS}.{word}"), base) for word in ("succeeded", "asking"))


def left(task: Object) -> int:
    """How many tasks of it, or it itself, have not ended."""
    return 1 if bounds(task) is None else int(at(task, f"{_STATUS}.counts.active", size(task)))


def left_before(task: Object, number: int) -> int:
    """Of a range, how many smaller integers have not ended."""
    found = bounds(task)
    return 0 if found is None else number - found[0] - sum(each < number for each, _ in states(task))


def failed_ones(task: Object) -> list[int]:
    base = int(at(task, f"{_STATUS}.base", 0))
    return sorted(number for each in at(task, f"{_STATUS}.failed", []) for number in _numbers(each["ids"], base))


def first_failed(task: Object) -> int | None:
    return min(failed_ones(task), default=None)


def failures(task: Object) -> int:
    return int(at(task, f"{_STATUS}.counts.failed", 0))


def counted(task: Object) -> str:
    """One line for all of them."""
    failed = failures(task)
    return f"{at(task, f'{_STATUS}.counts.succeeded', 0)} of {size(task)}" + (f", {failed} failed" if failed else "")


def causes(task: Object) -> str:
    """By how they ended: `3 FailureExitCode, exit code 1 (4,7-8)`."""
    base = int(at(task, f"{_STATUS}.base", 0))
    return "; ".join(
        f"{sum(1 for _ in _numbers(each['ids'], base))} {cause(each)} ({_short(each['ids'])})"
        for each in at(task, f"{_STATUS}.failed", [])
    )


def cause(failure: Object) -> str:
    code = failure.get("exitCode")
    return str(failure.get("failureCode", "")) + ("" if code is None else f", exit code {code}")


def _short(ids: str, limit: int = 30) -> str:
    return ids if len(ids) <= limit else f"{ids[:limit].rpartition(',')[0] or ids[:limit]},..."


def _numbers(text: str, base: int) -> Iterator[int]:
    """`1,3-5` are 1, 3, 4 and 5, with the base added to each."""
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        yield from range(base + int(first), base + int(last or first) + 1)
