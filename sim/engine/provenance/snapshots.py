"""Snapshots: what sellers had when a review sent its goods, kept until the last of these goods is taken in.

A stock knows few of the classes there are, so the shares of each row are a list of those that it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What sellers had at a review."""

    composition: FloatArray
    """[output blend + 1, element]; the dummy blend is 1, for lanes that carry a single element"""
    first: IntArray
    """[output row] where its shares begin"""
    number: IntArray
    """[output row] of its shares"""
    class_: IntArray
    """[share]"""
    share: FloatArray
    """[share] of the row"""

    @classmethod
    def of(cls, shares: FloatArray, composition: FloatArray) -> Snapshot:
        """From [output row, class] shares and [output blend + 1, element]."""
        row, class_ = some = np.nonzero(shares)
        number = np.bincount(row, minlength=len(shares))
        mix = composition.copy()
        mix[-1] = 1.0
        return cls(mix, np.cumsum(number) - number, number, class_, shares[some])

    def split(self, rows: IntArray, tonnes: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
        """Parts by class of tonnes [item] from output `rows` [item]: [part] item, class and t."""
        number = self.number[rows]
        item = np.repeat(np.arange(len(rows)), number)
        before = np.cumsum(number) - number
        at = self.first[rows][item] + np.arange(len(item)) - before[item]
        return item, self.class_[at], self.share[at] * tonnes[item]


@dataclass(slots=True)
class Snapshots:
    """By the review that sent the goods."""

    unnoted: Snapshot
    """Of whatever was sent before the run began"""
    noted: dict[int, Snapshot] = field(default_factory=dict)

    @classmethod
    def starting(cls, rows: int, composition: FloatArray, unknown: int) -> Snapshots:
        """All is of an unknown class; `composition` is [output blend + 1, element]."""
        shares = np.zeros((rows, unknown + 1))
        shares[:, unknown] = 1.0
        return cls(Snapshot.of(shares, composition))

    def of(self, review: int) -> Snapshot:
        """What sellers had when a review sent its goods."""
        return self.noted.get(review, self.unnoted)

    def compositions(self, reviews: Sequence[int]) -> FloatArray:
        """[review, output blend + 1, element]."""
        return np.array([self.of(review).composition for review in reviews])
