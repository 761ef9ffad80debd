"""Sums by number: what many lines add up to at the place each of them belongs to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def sum_by(number: npt.NDArray[np.intp], *, weights: FloatArray, minlength: int) -> FloatArray:
    """[minlength] total of the weights that carry each number; added in the order given."""
    return np.bincount(number, weights=weights, minlength=minlength).astype(np.float64)


def sum_rows_by(number: npt.NDArray[np.intp], *, rows: FloatArray, minlength: int) -> FloatArray:
    """[minlength, column] total of the rows that carry each number; added in the order given."""
    columns = rows.shape[1]
    cell = (number[:, None] * columns + np.arange(columns)).ravel()
    flat = np.bincount(cell, weights=rows.ravel(), minlength=minlength * columns)
    return flat.astype(np.float64).reshape(minlength, columns)
