"""`critmin new NAME --pack PACK`: a pack of one's own, begun as a copy of another one's tables."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sim.guide.starter import name_fault, refused
from sim.system import files
from sim.words.problems import BadInputError, quote, suggest
from sim.world import load_pack, pack_ids
from sim.world.load import example_packs, is_pack, pack_folder
from sim.world.schema import TABLES


def start_pack(name: str, source: str, folder: Path) -> tuple[Path, list[str]]:
    """Write the folder of the pack, all of it or nothing; returns its path and remarks.

    `source` is an example, a pack that comes with the program, or a folder. Raises `BadInputError` or
    `WriteError`.
    """
    path = folder / _checked(name)
    origin = _origin(source)
    load_pack(origin)  # nobody begins from what is broken
    if os.path.lexists(path):
        message = f"there is already something called {quote(path.name)} here"
        raise refused(message, "choose another name, or move it away first")
    filled = folder / f"{files.UNFINISHED}{secrets.token_hex(4)}"
    try:
        files.make_folder(filled)
        for table in (*TABLES, "sources"):
            files.write_bytes(filled / f"{table}.csv", (origin / f"{table}.csv").read_bytes())
        files.rename(filled, path)
    except BaseException:
        files.remove_tree(filled)
        raise
    return path, [f"in a scenario beside it: pack: ./{path.name}"]


def examples() -> list[str]:
    """Small packs to begin from; none of them describes the world."""
    folder = example_packs()
    return (
        sorted(path.name for path in folder.iterdir() if is_pack(path)) if folder.is_dir() else []
    )


def _checked(name: str) -> str:
    """The folder's name; refuses what Windows, or critmin, would take for another."""
    name = name.rstrip("/\\")
    fault = name_fault(name)
    if fault:
        message, help = fault
        raise refused(f"{quote(name)} cannot be the name of a pack: {message}", help)
    if name in pack_ids():
        message = f"{quote(name)} is the name of a pack that comes with the program"
        raise refused(message, f"choose another name, for example `my_{name}`")
    return name


def _origin(source: str) -> Path:
    if source in examples():
        return example_packs() / source
    try:
        return pack_folder(source)
    except BadInputError:
        if any(mark in source for mark in "/\\."):
            raise  # a folder was meant
        help = f"{suggest(source, [*pack_ids(), *examples()])}, or the path of a folder"
        raise refused(f"there is no pack {quote(source)} to begin from", help) from None
