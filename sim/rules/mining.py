"""What mines dig: as planned, or more while what they are run for or their stock is short, if there is room."""

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
    level_t: FloatArray | None = None,
) -> FloatArray:
    """Tonnes dug [mine, column]: `planned_t`, `nameplate_t` where pressed, never more than there is room for.

    All arguments are [mine, column], in tonnes of the days for which it is dug; the store holds `store_t`.
    A mine that answers digs beyond the plan what its stock lacks of `level_t`, as far as its nameplate goes.
    """
    wanted_t = planned_t
    if level_t is not None:
        lacks_t = np.maximum(0.0, level_t - stock_t)
        wanted_t = np.minimum(planned_t + lacks_t, np.maximum(nameplate_t, planned_t))
    wanted_t = np.where(is_pressed, nameplate_t, wanted_t)
    room_t = np.maximum(0.0, store_t - stock_t)
    return np.minimum(wanted_t, room_t)
