"""The engine gives, week by week, the shortfalls of a model written again from `docs/model.md` without it.

`benchmarks/naive` runs a process for every site and shipment and a container for every element; the engine
runs arrays. What only one of them does would show here. Beside it, what this comparison had found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from functools import cache
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.naive import NaiveModel
from benchmarks.naive.goods import Item, Line
from sim.engine import Variant, outcome_of, simulate_all
from sim.engine.batches import put_together
from sim.engine.calendar import Calendar
from sim.engine.draws import keyed_uniform
from sim.engine.making import make
from sim.engine.records import Records
from sim.engine.simulation import Simulation
from sim.levers import CorridorClosure, ExportBan, ExportLicence, ExportQuota
from sim.world import World
from tests.trade_world import trade_world
from tests.worlds import ENDS, STARTS

SEED = 3
AGREE_T = 1e-9


def written(lever: Any, first: int | None, last: int | None, **settings: Any) -> Any:
    """A lever on from one day to another, counted from the scenario's first."""
    dates = {"starts": first, "ends": last}
    found = {k: STARTS + timedelta(days=day) for k, day in dates.items() if day is not None}
    return lever.model_validate(
        {"id": "lever"} | found | settings, context={"world": trade_world()}
    )


def by_phases(lever: Any, *phases: tuple[str, int, dict[str, Any]], **settings: Any) -> Any:
    """A lever with phases: (name, day counted from the scenario's first, what is restated)."""
    entries = [
        {"phase": name, "from": STARTS + timedelta(days=day)} | restated
        for name, day, restated in phases
    ]
    return written(lever, None, None, phases=entries, **settings)


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


ON_AND_OFF = [
    (("in_force" if day == 61 else "resumed", day, {}), ("paused", day + 1, {}))
    for day in range(61, 300, 6)
]
OFFICE = {
    "review": "45 working days", "validity": "150 d",
    "office": {"reviewers": 4, "cases_per_week": "1 each"},
    "approve": "60 %", "return": "25 %", "refuse": "15 %",
}  # fmt: skip
LESS_HELD = {
    "destinations": "CCC", "forms": ["oxide", "magnet"], "review": "20 d", "renewal": "holds",
    "office": {"reviewers": 7, "cases_per_week": "2 each"},
}  # fmt: skip
WITHIN_A_WEEK = {
    # Nothing changes within a review here.
    "a ban since before the warm-up": [
        written(ExportBan, -2000, None, **export("ban"), destinations="CCC", elements="Hv")
    ],
    "a ban of three days": [written(ExportBan, 60, 63, **export("ban"))],
    "bans of a day": [
        by_phases(ExportBan, *(phase for pair in ON_AND_OFF for phase in pair), **export("ban"))
    ],
    "a ban that is eased": [
        by_phases(
            ExportBan, ("in_force", 60, {}), ("eased", 122, {"destinations": "CCC"}),
            ("eased", 185, {"elements": "Hv"}), ("ended", 250, {}), **export("ban"),
        )
    ],
    "a licence with another scope and other reviewers": [
        by_phases(
            ExportLicence, ("in_force", -110, {}), ("eased", 60, LESS_HELD),
            ("eased", 199, {"destinations": "all", "elements": "X"}), ("ended", 600, {}),
            **export("licence"), **OFFICE, renewal="lapses", elements=["Hv", "X"],
        )
    ],
    "a licence with a pause and general licences": [
        by_phases(
            ExportLicence, ("in_force", -110, {}), ("paused", 45, {}), ("resumed", 100, {}),
            ("eased", 151, {"general_licence": ["magnet_b", "use_motors_ccc"]}),
            **export("licence"), **OFFICE, renewal="holds",
        )
    ],
    "a quota by element, then over all": [
        by_phases(
            ExportQuota, ("in_force", 33, {}),
            ("eased", 206, {"each": "all", "period": "month", "amount": "55 %"}),
            ("paused", 350, {}), ("resumed", 370, {}),
            ("eased", 433, {"forms": "oxide", "destinations": "CCC"}), ("ended", 550, {}),
            **export("quota"), amount="45 %", each="element", period="half-year",
        )
    ],
    "two quotas": [
        written(ExportQuota, 20, 400, **export("quota"), amount="50 %", each="element"),
        written(
            ExportQuota, 100, 500, **export("quota"), id="other", amount="40 %", period="month",
            destinations="CCC", each="all",
        ),
    ],
    "a closure of four days": [
        written(CorridorClosure, 80, 84, kind="corridor_closure", corridor="pass")
    ],
    # The pass is open on days with the cape closed and on days without: two trains of one review.
    "two closures": [
        written(CorridorClosure, 60, 108, kind="corridor_closure", corridor="pass"),
        written(CorridorClosure, 97, 110, kind="corridor_closure", corridor="cape", id="other"),
    ],
    "two licences": [
        written(
            ExportLicence, -110, 500, **export("licence"), **OFFICE, forms=["oxide", "metal"]
        ),
        written(
            ExportLicence, 44, 600, **export("licence"), **OFFICE, id="other", elements="Hv",
            renewal="lapses",
        ),
    ],
    "a ban, a quota and a licence": [
        written(ExportBan, 102, 121, **export("ban"), destinations="CCC"),
        written(ExportQuota, 40, 400, **export("quota"), id="quota", amount="70 %", period="month"),
        written(
            ExportLicence, 73, 500, **export("licence"), **OFFICE, id="licence", forms="magnet",
        ),
    ],
}  # fmt: skip
ONE_WAY = "a closure of four days, and no other way"
WITHIN_A_WEEK[ONE_WAY] = WITHIN_A_WEEK["a closure of four days"]


def thin_world(name: str = "") -> World:
    """Little is in stock and end uses wait whole reviews, so that a day of a restriction is felt."""
    world = trade_world()
    covers = [replace(c, days=0.3 if c.place.startswith("use") else c.days) for c in world.covers]
    links = {}
    for key, link in world.links.items():
        whole = 7.0 * ceil(link.transit_days / 7)
        days = whole if key[1].startswith("use") else link.transit_days
        other = "" if name == ONE_WAY else link.next_corridor
        links[key] = replace(link, transit_days=days, next_corridor=other, next_transit_days=84.0)
    defaults = replace(world.defaults, producer_stock_days=9.0)
    return replace(world, covers=tuple(covers), links=links, defaults=defaults)


def compiled(*levers: Any, world: World | None = None) -> Simulation:
    """The engine before its first day."""
    calendar = Calendar(STARTS, ENDS)
    return put_together(world or trade_world(), levers, calendar, 7.0, seed=SEED, provenance=False)


def run(engine: Simulation) -> Records:
    (outcome,) = engine.run()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


class Watched(NaiveModel):
    """Remembers what left, by the stretch on which it was sold."""

    def __init__(self, *levers: Any, world: World, first_day: float = -210.0) -> None:
        super().__init__(
            world, levers, starts=STARTS, ends=ENDS, first_day=first_day, draw=keyed_uniform,
            seed=SEED,
        )  # fmt: skip
        self.sent: list[tuple[float, Line, float]] = []
        self.by_way: dict[tuple[float, Line, str], float] = defaultdict(float)

    def _load(self, item: Item) -> None:
        super()._load(item)
        for line in item.lines:
            for x, t in zip(self.stretches, line.shipped, strict=True):
                self.sent.append((x.begins, line, t))
            for way, part in zip(line.ways, line.days, strict=True):
                if way is not None:
                    self.by_way[self.review, line, way[0]] += part * sum(line.shipped)

    def tonnes(self, lines: Collection[Line], first: float, last: float) -> float:
        """What left on stretches that begin from one day to before another."""
        return sum(t for day, line, t in self.sent if first <= day < last and line in lines)


def shortfall_of(records: Records) -> pd.DataFrame:
    """[review day, (end use, product)] t."""
    keys = records.use_index[["sector", "region", "product"]].itertuples(index=False)
    columns = [(f"use_{sector}_{region}".lower(), product) for sector, region, product in keys]
    gap = records.review_demand_t - records.review_consumed_t
    return pd.DataFrame(gap, index=records.review_day, columns=columns)


@pytest.mark.parametrize("name", [*LEVERS, *WITHIN_A_WEEK])
def test_the_weekly_shortfalls_are_those_of_the_naive_model(name: str) -> None:
    world = trade_world() if name in LEVERS else thin_world(name)
    levers = [LEVERS[name]] if name in LEVERS else WITHIN_A_WEEK[name]
    engine = compiled(*levers, world=world)
    naive = Watched(*levers, world=world, first_day=engine.clock.now)
    short = shortfall_of(run(engine))
    other = pd.DataFrame.from_dict(naive.run(), orient="index")
    other = other.loc[short.index, list(short.columns)]
    assert len(short) >= 104
    assert np.abs(short.to_numpy() - other.to_numpy()).max() < AGREE_T
    if name in WITHIN_A_WEEK:
        assert (short.to_numpy() > 0.05).any()
        return
    # The case bites: several end uses are short for weeks, and each of them is also served at some time.
    short_weeks = (short > 0.05).sum()
    assert (short_weeks >= 4).sum() >= 2
    assert (short_weeks < len(short)).all()


def watched(*levers: Any) -> Watched:
    """The naive model on the small world, run."""
    model = Watched(*levers, world=trade_world())
    model.run()
    return model


@cache
def calm() -> Watched:
    return watched()


def test_a_ban_of_a_day_stops_a_seventh_of_a_week() -> None:
    ban = written(ExportBan, 60, 61, **export("ban"))
    banned = watched(ban)
    sold = calm().tonnes(calm().market.covered(ban), 56.5, 63.5)
    assert sold > 10
    assert banned.tonnes(banned.market.covered(ban), 56.5, 63.5) == pytest.approx(sold * 6 / 7)
    assert banned.tonnes(banned.market.covered(ban), 60, 61) == 0
    # Others sell more on that day only.
    others = [line for line in banned.lines if line.item.place.endswith("_b")]
    by_day = [
        banned.tonnes(others, day, day + 0.1) / n for day, n in ((56.5, 3.5), (60, 1), (61, 2.5))
    ]
    assert by_day[0] == pytest.approx(by_day[2])
    assert by_day[1] > by_day[0] * 1.5


def test_a_closure_of_four_days_sends_four_sevenths_the_other_way() -> None:
    shut = watched(*WITHIN_A_WEEK["a closure of four days"])
    through = [x for x in shut.lines if x.link.corridor == "pass" and x.rate > 0]
    for line in through:
        twin = calm().lines[shut.lines.index(line)]
        t = calm().by_way[77.5, twin, "pass"]
        assert shut.by_way[77.5, line, "pass"] == pytest.approx(t * 3 / 7)
        other = t * 4 / 7 if line.link.next_corridor else 0.0
        assert shut.by_way[77.5, line, "cape"] == pytest.approx(other)
    assert {bool(x.link.next_corridor) for x in through} == {True, False}


def test_a_quota_counts_by_slice_whatever_an_easing_restates() -> None:
    model = watched(*WITHIN_A_WEEK["a quota by element, then over all"])
    (quota,) = model.border.quotas
    first, eased = quota.course.on(33), quota.course.on(206)
    assert first is not None
    assert eased is not None
    full = 0
    for key, allowed in first.allowed.items():  # all of the half-year's, although it begins late
        t = model.tonnes([x for x, of in first.key.items() if of == key], 33, 181)
        assert t <= allowed * (1 + 1e-9)
        full += t == pytest.approx(allowed)
    assert full >= 4
    # July has had more than a month's part before it was eased; then each month has its own.
    assert model.tonnes(list(eased.key), 181, 206) > eased.allowed["all"]
    assert model.tonnes(list(eased.key), 206, 212) == 0
    for first_day, last in ((212, 243), (243, 273)):
        assert model.tonnes(list(eased.key), first_day, last) == pytest.approx(eased.allowed["all"])


SURE = {
    "approve": "100 %",
    "return": "0 %",
    "refuse": "0 %",
    "validity": "1000 d",
    "military": "as civil",
}


def desk(reviewers: int) -> dict[str, Any]:
    return {"office": {"reviewers": reviewers, "cases_per_week": "1 each"}}


def test_new_reviewers_take_the_queue_and_the_old_ones_finish() -> None:
    licence = by_phases(
        ExportLicence, ("in_force", 0, {}), ("eased", 10, desk(3)), **export("licence"), **SURE,
        **desk(1), review="1 d",
    )  # fmt: skip
    (office,) = Watched(licence, world=trade_world()).border.offices
    office.on(40)
    decided = sorted(x.valid_until - 1000 for x in office.cases.values() if x.valid_until > 0)
    assert decided == [8, 15, 18, 18, 18, 25, 25, 25, 32, 32, 32, 39, 39, 39]


def test_a_restated_scope_lets_users_in_and_out() -> None:
    licence = by_phases(
        ExportLicence, ("in_force", 0, {}), ("eased", 30, {"destinations": ["BBB", "CCC"]}),
        ("eased", 60, {"destinations": "CCC"}), ("eased", 90, {"destinations": "all"}),
        **export("licence"), **SURE, office="clock", review="20 d", destinations="BBB",
    )  # fmt: skip
    (office,) = Watched(licence, world=trade_world()).border.offices

    def standing(day: int) -> dict[str, set[str]]:
        found = defaultdict(set)
        for line, said in office.on(day).items():
            found["CCC" if line.holding.place.endswith("ccc") else "BBB"].add(said)
        return found

    assert standing(19) == {"BBB": {"held"}}
    assert standing(20) == {"BBB": {"open"}}
    assert standing(49) == {"BBB": {"open"}, "CCC": {"held"}}
    assert standing(50) == {"BBB": {"open"}, "CCC": {"open"}}
    assert standing(60) == {"CCC": {"open"}}
    assert standing(90) == {"BBB": {"open"}, "CCC": {"open"}}
    assert {case.attempts for case in office.cases.values()} == {1}


def test_the_second_regime_over_a_user_has_the_next_number() -> None:
    model = Watched(*WITHIN_A_WEEK["two licences"], world=trade_world())
    first, second = model.border.offices
    first.on(60)
    shared = first.cases.keys() & second.cases.keys()
    assert shared
    assert {case.number for case in first.cases.values()} == {0}
    assert {key for key, case in second.cases.items() if case.number == 1} == shared


def test_the_cases_are_not_one_case_and_calm_is_none() -> None:
    outcomes = simulate_all(
        trade_world(), [Variant(), *(Variant([lever], SEED) for lever in LEVERS.values())],
        starts=STARTS, ends=ENDS,
    )  # fmt: skip
    undisturbed, *others = (shortfall_of(outcome_of(each)).to_numpy() for each in outcomes)
    totals, names = dict(zip(LEVERS, others, strict=True)), list(LEVERS)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            assert np.abs(totals[one] - totals[other]).max() > 0.5, (one, other)
    assert undisturbed.max() < AGREE_T


def test_the_licence_case_has_a_queue_every_outcome_and_renewals() -> None:
    cases = run(compiled(LEVERS["licence"])).licences
    assert set(cases["outcome"]) == {"approve", "return", "refuse"}
    assert cases["renewal"].any()
    # A reviewer's week and 45 working days are 70 days or less; whoever took longer waited for a reviewer.
    assert (cases["decided_day"] - cases["filed_day"] > 77).sum() >= 10


def test_a_licence_given_before_the_first_day_runs_from_its_own_day() -> None:
    engine = compiled(LEVERS["licence"])
    run(engine)
    (desk,) = engine.columns[0].regime.agents.values()
    first = [d for d in desk.decisions if d.outcome == "approve" and not d.renewal]  # type: ignore[attr-defined]
    early = [d for d in first if d.decided_day < 0]
    assert len(early) > 5
    assert {d.valid_until - d.decided_day for d in first} == {150}


def test_a_filler_of_which_hardly_anything_is_left_is_replaced_and_stops_no_maker() -> None:
    # Whatever is left of the filler, there is plenty of what replaces it: all is made.
    engine = compiled()
    network, stocks = engine.network, engine.goods.stocks
    makers = next(m for m in engine.production.all_makers if m.by_recipe)
    wish_t = np.full((len(makers.site), len(makers.products), 1), 1.0)
    filler = network.elements.index("Fi")
    for left_t in (0.0, *np.geomspace(1e-18, 1e-2, 49)):
        stocks.held[:-1] = 100.0
        stocks.held[makers.holder[:, filler]] = left_t
        made = make(makers, network, stocks, wish_t, wish_t, day=0.0, span=7.0)
        assert made.batch.product_t == pytest.approx(wish_t, rel=1e-12), left_t
        engine.goods.start(makers, made.taken, made.batch, 0)
        assert stocks.held.min() >= 0
