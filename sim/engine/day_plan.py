"""The plan on one day: what is to flow over each lane, and the sales and stocks that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DayPlan:
    """What the plan asks for on a day."""

    lanes: FloatArray
    """[lane, column] planned rate, t/day"""
    lines: FloatArray
    """[line, column] the same, by holder"""
    ordered: FloatArray
    """[line, column] the same without by-products, which nobody orders"""
    sales: FloatArray
    """[output + 1, column] planned sales, t/day"""
    stock_target: FloatArray
    """[output + 1, column] producer stock aimed at, t; none of by-products, which are sent on as they come"""
    feed: FloatArray
    """[plant, form, column] planned feed, t/day"""
