"""Allocating: who is shipped what when stock does not reach for every order.

A seller fills each line up to its planned use, then the rest by open order. What stays unfilled, or was
refused on a stretch of the days until the next review, is asked of other qualified sellers of the same need
whose lines are open on that stretch, in proportion to what they can spare. Rooms are taken of what is
`wanted`; what is `stopped` follows from what there was room for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.equations.rationing import planned_first, proportional
from sim.equations.sums import NOISE, sum_by
from sim.rules.ordering import Lines

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a review sells for, in stretches on which nothing changes."""

    part: FloatArray
    """[stretch, 1] of the days"""
    open: BoolArray
    """[stretch, line] goods may leave"""
    shut: BoolArray
    """[stretch, line] orders go back to the buyer; where it is neither, goods wait at the seller"""


def wanted(
    lines: Lines, days: Days, *, claim_t: FloatArray, planned_t: FloatArray,
    by_product_t: FloatArray, stock_t: FloatArray, tier: FloatArray,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """[stretch, line] t that sellers would send, and [seller] t on order that they cannot fill.

    `claim_t` is what is ordered and what waits, `planned_t` what is planned and `by_product_t` what is
    sent on unasked, all [line] for all days; `stock_t` [seller]; a lower `tier` [line] is served first.
    """
    now = np.where(days.open, days.part, 0.0)
    opens = np.where(days.open.all(axis=0), 1.0, now.sum(axis=0))
    part = np.divide(now, opens, out=np.zeros_like(now), where=now > 0)
    open_t, seller, n = claim_t * opens, lines.seller, len(stock_t)
    filled_t = in_tiers(open_t, planned_t * opens, seller=seller, stock_t=stock_t, tier=tier)
    first_t = np.where(lines.by_product, by_product_t * opens, filled_t)
    short_t = np.where(lines.by_product, 0.0, open_t - first_t)
    left_t = stock_t - sum_by(seller, weights=first_t, minlength=n)
    spare_t = np.where(left_t > NOISE * stock_t, left_t, 0.0)
    refused_t = np.where(days.shut, claim_t * days.part, 0.0)
    asked_t = _asked(lines, days, short_t * part + refused_t, spare_t)
    total_t = asked_t.sum(axis=0)
    more_t = proportional(total_t, seller, spare_t)
    unmet_t = sum_by(seller, weights=short_t + total_t - more_t, minlength=n)
    if len(asked_t) > 1:
        more_t = asked_t * np.divide(more_t, total_t, out=np.zeros_like(more_t), where=total_t > 0)
    return first_t * part + more_t, unmet_t


def in_tiers(
    orders_t: FloatArray, planned_t: FloatArray, *, seller: IntArray, stock_t: FloatArray, tier: FloatArray,
) -> FloatArray:  # fmt: skip
    """[line] t filled out of `stock_t` [seller], planned use first; each `tier` in full before the next."""
    if np.all(tier == tier[:1]):
        return planned_first(orders_t, planned_t, seller, stock_t)
    filled_t = np.zeros_like(orders_t)
    for each in np.unique(tier):
        left_t = np.maximum(0.0, stock_t - sum_by(seller, weights=filled_t, minlength=len(stock_t)))
        filled_t += planned_first(np.where(tier == each, orders_t, 0.0), planned_t, seller, left_t)
    return filled_t


def pushed(
    seller: IntArray, *, stock_t: FloatArray, rate: FloatArray, runs: BoolArray
) -> FloatArray:
    """[line] t of all that sellers have, `stock_t` [seller], shared by planned `rate` among buyers that run.

    It is shared evenly where nothing is planned, and stays where no buyer `runs` [line].
    """
    running = runs.astype(float)
    rate = rate * running
    total = sum_by(seller, weights=rate, minlength=len(stock_t))[seller]
    count = sum_by(seller, weights=running, minlength=len(stock_t))[seller]
    planned = np.divide(rate, total, out=np.zeros_like(rate), where=rate > 0)
    return stock_t[seller] * np.where(total > 0, planned, running / np.maximum(count, 1.0))


def stopped(lines: Lines, days: Days, *, claim_t: FloatArray, no_room_t: FloatArray) -> FloatArray:
    """[stretch, line] t refused or held: what is claimed [line] for days not open, and what found no room.

    By-products do not wait for room: they are sent on unasked.
    """
    of_days_t = np.where(days.open, 0.0, claim_t * days.part)
    return of_days_t + np.where(lines.by_product, 0.0, no_room_t)


def _asked(lines: Lines, days: Days, unfilled_t: FloatArray, spare_t: FloatArray) -> FloatArray:
    """[stretch, line] t asked of sellers with stock to spare [seller], for what is unfilled [stretch, line]."""
    able = days.open & lines.qualified & ~lines.by_product & ~lines.to_pile
    weight = np.where(able, spare_t[lines.seller], 0.0)
    total = np.array([sum_by(lines.need, weights=row, minlength=0) for row in weight])
    unfilled = np.array([sum_by(lines.need, weights=row, minlength=0) for row in unfilled_t])
    per_t = np.divide(unfilled, total, out=np.zeros_like(total), where=total > 1e-12)
    return weight * per_t.take(lines.need, axis=1)
