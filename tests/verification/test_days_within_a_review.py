"""What a restriction does on its own days, whoever buys, whatever it is called, and what an easing changes.

AAA sends 10 t/day to EEE (6 t of Xa and 4 t of Zc), 30 days away; reviews fall on days 0.5, 7.5, ..., 49.5.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.engine import simulate
from sim.engine.batches import put_together
from sim.engine.calendar import Calendar
from sim.engine.records import Records
from sim.engine.regime import Stretch
from sim.engine.simulation import Simulation
from sim.engine.sold import Sold
from sim.engine.transport import Transport
from sim.levers import CorridorClosure, ExportBan, ExportLicence, ExportQuota, StockpileRelease
from sim.world import load_pack
from sim.world.world import Demand, EndUsers, Flow, World
from tests.trade_world import trade_world
from tests.worlds import ENDS, STARTS, corridor_world, line_world, link, sector, site


def on(day: int) -> Any:
    return STARTS + timedelta(days=day)


def lever(kind: type, first: int | None, last: int | None = None, **settings: Any) -> Any:
    name = {
        ExportBan: "export_ban", ExportQuota: "export_quota", ExportLicence: "export_licence",
        CorridorClosure: "corridor_closure", StockpileRelease: "stockpile_release",
    }[kind]  # fmt: skip
    exporter = {"exporter": "AAA"} if name.startswith("export") else {}
    dates = {
        "starts": None if first is None else on(first),
        "ends": None if last is None else on(last),
    }
    written = {"id": name, "kind": name} | exporter | dates | settings
    return kind.model_validate(
        {k: v for k, v in written.items() if v is not None}, context={"world": corridor_world()}
    )


def run(world: World, *levers: Any, **settings: Any) -> Records:
    return simulate(world, levers, starts=STARTS, ends=ENDS, **settings)


def stopped_t(records: Records) -> float:
    return float(records.limits[records.limits["kind"].isin(["border", "corridor"])]["t"].sum())


def sold_by_stretch(simulation: Simulation) -> list[tuple[Stretch, float]]:
    """Run it and keep what was shipped on each stretch of each review, t."""
    kept: list[tuple[Stretch, float]] = []
    sell = simulation.selling.sell

    class Listening:
        def __getattr__(self, name: str) -> Any:
            return getattr(simulation_selling, name)

        def sell(self, *about: Any) -> Any:
            outcome: Sold = sell(*about)
            (stretches,) = about[-1]
            kept.extend(zip(stretches, shipped_on(stretches, outcome), strict=True))
            return outcome

    simulation_selling = simulation.selling
    simulation.selling = Listening()  # type: ignore[assignment]
    (records,) = simulation.run()
    assert isinstance(records, Records)
    return kept


def shipped_on(stretches: Any, sold: Sold) -> list[float]:
    """[stretch] t in a single column: steady lines evenly, and what cells have of their own."""
    steady_t = sold.shipped_t[:, 0].sum()
    if sold.cells is None:
        return [steady_t * stretch.part for stretch in stretches]
    steady_t -= sold.shipped_t[sold.cells.line, 0].sum()
    return [
        steady_t * stretch.part + sold.cells_shipped_t[k].sum()
        for k, stretch in enumerate(stretches)
    ]


@pytest.mark.parametrize(("first", "days"), [(51, 1), (51, 3), (56, 1), (55, 4), (49, 30), (50, 0)])
@pytest.mark.parametrize("kind", [ExportBan, CorridorClosure])
def test_a_stop_of_a_few_days_stops_what_was_planned_for_these_days(
    kind: type, first: int, days: int
) -> None:
    settings = {"corridor": "pass"} if kind is CorridorClosure else {}
    levers = [lever(kind, first, first + days, **settings)] if days else []
    assert stopped_t(run(corridor_world(), *levers)) == pytest.approx(10.0 * days, abs=1e-9)


def test_a_missing_licence_holds_the_goods_of_the_days_before_the_decision_and_no_others() -> None:
    # `clock`: filed on day 50, decided on day 53. Three days of 10 t wait, and have left by the next review.
    licence = lever(
        ExportLicence, 50, office="clock", review="3 d", approve="100 %", refuse="0 %",
        **{"return": "0 %"},
    )  # fmt: skip
    records = run(line_world(), licence)
    assert stopped_t(records) == pytest.approx(30.0)
    assert (records.shipments["held_t"] > 0).sum() == 2  # Xa and Zc, in February
    # They waited from the review of day 49.5 to that of 56.5.
    assert records.shipments["held_t"].sum() == pytest.approx(30.0 * 7 / 28)


def test_what_a_ban_of_a_few_days_refuses_is_asked_of_others_on_these_days() -> None:
    # 4 of the 10 t/day come from BBB, which digs and splits twice of what it sells: there is enough for all.
    world = line_world(second=True)
    twice = {"output_t_per_year": 2920.0, "capacity_t_per_year": 2920.0}
    more_ore = {name: replace(world.sites[name], **twice) for name in ("mine_bbb", "sep_bbb")}
    world = replace(world, sites={**world.sites, **more_ore})
    sent = [
        r.shipments[r.shipments["seller"] == "sep_bbb"].groupby("month")["dispatched_t"].sum()
        for r in (run(world, lever(ExportBan, 51, 54)), run(world))
    ]
    more = sent[0] - sent[1]
    assert more["2025-02"] == pytest.approx(3 * 6.0)


def test_a_quota_that_begins_between_two_reviews_binds_from_its_own_day() -> None:
    # Nothing may leave from 1 April (day 90) on; the review of day 84.5 sells for 5.5 free days of seven.
    shipments = run(line_world(), lever(ExportQuota, 90, amount="0 %")).shipments
    oxide = shipments[shipments["form"] == "oxide"].groupby("month")["dispatched_t"].sum()
    assert oxide["2025-03"] == pytest.approx(310.0)
    assert oxide.get("2025-04", 0.0) == pytest.approx(0.0, abs=1e-9)


def test_no_month_shows_more_exports_than_a_monthly_quota_allows() -> None:
    quota = lever(ExportQuota, 0, amount="50 %", period="month", each="all")
    shipments = run(line_world(), quota).shipments
    oxide = shipments[shipments["form"] == "oxide"].groupby("month")["dispatched_t"].sum()
    assert oxide.to_numpy() == pytest.approx(3650.0 * 0.5 / 12)


def test_what_leaves_at_one_midnight_by_one_way_is_one_train(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A ban of a day on one oxide leaves all others of the week on the train that they would have taken.
    sent: list[tuple[int, float]] = []
    send = Transport.send_trains

    def noted(self: Transport, *goods: Any, now: float, leaves: float) -> int:
        sent.append((goods[2], leaves))
        return send(self, *goods, now=now, leaves=leaves)

    monkeypatch.setattr(Transport, "send_trains", noted)
    ban = lever(ExportBan, 60, 61)
    put_together(trade_world(), [ban], Calendar(STARTS, ENDS), 7.0, provenance=False).run()
    assert len(sent) == len(set(sent)) > 100


# ---- exports by month


def test_exports_a_day_are_the_same_in_all_months_of_a_calm_world() -> None:
    for world, exporter in ((line_world(), "AAA"), (without_growth(), "CHN")):
        shipments = run(world, provenance=False).shipments
        abroad = (shipments["seller_country"] == exporter) & (shipments["buyer_region"] != exporter)
        for _, flow in shipments[abroad].groupby("form", observed=True):
            month_t = flow.groupby("month", observed=True)["dispatched_t"].sum()
            days = [monthrange(int(m[:4]), int(m[5:]))[1] for m in month_t.index]
            per_day = month_t.to_numpy() / np.array(days)
            assert len(per_day) == 24
            assert per_day.max() - per_day.min() <= 1e-6 * per_day.max()


def without_growth() -> World:
    """The shipped world as it stands in its base year."""
    world = load_pack("rare_earths_2024")
    flat = {"growth_per_year": 0.0, "later_growth_per_year": None}
    still = {"growth_per_year": 0.0, "planned_capacity_t_per_year": 0.0}
    sites = {
        id: replace(s, **still) if s.status == "operating" else replace(s, status="asset")
        for id, s in world.sites.items()
    }
    sectors = {id: replace(each, **flat) for id, each in world.sectors.items()}
    return replace(world, sectors=sectors, sites=sites)


def test_exports_by_month_add_up_to_what_left_the_sellers() -> None:
    levers = [
        lever(ExportBan, 51, 54), lever(ExportQuota, 200, amount="45 %"),
        lever(CorridorClosure, 100, 130, corridor="pass"),
    ]  # fmt: skip
    simulation = put_together(trade_world(), levers, Calendar(STARTS, ENDS), 7.0, provenance=False)
    sold = sold_by_stretch(simulation)
    assert len(sold) > simulation.clock.review_number + len(levers)
    left_t = simulation.ledger.sent_t.sum()
    assert sum(t for _, t in sold) == pytest.approx(left_t, rel=1e-9)
    # A stretch that reaches beyond the horizon counts with its days inside.
    horizon = simulation.calendar.horizon_days
    inside = 0.0
    for stretch, t in sold:
        starts, ends = stretch.starts, stretch.ends
        days = max(0.0, min(ends, horizon) - max(starts, 0.0))
        inside += t * days / (ends - starts)
    assert simulation.recorder.goods.shipped.table.sum() == pytest.approx(inside, rel=1e-9)


# ---- who buys


def every_kind_of_buyer() -> World:
    """AAA sells to an end use, a maker, a plant and a stockpile abroad, to a pile and to users at home."""
    world = corridor_world()
    sites = [
        site("metal_eee", "EEE", "metal", output_t_per_year=365.0, capacity_t_per_year=400.0),
        site("sep_eee", "EEE", "separation", output_t_per_year=365.0, capacity_t_per_year=400.0,
             can_separate=("Xa", "Zc"), processing_days=7.0),
        replace(world.sites["mine_aaa"], output_t_per_year=5715.0, capacity_t_per_year=5715.0),
        replace(world.sites["sep_aaa"], output_t_per_year=5110.0, capacity_t_per_year=5110.0),
    ]  # fmt: skip
    links = [
        link("sep_aaa", "metal_eee", "oxide", 30), link("metal_eee", "use_wire_eee", "metal", 2),
        link("mine_aaa", "sep_eee", "concentrate", 30), link("sep_eee", "use_use_eee", "oxide", 2),
        link("sep_aaa", "use_use_aaa", "oxide", 2),
    ]  # fmt: skip
    flows = [
        Flow("sep_aaa", "metal_eee", "oxide", "Xa", 365.0),
        Flow("metal_eee", "use_wire_eee", "metal", "Xa", 365.0),
        Flow("mine_aaa", "sep_eee", "concentrate", "", 365.0),
        Flow("sep_eee", "use_use_eee", "oxide", "Xa", 219.0),
        Flow("sep_eee", "use_use_eee", "oxide", "Zc", 146.0),
        Flow("sep_aaa", "use_use_aaa", "oxide", "Xa", 365.0),
        Flow("mine_aaa", "stock_mine_aaa", "concentrate", "", 240.0),
        Flow("mine_aaa", "sep_aaa", "concentrate", "", 1460.0),
    ]
    demand = [
        Demand("wire", "EEE", "Xa", 365.0), Demand("use", "AAA", "Xa", 365.0),
        Demand("use", "EEE", "Xa", 219.0), Demand("use", "EEE", "Zc", 146.0),
    ]  # fmt: skip
    return replace(
        world,
        sites={**world.sites, **{s.id: s for s in sites}},
        links={**world.links, **{(x.seller, x.buyer, x.form): x for x in links}},
        flows=(*world.flows, *flows),
        demand=(*world.demand, *demand),
        sectors={**world.sectors, "wire": sector("wire", "metal")},
        countries={
            **world.countries,
            "AAA": replace(world.countries["EEE"], id="AAA", region="AAA"),
        },
        regions={**world.regions, "AAA": replace(world.regions["EEE"], id="AAA")},
    )


def sent_from_aaa(records: Records) -> pd.Series:
    """Buyer -> t that left AAA's sites for it from December 2025 on."""
    late = records.shipments[records.shipments["month"] >= "2025-12"]
    mine = late[late["seller"].isin(["sep_aaa", "mine_aaa"])]
    return mine.groupby("buyer", observed=True)["dispatched_t"].sum()


def test_a_ban_holds_before_every_kind_of_buyer_abroad_and_before_none_at_home() -> None:
    # The pile is emptied by a first ban, and wants to refill when the second has come.
    world = every_kind_of_buyer()
    pile = lever(StockpileRelease, 0, stockpile="stockpile_eee", trigger="10 d", refill="400 t/yr")
    free = sent_from_aaa(run(world, lever(ExportBan, 50, 300, id="first"), pile))
    abroad = {"metal_eee", "sep_eee", "use_use_eee", "stockpile_eee/stockpile_release"}
    assert abroad <= set(free[free > 0].index)
    banned = sent_from_aaa(run(world, lever(ExportBan, 50), pile))
    assert set(banned[banned > 0].index) == {"sep_aaa", "use_use_aaa", "stock_mine_aaa"}


def test_a_closed_corridor_stops_what_refills_a_stockpile_too() -> None:
    # Emptied by a ban, the stockpile buys 0.55 t/day back, but not while its way is closed, in November 2025.
    pile = lever(StockpileRelease, 0, stockpile="stockpile_eee", trigger="10 d", refill="200 t/yr")
    ban = lever(ExportBan, 50, 120)
    shut = lever(CorridorClosure, 304, 334, corridor="pass", in_transit="continue")
    shipments = run(corridor_world(), pile, ban, shut).shipments
    refilled = shipments[shipments["buyer"].str.startswith("stockpile")]
    assert set(refilled["corridor"]) == {"pass"}
    by_month = refilled.groupby("month", observed=True)["dispatched_t"].sum()
    assert by_month["2025-10"] > 10
    assert by_month.get("2025-11", 0.0) == 0.0


# ---- easing


def test_an_eased_licence_covers_what_it_then_says() -> None:
    # From day 200 on only Zc, of which 4 t/day are used, still needs a licence that nobody gets.
    phases = [
        {"phase": "in_force", "from": on(50)},
        {"phase": "eased", "from": on(200), "elements": ["Zc"]},
    ]
    nobody = {"approve": "0 %", "return": "0 %", "refuse": "100 %"}
    licence = lever(ExportLicence, None, phases=phases, office="clock", review="1 d", **nobody)
    records = run(line_world(users=3), licence)
    late = records.shipments[records.shipments["month"] >= "2025-09"]
    sent = late[late["form"] == "oxide"].groupby("product", observed=True)["dispatched_t"].sum()
    assert sent.get("Zc", 0.0) == 0.0
    assert sent["Xa"] > 6.0 * 480
    # Before: everything was refused, in the same world.
    before = records.shipments[records.shipments["month"].between("2025-04", "2025-06")]
    assert before[before["form"] == "oxide"]["dispatched_t"].sum() == pytest.approx(0.0, abs=1e-9)


def test_who_comes_into_the_scope_of_an_eased_licence_applies_on_that_day() -> None:
    phases = [
        {"phase": "in_force", "from": on(50)},
        {"phase": "eased", "from": on(200), "elements": ["Xa", "Zc"]},
    ]
    licence = lever(
        ExportLicence, None, phases=phases, elements=["Zc"], office="clock", review="30 d",
        approve="100 %", refuse="0 %", **{"return": "0 %"},
    )  # fmt: skip
    world = line_world(users=3)
    lane = link("sep_aaa", "use_coat_eee", "oxide", 30)
    other = replace(
        world,
        demand=tuple(replace(d, sector="coat") if d.product == "Xa" else d for d in world.demand),
        sectors={**world.sectors, "coat": sector("coat", "oxide")},
        links={**world.links, ("sep_aaa", "use_coat_eee", "oxide"): lane},
        flows=tuple(replace(f, buyer="use_coat_eee") if f.product == "Xa" else f for f in world.flows),
        end_users={**world.end_users, "use_coat_eee": EndUsers("use_coat_eee", (0.5, 0.5), (False, False))},
    )  # fmt: skip
    cases = run(other, licence).licences
    first = cases[~cases["renewal"]].groupby("node")["filed_day"].agg(["min", "max", "count"])
    assert first.loc["use_use_eee"].to_list() == [50, 50, 3]
    assert first.loc["use_coat_eee"].to_list() == [200, 200, 2]


def test_an_easing_of_a_quota_forgets_nothing_that_has_left() -> None:
    # A year's 50 % are 1,825 t, 1,095 of Xa and 730 of Zc, counted each for itself. On day 100 1,000 t have
    # left. Eased to one tonnage of 60 %, 2,190 t: 1,190 t are left for the year, at 10 t/day until day 219.
    phases = [
        {"phase": "in_force", "from": on(0)},
        {"phase": "eased", "from": on(100), "each": "all", "amount": "60 %"},
    ]
    quota = lever(ExportQuota, None, phases=phases, amount="50 %", period="year", each="element")
    shipments = run(line_world(), quota).shipments
    oxide = shipments[(shipments["form"] == "oxide") & shipments["month"].str.startswith("2025")]
    assert oxide["dispatched_t"].sum() == pytest.approx(2190.0)
    assert oxide.groupby("month")["dispatched_t"].sum()["2025-07"] == pytest.approx(310.0)
    # A narrower scope has counted what left within it: of Xa 600 t by day 100, of 876 t a year.
    phases[1] = {"phase": "eased", "from": on(100), "elements": ["Xa"], "amount": "40 %"}
    quota = lever(ExportQuota, None, phases=phases, amount="50 %", period="year", each="all")
    shipments = run(line_world(), quota).shipments
    xa = shipments[(shipments["product"] == "Xa") & shipments["month"].str.startswith("2025")]
    assert xa["dispatched_t"].sum() == pytest.approx(2190.0 * 0.4)
    zc = shipments[(shipments["product"] == "Zc") & shipments["month"].str.startswith("2025")]
    assert zc["dispatched_t"].sum() == pytest.approx(1460.0, rel=1e-3)


def test_a_stockpile_that_is_refilled_from_an_easing_on_is_refilled() -> None:
    phases = [
        {"phase": "in_force", "from": on(0)},
        {"phase": "eased", "from": on(300), "refill": "400 t/yr"},
    ]
    pile = lever(StockpileRelease, None, stockpile="stockpile_eee", trigger="10 d", phases=phases)
    records = run(corridor_world(), lever(ExportBan, 50, 200), pile)
    bought = records.shipments[records.shipments["buyer"].str.startswith("stockpile")]
    assert bought[bought["dispatched_t"] > 0]["month"].min() == "2025-10"  # day 300 is 28 October


def test_a_warning_says_nobody_feels_it_only_where_no_phase_is_felt() -> None:
    phases = [
        {"phase": "in_force", "from": on(0)},
        {"phase": "eased", "from": on(100), "destinations": ["EEE"]},
    ]
    nowhere = lever(ExportBan, 0, destinations=["AAA"])
    eased = lever(ExportBan, None, destinations=["AAA"], phases=phases)
    assert run(line_world(), nowhere).warnings
    assert not run(line_world(), eased).warnings


# ---- luck


def regime(name: str, **settings: Any) -> Any:
    outcomes = {"approve": "60 %", "return": "20 %", "refuse": "20 %"}
    plain = {"office": {"reviewers": 1, "cases_per_week": "2 each"}, "review": "20 d", "id": name}
    return lever(ExportLicence, 50, **outcomes, **(plain | settings))


def test_another_name_for_a_lever_changes_nothing_but_the_name() -> None:
    world = line_world(users=8, cover=30)
    narrow = {"elements": ["Xa"], "validity": "100 d"}
    for names in (("one", "two"), ("zebra", "ant"), ("a", "b")):
        records = run(world, regime(names[0]), regime(names[1], **narrow))
        cases = records.licences.assign(
            lever=records.licences["lever"].map({names[0]: 1, names[1]: 2})
        )
        order = ["lever", "user", "group", "filed_day"]
        found = records.use, cases.sort_values(order, ignore_index=True)
        if names == ("one", "two"):
            first = found
        pd.testing.assert_frame_equal(found[0], first[0], check_exact=True)
        pd.testing.assert_frame_equal(found[1], first[1], check_exact=True)


def test_a_lever_that_files_no_case_changes_no_draw() -> None:
    world = line_world(users=8, cover=30)
    general = regime("aaa", general_licence=["use_use_eee"], office="clock", validity="700 d")
    ban = lever(ExportBan, 720, id="aab")
    plain = run(world, regime("licence")).licences
    with_others = run(world, general, ban, regime("licence")).licences
    early = with_others[(with_others["lever"] == "licence") & (with_others["filed_day"] < 400)]
    pd.testing.assert_frame_equal(
        early.reset_index(drop=True),
        plain[plain["filed_day"] < 400].reset_index(drop=True),
        check_exact=True,
    )


def test_two_regimes_draw_for_the_same_user_each_for_itself() -> None:
    world = line_world(users=40, cover=30)
    records = run(
        world, regime("one", office="clock"), regime("two", office="clock", validity="99 d")
    )
    first = records.licences[records.licences["filed_day"] == 50].set_index(["lever", "user"])
    outcomes = first["outcome"].unstack("lever")
    assert len(outcomes) == 40
    assert (outcomes["one"] != outcomes["two"]).sum() >= 5
