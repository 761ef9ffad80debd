"""Before it runs a plant takes in, splits and sells nothing: its buyers would plan on what is not there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest

from sim.engine import simulate
from sim.engine.records import Records
from sim.world import World, load_pack
from sim.world.world import Site
from tests.worlds import ENDS, STARTS, line_world, link, site

OPENS = date(2026, 1, 1)
GRID = timedelta(days=7)
"""The plan's time grid blurs a first output by no more than that."""


def world_with_a_heavy_plant_to_come() -> World:
    """A new mine of 365 t/yr, half Xa; its plant splits Xa and hands Zc on to one that opens a year later."""
    world = line_world()
    new = {"status": "project", "planned_capacity_t_per_year": 365.0, "processing_days": 7.0}
    today, then = STARTS.year, OPENS.year
    sites = [
        site("mine_new", "CCC", "mine", basket={"Xa": 0.5, "Zc": 0.5}, earliest_start=today, **new),
        site("sep_light", "CCC", "separation", can_separate=("Xa",), earliest_start=today, **new),
        site("sep_next", "DDD", "separation", can_separate=("Zc",), earliest_start=then, **new),
    ]
    lanes = [
        link("mine_new", "sep_light", "concentrate", 1, planned_full_t_per_year=365.0),
        link("sep_light", "sep_next", "mixed", 5, planned_full_t_per_year=182.5),
        link("sep_light", "use_use_eee", "oxide", 5, planned_full_t_per_year=182.5),
        link("sep_next", "use_use_eee", "oxide", 5, planned_full_t_per_year=182.5),
    ]
    return replace(
        world,
        sites={**world.sites, **{s.id: s for s in sites}},
        links={**world.links, **{(x.seller, x.buyer, x.form): x for x in lanes}},
    )


def simulated(world: World, ends: date) -> Records:
    return simulate(world, (), starts=STARTS, ends=ends, provenance=False)


def before(table: pd.DataFrame, opens: date) -> pd.DataFrame:
    """Months that are over a week before a plant opens."""
    return table[table["month"].astype(str) < str(opens - GRID)[:7]]


def active_t(records: Records, plant: str, opens: date) -> dict[str, float]:
    """What a plant did before it opened, t."""
    shipments, made, stocks = (
        before(table, opens) for table in (records.shipments, records.production, records.stocks)
    )
    return {
        "taken in": float(shipments.loc[shipments["buyer"] == plant, "arrived_t"].sum()),
        "made": float(made.loc[made["site"] == plant, "output_t"].sum()),
        "sold": float(shipments.loc[shipments["seller"] == plant, "dispatched_t"].sum()),
        "held": float(stocks.loc[stocks["place"] == plant, "stock_t"].sum()),
    }


def test_users_are_not_promised_oxide_of_a_plant_that_does_not_run_yet() -> None:
    records = simulated(world_with_a_heavy_plant_to_come(), ENDS)
    assert set(active_t(records, "sep_next", OPENS).values()) == {0.0}
    use = before(records.use, OPENS).groupby("product").sum(numeric_only=True)
    assert use["consumed_t"].to_dict() == pytest.approx(use["demand_t"].to_dict())


def test_what_nobody_can_split_yet_waits_at_its_plant_and_is_split_later() -> None:
    records = simulated(world_with_a_heavy_plant_to_come(), ENDS)
    waiting = records.stocks[records.stocks["form"] == "mixed"]
    grown = before(waiting[waiting["place"] == "sep_light"], OPENS)["stock_t"]
    assert grown.is_monotonic_increasing
    assert grown.iloc[-1] > 100
    made = records.production[records.production["site"] == "sep_next"]
    assert made["output_t"].sum() > 100


def opening(plant: Site) -> date:
    """First day of a project by the pack."""
    year = int(plant.earliest_start)
    return date(year, 1, 1) + timedelta(days=(plant.earliest_start - year) * 365.25)


def test_no_plant_of_the_shipped_pack_separates_before_its_first_output() -> None:
    world = load_pack("rare_earths_2024")
    records = simulated(world, date(2029, 1, 1))
    plants = [s for s in world.sites.values() if s.stage == "separation" and s.status == "project"]
    early = {p.id: active_t(records, p.id, opening(p)) for p in plants}
    assert len(early) > 10
    assert {name: t for name, t in early.items() if any(t.values())} == {}
