"""Giving back: what new sellers do not deliver of their plan is asked again of those they displaced.

Arrays are [lane, column] unless said otherwise, rates in t a day.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.equations.sums import Groups, ratio, total

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def not_shipped(
    planned_t: FloatArray, seller: Groups, *, stock_t: FloatArray, part_open: FloatArray
) -> FloatArray:
    """[lane, column] t of the plan that a seller cannot ship at a review.

    `planned_t` [lane, column] are the lanes of new sellers, `stock_t` [seller, column] what these have, and
    `part_open` [lane, column] the part of the days on which the goods may leave.
    """
    there = np.minimum(1.0, ratio(stock_t, seller.total(planned_t)))
    can_t = planned_t * seller.spread(there) * part_open
    return np.maximum(0.0, planned_t - can_t)


def part_missing(short_t: FloatArray, planned_t: FloatArray) -> FloatArray:
    """[lane, column] part of its plan that a seller did not ship on average over [review, lane, column] t."""
    return np.minimum(1.0, ratio(total(short_t, axis=0), total(planned_t, axis=0)))


def given_back(
    planned: FloatArray, displaced: FloatArray, missing: FloatArray, purchase: Groups
) -> FloatArray:
    """[lane, column] rates at which sellers are asked, instead of those `planned`.

    Of a `missing` part of new sellers' lanes (0 for others) as much goes back to what they `displaced` [lane,
    1] in the same purchase, in proportion. Where they displaced nobody they are asked as planned.
    """
    lost = purchase.total(planned * missing)
    before = purchase.total(displaced)
    part = np.minimum(1.0, ratio(lost, before))
    had = purchase.spread(before) > 0
    asked: FloatArray = planned + displaced * purchase.spread(part)
    return np.where(had, asked - planned * missing, asked)


def with_more_need(
    asked: FloatArray, planned: FloatArray, weight: FloatArray, purchase: Groups, growth: FloatArray
) -> FloatArray:
    """[lane, column] the same where buyers need more: `growth` [purchase, column] of what is `planned`.

    What is needed on top of the plan is asked in proportion to `weight` [lane, column].
    """
    more = purchase.total(planned) * np.maximum(0.0, growth - 1.0)
    share = ratio(weight, purchase.spread(purchase.total(weight)))
    grown: FloatArray = asked + share * purchase.spread(more)
    return grown
