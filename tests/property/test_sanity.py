"""What anybody would expect of the whole model: a harsher restriction never leaves less missing abroad.

Runs that differ in one thing stand side by side. Where this holds but for something, the bound says for what;
docs/sanity.md has the arithmetic, and what more was tried.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import combinations, pairwise
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from benchmarks.harsher import SHIPPED, Place, ladders, shipped, wide
from benchmarks.more_supply import FREE, RULES
from sim.engine.records import Records
from sim.summary import summarise
from tests.trade_world import trade_world
from tests.worlds import corridor_world, line_world

ROUNDING = 1e-9
"""Part of demand."""
TWO_YEARS = date(2025, 1, 1), date(2027, 1, 1)
EXAMPLES = int(os.environ.get("SANITY_EXAMPLES", "4"))
"""Batches of generated pairs for each world; docs/sanity.md says what came of several hundred."""

WIDER = {"a ban on more places", "a ban on more elements", "a ban on more forms"}
PRODUCTS = {"one ore": ROUNDING, "trade": 1e-2, "shipped": 5e-2}
"""Part of a product's demand in a region that may be missing less. In these worlds plants outside the exporter
hurry or not: they hurry a week longer when it lasts longer, and their ore brings all that is in it."""
REGIONS = {"one ore": ROUNDING, "trade": ROUNDING, "shipped": 1e-4}


@cache
def place(name: str) -> Place:
    """In the small worlds restrictions begin at a review."""
    if name == "one ore":
        return Place(line_world(second=True, cover=20.0), "AAA", date(2025, 3, 5), TWO_YEARS)
    if name == "trade":
        return Place(wide(trade_world()), "AAA", date(2025, 3, 5), TWO_YEARS)
    return shipped(ends=date(2027, 7, 1))


SCOPES: dict[str, dict[str, Any]] = {
    "one ore": {"places": [["EEE"], "all"], "elements": [["Xa"], "all"], "plant": "sep_aaa"},
    "trade": {
        "places": [["CCC"], ["CCC", "BBB"]], "elements": [["Hv"], ["Hv", "Fi"], "all"],
        "plant": "sep_a",
    },
    "shipped": SHIPPED,
}  # fmt: skip


def relief(where: Place, mild: Records, harsh: Records) -> pd.Series:
    """(region, product) -> t missing less in the harsher run."""
    return where.missing(mild) - where.missing(harsh)


def check(name: str, about: str, mild: Records, harsh: Records) -> None:
    """Of two runs the harsher one has no less missing, as far as that holds."""
    where = place(name)
    less, demand = relief(where, mild, harsh), where.demand(mild)
    regions = less.groupby("region", observed=True).sum()
    of_regions = demand.groupby("region", observed=True).sum()
    if about != "a ban on more forms":
        assert less.sum() <= ROUNDING * demand.sum(), about
        assert (regions <= REGIONS[name] * of_regions).all(), (about, regions)
    if about in WIDER:
        assert not gained_beyond(where, less, mild, harsh), about
    else:
        assert (less <= PRODUCTS[name] * demand).all(), (about, less.nlargest(3))


def gained_beyond(where: Place, less: pd.Series, mild: Records, harsh: Records) -> dict[str, float]:
    """Product -> t gained beyond what plants and makers abroad make more, and have in stock."""
    gained = less.clip(lower=0).groupby("product", observed=True).sum()
    before, now = made_abroad(where, mild), made_abroad(where, harsh)
    days = 14 + 7 + 90  # producers' stock, a review, the pile of what nobody buys
    stock = before * days / (where.runs[1] - where.runs[0]).days
    more = ((now - before).clip(lower=0) + stock).reindex(gained.index).fillna(0.0)
    beyond = gained - more
    return dict(beyond[beyond > ROUNDING * where.demand(mild).sum()])


def made_abroad(where: Place, records: Records) -> pd.Series:
    own = records.production[records.production["country"] != where.exporter]
    return own.groupby("product", observed=True)["output_t"].sum()


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("name", SCOPES)
def test_a_harsher_restriction_never_leaves_less_missing(name: str, rules: str) -> None:
    where = place(name)
    steps = ladders(where, **SCOPES[name])
    runs = [lever for ladder in steps.values() for lever in ladder.values()]
    records = iter(where.run(runs, RULES[rules]))
    some = False
    for about, ladder in steps.items():
        if not ladder:
            continue
        those = [next(records) for _ in ladder]
        some |= bool(where.missing(those[-1]).sum() > 0)
        for mild, harsh in combinations(those, 2):
            check(name, about, mild, harsh)
    assert some


@pytest.mark.parametrize("rules", RULES)
def test_a_ban_that_is_longer_by_a_day_never_leaves_less_missing(rules: str) -> None:
    # Within a week what leaves a day later lands at the same review: nothing changes, or more is missing.
    where = place("one ore")
    bans = [[where.lever("export_ban", days=days)] for days in range(90, 98)]
    for about in ({}, {"review_days": 1.0}):
        runs = where.run(bans, RULES[rules], **about)
        total = [where.missing(each).sum() for each in runs]
        assert total == sorted(total)
    assert total[-1] - total[0] == pytest.approx(7 * 6.0)  # 6 t/day come from AAA


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize(("name", "apart"), [("one ore", 1e-5), ("trade", 1e-2), ("shipped", 1e-2)])
def test_a_quota_of_next_to_nothing_is_a_ban(name: str, rules: str, apart: float) -> None:
    where = place(name)
    ban, quota = where.run(
        [[where.lever("export_ban")], [where.lever("export_quota", amount="0.0001 %")]],
        RULES[rules],
    )
    ends = "2026-12" if name == "shipped" else "2026-03"
    until = by_then(where, quota, ends) - by_then(where, ban, ends)
    assert (until.abs() <= apart * where.demand(ban)).all(), until.abs().nlargest(3)
    after = relief(where, quota, ban) - until
    last = quota.shipments[quota.shipments["month"] < ends]
    held_t = last[last["month"] == last["month"].max()]["held_t"].sum()
    assert held_t > 0
    assert after.abs().sum() <= held_t


def by_then(where: Place, records: Records, month: str) -> pd.Series:
    """(region, product) -> t missing in the months before one."""
    use = records.use
    return where.missing(replace_use(records, use["month"].astype(str) < month))


def replace_use(records: Records, rows: pd.Series) -> Any:
    """Something with only these rows of use."""
    return SimpleNamespace(use=records.use[rows])


@pytest.mark.parametrize("rules", RULES)
def test_a_smaller_stock_never_leaves_less_missing(rules: str) -> None:
    world = corridor_world(second=True, cover=20.0)
    where = Place(world, "AAA", date(2025, 3, 5), TWO_YEARS)
    ban = where.lever("export_ban", days=182)
    sizes = [
        where.lever(
            "stockpile_release", stockpile="stockpile_eee", size=f"{days} d", trigger="14 d"
        )
        for days in (120, 60, 20, 3)
    ]
    missing = [
        where.missing(r) for r in where.run([*([ban, size] for size in sizes), [ban]], RULES[rules])
    ]
    stocks = [
        replace(world, defaults=replace(world.defaults, producer_stock_days=days))
        for days in (28.0, 14.0, 7.0)
    ]
    covers = [corridor_world(second=True, cover=cover) for cover in (40.0, 27.0, 20.0, 14.0)]
    for family in (stocks, covers):
        places = [replace(where, world=each) for each in family]
        missing += [each.missing(each.run([[ban]], RULES[rules])[0]) for each in places]
    families = missing[:5], missing[5:8], missing[8:]
    for family_missing in families:
        for more, less in pairwise(family_missing):
            assert (more <= less * (1 + ROUNDING) + ROUNDING).all()
    assert all(each[0].sum() < each[-1].sum() for each in families[::2])


@pytest.mark.parametrize("rules", RULES)
def test_a_longer_closure_and_goods_that_are_held_never_leave_less_missing(rules: str) -> None:
    where = Place(corridor_world(second=True, cover=20.0), "AAA", date(2025, 3, 5), TWO_YEARS)

    def closure(days: int, way: str) -> list[Any]:
        return [where.lever("corridor_closure", corridor="pass", days=days, in_transit=way)]

    days = (14, 28, 35, 60, 119, 182)
    ways = {way: [closure(d, way) for d in days] for way in ("continue", "hold")}
    records = where.run(
        [*ways["continue"], *ways["hold"], [where.lever("export_ban")]], RULES[rules]
    )
    missing = [where.missing(each) for each in records]
    goes_on, held = missing[: len(days)], missing[len(days) : -1]
    for family in (goes_on, held):
        assert all((a <= b + 1e-6).all() for a, b in pairwise(family))
    assert all((a <= b + 1e-6).all() for a, b in zip(goes_on, held, strict=True))
    assert (goes_on[-1] > 0).all()


def test_the_sum_of_the_regions_is_the_world() -> None:
    where = place("trade")
    ban, calm = where.run([[where.lever("export_ban")], []], FREE)
    starts, ends = TWO_YEARS
    tables = summarise(
        ban, calm, where.world, starts=starts, ends=ends, exporters=("AAA",), behaviour=FREE
    )
    (world_t,) = [h["value"] for h in tables.headline if h["id"] == "world_shortfall"]
    rows = tables.summary.query("metric == 'shortfall' and run == 'scenario'")
    by_period = rows.groupby(rows["period"] == "all", observed=True)["value"].sum()
    assert by_period.to_list() == pytest.approx([world_t, world_t], rel=1e-6)
    assert where.missing(ban).sum() == pytest.approx(world_t, rel=1e-6)  # AAA lacks nothing


# ---- generated

AMOUNTS = [90, 75, 50, 25, 10, 2]


@st.composite
def harsher(draw: Any, name: str) -> tuple[str, list[Any], list[Any]]:
    """What grows worse, and levers before and after; now and then beside another lever."""
    where, scope = place(name), SCOPES[name]
    kind = draw(st.sampled_from(["export_ban", "export_quota", "production_quota", "site_outage"]))
    since, weeks = draw(st.integers(0, 120)), draw(st.integers(2, 40))
    given: dict[str, Any] = {"since": since, "days": 7 * weeks}
    amount = draw(st.integers(0, len(AMOUNTS) - 2))
    if kind.endswith("quota"):
        given["amount"] = f"{AMOUNTS[amount]} %"
        given["period"] = draw(st.sampled_from(["month", "quarter", "year"]))
    if kind == "production_quota":
        given["stage"] = draw(st.sampled_from(["mine", "separation"]))
    if kind == "site_outage":
        given = {"since": since, "site": scope["plant"], "repair": f"{7 * weeks} d"}
    changes: dict[str, dict[str, Any]] = {}
    longer = 7 * (weeks + draw(st.integers(1, 12)))
    changes["longer"] = {"repair": f"{longer} d"} if kind == "site_outage" else {"days": longer}
    if kind.endswith("quota"):
        changes["smaller"] = {
            "amount": f"{AMOUNTS[draw(st.integers(amount + 1, len(AMOUNTS) - 1))]} %"
        }
    if kind == "export_ban":  # a quota on more goods has more tonnage, which one of them may use up
        some = draw(st.integers(0, len(scope["places"]) - 2))
        given["destinations"] = scope["places"][some]
        changes["a ban on more places"] = {"destinations": scope["places"][some + 1]}
        few = draw(st.integers(0, len(scope["elements"]) - 2))
        given["elements"] = scope["elements"][few]
        changes["a ban on more elements"] = {"elements": scope["elements"][few + 1]}
    about = draw(st.sampled_from(sorted(changes)))
    beside = draw(st.sampled_from([None, "site_outage", "production_quota"]))
    others = []
    if beside == "site_outage":
        others = [
            where.lever("site_outage", since=50, site=scope["plant"], repair="40 d", id="beside")
        ]
    if beside == "production_quota":
        others = [where.lever(beside, since=9, days=200, stage="mine", amount="70 %", id="beside")]
    mild, harsh = where.lever(kind, **given), where.lever(kind, **(given | changes[about]))
    return f"{kind} {about}" if about not in WIDER else about, [mild, *others], [harsh, *others]


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("name", ["one ore", "trade"])
def test_generated_pairs_keep_to_it_too(name: str, rules: str) -> None:
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate]
    )  # fmt: skip
    @given(st.lists(harsher(name), min_size=8, max_size=8))
    def batches(pairs: Sequence[tuple[str, list[Any], list[Any]]]) -> None:
        where = place(name)
        records = where.run(
            [levers for _, mild, harsh in pairs for levers in (mild, harsh)], RULES[rules]
        )
        for (about, *_), mild, harsh in zip(pairs, records[::2], records[1::2], strict=True):
            check(name, about, mild, harsh)

    batches()
