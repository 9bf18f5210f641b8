"""Every reason that the operator can put into a condition, read from the source of its decisions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import batchyard.core
from batchyard.api.states import JobState
from batchyard.core.jobs import waiting, wishes
from batchyard.core.pools import allocation

CORE = Path(batchyard.core.__file__).parent
MAKERS = {"Observed": 2, "true": 1, "false": 1, "Why": 0, "_refusal": 0, "_no": 0}
"""What makes a condition, and the place of the reason among its arguments."""
_STATES = {f"Job{state.value.capitalize()}" for state in JobState}
_ENDS = {wishes.USER_TERMINATE, wishes.WALL_CLOCK, wishes.ALL_TASKS_COMPLETE, wishes.TASK_FAILED, "Terminated"}
MADE: dict[str, set[str]] = {
    "state_word(phase.state)": _STATES,
    "f'Job{state.capitalize()}'": {"JobTerminating", "JobCompleted", "JobDeleting"},
    "_word(phase.reason) or 'NotComplete'": {*_ENDS, "NotComplete"},
    "_failed_reason(phase, failed=failed)": {"NoFailure", "TaskFailed", wishes.WALL_CLOCK},
    "kind": {"PreparationFailed", "ReleaseFailed"},
    "allocation.TIMED_OUT": {allocation.TIMED_OUT},
    "f'Task{state.capitalize()}'": {"TaskActive", "TaskPreparing", "TaskRunning"},
    "each['reason']": set(),  # of another condition, which is found where it is made
}
"""Reasons that are made of something else, by the expression that makes them; those of any other are found by themselves."""


def reasons() -> set[str]:
    """Raises KeyError for an expression whose reasons are neither found nor listed."""
    found = {word for path in sorted(CORE.rglob("*.py")) for word in _of(ast.parse(path.read_text()))}
    return found | {name for name, _ in waiting.REASONS}


def _of(module: ast.Module) -> Iterator[str]:
    functions = {each.name: each for each in ast.walk(module) if isinstance(each, ast.FunctionDef)}
    for name, function in functions.items():
        calls = [each for each in ast.walk(function) if isinstance(each, ast.Call) and name not in MAKERS]
        for reason in filter(None, map(_reason, calls)):
            yield from _words(reason, function, functions)


def _reason(call: ast.Call) -> ast.expr | None:
    place = MAKERS.get(call.func.id) if isinstance(call.func, ast.Name) else None
    if place is None:
        return None
    named = [each.value for each in call.keywords if each.arg == "reason"]
    return named[0] if named else call.args[place]


def _words(said: ast.expr, function: ast.FunctionDef, functions: dict[str, ast.FunctionDef]) -> Iterator[str]:
    match said:
        case ast.Constant(value=str(word)):
            yield word
        case ast.Attribute(attr="reason"):
            return  # of a Why or another condition, which is found where it is made
        case ast.IfExp(body=one, orelse=other):
            yield from _words(one, function, functions)
            yield from _words(other, function, functions)
        case ast.Starred(value=value):
            for each in _first_returned(value, functions):
                yield from _words(each, function, functions)
        case ast.Name(id=name) if given := list(_given(name, function, functions)):
            for each in given:
                yield from _words(each, function, functions)
        case _:
            yield from MADE[ast.unparse(said)]


def _given(name: str, function: ast.FunctionDef, functions: dict[str, ast.FunctionDef]) -> Iterator[ast.expr]:
    """What a variable is set to, by itself or as the first of what another function of the module returns."""
    for each in ast.walk(function):
        match each:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                yield value
            case ast.Assign(targets=[ast.Tuple(elts=[ast.Name(id=target), *_])], value=value) if target == name:
                yield from _first_returned(value, functions)
            case ast.For(target=ast.Tuple(elts=[ast.Name(id=target), *_]), iter=ast.Name(id="REASONS")) if (
                target == name
            ):
                yield from (ast.Constant(reason) for reason, _ in waiting.REASONS)


def _first_returned(call: ast.expr, functions: dict[str, ast.FunctionDef]) -> Iterator[ast.expr]:
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
        returned = (node.value for node in ast.walk(functions[call.func.id]) if isinstance(node, ast.Return))
        yield from (value.elts[0] for value in returned if isinstance(value, ast.Tuple))
