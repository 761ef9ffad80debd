"""All tables of a run folder from the records of the scenario and of its reference."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.behaviour import RIGID, Behaviour
from sim.engine.calendar import Calendar
from sim.engine.records import Records
from sim.quantities import DAYS_PER_CALENDAR_YEAR
from sim.summary.cause import main_limits
from sim.summary.chain import chain_table
from sim.summary.concentration import concentration_blocks
from sim.summary.flows import flow_blocks, main_output
from sim.summary.headline import headline, transport_and_stockpiles
from sim.summary.long import NAMED_T, Block, Periods, finish
from sim.summary.origin import origin_blocks
from sim.summary.service import (
    day_in_words,
    elements_needed,
    products_needed,
    service_monthly,
    service_summary,
)
from sim.summary.value import value_block
from sim.world.thrift import years_since
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
    idle: Collection[str] = (),
    behaviour: Behaviour = RIGID,
) -> Summary:
    """Both worlds side by side; what is blamed on the levers is their difference."""
    first_day = first_restriction_day(scenario, idle)
    calendar = Calendar(starts, ends)
    years, months = Periods.years(calendar), Periods.months(calendar)
    since = _years(world, calendar) if behaviour.limits and behaviour.limits.thrifting else None
    home = {world.countries[country].region for country in exporters}
    yearly: dict[str, list[Block]] = {}
    monthly: dict[str, list[Block]] = {}
    for run, records in (("scenario", scenario), ("reference", reference)):
        products, elements = products_needed(records), elements_needed(records, world, since)
        output, unit = main_output(records, world), world.basis
        yearly[run] = [
            *service_summary(records, products, elements, unit, years, first_day),
            *flow_blocks(records, output, world, years),
            *origin_blocks(records, unit, years, home),
            *concentration_blocks(records, output, years),
            value_block(elements, world, years),
        ]
        # By month what plots need; of the reference only its gaps, the rest is there to compare by year.
        own = run == "scenario"
        monthly[run] = service_monthly(products, elements, unit, months, gaps_only=not own)
        if own:
            monthly[run] += flow_blocks(records, output, world, months)
            monthly[run] += origin_blocks(records, unit, months, home)
    table = finish(yearly)
    limits = main_limits(scenario)
    return Summary(
        summary=table,
        monthly=finish(monthly),
        headline=[
            *headline(table, limits, world, starts, exporters),
            *transport_and_stockpiles(scenario, world),
        ],
        worst=worst_table(table, limits, starts),
        chain=chain_table(scenario, reference, world, years),
    )


def _years(world: World, calendar: Calendar) -> npt.NDArray[np.float64]:
    """[month] years from the base year to the middle of each month of the run."""
    days = np.array(calendar.days_in_months(), dtype=np.float64)
    until = np.cumsum(days) - days / 2
    return years_since(world, calendar.starts) + until / DAYS_PER_CALENDAR_YEAR


def first_restriction_day(records: Records, idle: Collection[str] = ()) -> float | None:
    """First day on which a restriction is in force, or the start where one was; None without.

    A shock counts only where there is no restriction: what a closed corridor does years before a ban is
    not what the ban does. `idle` levers meet nothing and do not count.
    """
    levers = records.levers[~records.levers["lever"].isin(idle)]
    for heading in DISRUPTIONS:
        day = _first_day(levers[levers["heading"] == heading])
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


def worst_table(
    table: pd.DataFrame, limits: Mapping[tuple[str, str], str], starts: date
) -> pd.DataFrame:
    """Product x sector-region that are short in some month, by tonnes missing."""
    chosen = table[
        (table["run"] == "scenario") & (table["period"] == "all") & (table["stage"] == "use")
    ]
    keys = ["metric", "material", "sector", "region"]
    plain = chosen.astype(dict.fromkeys(keys, object))
    wide = plain[~plain["metric"].str.startswith(("embodied", "supply", "value"))].pivot_table(
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
