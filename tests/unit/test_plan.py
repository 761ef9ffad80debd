"""The plan against flows worked out by hand, on worlds in which nothing else changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from sim.channels.effects import Addition
from sim.engine.plan import LineKey, Plan, build_plan
from sim.world.world import Cover, Demand, Flow, Site, World
from tests.trade_world import trade_world
from tests.worlds import STARTS, Builder, line_world, link, sector, site

YEAR = 365.0
"""t/yr that make 1 t/day."""
USE = "use_use_eee"


def planned(world: World, additions: Sequence[Addition] = ()) -> Plan:
    return build_plan(world, additions, starts=STARTS, first_day=-700.0, last_day=700.0)


def always(rate: float) -> Any:
    """Every rate of a path is this one."""
    return pytest.approx(rate, rel=1e-12, abs=1e-12)


def assert_flat(lines: Mapping[LineKey, Any], expected: Mapping[LineKey, float]) -> None:
    for key, rate in expected.items():
        assert lines[key] == always(rate), key


def with_needs(world: World, **t_per_day: float) -> World:
    """The same base year, but the end use needs this much of each product from the first day on."""
    demand = tuple(replace(d, t_per_year=t_per_day[d.product] * YEAR) for d in world.demand)
    return replace(world, demand=demand)


def with_sites(world: World, sites: Sequence[Site], links: Sequence[Any]) -> World:
    return replace(
        world,
        sites={s.id: s for s in sorted([*world.sites.values(), *sites], key=lambda s: s.id)},
        links={**world.links, **{(x.seller, x.buyer, x.form): x for x in links}},
    )


# ---- the base year


@pytest.mark.parametrize("world", [line_world(second=True), trade_world()], ids=["line", "trade"])
def test_with_no_growth_and_no_project_the_plan_is_the_base_year(world: World) -> None:
    # A plan counts 365 days a year, so a flow of t/yr is planned at t / 365 a day, on every day. Oxide, metal
    # and magnets are planned as they were bought, ore and swarf as they were sent.
    plan = planned(world)
    flows = {(f.seller, f.buyer, f.form, f.product): f.t_per_year / YEAR for f in world.flows}
    assert set(plan.lines) == set(flows)
    for key, rate in flows.items():
        assert plan.lines[key] == pytest.approx(rate, rel=1e-9), key
    mines = {s.id: s.output_t_per_year / YEAR for s in world.sites.values() if s.stage == "mine"}
    assert {mine: rate[0] for mine, rate in plan.mines.items()} == pytest.approx(mines)
    for name, path in plan.capacity.items():
        assert path == always(world.sites[name].capacity_t_per_year / YEAR)


# ---- lead times


def test_a_need_is_looked_up_a_lead_time_ahead() -> None:
    # 26 days on the way and 100 days of cover are 18 weeks of the plan's grid, so no rounding. Demand of Xa is
    # 6 t/day in the middle of 2024, 184 days before the first day, and grows by 10 % a year: on day 70 the
    # buyer gets what it will use on day 196, 6 x 1.1^((196 + 184) / 365.25).
    world = line_world(transit=26.0, cover=100.0)
    grows = replace(world, sectors={"use": sector("use", "oxide", growth=0.1)})
    plan = planned(grows)
    line = plan.lines["sep_aaa", USE, "oxide", "Xa"]
    assert line[plan.days == 70.0] == pytest.approx(6 * 1.1 ** ((196 + 184) / 365.25), rel=1e-12)
    # Before the first day everything is flat: what is sent on day -126 is used on day 0.
    assert line[plan.days <= -126.0] == always(6 * 1.1 ** (184 / 365.25))
    assert plan.demand[USE, "Xa"][plan.days == 70.0] == pytest.approx(
        6 * 1.1 ** ((70 + 184) / 365.25), rel=1e-12
    )


# ---- who supplies a need


def metal_world(new_t_per_day: float) -> World:
    """A use gets 10 t/day of metal: 6 and 2 from own makers that can make 9 and 2.2, 2 from a residual one.

    A new maker offers so much more, half of its design size since it is built with a chance of a half.
    """
    b = Builder(sectors={"use": sector("use", "metal")})
    base = {
        "metal_a": (6.0, 9.0, "own"),
        "metal_b": (2.0, 2.2, "own"),
        "metal_c": (2.0, 3.0, "residual"),
    }
    for name, (output, capacity, plan) in base.items():
        sizes = {"output_t_per_year": output * YEAR, "capacity_t_per_year": capacity * YEAR}
        b.sites.append(site(name, name[-1].upper() * 3, "metal", plan=plan, **sizes))
        b.flows.append(Flow(name, USE, "metal", "Xa", output * YEAR))
        b.links += [link(name, USE, "metal", 20.0), link("sep", name, "oxide", 5.0)]
    size = 2 * new_t_per_day * YEAR
    settings = {"status": "project", "planned_capacity_t_per_year": size, "success": 0.5}
    b.sites += [site("metal_new", "DDD", "metal", earliest_start=2000.0, **settings)]
    b.links += [
        link("metal_new", USE, "metal", 20.0, planned_full_t_per_year=size),
        link("sep", "metal_new", "oxide", 5.0),
    ]
    b.demand = [Demand("use", "EEE", "Xa", 10 * YEAR)]
    b.covers = [Cover(USE, "metal", "", 30.0)]
    return b.world()


def metal_lines(world: World) -> dict[str, Any]:
    lines = planned(world).lines
    return {seller: rate for (seller, _, form, _), rate in lines.items() if form == "metal"}


@pytest.mark.parametrize(
    ("offered", "needed", "new", "a", "b", "c"),
    [
        # The new maker sells all of its 1 t/day; 9 of 10 are left for the others, 0.9 of what they sold.
        (1.0, 10.0, 1.0, 5.4, 1.8, 1.8),
        # 19 are left, 1.9 times as much: own makers reach 9 and 2.2, 19 - 11.2 come from the residual one.
        (1.0, 20.0, 1.0, 9.0, 2.2, 7.8),
        # Of 25 t/day only the 10 that are needed are planned.
        (25.0, 10.0, 10.0, 0.0, 0.0, 0.0),
    ],
)
def test_new_suppliers_come_first_then_own_ones_in_proportion_then_residual_ones(
    offered: float, needed: float, new: float, a: float, b: float, c: float
) -> None:
    lines = metal_lines(with_needs(metal_world(offered), Xa=needed))
    expected = {"metal_new": new, "metal_a": a, "metal_b": b, "metal_c": c}
    assert set(lines) == set(expected)
    for seller, rate in expected.items():
        assert lines[seller] == always(rate), seller


def test_without_a_residual_supplier_own_ones_are_planned_beyond_what_they_have() -> None:
    # 19 t/day are left for two own makers with room for 9 and 2.2: 19 / 11.2 times that.
    world = metal_world(1.0)
    world = replace(
        world,
        sites={name: s for name, s in world.sites.items() if name != "metal_c"},
        links={key: x for key, x in world.links.items() if "metal_c" not in key},
        flows=tuple(f for f in world.flows if f.seller != "metal_c"),
    )
    lines = metal_lines(with_needs(world, Xa=20.0))
    assert lines["metal_a"] == always(19 * 9 / 11.2)
    assert lines["metal_b"] == always(19 * 2.2 / 11.2)


# ---- to whom a new plant sells


def world_with_a_new_plant() -> World:
    """The line world (EEE uses 6 of Xa and 4 of Zc) with a second use in EEE and one in FFF, and a new plant.

    The uses in EEE get 6 and 2 t/day of Xa, that in FFF 4. The new mine and plant are designed for 2 t/day
    of pure Xa from the middle of 2025, of which 1.5 are planned for EEE (1.2 and 0.3) and 0.5 for FFF.
    """
    world = line_world()
    new = {"status": "asset", "planned_capacity_t_per_year": 2 * YEAR}
    sites = [
        site("mine_new", "CCC", "mine", basket={"Xa": 1.0}, **new),
        site("sep_new", "CCC", "separation", can_separate=("Xa",), **new),
    ]
    more = {"use_other_eee": 2.0, "use_use_fff": 4.0}
    sizes = {USE: 1.2, "use_other_eee": 0.3, "use_use_fff": 0.5}
    links = [link("mine_new", "sep_new", "concentrate", 1.0, planned_full_t_per_year=2 * YEAR)]
    links += [
        link("sep_new", buyer, "oxide", 5.0, planned_full_t_per_year=t * YEAR)
        for buyer, t in sizes.items()
    ]
    links += [link("sep_aaa", buyer, "oxide", 30.0) for buyer in more]
    return replace(
        with_sites(world, sites, links),
        sectors={**world.sectors, "other": sector("other", "oxide")},
        flows=(
            *world.flows,
            *(Flow("sep_aaa", b, "oxide", "Xa", t * YEAR) for b, t in more.items()),
        ),
        demand=(
            *world.demand,
            Demand("other", "EEE", "Xa", 2 * YEAR),
            Demand("use", "FFF", "Xa", 4 * YEAR),
        ),
    )


def opened(name: str, **settings: Any) -> Addition:
    first = STARTS + timedelta(days=140)
    return Addition(name, None, first, ramp_days=0.0, success=1.0, achieved=1.0, **settings)


def sold_by_the_new_plant(**settings: Any) -> tuple[Plan, dict[str, float]]:
    plan = planned(world_with_a_new_plant(), [opened("mine_new"), opened("sep_new", **settings)])
    lines = {key[1]: rate for key, rate in plan.lines.items() if key[0] == "sep_new"}
    return plan, {buyer: float(rate[plan.days == 560.0][0]) for buyer, rate in lines.items()}


def test_a_new_plant_sells_by_planned_links_to_a_region_and_by_use_inside_it() -> None:
    # 3/4 of 2 t/day go to EEE, there 6 to 2 as the uses bought: 1.125 and 0.375; 0.5 go to FFF.
    _, sold = sold_by_the_new_plant()
    assert sold == pytest.approx({USE: 1.125, "use_other_eee": 0.375, "use_use_fff": 0.5})


def test_a_lever_says_to_which_regions_a_new_plant_sells() -> None:
    # 20 % of 2 t/day for EEE: 0.4, as 6 to 2; 80 % for FFF.
    _, sold = sold_by_the_new_plant(sells_to={"EEE": 0.2, "FFF": 0.8})
    assert sold == pytest.approx({USE: 0.3, "use_other_eee": 0.1, "use_use_fff": 1.6})


def test_a_new_maker_that_a_lever_names_is_served_first_and_offers_what_it_can_make() -> None:
    # A new metal maker of 1.2 t/day sells to a use that takes 6 Xa to 2 Zc: 0.9 and 0.3, not 1.2 of each. Of
    # the new plant's 2 t/day of Xa it gets the 0.9 that it needs; the 1.1 left go to EEE, not 40 % of 2.
    world, parts = world_with_a_new_plant(), "use_parts_eee"
    new = {"status": "asset", "planned_capacity_t_per_year": 1.2 * YEAR}
    old = {"output_t_per_year": 8 * YEAR, "capacity_t_per_year": 9 * YEAR}
    sites = [site("metal_old", "AAA", "metal", **old), site("metal_new", "CCC", "metal", **new)]
    links = [
        link("sep_aaa", "metal_old", "oxide", 5.0),
        link("sep_new", "metal_new", "oxide", 5.0, planned_full_t_per_year=YEAR),
        link("metal_old", parts, "metal", 5.0),
        link("metal_new", parts, "metal", 5.0, planned_full_t_per_year=YEAR),
    ]
    needs = {"Xa": 6 * YEAR, "Zc": 2 * YEAR}
    flows = [Flow("metal_old", parts, "metal", e, t) for e, t in needs.items()]
    flows += [Flow("sep_aaa", "metal_old", "oxide", e, t) for e, t in needs.items()]
    world = replace(
        with_sites(world, sites, links),
        sectors={**world.sectors, "parts": sector("parts", "metal")},
        flows=(*world.flows, *flows),
        demand=(*world.demand, *(Demand("parts", "EEE", e, t) for e, t in needs.items())),
    )
    plan = planned(world, [
        opened("mine_new"), opened("metal_new", sells_to={"EEE": 1.0}),
        opened("sep_new", sells_to={"metal_new": 0.6, "EEE": 0.4}),
    ])  # fmt: skip
    sold = {key: float(rate[plan.days == 560.0][0]) for key, rate in plan.lines.items()}
    assert sold["metal_new", parts, "metal", "Xa"] == pytest.approx(0.9)
    assert sold["metal_new", parts, "metal", "Zc"] == pytest.approx(0.3)
    assert sold["sep_new", "metal_new", "oxide", "Xa"] == pytest.approx(0.9)
    assert sold["sep_new", USE, "oxide", "Xa"] == pytest.approx(1.1 * 0.75)
    assert sold["sep_new", "use_other_eee", "oxide", "Xa"] == pytest.approx(1.1 * 0.25)


def test_before_its_first_output_a_new_plant_sells_nothing() -> None:
    # Ore is sent when it arrives (a day later) at a plant that runs, and counted as feed a day after that.
    plan, _ = sold_by_the_new_plant()
    line = plan.lines["sep_new", "use_use_fff", "oxide", "Xa"]
    assert np.all(line[plan.days < 133.0] == 0)
    assert np.all(line[plan.days > 147.0] > 0)


def test_ore_for_a_plant_that_nobody_opens_stays_at_the_mine() -> None:
    # The lever names the new plant, of which no lever says that it runs.
    plan = planned(world_with_a_new_plant(), [opened("mine_new", sells_to={"sep_new": 1.0})])
    assert plan.mines["mine_new"][plan.days == 560.0] == pytest.approx(2.0)
    assert plan.lines["mine_new", "sep_new", "concentrate", ""] == always(0.0)
    assert "sep_new" not in plan.active


# ---- mixed concentrate


def test_mixed_concentrate_travels_on_to_the_plant_that_can_split_it() -> None:
    # 10 t/day of ore, 60 % Xa, 40 % Zc. The first plant wins 90 % of both and splits Xa only: 3.6 t/day of Zc
    # travel on. The second wins 50 % of it, 1.8, twice what it sold; of the 3.6 that are needed the other
    # half comes from the residual plant.
    world = line_world()
    light = replace(world.sites["sep_aaa"], can_separate=("Xa",), recovery={"*": 0.9})
    heavy = site("sep_heavy", "BBB", "separation", can_separate=("Zc",), recovery={"*": 0.5})
    other = site("sep_other", "CCC", "separation", can_separate=("Zc",), plan="residual")
    flows = [f for f in world.flows if f.product != "Zc"]
    flows += [
        Flow("sep_aaa", "sep_heavy", "mixed", "", 1.8 * YEAR),
        Flow("sep_heavy", USE, "oxide", "Zc", 0.9 * YEAR),
        Flow("sep_other", USE, "oxide", "Zc", 0.9 * YEAR),
    ]
    links = [
        link("sep_aaa", "sep_heavy", "mixed", 3.0),
        *(link(seller, USE, "oxide", 9.0) for seller in ("sep_heavy", "sep_other")),
    ]
    world = replace(with_sites(world, [light, heavy, other], links), flows=tuple(flows))
    world = replace(world, sites={**world.sites, "sep_aaa": light})
    lines = planned(with_needs(world, Xa=5.4, Zc=3.6)).lines
    assert_flat(lines, {
        ("mine_aaa", "sep_aaa", "concentrate", ""): 10.0,
        ("sep_aaa", USE, "oxide", "Xa"): 5.4,
        ("sep_aaa", "sep_heavy", "mixed", ""): 3.6,
        ("sep_heavy", USE, "oxide", "Zc"): 1.8,
        ("sep_other", USE, "oxide", "Zc"): 1.8,
    })  # fmt: skip


def test_mixed_concentrate_stays_where_it_is_until_somebody_can_split_it() -> None:
    # 10 t/day of ore hold 4 t/day of Zc. The plant that takes it opens on day 365, three days away: what is
    # sent from day 362 on arrives at a plant that runs; the grid blurs that by a week.
    world = line_world()
    light = replace(world.sites["sep_aaa"], can_separate=("Xa",))
    heavy = site(
        "sep_heavy", "BBB", "separation", can_separate=("Zc",), status="project",
        planned_capacity_t_per_year=4 * YEAR, earliest_start=STARTS.year + 1.0,
    )  # fmt: skip
    lane = link("sep_aaa", "sep_heavy", "mixed", 3.0, planned_full_t_per_year=4 * YEAR)
    world = with_sites(world, [heavy], [lane, link("sep_heavy", USE, "oxide", 9.0)])
    plan = planned(replace(world, sites={**world.sites, "sep_aaa": light}))
    line = plan.lines["sep_aaa", "sep_heavy", "mixed", ""]
    assert line[plan.days < 362.0 - 7.0] == always(0.0)
    assert line[plan.days > 362.0 + 7.0] == always(4.0)


# ---- residual plants and mines


def residual_world() -> World:
    """Two residual plants, each with a mine: 8 t/day of ore that is all Xa, 4 t/day that is half Xa, half Zc.

    The end use gets 10 t/day of Xa, 8 and 2, and 2 t/day of Zc. Plants have a quarter more capacity.
    """
    b = Builder(sectors={"use": sector("use", "oxide")})
    baskets = {"light": {"Xa": 1.0}, "heavy": {"Xa": 0.5, "Zc": 0.5}}
    ore = {"light": 8.0, "heavy": 4.0}
    for kind, basket in baskets.items():
        mine, plant, t = f"mine_{kind}", f"sep_{kind}", ore[kind] * YEAR
        sizes = {"output_t_per_year": t, "capacity_t_per_year": t * 1.25, "plan": "residual"}
        splits = {"can_separate": tuple(basket), "drivers": tuple(basket), "processing_days": 14.0}
        b.sites.append(site(mine, "AAA", "mine", basket=basket, **sizes))
        b.sites.append(site(plant, "AAA", "separation", **splits, **sizes))
        b.links += [link(mine, plant, "concentrate", 2.0), link(plant, USE, "oxide", 30.0)]
        b.flows.append(Flow(mine, plant, "concentrate", "", t))
        b.flows += [Flow(plant, USE, "oxide", e, t * share) for e, share in basket.items()]
    b.demand = [Demand("use", "EEE", "Xa", 10 * YEAR), Demand("use", "EEE", "Zc", 2 * YEAR)]
    return b.world(groups={"X": ("Xa", "Yb2")})


def test_residual_mines_dig_for_the_scarcest_driver() -> None:
    # Xa doubles, Zc stays: each plant sells twice as much Xa, 16 and 4 t/day. That takes 16 t/day of light ore
    # and 8 of heavy ore, which brings 4 t/day of Zc, twice what is needed.
    plan = planned(with_needs(residual_world(), Xa=20.0, Zc=2.0))
    assert plan.mines["mine_light"] == always(16.0)
    assert plan.mines["mine_heavy"] == always(8.0)
    assert plan.lines["sep_heavy", USE, "oxide", "Zc"] == always(2.0)


def test_joint_output_of_residual_plants_is_not_dug_twice() -> None:
    # Zc doubles, Xa stays: 8 t/day of heavy ore, which bring 4 t/day of Xa instead of the 2 that were planned.
    # The heavy plant takes the other 2 over from the light one, whose mine digs 6 instead of 8.
    plan = planned(with_needs(residual_world(), Xa=10.0, Zc=4.0))
    assert_flat(plan.lines, {
        ("mine_light", "sep_light", "concentrate", ""): 6.0,
        ("mine_heavy", "sep_heavy", "concentrate", ""): 8.0,
        ("sep_light", USE, "oxide", "Xa"): 6.0,
        ("sep_heavy", USE, "oxide", "Xa"): 4.0,
        ("sep_heavy", USE, "oxide", "Zc"): 4.0,
    })  # fmt: skip
    assert plan.mines["mine_light"] == always(6.0)
    assert plan.mines["mine_heavy"] == always(8.0)


def test_residual_sites_keep_the_base_year_headroom_over_their_plan() -> None:
    # Capacity is a quarter above what the sites did: 10 and 5 t/day. The heavy mine and plant double, and so
    # does their capacity; the light ones do less and keep theirs.
    plan = planned(with_needs(residual_world(), Xa=10.0, Zc=4.0))
    assert plan.capacity["mine_heavy"] == always(10.0)
    assert plan.capacity["sep_heavy"] == always(10.0)
    assert plan.capacity["mine_light"] == always(10.0)
    assert plan.capacity["sep_light"] == always(10.0)


def test_unsold_output_of_the_base_year_is_kept_on_top() -> None:
    # The heavy plant made 2 t/day of Zc and sold 1. For sales of 3 it makes 6, from 12 t/day of ore.
    world = residual_world()
    flows = [replace(f, t_per_year=YEAR) if f.product == "Zc" else f for f in world.flows]
    plan = planned(with_needs(replace(world, flows=tuple(flows)), Xa=10.0, Zc=3.0))
    assert plan.mines["mine_heavy"] == always(12.0)


def test_days_count_from_the_scenario_start_and_reach_beyond_its_end() -> None:
    plan = build_plan(line_world(), (), starts=date(2030, 1, 1), first_day=-7.0, last_day=21.0)
    assert plan.days[0] == -7.0
    assert plan.days[-1] >= 21.0 + 1100.0
    assert set(np.diff(plan.days)) == {7.0}
