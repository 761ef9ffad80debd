"""Service: what end users needed, got and lacked, from when and for how long."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.records import SMALL_T, Records
from sim.summary.long import by_month, by_period, long_rows
from sim.world.world import World

SHORT_SHARE = 0.05 + 1e-9
"""Shortfall above 5 % of demand counts as short (`docs/model.md`); exactly 5 %, rounded, does not."""
RECOVERY_DAYS = 90
USE = {"product": "material", "sector": "sector", "region": "region"}
FloatArray = npt.NDArray[np.float64]


def service_monthly(records: Records, world: World, *, gaps_only: bool) -> list[pd.DataFrame]:
    """By month: demand and consumption by product, what is missing of them, and both by content.

    Content is summed over sectors (`sector` is `all`). `gaps_only` leaves out what the reference has in
    common with the scenario. A month without a shortfall has no row of it.
    """
    use = with_shortfall(records.use)
    names, unit = {**USE, "month": "period"}, world.basis
    short = use[use["shortfall_t"] > SMALL_T]
    rows = [long_rows(short, "shortfall", "shortfall_t", unit, names, stage="use")]
    if not gaps_only:
        rows += [
            long_rows(use, m, f"{m}_t", unit, names, stage="use")
            for m in ("demand", "delivered", "consumed")
        ]
    content = by_month(embodied(use, world), ["element", "region"], ["demand_t", "shortfall_t"])
    names = {"element": "material", "region": "region", "period": "period"}
    for metric in ("demand", "shortfall"):
        rows.append(
            long_rows(
                content, f"embodied_{metric}", f"{metric}_t", unit, names, stage="use", sector="all"
            )
        )
    return rows


def service_summary(
    records: Records, world: World, starts: date, first_day: float | None
) -> list[pd.DataFrame]:
    """The same by year and over the run, with fill rate, peak, duration, first day short, TTS and TTR."""
    use = with_shortfall(records.use)
    unit = world.basis
    sums = by_period(use, list(USE), ["demand_t", "delivered_t", "consumed_t", "shortfall_t"])
    names = {**USE, "period": "period"}
    rows = [
        long_rows(sums, m, f"{m}_t", unit, names, stage="use")
        for m in ("demand", "delivered", "consumed", "shortfall")
    ]
    sums["fill_rate"] = fill_rate(sums)
    rows.append(long_rows(sums, "fill_rate", "fill_rate", "fraction", names, stage="use"))
    content = by_period(
        embodied(use, world), ["element", "sector", "region"], ["demand_t", "shortfall_t"]
    )
    names = {"element": "material", "region": "region", "sector": "sector", "period": "period"}
    for metric in ("demand", "shortfall"):
        rows.append(
            long_rows(content, f"embodied_{metric}", f"{metric}_t", unit, names, stage="use")
        )
    rows += _months_short(use)
    rows += _by_review(records, first_day)
    return rows


def with_shortfall(use: pd.DataFrame) -> pd.DataFrame:
    """Shortfall = demand - consumed, t; never below zero beyond rounding."""
    return use.assign(shortfall_t=(use["demand_t"] - use["consumed_t"]).clip(lower=0.0))


def fill_rate(sums: pd.DataFrame) -> pd.Series:
    """Mass consumed over mass demanded (beta service level), in [0, 1]."""
    return (sums["consumed_t"] / sums["demand_t"]).where(sums["demand_t"] > 0)


def embodied(use: pd.DataFrame, world: World) -> pd.DataFrame:
    """Demand and shortfall by element: product tonnes x share of the element in the recipe."""
    shares = [
        (product, i.element, i.share)
        for product, recipe in world.recipes.items()
        for i in recipe.ingredients
    ]
    shares += [(e.symbol, e.symbol, 1.0) for e in world.elements]
    matrix = pd.DataFrame(shares, columns=["product", "element", "share"])
    table = use.merge(matrix, on="product")
    for column in ("demand_t", "consumed_t", "shortfall_t"):
        table[column] *= table["share"]
    keys = ["month", "element", "sector", "region"]
    return table.groupby(keys, as_index=False, sort=True, observed=True)[
        ["demand_t", "consumed_t", "shortfall_t"]
    ].sum()


def _months_short(use: pd.DataFrame) -> list[pd.DataFrame]:
    """Peak shortfall (worst month, % of demand) and duration (months above 5 %)."""
    share = (use["shortfall_t"] / use["demand_t"]).where(use["demand_t"] > 0, 0.0)
    grouped = use.assign(share=share * 100, short=(share > SHORT_SHARE).astype(float)).groupby(
        list(USE), as_index=False, sort=True, observed=True
    )
    table = grouped.agg(peak=("share", "max"), months=("short", "sum"))
    return [
        long_rows(table, "peak_shortfall", "peak", "%", USE, stage="use", period="all"),
        long_rows(table, "duration", "months", "months", USE, stage="use", period="all"),
    ]


def _by_review(records: Records, first_day: float | None) -> list[pd.DataFrame]:
    """First day short, and TTS and TTR from the first day of a restriction (a shock, where there is none)."""
    index = records.use_index
    short = review_shares(records) > SHORT_SHARE
    first = [_first(records.review_day, column) for column in short.T]
    rows = [
        long_rows(
            index.assign(day=first),
            "first_short",
            "day",
            "days from start",
            USE,
            stage="use",
            period="all",
        )
    ]
    if first_day is None:
        return rows
    survive = [
        _first(records.review_day - first_day, c & (records.review_day > first_day))
        for c in short.T
    ]
    recover = [_recovered(records.review_day, c, first_day) for c in short.T]
    for metric, values in (("time_to_survive", survive), ("time_to_recover", recover)):
        rows.append(
            long_rows(
                index.assign(day=values), metric, "day", "days", USE, stage="use", period="all"
            )
        )
    return rows


def review_shares(records: Records) -> FloatArray:
    """[review, use] shortfall as a part of demand since the review before."""
    demand = records.review_demand_t
    gap = np.maximum(0.0, demand - records.review_consumed_t)
    return np.divide(gap, demand, out=np.zeros_like(demand), where=demand > 0)


def _first(days: FloatArray, flags: npt.NDArray[np.bool_]) -> float:
    """First day flagged; not a number where there is none (right-censored)."""
    where = np.flatnonzero(flags)
    return float(days[where[0]]) if len(where) else np.nan


def _recovered(days: FloatArray, short: npt.NDArray[np.bool_], first_day: float) -> float:
    """Days until the fill rate stays at or above 95 % for 90 days; not a number if it does not.

    0 where it never fell below; censored where fewer than 90 days of the run are left to see it stay.
    """
    after = np.flatnonzero(short & (days > first_day))
    if not len(after):
        return 0.0
    ends = [*after[1:], len(days)]
    for last, following in zip(after, ends, strict=True):
        well = last + 1
        if well >= len(days):
            break
        until = days[following] if following < len(days) else days[-1]
        if until - days[well] >= RECOVERY_DAYS:
            return float(days[well] - first_day)
    return float("nan")


def day_in_words(starts: date, day: float) -> str:
    """ISO date of a day of the run."""
    return (starts + timedelta(days=int(day))).isoformat()
