"""The YAML parser's complaints in plain words, and odd spaces that it would not name."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

import yaml

from sim.scenario.characters import name_of, remedy
from sim.scenario.slips import MendedText
from sim.words.problems import Problem

_QUOTES = (
    "put a text in quotes if it contains `: ` or ` #`, or begins with one of [ { & * ! | > % @ `"
)
_INDENT = (
    "keys of one group begin in the same column; what belongs below a key stands further right"
)
_NO_COLON = "write a colon and a space between a key and its value"
_ESCAPE = "use single quotes, or write `\\\\` for one `\\`"


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A piece of the parser's sentence, and what it means to somebody who writes a scenario."""

    piece: str
    message: str
    help: str = _QUOTES
    at_beginning: bool = False
    """Point at where the thing begins, not at where the parser gave up."""


_PHRASES = (
    _Phrase("directive", "YAML directives (lines with `%`) are not allowed", "delete this line"),
    _Phrase(
        "YAML document", "YAML directives (lines with `%`) are not allowed", "delete this line"
    ),
    _Phrase("nesting depth", "too many levels inside one another", "at most 40"),
    _Phrase("mapping values are not allowed", "a second `:` in this line, or a wrong indent"),
    _Phrase("expected ':'", "a line without `key: value`", _NO_COLON, True),
    _Phrase("',' or ']'", "this list is not closed, or lacks a comma", "close it with `]`", True),
    _Phrase("',' or '}'", "this `{` is not closed, or lacks a comma", "close it with `}`", True),
    _Phrase("end of stream", "this quoted text is not closed", "close the quote", True),
    _Phrase("document indicator", "this quoted text is not closed", "close the quote", True),
    _Phrase("escape", "a `\\` in double quotes", _ESCAPE),
    _Phrase("hexdecimal number", "a `\\` in double quotes", _ESCAPE),
    _Phrase("cannot start any token", "a character that cannot begin a text"),
    _Phrase("'-' indicator", "this does not fit the list above it", _INDENT),
    _Phrase("sequence entries are not allowed", "a list cannot begin here", _INDENT),
    _Phrase("indentation indicator", "an indent of zero after `|` or `>`", "leave the number out"),
    _Phrase("comment or", "text after `|` or `>`", "write it on the lines below"),
    _Phrase("node content", "a value is missing here", "give a value, or delete this sign"),
    _Phrase("tab character", "a tab in the indent", "indent with spaces"),
    _Phrase("anchor", "an anchor (`&name`) is not allowed", f"write the value out; {_QUOTES}"),
    _Phrase("alias", "an alias (`*name`) is not allowed", f"write the value out; {_QUOTES}"),
    _Phrase("tag", "a tag (`!name`) is not allowed", f"delete it; {_QUOTES}"),
    _Phrase("expected key", "the indent does not fit the lines above", _INDENT),
    _Phrase("block end", "the indent does not fit the lines above", _INDENT),
    _Phrase("document start", "this does not fit the lines above", _INDENT),
)
_AFTER_A_CLOSE = _Phrase("", "text after a closing quote or bracket", "put all of it in quotes")
_COMMA = _Phrase("", "a comma at the end of a line", "delete it: lines of YAML end without one")
_NO_KEY = _Phrase("", "a `:` without a key before it", "write `key: value`, or delete the line")
LONGEST_KEY = 1024
"""Characters; the parser's own limit."""
_LONG_KEY = _Phrase("", "this key is too long", f"at most {LONGEST_KEY} characters before the `:`")
_ANYTHING_ELSE = _Phrase("", "this line does not follow the rules of YAML")
_DEEPER = _Phrase("", "this line stands further right than the one above it", _INDENT)
_KEY_WITH_VALUE = re.compile(r"[ \-]*(?P<key>[^\s:#'\"][^:]*):[ ]+[^\s|>#]")
_INDENT_RUN = re.compile(r"[ \-?]*([\t\u00a0\u1680\u2000-\u200d\u2060\u202f\u205f\u3000])")


def explain(source: MendedText, error: yaml.YAMLError) -> Problem:
    """The parser's complaint as a problem of ours."""
    said = f"{getattr(error, 'problem', '')} {getattr(error, 'context', '')}"
    phrase = next((each for each in _PHRASES if each.piece in said), _ANYTHING_ELSE)
    mark = getattr(error, "problem_mark", None)
    if phrase.at_beginning:
        mark = getattr(error, "context_mark", None) or mark
    line = min(mark.line + 1 if mark else 1, len(source.lines))
    column = mark.column + 1 if mark else 1
    before = source.lines[line - 1][: column - 1].rstrip()
    if phrase.piece in ("expected key", "document start") and before.endswith(("'", '"', "]", "}")):
        after = source.lines[line - 1][column - 1 :]
        phrase = _COMMA if after.strip() in (",", ";") else _AFTER_A_CLOSE
    elif "mapping values" in phrase.piece and column > LONGEST_KEY:
        phrase = _LONG_KEY
    elif source.lines[line - 1][column - 1 :].startswith(":") and not before:
        phrase = _NO_KEY
    elif "mapping values" in phrase.piece and _stands_deeper(source, line):
        text = source.lines[line - 1]
        phrase, column = _DEEPER, len(text) - len(text.lstrip()) + 1
    return Problem(source.place(line, column), phrase.message, phrase.help)


def _stands_deeper(source: MendedText, line: int) -> bool:
    """Whether a line stands further right than the key above it, which has its value on its own line."""
    text = source.lines[line - 1]
    above = next((s for s in reversed(source.lines[: line - 1]) if s.strip()), "")
    key = _KEY_WITH_VALUE.match(above)
    return key is not None and len(text) - len(text.lstrip()) > key.start("key")


def odd_indents(
    source: MendedText, *, last_line: int, inside_text: Container[int], tabs: bool
) -> Iterator[Problem]:
    """Indents with characters that look like spaces and are not.

    `inside_text` are lines of quoted or `|` texts, where they do no harm.
    """
    for number, line in enumerate(source.lines[:last_line], start=1):
        match = _INDENT_RUN.match(line)
        if match is None or number in inside_text or not line.strip("\t \u00a0\u200b\u202f\u3000"):
            continue
        character = match[1]
        if character == "\t" and not tabs:
            continue
        what, help = "a tab", "indent with spaces"
        if character != "\t":
            what, help = name_of(character), remedy(character)
        yield Problem(source.place(number, match.start(1) + 1), f"{what} in the indent", help)


def lines_of(source: MendedText, error: yaml.MarkedYAMLError) -> set[int]:
    """Lines that may be to blame for a complaint: where it was noted, where the thing began, the one before."""
    marks = [mark for mark in (error.problem_mark, error.context_mark) if mark is not None]
    last = len(source.lines)
    lines = {min(mark.line + 1, last) for mark in marks} or {1}
    noted = min(lines) if len(lines) > 1 else max(lines)
    before = next((n for n in range(noted - 1, 0, -1) if source.lines[n - 1].strip()), noted)
    return lines | {before}
