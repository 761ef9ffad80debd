"""A file's bytes become text: encodings, line breaks, characters that hide or shift text."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from sim.problems import BadInputError, Place, Problem
from sim.scenario.tree import SourceText

LARGEST_FILE_BYTES = 5_000_000
MOST_ODD_CHARACTERS = 20
"""Unreadable characters that are reported one by one."""

_SAVE_AS_UTF_8 = "save the file as UTF-8 (in Notepad: Save as, Encoding: UTF-8)"
# Characters that YAML refuses, or that editors and YAML count as line breaks differently.
_UNREADABLE = re.compile(
    r"[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_NAMES = {
    "\x00": "a null character",
    "\x85": "a next-line character",
    "\u2028": "a line separator (U+2028)",
    "\u2029": "a paragraph separator (U+2029)",
    "\ufeff": "a byte-order mark in the middle of the file",
}


def read_source(path: Path, name: str) -> SourceText:
    """Read a file; raises `BadInputError` for what is not readable text."""
    return decode_source(_bytes(path, name), path, name)


def decode_source(content: bytes, path: Path, name: str) -> SourceText:
    """Text of a file's bytes; raises `BadInputError` for what is not readable text."""
    if len(content) > LARGEST_FILE_BYTES:
        size = f"{len(content) / 1e6:.1f} MB"
        raise _whole_file(name, f"the file is too large ({size})", "a scenario has at most 5 MB")
    text = _decoded(content, name).replace("\r\n", "\n").replace("\r", "\n")
    source = SourceText(path, name, tuple(text.split("\n")))
    _refuse_unreadable(source)
    return source


def _bytes(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE_BYTES + 1)
    except IsADirectoryError:
        raise _whole_file(name, "this is a folder", "name a file in it") from None
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise _whole_file(
            name, f"the file cannot be read: {reason}", "check name and permissions"
        ) from None


def _whole_file(name: str, message: str, help: str) -> BadInputError:
    return BadInputError([Problem(Place(name), message, help)])


def _decoded(content: bytes, name: str) -> str:
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _whole_file(name, "the file is in UTF-32", _SAVE_AS_UTF_8)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise _whole_file(name, "the file is broken UTF-16", _SAVE_AS_UTF_8) from None
    if b"\x00" in content[:4]:
        raise _whole_file(name, "the file looks like UTF-16 without its mark", _SAVE_AS_UTF_8)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInputError([_not_utf_8(content, error.start, name)]) from None


def _not_utf_8(content: bytes, position: int, name: str) -> Problem:
    """Where the first byte stands that is no UTF-8, and what it probably was meant to be."""
    content = content.removeprefix(codecs.BOM_UTF8) if position >= 3 else content
    before = content[:position].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line = before.count(b"\n") + 1
    column = len(before.rsplit(b"\n", 1)[-1].decode("utf-8", "replace")) + 1
    byte = content[position : position + 1]
    meant = byte.decode("cp1252", "replace")
    rows = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    shown = re.sub(
        r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "\ufffd", rows[line - 1].decode("utf-8", "replace")
    )
    guess = f" (perhaps `{meant}` in an old Windows encoding)" if meant.isprintable() else ""
    return Problem(
        Place(name, line, column, shown),
        f"the file is not UTF-8: byte 0x{byte.hex().upper()}{guess}",
        _SAVE_AS_UTF_8,
    )


def _refuse_unreadable(source: SourceText) -> None:
    found = []
    for number, line in enumerate(source.lines, start=1):
        for match in _UNREADABLE.finditer(line):
            character = match[0]
            what = _NAMES.get(character, f"a control character (U+{ord(character):04X})")
            place = source.place(number, match.start() + 1)
            shown = Place(place.file, number, place.column, _UNREADABLE.sub("\ufffd", place.text))
            found.append(Problem(shown, f"{what} cannot stand here", "delete it"))
            if len(found) == MOST_ODD_CHARACTERS:
                raise BadInputError(found)
    if found:
        raise BadInputError(found)
