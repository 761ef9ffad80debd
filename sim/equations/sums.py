"""Sums by number: what many lines add up to at the place each of them belongs to.

Every sum over items is added up in the order given, one after the other, whatever stands beside it: a column
of an array has the same bytes alone and among others.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

NOISE = 1e-9
"""Part of a tonnage that is taken for rounding: no rule may turn on less, or two machines that add up in
another order would tell different stories."""
LEAST = 5e-324
"""What stands for nothing where something is divided by it."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Which group each row belongs to, such as the seller of each line."""

    number: IntArray
    """[row] group"""
    count: int
    _cells: dict[int, IntArray] = field(default_factory=dict, compare=False, repr=False)
    """Numbers in a row -> [row and number] its place in the flat sums; worked out once"""

    def total(self, rows: FloatArray) -> FloatArray:
        """[group, ...] sums of [row, ...]; added in the order of the rows."""
        shape = rows.shape[1:]
        width = 1
        for length in shape:
            width *= length
        cells = self._cells.get(width)
        if cells is None:
            cells = (self.number[:, None] * width + np.arange(width)).ravel()
            self._cells[width] = cells
        flat = np.bincount(cells, weights=rows.ravel(), minlength=self.count * width)
        return flat.astype(np.float64, copy=False).reshape(self.count, *shape)

    def spread(self, values: FloatArray) -> FloatArray:
        """[row, ...] what each row's group has [group, ...]."""
        return values.take(self.number, axis=0)


def sum_by(number: IntArray, *, weights: FloatArray, minlength: int) -> FloatArray:
    """[number, ...] total of the weights [row, ...] that carry each number; added in the order given."""
    size = max(minlength, int(number.max(initial=-1)) + 1)
    return Groups(number, size).total(weights)


def total(values: FloatArray, axis: int) -> FloatArray:
    """Sum over an axis of [..., column] that is not the last; added in the order given.

    Left to itself, numpy adds up a single column in another order than one among many.
    """
    if values.shape[-1] > 1:
        return values.sum(axis=axis)
    first = np.ascontiguousarray(np.moveaxis(values, axis, 0))
    if first[:1].size > 1 or not first.size:
        return first.sum(axis=0)
    return np.add.accumulate(first, axis=0)[-1]


def ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """A part over its whole, of what is never negative; where there is no whole there must be no part: 0."""
    out: FloatArray = np.divide(part, np.maximum(whole, LEAST))
    return out


def starts_of_runs(numbers: IntArray) -> IntArray:
    """Positions at which a new number begins in sorted numbers [n]; what `np.add.reduceat` takes."""
    begins = np.ones(len(numbers), dtype=np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=begins[1:])
    return np.flatnonzero(begins)
