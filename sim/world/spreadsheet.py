"""What spreadsheets and hands do to a table as a whole: known by its first lines, and said once."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sim.words.problems import quote

FIRST_LINES = 12
"""Among which the header is looked for."""
_MARKS = {";": "`;`", "\t": "tabs", "|": "`|`"}
_CURLY = "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019"
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?,*', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TableFault:
    """Why no row of a table can be read."""

    line: int
    message: str
    help: str


def separator_of(line: str) -> str:
    """The mark that a line `sep=;` names, which Excel reads and hides; empty for any other line."""
    match = _SEPARATOR_LINE.fullmatch(line.strip())
    return match[1] if match else ""


def table_fault(lines: Sequence[str], first: int, expected: Sequence[str]) -> TableFault | None:
    """What is wrong where line `first` is not the header of a table with these columns."""
    if _is_header(_cells(lines[first - 1]), expected):
        return None
    rows = [(i, line) for i, line in enumerate(lines, start=1) if line.strip()][:FIRST_LINES]
    for number, line in rows:
        mark = next((m for m in _MARKS if _is_header(_cells(line, m), expected)), "")
        if mark:
            return _parted(number, mark)
        if _is_header(_cells(line), expected):
            message = f"this is not the header of the table, which stands on line {number}"
            return TableFault(first, message, "delete what stands above the header")
        cells = _cells(line)
        if len(cells) == 1 and _is_header(_cells(cells[0]), expected):
            message = "each line of this table stands in quotes, as a single cell"
            return TableFault(number, message, "take the quotes at both ends of the lines away")
        if _is_header([cell.strip(f"{_CURLY} ") for cell in cells], expected):
            message = "the quotes round the cells are typographic ones"
            return TableFault(number, message, 'write straight quotes ("), or none')
    return None


def _parted(line: int, mark: str) -> TableFault:
    help = (
        "save it with commas between the cells and points in the numbers "
        "(Excel takes both from the region that Windows is set to)"
    )
    message = f"the cells of this table are parted by {_MARKS[mark]}, not by commas"
    return TableFault(line, message, help)


def _cells(line: str, mark: str = ",") -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=mark), [])]


def _is_header(cells: Iterable[str], expected: Sequence[str]) -> bool:
    """Most of the columns are there: what lacks is said column by column."""
    names = {cell.casefold() for cell in cells}
    return 2 * sum(name in names for name in expected) > len(expected)


def too_many(cells: Sequence[str], value: int) -> str:
    """Help for a row with more cells than columns, `value` being where its number begins."""
    if any(cell[:1] in _CURLY or cell[-1:] in _CURLY for cell in cells if cell):
        return 'typographic quotes do not hold a text together: write straight ones (")'
    parts = cells[value : value + 2]
    if len(parts) == 2 and re.fullmatch(r"[+-]?\d+", parts[0]) and re.fullmatch(r"\d+", parts[1]):
        whole = f"{parts[0]}{parts[1]}"
        thousands = f" or `{whole}`" if len(parts[1]) == 3 else ""
        number = quote(f"{parts[0]},{parts[1]}")
        return f"a comma parts cells: write {number} as `{parts[0]}.{parts[1]}`{thousands}"
    return "put a text that holds a comma in quotes"
