"""Answers that are not found again: those of pure functions that are asked about the very same things as last time.

Facts are replaced when they change and never altered, so what is said of the same objects stays true. They are held on to: while
an answer is remembered nothing else can be mistaken for what it is about. Knows no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import is_
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
About = tuple[object, ...]


class Memory:
    """One answer for each question, the last. A question is a function of a module that decides by its arguments alone."""

    def __init__(self) -> None:
        self._answers: dict[Callable[..., Any], tuple[About, Any]] = {}
        self._of_each: dict[Callable[..., Any], dict[str, tuple[About, Any]]] = {}

    def ask(self, question: Callable[[*Ts], T], *about: *Ts) -> T:
        known = self._answers.get(question)
        if known is None or not all(map(_same, known[0], about)):
            known = self._answers[question] = about, question(*about)
        answer: T = known[1]
        return answer

    def settle(self, question: Callable[[*Ts], T], *about: *Ts) -> T:
        """As `ask`; an answer that equals the last is the last, so that what is asked about it need not be found again either."""
        known = self._answers.get(question)
        answer = self.ask(question, *about)
        if known is None or answer is known[1] or answer != known[1]:
            return answer
        self._answers[question] = about, known[1]
        before: T = known[1]
        return before

    def each(self, question: Callable[[*Ts], T], about: Mapping[str, tuple[*Ts]]) -> dict[str, T]:
        """The answer for each name; names that are not asked about any more are forgotten."""
        before, now = self._of_each.get(question, {}), dict[str, tuple[About, Any]]()
        for name, these in about.items():
            known = before.get(name)
            now[name] = known if known is not None and all(map(is_, known[0], these)) else (these, question(*these))
        self._of_each[question] = now
        return {name: answer for name, (_, answer) in now.items()}


def _same(before: object, now: object) -> bool:
    """The very same; or plain values of which a new one is made each time."""
    return before is now or (isinstance(now, str | frozenset) and before == now)
