"""A file's bytes become text: encodings, line breaks, characters that hide or shift text."""

from __future__ import annotations

import codecs
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from sim.words.problems import BadInputError, Place, Problem

LARGEST_FILE_BYTES = 5_000_000
MOST_ODD_CHARACTERS = 10_000
"""Unreadable characters that are looked for; whoever has so many has no text."""

_SAVE_AS_UTF_8 = "save the file as UTF-8 (in Notepad: Save as, Encoding: UTF-8)"
# Characters that YAML refuses, that editors and YAML count as line breaks differently, and that turn
# the direction of text, so that a line reads otherwise than it is.
_UNREADABLE = (
    r"[^\t\n\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd"
    r"\U00010000-\U0010ffff]"
)
_NAMES = {
    "\x00": "a null character",
    "\x85": "a next-line character",
    "\u2028": "a line separator (U+2028)",
    "\u2029": "a paragraph separator (U+2029)",
    "\ufeff": "a byte-order mark in the middle of the file",
}
_OTHER_FILES = {
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"%PDF": "a PDF file",
    b"PK\x03\x04": "a packed file (Word, Excel, PowerPoint or ZIP)",
    b"\xd0\xcf\x11\xe0": "an old Office file (Word, Excel or PowerPoint)",
    b"\x1f\x8b": "a packed file (gzip)",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
}
"""First bytes -> what the file is."""


@dataclass(frozen=True, slots=True)
class SourceText:
    """A file as it was read."""

    path: Path
    name: str
    """As messages call it."""
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole file with plain line breaks."""
        return "\n".join(self.lines)

    def place(self, line: int, column: int, length: int = 1) -> Place:
        """A position; line and column count from 1."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        longest = max(1, len(text) - column + 1)
        return Place(self.name, line, column, text, min(max(1, length), longest))


def read_text(path: Path, name: str, *, what: str) -> SourceText:
    """Read a file; raises `BadInputError` for what is not readable text.

    `what` is what the file should be, for messages: "a scenario".
    """
    return decode_text(_bytes(path, name), path, name, what=what)


def decode_text(content: bytes, path: Path, name: str, *, what: str) -> SourceText:
    """Text of a file's bytes; raises `BadInputError` for what is not readable text."""
    if len(content) > LARGEST_FILE_BYTES:
        size = f"it has at most {LARGEST_FILE_BYTES / 1e6:.0f} MB"
        raise _whole_file(name, f"the file is too large for {what}", size)
    for begins, kind in _OTHER_FILES.items():
        if content.startswith(begins):
            raise _whole_file(name, f"this is {kind}, not {what}", f"{what} is a plain text file")
    text = _decoded(content, name).replace("\r\n", "\n").replace("\r", "\n")
    source = SourceText(path, name, tuple(text.split("\n")))
    if not text.replace("\n", "").isprintable():  # quick for nearly every file
        _refuse_unreadable(source)
    return source


def odd_character(text: str) -> str:
    """What stands in a text that nobody can read, in words; empty where there is nothing."""
    match = re.search(_UNREADABLE, text)
    return _name(match[0]) if match else ""


def _bytes(path: Path, name: str) -> bytes:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise _whole_file(name, *_no_file(mode, path))
        # Some files of the system would keep us waiting for what they will say next.
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            return file.read(LARGEST_FILE_BYTES + 1) or b""
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "its name is not a file's").lower()
        message = f"the file cannot be read: {reason}"
        raise _whole_file(name, message, "check name and permissions") from None


def _no_file(mode: int, path: Path) -> tuple[str, str]:
    if stat.S_ISDIR(mode):
        return "this is a folder, not a file", _files_in(path)
    kind = "a pipe" if stat.S_ISFIFO(mode) else "a device"
    return f"this is {kind}, not a file", "save the text in a file and name that"


def _files_in(folder: Path) -> str:
    if (folder / "run.yaml").is_file():
        return (
            "this is the folder of a finished run; its scenario lies in the folder `scenario` in it"
        )
    names = sorted(path.name for path in folder.glob("*.y*ml"))
    return f"name a file in it: {', '.join(names[:10])}" if names else "name a file in it"


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
    if content.startswith(codecs.BOM_UTF8):
        # The decoder counts from behind the mark.
        content = content.removeprefix(codecs.BOM_UTF8)
    before = content[:position].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line = before.count(b"\n") + 1
    column = len(before.rsplit(b"\n", 1)[-1].decode("utf-8", "replace")) + 1
    byte = content[position : position + 1]
    meant = byte.decode("cp1252", "replace")
    rows = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    known = meant.isprintable() and meant != "\ufffd"
    guess = f" (perhaps `{meant}` in an old Windows encoding)" if known else ""
    return Problem(
        Place(name, line, column, rows[line - 1].decode("utf-8", "replace")),
        f"the file is not UTF-8: byte 0x{byte.hex().upper()}{guess}",
        _SAVE_AS_UTF_8,
    )


def _refuse_unreadable(source: SourceText) -> None:
    found = []
    for number, line in enumerate(source.lines, start=1):
        for match in re.finditer(_UNREADABLE, line):
            place = source.place(number, match.start() + 1)
            found.append(Problem(place, f"{_name(match[0])} cannot stand here", "delete it"))
            if len(found) == MOST_ODD_CHARACTERS:
                raise BadInputError(found)
    if found:
        raise BadInputError(found)


def _name(character: str) -> str:
    code = f"(U+{ord(character):04X})"
    if "\u202a" <= character <= "\u2069":
        return f"a mark that turns the direction of text {code}"
    return _NAMES.get(character, f"a control character {code}")
