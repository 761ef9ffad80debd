"""Who is served first: the same tonnes in another order, and none made or lost by it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.equations.sums import Groups
from sim.rules.allocating import in_tiers, wanted
from sim.rules.serving import InRegions, Order, Serving, moved, use_by_order
from tests.rules.trades import Trade, by, column, days, groups, laid_out, lines, trades

FloatArray = npt.NDArray[np.float64]
few = settings(max_examples=80, deadline=None, derandomize=True)
CLAIMS, STOCK = [10.0, 50.0, 40.0], 60.0
"""Of defence and two others; as planned"""


def order(tier: list[float], floor: list[float]) -> Order:
    return Order(column(tier), column(floor))


def serving(
    tier: list[float], floor: list[float] | None = None, *, regions: InRegions | None = None,
    contracts_first: list[float] | None = None, sellers: int = 1,
) -> Serving:  # fmt: skip
    return Serving(
        order(tier, floor or [0.0] * len(tier)), regions, column(contracts_first or [0.0] * sellers)
    )


def served(rule: Serving | None, claims: list[float] = CLAIMS, planned: Any = None) -> FloatArray:
    filled, _ = in_tiers(
        column(claims), column(planned or claims), seller=groups([0] * len(claims)),
        stock_t=column([STOCK]), tiers=None, serving=rule,
    )  # fmt: skip
    return filled[:, 0]


# ---- worked by hand


def test_sixty_tonnes_for_a_hundred_in_three_orders() -> None:
    assert served(None) == pytest.approx([6, 30, 24])
    assert served(serving([0, 0, 0])).tolist() == served(None).tolist()  # to the last bit
    assert served(serving([0, 1, 1])) == pytest.approx([10, 50 * 5 / 9, 40 * 5 / 9])
    # 8 t of 10 first; 2 + 50 + 40 t then share 52 t.
    assert served(serving([0, 0, 0], [0.8, 0, 0])) == pytest.approx(
        [8 + 2 * 52 / 92, 50 * 52 / 92, 40 * 52 / 92]
    )
    assert served(serving([0, 0, 0], [0.8, 0, 0])) == pytest.approx(
        [9.130, 28.261, 22.609], abs=1e-3
    )


def test_floors_that_do_not_reach_are_cut_alike_and_are_of_planned_use_not_of_orders() -> None:
    # 80 % of 50 and of 100 t planned are 120 t, for which 60 t are there.
    rule = serving([0, 0, 0], [0.8, 0.8, 0])
    assert served(rule, [50, 100, 40]) == pytest.approx([20, 40, 0])
    # Orders of 100 t where 10 are planned have a floor of 8 t, as have orders of 10 t; of 4 t all 4.
    for claim, least in ((100.0, 8.0), (10.0, 8.0), (4.0, 4.0)):
        own = served(serving([1, 0], [0.8, 0]), [claim, 1000.0], [10.0, 1000.0])
        assert own == pytest.approx([least, 60 - least])


def test_a_region_shares_anew_what_it_gets_of_each_seller() -> None:
    # Lines 0 and 1 lead into the region: of 60 t it gets 6 + 30 in proportion, and serves the second first.
    regions = InRegions(np.array([0, 1]), groups([0, 0]), order([1, 0], [0, 0]))
    assert served(serving([0, 0, 0], regions=regions)) == pytest.approx([0, 36, 24])
    # A floor holds there too: 80 % of 10 t planned.
    regions = replace(regions, order=order([1, 0], [0.8, 0]))
    floors = serving([0, 0, 0], [0.8, 0, 0], regions=regions)
    of_region = 9.130434 + 28.260870
    assert served(floors) == pytest.approx([8, of_region - 8, 60 - of_region], abs=1e-5)


def test_a_quota_that_serves_home_first_stays_stronger() -> None:
    # Line 2 is at home: it comes first whatever its class, then defence of those abroad.
    filled, left = in_tiers(
        column(CLAIMS), column(CLAIMS), seller=groups([0, 0, 0]), stock_t=column([STOCK]),
        tiers=column([1.0, 1.0, 0.0]), serving=serving([0, 1, 1], [0.5, 0, 0]),
    )  # fmt: skip
    assert filled[:, 0] == pytest.approx([10, 10, 40])
    assert left[0, 0] == 0


def test_contracts_first_gives_others_only_what_is_beyond_a_review_of_planned_sales() -> None:
    # Seller 0 has nothing for 40 t; seller 1 has 50 t left, of which 30 are kept for its next review.
    here = lines([0, 1], [0, 0])
    about: dict[str, Any] = {
        "claim_t": column([40, 0]), "planned_t": column([40, 0]), "by_product_t": np.zeros((0, 1)),
        "stock_t": column([0, 50]),
    }  # fmt: skip
    open_days = laid_out(here, [days((1.0, "oo"))])
    plain = wanted(here, open_days, **about)
    kept = wanted(
        here, open_days, **about, serving=serving([0, 0], sellers=2), keeps_t=column([0, 30])
    )
    assert (plain.t[1, 0], kept.t[1, 0]) == pytest.approx((40, 20))
    assert moved(kept.t, plain.t) == pytest.approx([20])  # it stays with the seller
    assert moved(plain.t, plain.t) == 0


def test_what_others_lack_goes_to_the_first_class_too() -> None:
    # Sellers 0 and 1 fail two needs of 30 t; seller 2 has 40 t for both: 30 t for the first, 10 for the other.
    here = lines([0, 1, 2, 2], [0, 1, 0, 1])
    sent = wanted(
        here, laid_out(here, [days((1.0, "oooo"))]), claim_t=column([30, 30, 0, 0]),
        planned_t=column([30, 30, 0, 0]), by_product_t=np.zeros((0, 1)), stock_t=column([0, 0, 40]),
        serving=serving([0, 1, 0, 1], sellers=3),
    )  # fmt: skip
    assert sent.t[:, 0] == pytest.approx([0, 0, 30, 10])


# ---- whatever the numbers


@st.composite
def rules(draw: Any, of: Trade) -> Serving:
    n = len(of.claim_t)
    tier = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    floor = draw(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=n, max_size=n))
    inside = sorted(draw(st.sets(st.integers(0, n - 1))))
    regions = None
    if inside:
        seller = of.lines.seller.number[inside].tolist()
        own = [tier[i] if draw(st.booleans()) else 0 for i in inside]
        regions = InRegions(
            np.array(inside), groups(seller), order(own, [floor[i] for i in inside])
        )
    return serving(tier, floor, regions=regions, sellers=3)


@few
@given(st.data(), trades())
def test_no_seller_sells_a_tonne_more_or_less_whatever_its_order(
    data: Any, any_trade: Trade
) -> None:
    rule, of = data.draw(rules(any_trade)), any_trade
    about = (of.claim_t[:, None], of.planned_t[:, None])
    with_stock: dict[str, Any] = {"seller": of.lines.seller, "stock_t": of.stock_t[:, None]}
    for tiers in (None, of.tier[:, None]):
        plain, left = in_tiers(*about, **with_stock, tiers=tiers)
        ruled, left_too = in_tiers(*about, **with_stock, tiers=tiers, serving=rule)
        sums = [by(of.lines.seller, each[:, 0], 3) for each in (plain, ruled)]
        assert sums[1] == pytest.approx(sums[0], abs=1e-9)
        assert left_too == pytest.approx(left, abs=1e-9)
        assert (ruled >= 0).all()
        assert (ruled[:, 0] <= of.claim_t + 1e-9).all()
        # A floor is served whatever comes before it, as far as the seller's stock goes round.
    floor_t = np.minimum(of.claim_t, of.planned_t * rule.sellers.floor[:, 0])
    enough = (
        by(of.lines.seller, floor_t, 3)[of.lines.seller.number]
        <= of.stock_t[of.lines.seller.number]
    )
    if rule.regions is None:
        ruled, _ = in_tiers(*about, **with_stock, tiers=None, serving=rule)
        assert (ruled[:, 0] >= np.where(enough, floor_t, 0.0) - 1e-9).all()


@few
@given(st.data(), trades(stretches=1, tiers=1))
def test_rules_of_one_column_change_no_bit_of_another(data: Any, any_trade: Trade) -> None:
    rule, of = data.draw(rules(any_trade)), any_trade
    twice = [np.stack([t, t[::-1] if t is not of.stock_t else t * 0.5], axis=1)
             for t in (of.claim_t, of.planned_t, of.stock_t)]  # fmt: skip
    alone, _ = in_tiers(twice[0][:, :1], twice[1][:, :1], seller=of.lines.seller,
                        stock_t=twice[2][:, :1], tiers=None, serving=rule)  # fmt: skip
    both, _ = in_tiers(twice[0], twice[1], seller=of.lines.seller, stock_t=twice[2], tiers=None,
                       serving=rule)  # fmt: skip
    assert both[:, :1].tolist() == alone.tolist()


def test_a_class_has_its_floor_where_one_of_its_sellers_may_send_nothing() -> None:
    # A need plans 6 t of one seller and 2 t of another; of the first, which is shut, nothing can be ordered.
    need = Groups(np.array([0, 0, 1]), 2)
    planned = np.array([[6.0], [2.0], [5.0]])
    both = use_by_order(np.array([[9.0], [3.0], [5.0]]), planned, need)
    assert both.ravel() == pytest.approx([6, 2, 5])
    one = use_by_order(np.array([[0.0], [10.0], [5.0]]), planned, need)
    assert one.ravel() == pytest.approx([0, 8, 5])
