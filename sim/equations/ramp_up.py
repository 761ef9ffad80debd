"""How a new mine or plant grows from first output to its design size."""

from __future__ import annotations

from math import log

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def ramp_share(days_since_first_output: FloatArray, *, ramp_days: float) -> FloatArray:
    """Share of the final size reached: 0 before first output, 10 % on that day, 90 % after `ramp_days`.

    A logistic curve, k = 2 ln 9 / T with T the time from 10 to 90 % and its middle at T / 2 (the usual
    S-curve of technology uptake; the 10 and 90 % points are the ones project plans state). A ramp of
    zero days is a step.
    """
    days = np.asarray(days_since_first_output, dtype=float)
    if ramp_days <= 0:
        return np.where(days >= 0, 1.0, 0.0)
    steepness = 2 * log(9) / ramp_days
    exponent = np.clip(-steepness * (days - ramp_days / 2), -700, 700)
    return np.where(days >= 0, 1 / (1 + np.exp(exponent)), 0.0)
