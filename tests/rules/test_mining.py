"""A mine digs as planned, hurries when somebody waits, and never more than it has room for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.rules.mining import dug

TONNES = st.floats(0, 1e4)


def test_a_mine_digs_as_planned_faster_when_pressed_and_stops_when_its_store_is_full() -> None:
    # Plan 70 t, nameplate 100 t. Store 500 t: with 460 t in it there is room for 40, with 500 for none.
    mined_t = dug(
        planned_t=np.full(4, 70.0),
        nameplate_t=np.full(4, 100.0),
        is_pressed=np.array([False, True, True, False]),
        store_t=np.full(4, 500.0),
        stock_t=np.array([100.0, 100.0, 460.0, 500.0]),
    )
    assert mined_t.tolist() == [70.0, 100.0, 40.0, 0.0]


def test_a_mine_that_answers_refills_its_stock_up_to_nameplate() -> None:
    # Plan 70 t, nameplate 100 t, 50 t aimed at: with 40 t in stock it digs 10 more, with 10 t all that it can.
    mined_t = dug(
        planned_t=np.full(3, 70.0), nameplate_t=np.full(3, 100.0), is_pressed=np.full(3, False),
        store_t=np.full(3, 500.0), stock_t=np.array([60.0, 40.0, 10.0]), level_t=np.full(3, 50.0),
    )  # fmt: skip
    assert mined_t.tolist() == [70.0, 80.0, 100.0]


def test_a_store_without_limit_never_stops_a_mine() -> None:
    mined_t = dug(
        planned_t=np.array([70.0]), nameplate_t=np.array([70.0]), is_pressed=np.array([False]),
        store_t=np.array([np.inf]), stock_t=np.array([1e9]),
    )  # fmt: skip
    assert mined_t == pytest.approx([70.0])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TONNES, TONNES, st.booleans(), TONNES, TONNES, TONNES)
def test_more_in_store_never_makes_a_mine_dig_more(
    planned: float, more: float, pressed: bool, store: float, stock: float, added: float
) -> None:
    def mined(stock_t: float) -> float:
        return float(
            dug(
                planned_t=np.array([planned]), nameplate_t=np.array([planned + more]),
                is_pressed=np.array([pressed]), store_t=np.array([store]),
                stock_t=np.array([stock_t]),
            )[0]
        )  # fmt: skip

    assert 0 <= mined(stock + added) <= mined(stock) <= planned + more
    assert mined(stock) <= max(0.0, store - stock) + 1e-9
