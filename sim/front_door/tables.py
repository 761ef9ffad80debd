"""The tables of a run in Python: names, types and units, the same from memory and from a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.engine.panel import categorical
from sim.equations.digits import rounded
from sim.run_folder.csv_text import quoted
from sim.tables import SEE_UNIT, Column, Table


def as_table(declared: Table, raw: pd.DataFrame, basis: str) -> pd.DataFrame:
    """The table as it is handed out: a copy, rows counted from 0, units in `attrs["units"]`.

    Numbers have twelve digits, as in the files. `basis` is what a tonne is in the pack.
    """
    table = pd.DataFrame(
        {
            c.name: _column(raw[c.name].reset_index(drop=True), c, declared.coded)
            for c in declared.columns
        },
        columns=declared.names,
    )
    table.attrs["units"] = declared.units(basis)
    return table


def _column(its: pd.Series, column: Column, coded: bool) -> Any:
    match column.kind:
        case "number":
            return rounded(its.to_numpy(dtype=np.float64))
        case "whole":
            return its.astype(np.int64)
        case "yes_no":
            return its.astype(np.bool_)
    return _codes(its) if coded else _words(its)


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


OF_NUMBERS = ("value", "low", "high")
"""Columns of the headline whose unit the row says"""


def headline_table(numbers: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """`headline.json` as a table; a value may be a number, a date as text, or missing."""
    table = pd.DataFrame([dict(number) for number in numbers])
    table = table.assign(low=table["low"].astype(float), high=table["high"].astype(float))
    table.attrs["units"] = {name: SEE_UNIT if name in OF_NUMBERS else "" for name in table.columns}
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
