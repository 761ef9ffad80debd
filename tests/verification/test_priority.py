"""Whom sellers serve first, worked out by hand in a world in which six tenths of the ore are dug.

AAA separates 10 t/day, of which defence in EEE takes 1, cars in EEE 5 and lamps at home 4.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.engine import simulate
from sim.engine.batches import put_together
from sim.engine.calendar import Calendar
from sim.engine.compiling import Structure, compile_network
from sim.engine.network import Network
from sim.engine.priority import classes_of_lines, classes_of_places, serving_of
from sim.engine.records import Records
from sim.levers import ExportBan, ExportLicence, SiteOutage
from sim.rules.behaviour import RIGID, Behaviour, Priority
from sim.world.world import Demand, EndUsers, Flow, World
from tests.trade_world import trade_world
from tests.worlds import ENDS, STARTS, line_world, link, on, sector

PARTS = {("defence", "EEE"): 1.0, ("cars", "EEE"): 5.0, ("lamps", "AAA"): 4.0}
"""t/day"""


def three_uses() -> World:
    world = line_world(cover=14.0, transit=1.0)
    share = {"Xa": 0.6, "Zc": 0.4}
    nodes = {(use, region): f"use_{use}_{region}".lower() for use, region in PARTS}
    classes = {"defence": "defence", "cars": "other", "lamps": "other"}
    to = [link("sep_aaa", node, "oxide", 1.0) for node in nodes.values()]
    region = world.regions["EEE"]
    return replace(
        world,
        sectors={use: replace(sector(use, "oxide"), priority_class=c) for use, c in classes.items()},
        demand=tuple(
            Demand(use, where, e, 365 * t * s)
            for (use, where), t in PARTS.items() for e, s in share.items()
        ),
        flows=(
            Flow("mine_aaa", "sep_aaa", "concentrate", "", 3650.0),
            *(Flow("sep_aaa", nodes[key], "oxide", e, 365 * t * s)
              for key, t in PARTS.items() for e, s in share.items()),
        ),
        links={("mine_aaa", "sep_aaa", "concentrate"): world.links["mine_aaa", "sep_aaa", "concentrate"],
               **{(x.seller, x.buyer, x.form): x for x in to}},
        covers=(*(c for c in world.covers if c.place == "sep_aaa"),
                *(replace(world.covers[-1], place=node) for node in nodes.values())),
        regions={r: replace(region, id=r) for r in ("AAA", "EEE")},
        countries={c: replace(world.countries["EEE"], id=c, region=c) for c in ("AAA", "EEE")},
        classes_in_order=("defence", "other"),
    )  # fmt: skip


SIX_TENTHS = SiteOutage.model_validate(
    {"id": "often", "kind": "site_outage", "site": "mine_aaa", "starts": STARTS, "hazard": "2 a year",
     "repair": "4 months"},
    context={"world": three_uses()},
)  # fmt: skip
"""The mine runs 1 / (1 + 2 a year x a third of a year) of the time."""


def run(rule: Priority | None, *levers: Any, world: World | None = None) -> Records:
    return simulate(
        world or three_uses(), levers or (SIX_TENTHS,), starts=STARTS, ends=ENDS,
        behaviour=Behaviour(priority=rule),
    )  # fmt: skip


def oxide_t(records: Records) -> float:
    """Sold over the run."""
    return float(records.shipments.query("form == 'oxide'")["dispatched_t"].sum())


def missing_t(records: Records) -> float:
    return float((records.use["demand_t"] - records.use["consumed_t"]).sum())


def served(records: Records) -> dict[str, float]:
    """Sector -> part of its demand that it gets in the second year."""
    use = records.use[records.use["month"] >= "2026-01"].groupby("sector", observed=True)
    part = use["consumed_t"].sum() / use["demand_t"].sum()
    return {str(name): float(value) for name, value in part.items()}


def test_the_six_tenths_that_are_left_go_round_as_the_seller_serves() -> None:
    alike = dict.fromkeys(("cars", "defence", "lamps"), 0.6)
    by_class = {"defence": 1.0, "cars": 5 / 9, "lamps": 5 / 9}
    at_home = {"lamps": 1.0, "cars": 2 / 6, "defence": 2 / 6}
    floors, floor = (("defence", 0.8),), 0.8 + 0.2 * 5.2 / 9.2
    plain = run(None)
    for rule, expected in (
        (None, alike),
        (Priority("by_class"), by_class),
        (Priority(by_seller=(("sep_aaa", "by_class"),)), by_class),
        (Priority(by_seller=(("AAA", "home_first"), ("sep_aaa", "by_class"))), by_class),
        (Priority("home_first"), at_home),
        # EEE gets six tenths of 6 t in all, of which defence takes its 1 t; or 2 t, of which it does.
        (Priority(regions=(("EEE", "by_class"),)), {"lamps": 0.6, "defence": 1.0, "cars": 2.6 / 5}),
        (Priority("home_first", regions=(("EEE", "by_class"),)),
         {"lamps": 1.0, "defence": 1.0, "cars": 1 / 5}),
        (Priority(floors=floors), {"defence": floor, "cars": 5.2 / 9.2, "lamps": 5.2 / 9.2}),
        (Priority("home_first", floors=floors), at_home),
        (Priority("contracts_first"), alike),
    ):  # fmt: skip
        records = run(rule)
        assert served(records) == pytest.approx(expected, abs=0.002), rule
        assert oxide_t(records) == pytest.approx(oxide_t(plain), rel=1e-9)
        # Who is served in full keeps its 14 days and a review's half in stock; the others lack those too.
        kept_t = 15.0 * sum(t for (use, _), t in PARTS.items() if expected[use] == 1.0)
        assert missing_t(records) - missing_t(plain) == pytest.approx(kept_t, abs=5.0), rule


def test_what_goes_to_others_than_in_proportion_is_counted() -> None:
    # Once stocks are used up, defence gets 0.4 t/day more than its 0.6, and others lack it.
    rules = run(Priority("by_class")).rules
    last = rules[(rules["rule"] == "priority") & (rules["month"] >= "2026-01")]
    assert last["t"].sum() == pytest.approx(0.4 * 365, rel=0.02)
    assert run(Priority(floors=(("defence", 0.0),))).rules.empty


def network(world: World, *levers: Any, rule: Priority | None = None) -> Network:
    effects = [
        (lever.id, e) for lever in levers for _, stated in lever.stated(world) for e in stated
    ]
    calendar = Calendar(STARTS, ENDS)
    return compile_network(
        world, Structure.of(effects), Behaviour(priority=rule), calendar=calendar, first_day=-100.0
    )


def test_a_maker_is_of_the_class_to_which_most_of_what_it_sells_goes() -> None:
    classes = {"gadgets": "other", "motors": "essential", "glass": "defence", "optics": "defence",
               "lamps": "defence"}  # fmt: skip
    world = trade_world()
    sectors = {id: replace(each, priority_class=classes[id]) for id, each in world.sectors.items()}
    world = replace(world, sectors=sectors, classes_in_order=("defence", "essential", "other"))
    found = classes_of_places(network(world))
    assert found["use_glass_aaa"] == 0
    assert found["use_motors_aaa"] == 1
    # 600 x 0.9 + 300 x 0.5 + 400 x 0.8 t of cool magnets, 400 x 0.9 + 200 x 0.5 + 300 x 0.8 t of hot ones.
    assert found["magnet_a"] == 2
    # Metal, plants and mines follow it; the heavy element's plant sells most to magnets too.
    assert {found[place] for place in ("metal_a", "metal_b", "sep_a", "mine_a", "recycle_a")} == {2}
    # Were cool magnets for defence, all would be.
    cool = {**sectors, "gadgets": replace(sectors["gadgets"], priority_class="defence")}
    found = classes_of_places(network(replace(world, sectors=cool)))
    assert found["magnet_a"] == found["metal_a"] == found["mine_a"] == 0


def test_military_end_users_are_of_the_first_class_and_home_is_where_the_seller_is() -> None:
    world = three_uses()
    users = {"use_cars_eee": EndUsers("use_cars_eee", (0.5, 0.5), (False, True))}
    world = replace(world, end_users=users)
    lever = ExportLicence.model_validate(
        {"id": "licence", "kind": "export_licence", "exporter": "AAA", "starts": on(0)},
        context={"world": world},
    )
    here = network(world, lever, rule=Priority("by_class"))
    of_line = classes_of_lines(here)
    where = [here.inputs[i][0] for i in here.lane_input[here.line_lane]]
    cars = [n for n, place in enumerate(where) if place == "use_cars_eee"]
    military = here.holder_military[here.line_holder[cars]]
    assert of_line[cars].tolist() == np.where(military, 0, 1).tolist()
    home = serving_of(network(world, rule=Priority("home_first")))
    assert home is not None
    abroad = [place.endswith("eee") for place in dict.fromkeys(where)]
    lanes = network(world, rule=Priority("home_first"))
    places = [lanes.inputs[i][0] for i in lanes.lane_input]
    assert home.sellers.tier[:, 0].tolist() == [float(place.endswith("eee")) for place in places]
    assert any(abroad)


def test_a_seller_that_serves_contracts_first_gives_less_to_who_lost_another() -> None:
    # Four of the 10 t/day come from BBB. In the week in which AAA stops, what AAA lacks is asked of BBB, which
    # gives all it has left; with contracts first it keeps that for its buyer's orders of the next week.
    world = line_world(second=True, cover=14.0)
    ban = ExportBan.model_validate(
        {
            "id": "ban",
            "kind": "export_ban",
            "exporter": "AAA",
            "elements": "all",
            "starts": on(119),
        },
        context={"world": world},
    )
    sent = {}
    for word in ("proportional", "contracts_first"):
        records = run(Priority(by_seller=(("sep_bbb", word),)), ban, world=world)
        sent[word] = (
            records.shipments.query("seller == 'sep_bbb'").groupby("month")["dispatched_t"].sum()
        )
    less = sent["proportional"] - sent["contracts_first"]
    assert less["2025-04"] > 3.0
    assert less.sum() == pytest.approx(0.0, abs=1e-6)


def test_off_and_in_proportion_are_the_same_to_the_last_bit() -> None:
    calendar = Calendar(STARTS, on(200))
    off, rule = (
        put_together(three_uses(), [SIX_TENTHS], calendar, 7.0, provenance=False, behaviour=each)
        for each in (RIGID, Behaviour(priority=Priority("contracts_first")))
    )
    (plain,), (same,) = off.run(), rule.run()
    assert off.selling.serving is None
    assert isinstance(plain, Records)
    assert isinstance(same, Records)
    # There is but one seller, so nobody asks another.
    assert np.array_equal(plain.review_consumed_t, same.review_consumed_t)
