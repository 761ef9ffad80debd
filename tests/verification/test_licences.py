"""The licence office: what each of its rules does to cases and to what leaves, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.engine import simulate
from sim.engine.records import Records
from sim.equations.review_times import part_of_ceiling
from sim.equations.sizes import marked, zipf_shares
from sim.lever import reach_of
from sim.levers import ExportBan, ExportLicence, StockpileRelease
from sim.rules.behaviour import RIGID, Behaviour, Offices
from sim.world.world import IN_PLACE, Demand, EndUsers, Flow, World
from tests.worlds import ENDS, OFFICE, corridor_world, line_world, link, on, sector

RULED = Behaviour(offices=Offices())


def licence(day: int = 0, world: World | None = None, **settings: Any) -> ExportLicence:
    """Everybody applies on one day, each case takes ten days and all are approved."""
    written = {
        "id": "licence", "kind": "export_licence", "exporter": "AAA", "office": "clock", "review": "10 d",
        "approve": "100 %", "return": "0 %", "refuse": "0 %", "reason": "by hand",
    }  # fmt: skip
    if "phases" not in settings:
        written["starts"] = on(day)
    return ExportLicence.model_validate(written | settings, context={"world": world})


def run(world: World, *levers: Any, behaviour: Behaviour = RIGID, **settings: Any) -> Records:
    return simulate(world, levers, starts=on(0), ends=ENDS, behaviour=behaviour, **settings)


def left(records: Records) -> pd.Series:
    """Month -> t of oxide that left AAA."""
    oxide = records.shipments[records.shipments["form"] == "oxide"]
    return oxide.groupby("month", observed=True)["dispatched_t"].sum()


def missing(records: Records) -> float:
    return float((records.review_demand_t - records.review_consumed_t).sum())


def sized(shares: tuple[float, ...], military: tuple[bool, ...] = ()) -> World:
    """The line world with end users of these sizes."""
    users = EndUsers("use_use_eee", shares, military or (False,) * len(shares))
    return replace(line_world(cover=30), end_users={"use_use_eee": users})


def two_places() -> World:
    """The line world with the same use in FFF, of the class `first`; that in EEE is `second`."""
    world = line_world(cover=30, users=2)
    flows = [
        Flow("sep_aaa", "use_more_fff", "oxide", e, 365.0 * s)
        for e, s in (("Xa", 0.6), ("Zc", 0.4))
    ]
    classes = {"use": "second", "more": "first"}
    to, eee = link("sep_aaa", "use_more_fff", "oxide", 30.0), world.countries["EEE"]
    return replace(
        world,
        sectors={id: replace(sector(id, "oxide"), priority_class=c) for id, c in classes.items()},
        classes_in_order=("first", "second"),
        demand=(*world.demand, Demand("more", "FFF", "Xa", 219.0), Demand("more", "FFF", "Zc", 146.0)),
        flows=(*world.flows, *flows),
        links=world.links | {(to.seller, to.buyer, to.form): to},
        regions=world.regions | {"FFF": replace(world.regions["EEE"], id="FFF", name="FFF")},
        countries=world.countries | {"FFF": replace(eee, id="FFF", name="FFF", region="FFF")},
        end_users=world.end_users | {"use_more_fff": EndUsers("use_more_fff", (0.5, 0.5), (False, False))},
    )  # fmt: skip


# ---- tonnage


def test_a_licence_lets_so_much_leave_and_no_more_until_the_next_one() -> None:
    # 10 t/day are planned, so 40 days are 400 t, granted on day 10 and then every 60 days: what is ordered in
    # 60 days, 600 t, uses each up before the next. Days 10, 70, ..., 670: twelve licences in 730 days.
    records = run(line_world(users=1, cover=30), licence(tonnage="40 d", between_licences="60 d"))
    cases = records.licences
    assert cases["decided_day"].tolist()[:12] == [10 + 60 * n for n in range(12)]
    assert np.allclose(cases["licensed_t"], 400.0)
    # The licences of days 10, 70, ... leave in the months of their grants, January to December 2026.
    by_month = left(records)
    assert by_month.iloc[:2].sum() == pytest.approx(400.0)
    assert by_month.sum() == pytest.approx(12 * 400.0)
    # What was planned in the month, and what its licences cover, stand beside one another.
    months = records.licences_pending.set_index("month")
    assert np.allclose(
        months["planned_t"], 10.0 * np.array(pd.PeriodIndex(months.index, freq="M").days_in_month)
    )
    assert months["licensed_t"].sum() == pytest.approx(len(cases) * 400.0)
    assert months.loc["2025-02", "licensed_t"] == 0.0


def test_licences_of_another_length_cover_the_same_part_unless_the_time_between_them_is_given() -> (
    None
):
    world = replace(sized((1.0,)), licence_office=replace(OFFICE, ruled=True, covered_share=0.5))
    for written, apart in (({"tonnage": "30 d"}, 60), ({"tonnage": "60 d"}, 120)):
        cases = run(world, licence(**written), behaviour=RULED).licences
        assert np.diff(cases["decided_day"])[:4].tolist() == [apart] * 4
    given = run(world, licence(tonnage="60 d", between_licences="90 d"), behaviour=RULED).licences
    assert np.diff(given["decided_day"])[:4].tolist() == [90] * 4


def test_what_has_piled_up_is_not_in_a_licence_but_leaves_under_it() -> None:
    # Shut for 110 days, then 30 days of use, 300 t: what was ordered meanwhile takes all of it at once.
    shut = {"phase": "in_force", "from": on(0)}
    opens = {"phase": "eased", "from": on(100), "office": "clock"}
    records = run(
        line_world(users=1, cover=30),
        licence(phases=[shut, opens], office="stopped", tonnage="30 d", between_licences="200 d"),
    )
    by_month = left(records)
    assert records.licences["decided_day"].iloc[0] == 110
    assert by_month["2025-01":"2025-03"].sum() == 0.0
    assert by_month["2025-04":"2025-07"].sum() == pytest.approx(300.0)
    assert by_month["2025-04"] == pytest.approx(300.0)


def test_a_renewal_is_filed_when_a_quarter_is_left() -> None:
    # By day 10 the orders of day 0.5 and 7.5 wait, 70 t each, of which those before day 10 are held. From 10 on
    # 400 t last 40 days less what waited; three quarters are gone on day 30, seen on day 35.5, filed on day 36.
    cases = run(line_world(users=1, cover=30), licence(tonnage="40 d")).licences
    assert cases["filed_day"].tolist()[:2] == [0, 36]
    assert cases["decided_day"].tolist()[:2] == [10, 46]
    # Looked at daily, it is filed on the day after that on which 300 t are gone.
    daily = run(line_world(users=1, cover=30), licence(tonnage="40 d"), review_days=1.0).licences
    assert daily["filed_day"].tolist()[:2] == [0, 31]


def test_a_licence_whose_date_ends_first_is_renewed_by_its_date() -> None:
    # 200 days of use, valid for 60: filed on day 70 - 10 = 60, granted on day 70, valid to 130, and so on.
    records = run(line_world(users=1, cover=30), licence(tonnage="200 d", validity="60 d"))
    assert records.licences["filed_day"].tolist()[:3] == [0, 60, 120]
    assert missing(records) == pytest.approx(0.0, abs=1e-6)


def test_no_tonne_is_lost_or_made_where_licences_run_out_within_a_review() -> None:
    world = sized((0.5, 0.3, 0.2))
    for tonnage in ("10 d", "33 d", "all"):
        run(world, licence(tonnage=tonnage, mean_review="4 d"))  # raises `BalanceError` if one is


# ---- reviews, filing and the queue


def test_reviews_are_spread_up_to_the_ceiling_with_the_given_mean() -> None:
    records = run(
        line_world(users=400), licence(review="60 d", mean_review="40 d", validity="3000 d")
    )
    days = records.licences["decided_day"] - records.licences["filed_day"]
    assert days.between(1, 60).all()
    # 400 draws of a spread of some 14 days, rounded up: the mean is within two days.
    assert days.mean() == pytest.approx(40.5, abs=2.0)
    assert days.std() > 10


def test_a_larger_mean_makes_no_review_shorter_and_the_mean_is_the_mean() -> None:
    draws = (np.arange(2_000) + 0.5) / 2_000
    for mean in (0.2, 0.5, 2 / 3, 0.9):
        parts = np.array([part_of_ceiling(u, mean) for u in draws])
        longer = np.array([part_of_ceiling(u, min(1.0, mean + 0.05)) for u in draws])
        assert parts.mean() == pytest.approx(mean, abs=1e-3)
        assert (np.diff(parts) >= 0).all()
        assert (longer >= parts).all()


def test_first_applications_come_in_over_the_weeks_and_none_before_the_regime() -> None:
    records = run(
        line_world(users=200), licence(20, first_applications="6 weeks", validity="3000 d")
    )
    filed = records.licences["filed_day"]
    assert filed.between(20, 61).all()
    assert filed.mean() == pytest.approx(20 + 20.5, abs=3.0)


def test_a_returned_case_is_reviewed_anew_at_once_or_waits_behind_all_others() -> None:
    # One case a week, 20 users, half of all cases returned.
    office = {
        "office": {"cases_a_week": 1},
        "approve": "50 %",
        "return": "50 %",
        "validity": "3000 d",
    }
    keep, end = (
        run(line_world(users=20), licence(returned=returned, **office)).licences
        for returned in ("keep their place", "go to the end")
    )
    again = keep[keep.duplicated("user")]
    assert (again["decided_day"] - again["filed_day"] == 10).all()
    last_first = end.drop_duplicates("user")["decided_day"].max()
    assert (end[end.duplicated("user")]["decided_day"] > last_first).any()
    # A place kept takes nobody's turn: the twentieth first decision comes after 20 weeks and the review.
    assert keep.drop_duplicates("user")["decided_day"].max() == 20 * 7 + 10


def test_the_queue_goes_by_size_or_by_class() -> None:
    office = {"office": {"cases_a_week": 1}, "validity": "3000 d"}
    world = sized(zipf_shares(6, 1.0), (False, False, False, False, True, False))
    large = run(world, licence(queue="large first", military="as civil", **office)).licences
    assert large["user"].tolist() == [f"use_use_eee#{n}" for n in range(1, 7)]
    # Of the second class all but the military user, who is of the first, as are both of the other place.
    both = two_places()
    both = replace(both, end_users={**both.end_users, **world.end_users})
    by_class = run(both, licence(queue="by class", military="as civil", **office)).licences["user"]
    assert set(by_class.iloc[:3]) == {"use_more_fff#1", "use_more_fff#2", "use_use_eee#5"}


def test_reviewers_and_what_each_closes_act_by_their_product() -> None:
    one, many = (
        run(line_world(users=60), licence(office=office, validity="3000 d")).licences["decided_day"]
        for office in ({"cases_a_week": 40}, {"reviewers": 20, "cases_per_week": "2 each"})
    )
    # Twenty begin at once and end together, so a case of theirs is up to half a week later, none sooner.
    assert (many - one).between(0, 4).all()


def test_what_was_due_while_the_office_is_stopped_is_decided_when_it_works_again() -> None:
    phases = [
        {"phase": "in_force", "from": on(0)},
        {"phase": "eased", "from": on(5), "office": "stopped"},
        {"phase": "eased", "from": on(80), "office": "clock"},
    ]
    cases = run(line_world(users=5), licence(phases=phases)).licences
    assert cases["decided_day"].tolist()[:5] == [80] * 5


# ---- who needs one, and whose terms are whose


def test_goods_that_were_declared_before_pass_in_the_days_of_grace() -> None:
    held, passes = (
        left(run(line_world(users=2, cover=30), licence(office="stopped", **grace)))
        for grace in ({}, {"grace": "20 d"})
    )
    assert held.get("2025-01", 0.0) == pytest.approx(0.0, abs=1e-9)
    assert passes["2025-01"] == pytest.approx(200.0)


def test_a_general_licence_may_be_for_a_class() -> None:
    world = two_places()
    lever = licence(world=world, office="stopped", general_licence=["first"])
    records = run(world, lever)
    to = (
        records.shipments[records.shipments["form"] == "oxide"]
        .groupby("buyer")["dispatched_t"]
        .sum()
    )
    # 1 t/day for the year for which it lasts.
    assert to["use_more_fff"] == pytest.approx(365.0, abs=7.0)
    assert to["use_use_eee"] == pytest.approx(0.0, abs=1e-9)
    assert "every end use of the class first" in lever.sentence(world)


def test_terms_differ_by_destination_in_one_regime() -> None:
    world = two_places()
    own = [
        {"destinations": ["FFF"], "review": "50 d", "tonnage": "30 d", "between_licences": "90 d"}
    ]
    lever = licence(world=world, terms=own)
    cases = run(world, lever).licences
    first = cases.drop_duplicates("user").groupby("node")["decided_day"].max()
    assert first.to_dict() == {"use_more_fff": 50, "use_use_eee": 10}
    # 365 t a year by two users, 30 days of it each.
    assert cases[cases["node"] == "use_more_fff"]["licensed_t"].max() == pytest.approx(15.0)
    assert cases[cases["node"] == "use_use_eee"]["licensed_t"].isna().all()
    assert "for goods to FFF: a review takes 50 days" in lever.sentence(world)
    assert list(licence(terms=own).cautions(reach_of([lever], world, ENDS))) == []


def test_who_plans_to_buy_nothing_files_nothing() -> None:
    world = two_places()
    idle = replace(
        world,
        flows=tuple(f for f in world.flows if f.buyer != "use_more_fff"),
        demand=tuple(d for d in world.demand if d.sector == "use"),
    )
    cases = run(idle, licence(tonnage="30 d")).licences
    assert set(cases["node"]) == {"use_use_eee"}


def test_a_policy_stock_is_refilled_under_licence_though_no_plan_has_its_purchases() -> None:
    world = replace(corridor_world(users=1), licence_office=replace(OFFICE, ruled=True))
    release = StockpileRelease.model_validate(
        {
            "id": "release", "kind": "stockpile_release", "stockpile": "stockpile_eee", "starts": on(0),
            "trigger": "20 d", "release": "3650 t/yr", "refill": "365 t/yr", "reason": "by hand",
        },
        context={"world": world},
    )  # fmt: skip
    shut = ExportBan.model_validate(
        {"id": "ban", "kind": "export_ban", "exporter": "AAA", "starts": on(0), "ends": on(60)}
    )
    records = run(world, licence(60, tonnage="90 d"), shut, release, behaviour=RULED)
    shipped = records.shipments[records.shipments["buyer"].str.startswith("stockpile")]
    assert shipped["dispatched_t"].sum() > 100.0


def test_a_renewal_of_who_was_approved_is_approved() -> None:
    world = replace(
        line_world(users=40), licence_office=replace(OFFICE, ruled=True, returned=IN_PLACE)
    )
    shares = {"approve": "50 %", "return": "30 %", "refuse": "20 %"}
    cases = run(world, licence(tonnage="60 d", **shares), behaviour=RULED).licences
    renewals = cases[cases["renewal"]]
    assert len(renewals) > 100
    assert set(renewals["outcome"]) == {"approve"}
    first = cases[~cases["renewal"]]
    assert {"return", "refuse"} < set(first["outcome"])


# ---- the ends of the scale


def test_a_licence_that_grants_all_at_once_is_nothing_and_one_that_grants_nothing_is_a_ban() -> (
    None
):
    world = sized((0.5, 0.3, 0.2))
    calm, free = run(world), run(world, licence(review="1 d", grace="2 d", tonnage="3000 d"))
    assert missing(free) == missing(calm) == pytest.approx(0.0, abs=1e-6)
    assert np.allclose(left(free), left(calm), rtol=1e-9)
    banned = run(world, ExportBan.model_validate(
        {"id": "ban", "kind": "export_ban", "exporter": "AAA", "starts": on(0)}
    ))  # fmt: skip
    for nothing in (
        {"office": "stopped"},
        {"approve": "0 %", "refuse": "100 %"},
        {"review": "3000 d"},
    ):
        none = run(world, licence(**nothing))
        assert missing(none) == pytest.approx(missing(banned), rel=1e-9)
        assert left(none).sum() == pytest.approx(left(banned).sum(), abs=1e-9)


EASIER: dict[str, tuple[dict[str, Any], ...]] = {
    "quicker": tuple(
        {"review": f"{days} d", "mean_review": f"{days // 2} d"} for days in (80, 40, 20)
    ),
    "more capacity": (
        {"office": {"cases_a_week": 1}},
        {"office": {"cases_a_week": 3}},
        {"office": "clock"},
    ),
    "larger": tuple({"tonnage": t} for t in ("20 d", "40 d", "80 d", "all")),
    "sooner again": tuple({"between_licences": t} for t in ("120 d", "80 d", "0 d")),
    "longer valid": tuple({"validity": t} for t in ("60 d", "120 d", "400 d")),
    "grace": tuple({"grace": t} for t in ("0 d", "10 d", "60 d")),
    "general": (
        {},
        {"general_licence": ["use_more_fff"]},
        {"general_licence": ["use_more_fff", "EEE"]},
    ),
}
USUAL = {
    "review": "40 d", "mean_review": "25 d", "office": {"cases_a_week": 3}, "tonnage": "40 d",
    "between_licences": "60 d", "approve": "70 %", "return": "20 %", "refuse": "10 %", "validity": "150 d",
    "first_applications": "28 d", "returned": "keep their place",
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(EASIER))
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_easier_office_never_leaves_more_missing(what: str, seed: int) -> None:
    world = two_places()
    users = {"use_use_eee": EndUsers("use_use_eee", zipf_shares(9, 1.0), (False,) * 9)}
    world = replace(
        world, end_users=world.end_users | users, licence_office=replace(OFFICE, ruled=True)
    )
    found = [
        missing(run(world, licence(**(USUAL | settings)), behaviour=RULED, seed=seed))
        for settings in EASIER[what]
    ]
    assert all(after <= before + 1e-6 for before, after in pairwise(found)), found
    assert found[0] > 0


# ---- users of all sizes


def test_users_are_few_large_and_many_small_and_military_ones_have_their_part_of_the_tonnage() -> (
    None
):
    shares = zipf_shares(17, 1.0)
    assert sum(shares) == pytest.approx(1.0)
    assert shares[0] == pytest.approx(17 * shares[16])
    chosen = marked(shares, 10)
    part = sum(share for share, is_military in zip(shares, chosen, strict=True) if is_military)
    assert sum(chosen) == 10
    assert part == pytest.approx(10 / 17, abs=0.06)
    assert zipf_shares(4, 0.0) == (0.25,) * 4


def test_without_the_rule_the_office_of_a_pack_is_the_plain_one() -> None:
    office = replace(
        OFFICE, ruled=True, tonnage_days=40.0, covered_share=0.6, mean_review_days=30.0
    )
    world = replace(sized((0.7, 0.3)), licence_office=office)
    silent = ExportLicence.model_validate(
        {"id": "x", "kind": "export_licence", "exporter": "AAA", "starts": on(0), "reason": "x"}
    )
    rigid, ruled = (run(world, silent, behaviour=behaviour) for behaviour in (RIGID, RULED))
    assert rigid.licences["licensed_t"].isna().all()
    assert np.allclose(rigid.licences["decided_day"] - rigid.licences["filed_day"], 67, atol=4)
    assert ruled.licences["licensed_t"].notna().all()
