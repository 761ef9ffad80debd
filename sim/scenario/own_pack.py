"""Which pack a scenario means: one that comes with the program, or a folder beside the scenario's file.

Such a folder lies where the file lies, or deeper: then the files of a run can be sent, unpacked and run again
anywhere, and no text of a run names a folder of the machine that made it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from sim.words.problems import BadInputError, Place, Problem, nearest, quote, suggest
from sim.world import pack_ids
from sim.world.load import is_pack

BESIDE = "./"
"""How the name of a folder beside the scenario begins."""


@dataclass(frozen=True, slots=True)
class PackName:
    """A pack as a scenario names it."""

    written: str
    """Id of a shipped pack, or `./folder` with strokes as everywhere but in Windows."""
    folder: Path | None
    """Where an own pack lies; None for a shipped one."""

    @property
    def to_load(self) -> str | Path:
        """What `sim.world.load_pack` takes."""
        return self.written if self.folder is None else self.folder


def find_pack(written: str, beside: Path, place: Place) -> PackName:
    """The pack of a scenario whose file lies in the folder `beside`; raises `BadInputError`."""
    if written in pack_ids():
        return PackName(written, None)
    if not any(mark in written for mark in "/\\") and written not in (".", ".."):
        raise _refused(place, f"unknown pack {quote(written)}", _help_for_a_name(written, beside))
    path = PurePosixPath(written.replace("\\", "/"))
    if path.name == "pack.csv":
        path = path.parent
    if path.is_absolute() or PureWindowsPath(written).anchor or path.parts[:1] == ("~",):
        message = f"{quote(written)} is a path of this machine alone"
        raise _refused(place, message, _copy_beside(path))
    if ".." in path.parts:
        message = f"{quote(written)} leads out of the folder of this file"
        raise _refused(place, message, _copy_beside(path))
    if not path.parts:
        message = f"{quote(written)} is the folder of this file itself"
        help = f"put the tables into a folder beside it and write `{BESIDE}my_mineral`"
        raise _refused(place, message, help)
    folder = beside / path
    if not is_pack(folder):
        raise _refused(place, *_no_pack(path, folder, beside))
    if not folder.resolve().is_relative_to(beside.resolve()):
        message = f"{quote(written)} is a link that leads out of the folder of this file"
        raise _refused(place, message, "copy the folder of the pack itself beside this file")
    return PackName(f"{BESIDE}{path}", folder)


def _refused(place: Place, message: str, help: str) -> BadInputError:
    return BadInputError([Problem(place, message, help)])


def _copy_beside(path: PurePosixPath) -> str:
    name = path.name if path.name not in ("", "..", "~") else "my_mineral"
    return f"copy the folder of the pack beside this file and write `{BESIDE}{name}`"


def _help_for_a_name(written: str, beside: Path) -> str:
    there = list(_packs_in(beside))
    meant = nearest(written, there)
    if meant:
        return f"for the folder beside this file write `{BESIDE}{meant}`"
    own = [f"{BESIDE}{name}" for name in there] or [f"{BESIDE}my_mineral"]
    return f"{suggest(written, pack_ids())}; or a folder beside this file, such as `{own[0]}`"


def _no_pack(path: PurePosixPath, folder: Path, beside: Path) -> tuple[str, str]:
    """What is wrong with a folder that is named, and what would be right."""
    try:
        is_folder, is_file = folder.is_dir(), folder.is_file()
    except (OSError, ValueError):
        is_folder, is_file = False, False
    if is_folder:
        message = f"the folder `{path}` beside this file is not a pack: it has no `pack.csv`"
        within = next((f"{BESIDE}{path}/{name}" for name in _packs_in(folder)), "")
        return message, f"did you mean `{within}`?" if within else _begin_one()
    message = f"there is no folder {quote(path)} beside this file"
    if is_file:
        message = f"{quote(path)} beside this file is a file, not the folder of a pack"
    there = list(_packs_in(beside))
    meant = nearest(path.name, there)
    if meant:
        return message, f"did you mean `{BESIDE}{meant}`?"
    found = f"packs there: {', '.join(f'`{BESIDE}{name}`' for name in there)}; " if there else ""
    return message, f"{found}{_begin_one()}"


def _begin_one() -> str:
    return (
        f"`critmin new my_mineral --pack toy_mineral` makes a folder to begin from; packs that come with "
        f"the program: {', '.join(pack_ids())}"
    )


def _packs_in(folder: Path) -> Iterator[str]:
    try:
        yield from sorted(path.name for path in folder.iterdir() if is_pack(path))
    except (OSError, ValueError):
        return
