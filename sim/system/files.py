"""The one place of the program that writes to disk: a file is there whole, or it is not there.

Content goes into a file of another name beside its goal, down to the disk, and only then takes the goal's name.
Whoever ends the program in between leaves the goal as it was. What the system has against it becomes one
message: which file, what is wrong, what to do.
"""

from __future__ import annotations

import errno
import itertools
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.words.problems import HelpfulError

UNFINISHED = ".partial-"
"""How the name of a file or folder begins that is still being filled."""


class WriteError(HelpfulError):
    """A file or folder could not be written; `exit_code` is 2 where another place would do, else 1."""

    def __init__(self, message: str, hint: str, exit_code: int) -> None:
        super().__init__(message, hint)
        self.exit_code = exit_code

    def __reduce__(self) -> tuple[Any, ...]:
        """How it comes back whole from the process that it arose in."""
        return type(self), (self.message, self.hint, self.exit_code)


@dataclass(frozen=True, slots=True)
class _Fault:
    what: str
    hint: str
    exit_code: int


_ELSEWHERE = "choose another place"
_WITH_OUT = f"{_ELSEWHERE} with --out"
_AGAIN = f"give the command again when that is mended, or {_ELSEWHERE}"
_FULL = f"make room and give the command again, or {_ELSEWHERE}"
_FAULTS = {
    errno.ENOSPC: _Fault("the disk is full", _FULL, 1),
    errno.EDQUOT: _Fault("your share of the disk is used up", _FULL, 1),
    errno.EFBIG: _Fault("it is larger than a file may be there", _FULL, 1),
    errno.EIO: _Fault("the disk reports an error", _AGAIN, 1),
    errno.EROFS: _Fault("that disk can only be read", _ELSEWHERE, 2),
    errno.EACCES: _Fault(
        "this is not allowed, or another program has the file open",
        f"close the file where it is open, or {_ELSEWHERE}", 2,
    ),
    errno.ENOENT: _Fault(
        "the folder it belongs into is not there", f"make that folder, or {_ELSEWHERE}", 2
    ),
    errno.ENOTDIR: _Fault(
        "a file stands where a folder is needed", f"move the file away, or {_ELSEWHERE}", 2
    ),
    errno.EEXIST: _Fault(
        "something of that name is there already", f"move it away, or {_ELSEWHERE}", 2
    ),
    errno.EISDIR: _Fault("a folder of that name stands there", "choose another name", 2),
    errno.ENAMETOOLONG: _Fault(
        "its name, or the path to it, is too long", "choose shorter names, or a shorter path", 2
    ),
    errno.ELOOP: _Fault("its links lead round in a circle", _ELSEWHERE, 2),
    errno.EINVAL: _Fault(
        "its name has characters that are not allowed there", "choose another name", 2
    ),
}  # fmt: skip
_FAULTS[errno.EPERM] = _FAULTS[errno.EACCES]
_FAULTS[errno.ENOTEMPTY] = _FAULTS[errno.EEXIST]
_PATH_TOO_LONG_ON_WINDOWS = 206
"""Windows' own number; Python takes it for a folder that is missing."""


@contextmanager
def explained(path: Path, elsewhere: str = _ELSEWHERE) -> Iterator[None]:
    """Whatever the system has against writing `path` becomes a `WriteError`."""
    try:
        yield
    except OSError as error:
        number = error.errno
        if getattr(error, "winerror", None) == _PATH_TOO_LONG_ON_WINDOWS:
            number = errno.ENAMETOOLONG
        what = (error.strerror or str(error) or type(error).__name__).lower()
        fault = _FAULTS.get(number or 0, _Fault(what, _AGAIN, 1))
        hint = fault.hint.replace(_ELSEWHERE, elsewhere)
        raise WriteError(
            f"{path} cannot be written: {fault.what}", hint, fault.exit_code
        ) from error


def write_text(path: Path, text: str, *, line_end: str = "\n") -> None:
    """Write a text in UTF-8, in place of a file that may be there; raises `WriteError`."""
    write_bytes(path, _encoded(text, line_end))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, in place of one that may be there; raises `WriteError` and then leaves that alone."""
    write_parts(path, (content,))


def write_parts(path: Path, parts: Iterable[bytes]) -> None:
    """The same for what is made part by part, and need not be in memory as a whole."""
    with explained(path), _filled(path, parts) as filled:
        filled.replace(path)


def write_new_text(path: Path, text: str, *, line_end: str = "\n") -> bool:
    """Write a text under a name that is free; returns whether it was, raises `WriteError`."""
    with explained(path), _filled(path, (_encoded(text, line_end),)) as filled:
        try:
            # Unlike a renaming, a link never takes the place of a file that came meanwhile.
            os.link(filled, path)
        except FileExistsError:
            return False
        except OSError:  # sticks and some shares have no links
            if os.path.lexists(path):
                return False
            filled.replace(path)
    return True


def make_folder(path: Path) -> list[Path]:
    """Make a folder, and those above it that are missing; returns the new ones, the innermost first."""
    new: list[Path] = []
    try:
        with explained(path):
            missing = itertools.takewhile(lambda each: not each.is_dir(), (path, *path.parents))
            for each in reversed(list(missing)):
                try:
                    each.mkdir()
                except FileExistsError:
                    if not each.is_dir():  # otherwise another run was quicker
                        raise NotADirectoryError(errno.ENOTDIR, "", str(each)) from None
                else:
                    new.insert(0, each)
    except BaseException:
        for each in new:
            remove(each)
        raise
    return new


def check_writable(out: Path) -> None:
    """Raise `WriteError` if no folder could be filled at `out` (of `--out`); leaves nothing behind."""
    with explained(out, _WITH_OUT):
        existing = next(p for p in (out, *out.parents) if os.path.lexists(p))
    with explained(existing, _WITH_OUT):
        if not existing.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "", str(existing))
        # Trying is the only test that holds on every system and file share.
        with tempfile.TemporaryFile(dir=existing) as probe:
            probe.write(b"0123456789")


def rename(old: Path, new: Path) -> None:
    """Give a file or folder its final name; a file of that name is replaced, a folder never."""
    with explained(new):
        old.replace(new)


def remove(path: Path) -> None:
    """Delete a file or an empty folder, where that is possible."""
    with suppress(OSError):
        path.rmdir() if path.is_dir() else path.unlink()


def remove_tree(folder: Path) -> None:
    """Delete a folder with all that is in it, as far as possible."""
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _filled(path: Path, parts: Iterable[bytes]) -> Iterator[Path]:
    """A file with these parts, under a name of its own beside `path`; gone afterwards unless renamed."""
    filled = path.parent / f"{UNFINISHED}{secrets.token_hex(4)}"
    try:
        _write(filled, parts)
        yield filled
    finally:
        remove(filled)


def _write(path: Path, parts: Iterable[bytes]) -> None:
    with path.open("xb") as file:
        for part in parts:
            file.write(part)
        file.flush()
        # Some disks tell only now that they are full.
        os.fsync(file.fileno())


def _encoded(text: str, line_end: str) -> bytes:
    return (text if line_end == "\n" else text.replace("\n", line_end)).encode("utf-8")
