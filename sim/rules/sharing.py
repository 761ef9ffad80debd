"""Sharing: users of one end use lend to one another what they hold above the mean of them all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.equations.sums import NOISE, Groups, ratio

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def lent_part(degree: float, span: float) -> float:
    """Part that is lent at each review, `span` days after the last, where `degree` of it is within a week."""
    return float(1.0 - (1.0 - degree) ** (span / 7.0))


def lent(
    held_t: FloatArray, use: FloatArray, may_receive: BoolArray, *, group: Groups, part: float
) -> tuple[FloatArray, FloatArray]:
    """[user, column] t given, and received, so that users of a group come nearer to the same cover.

    A group shares what it holds, `held_t` [user, column], by planned `use` [user, 1], t/day or any part of it.
    Who holds more gives the same part of what is more, who holds less gets the same part of what is less and
    gets nothing where it may not receive [user, column]. `part` 1 moves as much as there are takers for.
    """
    whole_t = group.total(held_t)
    cover = ratio(whole_t, group.total(use))
    even_t = group.spread(cover) * use
    more_t = np.maximum(0.0, held_t - even_t)
    less_t = np.where(may_receive, np.maximum(0.0, even_t - held_t), 0.0)
    has_t, lacks_t = group.total(more_t), group.total(less_t)
    moved_t = part * np.minimum(has_t, lacks_t)
    moved_t = np.where(moved_t > NOISE * whole_t, moved_t, 0.0)
    given_t: FloatArray = more_t * group.spread(ratio(moved_t, has_t))
    received_t: FloatArray = less_t * group.spread(ratio(moved_t, lacks_t))
    return given_t, received_t
