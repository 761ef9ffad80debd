"""Allocation: what a wrong rule would give to the wrong buyer, or make out of nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.equations.rationing import planned_first
from sim.rules.allocating import in_tiers, instead, pushed, still_waiting, stopped
from tests.rules.trades import (
    Stretches,
    Trade,
    by,
    column,
    columns,
    days,
    groups,
    laid_out,
    lines,
    numbers,
    side_by_side,
    trades,
)

few = settings(max_examples=60, deadline=None, derandomize=True)
CLOSE = 1e-9


def trade(
    seller: list[int], need: list[int], claim: list[float], stock: list[float], *stretches: tuple[float, str],
    planned: list[float] | None = None, tier: list[float] | None = None,
) -> Trade:  # fmt: skip
    nothing = [0.0] * len(seller)
    return Trade(
        lines(seller, need, sellers=len(stock)), days(*(stretches or ((1.0, "o" * len(seller)),))),
        numbers(claim), numbers(planned or nothing), numbers(stock), numbers(tier or nothing),
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


def test_what_a_seller_lacks_on_days_of_the_week_is_asked_of_those_who_are_open_on_them() -> None:
    # 7 t of 14, in the 5 days and in the 2. The 7 short are asked 5 : 2 of who is open then.
    sent, unmet = trade(
        [0, 1, 2], [0, 0, 0], [14, 0, 0], [7, 50, 50], (5 / 7, "ooh"), (2 / 7, "oho")
    ).wanted()
    assert sent == pytest.approx(np.array([[5, 5, 0], [2, 0, 2]]))
    assert unmet == pytest.approx([7, 0, 0])


def test_planned_use_counts_for_the_days_on_which_goods_may_leave() -> None:
    # Half of the days open: 20 of 40 t and 10 of the planned 20 t. 20 t for planned 10 and 10: all gone.
    sent, _ = trade(
        [0, 0], [0, 1], [40, 30], [20], (1 / 2, "oo"), (1 / 2, "ho"), planned=[20, 10]
    ).wanted()
    assert sent == pytest.approx(np.array([[10, 5], [0, 5]]))


def test_by_products_leave_on_open_days_and_nobody_waits_for_them() -> None:
    # 12 t, planned 1 : 3, hence 3 and 9; the first line is open on half of the days.
    scrap = trade([0, 0], [0, 1], [0, 0], [12], (1 / 2, "oo"), (1 / 2, "ho"), planned=[1, 3])
    scrap = replace(scrap, lines=lines([0, 0], [0, 1], by_product={0, 1}))
    sent, unmet = scrap.wanted()
    assert sent == pytest.approx(np.array([[1.5, 4.5], [0, 4.5]]))
    assert unmet.tolist() == [0]


def test_what_rounding_leaves_in_a_stock_is_asked_of_nobody() -> None:
    # Seller 1 has sold all of its 1,000 t but 1e-8. Were it asked for the 30 t, they would stay open there.
    last = 1e-8
    sent, unmet = trade([0, 1], [0, 0], [40, 1000 - last], [10, 1000]).wanted()
    assert sent == pytest.approx(np.array([[10, 1000]]))
    assert unmet == pytest.approx([30, 0])


def test_a_line_that_is_open_all_along_is_so_to_the_last_bit() -> None:
    # 7 x 1/7 and 6 x 1/6 are less than 1 when added up; the second column has a stretch fewer.
    week = days(*[(1 / 7, "oh")] * 7)
    short = days(*[(1 / 6, "oo")] * 5, (1 / 6, "oh"))
    assert sum([1 / 7] * 7) < 1 > sum([1 / 6] * 6)
    cells = laid_out(lines([0, 0], [0, 1]), [week, short], all_cells=True).cells
    assert cells is not None
    # [cell] lines 0 and 1 of the one, then of the other.
    assert cells.opens().tolist() == [1.0, 0.0, 1.0, pytest.approx(5 / 6)]


def test_who_is_asked_for_more_than_planned_knows_the_buyer_and_sells_what_is_ordered() -> None:
    # A known seller, a by-product, a line to a pile, a stranger.
    able = lines([0, 1, 2, 3], [0, 0, 0, 0], by_product={1}, to_pile={2}, unqualified={3})
    assert able.may_be_asked.tolist() == [True, False, False, False]


def test_an_order_that_is_shut_out_on_some_days_is_asked_only_where_goods_may_leave_then() -> None:
    # Line 0 is shut for 2 of 7 days, so 14 x 2/7 = 4 t go back. Then only seller 2 is open, not seller 1.
    sent, _ = trade(
        [0, 1, 2], [0, 0, 0], [14, 0, 0], [20, 50, 50], (5 / 7, "ooo"), (2 / 7, "sho")
    ).wanted()
    assert sent == pytest.approx(np.array([[10, 0, 0], [0, 0, 4]]))


def test_what_waits_at_a_border_is_asked_of_others_and_waits_on_for_the_rest() -> None:
    # Of line 0 30 t wait, of which its buyer claims 20, 10 others lacked; line 2 waits itself and is not asked.
    # Sellers 1 and 3 have 8 - 2 and 6 left: half of the 35 t is asked of each, 12 t come, 23/35 wait on.
    here = lines([0, 1, 2, 3], [0, 0, 0, 0], unqualified={0})
    open_days = laid_out(here, [days((1.0, "oooo"))])
    waits, sent, claim = column([30.0, 0, 5, 0]), column([0.0, 2, 0, 0]), column([20.0, 2, 5, 0])
    more = instead(
        here, open_days, waits_t=waits, cells_wait_t=np.zeros((1, 0)),
        stock_t=column([90.0, 8, 90, 6]), sent_t=sent,
    )  # fmt: skip
    assert more.t[:, 0] == pytest.approx([0, 6, 0, 6])
    assert more.unmet_t[:, 0] == pytest.approx([0, 11.5, 0, 11.5])
    left = still_waiting(
        here, open_days, claim_t=claim, waits_t=waits, sent_t=sent, instead_t=more.t
    )
    assert left[:, 0] == pytest.approx([20 * 23 / 35, 0, 5 * 23 / 35, 0])


def test_what_waits_on_some_days_is_asked_where_goods_may_leave_then() -> None:
    # Line 0 is held on 2 of 7 days, 4 of its 14 t. Then only seller 2 is open.
    here = lines([0, 1, 2], [0, 0, 0])
    open_days = laid_out(here, [days((5 / 7, "ooo"), (2 / 7, "hho"))])
    waits, claim = column([4.0, 0, 0]), column([14.0, 0, 0])
    more = instead(
        here, open_days, waits_t=waits, cells_wait_t=np.array([[0, 0, 0], [4.0, 0, 0]]),
        stock_t=column([20.0, 50, 3]), sent_t=column([10.0, 0, 0]),
    )  # fmt: skip
    assert more.cells_t == pytest.approx(np.array([[0, 0, 0], [0, 0, 3]]))
    assert more.t[:, 0] == pytest.approx([0, 0, 3])
    left = still_waiting(
        here, open_days, claim_t=claim, waits_t=waits, sent_t=column([10.0, 0, 0]), instead_t=more.t
    )
    assert left[:, 0] == pytest.approx([1, 0, 0])


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
    trade_of_three = lines([0, 0, 1], [0, 1, 2], by_product={2})
    cells = laid_out(trade_of_three, [days((0.5, "ooo"), (0.5, "sho"))], all_cells=True).cells
    assert cells is not None
    no_room_t = np.array([[2.0, 0, 2], [0, 0, 0]])
    found = stopped(trade_of_three, cells, claim_t=numbers([10, 10, 0]), no_room_t=no_room_t)
    assert found == pytest.approx(np.array([[2, 0, 0], [5, 5, 0]]))


def test_by_products_are_not_sent_to_a_plant_that_does_not_run_yet() -> None:
    # Seller 0 has 12 t, planned 1 : 3 : 4, the last does not run: 3 and 9. Seller 1 plans nothing: evenly.
    # Seller 2 has no buyer that runs and keeps its 5 t. Seller 3 plans nothing either, and has one buyer.
    sent = pushed(
        groups([0, 0, 0, 1, 1, 2, 3]), stock_t=column([12, 8, 5, 6]),
        rate=column([0.1, 0.3, 0.4, 0, 0, 2, 0]),
        runs=np.array([True, True, False, True, True, False, True]),
    )  # fmt: skip
    assert sent[:, 0] == pytest.approx([3, 9, 0, 4, 4, 0, 6])


# ---- whatever the numbers


def in_their_tiers(of: Trade) -> np.ndarray:
    """[line] t filled."""
    filled, _ = in_tiers(
        of.claim_t[:, None], of.planned_t[:, None], seller=of.lines.seller,
        stock_t=of.stock_t[:, None], tiers=of.tier[:, None],
    )  # fmt: skip
    return filled[:, 0]


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
    assert np.all(sent[any_trade.days.letter != "o"] == 0)


@few
@given(trades())
def test_no_order_is_lost_between_what_leaves_and_what_is_stopped(any_trade: Trade) -> None:
    # With all the stock in the world each order leaves on its open days, or is asked elsewhere; the rest stops.
    plenty = replace(any_trade, stock_t=np.full(3, 1e4))
    letter = plenty.days.letter
    held = Stretches(plenty.days.part, np.where(letter == "s", "h", letter))
    ((sent, unmet, stays),) = side_by_side([replace(plenty, days=held)])
    assert (sent + stays).sum(axis=0) == pytest.approx(plenty.claim_t)
    assert unmet == pytest.approx(np.zeros(3), abs=CLOSE)


@few
@given(trades())
def test_a_stock_is_given_out_to_the_last_tonne_that_is_ordered(any_trade: Trade) -> None:
    seller, claim_t, filled = any_trade.lines.seller, any_trade.claim_t, in_their_tiers(any_trade)
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
    claim_t, tier, filled = any_trade.claim_t, any_trade.tier, in_their_tiers(any_trade)
    seller = any_trade.lines.seller.number
    for line in np.flatnonzero(filled > CLOSE):
        before = (seller == seller[line]) & (tier < tier[line])
        assert filled[before] == pytest.approx(claim_t[before])


@few
@given(trades(), st.sampled_from([0.0, 2.0]))
def test_a_tier_that_all_share_changes_no_bit(any_trade: Trade, tier: float) -> None:
    given = any_trade.claim_t, any_trade.planned_t, any_trade.lines.seller, any_trade.stock_t
    filled = in_their_tiers(replace(any_trade, tier=np.full_like(any_trade.tier, tier)))
    assert np.array_equal(filled, planned_first(*given)[0])


# ---- side by side


def exact(sent: Sequence[np.ndarray]) -> list[bytes]:
    return [each.tobytes() for each in sent]


@few
@given(columns(4, by_products=True), st.permutations(range(4)))
def test_what_a_trade_sells_does_not_depend_on_the_trades_beside_it(
    some: list[Trade], order: list[int]
) -> None:
    alone = [exact(side_by_side([each])[0]) for each in some]
    together = [exact(each) for each in side_by_side([some[n] for n in order])]
    assert together == [alone[n] for n in order]


@few
@given(columns(2, by_products=True))
def test_a_line_that_is_open_all_along_sells_the_same_when_looked_at_stretch_by_stretch(
    some: list[Trade],
) -> None:
    for once, by_stretch in zip(
        side_by_side(some), side_by_side(some, all_cells=True), strict=True
    ):
        for one, other in zip(once, by_stretch, strict=True):
            assert one == pytest.approx(other, rel=1e-9, abs=CLOSE)
