"""Policy stocks: what would empty them too early, or leave users short beside a full one."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.rules.drawing import bought_back, drawn, missing
from tests.rules.trades import numbers, positions

few = settings(max_examples=60, deadline=None, derandomize=True)


def low(held: float, *, cover: float, trigger: float) -> float:
    found = missing(
        held_t=numbers([held]), use=numbers([2.0]), cover=numbers([cover]), trigger=trigger, span=7
    )
    return float(found[0])


def test_a_user_whose_stock_only_dips_between_two_reviews_does_not_empty_the_reserve() -> None:
    # Uses 2 t a day. Cover 30 d, trigger 25 d: below 23 d = 46 t it draws up to 25 d = 50 t.
    assert low(47, cover=30, trigger=25) == 0
    assert low(45, cover=30, trigger=25) == pytest.approx(5)
    # The trigger counts as no more than its cover.
    assert low(45, cover=30, trigger=90) == low(45, cover=30, trigger=inf) == pytest.approx(15)
    # Where the trigger is the lower of the two, 20 d = 40 t: it draws from there on, and up to there.
    assert low(42, cover=30, trigger=20) == 0
    assert low(38, cover=30, trigger=20) == pytest.approx(2)


def test_a_stock_that_is_low_by_rounding_alone_draws_nothing() -> None:
    # 2e6 t a day for 23 days are 46e6 t; 1e-12 of them are 46 g more than a machine may lose.
    short_t = missing(
        held_t=numbers([46e6 * (1 - 1e-12)]), use=numbers([2e6]), cover=numbers([30]),
        trigger=25, span=7,
    )  # fmt: skip
    assert short_t.tolist() == [0]


GIVEN: dict[str, Any] = {
    "use": numbers([3.0, 1.0, 1.0]), "need": positions([0, 0, 1]), "product": positions([0, 1, 0]),
    "stock_t": numbers([50.0, 10.0]), "floor_t": numbers([10.0, 0.0]), "most_t": inf, "part": 1.0,
}  # fmt: skip
"""Need 0 takes products 0 and 1 as 3 : 1, need 1 takes product 0."""


def test_members_of_a_group_are_taken_as_they_are_used_and_a_floor_is_never_given_out() -> None:
    # Need 0 misses 20: 15 and 5. Need 1 misses 45, so 60 of product 0 are wanted and 40 there: 2/3.
    taken = drawn(numbers([20, 20, 45]), **GIVEN)
    assert taken == pytest.approx([10, 5, 30])


def test_one_member_that_has_run_out_does_not_keep_a_user_from_the_other() -> None:
    # Product 0 is at its floor: all 8 t come out of the 10 t of product 1.
    taken = drawn(numbers([8, 8, 0]), **(GIVEN | {"floor_t": numbers([50.0, 0.0])}))
    assert taken == pytest.approx([0, 8, 0])


def test_a_release_in_force_for_a_part_of_the_days_gives_that_part() -> None:
    # 2/7 of the 20 and 45 missing; nothing is short.
    taken = drawn(numbers([20, 20, 45]), **(GIVEN | {"part": 2 / 7}))
    assert taken == pytest.approx(numbers([15, 5, 45]) * 2 / 7)


@few
@given(st.lists(st.integers(0, 99), min_size=3, max_size=3), st.integers(0, 60), st.integers(0, 80))
def test_a_reserve_gives_no_more_than_its_floor_and_its_rate_allow(
    missed: list[int], floor: int, most: int
) -> None:
    missing_t = numbers([missed[0], missed[0], missed[1]])
    limits = {"floor_t": numbers([floor, 2.0]), "most_t": float(most)}
    taken = drawn(missing_t, **(GIVEN | limits))
    given_t = np.bincount(GIVEN["product"], weights=taken)
    assert np.all(given_t <= np.maximum(0, GIVEN["stock_t"] - limits["floor_t"]) + 1e-9)
    assert taken.sum() <= most + 1e-9
    assert np.all(taken >= 0)
    assert np.all(np.bincount(GIVEN["need"], weights=taken) <= missing_t[[0, 2]] + 1e-9)


def test_a_reserve_does_not_buy_back_more_than_it_lacks_or_than_its_refill_allows() -> None:
    bought: dict[str, Any] = {
        "product": positions([0, 0, 1]), "weight": numbers([1.0, 3, 2]), "waiting_t": np.zeros(3)
    }  # fmt: skip
    gap_t = numbers([40, 20])
    assert bought_back(gap_t, most_t=90, **bought) == pytest.approx([10, 30, 20])
    assert bought_back(gap_t, most_t=30, **bought) == pytest.approx([5, 15, 10])
    # What waits at a supplier's border is on order already.
    waits = bought | {"waiting_t": numbers([4.0, 0, 50])}
    assert bought_back(gap_t, most_t=90, **waits) == pytest.approx([6, 30, 0])
    assert list(bought_back(np.zeros(2), most_t=90, **bought)) == [0, 0, 0]
    # Who sells nothing is asked for nothing, and a product that nobody sells is not bought.
    idle = bought | {"weight": numbers([1.0, 0, 0])}
    assert bought_back(gap_t, most_t=90, **idle) == pytest.approx([40, 0, 0])
