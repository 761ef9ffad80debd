"""The long table that all metrics share, one value a row with its unit, and how it is made of arrays.

Values are arrays [month, item] until the end. They are added up over the months of each period and over the
items of each group, and become rows once, in `finish`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.calendar import Calendar
from sim.engine.panel import Texts, categorical
from sim.engine.records import SMALL_T
from sim.equations.digits import rounded
from sim.equations.sums import sum_by
from sim.tables import TABLES

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]
Codes = npt.NDArray[np.signedinteger]

COLUMNS = tuple(TABLES["summary"].names)
KEYS = COLUMNS[:7]
TEXTS = ("stage", "material", "sector", "region", "country")
"""Columns that say what a value is of"""
WHOLE = "all"
"""The period that is the whole run; also a text for all sectors, or all regions, together"""
NAMED_T = 1e-6
"""Tonnes below which nothing is ranked or quoted."""


@dataclass(frozen=True, slots=True)
class Periods:
    """What values are given for: each month; or each year, and the whole run."""

    names: tuple[str, ...]
    days: FloatArray
    """[month] days in the run"""
    first: IntArray | None
    """[year] number of its first month; None where the periods are the months"""

    @classmethod
    def months(cls, calendar: Calendar) -> Periods:
        """Each month by itself."""
        return cls(tuple(calendar.months()), np.array(calendar.days_in_months()), None)

    @classmethod
    def years(cls, calendar: Calendar) -> Periods:
        """Each year, and the run."""
        years = [month[:4] for month in calendar.months()]
        names = sorted(set(years))
        first = np.array([years.index(name) for name in names], dtype=np.intp)
        return cls((*names, WHOLE), np.array(calendar.days_in_months()), first)

    @property
    def monthly(self) -> bool:
        """Whether the periods are months."""
        return self.first is None

    def sums(self, values: FloatArray) -> FloatArray:
        """[period, item] of [month, item]."""
        if self.first is None:
            return values
        years = np.add.reduceat(values, self.first, axis=0)
        return np.concatenate([years, years.sum(axis=0, keepdims=True)])

    def means(self, values: FloatArray) -> FloatArray:
        """[period, item] of [month, item], months weighed by their days."""
        if self.first is None:
            return values
        return self.sums(values * self.days[:, None]) / self.sums(self.days[:, None])

    def ever(self, flags: BoolArray) -> BoolArray:
        """[period, item] whether in any of its months."""
        if self.first is None:
            return flags
        years = np.logical_or.reduceat(flags, self.first, axis=0)
        return np.concatenate([years, years.any(axis=0, keepdims=True)])


@dataclass(frozen=True, slots=True)
class Slices:
    """Slices of the calendar by which peaks are told: months, or those in which a quota is given out.

    What a quota allows is used up within its slice, so that the last month of each looks like a ban.
    """

    names: tuple[str, ...]
    first: IntArray
    """[slice] number of its first month in the run"""

    @classmethod
    def of(cls, months: Sequence[str], length: int) -> Slices:
        """The months `YYYY-MM` of a run, put together in slices of so many of the calendar."""
        names = [slice_name(month, length) for month in months]
        first = [n for n, name in enumerate(names) if not n or name != names[n - 1]]
        return cls(tuple(names[n] for n in first), np.array(first, dtype=np.intp))

    def sums(self, values: FloatArray) -> FloatArray:
        """[slice, item] of [month, item]."""
        return np.add.reduceat(values, self.first, axis=0)


SLICES = {1: "month", 3: "quarter", 6: "half-year", 12: "year"}
"""Months of a slice -> what it is called"""


def months_of_slice(word: str) -> int:
    """Months of a slice by what it is called."""
    return next(months for months, name in SLICES.items() if name == word)


def slice_name(month: str, length: int) -> str:
    """`2026-05`, `2026-Q2`, `2026-H1` or `2026`."""
    year, number = month.split("-")
    which = (int(number) - 1) // length + 1
    return {1: month, 3: f"{year}-Q{which}", 6: f"{year}-H{which}", 12: year}[length]


@dataclass(frozen=True, slots=True)
class Groups:
    """Items that have all their texts in common, in the order of the texts."""

    texts: Mapping[str, Texts]
    """Column -> [group]"""
    items: IntArray
    """[member] number of the item; the others are in no group"""
    number: IntArray
    """[member] its group"""

    @classmethod
    def of(cls, texts: Mapping[str, Texts], items: BoolArray | None = None) -> Groups:
        """By the texts [item] of these columns; of the items that are flagged, or of all."""
        count = len(next(iter(texts.values())).codes)
        members = np.arange(count) if items is None else np.flatnonzero(items)
        code = np.zeros(len(members), dtype=np.int64)
        for column in texts.values():
            code = code * len(column.names) + column.codes[members]
        _, first, number = np.unique(code, return_index=True, return_inverse=True)
        chosen = {name: column.take(members[first]) for name, column in texts.items()}
        return cls(chosen, members, number.reshape(-1))

    @property
    def count(self) -> int:
        """How many groups there are."""
        return len(next(iter(self.texts.values())).codes)

    def sums(self, values: FloatArray) -> FloatArray:
        """[period, group] of [period, item]."""
        out = np.empty((len(values), self.count))
        for period, row in enumerate(values):
            out[period] = sum_by(self.number, weights=row[self.items], minlength=self.count)
        return out

    def ever(self, flags: BoolArray) -> BoolArray:
        """[period, group] whether for any of its items."""
        return self.sums(flags.astype(np.float64)) > 0


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one metric: a value for each period and group."""

    metric: str
    unit: str
    periods: tuple[str, ...]
    texts: Mapping[str, Texts | str]
    """Column of `TEXTS` -> [group], or what is the same for all; a column that does not apply is left out"""
    values: FloatArray
    """[period, group]"""
    shown: BoolArray
    """[period, group] whether it is a row"""


def sums_block(
    metric: str, unit: str, periods: Periods, groups: Groups, values: FloatArray, **same: str
) -> Block:
    """Sums of values [month, item] over periods and groups, where they are more than nothing."""
    return _of_size(metric, unit, periods, groups, periods.sums(values), same)


def means_block(
    metric: str, unit: str, periods: Periods, groups: Groups, values: FloatArray, **same: str
) -> Block:
    """Means of values [month, item] over periods, added up over groups, where they are more than nothing."""
    return _of_size(metric, unit, periods, groups, periods.means(values), same)


def _of_size(
    metric: str, unit: str, periods: Periods, groups: Groups, values: FloatArray,
    same: Mapping[str, str],
) -> Block:  # fmt: skip
    found = groups.sums(values)
    shown = np.abs(found) > SMALL_T
    return Block(metric, unit, periods.names, {**groups.texts, **same}, found, shown)


def finish(blocks: Mapping[str, Sequence[Block]]) -> pd.DataFrame:
    """All metrics of each run (name -> blocks), in a fixed order; columns are `COLUMNS`.

    Texts are categories, in alphabetical order and no more than occur. Values have the twelve digits that a
    file has, so that reading the file gives this table again.
    """
    found = [(run, block) for run, its in blocks.items() for block in its]
    cells = [_rows(block) for _, block in found]
    columns = {name: _column(name, found, cells) for name in (*KEYS, "run", "unit")}
    # Block by block, since what rounding needs meanwhile is many times the numbers.
    values = [rounded(block.values.T[at]) for (_, block), at in zip(found, cells, strict=True)]
    value = np.concatenate([np.zeros(0), *values])
    number = {run: place for place, run in enumerate(blocks)}
    runs, its = columns["run"]
    rank = np.array([number[run] for run in runs], dtype=np.int16)[its]
    order = _order(
        [rank, *(columns[name][1] for name in KEYS)],
        [len(blocks), *(len(columns[name][0]) for name in KEYS)],
    )
    table: dict[str, object] = {}
    for name in COLUMNS:
        if name == "value":
            table[name] = value[order]
        elif name == "statistic":
            table[name] = categorical(("central",), np.zeros(len(order), dtype=np.int8))
        else:
            names, codes = columns.pop(name)
            table[name] = _as_category(names, codes[order])
    return pd.DataFrame(table)


def _rows(block: Block) -> tuple[Codes, Codes]:
    """(group, period) of each row, group by group."""
    group, period = np.nonzero((block.shown & ~np.isnan(block.values)).T)
    return group.astype(np.int32), period.astype(np.int32)


def _column(
    column: str, found: Sequence[tuple[str, Block]], cells: Sequence[tuple[Codes, Codes]]
) -> tuple[list[str], Codes]:
    """The texts that a column may have, in order, and which of them each row has."""
    parts = [_said(column, run, block, at) for (run, block), at in zip(found, cells, strict=True)]
    names = sorted({text for texts, _ in parts for text in texts})
    number = {text: code for code, text in enumerate(names)}
    # There are many rows, and few names.
    kind = np.int16 if len(names) < 2**15 else np.int32
    codes = [np.array([number[text] for text in texts], dtype=kind)[its] for texts, its in parts]
    return names, np.concatenate([np.zeros(0, dtype=kind), *codes])


def _said(
    column: str, run: str, block: Block, at: tuple[Codes, Codes]
) -> tuple[Sequence[str], Codes]:
    """Texts of a column in one block, and which of them each of its rows (group, period) has."""
    group, period = at
    if column == "period":
        return block.periods, period
    fixed = {"run": run, "metric": block.metric, "unit": block.unit}
    texts = fixed.get(column) or block.texts.get(column, "")
    if isinstance(texts, str):
        return (texts,), np.zeros(len(group), dtype=np.int8)
    return texts.names, texts.codes[group]


def _order(keys: Sequence[Codes], sizes: Sequence[int]) -> IntArray:
    """Positions in the order of the keys [row], the first counting most; keys are below their sizes."""
    packed, room = [np.zeros_like(keys[0], dtype=np.int64)], 1
    for key, size in zip(keys, sizes, strict=True):
        # As many keys as fit into one number are compared at once.
        if room * max(size, 1) >= 2**62:
            packed.append(np.zeros_like(packed[0]))
            room = 1
        packed[-1] *= max(size, 1)
        packed[-1] += key
        room *= max(size, 1)
    if len(packed) == 1:
        return np.argsort(packed[0], kind="stable")
    return np.lexsort(packed[::-1])


def _as_category(names: Sequence[str], codes: Codes) -> pd.Categorical:
    """A column with the names that occur."""
    occurs = np.bincount(codes, minlength=len(names)) > 0
    place = (np.cumsum(occurs) - 1).astype(codes.dtype)
    return categorical(
        [name for name, is_there in zip(names, occurs, strict=True) if is_there], place[codes]
    )
