"""Measures worked out by hand from a few rows of records, in an invented world of three elements."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.engine.calendar import Calendar
from sim.engine.panel import Panel
from sim.engine.records import BY_MONTH, Records
from sim.figures.as_written import as_written
from sim.run_folder import run_folder
from sim.summary import OF_SUMMARY, Summary, summarise
from sim.summary.cause import limits_of_use, main_limit
from sim.summary.long import COLUMNS
from sim.summary.summarise import first_restriction_day
from sim.world import load_pack

WORLD = load_pack(str(Path(__file__).parents[1] / "packs" / "toy_mineral"))
STARTS, ENDS = date(2020, 12, 1), date(2021, 2, 1)
"""Two months of 31 days in two years."""
REVIEW_DAYS = np.arange(0.5, 350.0, 7.0)
IN_FORCE = 10.0

COLUMNS_OF: Mapping[str, str] = {
    "use": "month sector region product demand_t consumed_t delivered_t redesigned_t",
    "production": "month site country region stage form product element output_t",
    "shipments": "month seller buyer form product seller_country seller_region buyer_country "
    "buyer_region corridor dispatched_t arrived_t in_transit_t held_t",
    "stocks": "month place country region stage form product stock_t unsold_t cover_days",
    "limits": "month place region country stage product limited_by kind t",
    "licences": "lever exporter user node region group filed_day decided_day outcome "
    "valid_until_day renewal",
    "licences_pending": "month lever cases waiting_days held_t planned_t licensed_t",
    "corridors": "month corridor detoured_t extra_days stayed_t held_t went_on_t waited_days",
    "levers": "lever heading kind phase day date",
    "provenance": "month region element mine_country separation_country touched t",
    "balance": "element mined_t recycled_t opening_t closing_t consumed_t lost_t residual_t",
    "rules": "month rule t",
    "idle": "month form product reason t",
    "substitutes": "month seller sector region product came t",
    "swaps": "month site country region product ingredient t",
}
USE = [
    ("2020-12", "drives", "BBB", "coil_hot", 10.0, 10.0, 9.0),
    ("2021-01", "drives", "BBB", "coil_hot", 10.0, 4.0, 2.0),
    ("2020-12", "gadgets", "BBB", "coil_plain", 20.0, 20.0, 20.0),
    ("2021-01", "gadgets", "BBB", "coil_plain", 20.0, 20.0, 20.0),
]
FULL_USE = [(*row[:4], row[4], row[4], row[4]) for row in USE]
BAN = [("ban", "restrictions", "export_ban", "in_force", IN_FORCE, "2020-12-11")]


MONTHS = Calendar(STARTS, ENDS).months()


def table(name: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS_OF[name].split())


def panel(name: str, rows: list[tuple[Any, ...]]) -> Panel:
    """The rows as arrays; items are numbered as they are met."""
    columns = COLUMNS_OF[name].split()[1:]
    texts = [c for c in columns if c not in ("t", "cover_days") and not c.endswith("_t")]
    items = {row[1 : 1 + len(texts)]: None for row in rows}
    values = {column: np.zeros((len(MONTHS), len(items))) for column in columns[len(texts) :]}
    present = np.zeros((len(MONTHS), len(items)), dtype=np.bool_)
    for row in rows:
        at = MONTHS.index(row[0]), list(items).index(row[1 : 1 + len(texts)])
        present[at] = True
        # Numbers that a row leaves out are nothing: few tests are about what was redesigned.
        for value, its in zip(values.values(), row[1 + len(texts) :], strict=False):
            value[at] = its
    of_items = {column: [key[i] for key in items] for i, column in enumerate(texts)}
    return Panel.of(MONTHS, of_items, values, present)


def records(short: np.ndarray | None = None, **rows: list[tuple[Any, ...]]) -> Records:
    """What a run left behind; `short` is the part of demand missing at each review of the first use line."""
    tables: dict[str, Any] = {}
    for name in COLUMNS_OF:
        if name in BY_MONTH:
            tables[f"{name}_by_month"] = panel(name, rows.get(name, []))
        else:
            tables[name] = table(name, rows.get(name, []))
    demand = np.ones((len(REVIEW_DAYS), tables["use_by_month"].items))
    consumed = demand.copy()
    if short is not None:
        consumed[:, 0] -= short
    return Records(
        **tables, review_day=REVIEW_DAYS, review_demand_t=demand, review_consumed_t=consumed,
        warnings=(),
    )  # fmt: skip


def short_between(*spans: tuple[float, float]) -> np.ndarray:
    """Half of demand missing at the reviews inside the spans."""
    inside = np.zeros(len(REVIEW_DAYS))
    for first, last in spans:
        inside[(first <= REVIEW_DAYS) & (last >= REVIEW_DAYS)] = 0.5
    return inside


def summary_of(scenario: Records, reference: Records | None = None) -> Summary:
    return summarise(
        scenario, scenario if reference is None else reference, WORLD,
        starts=STARTS, ends=ENDS, exporters=["AAA"],
    )  # fmt: skip


def value(table: pd.DataFrame, metric: str, **where: str) -> float:
    """The one value under these keys; not a number where there is no row."""
    chosen = table[table["metric"] == metric]
    for column, key in {"run": "scenario", "period": "all", **where}.items():
        chosen = chosen[chosen[column] == key]
    assert len(chosen) <= 1, chosen
    return float(chosen["value"].iloc[0]) if len(chosen) else float("nan")


HOT = {"material": "coil_hot", "sector": "drives", "region": "BBB"}


# ---- service


def test_shortfall_is_demand_less_consumption_by_year_and_over_the_run() -> None:
    table = summary_of(records(use=USE, levers=BAN)).summary
    assert value(table, "shortfall", **HOT) == pytest.approx(6.0)
    assert value(table, "shortfall", **HOT, period="2020") == 0.0
    assert value(table, "shortfall", **HOT, period="2021") == pytest.approx(6.0)
    assert value(table, "demand", **HOT) == pytest.approx(20.0)
    assert value(table, "delivered", **HOT) == pytest.approx(11.0)


def test_fill_rate_peak_and_duration() -> None:
    table = summary_of(records(use=USE, levers=BAN)).summary
    assert value(table, "fill_rate", **HOT) == pytest.approx(14 / 20)
    assert value(table, "peak_shortfall", **HOT) == pytest.approx(60.0)
    assert value(table, "duration", **HOT) == 1.0


def test_embodied_shortfall_is_product_shortfall_times_the_recipe() -> None:
    table = summary_of(records(use=USE, levers=BAN)).summary
    shares = {"Mav": 0.1, "Pel": 0.3, "Zor": 0.6}
    for element, share in shares.items():
        where = {"material": element, "sector": "drives", "region": "BBB"}
        assert value(table, "embodied_shortfall", **where) == pytest.approx(6 * share)


def test_value_at_risk_is_the_missing_oxide_at_the_packs_price() -> None:
    table = summary_of(records(use=USE, levers=BAN)).summary
    # 6 t x 0.1 = 0.6 t of mavium at 300 USD/kg = 180,000 USD
    where = {"material": "Mav", "sector": "drives", "region": "BBB"}
    assert value(table, "value_at_risk", **where) == pytest.approx(0.18)


def test_a_month_without_a_shortfall_has_no_row_of_it() -> None:
    monthly = summary_of(records(use=USE, levers=BAN)).monthly
    short = monthly[monthly["metric"] == "shortfall"]
    assert set(short["period"]) == {"2021-01"}


# ---- time to survive and to recover


@pytest.mark.parametrize(
    ("spans", "survive", "recover"),
    [
        ((), np.nan, 0.0),  # never short: nothing to recover from
        (((42.5, 77.5),), 32.5, 74.5),  # short from day 42.5; well again at 84.5
        (((42.5, 77.5), (98.5, 98.5)), 32.5, 95.5),  # well for two weeks only: not yet recovered
        (((42.5, 77.5), (301.0, 330.0)), 32.5, 74.5),  # a second dip after more than 90 good days
        (((42.5, 400.0),), 32.5, np.nan),  # never again in this run
        (((42.5, 300.0),), 32.5, np.nan),  # fewer than 90 days are left to see it stay
        (((0.5, 3.5),), np.nan, 0.0),  # short before the restriction, not because of it
    ],
)
def test_survival_and_recovery_count_from_the_first_day_of_the_restriction(
    spans: tuple[tuple[float, float], ...], survive: float, recover: float
) -> None:
    table = summary_of(records(short_between(*spans), use=USE, levers=BAN)).summary
    assert value(table, "time_to_survive", **HOT) == pytest.approx(survive, nan_ok=True)
    assert value(table, "time_to_recover", **HOT) == pytest.approx(recover, nan_ok=True)


def test_five_percent_missing_is_not_short_yet() -> None:
    at, above = (short_between((42.5, 60.0)) * part for part in (0.1, 0.102))
    assert np.isnan(
        value(summary_of(records(at, use=USE, levers=BAN)).summary, "first_short", **HOT)
    )
    table = summary_of(records(above, use=USE, levers=BAN)).summary
    assert value(table, "first_short", **HOT) == 42.5


def test_without_a_restriction_there_is_no_day_to_count_from() -> None:
    table = summary_of(records(short_between((42.5, 60.0)), use=USE)).summary
    assert value(table, "first_short", **HOT) == 42.5
    assert np.isnan(value(table, "time_to_survive", **HOT))
    assert np.isnan(value(table, "time_to_recover", **HOT))


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        ([], None),
        ([("announced", 5.0), ("in_force", 20.0)], 20.0),
        ([("announced", 5.0)], None),
        ([("in_force", -300.0)], 0.0),  # already in force when the scenario starts
        ([("in_force", -300.0), ("ended", -100.0)], None),  # over before it starts
        ([("in_force", -300.0), ("paused", -100.0), ("resumed", 40.0)], 40.0),
        ([("in_force", -300.0), ("eased", -100.0)], 0.0),
        ([("in_force", -300.0), ("announced", -20.0)], 0.0),
    ],
)
def test_the_first_day_a_restriction_is_in_force(
    phases: list[tuple[str, float]], expected: float | None
) -> None:
    rows = [("ban", "restrictions", "export_ban", phase, day, "") for phase, day in phases]
    plant = (
        "plant",
        "measures",
        "capacity_ramp_up",
        "in_force",
        1.0,
        "",
    )  # a measure is no restriction
    assert first_restriction_day(records(use=USE, levers=[plant, *rows])) == expected


def test_recovery_from_a_ban_is_not_counted_from_a_closure_of_years_before() -> None:
    closure = ("sea", "shocks", "corridor_closure", "in_force", 10.0, "")
    ban = ("ban", "restrictions", "export_ban", "in_force", 700.0, "")
    assert first_restriction_day(records(use=USE, levers=[closure])) == 10.0
    assert first_restriction_day(records(use=USE, levers=[closure, ban])) == 700.0
    # A ban that meets no trade starts no clock.
    both = records(use=USE, levers=[closure, ban])
    assert first_restriction_day(both, idle={"ban"}) == 10.0


# ---- flows and stocks


def lane(seller: str, buyer: str, product: str, t: float, **cells: Any) -> tuple[Any, ...]:
    sites, nodes = WORLD.sites, {d.node: d.region for d in WORLD.demand}
    buys = sites.get(buyer)
    row = {
        "month": "2020-12", "seller": seller, "buyer": buyer, "form": "x", "product": product,
        "seller_country": sites[seller].country, "seller_region": sites[seller].region,
        "buyer_country": buys.country if buys else "",
        "buyer_region": buys.region if buys else nodes[buyer], "corridor": "",
        "dispatched_t": t, "arrived_t": t, "in_transit_t": 0.0, "held_t": 0.0, **cells,
    }  # fmt: skip
    return tuple(row[column] for column in COLUMNS_OF["shipments"].split())


def test_exports_and_imports_cross_a_border() -> None:
    lanes = [
        lane("coil_a", "use_drives_bbb", "coil_hot", 5.0),
        lane("coil_a", "use_drives_aaa", "coil_hot", 7.0),  # stays at home
        # Delania lies in the region of Ceria; whether a user there is abroad is not known.
        lane("coil_a", "use_drives_ccc", "coil_hot", 3.0, seller_country="DDD", seller_region="CCC"),
        lane("sep_a", "coil_b", "Mav", 2.0),
    ]  # fmt: skip
    table = summary_of(records(use=USE, shipments=lanes)).summary
    assert value(table, "exports", material="coil_hot", country="AAA") == pytest.approx(5.0)
    assert np.isnan(value(table, "exports", material="coil_hot", country="DDD"))
    assert value(table, "imports", material="coil_hot", region="BBB") == pytest.approx(5.0)
    assert np.isnan(value(table, "imports", material="coil_hot", region="AAA"))
    assert value(table, "exports", material="Mav", stage="separation") == pytest.approx(2.0)


def test_stocks_are_averages_by_days_and_a_month_without_a_row_counts_as_zero() -> None:
    stocks = [
        ("2020-12", "use_drives_bbb", "", "BBB", "use", "coil", "coil_hot", 5.0, 0.0, 15.5),
        ("2020-12", "coil_b", "BBB", "BBB", "winding", "coil", "coil_hot", 8.0, 3.0, np.nan),
        ("2020-12", "heap", "", "", "pile", "residue", "", 900.0, 0.0, np.nan),
    ]
    run = summary_of(records(use=USE, stocks=stocks))
    assert value(run.summary, "stock", **HOT, stage="use") == pytest.approx(5 * 31 / 62)
    assert value(run.summary, "stock", **HOT, stage="use", period="2020") == pytest.approx(5.0)
    assert value(run.summary, "unsold", stage="winding") == pytest.approx(3 * 31 / 62)
    # cover: 5 t for 31 days against 10 t of demand a month
    assert value(run.monthly, "cover", material="coil_hot", period="2020-12") == pytest.approx(15.5)
    assert value(run.monthly, "cover", material="coil_hot", period="2021-01") == 0.0
    assert value(run.summary, "cover", **HOT) == pytest.approx(5 * 31 / 20)
    assert "" not in set(run.summary.loc[run.summary["metric"] == "stock", "stage"])
    assert not (run.summary["stage"] == "pile").any()


def test_goods_on_the_way_stand_at_the_stage_they_left_and_the_sector_they_go_to() -> None:
    lanes = [lane("coil_a", "use_drives_bbb", "coil_hot", 0.0, in_transit_t=6.2, held_t=3.1)]
    table = summary_of(records(use=USE, shipments=lanes)).summary
    where = {**HOT, "stage": "winding"}
    assert value(table, "in_transit", **where) == pytest.approx(3.1)
    assert value(table, "held_at_border", **where, country="AAA") == pytest.approx(1.55)


def test_production_leaves_by_products_out_and_concentration_follows_it() -> None:
    made = [
        ("2020-12", "sep_a", "AAA", "AAA", "separation", "oxide", "Mav", "Mav", 3.0),
        ("2020-12", "sep_b", "BBB", "BBB", "separation", "oxide", "Pel", "Pel", 1.0),
        ("2020-12", "sep_a", "AAA", "AAA", "separation", WORLD.mixed_form, "", "Mav", 50.0),
        ("2020-12", "coil_a", "AAA", "AAA", "winding", WORLD.scrap_form, "", "Mav", 50.0),
    ]
    table = summary_of(records(use=USE, production=made)).summary
    assert value(table, "production", material="Mav", country="AAA") == pytest.approx(3.0)
    assert not ((table["metric"] == "production") & (table["stage"] == "winding")).any()
    assert value(table, "hhi", stage="separation", material="") == pytest.approx(0.75**2 + 0.25**2)
    assert value(table, "hhi", stage="separation", material="Mav") == 1.0
    # 4 t less the 3 t of AAA, over 60 t of demand of which AAA has none
    assert value(table, "n1_cover", stage="separation") == pytest.approx(1 / 60)


# ---- origin


def test_origin_by_mine_by_separation_and_by_any_step() -> None:
    traced = [
        ("2020-12", "CCC", "Mav", "BBB", "AAA", "AAA", 2.0),
        ("2020-12", "CCC", "Mav", "BBB", "BBB", "", 1.0),
        ("2021-01", "CCC", "Mav", "AAA", "AAA", "AAA,BBB", 4.0),
    ]
    table = summary_of(records(use=USE, provenance=traced)).summary
    got = {
        (metric, country): value(table, metric, material="Mav", region="CCC", country=country)
        for metric in ("supply_by_origin", "supply_by_last_processing", "supply_touched")
        for country in ("AAA", "BBB")
    }
    assert got == {
        ("supply_by_origin", "AAA"): 4.0,
        ("supply_by_origin", "BBB"): 3.0,
        ("supply_by_last_processing", "AAA"): 6.0,
        ("supply_by_last_processing", "BBB"): 1.0,
        ("supply_touched", "AAA"): 6.0,
        ("supply_touched", "BBB"): 4.0,
    }


# ---- cause, the worst, the headline


def limit(place: str, product: str, by: str, kind: str, t: float) -> tuple[Any, ...]:
    return ("2020-12", place, "", "", "", product, by, kind, t)


def test_the_cause_is_what_stopped_most_at_the_border_or_at_the_suppliers() -> None:
    lanes = [
        lane("coil_a", "use_drives_bbb", "coil_hot", 1.0),
        lane("coil_a", "use_drives_ccc", "coil_hot", 3.0),
    ]
    limits = [
        limit("coil_a", "coil_hot", "Mav", "ingredient", 8.0),  # a quarter of it, 2 t, is BBB's
        limit("use_drives_bbb", "coil_hot", "ban", "border", 2.5),
        limit("use_drives_ccc", "coil_hot", "ban", "border", 2.5),
    ]
    found = limits_of_use(records(use=USE, shipments=lanes, limits=limits))
    assert found["use_drives_bbb", "coil_hot"] == {"ban": 2.5, "Mav": pytest.approx(2.0)}
    assert list(found["use_drives_bbb", "coil_hot"]) == ["ban", "Mav"]
    assert main_limit(found, "use_drives_ccc", "coil_hot") == "Mav"


def test_the_worst_come_first_with_dates_and_cause() -> None:
    use = [
        *USE,
        ("2021-01", "drives", "CCC", "coil_hot", 9.0, 2.0, 2.0),
        ("2021-01", "drives", "AAA", "coil_hot", 9.0, 9.0, 9.0),
    ]
    limits = [limit("use_drives_bbb", "coil_hot", "ban", "border", 2.5)]
    run = summary_of(
        records(short_between((42.5, 77.5)), use=use, levers=BAN, limits=limits),
        records(use=[(*r[:4], r[4], r[4], r[4]) for r in use]),
    )
    worst = run.worst.set_index("region")
    assert list(run.worst["region"]) == ["CCC", "BBB"]  # nobody who lacks nothing
    assert list(run.worst["shortfall_t"]) == pytest.approx([7.0, 6.0])
    assert worst.loc["BBB", "first_short"] == "2021-01-12"  # day 42 after 1 December
    assert worst.loc["BBB", "recover_days"] == pytest.approx(74.5)
    assert worst.loc["BBB", "limited_by"] == "ban"


def test_what_levers_cause_and_what_they_relieve_is_counted_apart_and_never_netted() -> None:
    # The reference lacks 1 t of the 6 t in the drives of BBB, and 3 t that the scenario has in its gadgets.
    anyway = [USE[0], (*USE[1][:5], 9.0, 9.0), USE[2], (*USE[3][:5], 17.0, 17.0)]
    run = summary_of(records(use=USE, levers=BAN), records(use=anyway))
    headline = {each["id"]: each for each in run.headline}
    numbers = {
        key: headline[f"shortfall_{key}"]["value"]
        for key in ("total", "reference", "caused", "relieved")
    }
    assert numbers == pytest.approx(
        {"total": 6.0, "reference": 4.0, "caused": 5.0, "relieved": 3.0}
    )
    table, gadgets = run.summary, {**HOT, "material": "coil_plain", "sector": "gadgets"}
    for period in ("2021", "all"):
        assert value(table, "caused", **HOT, period=period) == pytest.approx(5.0)
        assert value(table, "relieved", **gadgets, period=period) == pytest.approx(3.0)
    assert value(table, "peak_caused", **HOT) == pytest.approx(50.0)
    # A row that has nothing of one of them is left out, and sums over rows are those of the world.
    assert table.loc[table["metric"] == "caused", "value"].tolist() == pytest.approx([5.0, 5.0])
    assert value(table, "embodied_caused", **{**HOT, "material": "Zor"}) == pytest.approx(3.0)
    worst = run.worst.set_index("material")
    assert worst.loc["coil_hot", "caused_t"] == pytest.approx(5.0)
    assert headline["worst_shortfall"]["material"] == "coil_hot"
    assert all(each["low"] is None and each["high"] is None for each in run.headline)


def test_what_the_reference_lacks_has_a_table_with_its_first_month() -> None:
    anyway = [USE[0], (*USE[1][:5], 9.0, 9.0), USE[2], (*USE[3][:5], 19.95, 19.95)]
    table = summary_of(records(use=FULL_USE, levers=BAN), records(use=anyway)).reference
    found = table.set_index("material")[["shortfall_t", "first_month"]].T.to_dict()
    # 0.25 % of a month's demand is not worth a word.
    assert found["coil_hot"] == {"shortfall_t": pytest.approx(1.0), "first_month": "2021-01"}
    assert found["coil_plain"]["first_month"] == ""


def test_a_look_at_the_days_before_the_run_sets_no_first_date_unless_a_restriction_held() -> None:
    short = short_between((0.0, 1.0), (40.0, 50.0))
    held = [("ban", "restrictions", "export_ban", "in_force", -30.0, "2020-11-01")]
    for levers, first in ((BAN, 42.5), (held, 0.5)):
        run = summary_of(records(short, use=USE, levers=levers), records(use=FULL_USE))
        assert value(run.summary, "first_caused", **HOT) == first


def test_a_gap_that_is_there_without_levers_too_is_no_day_of_the_restriction() -> None:
    # 20 % lack from day 42 on without levers; with them half, from day 70 on.
    anyway, early = short_between((42.5, 350.0)) * 0.4, short_between((42.5, 66.0)) * 0.4
    run = summary_of(
        records(early + short_between((70.0, 140.0)), use=USE, levers=BAN), records(anyway, use=USE)
    )
    assert value(run.summary, "first_short", **HOT) == 42.5
    assert value(run.summary, "first_caused", **HOT) == 70.5
    assert value(run.summary, "time_to_survive", **HOT) == 60.5
    assert value(run.summary, "time_to_recover", **HOT) == pytest.approx(140.5 - IN_FORCE)


def test_a_scenario_without_levers_is_its_own_reference() -> None:
    run = summary_of(records(use=USE))
    headline = {each["id"]: each["value"] for each in run.headline}
    assert headline["shortfall_total"] == pytest.approx(6.0)
    assert headline["shortfall_caused"] == headline["shortfall_relieved"] == 0.0
    assert run.reference["shortfall_t"].tolist() == pytest.approx([6.0])
    own = run.summary[run.summary["run"] == "reference"]
    assert value(own, "shortfall", **HOT, run="reference") == pytest.approx(6.0)


def test_nothing_missing_leaves_no_worst_and_no_cause() -> None:
    run = summary_of(records(use=FULL_USE, levers=BAN))
    assert run.worst.empty
    assert not [each for each in run.headline if each["id"].startswith("worst")]


# ---- the tables themselves


def test_long_tables_have_their_columns_no_empty_values_and_no_row_twice() -> None:
    run = summary_of(records(use=USE, levers=BAN), records(use=FULL_USE))
    for long in (run.summary, run.monthly):
        assert tuple(long.columns) == COLUMNS
        assert long["value"].notna().all()
        assert not long.isna().any(axis=None)
        assert not long.duplicated([c for c in COLUMNS if c not in ("value", "unit")]).any()
        assert set(long["statistic"]) == {"central"}
        assert set(long["run"]) == {"scenario", "reference"}
    assert run.summary["period"].isin(["2020", "2021", "all"]).all()
    assert run.monthly["period"].isin(["2020-12", "2021-01"]).all()
    assert run.summary["stage"].isin([*WORLD.stages, "use"]).all()


def test_reading_the_folder_gives_the_tables_that_were_in_memory(tmp_path: Path) -> None:
    """To the last bit and with the same types, so that figures from either are the same bytes."""
    odd = [
        ("2020-12", "drives", "BBB", "NA", 1 / 3, 2 / 7, 1e-7),
        ("2021-01", "drives", "BBB", "nan", 1e9 / 3, 0.1, 0.2),
    ]
    traced = [("2021-01", "CCC", "Mav", "", "AAA", "AAA", 2e-8 / 3)]
    run = summary_of(
        records(use=[*USE, *odd], levers=BAN, provenance=traced, shipments=[
            lane("coil_a", "use_drives_bbb", "coil_hot", 5 / 3, in_transit_t=6.2)
        ]),
        records(use=FULL_USE),
    )  # fmt: skip
    run_folder.write_tables(tmp_path, run, {})
    for name in OF_SUMMARY:
        read, held = run_folder.table(tmp_path, name), run.table(name)
        if name in (
            "weekly",
            "exports_monthly",
        ):  # categories in memory, which nobody asks for again
            held = as_written(held)
        pd.testing.assert_frame_equal(read, held, check_exact=True)
        if name in ("summary", "monthly"):
            texts = [column for column in COLUMNS if column != "value"]
            assert all(held[column].dtype == "category" for column in texts)
            assert all(held[c].cat.categories.equals(read[c].cat.categories) for c in texts)
    assert {"NA", "nan"} <= set(run_folder.table(tmp_path, "summary")["material"])


def test_monthly_leaves_out_what_years_have_or_other_rows_give() -> None:
    traced = [
        ("2020-12", "AAA", "Mav", "BBB", "AAA", "AAA", 2.0),
        ("2020-12", "BBB", "Mav", "BBB", "AAA", "AAA", 3.0),
        ("2020-12", "CCC", "Mav", "BBB", "AAA", "AAA", 4.0),
    ]
    stocks = [("2020-12", "coil_b", "BBB", "BBB", "winding", "coil", "coil_hot", 8.0, 3.0, np.nan)]
    lanes = [lane("coil_a", "use_drives_bbb", "coil_hot", 5.0, in_transit_t=6.2)]
    limits = [
        limit("coil_a", "coil_hot", "Mav", "ingredient", 8.0),
        limit("coil_b", "coil_hot", "Mav", "ingredient", 1.0),
    ]
    given = records(
        use=USE, levers=BAN, provenance=traced, stocks=stocks, shipments=lanes, limits=limits
    )
    run = summary_of(given, records(use=FULL_USE))
    for_years_only = {"consumed", "unsold", "in_transit", "fill_rate"}
    assert for_years_only <= set(run.summary["metric"])
    assert not for_years_only & set(run.monthly["metric"])
    monthly = run.monthly.astype({"region": str, "sector": str})
    # What those received who count is one sum, and what others did: in BBB hot coils are missing.
    origin = monthly[monthly["metric"] == "supply_by_origin"].set_index("region")["value"]
    assert origin.to_dict() == {"counted": 3.0, "elsewhere": 6.0}
    processing = monthly[monthly["metric"] == "supply_by_last_processing"]
    assert set(processing["region"]) == {"counted", "elsewhere"}
    assert set(monthly.loc[monthly["metric"] == "delivered", "sector"]) == {"all"}
    assert monthly.loc[monthly["metric"] == "limited_by", "value"].tolist() == [9.0]
    assert set(run.summary.loc[run.summary["metric"] == "limited_by", "sector"]) == {
        "coil_a",
        "coil_b",
    }
    short = monthly[monthly["metric"] == "embodied_shortfall"]
    assert set(short["period"]) == {"2021-01"}
    assert set(short["run"]) == {"scenario"}
    calm = summarise(given, given, WORLD, starts=STARTS, ends=ENDS).monthly
    assert set(calm.loc[calm["metric"] == "supply_by_origin", "region"]) == {"counted"}


def test_the_order_of_the_records_changes_nothing() -> None:
    lanes = [
        lane("coil_a", "use_drives_bbb", "coil_hot", 5.0, in_transit_t=6.2),
        lane("sep_a", "coil_b", "Mav", 2.0, month="2021-01"),
        lane("coil_a", "use_drives_ccc", "coil_hot", 3.0),
    ]
    plain = records(use=USE, shipments=lanes, levers=BAN)
    shuffled = records(use=USE[::-1], shipments=lanes[::-1], levers=BAN)
    one, two = summary_of(plain), summary_of(shuffled)
    pd.testing.assert_frame_equal(one.summary, two.summary)
    pd.testing.assert_frame_equal(one.monthly, two.monthly)
    assert one.headline == two.headline


# ---- chain


def test_the_chain_splits_blends_by_what_was_made_and_by_recipe_where_a_stockpile_sells() -> None:
    made = [
        ("2020-12", "mine_a", "AAA", "AAA", "mine", "ore", "", "Mav", 3.0),
        ("2020-12", "mine_a", "AAA", "AAA", "mine", "ore", "", "Pel", 1.0),
        ("2020-12", "coil_b", "BBB", "BBB", "winding", "coil", "coil_hot", "Zor", 4.0),
    ]
    moved = [
        ("2020-12", "mine_a", "sep_b", "ore", "", "AAA", "AAA", "BBB", "BBB", "", 8.0, 8.0, 0.0, 0.0),
        ("2021-01", "sep_b", "use_glazing_ccc", "powder", "Mav", "BBB", "BBB", "", "CCC", "", 2.0, 2.0,
         0.0, 0.0),
        ("2021-01", "coil_b", "use_drives_ccc", "coil", "coil_hot", "BBB", "BBB", "", "CCC", "", 5.0, 5.0,
         0.0, 0.0),
        ("2021-01", "reserve", "use_drives_ccc", "coil", "coil_hot", "", "CCC", "", "CCC", "", 10.0, 10.0,
         0.0, 0.0),
    ]  # fmt: skip
    held = [("2021-01", "reserve", "", "CCC", "stockpile", "coil", "coil_hot", 1.0, 0.0, 9.0)]
    chain = summary_of(records(use=USE, production=made, shipments=moved, stocks=held)).chain
    own = chain[chain["run"] == "scenario"]
    found = {
        (
            row.period,
            row.element,
            row.from_stage,
            row.from_country,
            row.to_stage,
            row.to_country,
        ): row.t
        for row in own.itertuples()
    }
    assert found == pytest.approx(
        {
            ("2020", "Mav", "mine", "AAA", "separation", "BBB"): 6.0,
            ("2020", "Pel", "mine", "AAA", "separation", "BBB"): 2.0,
            ("2021", "Mav", "separation", "BBB", "use", "CCC"): 2.0,
            ("2021", "Zor", "winding", "BBB", "use", "CCC"): 5.0,
            ("2021", "Mav", "stockpile", "CCC", "use", "CCC"): 1.0,
            ("2021", "Pel", "stockpile", "CCC", "use", "CCC"): 3.0,
            ("2021", "Zor", "stockpile", "CCC", "use", "CCC"): 6.0,
        }
    )
