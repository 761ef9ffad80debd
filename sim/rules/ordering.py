"""Ordering: up to what will be used until the next goods could arrive, less what is there and on the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.equations.sums import Groups, ratio
from sim.rules.separating import Drivers

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]

RUN_OUT = 1e-6
"""Part of a review's planned use; who holds less has run out."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Who sells to whom, one line for each stock sold from and holder sold to; arrays are [line]."""

    seller: Groups
    """The stock that is sold from"""
    need: Groups
    """The need that is ordered for"""
    by_product: BoolArray
    """The seller sends on what it has; nobody orders it"""
    to_pile: BoolArray
    """The buyer takes its planned tonnes, no more and no less"""
    qualified: BoolArray
    """The buyer may ask for more than planned"""

    @property
    def may_be_asked(self) -> BoolArray:
        """[line] whether its seller is asked for what others cannot send or may not."""
        able: BoolArray = self.qualified & ~self.by_product & ~self.to_pile
        return able


def order(
    lines: Lines, *, planned: FloatArray, urgency: FloatArray | None, days: FloatArray,
    position_t: FloatArray, held_t: FloatArray, waiting_t: FloatArray, span: float,
) -> FloatArray:  # fmt: skip
    """[line, column] t ordered at a review; a base-stock rule, see `docs/model.md`.

    A need orders what it plans to use in `days` [line, column], review, lead and cover, less its `position_t`
    [need, column], what it holds and has inbound; split by `planned` rates [line, column] t/day, none of
    by-products, which nobody orders, times `urgency` [line, column] where anybody hurries. One that has run
    out, `held_t` [need, column], orders no less than planned of all but its farthest seller. What is
    `waiting_t` [line, column] comes off. Piles take the plan of the `span` of days to the next review. `days`
    may be [line, 1] where all columns have the same days and the same plan.
    """
    asked = planned if urgency is None else planned * urgency
    alike = asked[:, :1] if urgency is None and days.shape[1] == 1 else asked
    want_t = np.maximum(0.0, lines.need.total(alike * days) - position_t)
    per_rate = ratio(want_t, lines.need.total(alike))
    # What already waits for a supplier's goods is taken off that supplier's part alone: a milder
    # restriction must not silence orders to everybody else.
    ordered_t = lines.need.spread(per_rate)
    ordered_t *= asked
    out = held_t <= RUN_OUT * span * lines.need.total(planned)
    if out.any():
        # What is still far away must not silence orders to those who deliver sooner.
        sooner = out[lines.need.number] & (days < _farthest(lines.need, days, planned))
        np.maximum(ordered_t, np.where(sooner, planned * span, 0.0), out=ordered_t)
    ordered_t -= waiting_t
    np.maximum(ordered_t, 0.0, out=ordered_t)
    piles = np.flatnonzero(lines.to_pile)
    ordered_t[piles] = planned[piles] * span
    return ordered_t


def _farthest(need: Groups, days: FloatArray, planned: FloatArray) -> FloatArray:
    """[line, column] most `days` of a line of the same need of which anything is planned."""
    most = np.zeros((need.count, planned.shape[1]))
    np.maximum.at(most, need.number, np.where(planned > 0, days, 0.0))
    return need.spread(most)


def urgency(
    *, drivers: Drivers, is_unmet: BoolArray, feed: FloatArray, capacity: FloatArray
) -> FloatArray:
    """[plant, column] how much more feed than planned a plant asks for: up to capacity while a driver is unmet.

    `is_unmet` [plant, element, column] says of what orders stayed open; planned `feed` [plant, column] and
    `capacity` [plant, column] are t/day.
    """
    pressed = drivers.any(is_unmet)
    more = np.divide(capacity, feed, out=np.ones_like(feed), where=pressed & (feed > 0))
    return np.maximum(1.0, more)
