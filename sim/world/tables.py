"""Pack tables: CSV text becomes rows that know their line; every fault is collected."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from pathlib import Path

from sim.words.problems import BadInputError, Place, Problem, list_names, nearest, quote, suggest
from sim.words.texts import read_text
from sim.world.schema import CONFIDENCE, KEYS, SOURCE_COLUMNS, TABLES, TAIL, YEARS, Table
from sim.world.spelling import Spellings
from sim.world.spreadsheet import separator_of, table_fault, too_many
from sim.world.world import Row

__all__ = ["KEYS", "PackText", "TableText", "cell_span", "gathered", "read_pack"]

MOST_ALIKE = 3
"""Cells of a table that have the same fault and are said one by one; of more, the first."""
LINES_NAMED = 5
"""Lines that are named where a fault stands for many."""
LONGEST_CELL_LINES = 20
"""Lines that a cell with line breaks is looked for."""


@dataclass(slots=True)
class TableText:
    """One CSV file as it stands on disk."""

    name: str
    path: Path
    lines: list[str] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    """Column -> position; empty where the header cannot be used."""
    width: int = 0
    """Cells of the header, with those at its end that a spreadsheet left without a name."""
    has_gaps: bool = False
    """Whether a line was left out, so that what is missing may have stood there."""

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
    source_lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    moved: dict[tuple[str, tuple[str, ...], str], Mapping[str, Place]] = field(default_factory=dict)
    """Rows that a scenario replaced, by table, key and parameter: faults belong to the scenario.

    Each with the places of its parts; the empty text stands for the whole entry."""

    def is_read(self, table: str) -> bool:
        """Whether all lines of the table could be read."""
        text = self.tables.get(table)
        return text is not None and bool(text.columns) and not text.has_gaps

    def texts(self) -> dict[str, str]:
        """File name -> text of each table."""
        return {text.path.name: "\n".join([*text.lines, ""]) for text in self.tables.values()}

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
    file = f"{pack.id}/{text.path.name}"
    seen: dict[tuple[tuple[str, ...], str], int] = {}
    spellings = Spellings(name, table.keys)
    above = ""
    for line, cells in lines:
        if not _has_width(pack, text, line, cells):
            continue
        if not cells[at[0]]:
            _say_empty(pack, text, line, table.keys[0], above)
            cells[at[0]] = above
        above = cells[at[0]]
        key = tuple([cells[i] for i in at])
        row = Row._make((name, key, *rest(cells), file, line))
        other = spellings.fault(key, line)
        if other is not None:
            text.has_gaps = True
            if other.message:
                _add(pack, text, line, other.column, other.message, other.help)
            continue
        earlier = seen.setdefault((key, row.parameter), line)
        if earlier != line:
            message = f"this row stands twice; it stands on line {earlier} already"
            _add(pack, text, line, "parameter", message, "keep one")
            continue
        pack.rows.append(row)


def _say_empty(pack: PackText, text: TableText, line: int, column: str, above: str) -> None:
    help = "say what the row is about"
    if above:
        help = f"write {quote(above)} if it is meant: spreadsheets save merged cells like this"
    _add(pack, text, line, column, f"the cell `{column}` is empty", help)


def _read_sources(pack: PackText) -> None:
    text = _open(pack, "sources")
    if text is None:
        return
    lines = _records(pack, text)
    if not _read_header(pack, text, next(lines, None), SOURCE_COLUMNS):
        return
    spellings = Spellings("sources", ("id",))
    for line, cells in lines:
        if not _has_width(pack, text, line, cells):
            continue
        source = {column: cells[i] for column, i in text.columns.items()}
        id, other = source["id"], spellings.fault((source["id"],), line)
        if not id:
            _say_empty(pack, text, line, "id", "")
        elif other is not None and other.message:
            _add(pack, text, line, "id", other.message, other.help)
        elif id in pack.sources:
            _add(pack, text, line, "id", f"source {quote(id)} stands twice", "keep one")
        elif not source["title"]:
            help = "name the publication, or what the number rests on instead"
            _add(pack, text, line, "title", f"source {quote(id)} has no title", help)
        pack.sources[id] = source
        pack.source_lines[id] = line


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
    """Line number and cells, without blanks at their ends; lines without a word are skipped.

    Quotes that do not close are faults.
    """
    last = 0
    for number, line in enumerate(text.lines, start=1):
        if number <= last:
            continue
        if '"' not in line:
            cells = list(map(str.strip, line.split(",")))
        else:
            try:
                cells = list(map(str.strip, next(csv.reader([line], strict=True))))
            except csv.Error:
                last = _say_unclosed(pack, text, number)
                continue
        if any(cells) and not (number == 1 and separator_of(line) == ","):
            yield number, cells


def _say_unclosed(pack: PackText, text: TableText, number: int) -> int:
    """Say what is the matter with quotes that do not close; returns the last line that it concerns."""
    text.has_gaps = True
    for last in range(number + 1, min(number + LONGEST_CELL_LINES, len(text.lines)) + 1):
        joined = "\n".join(text.lines[number - 1 : last])
        try:
            (row,) = csv.reader([joined], strict=True)
        except (csv.Error, ValueError):
            continue
        if len(row) == text.width:
            message = f"a cell of this line has line breaks; it goes on to line {last}"
            _add(pack, text, number, "", message, "write each row on one line")
            return last
    help = 'a text with a comma stands in "quotes", and a quote inside it is doubled'
    _add(pack, text, number, "", "the quotes of this line do not match", help)
    return number


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
    fault = table_fault(text.lines, line, expected)
    if fault is not None:
        _add(pack, text, fault.line, "", fault.message, fault.help)
        return False
    names = [name.casefold() for name in names]
    positions = {name: i for i, name in enumerate(names) if name}
    missing = [name for name in expected if name not in positions]
    surplus = [name for name in positions if name not in expected]
    text.columns, text.width = positions, len(names)
    if len(missing) == len(expected):
        message = "this is not the header of the table"
        _add(pack, text, line, "", message, f"its first line is {','.join(expected)}")
        missing, surplus = [""], []
    for name in surplus:
        help = suggest(name, missing) if missing else "leave it out"
        _add(pack, text, line, name, f"unknown column {quote(name)}", help)
    for name in filter(None, missing):
        if nearest(name, surplus) is None:
            _add(pack, text, line, "", f"the column `{name}` is missing", list_names(expected))
    if len(positions) != sum(map(bool, names)):
        _add(pack, text, line, "", "a column is named twice", list_names(expected))
        missing.append("")
    if missing:
        text.columns = {}
    return not missing


def _has_width(pack: PackText, text: TableText, line: int, cells: list[str]) -> bool:
    """Whether a row has a cell for each column; empty ones that a spreadsheet added are dropped."""
    if len(cells) == len(text.columns) == text.width:
        return True
    named = text.columns.values()
    needed = max(named) + 1
    beyond = [i for i, cell in enumerate(cells) if cell and i not in named]
    if len(cells) >= needed and not beyond and not _is_shifted(text, cells):
        return True
    text.has_gaps = True
    message = f"{len(cells)} cells, fewer than the {len(text.columns)} columns of this table"
    help = "put a text that holds a comma in quotes"
    if len(cells) >= needed:
        message = f"{len(cells)} cells, more than the {len(text.columns)} columns of this table"
        help = too_many(cells, text.columns.get("value", 0))
        if beyond and beyond[0] < text.width:
            message = f"{quote(cells[beyond[0]])} stands in a column without a name"
            help = "remarks stand in the column `note`"
    _add(pack, text, line, "", message, help)
    return False


def _is_shifted(text: TableText, cells: Sequence[str]) -> bool:
    """Whether a comma too many has moved the cells of a row to the right, the last of them empty."""
    year = cells[text.columns["year"]]
    confidence = text.columns.get("confidence")
    is_year = not year or YEARS.fullmatch(year) is not None
    return not is_year or (confidence is not None and cells[confidence] not in CONFIDENCE)


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


def gathered(problems: Iterable[Problem]) -> list[Problem]:
    """Of faults that a table has in many places alike, the first, with the number of the others."""
    alike: dict[tuple[str, str, str], list[Problem]] = {}
    for problem in problems:
        known = (problem.place.file, problem.message, problem.severity)
        alike.setdefault(known, []).append(problem)
    kept: list[Problem] = []
    for same in alike.values():
        kept += same if len(same) <= MOST_ALIKE else [for_many(same)]
    return kept


def for_many(problems: Sequence[Problem]) -> Problem:
    """The first of several, saying on how many lines more its table has the same."""
    first, *others = problems
    lines = sorted({problem.place.line for problem in others})
    named = ", ".join(map(str, lines[:LINES_NAMED])) + (", ..." if len(lines) > LINES_NAMED else "")
    more = f" (and {len(others)} more like it in this table, on lines {named})"
    return replace(first, message=f"{first.message}{more}")


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
