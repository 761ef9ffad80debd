"""What flies of the goods that are sent to somebody who is nearly out of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.equations.sums import NOISE, ratio

FloatArray = npt.NDArray[np.float64]


def lacking(
    *, use: FloatArray, held_t: FloatArray, in_air_t: FloatArray, threshold_days: float
) -> FloatArray:
    """[need, column] t that would bring stocks up to so many days of planned use, t/day.

    `held_t` is in stock after the review's use, `in_air_t` comes by air already.
    """
    level_t = threshold_days * use
    lacks_t = level_t - held_t - in_air_t
    out: FloatArray = np.where(lacks_t > NOISE * level_t, lacks_t, 0.0)
    return out


def flown_part(could_t: FloatArray, lacks_t: FloatArray) -> FloatArray:
    """[need, column] part of what is sent and could fly that does, the same for all that a need is sent."""
    return ratio(np.minimum(could_t, lacks_t), could_t)
