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
    return _filled(claims_t, supplier, stock_t)[0]


def planned_first(
    orders_t: FloatArray, planned_t: FloatArray, supplier: Groups, stock_t: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Fill each line up to its planned use, then the rest by open order; [line, ...] t, and what is left over.

    That is [supplier, ...]. Sharing on open orders alone would hand scarce tonnes to the longest lanes, whose
    orders cover more days.
    """
    first_t, left_t = _filled(np.minimum(orders_t, planned_t), supplier, stock_t)
    more_t, left_t = _filled(orders_t - first_t, supplier, left_t)
    first_t += more_t
    return first_t, left_t


def _filled(
    claims_t: FloatArray, supplier: Groups, stock_t: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Claims filled in proportion, and what is left of the stock: nothing where it does not reach."""
    total_t = supplier.total(claims_t)
    given_t = np.minimum(stock_t, total_t)
    filled: FloatArray = supplier.spread(ratio(given_t, total_t))
    filled *= claims_t
    return filled, stock_t - given_t
