"""A fault in what somebody wrote: where it stands, what is wrong, and what would be right."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

LONGEST_LIST = 15
"""Names a help line shows before it is shortened."""
MOST_SHOWN = 20
"""Faults that are printed; whoever has more wants to look at the first."""
MOST_WORDS = 10
"""Names in one text that are offered as a list."""
SHORTEST_PART = 3
"""Letters of a text that is looked for inside of names."""
LONGEST_QUOTE = 60
"""Characters of somebody's text that a message repeats."""
WIDEST_LINE = 120
"""Columns of a source line that are shown under a message."""
LONGEST_FILE = 300
"""Characters of a file's name that are shown; its end says more than its beginning."""
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode categories without a picture of their own: controls, formats, half letters, separators."""
_SAME, _LIKE = 0.85, 0.6
"""How much of two names must agree, from 0 to 1: for a slip of the finger, and for what may have been meant."""
_MARK = "\ufffd"
_WORD = re.compile(r"[^\W\d_]+|\d+")
_BETWEEN = re.compile(r"[,;/&+\s\uff0c\u3001]+|\band\b")
_CUT = "..."


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
    """Root of all errors of ours."""

    exit_code = 1
    """With which the program ends: 1 for work that failed, 2 for work that was refused."""


class HelpfulError(CritminError):
    """A fault without a place in a text; `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        self.message, self.hint = message, hint
        super().__init__(f"{visible(message)}\n  = help: {visible(hint)}")

    def __reduce__(self) -> tuple[Any, ...]:
        """How it comes back whole from the process that it arose in."""
        return type(self), (self.message, self.hint)


class RunFolderError(HelpfulError):
    """Where a run's folder should be, or was said to be, stands something else."""

    exit_code = 2


class ComparisonError(HelpfulError):
    """What was given to be compared cannot stand side by side."""

    exit_code = 2


class BadInputError(CritminError):
    """What the user wrote cannot be used; carries every fault found."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        """What the command line prints: each of the first faults with its place, its line and the help."""
        return "\n".join(rendered(self.problems))


class BalanceError(CritminError):
    """Tonnes appeared or vanished in the engine; names the site and the element."""


def render(problem: Problem) -> str:
    """Print a fault as a compiler does: place, message, the line with a caret, and the help."""
    place = problem.place
    lines = [f"{_position(place)}: {problem.severity}: {visible(problem.message)}"]
    margin = " " * (len(str(place.line)) + 2)
    if place.line and place.text:
        shown, before, marked = _window(place)
        lines.append(f" {place.line} | {shown}".rstrip())
        lines.append(f"{margin}| {_blank(before)}{'^' * max(1, _width(marked.expandtabs(1)))}")
    if problem.help:
        lines.append(f"{margin}= help: {visible(problem.help)}")
    return "\n".join(lines)


def rendered(problems: Sequence[Problem]) -> Iterator[str]:
    """The first faults, printed, and how many more there are."""
    for problem in problems[:MOST_SHOWN]:
        yield render(problem)
    more = len(problems) - MOST_SHOWN
    if more > 0:
        yield f"... and {more} more"


def visible(text: str) -> str:
    """The text with a mark for each character that a terminal would obey or not show.

    Escape sequences, marks that turn the direction of text and characters without width could hide or
    rearrange what stands in a file. The text keeps its length.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_MARK if _is_hidden(letter) else letter for letter in text)


def _is_hidden(letter: str) -> bool:
    return letter != "\t" and unicodedata.category(letter) in _HIDDEN


def _position(place: Place) -> str:
    file = visible(place.file)
    if len(file) > LONGEST_FILE:
        file = _CUT + file[-LONGEST_FILE:]
    return f"{file}:{place.line}:{max(1, place.column)}" if place.line else file


def _window(place: Place) -> tuple[str, str, str]:
    """The part of the line to show, what of it stands before the caret, and what is marked."""
    start = min(max(0, place.column - 1), len(place.text))
    near = max(0, start - WIDEST_LINE)
    before = visible(place.text[near:start])
    cut_left = near > 0 or _width(before) > WIDEST_LINE * 2 // 3
    if cut_left:
        before = _CUT + _last_columns(before, WIDEST_LINE // 3)
    after = visible(place.text[start : start + WIDEST_LINE + 1])
    fitting = _first_columns(after, WIDEST_LINE - _width(before))
    cut_right = len(fitting) < len(place.text) - start
    marked = fitting[: max(1, place.length)]
    return before + fitting + (_CUT if cut_right else ""), before, marked


def _first_columns(text: str, columns: int) -> str:
    """As much of the beginning as fits."""
    used = 0
    for count, letter in enumerate(text):
        used += _width(letter)
        if used > columns:
            return text[:count]
    return text


def _last_columns(text: str, columns: int) -> str:
    """As much of the end as fits."""
    return _first_columns(text[::-1], columns)[::-1]


def _blank(text: str) -> str:
    # A tab stays a tab so that the caret lines up wherever the terminal sets its stops.
    return "".join("\t" if letter == "\t" else " " * _width(letter) for letter in text)


def _width(text: str) -> int:
    """Columns a terminal needs for a text: Chinese letters take two, accents none, a tab up to 8."""
    if text.isascii():
        return len(text) + 7 * text.count("\t")
    from rich.cells import get_character_cell_size  # here, because most messages are plain

    return sum(8 if letter == "\t" else get_character_cell_size(letter) for letter in text)


def quote(written: object) -> str:
    """Repeat what somebody wrote, shortened and without line breaks; lists and mappings by name."""
    if isinstance(written, bool):
        return f"`{str(written).lower()}`"
    if written is None:
        return "nothing"
    if isinstance(written, Mapping):
        return "a group of keys"
    if isinstance(written, list | tuple):
        return "a list"
    if isinstance(written, float) and written.is_integer() and abs(written) < 1e15:
        written = int(written)
    text = visible(" ".join(str(written)[: 100 * LONGEST_QUOTE].split()))
    if not text:
        return "an empty text"
    return f"`{text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 3] + '...'}`"


def list_names(known: Iterable[str]) -> str:
    """The names there are, shortened where there are many."""
    names = list(known)
    if not names:
        return "there are none"
    # One more takes no more room than to say so.
    fit = LONGEST_LIST + 1 if len(names) == LONGEST_LIST + 1 else LONGEST_LIST
    shown = ", ".join(names[:fit])
    more = len(names) - fit
    return f"one of: {shown}" + (f" and {more} more" if more > 0 else "")


def nearest(given: str, known: Iterable[str], also: Mapping[str, str] | None = None) -> str | None:
    """The known name that the given one most likely was meant to be, if there is one such."""
    found = _likely(given, known, also)
    return found[0] if len(found) == 1 else None


def is_part_of(given: str, known: Iterable[str], also: Mapping[str, str] | None = None) -> bool:
    """Whether a text names one of these, or stands in a name of theirs; not merely spelt like one."""
    return bool(_likely(given, known, also, similar=False))


def suggest(given: str, known: Iterable[str], also: Mapping[str, str] | None = None) -> str:
    """Help for an unknown name: the likely one, or those that are, then what there is.

    `also` holds further spellings, such as full names, and what they stand for.
    """
    names = list(known)
    meant = _likely(given, names, also)
    if len(meant) == 1:
        return f"did you mean `{meant[0]}`? {list_names(names)}"
    if 1 < len(meant) <= MOST_WORDS and _is_enumeration(given, names, also):
        return f"write several as a list: `[{', '.join(meant)}]`; {list_names(names)}"
    return list_names(meant or names)


def _likely(
    given: str,
    known: Iterable[str],
    also: Mapping[str, str] | None,
    *,
    similar: bool = True,
) -> list[str]:
    """The names that fit best: the same one, those named in the text, those that contain it, a similar one."""
    spellings = {name: name for name in known}
    spellings |= {name: meant for name, meant in (also or {}).items() if name not in spellings}
    given = given.strip()[:LONGEST_QUOTE]
    key, words = given.casefold(), _words(given)
    folded: dict[str, str] = {}
    for name, meant in spellings.items():
        folded.setdefault(name.casefold(), meant)
    if key in folded:
        return [folded[key]]
    if similar and (close := difflib.get_close_matches(key, folded, n=1, cutoff=_SAME)):
        return [folded[close[0]]]
    named = {meant: at for name, meant in reversed(spellings.items())
             if (at := _place_in(_words(name), words)) >= 0}  # fmt: skip
    if named:
        return sorted(named, key=lambda name: named[name])
    if len(key) >= SHORTEST_PART:
        parts = {
            meant: None for name, meant in spellings.items() if _begins_in(words, _words(name))
        }
        if parts:
            return list(parts)
    found = difflib.get_close_matches(key, folded, n=1, cutoff=_LIKE) if similar else []
    return [folded[found[0]]] if found else []


def _is_enumeration(given: str, known: Iterable[str], also: Mapping[str, str] | None) -> bool:
    """Whether a text is nothing but known names with something between them."""
    plain = {_words(name).casefold() for name in (*known, *(also or ()))}
    parts = (part for part in _BETWEEN.split(given) if part.strip())
    return all(_words(part).casefold() in plain for part in parts)


def _place_in(name: str, text: str) -> int:
    """Where the words of a name stand in a text, else -1; one of a letter or two counts as it is written."""
    if len(name) > 2:
        name, text = name.casefold(), text.casefold()
    return f" {text} ".find(f" {name} ") if name else -1


def _begins_in(part: str, name: str) -> bool:
    """Whether a text is the beginning of a word of a name and what follows."""
    return bool(part) and f" {part.casefold()}" in f" {name.casefold()}"


@lru_cache(maxsize=4096)
def _words(text: str) -> str:
    """The words and numbers of a text, with a space between them."""
    return " ".join(_WORD.findall(text))
