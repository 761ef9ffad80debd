"""Corridors that close or improve, and stockpiles that are drawn on, worked out by hand.

AAA sends 10 t/day to EEE, 30 days away, by a corridor of two legs of 10 and 20 days. A review every week
sends 70 t, which leaves half a day later: on days 22, 29, 36, 43, 50 and so on. With a cover of 14 days the
user's target is 10 t/day x (7 review + 30 transit + 14 cover) = 510 t. At the review on day 49.5 four lots
(280 t) are on the way and 160 t in stock, and the plant has 120 t. It sells for seven days; what begins on day
50 leaves half a day free, hence 5 t instead of 70.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from sim.engine import simulate
from sim.engine.records import Records
from sim.levers import CorridorCapacity, CorridorClosure, ExportBan, StockpileRelease
from sim.world.world import Corridor, World
from tests.worlds import ENDS, STARTS, corridor_world


def closure(first: int, last: int, **settings: Any) -> CorridorClosure:
    written = {"id": "shut", "kind": "corridor_closure", "corridor": "pass"}
    dates = {
        "starts": STARTS + timedelta(days=first),
        "ends": STARTS + timedelta(days=last),
    }
    return CorridorClosure.model_validate(written | dates | settings)


def ban(day: int, until: int | None = None) -> ExportBan:
    dates = {"starts": STARTS + timedelta(days=day)}
    if until is not None:
        dates["ends"] = STARTS + timedelta(days=until)
    written = {"id": "ban", "kind": "export_ban", "exporter": "AAA"}
    return ExportBan.model_validate(written | dates)


def release(**settings: Any) -> StockpileRelease:
    written = {
        "id": "pile", "kind": "stockpile_release", "stockpile": "stockpile_eee", "trigger": "7 d",
        "starts": STARTS,
    }  # fmt: skip
    return StockpileRelease.model_validate(written | settings, context={"world": corridor_world()})


def run(world: World, *levers: Any) -> Records:
    return simulate(world, levers, starts=STARTS, ends=ENDS)


def short_reviews(records: Records, until: float = 400.0) -> dict[float, float]:
    """Review -> t short, of those that are."""
    gap = (records.review_demand_t - records.review_consumed_t).sum(axis=1)
    short = pd.Series(gap, index=records.review_day)
    return {day: t for day, t in short[short > 1e-6].items() if day <= until}


def test_lots_wait_before_the_closed_leg_and_are_counted_in_tonnes_and_days() -> None:
    # Closed from day 50 to 80, all legs. The lot of day 43 (70 t) reaches the second leg on day 53 and waits 27
    # days, the lot of day 50 (5 t) waits 30 days before the first: 75 t went on after 27.2 days, 2,040
    # tonne-days. They land on days 100 and 110. What the review of day 77.5 sells for the days from 80 on
    # leaves on day 80 and waits for nothing. 160 t and three lots last to day 84.5, when 20 t are left for the
    # 70 of day 91.5.
    records = run(corridor_world(), closure(50, 80))
    table = records.corridors
    assert table["went_on_t"].sum() == pytest.approx(75)
    assert table["waited_days"].dropna().to_list() == pytest.approx([27.2])
    days = {"2025-02": 28, "2025-03": 31}
    tonne_days = sum(t * days[m] for m, t in zip(table["month"], table["held_t"], strict=True))
    assert tonne_days == pytest.approx(2040)
    # Thirty days' planned 10 t stayed with the seller.
    assert table["stayed_t"].sum() == pytest.approx(300)
    assert short_reviews(records) == pytest.approx({91.5: 50, 98.5: 70})


def test_a_closure_that_lets_lots_continue_stops_only_what_has_not_left() -> None:
    # The lot of day 43 lands in time; 25 t are left on day 91.5, for the 70 of day 98.5; the next lands on 110.
    records = run(corridor_world(), closure(50, 80, in_transit="continue"))
    assert records.corridors["went_on_t"].sum() == 0
    assert short_reviews(records) == pytest.approx({98.5: 45, 105.5: 70})


def test_a_closed_leg_does_not_hold_what_has_passed_it() -> None:
    # Only the first leg is shut: the lot of day 43 is on it and goes on, the 5 t of day 50 wait 30 days.
    records = run(corridor_world(), closure(50, 80, leg=1))
    assert records.corridors["went_on_t"].sum() == pytest.approx(5)
    assert records.corridors["waited_days"].dropna().to_list() == pytest.approx([30])


def test_goods_take_the_next_route_and_its_extra_days() -> None:
    # 45 days instead of 30. On thirty days the 10 t that the plant makes go round, and with the first order
    # that has the longer way in mind, on day 56.5, the 50 t in its stock: 120 t for the week from then on, in
    # all 350 t, 15 days longer; none stays behind. Lots of the pass land until day 80, the first of the detour
    # (65 t of the review of day 49.5) on day 95, when 25 t are left for the next review's 70.
    records = run(corridor_world(next_days=45.0), closure(50, 80, in_transit="continue"))
    table = records.corridors
    assert table["detoured_t"].to_list() == pytest.approx(
        [65 + 120 * 2.5 / 7, 120 * 4.5 / 7 + 165]  # from 20 February to 22 March
    )
    assert table["extra_days"].to_list() == pytest.approx([15, 15])
    assert table["stayed_t"].sum() == 0
    assert short_reviews(records) == {}


def test_a_faster_leg_shortens_the_way_from_its_date_on() -> None:
    # The second leg takes 6 days instead of 20: a lot takes 16 days. In calm 10 t/day x (30 + 0.5) are under
    # way, afterwards 10 x (16 + 0.5).
    faster = CorridorCapacity.model_validate({
        "id": "rail", "kind": "corridor_capacity", "corridor": "pass", "leg": "down",
        "transit": "6 d", "starts": STARTS + timedelta(days=50),
    }, context={"world": corridor_world()})  # fmt: skip
    shipments = run(corridor_world(), faster).shipments
    at_sea = shipments[shipments["form"] == "oxide"].groupby("month")["in_transit_t"].sum()
    assert at_sea["2025-01"] == pytest.approx(305)
    assert at_sea["2026-06"] == pytest.approx(165)


def test_more_capacity_ends_the_queue_at_a_narrow_leg() -> None:
    # A leg for 35 t/week, 70 t come: every second week's goods are late and the user runs short. With room
    # for 100 t/week from the first day a train of 70 t loads in 4.9 days and nobody is.
    world = corridor_world()
    up, down = world.corridors["pass"].legs
    narrow = Corridor("pass", "The pass", (up, replace(down, capacity_t_per_week=35.0)), ())
    world = replace(world, corridors={**world.corridors, "pass": narrow})
    wider = CorridorCapacity.model_validate({
        "id": "ferry", "kind": "corridor_capacity", "corridor": "pass", "leg": 2,
        "capacity": "100 t/week", "starts": STARTS - timedelta(days=2000),
    }, context={"world": world})  # fmt: skip
    assert len(short_reviews(run(world))) > 20
    assert short_reviews(run(world, wider)) == {}


def test_a_stockpile_carries_its_users_for_as_long_as_it_lasts() -> None:
    # A ban from day 50. The user's own 160 + 280 + 5 t carry it to the review of day 91.5, when 25 t are left
    # and it draws up to 7 days of use, 45 t; at the next reviews 3 x 70 t and then the last 45 t of 300. The
    # review of day 126.5 finds 45 t for 70, the next ones nothing.
    records = run(corridor_world(), ban(50), release())
    assert short_reviews(records, until=136) == pytest.approx({126.5: 25, 133.5: 70})
    pile = records.stocks[records.stocks["stage"] == "stockpile"].groupby("month")["stock_t"].sum()
    assert pile["2025-03"] == pytest.approx(300)
    assert "2025-07" not in pile.index


def test_a_stockpile_keeps_its_floor_and_gives_out_no_more_than_its_rate() -> None:
    # A fifth of 300 t is kept: 240 t. At 5 t/day a review gives 35 t, half of what is needed. From day 91.5 on
    # six reviews give 35 t and a seventh 30. Day 98.5 finds 25 + 35 t, the next five 35 t each, then 30 t.
    records = run(corridor_world(), ban(50), release(floor="20 %", release="5 t/d"))
    short = short_reviews(records, until=154)
    weeks = {105.5 + 7 * k: 35 for k in range(5)}
    assert short == pytest.approx({98.5: 10} | weeks | {140.5: 40, 147.5: 70})
    pile = records.stocks[records.stocks["stage"] == "stockpile"].groupby("month")["stock_t"].sum()
    assert pile["2026-12"] == pytest.approx(60)


def test_a_stockpile_is_left_alone_in_calm_and_bought_back_after_a_drought() -> None:
    calm, reference = run(corridor_world(), release()), run(corridor_world())
    pd.testing.assert_frame_equal(calm.use, reference.use)
    # The ban of days 50 to 120 empties it; 2 t/day are bought back, so that 300 t take 150 days.
    records = run(corridor_world(), ban(50, 120), release(refill="2 t/d"))
    pile = records.stocks[records.stocks["stage"] == "stockpile"].groupby("month")["stock_t"].sum()
    lowest = pile.idxmin()
    assert pile[lowest] < 150
    assert pile["2026-12"] == pytest.approx(300)
    bought = records.shipments[records.shipments["buyer"].str.startswith("stockpile_eee")]
    assert bought.groupby("month")["dispatched_t"].sum().max() <= 2 * 35 + 1e-6


def test_a_stockpile_released_on_a_date_fills_users_up_to_their_usual_cover() -> None:
    # From day 60 users draw when they hold a week less than their 14 days, up to these: with nothing landing
    # after day 80 the user draws 115 t at the review of day 91.5, when it holds 25 t of 140, and so on.
    written = {"trigger": STARTS + timedelta(days=60)}
    plain = {"id": "pile", "kind": "stockpile_release", "stockpile": "stockpile_eee"}
    lever = StockpileRelease.model_validate(plain | written, context={"world": corridor_world()})
    drawn = run(corridor_world(), ban(50), lever).shipments
    drawn = drawn[drawn["seller"].str.startswith("stockpile_eee")]
    assert drawn["dispatched_t"].sum() == pytest.approx(300)
    assert drawn["month"].min() == "2025-04"


def test_levers_on_corridors_and_stockpiles_commute() -> None:
    world = corridor_world(next_days=45.0)
    second = closure(60, 200, in_transit="continue").model_copy(update={"id": "again"})
    levers = [closure(50, 80), second, ban(300, 400), release(refill="2 t/d")]
    first, other = run(world, *levers), run(world, *reversed(levers))
    for table in ("use", "shipments", "stocks", "limits", "corridors"):
        pd.testing.assert_frame_equal(
            getattr(first, table), getattr(other, table), check_exact=True
        )
