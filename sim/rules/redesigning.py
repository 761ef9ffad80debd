"""Redesigning: users that lack a product turn, part by part, to designs that need none of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def adopted(
    before: FloatArray, lacks: BoolArray, most: FloatArray, *, a_year: float, days: float
) -> FloatArray:
    """[need, column] part of the use that has turned to another design after so many days.

    It grows in a straight line, by `a_year` in a year in which the need `lacks` goods [need, column], up to
    `most` [need, 1], and never falls: who has drawn a part anew does not draw it back.
    """
    more = np.where(lacks, before + a_year * days / 365.0, before)
    out: FloatArray = np.maximum(before, np.minimum(most, more))
    return out
