"""Slips of the hand that YAML does not forgive: no space after a colon, a dash or quotes of a word processor.

The parser trips over them a line later, or takes them for something else. Here each line is looked at by
itself; a line is only blamed where the parser gets further with it mended.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sim.scenario.characters import (
    BULLETS,
    COLONS,
    DASHES,
    KINDS,
    QUOTES,
    SPACES,
    WIDTHLESS,
    first_of,
    name_of,
    remedy,
    without,
)
from sim.words.problems import Place, Problem
from sim.words.texts import SourceText

_KEY = r"[A-Za-z_][\w-]*"
_BEGINNING = re.compile(r"[ ]*(?:-[ ]+)*")
_BULLET = re.compile(
    rf"(?P<sign>[{re.escape(DASHES + BULLETS)}]|[*+](?=[ ])|\d{{1,3}}[.)](?=[ ]))[ {WIDTHLESS}]*(?=\S)"
)
_DASH = re.compile(r"-(?=[A-Za-z_\"'])")
_COLON = re.compile(
    rf"(?P<key>{_KEY}|\"[^\"]+\"|'[^']+')(?P<gap>[ ]*)(?P<colon>[:{COLONS}])"
    rf"(?P<after>[ ]*[{WIDTHLESS}]+[ ]*|[ ]*)(?P<value>.*)"
)
_EQUALS = re.compile(rf"(?P<key>{_KEY})(?P<gap>[ ]*)=(?P<after>[ ]*)(?=\S)(?!.*:(?:[ ]|$))")
_NO_COLON = re.compile(rf"(?P<key>{_KEY})(?:[ ]+(?!.*:(?:[ ]|$))(?P<value>[^#\s].*))?$")
_BLOCK_TEXT = re.compile(r"(?:^|[ ])[|>][-+0-9]*[ ]*(?:#.*)?$")
_NOT_A_KEY = ("//", "\\")
"""What follows a colon in an address or a path."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip in a line, and the line without it."""

    problem: Problem
    line: int
    """Counted from 1."""
    mended: str
    at: int = 0
    """From this position on (counted from 0, in the mended line) the characters have moved."""
    moved: int = 0
    """By so many places."""


@dataclass(frozen=True, slots=True)
class MendedText:
    """A text with slips taken out; places are those of the text as it was written."""

    source: SourceText
    lines: tuple[str, ...]
    moved: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    """Line -> positions from which on its characters have moved, and how far."""

    @property
    def text(self) -> str:
        """The whole text with plain line breaks."""
        return "\n".join(self.lines)

    def place(self, line: int, column: int, length: int = 1) -> Place:
        """A position in the text as it was written."""
        first = self._written(line, column - 1)
        last = self._written(line, column - 1 + length) if line in self.moved else first + length
        return self.source.place(line, first + 1, last - first)

    def _written(self, line: int, position: int) -> int:
        # The last change was made in what the others had left.
        for at, by in reversed(self.moved.get(line, ())):
            if position >= at:
                position = max(at - max(by, 0), position - by)
        return position

    def without(self, slips: Collection[Slip]) -> MendedText:
        """The text with these slips taken out as well; one a line."""
        lines, moved = list(self.lines), dict(self.moved)
        for slip in slips:
            lines[slip.line - 1] = slip.mended
            if slip.moved:
                moved[slip.line] = (*moved.get(slip.line, ()), (slip.at, slip.moved))
        return replace(self, lines=tuple(lines), moved=moved)


def slips_in(text: MendedText, keys: Collection[str]) -> Iterator[Slip]:
    """The slips of all lines that begin an entry, at most one a line; `keys` are those there are."""
    for number, line, start in _entry_lines(text.lines):
        slip = _slip(text, number, line, start, keys)
        if slip is not None:
            yield slip


def missing_space(text: MendedText, line: int, column: int) -> Slip | None:
    """The slip of a colon right before a bracket, where the parser gave up."""
    written = text.lines[line - 1]
    if not re.match(r":[\[{\"']", written[column - 1 :]):
        return None
    return _inserted(text, line, column, " ", _no_space("colon"))


def odd_characters(text: MendedText, lines: Collection[int]) -> Iterator[list[Slip]]:
    """For each kind of odd character in these lines, the slips that they would be; the likeliest kind first."""
    for kind in KINDS:
        slips = []
        for number in sorted(lines):
            line = text.lines[number - 1]
            first = first_of(line, kind)
            if first is None or (kind == SPACES and not line[:first].strip(" -?")):
                continue  # what stands in the indent is said of the indent
            what, help = name_of(line[first]), remedy(line[first])
            if kind == QUOTES:
                what, help = f"{what} is no quote in YAML", f"{help}, or leave the quotes out"
            else:
                what = f"{what} cannot stand here"
            problem = Problem(text.place(number, first + 1), what, help)
            slips.append(Slip(problem, number, without(line, kind)))
        if slips:
            yield slips


def _entry_lines(lines: Collection[str]) -> Iterator[tuple[int, str, int]]:
    """Lines where a key or an entry of a list may begin: number, line, where it begins.

    Left out are comments and what goes on from a line before: texts behind `|` or `>`, brackets and quotes that
    are open, plain texts over several lines.
    """
    text_below: int | None = None
    depth, quote = 0, ""
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        indent = len(line) - len(line.lstrip(" "))
        if text_below is not None and indent > text_below:
            continue
        text_below = None
        begins = _BEGINNING.match(line)
        start = begins.end() if begins else 0
        if not depth and not quote:
            yield number, line, start
        depth, quote = _left_open(line, depth, quote)
        if not depth and not quote and (_BLOCK_TEXT.search(line) or _has_plain_value(line, start)):
            text_below = start if start > indent else indent
    return


def _has_plain_value(line: str, start: int) -> bool:
    match = re.match(rf"{_KEY}:[ ]+[^\s#\[{{|>\"'&*!-]", line[start:])
    return match is not None


def _left_open(line: str, depth: int, quote: str) -> tuple[int, str]:
    """Open brackets and the open quote behind a line."""
    before = ":"
    for position, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character == "#" and (position == 0 or line[position - 1] in " \t"):
            break
        elif character in "\"'" and before in ":,[{-?":
            quote = character
        elif character in "[{" and (depth or before in ":,-"):
            depth += 1
        elif character in "]}" and depth:
            depth -= 1
        before = character if character != " " else before
    return depth, quote


def _slip(
    text: MendedText, number: int, line: str, start: int, keys: Collection[str]
) -> Slip | None:
    rest = line[start:]
    if match := _BULLET.match(rest):
        return _wrong_bullet(text, number, start, match)
    if (match := _DASH.match(rest)) and not re.match(rf"-{_KEY}$", rest):
        return _inserted(text, number, start + 2, " ", _no_space("dash"))
    if match := _COLON.match(rest):
        return _wrong_colon(text, number, start, match)
    if (match := _EQUALS.match(rest)) or (
        (match := _NO_COLON.match(rest)) and match["key"] in keys and not rest.startswith("- ")
    ):
        return _no_colon(text, number, start, match)
    return None


def _wrong_bullet(text: MendedText, number: int, start: int, match: re.Match[str]) -> Slip:
    sign, line = match["sign"], text.lines[number - 1]
    what = f"`{sign}`" if sign.isascii() else name_of(sign)
    place = text.place(number, start + 1, len(sign))
    problem = Problem(
        place,
        f"{what} does not begin an entry of a list",
        "begin it with `- ` (a hyphen and a space)",
    )
    mended = f"{line[:start]}- {line[start + match.end() :]}"
    return Slip(problem, number, mended, start + 2, 2 - match.end())


def _wrong_colon(text: MendedText, number: int, start: int, match: re.Match[str]) -> Slip | None:
    line, colon, after, value = (
        text.lines[number - 1],
        match["colon"],
        match["after"],
        match["value"],
    )
    at = start + match.start("colon")
    odd = next((each for each in after if each in WIDTHLESS), "")
    if colon == ":" and not odd and (after or not value or value.startswith(_NOT_A_KEY)):
        return None
    if colon == ":" and odd and after.startswith(" ") and value:
        return None  # the value begins with it, and is looked at as such
    if colon != ":":
        place, message = text.place(number, at + 1), f"{name_of(colon)} stands in place of `:`"
        help = "write `: ` (a colon and a space)"
    elif odd:
        place = text.place(number, at + 2 + after.index(odd))
        message = f"{name_of(odd)} follows the colon"
        help = remedy(odd) if after[0] == " " else "write a plain space instead"
    else:
        place, (message, help) = text.place(number, at + 1), _no_space("colon")
    mended = f"{line[:at]}: {value}"
    moved = 2 - (match.start("value") - match.start("colon"))
    return Slip(Problem(place, message, help), number, mended, at + 2, moved)


def _no_colon(text: MendedText, number: int, start: int, match: re.Match[str]) -> Slip:
    line, key = text.lines[number - 1], match["key"]
    end = start + match.end("key")
    if match.re is _EQUALS:
        place, help = text.place(number, line.index("=", end) + 1), f"write `{key}: ...`"
        message, value = f"`=` stands where `{key}` needs a `:`", line[start + match.end() :]
    else:
        place, help = text.place(number, start + 1, len(key)), f"write `{key}: ...`"
        message, value = f"a `:` is missing after `{key}`", match["value"] or ""
    mended = f"{line[:end]}: {value}"
    return Slip(Problem(place, message, help), number, mended, end + 2, len(mended) - len(line))


def _inserted(text: MendedText, number: int, column: int, what: str, said: tuple[str, str]) -> Slip:
    """A slip mended by what is put before (for a colon: behind) a column."""
    line = text.lines[number - 1]
    at = column if line[column - 1 : column] == ":" else column - 1
    problem = Problem(text.place(number, at), *said)
    return Slip(problem, number, line[:at] + what + line[at:], at + len(what), len(what))


def _no_space(sign: str) -> tuple[str, str]:
    shown = {"colon": ":", "dash": "-"}[sign]
    return f"a space is missing after this {sign}", f"write `{shown} ` (with a space behind it)"
