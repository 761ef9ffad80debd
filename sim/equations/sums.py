"""Sums by number: what many lines add up to at the place each of them belongs to."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def sum_by(number: npt.NDArray[np.intp], *, weights: FloatArray, minlength: int) -> FloatArray:
    """[minlength] total of the weights that carry each number; added in the order given."""
    return np.bincount(number, weights=weights, minlength=minlength).astype(np.float64)
