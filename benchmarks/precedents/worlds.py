"""A small world for each metal: one exporter, users abroad of very unequal size, what leaves by month.

CHN digs and separates as much as it exported before the rule, and nobody else supplies. So flows abroad follow
the licence, the stock of the users and the ways alone. The engine is the program's own; users keep to the plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from math import nan
from statistics import fmean

import pandas as pd

from benchmarks.precedents import tables
from benchmarks.precedents.rule import BEHAVIOUR, Fitted, licence
from sim.engine import Variant, outcome_of, simulate_all
from sim.engine.records import Records
from sim.equations.sizes import zipf_shares
from sim.world import World, load_pack
from sim.world.world import (
    Cover,
    Demand,
    Element,
    EndUsers,
    Flow,
    Holidays,
    LicenceOffice,
    Product,
)
from tests.worlds import Builder, link, sector, site

PACK = "rare_earths_2024"
"""The office's holidays, and what its rows say of the rest, are those of the shipped pack."""
HOME, ABROAD = "CHN", "ABR"
WAY_DAYS = 30.0
"""At sea; assumed."""
FEED_DAYS = 14.0
KG_PER_T = 1000.0
BEFORE = timedelta(days=61)
"""Calm days before the rule."""
SYMBOLS = {"gallium": "Ga", "germanium": "Ge", "antimony": "Sb"}
ENDS = date(2025, 1, 1)


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is assumed of those who buy, and of the office but for X and c."""

    users: int = 40
    """Nobody has counted them."""
    size_exponent: float = 1.0
    """Of Zipf's rule for their sizes, as the pack has it; 0: all alike."""
    stock_days: float = 50.0
    """Gallium of users in the United States at the end of 2022 lasted 52 days (`tables.stock_days`); for
    germanium, antimony and everybody else the same is assumed."""
    office: LicenceOffice | None = None
    """None: as the pack's rows have it"""


ASSUMED = Assumed()


@dataclass(frozen=True, slots=True)
class Regime:
    """What a rule did in a world, as the mean of its draws."""

    flows: Mapping[str, float]
    """Month -> exports as a part of those before the rule"""
    first_days: float
    """Mean days from filing to a first licence"""
    cover: float
    """Part of planned use that licences cover, by the mean days between grants of a case; nan: none had two"""


def holidays() -> Holidays | None:
    """Days on which the office is closed."""
    return load_pack(PACK).holidays.get(HOME)


@cache
def world(metal: str, assumed: Assumed = ASSUMED) -> World:
    """The world of a metal, t/yr."""
    a_year = tables.base(metal).a_month * 12
    a_year = a_year / KG_PER_T if tables.base(metal).unit == "kg" else a_year
    symbol, use = SYMBOLS[metal], f"use_{metal}_abr"
    b = Builder()
    b.sectors = {metal: sector(metal, "oxide")}
    size = {"output_t_per_year": a_year, "capacity_t_per_year": a_year}
    b.sites = [
        site("mine_chn", HOME, "mine", basket={symbol: 1.0}, **size),
        site(
            "sep_chn", HOME, "separation", processing_days=FEED_DAYS, can_separate=(symbol,), **size
        ),
    ]
    b.links = [
        link("mine_chn", "sep_chn", "concentrate", 1.0), link("sep_chn", use, "oxide", WAY_DAYS)
    ]  # fmt: skip
    b.flows = [
        Flow("mine_chn", "sep_chn", "concentrate", "", a_year), Flow("sep_chn", use, "oxide", symbol, a_year)
    ]  # fmt: skip
    b.demand = [Demand(metal, ABROAD, symbol, a_year)]
    b.covers = [
        Cover("sep_chn", "concentrate", "", FEED_DAYS), Cover(use, "oxide", "", assumed.stock_days)
    ]  # fmt: skip
    sizes = zipf_shares(assumed.users, assumed.size_exponent)
    b.end_users = {use: EndUsers(use, sizes, (False,) * assumed.users)}
    pack = load_pack(PACK)
    return b.world(
        elements=(Element(symbol, metal, "", 1.0),), products=(Product(symbol, "oxide", symbol, None),),
        holidays=pack.holidays, licence_office=assumed.office or pack.licence_office,
    )  # fmt: skip


def regimes(
    metal: str, rules: Sequence[Fitted], draws: Sequence[int], assumed: Assumed = ASSUMED
) -> list[Regime]:
    """What each rule did, as the mean of these draws of the order, the times and outcomes of the cases."""
    own, starts = world(metal, assumed), date.fromisoformat(tables.in_force(metal))
    variants = [
        Variant((licence(rule, starts, assumed.users, own),), replication=draw, provenance=False)
        for rule in rules
        for draw in draws
    ]
    outcomes = simulate_all(own, variants, starts=starts - BEFORE, ends=ENDS, behaviour=BEHAVIOUR)
    records = [outcome_of(outcome) for outcome in outcomes]
    return [
        _regime(own, records[at : at + len(draws)]) for at in range(0, len(records), len(draws))
    ]


def _regime(world: World, records: Sequence[Records]) -> Regime:
    before = sum(flow.t_per_year for flow in world.flows if flow.form == "oxide") / 12
    left = pd.DataFrame([_dispatched_t(each) for each in records]).fillna(0.0).mean()
    cases = pd.concat([each.licences.assign(draw=draw) for draw, each in enumerate(records)])
    return Regime(
        {str(month): float(t) / before for month, t in left.items()},
        first_licence_days(cases), world.licence_office.tonnage_days / between_grants_days(cases),
    )  # fmt: skip


def _dispatched_t(records: Records) -> pd.Series:
    """Month -> t that left for abroad."""
    abroad = records.shipments[records.shipments["form"] == "oxide"]
    return abroad.groupby("month", observed=True)["dispatched_t"].sum()


def first_licence_days(cases: pd.DataFrame) -> float:
    """Mean days from filing to a first licence, returned cases from their first filing, d.

    `cases` are `Records.licences` with the number of the draw. Who is refused files anew, so his days count
    from then on.
    """
    filed: dict[tuple[int, str], float] = {}
    days: dict[tuple[int, str], float] = {}
    columns = ("draw", "user", "filed_day", "decided_day", "outcome")
    ordered = cases.sort_values("decided_day", kind="stable")
    for draw, user, filed_day, decided, outcome in zip(*(ordered[x] for x in columns), strict=True):
        who = draw, user
        since = filed.setdefault(who, filed_day)
        if outcome == "approve":
            days.setdefault(who, decided - since)
        elif outcome == "refuse":
            del filed[who]
    return fmean(days.values()) if days else nan


def between_grants_days(cases: pd.DataFrame) -> float:
    """Mean days between two grants of a case, over all cases that had two; nan where none had."""
    granted = cases[cases["outcome"] == "approve"].groupby(["draw", "user"])["decided_day"]
    grants = granted.agg(["min", "max", "size"])
    gaps = (grants["size"] - 1).sum()
    return float((grants["max"] - grants["min"]).sum() / gaps) if gaps else nan
