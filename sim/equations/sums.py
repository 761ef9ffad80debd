"""Sums by number: what many lines add up to at the place each of them belongs to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

NOISE = 1e-9
"""Part of a tonnage that is taken for rounding: no rule may turn on less, or two machines that add up in
another order would tell different stories."""


def sum_by(number: npt.NDArray[np.intp], *, weights: FloatArray, minlength: int) -> FloatArray:
    """[minlength] total of the weights that carry each number; added in the order given."""
    return np.bincount(number, weights=weights, minlength=minlength).astype(np.float64, copy=False)


def sum_rows_by(number: npt.NDArray[np.intp], *, rows: FloatArray, minlength: int) -> FloatArray:
    """[minlength, column] total of the rows that carry each number; added in the order given."""
    columns = rows.shape[1]
    cell = (number[:, None] * columns + np.arange(columns)).ravel()
    flat = np.bincount(cell, weights=rows.ravel(), minlength=minlength * columns)
    return flat.astype(np.float64, copy=False).reshape(minlength, columns)


def starts_of_runs(numbers: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Positions at which a new number begins in sorted numbers [n]; what `np.add.reduceat` takes."""
    begins = np.ones(len(numbers), dtype=np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=begins[1:])
    return np.flatnonzero(begins)
