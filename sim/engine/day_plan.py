"""The plan on one day: what is to flow over each lane, and the sales and stocks that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network
from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DayPlan:
    """What the plan asks for on a day."""

    lanes: FloatArray
    """[lane] planned rate, t/day"""
    lines: FloatArray
    """[line] the same, by holder"""
    sales: FloatArray
    """[output + 1] planned sales, t/day"""
    stock_target: FloatArray
    """[output + 1] producer stock aimed at, t; none of by-products, which are sent on as they come"""

    @classmethod
    def at(cls, network: Network, day: float) -> DayPlan:
        """The plan of a network on a day."""
        lanes = network.plan_at(day)
        n = len(network.outputs) + 1
        sales = sum_by(network.lane_output, weights=lanes, minlength=n)
        by_product = np.zeros(n, dtype=np.bool_)
        by_product[network.lane_output[network.lane_pushed]] = True
        days = network.world.defaults.producer_stock_days
        lines = lanes[network.line_lane] * network.line_share
        return cls(lanes, lines, sales, np.where(by_product, 0.0, sales * days))
