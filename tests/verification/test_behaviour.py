"""How mines, plants and buyers answer, worked out by hand: a rule each, on and off.

In AAA 10 t/day of ore are dug, 60 % Xa and 40 % Zc, and separated within 14 days; all aim at 14 days of sales.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.engine import simulate
from sim.engine.records import Records
from sim.levers import ExportBan, SiteOutage
from sim.rules.behaviour import RIGID, Behaviour, Market, NewSupply, Piles, Producers
from sim.world.world import Demand, Flow, World
from tests.worlds import ENDS, STARTS, line_world, link, made, on, site

PILES = Behaviour(piles=Piles(10.0))
ALL = Behaviour(piles=Piles(10.0), new_supply=NewSupply(90.0), producers=Producers())


def run(world: World, *levers: Any, behaviour: Behaviour = RIGID, **about: Any) -> Records:
    return simulate(world, levers, starts=STARTS, ends=ENDS, behaviour=behaviour, **about)


def ban(world: World, exporter: str, first: int) -> ExportBan:
    plain = {"id": "ban", "kind": "export_ban", "exporter": exporter, "elements": "all"}
    return ExportBan.model_validate(plain | {"starts": on(first)}, context={"world": world})


def missing_t(records: Records) -> float:
    return float((records.use["demand_t"] - records.use["consumed_t"]).sum())


# ---- a calm world stands still


def half_of_zc_unsold() -> World:
    """Of the 4 t/day of Zc users need 2; mine and plant run for Xa."""
    world = line_world(cover=14.0)
    t = {"Xa": 2190.0, "Zc": 730.0}
    return replace(
        world,
        sites={name: replace(each, drivers=("Xa",)) for name, each in world.sites.items()},
        demand=tuple(Demand("use", "EEE", e, each) for e, each in t.items()),
        flows=(
            Flow("mine_aaa", "sep_aaa", "concentrate", "", 3650.0),
            *(Flow("sep_aaa", "use_use_eee", "oxide", e, each) for e, each in t.items()),
        ),
    )


def unsold(records: Records, product: str) -> list[float]:
    own = records.stocks[
        (records.stocks["place"] == "sep_aaa") & (records.stocks["product"] == product)
    ]
    return own.groupby("month", observed=True)["stock_t"].sum().tolist()


def test_what_nobody_buys_fills_its_pile_and_is_then_thrown_away() -> None:
    records = run(half_of_zc_unsold(), behaviour=PILES)
    # 14 days x 2 t/day aimed at and 10 days x 4 t/day on top are left after each review, 68 t; half a day later
    # 28 t come out of the plant, and are there for 6.5 of 7 days.
    levels = unsold(records, "Zc")
    assert levels == pytest.approx([levels[0]] * 24)
    assert levels[0] == pytest.approx(68.0 + 28.0 * 6.5 / 7.0)
    plant = records.production[records.production["site"] == "sep_aaa"]
    by_element = plant.groupby("element", observed=True)["discarded_t"].sum()
    assert by_element["Zc"] == pytest.approx(730 * 2.0)  # 2 t/day of two years
    assert by_element["Xa"] == 0
    assert moved_t(records, "piles") == pytest.approx(730 * 2.0)
    balance = records.balance.set_index("element")
    assert balance.loc["Zc", "discarded_t"] > by_element["Zc"]  # that of the warm-up too
    assert (balance["residual_t"].abs() < 1e-9 * balance["mined_t"].clip(lower=1.0)).all()


def test_without_piles_what_nobody_buys_stays() -> None:
    levels = unsold(run(half_of_zc_unsold()), "Zc")
    assert np.diff(levels).min() > 50.0  # 2 t/day
    assert run(half_of_zc_unsold()).balance["discarded_t"].sum() == 0


def test_a_pile_is_for_sale_to_whoever_lacks_it() -> None:
    # BBB sells Zc too, and stops. AAA's pile then serves its buyers on top of the 2 t/day that are left over.
    world = half_of_zc_unsold()
    twice = replace(
        world,
        sites={
            **world.sites,
            "sep_bbb": site("sep_bbb", "BBB", "separation", can_separate=("Zc",), processing_days=14.0,
                            capacity_t_per_year=730.0, output_t_per_year=730.0),
            "mine_bbb": site("mine_bbb", "BBB", "mine", basket={"Zc": 1.0}, output_t_per_year=730.0,
                             capacity_t_per_year=730.0),
        },
        demand=tuple(replace(d, t_per_year=d.t_per_year + 730.0 * (d.product == "Zc")) for d in world.demand),
        flows=(*world.flows, Flow("mine_bbb", "sep_bbb", "concentrate", "", 730.0),
               Flow("sep_bbb", "use_use_eee", "oxide", "Zc", 730.0)),
        links={**world.links, **{(x.seller, x.buyer, x.form): x for x in (
            link("mine_bbb", "sep_bbb", "concentrate", 1.0), link("sep_bbb", "use_use_eee", "oxide", 30.0))}},
    )  # fmt: skip
    stops = ban(twice, "BBB", 100)
    lacks = {
        days: missing_t(run(twice, stops, behaviour=Behaviour(piles=Piles(days))))
        for days in (1.0, 40.0)
    }
    # AAA digs 2 t/day of Zc more than it sells, as much as BBB sold: nobody lacks anything but on the way over.
    assert lacks[40.0] <= lacks[1.0] + 1e-9
    assert lacks[40.0] == pytest.approx(0.0, abs=1e-6)


# ---- new supply is additional


def with_a_plant_that_gets_no_ore() -> World:
    """A new plant in CCC is to sell 5 of the 10 t/day of EEE, from ore of BBB; AAA supplies what is needed."""
    world = line_world(cover=14.0)
    new = {"status": "project", "planned_capacity_t_per_year": 1825.0, "earliest_start": 2025.5}
    sites = {name: replace(each, plan="residual", drivers=("Xa", "Zc"), capacity_t_per_year=7300.0)
             for name, each in world.sites.items()}  # fmt: skip
    more = [
        site("mine_new", "BBB", "mine", basket={"Xa": 0.6, "Zc": 0.4}, **new),
        site(
            "sep_new", "CCC", "separation", can_separate=("Xa", "Zc"), processing_days=14.0, **new
        ),
    ]
    lanes = [
        link("mine_new", "sep_new", "concentrate", 5, planned_full_t_per_year=1825.0),
        link("sep_new", "use_use_eee", "oxide", 5, planned_full_t_per_year=1825.0),
    ]
    return replace(
        world,
        sites={**sites, **{each.id: each for each in more}},
        links={**world.links, **{(x.seller, x.buyer, x.form): x for x in lanes}},
    )


def test_a_plant_whose_feed_never_comes_takes_nothing_from_anybody() -> None:
    world = with_a_plant_that_gets_no_ore()
    no_ore = ban(world, "BBB", 0)
    rigid, free = (run(world, no_ore, behaviour=each) for each in (RIGID, ALL))
    assert missing_t(rigid) > 100.0
    assert missing_t(free) == pytest.approx(0.0, abs=1e-6)
    # The 5 t/day that never come are asked again, and of no stage twice.
    assert moved_t(free, "new_supply", since="2026-02") == pytest.approx(334 * 5.0, rel=0.01)
    assert rigid.rules.empty
    # AAA digs for all of it again: 10 t/day in the last year, but for the week in which the plan saw it coming.
    assert made(free, "mine_aaa")["2026-02":].sum() == pytest.approx(334 * 10.0, rel=0.01)


def test_a_new_plant_that_delivers_keeps_its_buyers() -> None:
    world = with_a_plant_that_gets_no_ore()
    records = run(world, behaviour=ALL)
    sold = records.shipments[(records.shipments["seller"] == "sep_new")]
    late = sold[sold["month"] >= "2026-07"].groupby("month", observed=True)["dispatched_t"].sum()
    assert late.to_numpy() == pytest.approx(np.array([31, 31, 30, 31, 30, 31]) * 5.0, rel=0.01)
    assert missing_t(records) == pytest.approx(0.0, abs=1e-6)
    assert moved_t(records, "new_supply", since="2026-07") == pytest.approx(0.0, abs=1.0)


# ---- plants and mines answer


def test_a_plant_that_answers_refills_its_stock_after_an_outage() -> None:
    # The plant stands still for 20 days, 200 t, more than the 140 t that it aims at; it can do twice its plan.
    # Rigid, it works off the ore that came meanwhile, whether or not its stock lacks that.
    world = line_world(cover=14.0)
    world = replace(
        world,
        sites={
            name: replace(each, drivers=("Xa",), capacity_t_per_year=7300.0)
            for name, each in world.sites.items()
        },
    )
    stop = SiteOutage.model_validate(
        {
            "id": "stop",
            "kind": "site_outage",
            "site": "sep_aaa",
            "starts": on(100),
            "repair": "20 d",
        },
        context={"world": world},
    )
    free = run(world, stop, behaviour=ALL)
    calm = run(world, behaviour=ALL)
    for place, form in (("sep_aaa", "oxide"), ("mine_aaa", "concentrate")):
        assert stock_t(calm, place, form) == pytest.approx(140.0, rel=0.05)  # 14 days of 10 t/day
    assert stock_t(free, "sep_aaa", "oxide") == pytest.approx(135.0)
    # Beyond what a plant starts that works off its ore as it comes: less than the 200 t of the outage.
    assert 140.0 < moved_t(free, "producers") < 200.0
    assert moved_t(calm, "producers") == 0.0
    rigid, undisturbed = (stock_t(run(world, *each), "sep_aaa", "oxide") for each in ([stop], []))
    assert abs(rigid - undisturbed) > 0.2 * undisturbed


def moved_t(records: Records, rule: str, since: str = "") -> float:
    own = records.rules[(records.rules["rule"] == rule) & (records.rules["month"] >= since)]
    return float(own["t"].sum())


def stock_t(records: Records, place: str, form: str) -> float:
    """What a place has of a form in the last month, on average."""
    stocks = records.stocks[records.stocks["month"] == "2026-12"]
    own = stocks[(stocks["place"] == place) & (stocks["form"] == form)]
    return float(own["stock_t"].sum())


# ---- a market beside the contracts


def with_a_plant_that_nobody_buys_from() -> World:
    """BBB separates Zc that nobody takes, 4 t/day, 20 days from EEE, which buys all its Zc in AAA."""
    world = line_world(cover=14.0)
    t = 4 * 365.0
    more = [
        site("mine_bbb", "BBB", "mine", basket={"Zc": 1.0}, output_t_per_year=t, capacity_t_per_year=t),
        site("sep_bbb", "BBB", "separation", can_separate=("Zc",), processing_days=14.0,
             output_t_per_year=t, capacity_t_per_year=t),
        site("sep_other", "BBB", "separation", can_separate=("Xa",), output_t_per_year=1.0,
             capacity_t_per_year=1.0),
    ]  # fmt: skip
    lanes = [
        link("mine_bbb", "sep_bbb", "concentrate", 1.0),
        # Somebody in BBB sells a little Xa to EEE: the way that goods of BBB take.
        link("sep_other", "use_use_eee", "oxide", 20.0),
    ]
    return replace(
        world,
        sites={**world.sites, **{each.id: each for each in more}},
        links={**world.links, **{(x.seller, x.buyer, x.form): x for x in lanes}},
        flows=(*world.flows, Flow("mine_bbb", "sep_bbb", "concentrate", "", t),
               Flow("sep_bbb", "sink", "oxide", "Zc", 0.001)),
        defaults=replace(world.defaults, requalification_days={"oxide": 90.0}),
    )  # fmt: skip


def bought_from(records: Records, seller: str) -> dict[str, float]:
    sold = records.shipments[
        (records.shipments["seller"] == seller) & (records.shipments["buyer"] == "use_use_eee")
    ]
    return sold.groupby("month", observed=True)["arrived_t"].sum().to_dict()


def test_a_buyer_learns_to_buy_where_goods_lie_unsold() -> None:
    world = with_a_plant_that_nobody_buys_from()
    market = Behaviour(piles=Piles(60.0), market=Market())
    stop = ban(world, "AAA", 100)
    rigid, free = (
        run(world, stop, behaviour=each) for each in (Behaviour(piles=Piles(60.0)), market)
    )
    assert bought_from(rigid, "sep_bbb") == {}
    # The ban comes into force on day 100, is seen by the review of day 98.5, and 90 days later, on the review
    # of day 189.5, goods leave for 20 days: they land on day 210, 30 July.
    landed = bought_from(free, "sep_bbb")
    assert min(landed) == "2025-07"
    late = [t for month, t in landed.items() if "2026-01" <= month <= "2026-11"]
    assert sum(late) == pytest.approx(334 * 4.0, rel=0.02)  # all that BBB makes
    zc = free.use[(free.use["product"] == "Zc") & (free.use["month"] == "2026-06")]
    assert float(zc["consumed_t"].sum()) == pytest.approx(30 * 4.0, rel=0.02)
    assert (
        float(
            run(world, behaviour=market).shipments.query("seller == 'sep_bbb'")["arrived_t"].sum()
        )
        < 1.0
    )


def test_nobody_learns_to_buy_across_a_border_that_is_restricted() -> None:
    world = with_a_plant_that_nobody_buys_from()
    stops = [ban(world, "AAA", 100), ban(world, "BBB", 50).model_copy(update={"id": "second"})]
    records = run(world, *stops, behaviour=Behaviour(piles=Piles(60.0), market=Market()))
    assert bought_from(records, "sep_bbb") == {}
