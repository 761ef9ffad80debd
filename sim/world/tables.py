"""Pack tables: CSV text becomes rows that know their line; every fault is collected."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from sim.problems import BadInputError, Place, Problem, list_names, nearest, quote, suggest
from sim.texts import read_text
from sim.world.schema import KEYS, SOURCE_COLUMNS, TABLES, TAIL, Table
from sim.world.world import Row

__all__ = ["KEYS", "PackText", "TableText", "cell_span", "read_pack"]


@dataclass(slots=True)
class TableText:
    """One CSV file as it stands on disk."""

    name: str
    path: Path
    lines: list[str] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    """Column -> position; empty where the header cannot be used."""

    def place(self, line: int, column: str = "") -> Place:
        """Where a cell stands; the whole line where no column is named."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        if column not in self.columns:
            return Place(str(self.path), line, 1, text, max(1, len(text)))
        start, length = cell_span(text, self.columns[column])
        return Place(str(self.path), line, start + 1, text, max(1, length))


@dataclass(slots=True)
class PackText:
    """The rows of a pack and what is wrong with them."""

    id: str
    folder: Path
    tables: dict[str, TableText] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    sources: dict[str, Mapping[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    moved: dict[tuple[str, tuple[str, ...], str], Mapping[str, Place]] = field(default_factory=dict)
    """Rows that a scenario replaced, by table, key and parameter: faults belong to the scenario.

    Each with the places of its parts; the empty text stands for the whole entry."""

    def is_read(self, table: str) -> bool:
        """Whether the table could be read at all."""
        return table in self.tables and bool(self.tables[table].columns)

    def place(self, row: Row, column: str = "value") -> Place:
        """Where a cell of a row stands, in the pack or in the scenario that changed it."""
        changed = self.moved.get((row.table, row.key, row.parameter))
        if changed is None:
            return self.tables[row.table].place(row.line, column)
        return changed.get(column, changed[""])

    def is_changed(self, row: Row) -> bool:
        """Whether a scenario replaced the row."""
        return (row.table, row.key, row.parameter) in self.moved

    def fault(self, row: Row, column: str, message: str, help: str = "") -> None:
        """Note what is wrong with one cell of a row."""
        self.problems.append(Problem(self.place(row, column), message, help))


def read_pack(id: str, folder: Path) -> PackText:
    """All tables of a pack folder; lines with faults are left out and noted in `problems`."""
    pack = PackText(id, folder)
    for name, table in TABLES.items():
        _read_rows(pack, name, table)
    _read_sources(pack)
    _refuse_strangers(pack)
    return pack


def _read_rows(pack: PackText, name: str, table: Table) -> None:
    text = _open(pack, name)
    if text is None:
        return
    lines = _records(pack, text)
    if not _read_header(pack, text, next(lines, None), (*table.keys, "parameter", *TAIL)):
        return
    at = [text.columns[column] for column in table.keys]
    rest = itemgetter(*(text.columns[column] for column in ("parameter", *TAIL)))
    file, width = f"{pack.id}/{text.path.name}", len(text.columns)
    seen: dict[tuple[tuple[str, ...], str], int] = {}
    for line, cells in lines:
        if not _has_width(pack, text, line, cells, width):
            continue
        key = tuple([cells[i] for i in at])
        row = Row._make((name, key, *rest(cells), file, line))
        earlier = seen.setdefault((key, row.parameter), line)
        if earlier != line:
            message = f"this row stands on line {earlier} already"
            _add(pack, text, line, "parameter", message, "keep one")
            continue
        pack.rows.append(row)


def _read_sources(pack: PackText) -> None:
    text = _open(pack, "sources")
    if text is None:
        return
    lines = _records(pack, text)
    if not _read_header(pack, text, next(lines, None), SOURCE_COLUMNS):
        return
    for line, cells in lines:
        if not _has_width(pack, text, line, cells, len(text.columns)):
            continue
        source = {column: cells[i] for column, i in text.columns.items()}
        if source["id"] in pack.sources:
            _add(pack, text, line, "id", f"source {quote(source['id'])} is given twice", "keep one")
        pack.sources[source["id"]] = source


def _open(pack: PackText, name: str) -> TableText | None:
    path = pack.folder / f"{name}.csv"
    if not path.exists():
        help = "a pack has every table, if only with its header"
        pack.problems.append(Problem(Place(str(path)), f"the pack has no `{name}.csv`", help))
        return None
    try:
        source = read_text(path, str(path), what="a table of a pack")
    except BadInputError as error:
        pack.problems += error.problems
        return None
    lines = list(source.lines)
    while lines and not lines[-1].strip():
        lines.pop()
    text = TableText(name, path, lines)
    pack.tables[name] = text
    return text


def _records(pack: PackText, text: TableText) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells; blank lines are skipped, quotes that do not close are faults."""
    for number, line in enumerate(text.lines, start=1):
        if '"' not in line:
            if line.strip():
                yield number, line.split(",")
            continue
        try:
            yield number, next(csv.reader([line], strict=True))
        except csv.Error:
            help = 'a text with a comma stands in "quotes", and a quote inside it is doubled'
            _add(pack, text, number, "", "the quotes of this line do not match", help)


def _read_header(
    pack: PackText,
    text: TableText,
    first: tuple[int, list[str]] | None,
    expected: Sequence[str],
) -> bool:
    """Note the columns' positions; False where a column is missing, so that no row can be read."""
    if first is None:
        _add(pack, text, 0, "", "the table is empty", f"its first line is {','.join(expected)}")
        return False
    line, names = first
    if len(names) == 1 and len(text.lines[line - 1].split(";")) > 1:
        help = (
            "save it with commas between the cells and points in the numbers "
            "(Excel takes both from the region that Windows is set to)"
        )
        _add(pack, text, line, "", "the cells of this table are parted by `;`, not by commas", help)
        return False
    positions = {name.strip(): i for i, name in enumerate(names)}
    missing = [name for name in expected if name not in positions]
    surplus = [name for name in positions if name not in expected]
    text.columns = positions
    for name in surplus:
        help = suggest(name, missing) if missing else "leave it out"
        _add(pack, text, line, name, f"unknown column {quote(name)}", help)
    for name in missing:
        if nearest(name, surplus) is None:
            _add(pack, text, line, "", f"the column `{name}` is missing", list_names(expected))
    if len(positions) != len(names):
        _add(pack, text, line, "", "a column is named twice", list_names(expected))
        missing.append("")
    if missing:
        text.columns = {}
    return not missing


def _has_width(
    pack: PackText, text: TableText, line: int, cells: Sequence[str], width: int
) -> bool:
    if len(cells) == width:
        return True
    more = "more" if len(cells) > width else "fewer"
    message = f"{len(cells)} cells, {more} than the {width} columns of this table"
    _add(pack, text, line, "", message, "put a text that holds a comma in quotes")
    return False


def _refuse_strangers(pack: PackText) -> None:
    known = {*TABLES, "sources"}
    for path in sorted(pack.folder.glob("*.csv")):
        if path.stem not in known:
            help = suggest(path.stem, sorted(known))
            pack.problems.append(
                Problem(Place(str(path)), f"unknown table {quote(path.stem)}", help)
            )


def _add(
    pack: PackText, text: TableText, line: int, column: str, message: str, help: str = ""
) -> None:
    pack.problems.append(Problem(text.place(line, column), message, help))


def cell_span(line: str, position: int) -> tuple[int, int]:
    """Start and length of the cell at a position, quotes left out."""
    start, cell, quoted = 0, 0, False
    for i, letter in enumerate([*line, ","]):
        if letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            if cell == position:
                inner = line[start:i]
                if len(inner) > 1 and inner[0] == inner[-1] == '"':
                    return start + 1, len(inner) - 2
                return start, len(inner)
            start, cell = i + 1, cell + 1
    return len(line), 0
