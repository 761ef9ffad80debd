"""A pack's folder becomes a `World`: read the tables, apply a scenario's changes, check, build."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from sim.problems import BadInputError, Place, Problem, quote, suggest
from sim.world.build import build_world
from sim.world.cells import Cells
from sim.world.changes import Change, apply_changes
from sim.world.checks import check_world
from sim.world.names import check_names
from sim.world.rows import as_number, check_rows
from sim.world.tables import read_pack
from sim.world.world import Row, World

PACKS = Path(__file__).parent / "packs"


def pack_ids() -> list[str]:
    """Packs that come with the program."""
    return sorted(path.name for path in PACKS.iterdir() if (path / "pack.csv").is_file())


def load_pack(id_or_folder: str | Path, changes: Sequence[Change] = ()) -> World:
    """The world of a shipped pack or a pack folder; `BadInputError` carries every fault found."""
    folder = _folder(str(id_or_folder))
    pack = read_pack(folder.resolve().name, folder)
    changed = apply_changes(pack, changes)
    check_rows(pack)
    check_names(pack)
    if pack.problems:
        raise BadInputError(pack.problems)
    world = build_world(
        pack.id,
        Cells(pack.rows),
        pack.sources,
        content_hash=content_hash(pack.rows),
        rows=tuple(pack.rows),
        changes=changed,
    )
    check_world(world, pack)
    if pack.problems:
        raise BadInputError(pack.problems)
    return world


def _folder(name: str) -> Path:
    known = pack_ids()
    if name in known:
        return PACKS / name
    folder = Path(name)
    try:
        is_folder, is_pack = folder.is_dir(), (folder / "pack.csv").exists()
    except (OSError, ValueError):
        is_folder, is_pack = False, False
    if is_folder and is_pack:
        return folder
    if is_folder and name:
        message = "this folder is not a pack: it has no `pack.csv`"
        help = f"packs that come with the program: {', '.join(known)}"
    else:
        message = f"there is no pack {quote(name)}" if name.strip() else "no pack is named"
        help = f"{suggest(name, known)}, or the path of a folder"
    raise BadInputError([Problem(Place(name or "--pack"), message, help)])


def content_hash(rows: Iterable[Row]) -> str:
    """SHA-256 over what the rows say, whatever their order, files and ways to write a number."""
    lines = []
    for row in sorted(rows):  # by table, key and parameter, which no two rows share
        number = as_number(row.value)
        value = row.value if number is None else repr(number)
        cells = (
            row.table, *row.key, row.parameter, value, row.unit, row.year, row.source, row.locator,
            row.confidence, row.low, row.high, row.note,
        )  # fmt: skip
        lines.append("\x1f".join(cells))
    return hashlib.sha256("\x1e".join([*lines, ""]).encode()).hexdigest()
