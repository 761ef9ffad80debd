"""A pack's folder becomes a `World`: read the tables, apply a scenario's changes, check, build."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sim.words.problems import BadInputError, Place, Problem, quote, suggest
from sim.world.build import build_world
from sim.world.cautions import cautions
from sim.world.cells import Cells
from sim.world.changes import Change, apply_changes
from sim.world.checks import check_world
from sim.world.names import check_names
from sim.world.numbers import as_number
from sim.world.rows import check_rows
from sim.world.tables import gathered, read_pack
from sim.world.world import Row, World

PACKS = Path(__file__).parent / "packs"


def pack_ids() -> list[str]:
    """Packs that come with the program."""
    return sorted(path.name for path in PACKS.iterdir() if (path / "pack.csv").is_file())


def example_packs() -> Path:
    """Where the packs are that one begins an own one from: in a wheel, or among the tests."""
    inside = PACKS / "examples"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "tests" / "packs"


def is_pack(folder: Path) -> bool:
    """Whether a folder is there and holds the first table of a pack."""
    try:
        return (folder / "pack.csv").is_file()
    except (OSError, ValueError):
        return False


def load_pack(id_or_folder: str | Path, changes: Sequence[Change] = ()) -> World:
    """The world of a shipped pack or a pack folder; `BadInputError` carries every fault found.

    A text is an id before it is a folder; a path is always a folder.
    """
    folder = pack_folder(id_or_folder)
    pack = read_pack(folder.resolve().name, folder)
    changed = apply_changes(pack, changes)
    check_rows(pack)
    check_names(pack)
    if pack.problems:
        raise BadInputError(gathered(pack.problems))
    world = build_world(
        pack.id,
        Cells(pack.rows),
        pack.sources,
        content_hash=content_hash(pack.rows, pack.sources),
        rows=tuple(pack.rows),
        changes=changed,
        tables={} if folder.resolve().parent == PACKS.resolve() else pack.texts(),
    )
    check_world(world, pack)
    if pack.problems:
        raise BadInputError(gathered(pack.problems))
    return replace(world, cautions=tuple(cautions(world, pack)))


def pack_folder(id_or_folder: str | Path) -> Path:
    """The folder of a shipped pack by its id, or a pack's folder; raises `BadInputError`."""
    name, known = str(id_or_folder), pack_ids()
    if isinstance(id_or_folder, str) and name in known:
        return PACKS / name
    folder = Path(name)
    if is_pack(folder):
        _refuse_shipped_name(folder, known)
        return folder
    if name and _is_folder(folder):
        message = "this folder is not a pack: it has no `pack.csv`"
        help = f"packs that come with the program: {', '.join(known)}"
    else:
        message = f"there is no pack {quote(name)}" if name.strip() else "no pack is named"
        help = f"{suggest(name, known)}, or the path of a folder"
    raise BadInputError([Problem(Place(name or "--pack"), message, help)])


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _refuse_shipped_name(folder: Path, known: Sequence[str]) -> None:
    """A changed copy under the name of the original would pass for it in every figure and page."""
    whole = folder.resolve()
    if whole.name in known and whole != (PACKS / whole.name).resolve():
        message = f"{quote(whole.name)} is the name of a pack that comes with the program"
        help = f"rename the folder, for example to `my_{whole.name}`"
        raise BadInputError([Problem(Place(str(folder)), message, help)])


def content_hash(rows: Iterable[Row], sources: Mapping[str, Mapping[str, str]]) -> str:
    """SHA-256 over what rows and sources say, whatever their order, files and ways to write a number."""
    lines = []
    for row in sorted(rows):  # by table, key and parameter, which no two rows share
        number = as_number(row.value)
        value = row.value if number is None else repr(number)
        cells = (
            row.table, *row.key, row.parameter, value, row.unit, row.year, row.source, row.locator,
            row.confidence, row.low, row.high, row.note,
        )  # fmt: skip
        lines.append("\x1f".join(cells))
    for id, source in sorted(sources.items()):
        lines.append("\x1f".join((id, *(text for _, text in sorted(source.items())))))
    return hashlib.sha256("\x1e".join([*lines, ""]).encode()).hexdigest()
