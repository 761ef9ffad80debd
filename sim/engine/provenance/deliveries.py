"""Deliveries by provenance: class tonnes that reached end users, by month and region."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.panel import Panel
from sim.engine.provenance.classes import PathClass
from sim.engine.provenance.rows import Rows
from sim.engine.provenance.snapshots import Snapshot
from sim.engine.records import TRACE_T
from sim.equations.sums import sum_by

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
    regions: Sequence[str]
    landed: dict[tuple[int, int], FloatArray] = field(default_factory=dict)
    """(review sent, month) -> [region, output row] t"""
    open: dict[int, list[tuple[IntArray, IntArray, FloatArray]]] = field(default_factory=dict)
    """Month -> [part] region and group as one number, class and t, where something may still be added"""
    closed: dict[tuple[int, int], tuple[IntArray, IntArray, FloatArray]] = field(
        default_factory=dict
    )
    """(month, region) -> groups, classes and t of what is not zero, for all months before"""
    group: IntArray = field(init=False)
    """[output row] group"""
    group_names: list[tuple[int, str]] = field(init=False)
    """[group] (element, seller country)"""

    def __post_init__(self) -> None:
        names: dict[tuple[int, str], int] = {}
        sellers = zip(self.rows.element, self.rows.country, strict=True)
        group = [names.setdefault((int(e), c), len(names)) for e, c in sellers]
        self.group = np.array(group, dtype=np.intp)
        self.group_names = list(names)

    def carry_over(self, other: Deliveries) -> None:
        """Know what another column's know."""
        self.landed, self.closed = dict(other.landed), dict(other.closed)
        self.open = {month: list(parts) for month, parts in other.open.items()}

    def land(self, review: int, content: FloatArray, months: Iterable[tuple[int, float]]) -> None:
        """Spread what was sent at a review and has landed [region, output row] over months, by days covered."""
        for month, part in months:
            before = self.landed.get((review, month))
            spread = content * part
            self.landed[review, month] = spread if before is None else before + spread

    def settle(self, ready: Callable[[int], bool], sellers: Callable[[int], Snapshot]) -> None:
        """Split what landed of the reviews that are ready by the classes that the sellers had."""
        groups = len(self.group_names)
        for key in sorted(k for k in self.landed if ready(k[0])):
            content = self.landed.pop(key)
            review, month = key
            region, row = some = np.nonzero(content > 0)
            item, class_, t = sellers(review).shares.split(row, content[some])
            cell = (region * groups + self.group[row])[item]
            self.open.setdefault(month, []).append((cell, class_, t))

    def close(self, month: int) -> None:
        """Add up the months before this one to which nothing waits to be added."""
        waiting = {landed for _, landed in self.landed}
        groups = len(self.group_names)
        for before in [m for m in self.open if m < month and m not in waiting]:
            cell, class_, t = map(np.concatenate, zip(*self.open.pop(before), strict=True))
            classes = int(class_.max(initial=0)) + 1
            size = len(self.regions) * groups * classes
            sums = sum_by(cell * classes + class_, weights=t, minlength=size)
            for region, own in enumerate(sums.reshape(-1, groups, classes)):
                group, number = np.nonzero(own)
                if len(group):
                    self.closed[before, region] = group, number, own[group, number]

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
