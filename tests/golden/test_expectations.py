"""What an expert expects of the shipped scenarios (docs/expectations.md), each as a test."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from sim.engine import simulate
from sim.rules.behaviour import Behaviour, Limits
from sim.world import Change, load_pack
from tests.golden.runs import shipped

HEAVY_GRADES = ("ndfeb_sh", "ndfeb_uh")
LIGHT_GRADE = "ndfeb_n"


def first_month(gap: pd.Series, share_of: float = 1e-3) -> str:
    short = gap[gap > share_of * max(gap.max(), 1e-9)]
    return short.index[0] if len(short) and gap.max() > 1e-6 else "never"


def test_baseline_has_no_shortage() -> None:
    assert shipped("baseline").gap().max() < 1e-6


@pytest.mark.parametrize(
    "name", ["china-heavy-licences", "china-full-ban-12-months", "china-quota-half"]
)
def test_china_is_not_short_under_its_own_restriction(name: str) -> None:
    run = shipped(name)
    # A week of SmCo when buyers abroad refill after the restriction: 2 t.
    assert run.gap(region="CHN").sum() <= run.reference_gap(region="CHN").sum() + 2.0


def test_only_products_in_scope_run_short_under_the_licences() -> None:
    run = shipped("china-heavy-licences")
    outside = run.records.use[run.records.use["region"] != "CHN"]
    gap = (outside["demand_t"] - outside["consumed_t"]).groupby(outside["product"]).sum()
    short = set(gap[gap > 1.0].index)
    assert set(HEAVY_GRADES) <= short
    assert not short & {LIGHT_GRADE, "ndfeb_ce", "La", "Ce", "Nd", "Pr"}


def test_licences_that_approve_nearly_everything_still_stop_plants() -> None:
    run = shipped("china-heavy-licences")
    outcomes = run.records.licences["outcome"].value_counts()
    assert outcomes["approve"] > 4 * outcomes["refuse"]
    worst = run.summary.worst
    assert (worst["peak"] > 50).sum() > 10


def test_the_pause_ends_the_shortage_and_the_resumption_brings_it_back() -> None:
    gap = shipped("china-heavy-licences").gap()
    assert gap["2026-07":"2027-04"].max() < 0.02 * gap.max()
    assert gap["2027-05":"2027-12"].max() > 0.5 * gap.max()


def test_a_ban_shows_only_after_ships_have_landed_and_stocks_are_used() -> None:
    run = shipped("china-full-ban-12-months")
    assert run.gap()[:"2026-01"].max() < 1e-6
    assert first_month(run.gap()) >= "2026-02"


def test_users_with_more_cover_run_short_later() -> None:
    run = shipped("china-full-ban-12-months")
    cars = first_month(run.gap(region="EU", sector="conventional_auto"))
    defence = first_month(run.gap(region="EU", sector="defence_aerospace"))
    assert cars < defence


def test_the_last_shortage_outlives_the_ban() -> None:
    gap = shipped("china-full-ban-12-months").gap()
    assert gap["2027-01"] > 0.1 * gap.max()
    assert gap["2027-07":].max() < 1e-3 * gap.max()


def test_mines_without_separation_close_none_of_the_heavy_gap() -> None:
    run = shipped("c5-mines-only")
    grades = list(HEAVY_GRADES)
    during = slice("2037-01", "2038-06")
    gap = sum(run.gap(product=g)[during].sum() for g in grades)
    assert gap > 0
    separated = shipped("c5-mines-and-separation")
    less = sum(separated.gap(product=g)[during].sum() for g in grades)
    # Central Asian separation adds oxide, but magnets are made elsewhere: in hot magnets no difference.
    assert less == pytest.approx(gap, rel=1e-3)
    assert separated.gap()[during].sum() < run.gap()[during].sum()
    assert run.gap()[:"2036-12"].max() < 1e-6


FOUR_REGIONS = ("EU", "JPN", "KOR", "USA")


def headline_of(name: str) -> dict[str, float]:
    return {each["id"]: each["value"] for each in shipped(name).summary.headline}


def test_the_caspian_route_carries_too_little_to_matter_in_a_full_ban() -> None:
    with_it, without = shipped("c5-mines-and-separation").gap(), shipped("caspian-closure").gap()
    assert 0 < without.sum() - with_it.sum() < 50


def test_goods_for_europe_go_through_russia_and_the_others_find_no_route() -> None:
    numbers = headline_of("caspian-closure")
    assert numbers["detoured"] > 0
    assert numbers["detoured_days"] <= 0
    assert numbers["no_route"] > 0
    assert numbers["held_on_way"] > 0


def test_stockpiles_of_180_days_put_off_the_first_shortage_and_more_than_halve_the_gap() -> None:
    bare, piles = shipped("china-full-ban-12-months"), shipped("stockpile-180-days")
    for region in FOUR_REGIONS:
        use = piles.records.use
        use = use[(use["region"] == region) & use["product"].isin([*HEAVY_GRADES, LIGHT_GRADE])]
        short = use[use["demand_t"] - use["consumed_t"] > 0.05 * use["demand_t"]]
        assert short.empty or short["month"].min() >= "2026-08"
    missing = [sum(run.gap(region=r).sum() for r in FOUR_REGIONS) for run in (bare, piles)]
    assert missing[1] < 0.5 * missing[0]
    assert piles.gap(region="ROW").sum() > 0.99 * bare.gap(region="ROW").sum()


def test_most_of_what_oxide_stockpiles_give_out_is_lanthanum_and_cerium() -> None:
    sold = shipped("stockpile-180-days").records.shipments
    sold = sold[sold["seller"].str.contains("/oxides_")].groupby("product")["dispatched_t"].sum()
    assert sold["La"] + sold["Ce"] > 0.5 * sold.sum()


def test_a_ban_for_one_destination_leaves_the_others_supplied() -> None:
    run = shipped("example-one-destination")
    assert run.gap(region="JPN").sum() > 100
    assert run.gap().sum() - run.gap(region="JPN").sum() < 1e-6


def test_a_regime_of_before_the_start_is_felt_on_the_first_day_and_an_easing_helps() -> None:
    gap = shipped("example-already-in-force").gap()
    assert gap["2026-01"] > 0
    assert gap["2026-09"] < gap["2026-06"] * 0.7


def test_a_railway_bridges_a_closed_sea_route_and_an_ocean_without_one_is_felt() -> None:
    run = shipped("example-shocks-only")
    assert run.gap(region="EU").sum() < 1e-6
    assert run.gap(region="USA").sum() > 1


def missing_with_limits(*changes: Change) -> pd.Series:
    """(product, month) -> t missing of the baseline where growth has its limits, and nothing else is done."""
    use = simulate(
        load_pack("rare_earths_2024", changes), (), starts=date(2025, 1, 1), ends=date(2030, 1, 1),
        behaviour=Behaviour(limits=Limits()), provenance=False,
    ).use  # fmt: skip
    gap = (use["demand_t"] - use["consumed_t"]).clip(lower=0)
    return gap.groupby([use["product"].astype(str), use["month"].astype(str)]).sum()


def test_limits_alone_make_magnets_for_heat_and_oxides_of_neodymium_short_before_2030() -> None:
    gap = missing_with_limits()
    heat = gap[list(HEAVY_GRADES)].groupby(level=1).sum()
    assert "2029-01" <= first_month(heat, 0.01) <= "2029-10"
    assert "2027-06" <= first_month(gap["Nd"], 0.01) <= "2027-09"
    assert gap[LIGHT_GRADE].sum() < 1.0
    ore = [
        Change("sites", {"id": "mine_myanmar_clay"}, parameter, value, reason="low end")
        for parameter, value in (("output", "27000"), ("capacity", "28421"))
    ]
    assert missing_with_limits(*ore)[list(HEAVY_GRADES)].sum() > 5 * heat.sum()
