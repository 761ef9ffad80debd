"""Whatever is restricted, no tonne appears or vanishes, and nothing goes below zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine import Variant, outcome_of, simulate, simulate_all
from sim.engine.batches import put_together
from sim.engine.calendar import Calendar
from sim.engine.records import Records
from sim.levers import CorridorClosure, ExportBan, ExportLicence, ExportQuota, StockpileRelease
from sim.rules.behaviour import RIGID, Behaviour
from sim.scenario import load
from sim.words.problems import BalanceError
from sim.world import load_pack
from tests.property.test_columns import QUICK, quick_to_trade
from tests.worlds import STARTS, corridor_world, line_world

TOY = Path(__file__).parents[1] / "packs" / "toy_mineral"
YEAR = timedelta(days=365)


def levers_on(exporter: str, corridor: str, stockpile: str) -> st.SearchStrategy[list[Any]]:
    days = st.integers(-50, 300)

    def ban(day: int, length: int) -> Any:
        return ExportBan.model_validate({
            "id": "ban", "kind": "export_ban", "exporter": exporter,
            "starts": STARTS + timedelta(days=day), "ends": STARTS + timedelta(days=day + length),
        })  # fmt: skip

    def quota(day: int, share: int) -> Any:
        return ExportQuota.model_validate({
            "id": "quota", "kind": "export_quota", "exporter": exporter, "amount": f"{share} %",
            "starts": STARTS + timedelta(days=day),
        })  # fmt: skip

    def licence(day: int, reviewers: int) -> Any:
        return ExportLicence.model_validate({
            "id": "licence", "kind": "export_licence", "exporter": exporter,
            "starts": STARTS + timedelta(days=day),
            "office": {"reviewers": reviewers, "cases_per_week": "2 each"},
        })  # fmt: skip

    def closure(day: int, length: int) -> Any:
        return CorridorClosure.model_validate({
            "id": "closure", "kind": "corridor_closure", "corridor": corridor,
            "starts": STARTS + timedelta(days=day), "ends": STARTS + timedelta(days=day + length),
        })  # fmt: skip

    def release(days: int, refill: int) -> Any:
        return StockpileRelease.model_validate({
            "id": "pile", "kind": "stockpile_release", "stockpile": stockpile, "size": f"{days} d",
            "trigger": "30 d", "refill": f"{refill} t/yr", "starts": STARTS,
        })  # fmt: skip

    return st.tuples(
        st.builds(closure, days, st.integers(1, 200)),
        st.builds(release, st.integers(1, 200), st.integers(1, 1000)),
        st.builds(ban, days, st.integers(1, 200)),
        st.builds(quota, days, st.integers(0, 120)),
        st.builds(licence, days, st.integers(1, 30)),
    ).flatmap(lambda all_of_them: st.lists(st.sampled_from(all_of_them), unique_by=lambda x: x.id))


def several(levers: st.SearchStrategy[list[Any]], count: int) -> st.SearchStrategy[list[Any]]:
    """Lists of levers for runs that are simulated side by side, which costs little more than one."""
    return st.lists(levers, min_size=count, max_size=count)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(
    several(levers_on("AAA", "pass", "stockpile_eee"), 4), st.integers(0, 120), st.integers(0, 5),
    st.sampled_from([QUICK, RIGID]),
)  # fmt: skip
def test_mass_is_conserved_in_a_small_world(
    levers: list[list[Any]], cover: int, users: int, behaviour: Behaviour
) -> None:
    world = corridor_world(second=True, cover=float(cover), users=users)
    for outcome in simulate_all(
        quick_to_trade(world), [Variant(each) for each in levers], starts=STARTS,
        ends=STARTS + YEAR, behaviour=behaviour,
    ):  # fmt: skip
        check(outcome_of(outcome))


@settings(max_examples=3, deadline=None, derandomize=True)
@given(st.data())
def test_mass_is_conserved_in_another_mineral(data: st.DataObject) -> None:
    world = load_pack(TOY)
    countries = sorted({site.country for site in world.sites.values()})
    levers = data.draw(
        several(
            st.sampled_from(countries).flatmap(lambda c: levers_on(c, "pass_d", "stockpile_c")), 4
        )
    )
    start = date(world.base_year + 1, 1, 1)
    for outcome in simulate_all(
        quick_to_trade(world), [Variant(each) for each in levers], starts=start, ends=start + YEAR,
        behaviour=data.draw(st.sampled_from([QUICK, RIGID])),
    ):  # fmt: skip
        check(outcome_of(outcome))


def test_what_buyers_learn_to_buy_is_delivered_and_traced_like_anything_else() -> None:
    scenario = load("china-full-ban-12-months")
    records = simulate(
        scenario.world, scenario.levers, starts=scenario.starts, ends=date(2027, 1, 1),
        behaviour=scenario.behaviour,
    )  # fmt: skip
    assert records.rules.set_index("rule").loc["market", "t"].sum() > 100.0
    check(records)


def check(records: Any) -> None:
    """The engine has checked each site; here the whole, and signs."""
    balance = records.balance
    throughput = balance["opening_t"] + balance["mined_t"]
    assert (balance["residual_t"].abs() <= 1e-9 * np.maximum(throughput, 1) * 10).all()
    assert records.stocks["stock_t"].min() >= 0
    assert np.all(records.review_consumed_t <= records.review_demand_t + 1e-9)
    delivered = records.use["delivered_t"].sum()
    assert records.provenance["t"].sum() == pytest.approx(delivered, rel=1e-6)
    check_that_nothing_lies_unsold_without_a_reason(records)


def check_that_nothing_lies_unsold_without_a_reason(records: Any) -> None:
    """While somebody lacks it who could have it."""
    idle = records.idle
    assert idle.loc[idle["reason"] == "none", "t"].sum() <= 1e-6


def test_a_tonne_that_vanishes_is_an_error_that_names_the_place() -> None:
    calendar = Calendar(STARTS, STARTS + YEAR)
    simulation = put_together(line_world(), (), calendar, 7.0, provenance=False)
    (records,) = simulation.run()
    assert isinstance(records, Records)
    stocks = simulation.goods.stocks
    assert simulation.ledger.faults(stocks) == [None]
    stocks.sold[simulation.network.output_index(("sep_aaa", "oxide", "Zc")), 0] += 1.0
    (fault,) = simulation.ledger.faults(stocks)
    assert isinstance(fault, BalanceError)
    assert "sep_aaa for Zc: +1 t" in str(fault)


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.sampled_from([0.01, 7.0, 1000.0]))
def test_scaling_all_masses_scales_all_flows(scale: float) -> None:
    world = line_world(second=True)
    bigger = replace(
        world,
        sites={
            k: replace(s, output_t_per_year=s.output_t_per_year * scale,
                       capacity_t_per_year=s.capacity_t_per_year * scale)
            for k, s in world.sites.items()
        },
        demand=tuple(replace(d, t_per_year=d.t_per_year * scale) for d in world.demand),
        flows=tuple(replace(f, t_per_year=f.t_per_year * scale) for f in world.flows),
    )  # fmt: skip
    ban = ExportBan.model_validate(
        {"id": "b", "kind": "export_ban", "exporter": "AAA", "starts": STARTS + timedelta(days=60)}
    )
    one = simulate(world, (ban,), starts=STARTS, ends=STARTS + YEAR).use["consumed_t"].sum()
    other = simulate(bigger, (ban,), starts=STARTS, ends=STARTS + YEAR).use["consumed_t"].sum()
    assert other == pytest.approx(one * scale, rel=1e-9)


@pytest.mark.parametrize("days", [5, 31, 200])
def test_a_run_shorter_than_the_wait_for_a_project_still_runs(days: int) -> None:
    world = load_pack("rare_earths_2024")
    records = simulate(world, (), starts=STARTS, ends=STARTS + timedelta(days=days))
    check(records)
    assert records.use["demand_t"].sum() > 0
    assert records.balance["recycled_t"].sum() > 0  # China's scrap plants run all the time
