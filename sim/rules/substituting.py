"""Substituting: one grade where another is asked, out of what nobody who uses that grade has asked for.

A pair is a seller's stock of one grade and a need of another. Arrays are [pair, column], [seller, column] or
[need, column], in t of one review.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.equations.sums import Groups
from sim.rules.trading import less, traded

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Turn:
    """Pairs that have their turn together: the same step from grade to grade."""

    pairs: IntArray
    seller: Groups
    """[pair of the turn]"""
    need: Groups
    """[pair of the turn]"""
    share: FloatArray
    """[need, 1] part of a need's use that may be served so"""


def spare(*, stock_t: FloatArray, sales_t: FloatArray, target_t: FloatArray) -> FloatArray:
    """[seller, column] what no user of the grade has asked for, nor will at the next review.

    `stock_t` is left after this review's sales, `sales_t` are planned of a review, and `target_t` is the stock
    that the seller aims at before it sells: after it has sold as planned it keeps the rest of that.
    """
    return np.maximum(0.0, stock_t - np.maximum(sales_t, target_t - sales_t))


def substituted(
    turns: Sequence[Turn], *, spare_t: FloatArray, open_t: FloatArray, use_t: FloatArray,
    admissible: BoolArray,
) -> FloatArray:  # fmt: skip
    """[pair, column] t of other grades for what needs could not get of their own, turn by turn.

    A need asks for no more than it uses until the next review, `use_t`, and in each turn for no more than the
    turn's share of that.
    """
    out = np.zeros(admissible.shape)
    left_t, lacks_t = spare_t, np.minimum(open_t, use_t)
    for turn in turns:
        ask_t = np.minimum(lacks_t, turn.share * use_t)
        got_t = traded(left_t, ask_t, turn.seller, turn.need, admissible[turn.pairs])
        out[turn.pairs] = got_t
        left_t = less(left_t, turn.seller.total(got_t), spare_t)
        lacks_t = less(lacks_t, turn.need.total(got_t), use_t)
    return out
