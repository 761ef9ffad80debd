"""Tables become text: the same bytes on every system, and none that a spreadsheet takes for a formula."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.panel import Panel
from sim.system import files

ROWS_AT_ONCE = 10_000
"""Of a table that becomes text; its cells take many times the room of the text."""
PACKED = 1
"""How hard the records are pressed together: a quarter of the time of what is usual, and a sixth more room."""
_NUMBER = re.compile(r"[-+]?[0-9]+([.][0-9]+)?(e[-+]?[0-9]+)?")
FORMULA_STARTS = ("=", "+", "-", "@")
"""First letters of a text that a spreadsheet would take for a formula."""


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """UTF-8, comma and point, twelve digits; text that a spreadsheet would take for a formula is quoted."""
    files.write_parts(path, _csv_parts(table))


def write_packed(path: Path, table: pd.DataFrame | Panel) -> None:
    """The same, packed; no time and no name inside, so that two runs give the same bytes."""
    parts = _panel_parts(table) if isinstance(table, Panel) else _csv_parts(table)
    files.write_parts(path, _packed(parts))


def _packed(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts as one gzip file."""
    raw = io.BytesIO()
    with gzip.GzipFile("", "wb", PACKED, raw, mtime=0) as packed:
        for part in parts:
            packed.write(part)
            yield raw.getvalue()
            raw.seek(0)
            raw.truncate()
    yield raw.getvalue()


def _csv_parts(table: pd.DataFrame) -> Iterator[bytes]:
    """The table's text, a number of rows at once."""
    yield _line(table.columns)
    last = len(table.columns) - 1
    for start in range(0, len(table), ROWS_AT_ONCE):
        part = table.iloc[start : start + ROWS_AT_ONCE]
        yield _rows(
            [_cells(part.iloc[:, i], "\n" if i == last else ",") for i in range(len(table.columns))]
        )


def _panel_parts(panel: Panel) -> Iterator[bytes]:
    """The text of the long form of a panel, made from the arrays."""
    yield _line(["month", *panel.texts, *panel.values])
    texts = [_words([*its.names], ",")[its.codes] for its in panel.texts.values()]
    # What says which item it is stands in every month alike.
    items = np.array(list(map("".join, zip(*texts, strict=True))), dtype=object)
    names = _words(panel.months, ",")
    for months in _stretches(panel.present.sum(axis=1).tolist()):
        month, item = np.nonzero(panel.present[months])
        values = [table[months][month, item] for table in panel.values.values()]
        ends = [*"," * (len(values) - 1), "\n"]
        numbers = [_numbers(v, end) for v, end in zip(values, ends, strict=True)]
        yield _rows([names[months][month].tolist(), items[item].tolist(), *numbers])


def _stretches(rows: Sequence[int]) -> Iterator[slice]:
    """Months that are written at once, given the rows of each."""
    first = count = 0
    for month, its in enumerate(rows):
        count += its
        if count >= ROWS_AT_ONCE:
            yield slice(first, month + 1)
            first, count = month + 1, 0
    yield slice(first, len(rows))


def _line(cells: Iterable[object]) -> bytes:
    return (",".join(_text_cell(str(cell)) for cell in cells) + "\n").encode("utf-8")


def _rows(columns: Sequence[Sequence[str]]) -> bytes:
    """Rows of cells, each with what follows it."""
    count = len(columns)
    flat = [""] * (count * len(columns[0]))
    for i, column in enumerate(columns):
        flat[i::count] = column
    return "".join(flat).encode("utf-8")


def _cells(column: pd.Series, end: str) -> list[str]:
    """What is written of each value, and `end`."""
    if pd.api.types.is_float_dtype(column.dtype):
        return _numbers(column.to_numpy(dtype=np.float64), end)
    if pd.api.types.is_numeric_dtype(column.dtype):
        return [f"{number}{end}" for number in column.tolist()]
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, texts = column.cat.codes.to_numpy(), column.cat.categories
    else:
        codes, texts = pd.factorize(column)
    # Code -1, the last, has no value.
    return _words([*map(str, texts), ""], end)[codes].tolist()


def _numbers(values: npt.NDArray[np.float64], end: str) -> list[str]:
    """Up to twelve digits; nothing for what is not a number."""
    # Of many tables most is zero; -0 is one too.
    zero = f"0{end}"
    return [(f"{v:.12g}{end}" if v == v else end) if v else zero for v in values.tolist()]


def _words(texts: Sequence[str], end: str) -> npt.NDArray[np.object_]:
    """What is written of these texts, and `end`."""
    return np.array([_text_cell(text) + end for text in texts], dtype=object)


def quoted(text: str) -> str:
    """The text as it comes back from a table: one that a spreadsheet would take for a formula has a `'`."""
    is_formula = text.startswith(FORMULA_STARTS) and not _NUMBER.fullmatch(text)
    return f"'{text}" if is_formula else text


def _text_cell(text: str) -> str:
    safe = quoted(text)
    if any(mark in safe for mark in ',"\r\n'):
        return '"' + safe.replace('"', '""') + '"'
    return safe
