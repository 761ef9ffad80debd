"""Trading: what is left with sellers goes to those who lack it, as far as they accept one another.

A pair is a seller's stock and a holder that may buy from it. Arrays are [pair, column], [seller, column] or
[need, column], in t of one review.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.equations.sums import NOISE, Groups, ratio

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

LEAST_T = 1e-9
"""Tonnes that nobody offers or asks for."""


def traded(
    offer_t: FloatArray, ask_t: FloatArray, seller: Groups, need: Groups, admissible: BoolArray
) -> FloatArray:
    """[pair, column] t that change hands, out of what sellers offer and needs ask.

    Each need asks of its admissible sellers in proportion to what they offer, each seller serves what is asked
    of it in proportion; repeated until no admissible pair has both.
    """
    left_t = np.where(offer_t > LEAST_T, offer_t, 0.0)
    open_t = np.where(ask_t > LEAST_T, ask_t, 0.0)
    every = admissible & (seller.spread(left_t) > 0) & (need.spread(open_t) > 0)
    some = np.flatnonzero(every.any(axis=1))
    out = np.zeros(admissible.shape)
    if len(some):
        seller, need = (Groups(each.number[some], each.count) for each in (seller, need))
        out[some] = _in_rounds(left_t, open_t, seller, need, every[some])
    return out


def _in_rounds(
    offer_t: FloatArray, ask_t: FloatArray, seller: Groups, need: Groups, admissible: BoolArray
) -> FloatArray:
    sold, left_t, open_t = np.zeros(admissible.shape), offer_t, ask_t
    # In each round a need that is not served has used up one of its sellers.
    for _ in range(seller.count + need.count):
        weight = np.where(admissible, seller.spread(left_t), 0.0)
        asked = need.spread(ratio(open_t, need.total(weight))) * weight
        given = asked * seller.spread(np.minimum(1.0, ratio(left_t, seller.total(asked))))
        sold += given
        if not given.any():
            break
        left_t = less(left_t, seller.total(given), offer_t)
        open_t = less(open_t, need.total(given), ask_t)
    return sold


def less(left_t: FloatArray, gone_t: FloatArray, whole_t: FloatArray) -> FloatArray:
    """What is left; a rounding residue is nothing."""
    left_t = left_t - gone_t
    return np.where(left_t > NOISE * whole_t, left_t, 0.0)


def asked(
    *, open_t: FloatArray, use_t: FloatArray, cover_t: FloatArray, held_t: FloatArray
) -> FloatArray:
    """[need, column] asked of the market: what a need could not get, at most its use and missing cover."""
    return np.minimum(open_t, use_t + np.maximum(0.0, cover_t - held_t))


def offered(*, stock_t: FloatArray, sales_t: FloatArray) -> FloatArray:
    """[seller, column] stock above what the contracts of one review take."""
    return np.maximum(0.0, stock_t - sales_t)
