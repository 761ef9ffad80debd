"""What is fitted on gallium and germanium 2023-24: the rows used once each, the lines beside, the runs kept."""

from __future__ import annotations

import random
from datetime import date
from functools import cache
from math import log, log1p

import pandas as pd
import pytest

from benchmarks.precedents import naive, offices, outcome, page, tables
from benchmarks.precedents.__main__ import PAGE
from benchmarks.precedents.flows import FITTED, Seen, distance, mean_error, observed
from benchmarks.precedents.rule import Fitted, wave_days
from benchmarks.precedents.search import NEARLY, points
from benchmarks.precedents.worlds import PACK, between_grants_days, first_licence_days, world
from sim.engine import simulate
from sim.scenario import load
from sim.world import load_pack

METALS = (*FITTED, "antimony")
FROM_MEMORY = {"GK", "EST", "general_knowledge", "estimate"}


# ---- the rows


def test_no_row_is_of_a_period_after_march_2025_nor_was_public_later() -> None:
    for row in tables.rows():
        assert max(row.months) <= tables.LAST
        assert row.known_on[:7] <= tables.LAST


def test_no_row_is_from_memory_or_an_estimate_and_each_has_its_source() -> None:
    sources = tables.sources()
    assert {row.source for row in tables.rows()} == set(sources)
    assert not FROM_MEMORY & set(sources)
    assert all(x.publisher and x.title and x.year for x in sources.values())
    assert all(
        row.confidence in ("high", "medium")
        for row in tables.rows()
        if row.role in ("base", "outcome")
    )


@pytest.mark.parametrize("metal", METALS)
def test_no_month_is_scored_twice_or_both_base_and_outcome(metal: str) -> None:
    spans = [tables.base(metal), *tables.outcomes(metal)]
    months = [month for span in spans for month in span.months]
    assert len(months) == len(set(months))
    assert max(tables.base(metal).months) < min(tables.outcomes(metal)[0].months)


@pytest.mark.parametrize("metal", FITTED)
def test_the_outcomes_are_all_months_from_august_2023_and_the_year_2024_in_all(metal: str) -> None:
    spans = tables.outcomes(metal)
    months = [month for span in spans for month in span.months]
    assert months == list(tables.between("2023-08", "2024-12"))
    of_2024 = sum(span.amount for span in spans if span.months[0] >= "2024")
    assert of_2024 == tables.as_published(metal, "2024").amount


def test_what_sums_leave_is_as_the_sources_have_it() -> None:
    # 44,700 - (0 + 0 + 250 + 1,530 + 7,050); 69,440 and 29,389 less their months; 38,632 from September less.
    assert tables.base("gallium").amount == 35_870
    assert tables.base("germanium").amount == 24_620
    assert tables.base("antimony").amount == 29_380
    (gallium,) = (x for x in tables.outcomes("gallium") if len(x.months) > 1)
    assert (gallium.name, gallium.amount) == ("2024-09 to 2024-11", 20_730)
    (germanium,) = (x for x in tables.outcomes("germanium") if len(x.months) > 1)
    assert (germanium.name, germanium.amount) == ("2024-07 to 2024-11", 13_578)
    assert [len(observed(metal)) for metal in METALS] == [15, 13, 3]


def test_a_sum_is_not_taken_apart_by_months_that_it_does_not_hold() -> None:
    with pytest.raises(AssertionError):
        tables.rest("gallium", "2023", ["2023-12", "2024-01"])
    with pytest.raises(AssertionError):
        tables.rest("gallium", "2024", ["2024-01", "2024-01"])


# ---- lines and their errors


def test_nothing_is_log_two_from_as_before() -> None:
    assert distance(0.0, 1.0) == pytest.approx(log(2))
    assert distance(1.5, 1.5) == 0.0


def test_a_mean_of_months_is_one_observation() -> None:
    seen = Seen("gallium", ("2024-09", "2024-10", "2024-11"), "", 1.0)
    assert seen.error({"2024-09": 0.0, "2024-10": 1.0, "2024-11": 2.0}) == 0.0


def test_the_lines_say_what_their_names_say() -> None:
    # 45 working days from 1 August 2023: nine weeks to 3 October, and a few holidays.
    paths = {name: line["gallium"] for name, line in outcome.lines().items()}
    assert set(paths["no change"].values()) == {1.0}
    assert set(paths["nothing"].values()) == {0.0}
    half = paths["nothing for three months, then half"]
    assert [half[m] for m in ("2023-08", "2023-10", "2023-11", "2024-12")] == [0.0, 0.0, 0.5, 0.5]
    back = paths["all back after 45 working days"]
    assert back["2023-09"] == 0.0
    assert 0.7 < back["2023-10"] < 1.0
    assert back["2023-11"] == 1.0


def test_the_error_of_nothing_is_what_was_observed() -> None:
    flows = [seen.flow for metal in FITTED for seen in observed(metal)]
    assert mean_error(outcome.lines()["nothing"]) == pytest.approx(sum(map(log1p, flows)) / 28)


def test_no_common_path_is_better_than_the_best() -> None:
    # Where both metals are known month by month, any value between them costs |log(1 + a) - log(1 + b)|.
    best = naive.best_common_path()
    gallium, germanium = ({x.name: x.flow for x in observed(metal)} for metal in FITTED)
    for month in tables.between("2023-08", "2024-06"):
        between = sorted((gallium[month], germanium[month]))
        assert between[0] <= best[month] <= between[1]
    error, draw = mean_error(dict.fromkeys(FITTED, best)), random.Random(1)
    for _ in range(300):
        other = {month: max(0.0, flow + draw.gauss(0.0, 0.2)) for month, flow in best.items()}
        assert mean_error(dict.fromkeys(FITTED, other)) >= error
    for each in outcome.lines().values():
        if len({tuple(path.items()) for path in each.values()}) == 1:
            assert mean_error(each) >= error


# ---- the worlds


@pytest.mark.parametrize("metal", METALS)
def test_without_a_rule_as_much_leaves_as_before_it(metal: str) -> None:
    records = simulate(world(metal), (), starts=date(2023, 1, 1), ends=date(2024, 1, 1))
    oxide = records.shipments[records.shipments["form"] == "oxide"]
    a_year = tables.base(metal).a_month * 12 / (1000 if metal in FITTED else 1)
    assert oxide["dispatched_t"].sum() == pytest.approx(a_year, rel=1e-6)
    use = records.use
    assert use["consumed_t"].sum() == pytest.approx(use["demand_t"].sum())


def test_x_comes_out_near_what_is_meant_and_c_as_far_as_the_office_keeps_up() -> None:
    # The Chinese calendar and the wait of those who come by chance on the same days add about a week. 100 days
    # leave 51 of waiting, so the first wave takes 2 x 51 + 28 = 129 days, and so do the licences after it.
    within, beyond = points([Fitted(100.0, 0.4), Fitted(100.0, 1.4)], ("gallium",))
    assert 100 < within.first_days < 112
    assert within.cover == pytest.approx(0.4, abs=0.01)
    assert beyond.cover < 91.25 / 129 * 1.15
    assert wave_days(100.0, world("gallium")) == pytest.approx(2 * (100 - 42 / 0.85) + 28)


def test_days_to_a_first_licence_count_from_the_first_filing_but_anew_after_a_refusal() -> None:
    cases = pd.DataFrame(
        [
            (0, "a", 0.0, 40.0, "return"), (0, "a", 40.0, 70.0, "approve"), (0, "a", 100.0, 130.0, "approve"),
            (0, "b", 5.0, 35.0, "refuse"), (0, "b", 125.0, 165.0, "approve"),
            (1, "a", 0.0, 10.0, "approve"), (1, "a", 80.0, 110.0, "approve"), (1, "a", 150.0, 180.0, "approve"),
        ],
        columns=["draw", "user", "filed_day", "decided_day", "outcome"],
    )  # fmt: skip
    assert first_licence_days(cases) == pytest.approx((70 + 40 + 10) / 3)
    # Grants of draw 0 on days 70 and 130, of draw 1 on 10, 110 and 180; `b` has one.
    assert between_grants_days(cases) == pytest.approx((60 + 170) / 3)


# ---- the page and what is kept


def test_what_is_written_by_hand_stays() -> None:
    written = page.with_generated("# Heading\n\nBefore.\n", "old")
    moved = page.with_generated(f"{written}\nAfter.\n", "new")
    assert moved.startswith("# Heading\n\nBefore.\n")
    assert moved.endswith("\nAfter.\n")
    assert "new" in moved
    assert "old" not in moved


def test_the_page_has_the_rows_that_are_used_now() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert page.rows_used() in written
    assert written.index(page.BEGINS) < written.index(page.rows_used()) < written.index(page.ENDS)


def test_the_central_values_and_the_lines_come_out_as_they_are_kept() -> None:
    kept = outcome.stored()
    fitted = Fitted(kept["central first_days meant"], kept["central cover meant"])
    again = outcome.of_central(outcome.central(fitted)) | outcome.of_lines(
        outcome.lines(), outcome.antimony(fitted)
    )
    assert again == pytest.approx({name: kept[name] for name in again}, rel=1e-4)


def test_the_best_point_with_the_longest_licences_comes_out_as_it_is_kept() -> None:
    kept, name = outcome.stored(), "licences for 6 months"
    meant = Fitted(kept[f"{name}: best first_days meant"], kept[f"{name}: best cover meant"])
    (best,) = points([meant], assumed=offices.assumed(offices.offices()[name]))
    again = {f"{name}: {what}": value for what, value in outcome.of_best(best).items()}
    assert again == pytest.approx({name: kept[name] for name in again}, rel=1e-4)


def test_the_other_offices_are_the_ends_that_the_pack_gives_one_at_a_time() -> None:
    own, others = load_pack(PACK).licence_office, offices.offices()
    months = [x.tonnage_days / own.tonnage_days * 3 for x in others.values()]
    assert months == pytest.approx([1, 2, 6, 3, 3])
    assert [x.mean_review_days for x in others.values()] == [42, 42, 42, 28, 60]
    assert all(f"{name}: error: best" in outcome.stored() for name in others)


def test_the_central_values_are_the_middle_of_what_fits_nearly_as_well() -> None:
    kept = outcome.stored()
    for name, central in (("first_days", "central first_days"), ("cover", "central cover meant")):
        low, high = kept[f"{name} low"], kept[f"{name} high"]
        assert low <= kept[f"best {name}"] <= high
        assert kept[central] == pytest.approx((low + high) / 2, rel=0.02)
    assert kept["error: best"] <= kept["error: central"] <= kept["error: best"] + NEARLY


# ---- the pack's rows: their central values and ranges are those of `outcome.stored()`


def row_of_pack(parameter: str) -> list[float]:
    (row,) = (
        row
        for row in load_pack(PACK).rows
        if (row.table, row.parameter) == ("licence_office", parameter)
    )
    assert "frozen on 2026-11-30" in row.note
    return [float(cell) for cell in (row.low, row.value, row.high)]


def test_the_pack_has_the_values_that_were_set_on_the_precedents() -> None:
    kept = outcome.stored()
    cases = first_cases("april-2025-licences")
    a_week = [7 * cases / kept[f"wave_days {end}"] for end in ("high", "central", "low")]
    assert row_of_pack("office_cases_per_week") == pytest.approx(a_week, rel=5e-3)
    covers = [kept["cover low"], kept["central cover meant"], kept["cover high"]]
    assert row_of_pack("covered_share") == pytest.approx(covers, rel=5e-3)


def test_the_pack_and_the_run_agree_on_the_number_of_cases() -> None:
    note = next(
        row.note for row in load_pack(PACK).rows if row.parameter == "office_cases_per_week"
    )
    assert f"{first_cases('april-2025-licences')} first cases of the list of April 2025" in note


@cache
def first_cases(name: str) -> int:
    """Cases that are filed in the first half year of a scenario's regime, each user and group once."""
    scenario = load(name)
    records = simulate(
        scenario.world, scenario.levers, starts=scenario.starts, ends=date(2026, 1, 1),
        behaviour=scenario.behaviour, provenance=False,
    )  # fmt: skip
    return len(records.licences.drop_duplicates(["user", "group"]))
