"""The program solves the model: small worlds whose answers follow on paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.engine import simulate
from sim.engine.records import Records
from sim.levers import CapacityRampUp, ExportBan, ExportLicence, ExportQuota
from sim.words.quantities import DAYS_PER_CALENDAR_YEAR
from sim.world.world import Cover, Demand, EndUsers, Flow, World
from tests.worlds import ENDS, STARTS, Builder, line_world, link, sector, site


def ban(day: int, until: int | None = None, name: str = "ban", exporter: str = "AAA") -> ExportBan:
    written = {"id": name, "kind": "export_ban", "exporter": exporter}
    dates = {"starts": STARTS + timedelta(days=day)}
    if until is not None:
        dates["ends"] = STARTS + timedelta(days=until)
    return ExportBan.model_validate(written | dates)


def licence(day: int, reviewers: int, **settings: Any) -> ExportLicence:
    written = {
        "id": "licence", "kind": "export_licence", "exporter": "AAA",
        "office": {"reviewers": reviewers, "cases_per_week": "2 each"}, "review": "1 d",
        "approve": "100 %", "return": "0 %", "refuse": "0 %", "validity": "3000 d",
    }  # fmt: skip
    if "phases" not in settings:
        written["starts"] = STARTS + timedelta(days=day)
    return ExportLicence.model_validate(written | settings)


def run(world: World, *levers: Any, **settings: Any) -> Records:
    return simulate(world, levers, starts=STARTS, ends=ENDS, **settings)


def short_by_review(records: Records) -> pd.Series:
    gap = (records.review_demand_t - records.review_consumed_t).sum(axis=1)
    return pd.Series(gap, index=records.review_day)


def test_a_calm_line_runs_without_shortage_and_stocks_stay_flat() -> None:
    records = run(line_world(second=True))
    assert short_by_review(records).max() < 1e-9
    held = records.stocks[records.stocks["stage"] == "use"].groupby("month")["stock_t"].sum()
    assert held.iloc[1:].max() - held.iloc[1:].min() < 1e-6 * held.max()


def test_a_ban_bites_when_what_was_ordered_before_it_is_used_up() -> None:
    # After the review on day 42.5 the user holds, or has at sea, its base-stock target:
    # 10 t/day x (7 review + 30 transit + 100 cover) = 1,370 t. The review on day 49.5 sells for the seven days
    # from then on, of which half a day is free: 5 t instead of 70. Each review uses 70 t, so of 1,375 t 19
    # reviews are met (1,330 t) and the 20th, on day 42.5 + 140 = 182.5, lacks 70 - 45 = 25 t.
    short = short_by_review(run(line_world(), ban(50)))
    assert short[short > 1e-9].index[0] == 182.5
    assert short[182.5] == pytest.approx(25)
    assert short[189.5] == pytest.approx(70)


def test_longer_cover_delays_a_shortage_and_does_not_cure_it() -> None:
    # 28 days more cover are 280 t, four reviews.
    short = short_by_review(run(line_world(cover=128), ban(50)))
    assert short[short > 1e-9].index[0] == 182.5 + 28
    assert short.iloc[-1] == pytest.approx(70)


def test_tonnes_at_sea_are_flow_times_days_on_the_way() -> None:
    # Little's law: 10 t/day x (30 days of transit + half a day from the review at noon to departure).
    shipments = run(line_world()).shipments
    at_sea = shipments[shipments["form"] == "oxide"].groupby("month")["in_transit_t"].sum()
    assert at_sea.to_numpy() == pytest.approx(10 * 30.5)


def test_recovery_and_joint_production_set_what_a_plant_puts_out() -> None:
    # 10 t/day of ore with 60 % Xa, recovery 0.8: 4.8 t/day of Xa, the loss is 2 t/day of all.
    world = line_world()
    plant = replace(world.sites["sep_aaa"], recovery={"*": 0.8})
    demand = tuple(replace(d, t_per_year=d.t_per_year * 0.8) for d in world.demand)
    flows = tuple(
        replace(f, t_per_year=f.t_per_year * 0.8) if f.form == "oxide" else f for f in world.flows
    )
    world = replace(world, sites={**world.sites, "sep_aaa": plant}, demand=demand, flows=flows)
    made = run(world).production
    made = made[(made["stage"] == "separation") & made["month"].str.startswith("2025")]
    by_element = made.groupby("element")["output_t"].sum()
    assert by_element["Xa"] == pytest.approx(365 * 10 * 0.6 * 0.8)
    assert by_element["Zc"] == pytest.approx(365 * 10 * 0.4 * 0.8)


def test_a_quota_of_half_lets_half_of_a_quarter_pass() -> None:
    quota = ExportQuota.model_validate({
        "id": "quota", "kind": "export_quota", "exporter": "AAA", "amount": "50 %",
        "starts": STARTS,
    })  # fmt: skip
    shipments = run(line_world(), quota).shipments
    sold = shipments[
        (shipments["form"] == "oxide") & shipments["month"].between("2025-04", "2025-06")
    ]
    # 3,650 t/yr x 50 % / 4 in the quarter.
    assert sold["dispatched_t"].sum() == pytest.approx(3650 * 0.5 / 4)
    year = shipments[(shipments["form"] == "oxide") & shipments["month"].str.startswith("2026")]
    assert year["dispatched_t"].sum() == pytest.approx(3650 * 0.5)


@pytest.mark.parametrize(("reviewers", "decided"), [(4, 40), (2, 20)])
def test_half_the_reviewers_leave_the_backlog_that_the_fluid_formula_gives(
    reviewers: int, decided: int
) -> None:
    # 60 cases on day 0; R reviewers close 2 a week each, so R x 2 x 35 / 7 have left the desk by day 35;
    # the last of them is decided a day of review later. Backlog: 60 - 10 R.
    records = run(line_world(users=60), licence(0, reviewers))
    done = records.licences[records.licences["decided_day"] <= 36]
    assert len(done) == decided
    assert len(records.licences) == 60


def test_an_easing_leaves_every_case_in_its_place_in_the_queue() -> None:
    # Two reviewers close 20 of 60 cases by day 35; from then on four close the other 40 in 35 days more.
    phases = [
        {"phase": "in_force", "from": STARTS},
        {
            "phase": "eased",
            "from": STARTS + timedelta(days=35),
            "office": {"reviewers": 4, "cases_per_week": "2 each"},
        },
    ]
    done = run(line_world(users=60), licence(0, 2, phases=phases)).licences
    assert (done["decided_day"] <= 36).sum() == 20
    assert (done["decided_day"] <= 71).sum() == len(done) == 60
    assert (done["filed_day"] == 0).all()


def test_a_pause_empties_the_queue_and_lets_everything_pass() -> None:
    phases = [
        {"phase": "in_force", "from": STARTS + timedelta(days=0)},
        {"phase": "paused", "from": STARTS + timedelta(days=100)},
    ]
    records = run(line_world(users=60, cover=20), licence(0, 1, phases=phases))
    pending = records.licences_pending.set_index("month")["cases"]
    assert pending["2025-02"] > 40
    assert "2025-06" not in pending.index
    assert (records.licences["decided_day"] <= 100).all()
    held = records.shipments[records.shipments["month"] >= "2025-06"]["held_t"]
    assert held.max() == 0
    short = short_by_review(records)
    # Lots leave from the review on day 101.5 and land 30.5 days later.
    assert short[short.index > 140].max() < 1e-6
    assert short.max() > 0


def test_cases_that_wait_since_before_the_first_day_are_counted_once_in_the_first_month() -> None:
    # All file on day -100 and wait for 3000 days: as many in the first month as in any other.
    waits = licence(-100, 0, office="clock", review="3000 d")
    pending = run(line_world(users=50), waits).licences_pending["cases"]
    assert len(pending) == 24
    assert pending.to_numpy() == pytest.approx(pending.iloc[-1])
    assert pending.iloc[-1] >= 50


def test_users_without_a_licence_do_not_get_the_goods_of_those_who_have_one() -> None:
    # One of two users is military and refused for good: half of the demand is lost once its stock is used,
    # and never more than that, since nobody lends here.
    world = line_world(cover=20, users=2)
    users = {"use_use_eee": EndUsers("use_use_eee", (0.5, 0.5), (True, False))}
    records = run(replace(world, end_users=users), licence(0, 10))
    short = short_by_review(records)
    assert short.iloc[-10:].to_numpy() == pytest.approx(35)
    assert short.max() == pytest.approx(35)


def test_what_a_ban_refuses_is_not_laid_at_the_door_of_a_quota_beside_it() -> None:
    # A ban from day 50 to 150 on the 60 % of Xa, beside a quota that never runs out, first by its id.
    quota = ExportQuota.model_validate({
        "id": "a_quota", "kind": "export_quota", "exporter": "AAA", "amount": "200 %",
        "starts": STARTS,
    })  # fmt: skip
    xa = ban(50, 150).model_copy(update={"elements": ("Xa",)})
    limits = run(line_world(), quota, xa).limits
    stopped = limits[limits["kind"] == "border"].groupby(["limited_by", "product"])["t"].sum()
    # 100 days of the 6 t/day planned.
    assert stopped.to_dict() == pytest.approx({("ban", "Xa"): 600.0})


def test_levers_commute() -> None:
    quota = ExportQuota.model_validate({
        "id": "quota", "kind": "export_quota", "exporter": "AAA", "amount": "70 %", "each": "all",
        "starts": STARTS + timedelta(days=20), "ends": STARTS + timedelta(days=400),
    })  # fmt: skip
    other = quota.model_copy(update={"id": "aquota"})
    world = line_world(second=True, users=3)
    levers = [ban(50, 150), quota, other, licence(200, 2)]
    first, second = run(world, *levers), run(world, *reversed(levers))
    for table in ("use", "shipments", "stocks", "limits", "licences"):
        pd.testing.assert_frame_equal(
            getattr(first, table), getattr(second, table), check_exact=True
        )


def test_the_order_in_which_the_pack_lists_things_changes_nothing() -> None:
    world = line_world(second=True)
    shuffled = replace(
        world,
        sites=dict(reversed(world.sites.items())),
        links=dict(reversed(world.links.items())),
        flows=world.flows[::-1],
        demand=world.demand[::-1],
        covers=world.covers[::-1],
    )
    first, second = run(world, ban(50, 150)), run(shuffled, ban(50, 150))
    for table in ("use", "shipments", "stocks", "production", "provenance"):
        pd.testing.assert_frame_equal(
            getattr(first, table), getattr(second, table), check_exact=True
        )


def test_switching_provenance_off_changes_no_other_byte() -> None:
    world = line_world(second=True)
    first, second = run(world, ban(50, 150)), run(world, ban(50, 150), provenance=False)
    for table in ("use", "shipments", "stocks", "production", "limits", "balance"):
        pd.testing.assert_frame_equal(
            getattr(first, table), getattr(second, table), check_exact=True
        )
    assert second.provenance.empty


def two_stage_separation(heavy_capacity: float) -> World:
    """A light plant splits Xa; Zc leaves it in mixed concentrate and only the heavy plant can split it."""
    b = Builder()
    b.sectors = {"use": sector("use", "oxide")}
    b.sites = [
        site("mine", "AAA", "mine", output_t_per_year=3650.0, capacity_t_per_year=3650.0,
             basket={"Xa": 0.9, "Zc": 0.1}),
        site("sep_light", "AAA", "separation", output_t_per_year=3650.0, capacity_t_per_year=4000.0,
             processing_days=7.0, can_separate=("Xa",), mixed_goes_to="sep_heavy"),
        site("sep_heavy", "BBB", "separation", output_t_per_year=365.0,
             capacity_t_per_year=heavy_capacity, processing_days=7.0, can_separate=("Xa", "Zc")),
    ]  # fmt: skip
    b.links = [
        link("mine", "sep_light", "concentrate", 1), link("sep_light", "sep_heavy", "mixed", 10),
        link("sep_light", "use_use_eee", "oxide", 10), link("sep_heavy", "use_use_eee", "oxide", 10),
    ]  # fmt: skip
    b.flows = [
        Flow("mine", "sep_light", "concentrate", "", 3650.0),
        Flow("sep_light", "sep_heavy", "mixed", "", 365.0),
        Flow("sep_light", "use_use_eee", "oxide", "Xa", 3285.0),
        Flow("sep_heavy", "use_use_eee", "oxide", "Zc", 365.0),
    ]
    b.demand = [Demand("use", "EEE", "Xa", 3285.0), Demand("use", "EEE", "Zc", 365.0)]
    b.covers = [
        Cover("use_use_eee", "oxide", "", 20.0),
        Cover("sep_light", "concentrate", "", 14.0),
    ]
    return b.world()


def test_the_heavy_element_stops_and_the_light_one_flows_when_the_only_heavy_plant_closes() -> None:
    use = (
        run(two_stage_separation(heavy_capacity=400.0))
        .use.groupby("product")
        .sum(numeric_only=True)
    )
    assert use["consumed_t"].to_dict() == pytest.approx({"Xa": 2 * 3285.0, "Zc": 730.0})
    closed = run(two_stage_separation(heavy_capacity=0.0))
    use = closed.use.groupby("product").sum(numeric_only=True)
    assert use["consumed_t"].to_dict() == pytest.approx({"Xa": 2 * 3285.0, "Zc": 0.0})
    # All Zc lies in mixed concentrate before the closed plant: nothing of it is lost.
    assert closed.balance.set_index("element").loc["Zc", "lost_t"] == 0


def test_ore_from_one_country_separated_in_another_keeps_both_names_after_two_blends() -> None:
    # KAZ and CHN ore, 1:3, are blended at the plant in CHN; its oxide is blended 1:1 with AUS oxide at a metal
    # maker in JPN. A quarter of a half is KAZ ore, all of it separated in CHN.
    b = Builder()
    b.sectors = {"use": sector("use", "metal")}
    for country, t in (("KAZ", 250.0), ("CHN", 750.0), ("AUS", 1000.0)):
        b.sites.append(site(f"mine_{country}", country, "mine", output_t_per_year=t,
                            capacity_t_per_year=t, basket={"Xa": 1.0}))  # fmt: skip
    for country in ("CHN", "AUS"):
        b.sites.append(site(f"sep_{country}", country, "separation", output_t_per_year=1000.0,
                            capacity_t_per_year=1000.0, processing_days=7.0, can_separate=("Xa",)))  # fmt: skip
        b.links.append(link(f"sep_{country}", "metal_jpn", "oxide", 10))
        b.flows.append(Flow(f"sep_{country}", "metal_jpn", "oxide", "Xa", 1000.0))
    b.sites.append(site("metal_jpn", "JPN", "metal", output_t_per_year=2000.0,
                        capacity_t_per_year=2000.0, processing_days=7.0))  # fmt: skip
    for mine, plant, t in (("KAZ", "CHN", 250.0), ("CHN", "CHN", 750.0), ("AUS", "AUS", 1000.0)):
        b.links.append(link(f"mine_{mine}", f"sep_{plant}", "concentrate", 5))
        b.flows.append(Flow(f"mine_{mine}", f"sep_{plant}", "concentrate", "", t))
    b.links.append(link("metal_jpn", "use_use_jpn", "metal", 2))
    b.flows.append(Flow("metal_jpn", "use_use_jpn", "metal", "Xa", 2000.0))
    b.demand = [Demand("use", "JPN", "Xa", 2000.0)]
    traced = run(b.world(), watched=("CHN",)).provenance
    share = traced.groupby(["mine_country", "separation_country", "touched"])["t"].sum()
    share = share / share.sum()
    assert share.to_dict() == pytest.approx({
        ("AUS", "AUS", ""): 0.5, ("CHN", "CHN", "CHN"): 0.375, ("KAZ", "CHN", "CHN"): 0.125,
    })  # fmt: skip


def test_a_capped_supplier_fills_the_part_of_demand_that_it_can() -> None:
    # A second source stays at 4 of 10 t/day, plus its 14 days of producer stock once: fill rate 0.4 after that.
    use = run(line_world(second=True, cover=20), ban(0)).use
    last = use[use["month"] >= "2026-01"].sum(numeric_only=True)
    assert last["consumed_t"] / last["demand_t"] == pytest.approx(0.4, abs=1e-3)


def test_no_stock_is_ever_negative() -> None:
    records = run(line_world(second=True, users=4), ban(50, 150), licence(200, 1))
    assert records.stocks["stock_t"].min() >= 0
    assert records.shipments[["dispatched_t", "arrived_t", "held_t"]].min().min() >= 0
    assert np.all(records.review_consumed_t <= records.review_demand_t + 1e-12)


def with_new_mine_and_plant(**written: Any) -> World:
    """The line with a second mine and plant, designed for 730 t/yr (2 t/day)."""
    world = line_world()
    share = {"Xa": 0.6, "Zc": 0.4}
    settings = {"planned_capacity_t_per_year": 730.0, "processing_days": 7.0, **written}
    mine = site("mine_new", "CCC", "mine", basket=share, **settings)
    plant = site("sep_new", "CCC", "separation", can_separate=("Xa", "Zc"), **settings)
    lanes = [
        link(
            "mine_new", "sep_new", "concentrate", 1, qualified=False, planned_full_t_per_year=730.0
        ),
        link("sep_new", "use_use_eee", "oxide", 5, qualified=False, planned_full_t_per_year=730.0),
    ]
    return replace(
        world,
        sites={**world.sites, mine.id: mine, plant.id: plant},
        links={**world.links, **{(x.seller, x.buyer, x.form): x for x in lanes}},
    )


def ramp_up(place: str, ramp: str) -> CapacityRampUp:
    return CapacityRampUp.model_validate({
        "id": place, "kind": "capacity_ramp_up", "site": place, "ramp": ramp,
        "first_output": STARTS + timedelta(days=100), "success": "50 %", "achieved": "80 %",
    })  # fmt: skip


def test_added_capacity_ramps_up_at_its_success_weighted_size() -> None:
    # Of 2 t/day with success 50 % and achieved 80 %: 0.8 t/day at last, half of it on the day that is half the
    # ramp after first output. Long before that: nothing.
    world = with_new_mine_and_plant(status="asset")
    records = run(world, ramp_up("mine_new", "200 d"), ramp_up("sep_new", "200 d"))
    made = records.production[records.production["site"] == "mine_new"]
    daily = made.groupby("month")["output_t"].sum()
    assert daily.index[0] >= "2025-04"
    # July 2025 holds day 200, the middle of the ramp: half of 0.8 t/day, 31 days.
    assert daily["2025-07"] == pytest.approx(0.4 * 31, rel=0.05)
    assert daily["2026-12"] == pytest.approx(0.8 * 31, rel=0.01)
    assert "mine_new" not in set(run(world).production["site"])


def test_a_lever_that_repeats_the_ramp_of_the_pack_changes_nothing() -> None:
    world = with_new_mine_and_plant(
        status="project", earliest_start=STARTS.year + 100 / DAYS_PER_CALENDAR_YEAR,
        ramp_years=2.0, success=0.5, ramp_cap=0.8,
    )  # fmt: skip
    by_pack = run(world)
    by_lever = run(world, ramp_up("mine_new", "2 years"), ramp_up("sep_new", "2 years"))
    assert "mine_new" in set(by_pack.production["site"])
    pd.testing.assert_frame_equal(by_lever.production, by_pack.production, rtol=1e-9)
