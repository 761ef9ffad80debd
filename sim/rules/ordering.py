"""Ordering: up to what will be used until the next goods could arrive, less what is there and on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Lines:
    """Who sells to whom, one line for each stock sold from and holder sold to; arrays are [line]."""

    seller: IntArray
    """Number of the stock that is sold from"""
    need: IntArray
    """Number of the need that is ordered for"""
    by_product: BoolArray
    """The seller sends on what it has; nobody orders it"""
    to_pile: BoolArray
    """The buyer takes its planned tonnes, no more and no less"""
    qualified: BoolArray
    """The buyer may ask for more than planned"""


def order(
    lines: Lines, *, rate: FloatArray, urgency: FloatArray, days: FloatArray,
    position_t: FloatArray, waiting_t: FloatArray, span: float,
) -> FloatArray:  # fmt: skip
    """[line] t ordered at a review; a base-stock rule, see `docs/model.md`.

    A need orders what it plans to use in `days` [line], review, lead and cover, less its `position_t` [need],
    what it holds and has inbound; split by planned `rate` [line] t/day times `urgency` [line], less what is
    `waiting_t` [line]. Nobody orders by-products; piles take the plan of the `span` of days to the next review.
    """
    planned = np.where(lines.by_product, 0.0, rate)
    asked, n = planned * urgency, len(position_t)
    want_t = np.maximum(0.0, sum_by(lines.need, weights=asked * days, minlength=n) - position_t)
    total = sum_by(lines.need, weights=asked, minlength=n)
    per_rate = np.divide(want_t, total, out=np.zeros_like(want_t), where=total > 0)
    # What already waits for a supplier's goods is taken off that supplier's part alone: a milder
    # restriction must not silence orders to everybody else.
    ordered_t = np.maximum(0.0, asked * per_rate[lines.need] - waiting_t)
    return np.where(lines.to_pile, planned * span, ordered_t)


def urgency(
    *, driver: FloatArray, is_unmet: BoolArray, brings: FloatArray, planned: FloatArray, capacity: FloatArray,
) -> FloatArray:  # fmt: skip
    """[lane] how much more feed than planned a plant asks for: up to capacity while a driver is unmet.

    `driver` [plant, group, element] has 1 for what the plant runs for, `is_unmet` [plant, element] says of
    what orders stayed open, `brings` [plant, form, lane] has 1 for lanes that bring its feed; `planned`
    [lane] and `capacity` [plant] are t/day.
    """
    pressed = (driver * is_unmet[:, None, :]).sum(axis=2).max(axis=1, initial=0.0) > 0
    factor = np.ones(len(planned))
    if pressed.any():
        feed = np.einsum("pfl,l->p", brings, planned)
        more = np.divide(capacity, feed, out=np.ones_like(feed), where=pressed & (feed > 0))
        for p in np.flatnonzero(more > 1):
            factor[brings[p].any(axis=0)] = more[p]
    return factor
