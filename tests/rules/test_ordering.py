"""Orders: too much drains sellers, too little starves buyers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.engine.batches import put_together
from sim.engine.calendar import Calendar
from sim.rules.ordering import Lines, order, urgency
from sim.rules.separating import Drivers
from tests.rules.trades import column, lines
from tests.trade_world import trade_world
from tests.worlds import ENDS, STARTS


def ordered(trade: Lines, **changes: Any) -> Any:
    given: dict[str, Any] = {
        "planned": column([2.0, 1.0, 4.0]), "urgency": None, "days": column([21.0, 28.0, 14.0]),
        "position_t": column([40.0, 60.0]), "held_t": column([30.0, 60.0]), "waiting_t": np.zeros((3, 1)),
        "span": 7.0,
    }  # fmt: skip
    return order(trade, **(given | changes))[:, 0]


TRADE = lines([0, 1, 2], [0, 0, 1])
"""Two suppliers of one need, one of another."""


def test_a_buyer_orders_what_it_uses_until_the_next_goods_could_arrive() -> None:
    # Target 2 x 21 + 1 x 28 = 70, has 40: 30, split 2 : 1. The other: 4 x 14 = 56 of which it has 60.
    assert ordered(TRADE) == pytest.approx([20, 10, 0])
    # Twice as urgent over the first line: 4 x 21 + 28 = 112, less 40: 72, split 4 : 1.
    hurry = column([2.0, 1, 1])
    assert ordered(TRADE, urgency=hurry) == pytest.approx([57.6, 14.4, 0])


def test_who_has_run_out_orders_no_less_than_planned_of_those_who_deliver_sooner() -> None:
    # Target 70, 64 of it still on the way: 6, split 2 : 1. A week's plan of the nearer one is 14.
    far = {"position_t": column([64.0, 60.0])}
    out = far | {"held_t": column([0.0, 0.0])}
    assert ordered(TRADE, **far) == pytest.approx([4, 2, 0])
    assert ordered(TRADE, **out) == pytest.approx([14, 2, 0])
    # What waits comes off it, and where nothing is planned from the farther one, nobody is the nearer.
    assert ordered(TRADE, **out, waiting_t=column([10.0, 0, 0])) == pytest.approx([4, 2, 0])
    assert ordered(TRADE, **out, planned=column([2.0, 0, 4])) == pytest.approx([0, 0, 0])


def test_each_run_orders_by_its_own_plan_days_and_hurry() -> None:
    # As above, and a run with twice the plan: 4 x 21 + 2 x 28 = 140, less 40: 100, split 2 : 1; 8 x 14 - 60.
    def side_by_side(**changes: Any) -> list[list[float]]:
        given: dict[str, Any] = {
            "planned": column([2.0, 1, 4]) * [1, 1], "urgency": None,
            "days": column([21.0, 28, 14]), "position_t": column([40.0, 60]) * [1, 1],
            "held_t": np.ones((2, 2)), "waiting_t": np.zeros((3, 2)), "span": 7.0,
        }  # fmt: skip
        return [pytest.approx(each) for each in order(TRADE, **(given | changes)).T.tolist()]

    twice = {"planned": column([2.0, 1, 4]) * [1, 2], "days": column([21.0, 28, 14]) * [1, 1]}
    assert side_by_side(**twice) == [[20, 10, 0], [200 / 3, 100 / 3, 52]]
    # Where all runs have the same plan and days, the days may be said once; one may still hurry.
    assert side_by_side() == [[20, 10, 0]] * 2
    hurry = np.array([[1.0, 2], [1, 1], [1, 1]])
    assert side_by_side(urgency=hurry) == [[20, 10, 0], [57.6, 14.4, 0]]
    # A single line: 2 x 21 and 4 x 21, less 40.
    alone = order(
        lines([0], [0]), planned=np.array([[2.0, 4]]), urgency=None, days=np.full((1, 2), 21.0),
        position_t=np.full((1, 2), 40.0), held_t=np.ones((1, 2)), waiting_t=np.zeros((1, 2)), span=7.0,
    )  # fmt: skip
    assert alone.tolist() == [[2, 44]]


def test_what_waits_at_one_suppliers_border_does_not_silence_orders_to_the_others() -> None:
    # As above; of the 20 asked of the first supplier 15 wait there already, of the 10 more than all.
    assert ordered(TRADE, waiting_t=column([15.0, 0, 0])) == pytest.approx([5, 10, 0])
    assert ordered(TRADE, waiting_t=column([0.0, 12, 0])) == pytest.approx([20, 0, 0])


def test_a_pile_does_not_fill_itself_above_the_plan() -> None:
    # A pile: 7 days of 4, although the need has all that it aims at.
    trade = lines([0, 1, 2], [0, 0, 1], to_pile={2})
    assert ordered(trade) == pytest.approx([20, 10, 28])


def test_nobody_orders_scrap_and_what_is_planned_of_it_is_no_part_of_a_target() -> None:
    # 2 x 21 - 40 = 2 where the second line brings a by-product, of which no order is planned.
    assert ordered(TRADE, planned=column([2.0, 0, 4])) == pytest.approx([2, 0, 0])
    simulation = put_together(trade_world(), (), Calendar(STARTS, ENDS), 7.0, provenance=False)
    plan, network = simulation.planner.at(0.0), simulation.network
    aside = network.lane_pushed[network.line_lane]
    assert (plan.lines[aside] > 0).sum() >= 4
    assert not plan.ordered[aside].any()
    assert np.array_equal(plan.ordered[~aside], plan.lines[~aside])


def test_a_plant_without_its_element_does_not_wait_for_planned_feed_only() -> None:
    # Feed planned 5 t/day of 8: 1.6 times. The other plant's driver is on order too, but it has no room
    # (4 for 6); a third's is not on order. A small one asks for 4 times its 0.5 t/day; nothing is planned for
    # the last, and no multiple of that is more.
    given: dict[str, Any] = {
        "drivers": Drivers.of(np.ones((5, 1, 2))), "feed": column([5.0, 6, 1, 0.5, 0]),
        "capacity": column([8.0, 4, 4, 2, 2]),
    }  # fmt: skip
    unmet = np.array([[True, False], [False, True], [False, False], [True, True], [True, True]])
    unmet = unmet[..., None]
    assert urgency(is_unmet=unmet, **given)[:, 0] == pytest.approx([1.6, 1, 1, 4, 1])
    assert urgency(is_unmet=unmet & False, **given)[:, 0] == pytest.approx(np.ones(5))


def test_a_plant_that_runs_for_nothing_in_particular_is_never_pressed() -> None:
    more = urgency(
        drivers=Drivers.of(np.zeros((1, 0, 2))), is_unmet=np.ones((1, 2, 1), dtype=bool),
        feed=column([1.0]), capacity=column([9.0]),
    )  # fmt: skip
    assert more.tolist() == [[1.0]]


def test_a_need_without_a_plan_orders_nothing_and_no_division_fails() -> None:
    asked = order(
        lines([0], [0]), planned=column([0.0]), urgency=np.ones((1, 1)), days=column([28.0]),
        position_t=column([0.0]), held_t=column([0.0]), waiting_t=column([0.0]), span=7.0,
    )  # fmt: skip
    assert asked.tolist() == [[0.0]]


def test_what_a_buyer_orders_does_not_depend_on_the_runs_beside_it() -> None:
    # The second run hurries and is short; numbers that do not add up exactly.
    draw = np.random.default_rng(5).uniform
    trade = lines(range(40), [n % 3 for n in range(40)], to_pile={39})
    several: dict[str, Any] = {
        "planned": draw(0, 9, (40, 5)), "urgency": np.where(draw(0, 1, (40, 5)) > 0.5, 1.7, 1.0),
        "days": draw(7, 90, (40, 5)), "position_t": draw(0, 2000, (3, 5)),
        "held_t": np.where(draw(0, 1, (3, 5)) > 0.5, 9.0, 0.0), "waiting_t": draw(0, 9, (40, 5)),
    }  # fmt: skip
    together = order(trade, span=7.0, **several)
    assert (together > 0).sum() > 50
    for n in range(5):
        alone = order(trade, span=7.0, **{k: v[:, n : n + 1].copy() for k, v in several.items()})
        assert alone.tobytes() == together[:, n : n + 1].tobytes()
