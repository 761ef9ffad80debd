"""What a run is counted against: worked out by hand in the invented world, and looked at in the shipped one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd
import pytest

from sim.pipeline.resolved import lever_names
from sim.scenario import load, load_text
from sim.summary import Summary, summarise
from sim.summary.long import Slices
from sim.summary.ranking import elements_hit
from sim.summary.scope import IN_ALL_GOODS, Scope, of_restrictions, read_scope
from sim.world import load_pack
from sim.world.trade import forms_before
from sim.world.where import Where
from tests.unit.test_summary import BAN, ENDS, FULL_USE, STARTS, USE, WORLD, limit, records

HOT_AND_MORE = [
    *USE,  # six of twenty tonnes of hot coils are missing in BBB
    ("2020-12", "drives", "AAA", "coil_hot", 30.0, 30.0, 30.0),
    ("2021-01", "drives", "AAA", "coil_hot", 30.0, 28.0, 28.0),
    ("2020-12", "glazing", "CCC", "Pel", 5.0, 5.0, 5.0),
    ("2021-01", "glazing", "CCC", "Pel", 5.0, 4.0, 4.0),
]
ALL_OF_IT = [(*row[:4], row[4], row[4], row[4]) for row in HOT_AND_MORE]


def scope(*restricted: Where) -> Scope:
    return of_restrictions(WORLD, restricted)


def counted(use: Sequence[tuple[object, ...]], restricted: Mapping[str, Sequence[Where]],
            **more: object) -> Summary:  # fmt: skip
    limits = [limit("use_drives_bbb", "coil_hot", "Mav", "border", 6.0)]
    return summarise(
        records(use=list(use), levers=BAN, limits=limits),  # type: ignore[arg-type]
        records(use=ALL_OF_IT), WORLD, starts=STARTS, ends=ENDS, exporters=["AAA"],
        restrictions=restricted, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def numbers(run: Summary) -> dict[str, float]:
    return {str(number["id"]): number["value"] for number in run.headline}


def test_a_ban_is_divided_by_what_users_abroad_need_of_its_goods_and_not_by_the_world() -> None:
    run = counted(HOT_AND_MORE, {"ban": [Where("AAA", elements=frozenset({"Mav"}))]})
    said = numbers(run)
    # Hot coils in BBB alone: mavium is a filler in plain ones, and AAA is where the ban comes from.
    assert said["demand"] == pytest.approx(20.0)
    assert said["shortfall_total"] == pytest.approx(6.0)
    assert said["shortfall_share"] == pytest.approx(30.0)
    assert said["peak_caused"] == pytest.approx(60.0)
    assert said["world_demand"] == pytest.approx(20.0 + 40.0 + 60.0 + 10.0)
    assert said["world_caused"] == pytest.approx(6.0 + 2.0 + 1.0)
    assert said["outside_caused"] == pytest.approx(3.0)
    assert said["shortfall_home"] == pytest.approx(2.0)
    marks = run.worst.set_index(["material", "region"])["in_scope"].to_dict()
    assert marks == {("coil_hot", "BBB"): "yes", ("coil_hot", "AAA"): "no", ("Pel", "CCC"): "no"}
    assert run.by_region["region"].tolist() == ["all", "BBB"]


def test_the_part_of_an_element_that_is_missing_is_of_the_goods_that_the_question_is_about() -> (
    None
):
    run = counted(HOT_AND_MORE, {"ban": [Where("AAA", elements=frozenset({"Mav"}))]})
    where = {"run": "scenario", "period": "all", "material": "Mav", "region": "BBB"}
    for table, demand, in_all in (
        # A tenth of 20 t of hot coils; plain ones hold another 4 t, of which nobody speaks.
        (run.summary, {"embodied_demand_in_scope": 2.0, "embodied_demand": 6.0}, None),
        (run.scope.rows(run.summary), {"embodied_demand": 2.0}, 6.0),
    ):
        its = table[(table[list(where)] == pd.Series(where)).all(axis=1)]
        sums = its.groupby("metric", observed=True)["value"].sum()
        assert {name: sums[name] for name in demand} == pytest.approx(demand)
        assert sums.get(f"embodied_demand{IN_ALL_GOODS}") == pytest.approx(in_all)
        assert sums["embodied_shortfall"] == pytest.approx(0.6)
    shares = elements_hit(run.scope.rows(run.summary))
    assert shares.to_dict() == pytest.approx({"Mav": 0.3})


def test_without_a_restriction_the_gaps_are_what_counts_and_without_gaps_everything() -> None:
    gaps = counted(HOT_AND_MORE, {})
    assert gaps.scope.basis == "gaps"
    assert gaps.scope.products == {("coil_hot", "BBB"), ("coil_hot", "AAA"), ("Pel", "CCC")}
    nothing = counted(ALL_OF_IT, {})
    assert nothing.scope.basis == "all"
    assert numbers(nothing)["demand"] == numbers(nothing)["world_demand"]


def test_only_the_element_that_was_scarce_is_value_at_risk() -> None:
    for limiter, scarce in (("Mav", {"Mav"}), ("ban", {"Mav"}), ("capacity", {"Mav"})):
        limits = [limit("use_drives_bbb", "coil_hot", limiter, "border", 6.0)]
        table = summarise(
            records(use=USE, levers=BAN, limits=limits), records(use=FULL_USE), WORLD, starts=STARTS,
            ends=ENDS, exporters=["AAA"],
            restrictions={"ban": [Where("AAA", elements=frozenset({"Mav"}))]},
        ).summary  # fmt: skip
        value = table[(table["metric"] == "value_at_risk") & (table["value"] > 0)]
        assert set(value["material"]) == scarce, limiter


def test_a_form_is_about_what_is_made_of_it_and_a_destination_about_itself() -> None:
    before = forms_before(WORLD)
    assert before["coil"] >= {"powder", "ore"}
    assert "coil" not in before["powder"]
    coils = scope(Where("AAA", forms=frozenset({"coil"})))
    assert {product for product, _ in coils.products} == {"coil_hot", "coil_plain"}
    powder = scope(Where("BBB", forms=frozenset({"powder"}), destinations=frozenset({"CCC"})))
    assert powder.products == {
        ("coil_hot", "CCC"), ("coil_plain", "CCC"), ("Zor", "CCC"), ("Pel", "CCC"),
    }  # fmt: skip
    both = scope(
        Where("AAA", elements=frozenset({"Mav"})), Where("BBB", elements=frozenset({"Pel"}))
    )
    # Each is abroad for the other: AAA lacks the pelium of BBB, and BBB the mavium of AAA.
    assert both.products == {
        ("coil_hot", "AAA"), ("coil_plain", "AAA"), ("coil_hot", "BBB"), ("coil_hot", "CCC"),
        ("coil_plain", "CCC"), ("Pel", "CCC"),
    }  # fmt: skip
    assert read_scope(both.table()) == both
    # AAA sells no powder abroad, and BBB no ore: what does not leave is nobody's to miss.
    assert not scope(Where("AAA", forms=frozenset({"powder"}))).products
    assert not scope(Where("BBB", forms=frozenset({"ore"}))).products
    # Magnet makers sell scrap too, which comes before everything.
    magnets = load_pack("rare_earths_2024")
    found = of_restrictions(magnets, [Where("CHN", stages=frozenset({"magnet"}))])
    assert {product for product, _ in found.products} <= set(magnets.recipes)


def test_a_quota_on_a_stage_is_about_all_that_the_stage_sells_and_unused_elements_are_known() -> (
    None
):
    scenario = load("example-production-quota")
    where = [each for its in scenario.about.values() for each in its]
    found = of_restrictions(scenario.world, where)
    assert not any(region == "CHN" for _, region in found.products)
    assert {("Y", "EU"), ("ndfeb_n", "EU")} <= found.products
    licences = load("china-heavy-licences")
    where = [each for its in licences.about.values() for each in its]
    assert of_restrictions(licences.world, where).unused == ("Sc",)


def test_peaks_under_a_quota_are_those_of_its_slice() -> None:
    months = ("2020-11", "2020-12", "2021-01", "2021-02")
    assert Slices.of(months, 3).names == ("2020-Q4", "2021-Q1")
    assert Slices.of(months, 6).names == ("2020-H2", "2021-H1")
    assert Slices.of(months, 12).names == ("2020", "2021")
    where = {"quota": [Where("AAA", elements=frozenset({"Mav"}))]}
    by_year = counted(HOT_AND_MORE, where, slice_months=12).worst.set_index("region")
    assert by_year.loc["BBB", "peak"] == pytest.approx(60.0)  # the slice of 2021 has one month
    late = [("2020-12", "drives", "BBB", "coil_hot", 10.0, 0.0, 0.0), *USE[1:]]
    run = summarise(
        records(use=late, levers=BAN), records(use=FULL_USE), WORLD, starts=date(2020, 12, 1),
        ends=ENDS, exporters=["AAA"], restrictions=where, slice_months=1,
    )  # fmt: skip
    assert run.worst.set_index("region").loc["BBB", "peak"] == pytest.approx(100.0)


def test_two_levers_that_would_have_one_name_are_told_apart(
    tmp_path: pytest.TempPathFactory,
) -> None:
    path = tmp_path / "twice.yaml"  # type: ignore[operator]
    path.write_text(
        "title: Twice\nstarts: 2026-01-01\nends: 2027-01-01\nrestrictions:\n"
        + "".join(
            f"  - {{id: {id}, kind: export_ban, exporter: CHN, elements: [{element}],"
            " starts: 2026-03-01, reason: Stress case}\n"
            for id, element in (("one", "Dy"), ("two", "Y"))
        ),
        encoding="utf-8",
    )
    assert list(lever_names(load(str(path))).values()) == [
        "export ban of China from 2026-03-01 (one)", "export ban of China from 2026-03-01 (two)",
    ]  # fmt: skip


def test_weeks_and_first_days_can_be_read_from_the_weekly_table() -> None:
    run = counted(HOT_AND_MORE, {})
    weekly = run.weekly
    assert (weekly["demand_t"] > 0).all()
    assert (
        weekly["days"].sum() / weekly.groupby(["material", "region"], observed=True).ngroups == 62
    )
    assert pd.Series(weekly["to"].astype(str)).min() == "2020-12-01"


BANS = """\
title: A ban of dysprosium, and one of all ore in the last days
starts: 2026-01-01
ends: 2027-01-01
restrictions:
  - {id: first, kind: export_ban, exporter: CHN, elements: [Dy], starts: 2026-02-01, reason: test}
  - {id: late, kind: export_ban, exporter: MMR, LATE}
"""


def test_what_is_restricted_too_late_to_be_missed_is_not_divided_by() -> None:
    def products(late: str) -> set[tuple[str, str]]:
        scenario = load_text(BANS.replace("LATE", late), "here", "bans")
        where = [each for its in scenario.about.values() for each in its]
        return set(of_restrictions(scenario.world, where).products)

    alone = products("starts: 2026-12-30, elements: [Dy], destinations: [USA], reason: test")
    assert products("starts: 2026-12-30, reason: test") == alone
    assert products("starts: 2026-03-01, reason: test") > alone
    phases = "phases: [{phase: in_force, from: 2026-03-01}, {phase: ended, from: 2026-04-01}]"
    assert products(f"{phases}, reason: test") > alone
    # A week before the end what goes by land is in time, and what takes the ship is not.
    week = products("starts: 2026-12-24, reason: test")
    assert alone <= week < products("starts: 2026-03-01, reason: test")
    # Of two that are both too late each counts: the question is about something.
    both = BANS.replace("2026-02-01", "2026-12-30").replace("LATE", "starts: 2026-12-30, reason: x")
    assert all(load_text(both, "here", "bans").about.values())
