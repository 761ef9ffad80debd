"""Allocation: what a wrong rule would give to the wrong buyer, or make out of nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.equations.rationing import planned_first
from sim.rules.allocating import in_tiers, pushed, stopped
from tests.rules.trades import Trade, by, days, lines, numbers, positions, trades

few = settings(max_examples=60, deadline=None, derandomize=True)
CLOSE = 1e-9


def trade(
    seller: list[int], need: list[int], claim: list[float], stock: list[float], *stretches: tuple[float, str],
    planned: list[float] | None = None, tier: list[float] | None = None,
) -> Trade:  # fmt: skip
    nothing = [0.0] * len(seller)
    return Trade(
        lines(seller, need), days(*(stretches or ((1.0, "o" * len(seller)),))), numbers(claim),
        numbers(planned or nothing), numbers(stock), numbers(tier or nothing),
    )  # fmt: skip


# ---- worked by hand


def test_who_orders_most_does_not_take_the_planned_use_of_others() -> None:
    # 30 t: planned 5 and 10 first, then 15 for open orders of 5 and 70: 1 and 14.
    sent, unmet = trade([0, 0], [0, 1], [10, 80], [30], planned=[5, 10]).wanted()
    assert sent == pytest.approx(np.array([[6, 24]]))
    # 60 t are asked of nobody, for nobody has anything to spare.
    assert unmet == pytest.approx([60])


def test_a_buyer_short_of_one_seller_gets_it_from_those_who_can_spare() -> None:
    # Seller 0 has 10 of 40. The 30 are asked of sellers 1 and 2, who can spare 20 and 40: 10 and 20.
    sent, unmet = trade([0, 1, 2], [0, 0, 0], [40, 0, 0], [10, 20, 40]).wanted()
    assert sent == pytest.approx(np.array([[10, 10, 20]]))
    assert unmet == pytest.approx([30, 0, 0])


def test_an_order_that_is_shut_out_on_some_days_is_asked_only_where_goods_may_leave_then() -> None:
    # Line 0 is shut for 2 of 7 days, so 14 x 2/7 = 4 t go back. Then only seller 2 is open, not seller 1.
    sent, _ = trade(
        [0, 1, 2], [0, 0, 0], [14, 0, 0], [20, 50, 50], (5 / 7, "ooo"), (2 / 7, "sho")
    ).wanted()
    assert sent == pytest.approx(np.array([[10, 0, 0], [0, 0, 4]]))


def test_a_stranger_is_not_asked_and_a_pile_takes_no_more_than_planned() -> None:
    short = trade([0, 1, 2], [0, 0, 0], [40, 0, 0], [10, 50, 50])
    only_known = replace(short, lines=lines([0, 1, 2], [0, 0, 0], unqualified={1}, to_pile={2}))
    sent, unmet = only_known.wanted()
    assert sent == pytest.approx(np.array([[10, 0, 0]]))
    assert unmet == pytest.approx([30, 0, 0])


def test_home_is_served_in_full_before_anything_leaves() -> None:
    # 50 t for 40 at home (20 of them planned) and 60 abroad, all planned: 40 and 10.
    home_first = trade([0, 0], [0, 1], [40, 60], [50], planned=[20, 60], tier=[0, 1])
    assert home_first.wanted()[0] == pytest.approx(np.array([[40, 10]]))
    # Without tiers: planned 20 and 60 share 50 in proportion.
    assert replace(home_first, tier=np.zeros(2)).wanted()[0] == pytest.approx(
        np.array([[12.5, 37.5]])
    )


def test_what_is_stopped_is_counted_once_and_by_products_do_not_wait_for_room() -> None:
    # 10 t claimed by each: half the days open, the others shut or held. Of 5 t sent 2 find no room.
    on = days((0.5, "ooo"), (0.5, "sho"))
    trade_of_three = lines([0, 0, 1], [0, 1, 2], by_product={2})
    no_room_t = np.array([[2.0, 0, 2], [0, 0, 0]])
    found = stopped(trade_of_three, on, claim_t=numbers([10, 10, 0]), no_room_t=no_room_t)
    assert found == pytest.approx(np.array([[2, 0, 0], [5, 5, 0]]))


def test_by_products_are_not_sent_to_a_plant_that_does_not_run_yet() -> None:
    # Seller 0 has 12 t, planned 1 : 3 : 4, the last does not run: 3 and 9. Seller 1 plans nothing: evenly.
    # Seller 2 has no buyer that runs and keeps its 5 t.
    sent = pushed(
        positions([0, 0, 0, 1, 1, 2]), stock_t=numbers([12, 8, 5]),
        rate=numbers([1, 3, 4, 0, 0, 2]),
        runs=np.array([True, True, False, True, True, False]),
    )  # fmt: skip
    assert sent == pytest.approx([3, 9, 0, 4, 4, 0])


# ---- whatever the numbers


@few
@given(trades())
def test_no_seller_ships_what_it_does_not_have(any_trade: Trade) -> None:
    sent, _ = any_trade.wanted()
    shipped = by(any_trade.lines.seller, sent.sum(axis=0), 3)
    assert np.all(sent >= 0)
    assert np.all(shipped <= any_trade.stock_t + CLOSE)


@few
@given(trades())
def test_no_buyer_gets_more_than_it_ordered(any_trade: Trade) -> None:
    sent, unmet = any_trade.wanted()
    need = any_trade.lines.need
    assert np.all(by(need, sent.sum(axis=0), 3) <= by(need, any_trade.claim_t, 3) + CLOSE)
    assert np.all(unmet >= -CLOSE)


@few
@given(trades())
def test_nothing_leaves_on_days_on_which_a_line_is_not_open(any_trade: Trade) -> None:
    sent, _ = any_trade.wanted()
    assert np.all(sent[~any_trade.days.open] == 0)


@few
@given(trades())
def test_no_order_is_lost_between_what_leaves_and_what_is_stopped(any_trade: Trade) -> None:
    # With all the stock in the world each order leaves on its open days, or is asked elsewhere; the rest stops.
    plenty = replace(any_trade, stock_t=np.full(3, 1e4))
    held = replace(plenty.days, shut=np.zeros_like(plenty.days.shut))
    sent, unmet = replace(plenty, days=held).wanted()
    stays = stopped(plenty.lines, held, claim_t=plenty.claim_t, no_room_t=np.zeros_like(sent))
    assert (sent + stays).sum(axis=0) == pytest.approx(plenty.claim_t)
    assert unmet == pytest.approx(np.zeros(3), abs=CLOSE)


@few
@given(trades())
def test_a_stock_is_given_out_to_the_last_tonne_that_is_ordered(any_trade: Trade) -> None:
    seller, claim_t = any_trade.lines.seller, any_trade.claim_t
    filled = in_tiers(
        claim_t, any_trade.planned_t, seller=seller, stock_t=any_trade.stock_t, tier=any_trade.tier
    )
    assert np.all(filled <= claim_t + CLOSE)
    least = np.minimum(any_trade.stock_t, by(seller, claim_t, 3))
    assert by(seller, filled, 3) == pytest.approx(least)


@few
@given(trades(needs=1, stretches=1), st.integers(0, 2), st.integers(1, 50))
def test_more_stock_never_makes_a_buyer_poorer(one_need: Trade, seller: int, extra: int) -> None:
    richer = one_need.stock_t.copy()
    richer[seller] += extra
    more = replace(one_need, stock_t=richer).wanted()[0].sum()
    assert more >= one_need.wanted()[0].sum() - CLOSE


@few
@given(trades(), st.sampled_from([0.125, 3.0, 1000.0]))
def test_a_world_measured_in_other_units_ships_the_same(any_trade: Trade, scale: float) -> None:
    scaled = replace(
        any_trade, claim_t=any_trade.claim_t * scale, planned_t=any_trade.planned_t * scale,
        stock_t=any_trade.stock_t * scale,
    )  # fmt: skip
    for now, before in zip(scaled.wanted(), any_trade.wanted(), strict=True):
        assert now == pytest.approx(before * scale, rel=1e-9, abs=CLOSE * scale)


@few
@given(st.data(), trades())
def test_names_decide_nothing_the_order_of_lines_does_not_matter(
    data: st.DataObject, any_trade: Trade
) -> None:
    order = data.draw(st.permutations(range(len(any_trade.claim_t))))
    sent, unmet = any_trade.wanted()
    other, other_unmet = any_trade.in_order(order).wanted()
    assert other == pytest.approx(sent[:, order], abs=CLOSE)
    assert other_unmet == pytest.approx(unmet, abs=CLOSE)


@few
@given(trades())
def test_nobody_is_served_while_somebody_before_it_is_short(any_trade: Trade) -> None:
    seller, claim_t, tier = any_trade.lines.seller, any_trade.claim_t, any_trade.tier
    filled = in_tiers(
        claim_t, any_trade.planned_t, seller=seller, stock_t=any_trade.stock_t, tier=tier
    )
    for line in np.flatnonzero(filled > CLOSE):
        before = (seller == seller[line]) & (tier < tier[line])
        assert filled[before] == pytest.approx(claim_t[before])


@few
@given(trades(), st.sampled_from([0.0, 2.0]))
def test_a_tier_that_all_share_changes_no_bit(any_trade: Trade, tier: float) -> None:
    given = any_trade.claim_t, any_trade.planned_t
    seller, stock_t = any_trade.lines.seller, any_trade.stock_t
    filled = in_tiers(*given, seller=seller, stock_t=stock_t, tier=np.full(len(seller), tier))
    assert np.array_equal(filled, planned_first(*given, seller, stock_t))
