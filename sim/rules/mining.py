"""What mines dig: at the planned rate, or faster while what they are run for is missing, if there is room."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def dug(
    *,
    planned_t: FloatArray,
    nameplate_t: FloatArray,
    is_pressed: BoolArray,
    store_t: FloatArray,
    stock_t: FloatArray,
) -> FloatArray:
    """Tonnes dug [mine, column]: `planned_t`, `nameplate_t` where pressed, never more than there is room for.

    All arguments are [mine, column], in tonnes of the days for which it is dug; the store holds `store_t`.
    """
    wanted_t = np.where(is_pressed, nameplate_t, planned_t)
    room_t = np.maximum(0.0, store_t - stock_t)
    return np.minimum(wanted_t, room_t)
