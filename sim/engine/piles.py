"""Piles: by-products that nobody buys stay at their plant, as far as there is room, and are then thrown away.

A by-product is an element for which no site of the pack is run, or the mixed rest that a plant cannot split.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.day_plan import DayPlan
from sim.engine.network import Network, rows_at
from sim.engine.stocks import Stocks
from sim.equations.sums import NOISE

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Piles:
    """All piles at once [pile]."""

    output: IntArray
    plan_days: FloatArray
    """[time]"""
    planned: FloatArray
    """[time, pile] planned output, t/day"""
    days: float
    """Of planned output that a pile holds on top of the stock that the seller aims at"""

    @classmethod
    def of(cls, network: Network) -> Piles | None:
        """Those of a network; None where by-products pile up without limit."""
        rule = network.behaviour.piles
        if rule is None:
            return None
        wanted = {element for site in network.world.sites.values() for element in site.drivers}
        made = {key: path for key, path in network.plan.separated.items() if key[1] not in wanted}
        keys = [(i, (place, product)) for i, (place, _, product) in enumerate(network.outputs)]
        found = [(i, made[key]) for i, key in keys if key in made]
        days = network.plan.days
        return cls(
            output=np.array([i for i, _ in found], dtype=np.intp),
            plan_days=days,
            planned=np.array([path for _, path in found]).T.reshape(len(days), len(found)),
            days=rule.days,
        )

    def full_t(self, day: float, plan: DayPlan) -> FloatArray:
        """[pile, column] t that there is room for."""
        room = rows_at(self.plan_days, self.planned, day) * self.days
        full: FloatArray = plan.stock_target[self.output] + room[:, None]
        return full

    def primed_t(self, day: float, plan: DayPlan) -> FloatArray:
        """[pile, column] t at first: full where more is made than sold, else what the seller aims at."""
        made = rows_at(self.plan_days, self.planned, day)[:, None]
        is_left = made > plan.sales[self.output] * (1 + NOISE)
        return np.where(is_left, self.full_t(day, plan), plan.stock_target[self.output])

    def overflow(self, stocks: Stocks, day: float, plan: DayPlan) -> FloatArray | None:
        """[output + 1, column] t beyond what there is room for; None where there is none."""
        over_t = np.maximum(0.0, stocks.sold[self.output] - self.full_t(day, plan))
        if not over_t.any():
            return None
        by_output = np.zeros_like(stocks.sold)
        by_output[self.output] = over_t
        return by_output
