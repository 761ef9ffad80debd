"""Tables in memory as they come back from the run folder, and their texts as codes."""

from __future__ import annotations

import pandas as pd

from sim.run_folder import csv_text


def as_written(table: pd.DataFrame) -> pd.DataFrame:
    """What reading the table back from its CSV file gives: numbers of twelve digits, texts without a gap.

    A table that was read back stays what it is. Columns keep their order; the index counts from 0.
    """
    columns = {name: _column_as_written(table[name]) for name in table.columns}
    return pd.DataFrame(columns, columns=table.columns)


def coded(table: pd.DataFrame) -> pd.DataFrame:
    """The same with texts as categories, in the order of the alphabet, for filtering and handing over."""
    return table.astype(dict.fromkeys(_texts(table), "category"))


def decoded(table: pd.DataFrame) -> pd.DataFrame:
    """The same with categories as texts, for grouping and joining without thought of their order."""
    return table.astype({name: str for name in table.columns if _is_coded(table[name])})


def _column_as_written(column: pd.Series) -> pd.Series:
    if pd.api.types.is_float_dtype(column.dtype):
        # Through the very text, because no rounding of binary numbers ends at the same one always.
        return pd.Series([float(f"{value:.12g}") for value in column.tolist()], dtype=float)
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.reset_index(drop=True)
    codes, texts = pd.factorize(column)
    # Code -1, the last, is no text.
    written = pd.Series([*(csv_text.quoted(str(text)) for text in texts), ""], dtype=str)
    return written.take(codes % len(written)).reset_index(drop=True)


def _texts(table: pd.DataFrame) -> list[str]:
    return [
        str(name) for name in table.columns if not pd.api.types.is_numeric_dtype(table[name].dtype)
    ]


def _is_coded(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype)
