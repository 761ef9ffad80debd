"""Shares by class, and snapshots of what sellers had when a review sent its goods.

A stock knows few of the classes there are, so the shares of each row are a list of those it has. A snapshot
is kept until the last of the goods is taken in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Shares:
    """Of each row the classes that it has, and their parts of it."""

    first: IntArray
    """[row] where its shares begin"""
    number: IntArray
    """[row] of its shares"""
    class_: IntArray
    """[share]"""
    share: FloatArray
    """[share] of the row"""

    @classmethod
    def of(cls, table: FloatArray, rows: IntArray | None = None, size: int = 0) -> Shares:
        """From [row, class]; or from [position, class] of some `rows` [position] of so many, in their order."""
        flat = np.flatnonzero(table.ravel() != 0)
        row, class_ = np.divmod(flat, max(table.shape[1], 1))
        if rows is not None:
            row = rows[row]
        number = np.bincount(row, minlength=len(table) if rows is None else size)
        return cls(np.cumsum(number) - number, number, class_, table.ravel()[flat])

    @classmethod
    def all_of(cls, class_: int, rows: int) -> Shares:
        """Every row is of one class."""
        one = np.ones(rows, dtype=np.intp)
        return cls(np.arange(rows), one, one * class_, np.ones(rows))

    def split(self, rows: IntArray, tonnes: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
        """Parts by class of tonnes [item] from `rows` [item]: [part] item, class and t."""
        number = self.number[rows]
        item = np.repeat(np.arange(len(rows)), number)
        before = np.cumsum(number) - number
        at = (self.first[rows] - before)[item] + np.arange(len(item))
        return item, self.class_[at], self.share[at] * tonnes[item]

    @classmethod
    def one_after_the_other(cls, parts: Sequence[Shares]) -> Shares:
        """Rows of several, those of the first before those of the second."""
        ends = np.cumsum([len(part.share) for part in parts])
        starts = ends - [len(part.share) for part in parts]
        return cls(
            np.concatenate([part.first + n for part, n in zip(parts, starts, strict=True)]),
            np.concatenate([part.number for part in parts]),
            np.concatenate([part.class_ for part in parts]),
            np.concatenate([part.share for part in parts]),
        )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What sellers had at a review."""

    composition: FloatArray
    """[output blend + 1, element]; the dummy blend is 1, for lanes that carry a single element"""
    shares: Shares
    """By output row"""

    @classmethod
    def of(cls, shares: Shares, composition: FloatArray) -> Snapshot:
        """Of sellers whose blends consist of [output blend + 1, element]."""
        mix = composition.copy()
        mix[-1] = 1.0
        return cls(mix, shares)


@dataclass(slots=True)
class Snapshots:
    """By the review that sent the goods."""

    unnoted: Snapshot
    """Of whatever was sent before the run began"""
    noted: dict[int, Snapshot] = field(default_factory=dict)

    def of(self, review: int) -> Snapshot:
        """What sellers had when a review sent its goods."""
        return self.noted.get(review, self.unnoted)
