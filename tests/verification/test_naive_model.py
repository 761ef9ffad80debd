"""The engine gives, week by week, the shortfalls of a model written again from `docs/model.md` without it.

`benchmarks/naive` runs a process for every site and shipment and a container for every element; the engine
runs arrays. What only one of them does would show here. Beside it, what this comparison had found.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.naive import NaiveModel
from sim.engine.calendar import Calendar
from sim.engine.licensing import keyed_uniform
from sim.engine.making import make
from sim.engine.records import Records
from sim.engine.simulation import Simulation
from sim.levers import CorridorClosure, ExportBan, ExportLicence, ExportQuota
from tests.trade_world import trade_world
from tests.worlds import ENDS, STARTS

SEED = 3
AGREE_T = 1e-9


def written(lever: Any, first: int, last: int | None, **settings: Any) -> Any:
    """A lever on from one day to another, counted from the scenario's first."""
    dates = {"starts": STARTS + timedelta(days=first)}
    if last is not None:
        dates["ends"] = STARTS + timedelta(days=last)
    return lever.model_validate(
        {"id": "lever"} | dates | settings, context={"world": trade_world()}
    )


def export(kind: str) -> dict[str, Any]:
    return {"kind": f"export_{kind}", "exporter": "AAA"}


LEVERS = {
    "ban": written(ExportBan, 60, 420, **export("ban")),
    # In force before the first day, so that a slice of the calendar is under way when it comes.
    "quota": written(ExportQuota, -77, None, **export("quota"), amount="45 %", each="element"),
    # Few reviewers for 39 users, every outcome, and licences that run out before the scenario does.
    "licence": written(
        ExportLicence, -110, 600, **export("licence"), review="45 working days", validity="150 d",
        office={"reviewers": 4, "cases_per_week": "1 each"}, renewal="lapses",
        **{"approve": "60 %", "return": "25 %", "refuse": "15 %"},
    ),
    "closure that holds": written(
        CorridorClosure, 80, 300, kind="corridor_closure", corridor="pass", in_transit="hold"
    ),
    "closure of a leg that lets lots sail on": written(
        CorridorClosure, 80, 300, kind="corridor_closure", corridor="pass", leg=2,
        in_transit="continue",
    ),
}  # fmt: skip


def compiled(*levers: Any) -> Simulation:
    """The engine before its first day."""
    calendar = Calendar(STARTS, ENDS)
    return Simulation.of(trade_world(), levers, calendar, 7.0, SEED, provenance=False)


def shortfall_of(records: Records) -> pd.DataFrame:
    """[review day, (end use, product)] t."""
    keys = records.use_index[["sector", "region", "product"]].itertuples(index=False)
    columns = [(f"use_{sector}_{region}".lower(), product) for sector, region, product in keys]
    gap = records.review_demand_t - records.review_consumed_t
    return pd.DataFrame(gap, index=records.review_day, columns=columns)


@pytest.mark.parametrize("name", LEVERS)
def test_the_weekly_shortfalls_are_those_of_the_naive_model(name: str) -> None:
    engine = compiled(LEVERS[name])
    first_day = engine.clock.now
    short = shortfall_of(engine.run())
    naive = NaiveModel(
        trade_world(), [LEVERS[name]], starts=STARTS, ends=ENDS, first_day=first_day,
        draw=keyed_uniform, seed=SEED,
    ).run()  # fmt: skip
    other = pd.DataFrame.from_dict(naive, orient="index").loc[short.index, list(short.columns)]
    assert len(short) >= 104
    assert np.abs(short.to_numpy() - other.to_numpy()).max() < AGREE_T
    # The case bites: several end uses are short for weeks, and each of them is also served at some time.
    short_weeks = (short > 0.05).sum()
    assert (short_weeks >= 4).sum() >= 2
    assert (short_weeks < len(short)).all()


def test_the_cases_are_not_one_case_and_calm_is_none() -> None:
    totals = {
        name: shortfall_of(compiled(lever).run()).to_numpy() for name, lever in LEVERS.items()
    }
    names = list(totals)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            assert np.abs(totals[one] - totals[other]).max() > 0.5, (one, other)
    assert shortfall_of(compiled().run()).to_numpy().max() < AGREE_T


def test_the_licence_case_has_a_queue_every_outcome_and_renewals() -> None:
    cases = compiled(LEVERS["licence"]).run().licences
    assert set(cases["outcome"]) == {"approve", "return", "refuse"}
    assert cases["renewal"].any()
    # A reviewer's week and 45 working days are 70 days or less; whoever took longer waited for a reviewer.
    assert (cases["decided_day"] - cases["filed_day"] > 77).sum() >= 10


def test_a_licence_given_before_the_first_day_runs_from_its_own_day() -> None:
    engine = compiled(LEVERS["licence"])
    engine.run()
    first = [d for d in engine.desks.decisions() if d.outcome == "approve" and not d.renewal]
    early = [d for d in first if d.decided_day < 0]
    assert len(early) > 5
    assert {d.valid_until - d.decided_day for d in first} == {150}


def test_a_filler_of_which_hardly_anything_is_left_is_replaced_and_stops_no_maker() -> None:
    # Whatever is left of the filler, there is plenty of what replaces it: all is made.
    engine = compiled()
    network, stocks = engine.network, engine.stocks
    makers = next(m for m in engine.production.all_makers if m.by_recipe)
    wish_t = np.full((len(makers.site), len(makers.products)), 1.0)
    filler = network.elements.index("Fi")
    for left_t in (0.0, *np.geomspace(1e-18, 1e-2, 49)):
        stocks.held[:-1] = 100.0
        stocks.held[makers.holder[:, filler]] = left_t
        batch = make(makers, network, stocks, wish_t, wish_t, day=0.0, span=7.0)
        assert batch.product_t == pytest.approx(wish_t, rel=1e-12), left_t
        assert stocks.held.min() >= 0
