"""How a command can end: exit codes that scripts can rely on, and the problem that leads to one. Prints nothing."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    OK = 0
    ERROR = 1
    """Anything without a code of its own, for example an object that the API server refused."""
    USAGE = 2
    NOT_FOUND = 3
    FORBIDDEN = 4
    UNREACHABLE = 5
    JOB_FAILED = 10
    """The job or task ended, and a task of it failed."""
    JOB_STOPPED = 11
    """Somebody disabled, terminated or deleted the job before its tasks were done."""
    UNHEALTHY = 12
    """`batchyard doctor` found something that fails."""
    TIMEOUT = 124
    INTERRUPTED = 130


class Problem(Exception):  # noqa: N818  "Error" would add nothing
    """Told to the user as one line, with what to do next below it."""

    def __init__(self, message: str, exit_code: Exit = Exit.ERROR, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
        self.hint = hint


class NotLoggedIn(Problem):
    """The API server does not know who asks: nothing can be said of what it has."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Exit.FORBIDDEN, hint="log in again: the API server does not know you")


class NotThere(Problem):
    """The named object does not exist."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, Exit.NOT_FOUND, hint=hint)
