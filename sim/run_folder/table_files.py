"""Tables on disk: written as they are declared, and read back with the types that they are declared with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.panel import Panel, categorical
from sim.equations.digits import rounded
from sim.run_folder.csv_text import write_csv, write_packed
from sim.tables import Column, Table


def write(folder: Path, table: Table, content: pd.DataFrame | Panel) -> None:
    """Write a table under its name; raises `ValueError` if it has other columns than are declared."""
    names = (
        ["month", *content.texts, *content.values]
        if isinstance(content, Panel)
        else [*content.columns]
    )
    if names != table.names:
        raise ValueError(f"{table.name} has the columns {names}, and {table.names} are declared")
    if table.packed:
        write_packed(folder / table.file, content)
    else:
        assert isinstance(content, pd.DataFrame)
        write_csv(folder / table.file, content)


def read(folder: Path, table: Table, columns: Sequence[str] = ()) -> pd.DataFrame:
    """The table as it was written, or these columns of it; one of the records that was not kept has no rows.

    Texts stay as they were written: a region may be called `007`, `1e5` or `NA`. They are categories in a long
    table, in the order of the alphabet. Numbers have twelve digits; an empty cell is none.
    """
    wanted = table.with_columns(*columns) if columns else table.columns
    is_long = table.coded and not table.packed
    types = {"text": "category" if is_long else str, "whole": np.int64, "yes_no": np.bool_}
    path = folder / table.file
    if table.packed and not path.is_file():
        return pd.DataFrame({c.name: pd.Series(dtype=types.get(c.kind, float)) for c in wanted})
    found = pd.read_csv(
        path,
        usecols=[c.name for c in wanted],
        dtype={c.name: types[c.kind] for c in wanted if c.kind in types},
        keep_default_na=False,
        na_values={c.name: [""] for c in wanted if c.kind == "number"},
    )
    return pd.DataFrame({c.name: _as_declared(found[c.name], c, is_long) for c in wanted})


def _as_declared(its: pd.Series, column: Column, is_long: bool) -> Any:
    if column.kind == "number":
        return _as_written(its)
    return _in_order(its.cat) if column.kind == "text" and is_long else its


def _as_written(column: pd.Series) -> npt.NDArray[np.float64]:
    """Numbers of twelve digits, each the nearest there is, whatever the reader's arithmetic made of it."""
    return rounded(column.to_numpy(dtype=np.float64))


def _in_order(column: Any) -> pd.Categorical:
    """A column of categories as the summary has it, whatever the reader made of it."""
    texts = [str(text) for text in column.categories]
    order = sorted(range(len(texts)), key=texts.__getitem__)
    place = np.empty(len(texts), dtype=np.intp)
    place[order] = np.arange(len(texts))
    return categorical([texts[i] for i in order], place[column.codes.to_numpy()])
