"""Deliveries by provenance: class tonnes that reached end users, by month and region."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.panel import Panel
from sim.engine.provenance.classes import PathClass
from sim.engine.provenance.parcels import Parcels
from sim.engine.provenance.rows import Rows
from sim.engine.records import TRACE_T
from sim.equations.sums import starts_of_runs, sum_by

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

KEY_COLUMNS = ("element", "mine_country", "separation_country", "touched")
"""Texts of a way that a tonne may have gone, beside the region that it came to"""


@dataclass(slots=True)
class Deliveries:
    """What landed at demand nodes: first by seller's row, and by class once the review is settled.

    A group is an element from one seller country.
    """

    rows: Rows
    parcels: Parcels
    regions: Sequence[str]
    landed: dict[tuple[int, int], FloatArray] = field(default_factory=dict)
    """(review sent, month) -> [region, output row] t"""
    sums: dict[tuple[int, int], FloatArray] = field(default_factory=dict)
    """(month, region) -> [group, class] t, of months to which something may still be added"""
    closed: dict[tuple[int, int], tuple[IntArray, IntArray, FloatArray]] = field(
        default_factory=dict
    )
    """(month, region) -> groups, classes and t of what is not zero, for all months before"""
    group: IntArray = field(init=False)
    """[output row] group"""
    by_group: IntArray = field(init=False)
    """Output rows in the order of their groups"""
    group_names: list[tuple[int, str]] = field(init=False)
    """[group] (element, seller country)"""

    def __post_init__(self) -> None:
        names: dict[tuple[int, str], int] = {}
        sellers = zip(self.rows.element, self.rows.country, strict=True)
        group = [names.setdefault((int(e), c), len(names)) for e, c in sellers]
        self.group = np.array(group, dtype=np.intp)
        self.by_group = np.argsort(self.group, kind="stable")
        self.group_names = list(names)

    def land(self, review: int, content: FloatArray, months: Iterable[tuple[int, float]]) -> None:
        """Spread what was sent at a review and has landed [parcel] over months, by days covered."""
        parcels = self.parcels
        some = np.flatnonzero((content > 0) & (parcels.region >= 0))
        if not len(some):
            return
        width = len(self.rows.element)
        table = sum_by(
            parcels.region[some] * width + parcels.row[some],
            weights=content[some],
            minlength=len(self.regions) * width,
        ).reshape(-1, width)
        for month, part in months:
            before = self.landed.get((review, month))
            spread = table * part
            self.landed[review, month] = spread if before is None else before + spread

    def settle(self, ready: Callable[[int], bool], shares: Callable[[int], FloatArray]) -> None:
        """Split what landed of the reviews that are ready by the sellers' shares [output row, class]."""
        for key in sorted(k for k in self.landed if ready(k[0])):
            content = self.landed.pop(key)
            review, month = key
            table = shares(review)
            for region in np.flatnonzero(content.any(axis=1)):
                rows = self.by_group[content[region, self.by_group] > 0]
                group = self.group[rows]
                first = starts_of_runs(group)
                moved = content[region, rows, None] * table[rows]
                sums = self._sums((month, int(region)), table.shape[1])
                sums[group[first], : table.shape[1]] += np.add.reduceat(moved, first, axis=0)

    def close(self, month: int) -> None:
        """Pack the sums of months before this one to which nothing waits to be added."""
        waiting = {landed for _, landed in self.landed}
        for where in [w for w in self.sums if w[0] < month and w[0] not in waiting]:
            sums = self.sums.pop(where)
            group, number = np.nonzero(sums)
            self.closed[where] = group, number, sums[group, number]

    def _sums(self, where: tuple[int, int], width: int) -> FloatArray:
        """[group, class] of a month and region, wide enough."""
        sums = self.sums.get(where)
        if sums is None:
            sums = np.zeros((len(self.group_names), width))
        elif sums.shape[1] < width:
            sums = np.pad(sums, ((0, 0), (0, width - sums.shape[1])))
        self.sums[where] = sums
        return sums

    def table(
        self, classes: Sequence[PathClass], elements: Sequence[str], months: Sequence[str],
        watched: Sequence[str],
    ) -> Panel:  # fmt: skip
        """See `Records.provenance`; everything must be settled and closed."""
        keys, number = self._keys(classes, elements, watched)
        found: list[tuple[int, IntArray, FloatArray]] = []
        for (month, region), (group, class_, sums) in sorted(self.closed.items()):
            tonnes = sum_by(number[group, class_], weights=sums, minlength=len(keys))
            key = np.flatnonzero(tonnes > TRACE_T)
            found.append((month, region * len(keys) + key, tonnes[key]))
        occurs = np.zeros(len(self.regions) * len(keys), dtype=np.bool_)
        for _, item, _ in found:
            occurs[item] = True
        items, place = np.flatnonzero(occurs), np.cumsum(occurs) - 1
        t = np.zeros((len(months), len(items)))
        for month, item, tonnes in found:
            t[month, place[item]] = tonnes
        region_key = [divmod(item, len(keys)) for item in items.tolist()]
        texts = {"region": [self.regions[region] for region, _ in region_key]}
        for column, name in enumerate(KEY_COLUMNS):
            texts[name] = [keys[key][column] for _, key in region_key]
        return Panel.of(months, texts, {"t": t}, t > TRACE_T)

    def _keys(
        self, classes: Sequence[PathClass], elements: Sequence[str], watched: Sequence[str]
    ) -> tuple[list[tuple[str, str, str, str]], IntArray]:
        """(element, mine, separation, touched) sorted, and [group, class] the number of its key."""
        found = []
        for element, maker in self.group_names:
            row = []
            for mine, separation, metal in classes:
                steps = {mine, separation, metal, maker}
                touched = ",".join(w for w in watched if w in steps)
                row.append((elements[element], mine, separation, touched))
            found.append(row)
        keys = sorted({key for row in found for key in row})
        index: Mapping[tuple[str, str, str, str], int] = {key: i for i, key in enumerate(keys)}
        return keys, np.array([[index[key] for key in row] for row in found], dtype=np.intp)


def nothing_traced(months: Sequence[str]) -> Panel:
    """What there is of provenance where it is switched off."""
    none = np.zeros((len(months), 0))
    return Panel.of(months, dict.fromkeys(("region", *KEY_COLUMNS), ()), {"t": none}, none > 0)
