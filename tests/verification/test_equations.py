"""Equations against hand-worked values."""

from __future__ import annotations

import numpy as np
import pytest
import simpy

from sim.equations.growth import growth_factor
from sim.equations.ramp_up import ramp_share
from sim.equations.rationing import planned_first, proportional
from sim.equations.recipe import liebig_output
from sim.equations.sums import Groups


def test_an_s_curve_passes_10_50_and_90_percent_where_it_should() -> None:
    # T from 10 to 90 % of 24 months, k = 2 ln 9 / T: .1, .25, .5, .75, .9 at 0, 6, 12, 18, 24 months.
    shares = ramp_share(np.array([-1.0, 0, 6, 12, 18, 24]), ramp_days=24)
    assert shares == pytest.approx([0, 0.1, 0.25, 0.5, 0.75, 0.9], abs=1e-12)


def test_a_ramp_of_a_day_is_a_ramp_and_one_of_no_days_a_step() -> None:
    assert ramp_share(np.array([-1e6, 0, 0.5, 1]), ramp_days=1) == pytest.approx([0, 0.1, 0.5, 0.9])
    assert ramp_share(np.array([-1.0, 0, 0.5, 9]), ramp_days=0).tolist() == [0, 1, 1, 1]


def test_growth_is_a_share_of_what_has_grown_already() -> None:
    # 10 % a year: 1.1 x 1.1 x 1.1 after three years, 1 / 1.1 a year before.
    grown = growth_factor(np.array([0.0, 1, 3, -1]), rate_per_year=0.1)
    assert grown == pytest.approx([1, 1.1, 1.331, 1 / 1.1])


def one_supplier(lines: int) -> Groups:
    return Groups(np.zeros(lines, dtype=np.intp), 1)


def test_claims_are_rationed_in_proportion() -> None:
    # Claims 10, 50, 40 on 60: 6, 30, 24 (Moulin 2000).
    filled = proportional(np.array([10.0, 50, 40]), one_supplier(3), np.array([60.0]))
    assert filled == pytest.approx([6, 30, 24])


def test_a_long_lane_with_a_large_order_does_not_take_the_planned_use_of_others() -> None:
    # 10 t for two lines with 5 t planned each, orders 5 and 95: both get their 5.
    filled, left = planned_first(
        np.array([5.0, 95]), np.array([5.0, 5]), one_supplier(2), np.array([10.0])
    )
    assert filled == pytest.approx([5, 5])
    assert left == pytest.approx([0])


def test_the_scarcest_ingredient_sets_the_output_of_each_grade() -> None:
    # Two grades want 10 t each; grade 2 needs 0.1 of ingredient 2, of which 0.5 t is there: it makes 5 t.
    recipe = np.array([[1.0, 0.0], [0.9, 0.1]])
    made, allowed = liebig_output(
        np.array([[10.0], [10.0]]), recipe, recipe > 0, np.array([[100.0], [0.5]])
    )
    assert made == pytest.approx(np.array([[10.0], [5.0]]))
    assert allowed == pytest.approx(np.array([[1.0], [0.5]]))


def test_a_fuller_corridor_delays_its_lots_by_the_queue_before_them() -> None:
    # A leg of 7 t a week loads 1 t a day: a train of 3 t keeps it busy for 3 days. Three of them that leave
    # at once are through after 3, 6 and 9 days.
    from tests.corridor import arrivals_on_a_corridor

    days = arrivals_on_a_corridor(
        simpy.Environment(), trains=[3.0, 3.0, 3.0], per_week=7.0, days=10
    )
    assert days == pytest.approx([0.5 + 10 + 3, 0.5 + 10 + 6, 0.5 + 10 + 9], abs=1e-9)
    free = arrivals_on_a_corridor(simpy.Environment(), trains=[3.0], per_week=float("inf"), days=10)
    assert free == [0.5 + 10]
