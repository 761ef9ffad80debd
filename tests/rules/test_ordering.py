"""Orders: too much drains sellers, too little starves buyers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.rules.ordering import order, urgency
from tests.rules.trades import lines, numbers

ONE = numbers([1.0, 1.0, 1.0])


def ordered(trade: Any, **changes: Any) -> Any:
    given: dict[str, Any] = {
        "rate": numbers([2.0, 1.0, 4.0]), "urgency": ONE, "days": numbers([21.0, 28.0, 14.0]),
        "position_t": numbers([40.0, 60.0]), "waiting_t": np.zeros(3), "span": 7.0,
    }  # fmt: skip
    return order(trade, **(given | changes))


TRADE = lines([0, 1, 2], [0, 0, 1])
"""Two suppliers of one need, one of another."""


def test_a_buyer_orders_what_it_uses_until_the_next_goods_could_arrive() -> None:
    # Target 2 x 21 + 1 x 28 = 70, has 40: 30, split 2 : 1. The other: 4 x 14 = 56 of which it has 60.
    assert ordered(TRADE) == pytest.approx([20, 10, 0])
    # Twice as urgent over the first line: 4 x 21 + 28 = 112, less 40: 72, split 4 : 1.
    hurry = numbers([2.0, 1, 1])
    assert ordered(TRADE, urgency=hurry) == pytest.approx([57.6, 14.4, 0])


def test_what_waits_at_one_suppliers_border_does_not_silence_orders_to_the_others() -> None:
    # As above; of the 20 asked of the first supplier 15 wait there already, of the 10 more than all.
    assert ordered(TRADE, waiting_t=numbers([15.0, 0, 0])) == pytest.approx([5, 10, 0])
    assert ordered(TRADE, waiting_t=numbers([0.0, 12, 0])) == pytest.approx([20, 0, 0])


def test_nobody_orders_scrap_and_a_pile_does_not_fill_itself_above_the_plan() -> None:
    # By-products: 0, and their plan is no part of the target: 2 x 21 - 40 = 2. A pile: 7 days of 4.
    trade = lines([0, 1, 2], [0, 0, 1], by_product={1}, to_pile={2})
    assert ordered(trade) == pytest.approx([2, 0, 28])


def test_a_plant_without_its_element_does_not_wait_for_planned_feed_only() -> None:
    # Feed planned 2 + 3 = 5 t/day of 8: 1.6 times. The other plant's driver is on order too, but it has
    # no room (4 for 6); a third's is not on order. The last lane brings no feed.
    brings = np.zeros((3, 1, 5))
    brings[[0, 0, 1, 2], 0, [0, 1, 2, 3]] = 1
    given: dict[str, Any] = {
        "driver": np.ones((3, 1, 2)), "brings": brings, "planned": numbers([2.0, 3, 6, 1, 9]),
        "capacity": numbers([8.0, 4, 4]),
    }  # fmt: skip
    unmet = np.array([[True, False], [False, True], [False, False]])
    assert urgency(is_unmet=unmet, **given) == pytest.approx([1.6, 1.6, 1, 1, 1])
    assert urgency(is_unmet=~unmet & False, **given) == pytest.approx(np.ones(5))


def test_a_plant_that_runs_for_nothing_in_particular_is_never_pressed() -> None:
    more = urgency(
        driver=np.zeros((1, 0, 2)), is_unmet=np.ones((1, 2), dtype=bool),
        brings=np.ones((1, 1, 1)), planned=numbers([1.0]), capacity=numbers([9.0]),
    )  # fmt: skip
    assert list(more) == [1.0]


def test_a_need_without_a_plan_orders_nothing_and_no_division_fails() -> None:
    trade = lines([0], [0])
    asked = order(
        trade, rate=np.zeros(1), urgency=np.ones(1), days=numbers([28.0]),
        position_t=np.zeros(1), waiting_t=np.zeros(1), span=7.0,
    )  # fmt: skip
    assert list(asked) == [0.0]
