"""Piles: by-products that nobody buys stay at their plant, as far as there is room, and are then thrown away.

A by-product is an element for which no site of the pack is run, or the mixed rest that a plant cannot split.
What plants are run for has no pile; what they make too much of it in calm, since it comes with something that
is scarcer, counts as sold as long as the run has not begun: else what lies there on the first day would hang
on how long the world was warmed up.
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
    driver: IntArray
    """[driver] outputs of what plants are run for"""
    driver_planned: FloatArray
    """[time, driver] planned output, t/day"""
    span: float

    @classmethod
    def of(cls, network: Network, span: float) -> Piles | None:
        """Those of a network; None where by-products pile up without limit."""
        rule = network.behaviour.piles
        if rule is None:
            return None
        wanted = {element for site in network.world.sites.values() for element in site.drivers}
        keys = [(i, (place, product)) for i, (place, _, product) in enumerate(network.outputs)]
        made, days = network.plan.separated, network.plan.days
        tables = []
        for is_wanted in (False, True):
            found = [(i, made[k]) for i, k in keys if k in made and (k[1] in wanted) == is_wanted]
            output = np.array([i for i, _ in found], dtype=np.intp)
            planned = np.array([path for _, path in found]).T.reshape(len(days), len(found))
            tables.append((output, planned))
        (output, planned), (driver, driver_planned) = tables
        return cls(output, days, planned, rule.days, driver, driver_planned, span)

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

    def overflow(self, stocks: Stocks, day: float, plan: DayPlan) -> FloatArray:
        """[output + 1, column] t beyond what there is room for."""
        by_output = np.zeros_like(stocks.sold)
        over_t = stocks.sold[self.output] - self.full_t(day, plan)
        by_output[self.output] = np.maximum(0.0, over_t)
        if day < 0:
            planned = rows_at(self.plan_days, self.driver_planned, day)[:, None]
            surplus_t = (planned - plan.sales[self.driver]) * self.span
            above_t = stocks.sold[self.driver] - plan.stock_target[self.driver]
            by_output[self.driver] = np.maximum(0.0, np.minimum(surplus_t, above_t))
        return by_output
