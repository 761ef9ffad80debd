"""Goods fly to who is nearly out of them, worked out by hand.

AAA sells EEE 10 t/day of oxides over 40 days at sea; EEE has 14 days of cover. Goods fly below 10 days of use,
and take 5 days.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine import Variant, outcome_of, simulate, simulate_all
from sim.engine.records import Records
from sim.levers import ExportBan, ExportLicence
from sim.rules.behaviour import Behaviour, Expediting, Market, Piles
from sim.summary import summarise
from sim.world import load_pack
from sim.world.flying import gross_t_per_t, may_fly, price_of
from sim.world.world import World
from tests.property.test_columns import QUICK, in_the_toy, quick_to_trade, simulated
from tests.property.test_conservation import TOY
from tests.property.test_every_kind import first, toy
from tests.verification.test_behaviour import ban, with_a_plant_that_nobody_buys_from
from tests.worlds import STARTS, line_world, on

RULE = Expediting(days=5.0, threshold_days=10.0, oxide_price=5.0, freight=6.0)
"""Oxides cost 10 USD/kg in the worlds of the tests"""
FLIES, SAILS = Behaviour(expediting=RULE), Behaviour()
BEGINS, WEEKS = 70, 8


def shut(world: World, *, begins: int = BEGINS, weeks: int = WEEKS) -> ExportBan:
    ends = {"ends": on(begins + 7 * weeks)}
    return ban(world, "AAA", begins).model_copy(update=ends)


def run(world: World, behaviour: Behaviour, *levers: Any, days: int = 400) -> Records:
    return simulate(world, levers, starts=STARTS, ends=on(days), behaviour=behaviour)


def missing(records: Records) -> dict[float, float]:
    """Day of the review -> t missing there."""
    gaps = (records.review_demand_t - records.review_consumed_t).sum(axis=1)
    found = zip(records.review_day.tolist(), gaps.tolist(), strict=True)
    return {day: round(t, 6) for day, t in found if t > 1e-6}


def test_after_a_ban_goods_are_there_in_days_instead_of_weeks() -> None:
    """The last goods of before the ban are taken in on day 105.5, when EEE holds 185 t.

    It is 25 t short on day 126.5, and the ban is over since day 126. Half a day of the week's order of 565 t,
    40 t, flies on that day, and on day 127 another 60 t, which makes 100 t with those in the air; both are
    there on day 133.5. Then 70 t fly at each review, until the rest of day 127 has come by sea on day 168.5.
    """
    world = line_world(cover=14.0, transit=40.0)
    flies, sails = (run(world, each, shut(world)) for each in (FLIES, SAILS))
    weekly = dict.fromkeys([133.5, 140.5, 147.5, 154.5, 161.5], 70.0)
    assert missing(sails) == {126.5: 25.0, **weekly}
    assert missing(flies) == {126.5: 25.0}
    flown = flies.shipments.groupby("month", observed=True)["flown_t"].sum()
    by_hand = {"2025-05": 100.0 + 5 * 70.0 - 70.0 * 5 / 2, "2025-06": 70.0 * 5 / 2}
    assert flown[flown > 0].to_dict() == pytest.approx(by_hand)
    assert flies.rules.set_index("rule").loc["expediting", "t"].sum() == pytest.approx(450.0)
    # On the way is what was sent less what has arrived, by whatever way.
    goods = flies.shipments[flies.shipments["form"] == "oxide"]
    assert goods["dispatched_t"].sum() - goods["arrived_t"].sum() == pytest.approx(0.0, abs=1.0)
    assert goods["in_transit_t"].min() >= 0
    # What nobody sent earlier is not there earlier: up to the first flight both runs are the same.
    early = flies.review_day < 133
    assert np.array_equal(flies.review_consumed_t[early], sails.review_consumed_t[early])


def test_what_is_ordered_and_sent_until_the_first_flight_lands_stays_the_same() -> None:
    world = line_world(cover=14.0, transit=40.0)
    flies, sails = (run(world, each, shut(world), days=133) for each in (FLIES, SAILS))
    assert flies.shipments["flown_t"].sum() > 90.0
    for column in ("dispatched_t", "held_t"):
        assert flies.shipments[column].tolist() == sails.shipments[column].tolist(), column


def test_with_a_threshold_of_nothing_a_run_is_the_same_to_the_last_bit() -> None:
    world = quick_to_trade(toy())
    calm = replace(QUICK, expediting=None)
    never = replace(QUICK, expediting=replace(RULE, threshold_days=0.0))
    variants = in_the_toy()[:6]
    sails, flies = (
        simulated(world, variants, first(), width=1, behaviour=each) for each in (calm, never)
    )
    assert sails == flies


def test_goods_in_the_air_count_when_runs_branch() -> None:
    """Runs are one until their lever acts: what is in the air then is not flown once more."""
    # EEE holds 14 days by sea. A threshold of 20 lets goods fly for some days every 40, from day 49 to 54 too.
    eager = Behaviour(expediting=replace(RULE, threshold_days=20.0))
    world = line_world(cover=14.0, transit=40.0)
    # Zc goes on to fly beside the ban.
    of_xa = {
        "id": "ban",
        "kind": "export_ban",
        "exporter": "AAA",
        "elements": ["Xa"],
        "starts": on(52),
    }
    ban_of_xa = ExportBan.model_validate(of_xa, context={"world": world})
    ban_of_52 = Variant([ban_of_xa], provenance=False)
    about: dict[str, Any] = {"days": 90, "review_days": 1.0, "behaviour": eager}
    together = simulated(world, [Variant(provenance=False), ban_of_52], STARTS, **about)
    assert together[1] == simulated(world, [ban_of_52], STARTS, **about)[0]
    days = simulate(
        world, (), starts=STARTS, ends=on(52), review_days=1.0, behaviour=eager
    ).shipments  # fmt: skip
    assert days.groupby("month", observed=True)["flown_t"].sum()["2025-02"] == pytest.approx(25.0)


def test_what_the_market_sells_flies_too() -> None:
    """A pair may trade from the review of day 189.5 on: by sea its goods land on day 210, by air on 195."""
    world = with_a_plant_that_nobody_buys_from()
    by_sea = Behaviour(piles=Piles(60.0), market=Market())
    by_air = replace(by_sea, expediting=RULE)
    found = {}
    for name, behaviour in (("sea", by_sea), ("air", by_air)):
        records = run(world, behaviour, ban(world, "AAA", 100), days=300)
        used = records.review_consumed_t.sum(axis=1)
        later = records.review_day > 180.0
        found[name] = float(records.review_day[later & (used > 1.0)][0])
        own = records.shipments[records.shipments["seller"] == "sep_bbb"]
        flown = own.loc[own["buyer"] == "use_use_eee", "flown_t"].sum()
        assert (flown > 50.0) == (name == "air")
        assert (own["flown_t"] <= own["dispatched_t"] + 1e-9).all()
    assert found == {"sea": 210.5, "air": 196.5}


@settings(max_examples=6, deadline=None, derandomize=True)
@given(
    begins=st.integers(0, 120), weeks=st.integers(1, 20), cover=st.integers(10, 60),
    users=st.sampled_from([0, 3]), second=st.booleans(),
)  # fmt: skip
def test_nobody_lacks_more_because_goods_fly(
    begins: int, weeks: int, cover: int, users: int, second: bool
) -> None:
    world = line_world(cover=float(cover), transit=40.0, second=second, users=users)
    plain = {"id": "x", "kind": "export_licence", "exporter": "AAA", "starts": on(begins)}
    office = {"office": {"reviewers": 2, "cases_per_week": "1 each"}}
    licence = ExportLicence.model_validate(plain | office, context={"world": world})
    for levers in ([shut(world, begins=begins, weeks=weeks)], [licence]):
        lacks = []
        for behaviour in (FLIES, SAILS):
            (outcome,) = simulate_all(
                world, [Variant(levers)], starts=STARTS, ends=on(400), behaviour=behaviour
            )
            records = outcome_of(outcome)
            lacks.append(sum(missing(records).values()))
        assert lacks[0] <= lacks[1] + 1e-6


def test_ore_mixed_concentrate_and_cheap_oxides_never_fly() -> None:
    world, rule = load_pack(TOY), replace(RULE, oxide_price=4.0, threshold_days=100.0)
    behaviour, ends = Behaviour(expediting=rule), first() + timedelta(days=365)
    levers = in_the_toy()[-1].levers
    records = simulate(world, levers, starts=first(), ends=ends, behaviour=behaviour)
    flown = records.shipments[records.shipments["flown_t"] > 0]
    assert set(flown["form"]) == {"powder", "ingot", "coil"}
    assert set(flown.loc[flown["form"] == "powder", "product"]) == {"Pel"}  # Zor costs 2 USD/kg
    stages = {site.id: site.stage for site in world.sites.values()}
    assert {stages.get(buyer, "use") for buyer in flown["buyer"]} <= {"smelting", "winding", "use"}
    # A gross kg of coil holds half a kg; ingots are weighed as the element.
    gross = {
        p: gross_t_per_t(world, form, p) for form, p in (("coil", "coil_hot"), ("powder", "Pel"))
    }
    assert gross == {"coil_hot": 2.0, "Pel": 1.0}
    table = summarise(records, records, world, starts=first(), ends=ends, behaviour=behaviour)
    headline = {each["id"]: each["value"] for each in table.headline}
    weight = {"coil": 2.0}
    t = sum(row["flown_t"] * weight.get(row["form"], 1.0) for row in flown.to_dict("records"))
    assert headline["expedited"] == pytest.approx(flown["flown_t"].sum())
    assert headline["air_freight"] == pytest.approx(t * 6.0 / 1000)


def test_which_oxides_of_the_shipped_pack_are_dear() -> None:
    world = load_pack("rare_earths_2024")
    for price, dear in (
        (20.0, "Pr Nd Eu Gd Tb Dy Ho Er Tm Lu"), (50.0, "Pr Nd Tb Dy Ho Tm Lu"), (200.0, "Tb Dy Lu"),
    ):  # fmt: skip
        found = [e.symbol for e in world.elements if may_fly(world, "oxide", e.symbol, price)]
        assert found == dear.split()
    assert may_fly(world, "metal", "La", 50.0)
    assert may_fly(world, "magnet", "ndfeb_n", 50.0)
    assert not may_fly(world, "concentrate", "", 0.0)
    assert gross_t_per_t(world, "metal", "Nd") == 0.8574
    assert price_of(world, "ndfeb_n") == pytest.approx(56.0, rel=0.1)  # nearly all of it Nd and Pr
