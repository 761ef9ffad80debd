"""A fault in what somebody wrote: where it stands, what is wrong, and what would be right."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LONGEST_LIST = 15
"""Names a help line shows before it is shortened."""
LONGEST_QUOTE = 60
"""Characters of somebody's text that a message repeats."""
WIDEST_LINE = 120
"""Characters of a source line that are shown under a message."""


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


class NoRunError(CritminError):
    """What was given is not the folder of a finished run as the run left it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}\n  = help: {hint}")


class BadInputError(CritminError):
    """What the user wrote cannot be used; carries every fault found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


class BalanceError(CritminError):
    """Tonnes appeared or vanished in the engine; names the site and the element."""


def render(problem: Problem) -> str:
    """Print a fault as a compiler does: place, message, the line with a caret, and the help."""
    lines = [f"{_position(problem.place)}: {problem.severity}: {problem.message}"]
    margin = " " * (len(str(problem.place.line)) + 2)
    if problem.place.line and problem.place.text:
        shown, before, marked = _window(problem.place)
        lines.append(f" {problem.place.line} | {shown}".rstrip())
        lines.append(f"{margin}| {_blank(before)}{'^' * max(1, _width(marked))}")
    if problem.help:
        lines.append(f"{margin}= help: {problem.help}")
    return "\n".join(lines)


def _position(place: Place) -> str:
    if not place.line:
        return place.file
    return f"{place.file}:{place.line}:{max(1, place.column)}"


def _window(place: Place) -> tuple[str, str, str]:
    """The part of the line to show, what of it stands before the caret, and what is marked."""
    start = max(0, place.column - 1)
    first = 0 if start < WIDEST_LINE - 20 else start - 40
    shown = place.text[first : first + WIDEST_LINE]
    before = shown[: start - first]
    marked = shown[start - first : start - first + max(1, place.length)]
    return shown, before, marked


def _blank(text: str) -> str:
    # A tab stays a tab so that the caret lines up wherever the terminal sets its stops.
    return "".join("\t" if letter == "\t" else " " * _width(letter) for letter in text)


def _width(text: str) -> int:
    """Columns a terminal needs for a text: Chinese letters take two, accents none."""
    return sum(
        2 if unicodedata.east_asian_width(letter) in "WF" else not unicodedata.combining(letter)
        for letter in text
    )


def quote(written: object) -> str:
    """Repeat what somebody wrote, shortened and without line breaks."""
    if isinstance(written, bool):
        return f"`{str(written).lower()}`"
    if written is None:
        return "nothing"
    text = " ".join(str(written).split())
    return f"`{text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 3] + '...'}`"


def list_names(known: Iterable[str]) -> str:
    """The names there are, shortened where there are many."""
    names = list(known)
    if not names:
        return "there are none"
    shown = ", ".join(names[:LONGEST_LIST])
    more = len(names) - LONGEST_LIST
    return f"one of: {shown}" + (f" and {more} more" if more > 0 else "")


def nearest(given: str, known: Iterable[str]) -> str | None:
    """The known name that the given one most likely was meant to be."""
    folded = {name.casefold(): name for name in known}
    key = given.casefold().strip()
    if key in folded:
        return folded[key]
    found = difflib.get_close_matches(key[:LONGEST_QUOTE], folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def suggest(given: str, known: Iterable[str], also: Mapping[str, str] | None = None) -> str:
    """Help for an unknown name: the likely one, then what there is.

    `also` holds further spellings, such as full names, and what they stand for.
    """
    names = list(known)
    meant = nearest(given, names)
    if meant is None and also:
        spelling = nearest(given, also)
        meant = also[spelling] if spelling else None
    return (f"did you mean `{meant}`? " if meant else "") + list_names(names)
