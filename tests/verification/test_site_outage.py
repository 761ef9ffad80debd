"""Outages of sites, worked out by hand.

AAA digs and separates 10 t/day of ore, 60 % Xa, for EEE; reviews fall on days 0.5, 7.5, ... A mine digs at each
review for the week that ends with it, a plant starts at each review the feed of the week that begins with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.agents.site_outage import triangular
from sim.engine import simulate
from sim.engine.batches import put_together
from sim.engine.calendar import Calendar
from sim.engine.records import Records
from sim.levers import SiteOutage
from sim.world.world import World
from tests.worlds import ENDS, STARTS, line_world, made, on


def outage(**settings: Any) -> Any:
    plain = {"id": "outage", "kind": "site_outage"}
    return SiteOutage.model_validate(plain | settings, context={"world": line_world(second=True)})


def run(world: World, *levers: Any, **settings: Any) -> Records:
    return simulate(world, levers, starts=STARTS, ends=ENDS, **settings)


def test_an_outage_stops_a_mine_on_its_days_and_the_store_makes_up_for_nothing() -> None:
    # Days 50 to 80: 30 days of 10 t are not dug; a mine cannot dig faster than its nameplate.
    records = run(line_world(), outage(site="mine_aaa", **{"from": on(50)}, repair="30 d"))
    dug = made(records, "mine_aaa")
    calm = made(run(line_world()), "mine_aaa")
    assert (calm - dug.reindex(calm.index, fill_value=0.0)).sum() == pytest.approx(300.0)
    lost = records.limits[records.limits["kind"] == "site"]
    assert lost["t"].sum() == pytest.approx(300.0)
    assert set(lost["limited_by"]) == {"outage"}
    # 20 February to 22 March.
    assert lost.groupby("month", observed=True)["t"].sum().to_list() == pytest.approx([90.0, 210.0])


def test_a_plant_makes_up_for_an_outage_as_far_as_its_capacity_goes() -> None:
    # Feed of 20 days waits, 200 t. The plant can do 12 t/day: 2 t/day are made up, and all of it in 100 days.
    world = line_world()
    larger = replace(world.sites["sep_aaa"], capacity_t_per_year=12.0 * 365)
    world = replace(world, sites={**world.sites, "sep_aaa": larger})
    lever = outage(site="sep_aaa", **{"from": on(100)}, repair="20 d")
    less = made(run(world), "sep_aaa") - made(run(world, lever), "sep_aaa")
    # What is in process on day 100 comes out until day 114; what was not started is missing from then on.
    assert less["2025-04":"2025-05"].sum() == pytest.approx(200.0, abs=40.0)  # type: ignore[misc]
    assert less.sum() == pytest.approx(0.0, abs=1.0)


def test_a_hazard_counts_in_the_central_run_with_its_expected_availability() -> None:
    # Half a failure a year, repaired in 73 days: 1 / (1 + 0.5 x 73 / 365) = 1 / 1.1 of the time.
    lever = outage(stage="mine", hazard="0.5 a year", repair="73 d", starts=on(0))
    dug = made(run(line_world(), lever), "mine_aaa")
    calm = made(run(line_world()), "mine_aaa")
    assert dug["2025-06"] / calm["2025-06"] == pytest.approx(1 / 1.1)


def test_a_site_runs_in_random_replications_as_much_of_the_time_as_expected() -> None:
    # 12 failures a year, repaired in 5 to 25 days with a mean of 15: 1 / (1 + 12 x 15 / 365) = 67 %.
    # Failures fall on whole days, half a day late on average, hence a little more.
    lever = outage(
        stage="mine", hazard="12 a year", repair={"low": "5 d", "likely": "15 d", "high": "25 d"},
        starts=on(-2000),
    )  # fmt: skip
    parts = []
    for replication in range(1, 41):
        simulation = put_together(
            line_world(), [lever], Calendar(STARTS, ENDS), 7.0, provenance=False,
            replication=replication,
        )  # fmt: skip
        (column,) = simulation.columns
        column.phases.schedule()
        regime, days = column.regime, []
        for week in range(104):
            stretches = regime.look(0.5 + 7 * week)
            days.append(sum(s.part * s.allowed.capacity[0] for s in stretches))
        parts.append(np.mean(days))
    assert np.mean(parts) == pytest.approx(1 / (1 + 12 * 15 / 365), abs=0.03)
    assert len(set(parts)) == len(parts)


def test_sites_fail_each_by_itself() -> None:
    lever = outage(stage="mine", hazard="6 a year", repair="30 d", starts=on(0))
    world = line_world(second=True)
    dug = run(world, lever, replication=3).production
    dug = dug[dug["stage"] == "mine"]
    by_month = dug.groupby(["month", "site"], observed=True)["output_t"].sum().unstack()
    part = by_month / by_month.max()
    assert (part["mine_aaa"] - part["mine_bbb"]).abs().max() > 0.3
    # A second world in which only one of them fails draws the same for it.
    alone = outage(site="mine_bbb", hazard="6 a year", repair="30 d", starts=on(0))
    again = run(world, alone, replication=3).production
    again = again[again["site"] == "mine_bbb"].groupby("month", observed=True)["output_t"].sum()
    assert again.to_numpy() == pytest.approx(by_month["mine_bbb"].to_numpy())


@pytest.mark.parametrize(
    ("drawn", "days"), [(0.0, 10.0), (1.0, 50.0), (0.25, 20.0), (0.5, 50.0 - 600**0.5)]
)
def test_a_repair_is_drawn_from_the_triangle_that_was_written(drawn: float, days: float) -> None:
    # low 10, likely 20, high 50: a quarter of the area lies below 20; the median is 50 - sqrt(0.5 x 40 x 30).
    assert triangular(drawn, 10.0, 20.0, 50.0) == pytest.approx(days)


def test_an_outage_of_everything_stops_everything() -> None:
    lever = outage(country="AAA", repair="200 d", **{"from": on(0)})
    records = run(line_world(), lever)
    for stage in ("mine", "separation"):
        rows = records.production[records.production["stage"] == stage]
        monthly = rows.groupby("month", observed=True)["output_t"].sum()
        assert monthly.get("2025-04", 0.0) == pytest.approx(0.0, abs=1e-9)
