"""The long table that all metrics share: one value a row, with its unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

import pandas as pd

from sim.engine.records import Records

COLUMNS = (
    "metric", "stage", "material", "sector", "region", "country", "period", "statistic", "run",
    "value", "unit",
)  # fmt: skip
KEYS = COLUMNS[:7]
NAMED_T = 1e-6
"""Tonnes below which nothing is ranked or quoted."""


def long_rows(
    table: pd.DataFrame, metric: str, value: str, unit: str, names: Mapping[str, str] | None = None,
    **fixed: str,
) -> pd.DataFrame:  # fmt: skip
    """Rows of one metric; `names` maps columns of `table` to columns of the long table.

    A cell that does not apply is empty. Rows without a value are left out.
    """
    table = table[table[value].notna()]
    out = pd.DataFrame({"metric": metric, "value": table[value].to_numpy()})
    for source, goal in (names or {}).items():
        out[goal] = table[source].to_numpy(dtype=object)
    for goal, text in fixed.items():
        out[goal] = text
    for column in COLUMNS:
        if column not in out:
            out[column] = ""
    out["statistic"], out["unit"] = "central", unit
    return out[list(COLUMNS)]


def coded(records: Records) -> Records:
    """The same records with all texts as categories that occur: grouping them takes a fraction of the time."""
    tables = {
        field.name: table.assign(**{name: _coded(table[name]) for name in _texts(table)})
        for field in fields(records)
        if isinstance(table := getattr(records, field.name), pd.DataFrame) and len(table)
    }
    return replace(records, **tables)


def _texts(table: pd.DataFrame) -> list[str]:
    return [str(name) for name in table.select_dtypes(exclude="number")]


def _coded(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.remove_unused_categories()
    return column.astype("category")


def by_month(table: pd.DataFrame, keys: Sequence[str], values: Sequence[str]) -> pd.DataFrame:
    """Sums by month; the column `period` says which."""
    return _sums(table, [*keys, "month"], values).rename(columns={"month": "period"})


def by_period(table: pd.DataFrame, keys: Sequence[str], values: Sequence[str]) -> pd.DataFrame:
    """Sums by year and over all of the run; the column `period` says which."""
    year = {month: str(month)[:4] for month in table["month"].unique()}
    yearly = table.assign(period=table["month"].astype(object).map(year))
    years = _sums(yearly, [*keys, "period"], values)
    whole = _sums(years, keys, values)
    return pd.concat([years, whole.assign(period="all")], ignore_index=True)


def _sums(table: pd.DataFrame, keys: Sequence[str], values: Sequence[str]) -> pd.DataFrame:
    groups = table.groupby(list(keys), as_index=False, sort=True, observed=True)
    return groups[list(values)].sum()


def mean_by_period(
    table: pd.DataFrame, keys: Sequence[str], value: str, days: Mapping[str, float]
) -> pd.DataFrame:
    """Means over a year and the run, months weighed by their days; a month without a row counts as 0."""
    length_of_month = table["month"].astype(object).map(days)
    sums = by_period(table.assign(weighed=table[value] * length_of_month), keys, ["weighed"])
    total: dict[str, float] = {"all": float(sum(days.values()))}
    for month, length in days.items():
        total[month[:4]] = total.get(month[:4], 0.0) + length
    sums[value] = sums["weighed"] / sums["period"].map(total)
    return sums.drop(columns="weighed")


def finish(parts: Sequence[pd.DataFrame], run: str) -> pd.DataFrame:
    """All metrics of one run, in a fixed order."""
    table = pd.concat([p for p in parts if len(p)], ignore_index=True)
    table["run"] = run
    return table.sort_values(list(KEYS), kind="stable", ignore_index=True)
