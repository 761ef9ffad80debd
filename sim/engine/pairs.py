"""Pairs: a seller's output and a holder that may buy from it, which never traded by the plan.

Most are of one product; where grades stand in for one another a pair leads from one to the other.

A pair begins to qualify in some column, is qualified there from a day on, and stays so. Pairs are kept in the
order of their keys whenever something is added up, so that a column has the same bytes whatever pairs others
have opened beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

import numpy as np
import numpy.typing as npt

from sim.engine.monthly import Months
from sim.engine.network import Network
from sim.equations.sums import Groups

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Pairs:
    """Pairs in the order in which they were opened, and `order`, that of their keys."""

    network: Network
    columns: int
    output: IntArray = field(init=False)
    """[pair], as `holder`, `item` (the holder's input) and `transit_days`"""
    holder: IntArray = field(init=False)
    item: IntArray = field(init=False)
    transit_days: FloatArray = field(init=False)
    qualified_from: FloatArray = field(init=False)
    """[pair, column] day; infinite where it has not begun"""
    order: IntArray = field(init=False)
    seller: Groups = field(init=False)
    """[pair by its key] output"""
    need: Groups = field(init=False)
    """[pair by its key] need"""
    by_holder: Groups = field(init=False)
    """[pair by its key] holder"""
    alike: BoolArray = field(init=False)
    """[pair by its key] whether the seller's product is the one that the holder uses"""
    begun: list[dict[int, set[int]]] = field(init=False)
    """[column] holder -> outputs that it has begun to qualify"""
    _number: dict[tuple[int, int], int] = field(default_factory=dict)
    """Output and holder -> pair"""
    _sold: IntArray = field(init=False)
    """[output] number of its form and product, as `_used` [input]"""
    _used: IntArray = field(init=False)

    def __post_init__(self) -> None:
        goods = [key[1:] for key in (*self.network.outputs, *self.network.inputs)]
        number = {good: n for n, good in enumerate(dict.fromkeys(goods))}
        self._sold, self._used = np.split(
            np.array([number[good] for good in goods], dtype=np.intp), [len(self.network.outputs)]
        )
        self.output, self.holder, self.item = np.zeros((3, 0), dtype=np.intp)
        self.transit_days = np.zeros(0)
        self.qualified_from = np.zeros((0, self.columns))
        self.begun = [{} for _ in range(self.columns)]
        self._sort()

    def __len__(self) -> int:
        return len(self.output)

    def _sort(self) -> None:
        network = self.network
        self.order = np.lexsort((self.holder, self.output))
        output, holder = self.output[self.order], self.holder[self.order]
        self.item = network.holder_input[self.holder]
        self.seller = Groups(output, len(network.outputs) + 1)
        self.need = Groups(network.holder_need[holder], network.number_of_needs)
        self.by_holder = Groups(holder, len(network.holder_input))
        self.alike = self._sold[output] == self._used[network.holder_input[holder]]

    def begin(self, those: list[tuple[int, int, float, int, float]]) -> None:
        """Let (output, holder, days on the way, column, day on which it is qualified) begin."""
        new: dict[tuple[int, int], float] = {}
        for output, holder, transit, _, _ in those:
            if (output, holder) not in self._number:
                self._number[output, holder] = len(self.output) + len(new)
                new[output, holder] = transit
        if new:
            outputs, holders = np.array(list(new), dtype=np.intp).T
            self.output = np.append(self.output, outputs)
            self.holder = np.append(self.holder, holders)
            self.transit_days = np.append(self.transit_days, list(new.values()))
            nowhere = np.full((len(new), self.columns), inf)
            self.qualified_from = np.vstack([self.qualified_from, nowhere])
            self._sort()
        for output, holder, _, column, day in those:
            self.qualified_from[self._number[output, holder], column] = day
            self.begun[column].setdefault(holder, set()).add(output)

    def qualified(self, day: float) -> BoolArray:
        """[pair by its key, column] whether it is."""
        found: BoolArray = self.qualified_from[self.order] <= day
        return found

    def learning(self, day: float) -> FloatArray:
        """[holder, column] sellers of what it uses that it is qualifying."""
        later = self.qualified_from[self.order]
        now = (later > day) & np.isfinite(later) & self.alike[:, None]
        return self.by_holder.total(now.astype(np.float64))

    def carry_over(self, other: Pairs) -> None:
        """Know in every column what is known of the only one of another."""
        self._number = dict(other._number)
        self.output, self.holder = other.output.copy(), other.holder.copy()
        self.transit_days = other.transit_days.copy()
        self.qualified_from = np.repeat(other.qualified_from, self.columns, axis=1)
        (begun,) = other.begun
        self.begun = [{h: set(o) for h, o in begun.items()} for _ in range(self.columns)]
        self._sort()


@dataclass(slots=True)
class PairSums:
    """A quantity of pairs by month, as many as there were when it was last added to."""

    columns: int
    table: list[FloatArray]
    """[month][pair, column]"""

    @classmethod
    def of(cls, months: int, columns: int) -> PairSums:
        """All zero."""
        return cls(columns, [np.zeros((0, columns)) for _ in range(months)])

    def add(self, pairs: IntArray, tonnes: FloatArray, months: Months, count: int) -> None:
        """Add [pair of `pairs`, column] to each month by its weight; there are `count` pairs by now."""
        for month, weight in months:
            have = self.table[month]
            if len(have) < count:
                more = np.zeros((count - len(have), self.columns))
                have = self.table[month] = np.vstack([have, more])
            have[pairs] += tonnes * weight

    def column(self, column: int, order: IntArray) -> FloatArray:
        """[month, pair] of one column, pairs in the given order."""
        out = np.zeros((len(self.table), len(order)))
        for row, have in zip(out, self.table, strict=True):
            there = order < len(have)
            row[there] = have[order[there], column]
        return out

    def carry_over(self, other: PairSums) -> None:
        """The sums of one column, into each of these."""
        self.table = [np.repeat(table, self.columns, axis=1) for table in other.table]


def requalification_days(network: Network) -> FloatArray:
    """[input] days that its buyer takes to accept a new seller, or another grade."""
    days = network.world.defaults.requalification_days
    sector_of = {need.node: need.sector for need in network.world.demand}
    return np.array(
        [
            days.get(f"{form}:{sector_of.get(place, '')}", days.get(form, inf))
            for place, form, _ in network.inputs
        ]
    )
