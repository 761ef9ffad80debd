"""Compound growth of demand and of planned output."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def growth_factor(years: FloatArray, *, rate_per_year: float) -> FloatArray:
    """Size relative to the base year after `years`, growing by a fixed share of itself each year."""
    return np.power(1 + rate_per_year, np.asarray(years, dtype=float))
