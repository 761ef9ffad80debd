"""Drawing: what users take from a policy stock, and what it buys back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.equations.rationing import proportional
from sim.equations.sums import NOISE, Groups, sum_by

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

TRACE_T = 1e-9
"""Tonnes below which a stock is full or empty, or a user in no need."""


def missing(
    *, held_t: FloatArray, use: FloatArray, cover: FloatArray, trigger: float, span: float
) -> FloatArray:
    """[line] t that a user lacks of the level up to which it draws; none unless its stock is low.

    `held_t` and `use` [line], t and t/day, are those of its need, `cover` [line] and `trigger` days of use.
    Between two reviews, `span` days, a stock at its usual cover dips by a review's use: that is no shortage.
    """
    days = np.minimum(cover, trigger)
    low = np.minimum(days, cover - span)
    return np.where(held_t < use * low * (1 - NOISE), use * days - held_t, 0.0)


def drawn(
    missing_t: FloatArray, *, use: FloatArray, need: IntArray, product: IntArray,
    stock_t: FloatArray, floor_t: FloatArray, most_t: float, part: float,
) -> FloatArray:  # fmt: skip
    """[line] t that users take of what they miss [line], on a `part` of a review's days; all the same part.

    Members of a group stand in for one another: a `need` takes them by planned `use`, t/day. Of each
    `product`, all [line], there is `stock_t` less `floor_t` [product]; and `most_t` in all.
    """
    left_t = np.maximum(0.0, stock_t - floor_t)
    weight = np.where(left_t[product] > TRACE_T, use, 0.0)
    total = sum_by(need, weights=weight, minlength=0)[need]
    share = np.divide(weight, total, out=np.zeros_like(weight), where=weight > 0)
    taken_t = proportional(missing_t * share * part, Groups(product, len(left_t)), left_t)
    return taken_t * (most_t / taken_t.sum()) if taken_t.sum() > most_t else taken_t


def bought_back(
    gap_t: FloatArray, *, most_t: float, product: IntArray, weight: FloatArray, waiting_t: FloatArray,
) -> FloatArray:  # fmt: skip
    """[line] t ordered to fill a gap [product], `most_t` in all: of each `product` by `weight`, all [line].

    Off each supplier's part comes what is `waiting_t` at its border.
    """
    if gap_t.sum() <= TRACE_T:
        return np.zeros_like(weight)
    wanted_t = gap_t * min(1.0, most_t / gap_t.sum())
    total = sum_by(product, weights=weight, minlength=len(gap_t))[product]
    share = np.divide(weight, total, out=np.zeros_like(weight), where=weight > 0)
    return np.maximum(0.0, wanted_t[product] * share - waiting_t)
