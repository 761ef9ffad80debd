"""A quota on production, worked out by hand.

AAA digs and separates 10 t/day of ore, 60 % Xa, for EEE; reviews fall on days 0.5, 7.5, ... A mine digs at each
review for the week that ends with it, a plant starts at each review the feed of the week that begins with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from sim.engine import simulate
from sim.engine.records import Records
from sim.levers import ProductionQuota
from sim.world.world import Demand, Flow, World
from tests.worlds import ENDS, STARTS, line_world, link, made, on


def quota(first: int, last: int | None = None, **settings: Any) -> Any:
    dates = {"starts": on(first)} | ({} if last is None else {"ends": on(last)})
    plain = {"id": "quota", "kind": "production_quota", "exporter": "AAA", "stage": "mine"}
    return ProductionQuota.model_validate(plain | dates | settings, context={"world": line_world()})


def run(world: World, *levers: Any, **settings: Any) -> Records:
    return simulate(world, levers, starts=STARTS, ends=ENDS, **settings)


def test_a_quota_of_half_digs_half_of_each_quarter_and_then_stops() -> None:
    # 3,650 t/yr x 50 % / 4 = 456.25 t, dug in the first 45.625 days of the quarter.
    dug = made(run(line_world(), quota(0, amount="50 %")), "mine_aaa")
    for year in ("2025", "2026"):
        quarter = dug[[f"{year}-0{m}" for m in (4, 5, 6) if f"{year}-0{m}" in dug.index]]
        assert quarter.sum() == pytest.approx(456.25)
    assert dug["2025-04"] == pytest.approx(300.0)
    assert dug["2025-05"] == pytest.approx(156.25)
    assert "2025-06" not in dug.index


def test_what_a_quota_keeps_in_the_ground_is_laid_at_its_door() -> None:
    limits = run(line_world(), quota(0, amount="50 %", period="year")).limits
    mine = limits[(limits["place"] == "mine_aaa") & (limits["kind"] == "site")]
    assert set(mine["limited_by"]) == {"quota"}
    # A year at 10 t/day less the 1,825 t that the quota lets be dug.
    year = mine[mine["month"].str.startswith("2025")]["t"].sum()
    assert year == pytest.approx(3650.0 - 1825.0)


def test_a_quota_that_is_never_used_up_changes_nothing() -> None:
    calm = run(line_world())
    loose = run(line_world(), quota(0, amount="100 kt/yr"))
    for table in ("use", "production", "shipments", "stocks"):
        pd.testing.assert_frame_equal(getattr(calm, table), getattr(loose, table))


def at_home_and_abroad() -> World:
    """AAA uses 4 of the 10 t/day itself; both ways take a day and both users keep 14 days."""
    world = line_world(cover=14.0, transit=1.0)
    share = {"Xa": 0.6, "Zc": 0.4}
    home, abroad = 1460.0, 2190.0
    return replace(
        world,
        demand=tuple(
            Demand("use", region, e, t * s)
            for region, t in (("AAA", home), ("EEE", abroad))
            for e, s in share.items()
        ),
        flows=(
            Flow("mine_aaa", "sep_aaa", "concentrate", "", 3650.0),
            *(
                Flow("sep_aaa", f"use_use_{r}", "oxide", e, t * s)
                for r, t in (("aaa", home), ("eee", abroad))
                for e, s in share.items()
            ),
        ),
        links={
            **world.links,
            ("sep_aaa", "use_use_aaa", "oxide"): link("sep_aaa", "use_use_aaa", "oxide", 1.0),
        },
        covers=(*world.covers, replace(world.covers[-1], place="use_use_aaa")),
        regions={r: replace(world.regions["EEE"], id=r) for r in ("AAA", "EEE")},
        countries={c: replace(world.countries["EEE"], id=c, region=c) for c in ("AAA", "EEE")},
    )


def test_buyers_at_home_are_served_in_full_before_any_export() -> None:
    # Plants may start 60 % of the feed: 6 t/day, of which 4 stay at home and 2 of the 6 abroad are left.
    lever = quota(0, stage="separation", amount="60 %", period="month")
    records = run(at_home_and_abroad(), lever)
    use = records.use[records.use["month"] >= "2026-01"].groupby("region", observed=True)
    part = use["consumed_t"].sum() / use["demand_t"].sum()
    assert part["AAA"] == pytest.approx(1.0)
    assert part["EEE"] == pytest.approx(2.0 / 6.0, rel=0.02)
    # Without the order both would get 60 %.


def test_half_the_sites_share_a_quota_in_proportion_to_what_they_would_make() -> None:
    world = line_world(second=True)
    both = {name: replace(s, country="AAA") for name, s in world.sites.items()}
    dug = run(replace(world, sites=both), quota(0, amount="50 %", period="month")).production
    by_mine = dug[dug["stage"] == "mine"].groupby("site", observed=True)["output_t"].sum()
    assert by_mine["mine_aaa"] / by_mine["mine_bbb"] == pytest.approx(6.0 / 4.0)
