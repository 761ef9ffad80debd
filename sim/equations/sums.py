"""Sums by number: what many lines add up to at the place each of them belongs to.

Every sum over items is added up in the order given, one after the other, whatever stands beside it: a column
of an array has the same bytes alone and among others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

NOISE = 1e-9
"""Part of a tonnage that is taken for rounding: no rule may turn on less, or two machines that add up in
another order would tell different stories."""
FEW = 2000
"""Items, in one column, up to which index lists are quicker than numpy's own sums."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Which group each row belongs to, such as the seller of each line."""

    number: IntArray
    """[row] group"""
    count: int
    row_of: IntArray | None = field(init=False)
    """[group] its only row, where every group has one"""
    _cells: dict[int, IntArray] = field(default_factory=dict, compare=False, repr=False)
    """Numbers in a row -> [row and number] its place in the flat sums; worked out once"""

    def __post_init__(self) -> None:
        row_of = None
        if len(self.number) == self.count:
            order = np.argsort(self.number, kind="stable")
            if np.array_equal(self.number[order], np.arange(self.count)):
                row_of = order
        object.__setattr__(self, "row_of", row_of)

    def total(self, rows: FloatArray) -> FloatArray:
        """[group, ...] sums of [row, ...], a new array; added in the order of the rows."""
        if self.row_of is not None:
            return rows.take(self.row_of, axis=0)
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
        """[row, ...] what each row's group has [group, ...], a new array."""
        return values.take(self.number, axis=0)


def sum_by(number: IntArray, *, weights: FloatArray, minlength: int) -> FloatArray:
    """[number, ...] total of the weights [row, ...] that carry each number; added in the order given."""
    size = max(minlength, int(number.max(initial=-1)) + 1)
    return Groups(number, size).total(weights)


def total(values: FloatArray, axis: int) -> FloatArray:
    """Sum over an axis of [..., column] that is not the last; added in the order given."""
    shape = values.shape
    items = values.size // max(shape[-1], 1)
    if items <= FEW:
        goal, size, out = _reduced(shape, axis)
        flat = np.bincount(goal, weights=values.ravel(), minlength=size)
        return flat.astype(np.float64, copy=False).reshape(out)
    if shape[-1] > 1:
        return values.sum(axis=axis)
    # Left to itself, numpy adds up a single column in another order than one among others.
    return np.repeat(values, 2, axis=-1).sum(axis=axis)[..., :1]


@cache
def _reduced(shape: tuple[int, ...], axis: int) -> tuple[IntArray, int, tuple[int, ...]]:
    """Of each number the place of its sum; how many sums there are, and their shape."""
    out = (*shape[:axis], *shape[axis + 1 :])
    size = int(np.prod(out))
    goal = np.expand_dims(np.arange(size).reshape(out), axis)
    return np.broadcast_to(goal, shape).ravel().astype(np.intp), size, out


def ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """A part over its whole, 0 where there is no whole: what rounding leaves there is no part of anything."""
    out: FloatArray = np.divide(part, np.where(whole > 0, whole, np.inf))
    return out


def spread(table: FloatArray, columns: int) -> FloatArray:
    """[..., column] what one column says, in so many; not to be written to."""
    return np.broadcast_to(table, (*table.shape[:-1], columns))


def starts_of_runs(numbers: IntArray) -> IntArray:
    """Positions at which a new number begins in sorted numbers [n]; what `np.add.reduceat` takes."""
    begins = np.ones(len(numbers), dtype=np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=begins[1:])
    return np.flatnonzero(begins)
