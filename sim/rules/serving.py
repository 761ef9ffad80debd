"""Serving: whom a seller fills first out of what it has, and how a region shares what it gets of each seller.

Ranks of restrictions come before anything here: within a rank, floors are filled first, then tiers in their
order, within a tier planned use before the rest of the orders. What a region with a rule of its own gets from
a seller in sum is then shared anew among its lines, by that rule. No seller gives more or less by it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.equations.rationing import planned_first, proportional
from sim.equations.sums import NOISE, Groups, ratio, total

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Order:
    """Who comes before whom among the lines that share one stock."""

    tier: FloatArray
    """[line, 1]; a lower one is served first"""
    floor: FloatArray
    """[line, 1] part of its planned use that a line gets before any tier is served"""

    def fill(
        self, orders_t: FloatArray, planned_t: FloatArray, group: Groups, stock_t: FloatArray,
        ranks: FloatArray | None, use_t: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:  # fmt: skip
        """[line, column] t filled out of `stock_t` [group, column], and what is left there.

        A lower rank [line, column] is served in full before a higher one; floors are parts of `use_t`
        [line, column].
        """
        filled_t, left_t = np.zeros_like(orders_t), stock_t
        for rank in (None,) if ranks is None else np.unique(ranks):
            here_t, plan_t = orders_t, planned_t
            if rank is not None:
                here_t = np.where(ranks == rank, orders_t, 0.0)
            if self.floor.any():
                least_t = proportional(np.minimum(here_t, use_t * self.floor), group, left_t)
                left_t = np.maximum(0.0, left_t - group.total(least_t))
                filled_t += least_t
                here_t, plan_t = (np.maximum(0.0, t - least_t) for t in (here_t, plan_t))
            for tier in np.unique(self.tier):
                orders = np.where(self.tier == tier, here_t, 0.0)
                now_t, left_t = planned_first(orders, plan_t, group, left_t)
                filled_t += now_t
        return filled_t, left_t


@dataclass(frozen=True, slots=True)
class InRegions:
    """Lines into regions that have a rule of their own."""

    line: IntArray
    """[line of a region]"""
    group: Groups
    """[line of a region] seller and region"""
    order: Order


@dataclass(frozen=True, slots=True)
class Serving:
    """The rules of sellers, and those of regions."""

    sellers: Order
    regions: InRegions | None
    contracts_first: FloatArray
    """[seller, 1] 1 where what others lack comes only out of what is beyond a review of planned sales"""

    def fill(
        self, orders_t: FloatArray, planned_t: FloatArray, seller: Groups, stock_t: FloatArray,
        ranks: FloatArray | None = None, use_t: FloatArray | None = None,
    ) -> tuple[FloatArray, FloatArray]:  # fmt: skip
        """[line, column] t filled out of `stock_t` [seller, column], and what is left; ranks as in `Order`.

        Floors are parts of `use_t` [line, column], or else of what is planned.
        """
        use_t = planned_t if use_t is None else use_t
        filled_t, left_t = self.sellers.fill(orders_t, planned_t, seller, stock_t, ranks, use_t)
        if self.regions is not None:
            here, group = self.regions.line, self.regions.group
            filled_t[here], _ = self.regions.order.fill(
                orders_t[here], planned_t[here], group, group.total(filled_t[here]),
                None if ranks is None else ranks[here], use_t[here],
            )  # fmt: skip
        return filled_t, left_t

    def fill_asked(self, asked_t: FloatArray, seller: Groups, spare_t: FloatArray) -> FloatArray:
        """[line, column] t given of what others lack and is asked instead; nothing of that is planned."""
        return self.fill(asked_t, np.zeros_like(asked_t), seller, spare_t)[0]


def use_by_order(orders_t: FloatArray, planned_t: FloatArray, need: Groups) -> FloatArray:
    """[line, column] t of a need's planned use, laid to its lines in proportion to what it orders of each.

    So a class has its floor also where one of its sellers may send nothing, as far as it orders of others.
    """
    of_orders = need.spread(ratio(need.total(planned_t), need.total(orders_t)))
    found: FloatArray = of_orders * orders_t
    return found


def moved(ruled_t: FloatArray, plain_t: FloatArray) -> FloatArray:
    """[column] t that go to others than without a rule, [line, column] both, or stay; not what is rounding."""
    apart = ruled_t - plain_t
    apart = np.where(np.abs(apart) > NOISE * np.maximum(ruled_t, plain_t), apart, 0.0)
    more_t, less_t = (total(np.maximum(0.0, t), axis=0) for t in (apart, -apart))
    return np.maximum(more_t, less_t)
