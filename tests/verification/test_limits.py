"""Limits of growth: ceilings of ore and of separation, and grades that hold less each year, by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.channels.effects import Addition
from sim.engine import simulate
from sim.engine.plan import Plan, build_plan
from sim.engine.records import Records
from sim.rules.behaviour import Behaviour, Limits
from sim.world.thrift import content
from sim.world.world import Cover, Demand, Flow, Ingredient, Recipe, World
from tests.property.test_columns import in_the_trading_world, simulated
from tests.trade_world import trade_world
from tests.worlds import STARTS, Builder, link, made, sector, site

YEAR = 365.0
USE = "use_use_eee"
HELD = Behaviour(limits=Limits())
CALM = replace(trade_world(), corridors={})


def ore_world(
    *,
    mine: float | None = None,
    plant: float | None = None,
    imported: float = 0.0,
    growth: float = 0.1,
) -> World:
    """AAA digs and splits 10 t/day of pure Xa for an end use that grows; `imported` t/day more come from BBB.

    Mine and plant of AAA supply what is still needed, and may grow by `mine` and `plant` a year; the mine of
    BBB grows by 10 % a year.
    """
    b = Builder(sectors={"use": sector("use", "oxide", growth)})
    own, all_of_it = 10 * YEAR, (10 + imported) * YEAR
    residual: dict[str, Any] = {"plan": "residual", "drivers": ("Xa",)}
    b.sites = [
        site("mine_aaa", "AAA", "mine", basket={"Xa": 1.0}, output_t_per_year=own,
             capacity_t_per_year=own * 1.25, most_growth_per_year=mine, **residual),
        site("sep_aaa", "AAA", "separation", can_separate=("Xa",), processing_days=14.0,
             output_t_per_year=all_of_it, capacity_t_per_year=all_of_it * 1.25,
             most_growth_per_year=plant, **residual),
    ]  # fmt: skip
    b.links = [link("mine_aaa", "sep_aaa", "concentrate", 2.0), link("sep_aaa", USE, "oxide", 10.0)]
    b.flows = [Flow("mine_aaa", "sep_aaa", "concentrate", "", own)]
    if imported:
        t = imported * YEAR
        b.sites.append(site("mine_bbb", "BBB", "mine", basket={"Xa": 1.0}, output_t_per_year=t,
                            capacity_t_per_year=t, growth_per_year=0.1))  # fmt: skip
        b.links.append(link("mine_bbb", "sep_aaa", "concentrate", 20.0))
        b.flows.append(Flow("mine_bbb", "sep_aaa", "concentrate", "", t))
    b.flows.append(Flow("sep_aaa", USE, "oxide", "Xa", all_of_it))
    b.demand = [Demand("use", "EEE", "Xa", all_of_it)]
    b.covers = [Cover(USE, "oxide", "", 14.0), Cover("sep_aaa", "concentrate", "", 14.0)]
    return b.world()


def planned(world: World, limits: Limits | None, additions: list[Addition] | None = None) -> Plan:
    return build_plan(
        world, additions or [], starts=STARTS, first_day=-700.0, last_day=1400.0,
        behaviour=Behaviour(limits=limits),
    )  # fmt: skip


def run(world: World, behaviour: Behaviour = HELD, ends: date = date(2028, 1, 1)) -> Records:
    return simulate(world, (), starts=STARTS, ends=ends, behaviour=behaviour, provenance=False)


def of_year(monthly: Any, year: int) -> float:
    return float(monthly[[str(month).startswith(str(year)) for month in monthly.index]].sum())


def used(records: Records, column: str = "consumed_t") -> Any:
    return records.use.groupby("month", observed=True)[column].sum()


# ---- ceilings


def test_a_mine_digs_no_more_than_the_base_year_grown_also_while_its_ore_is_missing() -> None:
    # 10 t/day in the middle of 2024 grow by 2 %, what is needed by 10 %. In the year around the middle of
    # 2027 that is 3,650 x 1.02^3 of ore, and as much of it less what the chain's 40 days of 2 % a year take
    # off is used; nameplate, a quarter above the base year, would allow more.
    world = ore_world(mine=0.02)
    plan, records = planned(world, Limits()), run(world)
    ceiling, in_sight = 10 * 1.02**plan.years, plan.days < 2000
    assert plan.mines["mine_aaa"][in_sight] == pytest.approx(ceiling[in_sight], rel=1e-12)
    assert (plan.capacity["mine_aaa"] <= ceiling * (1 + 1e-12)).all()
    assert of_year(made(records, "mine_aaa"), 2027) == pytest.approx(3650 * 1.02**3, rel=1e-3)
    assert of_year(used(records), 2027) == pytest.approx(3650 * 1.02 ** (3 - 40 / 365), rel=1e-3)
    assert of_year(used(records, "demand_t"), 2027) == pytest.approx(3650 * 1.1**3, rel=2e-3)
    # What the plan asks for and is not dug is what the rule moves; it looks ahead by 12 days on the way, 28 of
    # cover, 14 in the plant and 14 of its stock.
    cut = records.rules.set_index("month")["t"]
    assert of_year(cut, 2027) == pytest.approx(3650 * (1.1 ** (3 + 68 / 365) - 1.02**3), rel=0.01)
    # Demand is not cut, and without the rule nothing is.
    free = run(world, Behaviour())
    assert of_year(used(free), 2027) == pytest.approx(of_year(used(free, "demand_t"), 2027))
    assert of_year(used(free, "demand_t"), 2027) == of_year(used(records, "demand_t"), 2027)


def test_imported_ore_passes_a_plant_that_may_treat_no_more_of_its_own() -> None:
    # Own ore stays at 10 t/day, the 4 t/day from BBB grow by 10 % a year and come on top.
    world = ore_world(plant=0.0, imported=4.0)
    plan, records = planned(world, Limits()), run(world)
    assert plan.mines["mine_aaa"] == pytest.approx(np.full_like(plan.days, 10.0), rel=1e-12)
    assert of_year(made(records, "mine_aaa"), 2027) == pytest.approx(3650, rel=1e-3)
    # What comes out was started by the plan of 14 days, and half a review, before.
    imported = 4 * YEAR * 1.1 ** (3 - 17.5 / 365)
    assert of_year(made(records, "sep_aaa"), 2027) == pytest.approx(3650 + imported, rel=1e-3)
    # Without a row of its own nothing limits a plant: it grows by 10 % a year in all, imports included.
    free = planned(ore_world(imported=4.0), Limits())
    assert free.mines["mine_aaa"][free.days == 0.0] > 10.4


def test_what_a_lever_adds_to_a_mine_comes_on_top_of_its_ceiling() -> None:
    more = Addition("mine_aaa", 365.0, date(2026, 1, 1), 365.0, 0.8, 1.0)
    plan = planned(ore_world(mine=0.0), Limits(), [more])
    late = (plan.days > 1500) & (plan.days < 2000)
    assert plan.mines["mine_aaa"][late] == pytest.approx(10.8, rel=1e-3)
    assert plan.mines["mine_aaa"][plan.days < 300] == pytest.approx(10.0)


def shared_mine(**most: float) -> World:
    """12 t/day of one ore, half Xa, half Zc: 8 to a plant that splits Xa, 4 to one that splits Zc."""
    b = Builder(sectors={"use": sector("use", "oxide")})
    ore: dict[str, Any] = {"basket": {"Xa": 0.5, "Zc": 0.5}, "plan": "residual"}
    size = {"output_t_per_year": 12 * YEAR, "capacity_t_per_year": 12 * YEAR}
    b.sites = [
        site("mine_all", "AAA", "mine", most_growth_per_year=most.get("mine"), **ore, **size)
    ]
    for name, element, t in (("one", "Xa", 8.0), ("two", "Zc", 4.0)):
        plant = f"sep_{name}"
        sizes = {"output_t_per_year": t * YEAR, "capacity_t_per_year": t * YEAR}
        b.sites.append(site(plant, "AAA", "separation", plan="residual", can_separate=(element,),
                            drivers=(element,), **sizes))  # fmt: skip
        b.links += [link("mine_all", plant, "concentrate", 2.0), link(plant, USE, "oxide", 10.0)]
        b.flows += [Flow("mine_all", plant, "concentrate", "", t * YEAR),
                    Flow(plant, USE, "oxide", element, t / 2 * YEAR)]  # fmt: skip
        b.demand.append(Demand("use", "EEE", element, t / 2 * YEAR))
    return b.world()


def with_needs(world: World, **t_per_day: float) -> World:
    demand = tuple(replace(d, t_per_year=t_per_day[d.product] * YEAR) for d in world.demand)
    return replace(world, demand=demand)


def ore_lines(plan: Plan) -> dict[tuple[str, str], float]:
    rates = {k[:2]: rate for k, rate in plan.lines.items() if k[2] == "concentrate"}
    assert all(np.ptp(rate) < 1e-9 for rate in rates.values())
    return {key: float(rate[0]) for key, rate in rates.items()}


def test_plants_that_ask_more_of_a_mine_than_it_can_dig_get_the_same_part() -> None:
    # Twice as much Xa and as much Zc as before take 16 and 4 t/day of ore; of the 20 the mine can dig 12.
    lines = ore_lines(planned(with_needs(shared_mine(mine=0.0), Xa=8.0, Zc=2.0), Limits()))
    assert lines == pytest.approx({("mine_all", "sep_one"): 9.6, ("mine_all", "sep_two"): 2.4})


@pytest.mark.parametrize(
    ("ceilings", "dug"),
    [
        # 20 t/day are needed. Mines share 8 to 2 as in the base year; what one cannot dig the other does.
        ({}, (16.0, 4.0)),
        ({"mine_aaa": 0.0}, (8.0, 12.0)),
        ({"mine_zzz": 0.0}, (18.0, 2.0)),
        ({"mine_aaa": 0.0, "mine_zzz": 0.0}, (8.0, 2.0)),
        # The plant may treat 10 of the 20.
        ({"sep_aaa": 0.0}, (8.0, 2.0)),
    ],
)
def test_mines_of_a_plant_fill_in_for_one_another_as_far_as_they_can(
    ceilings: Mapping[str, float], dug: tuple[float, float]
) -> None:
    world = ore_world(growth=0.0)
    mine = replace(world.sites["mine_aaa"], output_t_per_year=8 * YEAR)
    other = replace(mine, id="mine_zzz", output_t_per_year=2 * YEAR)
    sites = {**world.sites, "mine_aaa": mine, "mine_zzz": other}
    sites |= {name: replace(sites[name], most_growth_per_year=g) for name, g in ceilings.items()}
    ore, *rest = world.flows
    flows = (
        replace(ore, t_per_year=8 * YEAR),
        replace(ore, seller="mine_zzz", t_per_year=2 * YEAR),
    )
    way = link("mine_zzz", "sep_aaa", "concentrate", 9.0)
    links = {**world.links, ("mine_zzz", "sep_aaa", "concentrate"): way}
    world = with_needs(
        replace(world, sites=dict(sorted(sites.items())), flows=(*flows, *rest), links=links),
        Xa=20.0,
    )
    lines = ore_lines(planned(world, Limits()))
    assert (lines["mine_aaa", "sep_aaa"], lines["mine_zzz", "sep_aaa"]) == pytest.approx(dug)


# ---- thrifting


def test_what_is_saved_of_an_ingredient_others_make_up_in_their_mix() -> None:
    # After ten years of 3 % less 0.1 x 0.97^10 = 0.0737424 are left; the other 0.0262576 go to Xa and Zc,
    # which are 0.6 and 0.3 of it.
    world = replace(Builder().world(), groups={"XZ": ("Xa", "Zc")})
    recipe = Recipe("grade", (
        Ingredient("Xa", 0.6, "essential", ""),
        Ingredient("Yb2", 0.1, "essential", "XZ", 0.03),
        Ingredient("Zc", 0.3, "essential", ""),
    ))  # fmt: skip
    left = 0.1 * 0.97**10
    expected = {"Xa": 0.6 + (0.1 - left) * 2 / 3, "Yb2": left, "Zc": 0.3 + (0.1 - left) / 3}
    assert content(world, recipe, 10.0) == pytest.approx(expected, rel=1e-12)


def thrifty(world: World, element: str, rate: float) -> World:
    """Every grade that holds an element holds less of it each year."""
    recipes = {
        grade: replace(recipe, ingredients=tuple(
            replace(p, thrift_per_year=rate, replaced_by="X") if p.element == element else p
            for p in recipe.ingredients
        ))
        for grade, recipe in world.recipes.items()
    }  # fmt: skip
    return replace(world, recipes=recipes)


@pytest.mark.parametrize(("element", "grade", "share"), [("Hv", "hot", 0.06), ("Fi", "cool", 0.18)])
def test_makers_follow_the_recipe_of_the_day_and_ask_for_what_it_takes(
    element: str, grade: str, share: float
) -> None:
    # What comes out in July 2027 was started 16 days, and half a review, before: 2.99 years after July 2024.
    world = thrifty(CALM, element, 0.05)
    records = run(world)
    table = records.production
    made_then = table[(table["site"] == "magnet_a") & (table["product"] == grade)]
    made_then = made_then[made_then["month"].astype(str) == "2027-07"]
    t = made_then.set_index("element")["output_t"]
    assert t[element] / t.sum() == pytest.approx(share * 0.95**2.99, rel=1e-3)
    line = ("metal_a", "magnet_a", "metal", "Hv")
    if element == "Hv":
        path, days = planned(world, Limits()).lines[line], planned(world, Limits()).days
        year_on = np.interp(np.array([70.0, 434.0]), days, path)
        assert year_on[1] / year_on[0] == pytest.approx(0.95 ** (364 / 365.25), rel=1e-6)
    assert of_year(used(records), 2027) == pytest.approx(of_year(used(records, "demand_t"), 2027))


def test_the_first_day_has_the_recipe_of_the_first_day() -> None:
    # Stocks, ships and batches that the run begins with are as they would be after half a year of 5 %.
    records = run(thrifty(CALM, "Hv", 0.05), ends=date(2025, 3, 1))
    t = records.production[
        (records.production["site"] == "magnet_b") & (records.production["product"] == "hot")
    ]
    t = t[t["month"].astype(str) == "2025-01"].set_index("element")["output_t"]
    assert t["Hv"] / t.sum() == pytest.approx(0.06 * 0.95 ** (184 / 365.25), rel=2e-3)


# ---- all of it


def grown(seed: int, more: float = 0.0, at: str = "") -> World:
    """The trading world with other growth of needs and ceilings; one of them may be higher."""
    rng = np.random.default_rng(seed)
    rates = {s: float(rng.uniform(-0.02, 0.06)) for s in ("mine_a", "mine_h", "sep_a", "sep_h")}
    sectors = {
        name: replace(each, growth_per_year=float(rng.uniform(0.0, 0.12)))
        for name, each in CALM.sectors.items()
    }
    residual = ("mine_a", "mine_h", "sep_a", "sep_h", "metal_a", "magnet_a")
    sites = dict(CALM.sites)
    for name in residual:
        rate = rates.get(name)
        rate = None if rate is None else rate + (more if name == at else 0.0)
        sites[name] = replace(sites[name], plan="residual", most_growth_per_year=rate)
    # Where a mine elsewhere hurries for a light element, its ore brings heavy ones too: then less would be
    # missing of these while light ore is short. Here nobody else can hurry.
    other = sites["mine_b"]
    sites["mine_b"] = replace(other, capacity_t_per_year=other.output_t_per_year)
    return thrifty(replace(CALM, sites=sites, sectors=sectors), "Hv", float(rng.uniform(0.0, 0.06)))


def missing(world: World) -> float:
    use = run(world, ends=date(2029, 1, 1)).use
    return float(np.maximum(0.0, use["demand_t"] - use["consumed_t"]).sum())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("at", ["mine_a", "mine_h", "sep_a", "sep_h"])
def test_a_higher_ceiling_never_leaves_more_missing(seed: int, at: str) -> None:
    low, high = missing(grown(seed)), missing(grown(seed, 0.03, at))
    assert high <= low * (1 + 1e-6), (low, high)


def test_a_run_with_limits_has_the_same_bytes_alone_and_beside_others() -> None:
    world = grown(1)
    variants = list(in_the_trading_world())[:3]
    together = simulated(world, variants, STARTS, behaviour=HELD)
    for variant, beside in zip(variants, together, strict=True):
        (alone,) = simulated(world, [variant], STARTS, behaviour=HELD)
        assert alone == beside
    assert together[0] != simulated(world, variants[:1], STARTS)[0]
