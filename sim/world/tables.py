"""Pack tables: CSV text becomes rows that know their file, line and column; every fault is collected."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from sim.problems import Place, Problem
from sim.world.world import Row

TAIL = (
    "parameter", "value", "unit", "year", "source", "locator", "confidence", "low", "high", "note",
)  # fmt: skip
CONFIDENCE = ("reported", "derived", "estimated", "assumed")
KEYS: Mapping[str, tuple[str, ...]] = {
    "pack": ("id",),
    "elements": ("id",),
    "forms": ("id",),
    "regions": ("id",),
    "countries": ("id",),
    "sites": ("id",),
    "ores": ("id", "element"),
    "recipes": ("id", "element"),
    "sectors": ("id",),
    "demand": ("sector", "region", "product"),
    "flows": ("seller", "buyer", "form", "product"),
    "links": ("seller", "buyer", "form"),
    "corridors": ("corridor", "leg"),
    "covers": ("place", "form", "element"),
    "stockpiles": ("id",),
    "end_users": ("node",),
    "licence_office": ("id",),
    "holidays": ("country", "year"),
    "defaults": ("topic", "item"),
    "targets": ("id",),
}
"""Table -> columns that identify what a row is about."""

SOURCE_COLUMNS = ("id", "publisher", "title", "year", "link", "accessed")
Cells = tuple[int, list[str]]


@dataclass(slots=True)
class PackText:
    """The rows of a pack and what is wrong with them."""

    folder: Path
    rows: list[Row] = field(default_factory=list)
    sources: list[Mapping[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def fault(self, row: Row, column: str, message: str, help: str = "") -> None:
        """Note what is wrong with one cell of a row."""
        self.problems.append(Problem(self.place(row, column), message, help))

    def place(self, row: Row, column: str) -> Place:
        """Where a cell of a row stands."""
        header = (*KEYS[row.table], *TAIL)
        number = header.index(column)
        text = _line(self.folder / row.file, row.line)
        before = (*row.key, row.parameter, row.value, row.unit, row.year, row.source, row.locator,
                  row.confidence, row.low, row.high, row.note)  # fmt: skip
        start = sum(len(cell) + 1 for cell in before[:number])
        return Place(row.file, row.line, start + 1, text, max(1, len(before[number])))


def read_pack(folder: Path) -> PackText:
    """All tables of a pack folder; faults of form are in `problems`, rows with faults are left out."""
    pack = PackText(folder)
    for table in KEYS:
        _read_table(pack, table)
    _read_sources(pack)
    return pack


def _line(path: Path, number: int) -> str:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _cells(pack: PackText, name: str) -> list[Cells]:
    path = pack.folder / name
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        pack.problems.append(
            Problem(Place(name), f"the pack has no file `{name}`", "every table must be there")
        )
        return []
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror
        pack.problems.append(Problem(Place(name), f"cannot be read: {reason}", "save it as UTF-8"))
        return []
    reader = csv.reader(text.splitlines(keepends=True))
    return [(reader.line_num, row) for row in reader]


def _header(pack: PackText, name: str, rows: Sequence[Cells], expected: tuple[str, ...]) -> bool:
    if not rows:
        pack.problems.append(Problem(Place(name, 1, 1), "the table is empty", ",".join(expected)))
        return False
    if tuple(rows[0][1]) != expected:
        place = Place(name, 1, 1, ",".join(rows[0][1]), len(",".join(rows[0][1])))
        pack.problems.append(
            Problem(place, "the columns are not those of this table", ",".join(expected))
        )
        return False
    return True


def _read_table(pack: PackText, table: str) -> None:
    name, expected = f"{table}.csv", (*KEYS[table], *TAIL)
    rows = _cells(pack, name)
    if (pack.problems and not rows) or not _header(pack, name, rows, expected):
        return
    seen: dict[tuple[str, ...], int] = {}
    keys = len(KEYS[table])
    for line, cells in rows[1:]:
        if not cells:
            continue
        text = ",".join(cells)
        if len(cells) != len(expected):
            more = "too many" if len(cells) > len(expected) else "too few"
            pack.problems.append(
                Problem(
                    Place(name, line, 1, text, len(text)),
                    f"{len(cells)} cells, {more}: the table has {len(expected)} columns",
                    "put text that holds a comma in quotes",
                )
            )
            continue
        row = Row(table, tuple(cells[:keys]), *cells[keys:], name, line)
        where = (*row.key, row.parameter)
        if where in seen:
            pack.fault(row, "parameter", f"given twice (first on line {seen[where]})", "keep one")
        seen[where] = line
        pack.rows.append(row)


def _read_sources(pack: PackText) -> None:
    rows = _cells(pack, "sources.csv")
    if not rows or not _header(pack, "sources.csv", rows, SOURCE_COLUMNS):
        return
    for line, cells in rows[1:]:
        if len(cells) != len(SOURCE_COLUMNS):
            text = ",".join(cells)
            pack.problems.append(
                Problem(
                    Place("sources.csv", line, 1, text, max(1, len(text))),
                    f"{len(cells)} cells, the table has {len(SOURCE_COLUMNS)} columns",
                )
            )
            continue
        pack.sources.append(dict(zip(SOURCE_COLUMNS, cells, strict=True)))


def check_origins(pack: PackText) -> None:
    """Every row has a source that exists and a known confidence; an estimate says how it was made."""
    known = {source["id"] for source in pack.sources}
    for row in pack.rows:
        if row.confidence not in CONFIDENCE:
            pack.fault(row, "confidence", f"unknown confidence `{row.confidence}`",
                       f"one of: {', '.join(CONFIDENCE)}")  # fmt: skip
        for source in row.source.split(";"):
            if source not in known:
                pack.fault(row, "source", f"unknown source `{source}`",
                           did_you_mean(source, known) or "add it to sources.csv")  # fmt: skip
        if row.source in ("estimate", "general_knowledge") and not row.note:
            pack.fault(row, "note", "an estimate without a note", "say how it was made")


def did_you_mean(given: str, known: set[str] | Sequence[str]) -> str:
    """A near match in words, or nothing."""
    near = get_close_matches(given.casefold(), [k.casefold() for k in sorted(known)], n=1)
    back = {k.casefold(): k for k in sorted(known)}
    return f"did you mean `{back[near[0]]}`?" if near else ""
