"""Exports by month, beside which customs figures are laid, worked out by hand in small worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from sim.engine import Variant, outcome_of, simulate_all
from sim.levers import ExportBan
from sim.rules.behaviour import RIGID, Behaviour, Market, Piles
from sim.summary import Summary, before_from, summarise
from sim.world import World
from sim.world.world import Country
from tests.property.test_columns import QUICK
from tests.trade_world import trade_world
from tests.verification.test_behaviour import with_a_plant_that_nobody_buys_from
from tests.verification.test_naive_model import LEVERS
from tests.worlds import ENDS, STARTS, line_world, on

KEYS = ["exporter", "form", "product", "destination"]
ALL = {"form": "oxide", "product": "all", "destination": "all"}


def tables(
    world: World, levers: Sequence[Any] = (), *, restricted: date | None = None, starts: date = STARTS,
    ends: date = ENDS, behaviour: Behaviour = RIGID,
) -> Summary:  # fmt: skip
    """What a run folder holds of a scenario and its reference; the first restriction acts from a day on."""
    asked = before_from(restricted) if restricted else None
    outcomes = simulate_all(
        world, [Variant(levers), Variant()], starts=starts, ends=ends, behaviour=behaviour,
        sales_from=asked,
    )  # fmt: skip
    scenario, reference = map(outcome_of, outcomes)
    exporters = sorted({lever.exporter for lever in levers if lever.heading == "restrictions"})
    return summarise(
        scenario, reference, world, starts=starts, ends=ends, exporters=exporters,
        behaviour=behaviour, restricted=restricted,
    )  # fmt: skip


def banned(when: date, exporter: str = "AAA") -> ExportBan:
    return ExportBan.model_validate(
        {"id": "ban", "kind": "export_ban", "exporter": exporter, "starts": when}
    )


def chosen(table: pd.DataFrame, **where: str) -> pd.DataFrame:
    """The rows under these keys, by month."""
    for column, key in where.items():
        table = table[table[column] == key]
    assert table["month"].is_unique
    return table.set_index(table["month"].astype(str))


def test_what_leaves_before_a_ban_counts_by_days_and_nothing_after_it() -> None:
    # 10 t leave a day; the ban of 20 July (day 200), in the middle of a review, leaves 19 days of that month.
    table = tables(line_world(), [banned(on(200))], restricted=on(200)).exports_monthly
    oxide = chosen(table, **ALL)
    assert set(table["exporter"]) == {"AAA"}
    assert oxide.loc["2025-01", "t"] == pytest.approx(310.0)
    assert oxide.loc["2025-02", "t"] == pytest.approx(280.0)
    assert oxide.loc["2025-07", "t"] == pytest.approx(190.0)
    assert oxide.loc["2025-08":, "t"].tolist() == pytest.approx([0.0] * 17, abs=1e-9)
    assert oxide.loc["2025-08", "reference_t"] == pytest.approx(310.0)
    # April, May and June, the same in every month.
    assert oxide["mean_before_t"].tolist() == pytest.approx([910.0 / 3] * 24)
    assert (oxide["unit"] == "t").all()
    assert oxide["reo_t"].tolist() == oxide["t"].tolist()
    xa = chosen(table, form="oxide", product="Xa", destination="EEE")
    assert xa.loc["2025-07", "t"] == pytest.approx(114.0)  # 60 % of the ore


@pytest.mark.parametrize(
    ("starts", "restricted", "days"),
    [
        (STARTS, STARTS, 31 + 30 + 31),  # October to December, all of them warm-up
        (STARTS, on(45), 30 + 31 + 31),  # two months of the warm-up, one of the scenario
        (date(2025, 1, 15), date(2025, 2, 20), 30 + 31 + 31),  # January is in both
        (STARTS, date(2024, 3, 10), 31 + 31 + 29),  # in force when the scenario begins
    ],
)
def test_the_months_before_a_restriction_may_lie_in_the_warm_up(
    starts: date, restricted: date, days: int
) -> None:
    summary = tables(line_world(), [banned(restricted)], restricted=restricted, starts=starts)
    oxide = chosen(summary.exports_monthly, **ALL)
    assert oxide["mean_before_t"].tolist() == pytest.approx([10.0 * days / 3] * 24)


@pytest.mark.parametrize("restricted", [date(2015, 4, 4), ENDS + timedelta(days=200), None])
def test_months_that_were_not_simulated_have_no_mean(restricted: date | None) -> None:
    levers = [banned(restricted)] if restricted else []
    oxide = chosen(tables(line_world(), levers, restricted=restricted).exports_monthly, **ALL)
    assert len(oxide) == 24
    assert oxide["mean_before_t"].isna().all()


def test_without_a_restriction_it_is_the_country_that_exports_most() -> None:
    table = tables(line_world(second=True)).exports_monthly
    assert set(table["exporter"]) == {"AAA"}  # 6 of 10 t a day
    assert chosen(table, **ALL).loc["2025-01", "t"] == pytest.approx(186.0)


def test_a_world_in_which_nobody_exports_has_the_header_alone() -> None:
    world = line_world()
    regions = {**world.regions, "AAA": replace(world.regions["AAA"], id="EEE")}
    countries = {**world.countries, "AAA": replace(world.countries["AAA"], region="EEE")}
    sites = {id: replace(site, region="EEE") for id, site in world.sites.items()}
    home = replace(world, regions=regions, countries=countries, sites=sites)
    table = tables(home).exports_monthly
    assert table.empty
    assert list(table) == [
        "month", *KEYS, "unit", "t", "reference_t", "mean_before_t", "reo_t",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def busy() -> Summary:
    """Two countries restrict, goods wait at borders, and some fly."""
    quota = LEVERS["quota"].model_copy(update={"id": "second", "exporter": "BBB"})
    return tables(
        trade_world(), [LEVERS["licence"], quota, LEVERS["closure that holds"]], restricted=on(-110),
        ends=on(300), behaviour=QUICK,
    )  # fmt: skip


def test_destinations_and_products_add_up_to_the_rows_of_all(busy: Summary) -> None:
    table = busy.exports_monthly
    assert not table.duplicated(["month", *KEYS]).any()
    assert table.equals(table.sort_values(["month", *KEYS], kind="stable", ignore_index=True))
    numbers = ["t", "reference_t", "mean_before_t", "reo_t"]
    for column, others in (
        ("destination", ["month", "exporter", "form", "product"]),
        ("product", ["month", "exporter", "form", "destination"]),
    ):
        plain = table.astype(dict.fromkeys(["month", *KEYS], str))
        # Ore and other blends of no grade have no rows by product.
        plain = plain[plain["form"].isin(["oxide", "metal", "magnet"])]
        whole = plain[plain[column] == "all"].set_index(others)[numbers]
        parts = plain[plain[column] != "all"].groupby(others)[numbers].sum()
        assert len(whole) > 20
        pd.testing.assert_frame_equal(
            whole.sort_index(), parts.reindex(whole.sort_index().index), rtol=1e-9
        )


def test_finished_goods_are_weighed_as_customs_weigh_them(busy: Summary) -> None:
    magnets = busy.exports_monthly[busy.exports_monthly["form"] == "magnet"]
    assert len(magnets) > 20
    assert set(magnets["unit"]) == {"t gross"}
    # 0.36 t of oxides in a tonne of magnets.
    assert magnets["t"].tolist() == pytest.approx((magnets["reo_t"] / 0.36).tolist())
    oxide = busy.exports_monthly[busy.exports_monthly["form"] == "oxide"]
    assert set(oxide["unit"]) == {"t"}
    assert oxide["t"].tolist() == oxide["reo_t"].tolist()


def test_metal_is_weighed_as_the_element_and_no_sum_mixes_units() -> None:
    world = trade_world()
    shares = {"Xa": 0.8, "Xb": 0.9, "Hv": 0.7, "Fi": 0.6}
    elements = tuple(replace(e, element_share=shares[e.symbol]) for e in world.elements)
    table = tables(
        replace(world, elements=elements), [banned(on(400))], restricted=on(400)
    ).exports_monthly
    assert table.groupby("form")["unit"].nunique().max() == 1
    metal = table[(table["form"] == "metal") & (table["destination"] == "all")]
    single = metal[metal["product"] != "all"]
    assert set(single["product"]) > {"Xa", "Xb"}
    expected = single["reo_t"] * single["product"].astype(str).map(shares)
    assert single["t"].tolist() == pytest.approx(expected.tolist())
    # A grade of which the pack does not say what it weighs leaves its form in the basis.
    products = tuple(
        replace(p, reo_per_t_finished=None) if p.id == "hot" else p for p in world.products
    )
    table = tables(
        replace(world, products=products), [banned(on(400))], restricted=on(400)
    ).exports_monthly
    magnets = table[table["form"] == "magnet"]
    assert set(magnets["unit"]) == {"t"}
    assert magnets["t"].tolist() == magnets["reo_t"].tolist()


def test_over_the_run_it_is_what_the_summary_calls_exports(busy: Summary) -> None:
    table, summary = busy.exports_monthly, busy.summary
    whole = (summary["metric"] == "exports") & (summary["period"] == "all")
    said = summary[whole & (summary["run"] == "scenario")]
    every = table[(table["product"] == "all") & (table["destination"] == "all")]
    assert set(every["exporter"]) == {"AAA", "BBB"}
    for country, its in every.groupby("exporter", observed=True):
        exported = said.loc[said["country"] == country, "value"].sum()
        assert its["reo_t"].sum() == pytest.approx(exported, rel=1e-9)
        assert exported > 100
    anyway = summary[whole & (summary["run"] == "reference") & (summary["stage"] == "metal")]
    metal = every[every["form"] == "metal"]
    assert metal["reference_t"].sum() == pytest.approx(anyway["value"].sum(), rel=1e-9)


def test_what_was_sold_beside_the_contracts_counts_before_the_first_day_too() -> None:
    # Users in EEE buy all their Zc in AAA until it bans exports in the warm-up. They learn to buy what BBB
    # makes, 4 t a day, until that bans exports as well, on 20 March.
    world = with_a_plant_that_nobody_buys_from()
    world = replace(world, countries={**world.countries, "BBB": Country("BBB", "B", "BBB", True)})
    second = banned(date(2025, 3, 20), "BBB").model_copy(update={"id": "second"})
    summary = tables(
        world, [banned(on(-400)), second], restricted=second.starts,
        behaviour=Behaviour(piles=Piles(60.0), market=Market()),
    )  # fmt: skip
    zc = {"product": "Zc", "destination": "EEE"}
    oxide = chosen(summary.exports_monthly, exporter="BBB", form="oxide", **zc)
    assert oxide.loc["2025-01", "t"] == pytest.approx(31 * 4.0, rel=0.02)
    assert oxide.loc["2025-04":, "t"].tolist() == pytest.approx([0.0] * 21, abs=1e-9)
    assert oxide.loc["2025-01", "reference_t"] < 1.0
    # December is warm-up.
    assert oxide["mean_before_t"].iloc[0] == pytest.approx((31 + 31 + 28) * 4.0 / 3, rel=0.02)


def test_days_of_the_warm_up_count_each_in_its_month() -> None:
    # No exports on 29 and 30 November and on 1 December; a review sells for days of both months.
    stop = banned(date(2024, 11, 29)).model_copy(update={"ends": date(2024, 12, 2)})
    (outcome,) = simulate_all(
        line_world(), [Variant([stop])], starts=STARTS, ends=on(30), sales_from=date(2024, 10, 1)
    )
    before = outcome_of(outcome).shipments_before
    oxide = before[before["form"] == "oxide"].groupby("month", observed=True)["dispatched_t"].sum()
    assert oxide["2024-10"] == pytest.approx(310.0)
    assert oxide["2024-11"] == pytest.approx(280.0)
    assert oxide["2024-12"] == pytest.approx(330.0)  # with what was asked for again
