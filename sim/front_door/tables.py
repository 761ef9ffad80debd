"""The tables of a run in Python: names, types and units, the same from memory and from a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.engine.panel import categorical
from sim.equations.digits import rounded
from sim.run_folder import run_folder
from sim.run_folder.csv_text import quoted

SEE_UNIT = "see column unit"
"""Of a column whose rows have units of their own"""
FROM_START = "days from the first day of the scenario"
NUMBER, YES_OR_NO = "whole number", "yes or no"
UNITS: Mapping[str, str] = {
    "value": SEE_UNIT, "low": SEE_UNIT, "high": SEE_UNIT,
    "peak": "%", "peak_caused": "%", "share": "%", "caused_share": "%", "output_at_risk": "%",
    "weeks_below_80": "weeks", "cases": "cases", "days": "days", "day": FROM_START,
    "line": NUMBER, "seed": NUMBER, "renewal": YES_OR_NO,
}  # fmt: skip
"""Column -> its unit, whatever the table; what ends in `_t`, `_days` and `_day` besides."""
OF_CUSTOMS = ("t", "reference_t", "mean_before_t")
"""Columns of `exports_monthly` that have the unit of customs, which the row says"""
LONG = ("summary", "monthly")


def units_of(name: str, columns: Iterable[str], basis: str) -> dict[str, str]:
    """Column -> its unit, empty where it holds text; `basis` is what a tonne is in the pack."""
    return {column: _unit(name, column, basis) for column in columns}


def _unit(name: str, column: str, basis: str) -> str:
    if (name == "exports_monthly" and column in OF_CUSTOMS) or column in UNITS:
        # The values of the pack stand as somebody wrote them.
        return "" if (name, column) == ("assumptions", "value") else UNITS.get(column, SEE_UNIT)
    if column == "t" or column.endswith("_t"):
        return basis
    if column.endswith("_days"):
        return "days"
    return FROM_START if column.endswith("_day") else ""


def as_table(name: str, raw: pd.DataFrame, basis: str) -> pd.DataFrame:
    """The table as it is handed out: a copy, rows counted from 0, units in `attrs["units"]`.

    Numbers have twelve digits, as in the files. Texts of `LONG` and of the records are categories in the order
    of the alphabet, which takes a tenth of the room.
    """
    units = units_of(name, raw.columns, basis)
    coded = name in LONG or name in run_folder.RECORD_TABLES
    columns = {
        column: _column(raw[column].reset_index(drop=True), unit, coded)
        for column, unit in units.items()
    }
    table = pd.DataFrame(columns, columns=list(units))
    table.attrs["units"] = units
    return table


def _column(column: pd.Series, unit: str, coded: bool) -> Any:
    if not unit:
        return _codes(column) if coded else _words(column)
    if unit == NUMBER:
        return column.astype(np.int64)
    if unit == YES_OR_NO:
        return column.astype(np.bool_)
    return rounded(column.to_numpy(dtype=np.float64))


def _words(column: pd.Series) -> pd.Series:
    return pd.Series(["" if pd.isna(text) else quoted(str(text)) for text in column], dtype=str)


def _codes(column: pd.Series) -> pd.Categorical:
    if not isinstance(column.dtype, pd.CategoricalDtype):
        column = column.fillna("").astype("category")
    used = column.cat.remove_unused_categories().cat
    names = [quoted(str(text)) for text in used.categories]
    order = sorted(range(len(names)), key=names.__getitem__)
    place = np.empty(len(names), dtype=np.intp)
    place[order] = np.arange(len(names))
    return categorical([names[i] for i in order], place[used.codes.to_numpy()])


def headline_table(numbers: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """`headline.json` as a table; a value may be a number, a date as text, or missing."""
    table = pd.DataFrame([dict(number) for number in numbers])
    table = table.assign(low=table["low"].astype(float), high=table["high"].astype(float))
    table.attrs["units"] = units_of("headline", table.columns, "")
    return table


class Tables(Mapping[str, pd.DataFrame]):
    """Tables by name, each made when it is asked for first."""

    def __init__(self, names: Sequence[str], make: Callable[[str], pd.DataFrame]) -> None:
        self._names, self._make = tuple(names), make
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._names:
            raise KeyError(f"there is no table {name!r}; there are: {', '.join(self._names)}")
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<tables {', '.join(self._names)}>"
