"""A fault in what somebody wrote: where it stands, what is wrong, and what would be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file; line and column count from 1, 0 means the whole file."""

    file: str
    line: int = 0
    column: int = 0
    text: str = ""
    """The line as it stands in the file, for the caret."""
    length: int = 1
    """How many characters of the line are meant."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: place, what is wrong, and what would be right."""

    place: Place
    message: str
    help: str = ""
    severity: str = "error"


class CritminError(Exception):
    """Root of all errors of ours; the exit code is 1 unless a subclass says otherwise."""


class BadInputError(CritminError):
    """What the user wrote cannot be used; carries every fault found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


class BalanceError(CritminError):
    """Tonnes appeared or vanished in the engine; names the site and the element."""
