"""All tables of a run folder from the records of the scenario and of its reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from sim.engine.calendar import Calendar
from sim.engine.records import Records
from sim.summary.cause import main_limits
from sim.summary.chain import chain_table
from sim.summary.concentration import concentration_rows
from sim.summary.flows import flow_rows
from sim.summary.headline import headline, transport_and_stockpiles
from sim.summary.long import NAMED_T, coded, finish
from sim.summary.origin import origin_rows
from sim.summary.service import day_in_words, service_monthly, service_summary
from sim.summary.value import value_rows
from sim.world.world import World

DISRUPTIONS = ("restrictions", "shocks")
"""Headings of the levers that take something away."""
ACTING = ("in_force", "resumed", "eased")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run folder holds beside the records."""

    summary: pd.DataFrame
    monthly: pd.DataFrame
    headline: list[dict[str, Any]]
    worst: pd.DataFrame
    """material, sector, region, peak, shortfall_t, first_short, recover_days, limited_by; the worst first."""
    chain: pd.DataFrame
    """Who supplied whom: run, period, element, from and to (stage and country), t, unit."""


def summarise(
    scenario: Records,
    reference: Records,
    world: World,
    *,
    starts: date,
    ends: date,
    exporters: Sequence[str] = (),
) -> Summary:
    """Both worlds side by side; what is blamed on the levers is their difference."""
    first_day = first_restriction_day(scenario)
    calendar = Calendar(starts, ends)
    days = dict(zip(calendar.months(), calendar.days_in_months(), strict=True))
    is_own_reference = reference is scenario
    scenario = coded(scenario)
    reference = scenario if is_own_reference else coded(reference)
    yearly, monthly = [], []
    for run, records in (("scenario", scenario), ("reference", reference)):
        yearly.append(_yearly(records, world, starts, first_day, days, run))
        monthly.append(_monthly(records, world, days, run))
    table = pd.concat(yearly, ignore_index=True)
    limits = main_limits(scenario)
    return Summary(
        summary=table,
        monthly=pd.concat(monthly, ignore_index=True),
        headline=[
            *headline(table, limits, world, starts, exporters),
            *transport_and_stockpiles(scenario, world),
        ],
        worst=worst_table(table, limits, starts),
        chain=chain_table(scenario, reference, world),
    )


def first_restriction_day(records: Records) -> float | None:
    """First day on which a restriction is in force, or the start where one was; None without.

    A shock counts only where there is no restriction: what a closed corridor does years before a ban is
    not what the ban does.
    """
    for heading in DISRUPTIONS:
        day = _first_day(records.levers[records.levers["heading"] == heading])
        if day is not None:
            return day
    return None


def _first_day(levers: pd.DataFrame) -> float | None:
    levers = levers[levers["phase"] != "announced"]
    acts = levers["phase"].isin(ACTING)
    # A phase of before the start only counts if nothing has replaced it by then.
    latest = ~levers[levers["day"] <= 0].duplicated("lever", keep="last")
    holds = acts & ((levers["day"] > 0) | latest.reindex(levers.index, fill_value=False))
    first = levers.loc[holds, "day"].min()
    return None if pd.isna(first) else max(0.0, float(first))


def _yearly(
    records: Records, world: World, starts: date, first_day: float | None, days: Mapping[str, float],
    run: str,
) -> pd.DataFrame:  # fmt: skip
    parts = service_summary(records, world, starts, first_day)
    parts += flow_rows(records, world, days, monthly=False)
    parts += origin_rows(records, world, monthly=False)
    parts += concentration_rows(records, world) + value_rows(records, world)
    return finish(parts, run)


def _monthly(records: Records, world: World, days: Mapping[str, float], run: str) -> pd.DataFrame:
    """What plots need; of the reference only its gaps, the rest is there to compare in the summary."""
    is_reference = run == "reference"
    parts = service_monthly(records, world, gaps_only=is_reference)
    if not is_reference:
        parts += flow_rows(records, world, days, monthly=True)
        parts += origin_rows(records, world, monthly=True)
    return finish(parts, run)


def worst_table(
    table: pd.DataFrame, limits: Mapping[tuple[str, str], str], starts: date
) -> pd.DataFrame:
    """Product x sector-region that are short in some month, by tonnes missing."""
    chosen = table[
        (table["run"] == "scenario") & (table["period"] == "all") & (table["stage"] == "use")
    ]
    wide = chosen[~chosen["metric"].str.startswith(("embodied", "supply", "value"))].pivot_table(
        index=["material", "sector", "region"], columns="metric", values="value", aggfunc="first"
    )
    for metric in ("first_short", "time_to_recover", "peak_shortfall", "shortfall"):
        if metric not in wide:
            wide[metric] = float("nan")
    wide = wide[wide["shortfall"] > NAMED_T].reset_index()
    wide = wide.sort_values(
        ["shortfall", "material", "sector", "region"], ascending=[False, True, True, True],
        kind="stable", ignore_index=True,
    )  # fmt: skip
    return pd.DataFrame(
        {
            "material": wide["material"],
            "sector": wide["sector"],
            "region": wide["region"],
            "peak": wide["peak_shortfall"],
            "shortfall_t": wide["shortfall"],
            "first_short": [day_in_words(starts, d) if d == d else "" for d in wide["first_short"]],
            "recover_days": wide["time_to_recover"],
            "limited_by": [
                limits.get((f"use_{s}_{r}".lower(), m), "")
                for m, s, r in zip(wide["material"], wide["sector"], wide["region"], strict=True)
            ],
        }
    )
