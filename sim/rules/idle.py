"""Idle: why goods lie unsold while somebody lacks them.

Somebody lacks a product who holds less than the use until the next review. What sellers have left is laid
against that: first what they could sell at once and do not, which is no reason at all; then what they keep for
those they have contracts with; what may not pass, what the buyer does not accept, and what is bought already
and on its way. Arrays are [seller, column], [user, column] or [pair, column], t.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.equations.sums import Groups
from sim.rules.trading import traded

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

REASONS = ("none", "reserved", "border", "not_qualified", "on_the_way")
"""`reserved`: for planned buyers until the next review, or in a policy stock; `border`: or no open way."""


def idle(
    free_t: FloatArray, reserved_t: FloatArray, lack_t: FloatArray, on_way_t: FloatArray, *,
    seller: Groups, user: Groups, accepted: BoolArray, passable: BoolArray, sold: Groups, used: Groups,
) -> FloatArray:  # fmt: skip
    """[reason, product, column] t unsold that somebody lacks, of each product at most the lesser of both.

    Of what is lacking some is bought and `on_way_t`; `sold` and `used` are the products of sellers and users.
    """
    out = np.zeros((len(REASONS), sold.count, free_t.shape[1]))
    open_t = np.maximum(0.0, lack_t - on_way_t)
    for reason, through in (
        ("reserved", accepted & passable),
        ("border", accepted & ~passable),
        ("not_qualified", ~accepted & passable),
        ("border", ~accepted & ~passable),
    ):
        pairs_t = traded(free_t + reserved_t, open_t, seller, user, through)
        if not pairs_t.any():
            continue
        given_t = seller.total(pairs_t)
        open_t = np.maximum(0.0, open_t - user.total(pairs_t))
        # What is reserved goes last: it is there for somebody else.
        of_free_t = np.minimum(free_t, given_t)
        of_reserved_t = given_t - of_free_t
        free_t, reserved_t = free_t - of_free_t, np.maximum(0.0, reserved_t - of_reserved_t)
        if reason == "reserved":
            out[REASONS.index("none")], given_t = sold.total(of_free_t), of_reserved_t
        out[REASONS.index(reason)] += sold.total(given_t)
    left_t = sold.total(free_t + reserved_t)
    out[REASONS.index("on_the_way")] = np.minimum(left_t, used.total(on_way_t))
    return out
