"""The last trace of a stock, too small for its inverse to be a number, is shared out like any tonne."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine.provenance.classes import shares_of
from sim.equations.rationing import proportional
from sim.equations.recipe import available_share
from sim.equations.sums import Groups

TRACE_T = 5e-324
"""The smallest number above zero."""


def test_a_trace_of_a_stock_has_shares_that_add_up_to_one() -> None:
    table = np.array([[TRACE_T, 0.0], [2 * TRACE_T, 2 * TRACE_T], [0.0, 0.0], [3.0, 1.0]])
    shares = shares_of(table)
    assert shares.tolist() == [[1.0, 0.0], [0.5, 0.5], [0.0, 0.0], [0.75, 0.25]]


def test_a_trace_that_is_asked_for_is_given_in_full() -> None:
    claims_t, stock_t = np.array([TRACE_T, 4.0]), np.array([1e3, 2.0])
    assert proportional(claims_t, Groups(np.array([0, 1]), 2), stock_t) == pytest.approx(
        [TRACE_T, 2.0], rel=0
    )
    assert available_share(stock_t, claims_t).tolist() == [1.0, 0.5]
