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

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]

COLUMNS = (
    "metric", "stage", "material", "sector", "region", "country", "period", "statistic", "run",
    "value", "unit",
)  # fmt: skip
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
    cells = [np.nonzero((block.shown & (block.values == block.values)).T) for _, block in found]
    sizes = [len(group) for group, _ in cells]
    names = {column: _names(column, found) for column in (*KEYS, "run", "unit")}
    codes: dict[str, IntArray] = {}
    for column, texts in names.items():
        number = {text: code for code, text in enumerate(texts)}
        codes[column] = np.concatenate(
            [_codes(column, run, block, at, number) for (run, block), at in zip(found, cells, strict=True)]
            or [np.zeros(0, dtype=np.intp)]
        )  # fmt: skip
    values = [block.values[at[::-1]] for (_, block), at in zip(found, cells, strict=True)]
    value = np.concatenate(values or [np.zeros(0)])
    rank = np.repeat([list(blocks).index(run) for run, _ in found], sizes)
    order = _order(
        [rank, *(codes[column] for column in KEYS)], [len(blocks), *(len(names[c]) for c in KEYS)]
    )
    table: dict[str, object] = {}
    for column in COLUMNS:
        if column == "value":
            table[column] = rounded(value[order])
        elif column == "statistic":
            table[column] = categorical(("central",), np.zeros(len(order), dtype=np.int8))
        else:
            table[column] = _as_category(names[column], codes[column][order])
    return pd.DataFrame(table)


def _names(column: str, found: Sequence[tuple[str, Block]]) -> list[str]:
    """All texts that a column may have."""
    names: set[str] = set()
    for run, block in found:
        match column:
            case "run":
                names.add(run)
            case "metric":
                names.add(block.metric)
            case "unit":
                names.add(block.unit)
            case "period":
                names.update(block.periods)
            case _:
                texts = block.texts.get(column, "")
                names.update((texts,) if isinstance(texts, str) else texts.names)
    return sorted(names)


def _codes(
    column: str, run: str, block: Block, at: tuple[IntArray, ...], number: Mapping[str, int]
) -> IntArray:
    """[row] code of the text that a column has in the rows of a block; rows are (group, period)."""
    group, period = at
    texts: Texts | str
    match column:
        case "run":
            texts = run
        case "metric":
            texts = block.metric
        case "unit":
            texts = block.unit
        case "period":
            return np.array([number[name] for name in block.periods], dtype=np.intp)[period]
        case _:
            texts = block.texts.get(column, "")
    if isinstance(texts, str):
        return np.full(len(group), number[texts], dtype=np.intp)
    return np.array([number[name] for name in texts.names], dtype=np.intp)[texts.codes][group]


def _order(keys: Sequence[IntArray], sizes: Sequence[int]) -> IntArray:
    """Positions in the order of the keys [row], the first counting most; keys are below their sizes."""
    packed, room = [np.zeros_like(keys[0], dtype=np.int64)], 1
    for key, size in zip(keys, sizes, strict=True):
        # As many keys as fit into one number are compared at once.
        if room * max(size, 1) >= 2**62:
            packed.append(np.zeros_like(packed[0]))
            room = 1
        packed[-1] = packed[-1] * max(size, 1) + key
        room *= max(size, 1)
    if len(packed) == 1:
        return np.argsort(packed[0], kind="stable")
    return np.lexsort(packed[::-1])


def _as_category(names: Sequence[str], codes: IntArray) -> pd.Categorical:
    """A column with the names that occur."""
    occurs = np.bincount(codes, minlength=len(names)) > 0
    place = np.cumsum(occurs) - 1
    return categorical(
        [name for name, is_there in zip(names, occurs, strict=True) if is_there], place[codes]
    )
