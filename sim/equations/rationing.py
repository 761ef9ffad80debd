"""Who gets how much when a supplier cannot fill every order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.equations.sums import Groups, ratio

FloatArray = npt.NDArray[np.float64]


def proportional(claims_t: FloatArray, supplier: Groups, stock_t: FloatArray) -> FloatArray:
    """Fill claims in full, or all of a supplier's claims by the same share [line, ...].

    claims_t [line, ...], `supplier` of each line, stock_t [supplier, ...]. The proportional rule of Moulin,
    Priority rules and other asymmetric rationing methods, Econometrica 68(3), 2000.
    """
    total_t = supplier.total(claims_t)
    given: FloatArray = supplier.spread(ratio(np.minimum(stock_t, total_t), total_t))
    given *= claims_t
    return given


def planned_first(
    orders_t: FloatArray, planned_t: FloatArray, supplier: Groups, stock_t: FloatArray
) -> FloatArray:
    """Fill each line up to its planned use, then the rest by open order [line, ...].

    Sharing on open orders alone would hand scarce tonnes to the longest lanes, whose orders cover more days.
    """
    first_t = proportional(np.minimum(orders_t, planned_t), supplier, stock_t)
    left_t = np.maximum(0.0, stock_t - supplier.total(first_t))
    first_t += proportional(orders_t - first_t, supplier, left_t)
    return first_t
