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
from sim.summary.at_risk import postponed_shares
from sim.summary.cause import main_limits, with_ceilings
from sim.summary.chain import chain_table
from sim.summary.concentration import concentration_blocks
from sim.summary.exports import exports_table
from sim.summary.flows import flow_blocks, main_output
from sim.summary.headline import headline, transport_and_stockpiles
from sim.summary.long import NAMED_T, Block, Periods, finish
from sim.summary.origin import origin_blocks
from sim.summary.service import (
    caused_blocks,
    day_in_words,
    elements_needed,
    first_months,
    products_needed,
    service_monthly,
    service_summary,
)
from sim.summary.value import value_block
from sim.world.thrift import years_since
from sim.world.world import World, end_use_id

DISRUPTIONS = ("restrictions", "shocks")
"""Headings of the levers that take something away."""
ACTING = ("in_force", "resumed", "eased")
PLACE = ["material", "sector", "region"]
WORST_COLUMNS = (
    *PLACE, "peak", "shortfall_t", "first_short", "recover_days", "limited_by", "caused_t",
    "peak_caused", "first_caused", "output_at_risk", "weeks_below_80",
)  # fmt: skip
REFERENCE_COLUMNS = (*PLACE, "peak", "shortfall_t", "first_month", "first_short", "limited_by")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run folder holds beside the records."""

    summary: pd.DataFrame
    monthly: pd.DataFrame
    headline: list[dict[str, Any]]
    worst: pd.DataFrame
    """Product x sector-region that is short; columns are `WORST_COLUMNS`.

    The most tonnes beyond the reference first, then the most tonnes."""
    reference: pd.DataFrame
    """The same of the reference, the most tonnes first; columns are `REFERENCE_COLUMNS`."""
    chain: pd.DataFrame
    """Who supplied whom: run, period, element, from and to (stage and country), t, unit."""
    exports: pd.DataFrame
    """What left the restricting countries, by month, as customs count it."""


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
    restricted: date | None = None,
) -> Summary:
    """Both worlds side by side; what the levers do is their difference, row by row and never netted.

    `restricted` is the day on which the first restriction comes into force, with whose exports before those of
    each month are compared.
    """
    first_day = first_restriction_day(scenario, idle)
    calendar = Calendar(starts, ends)
    years, months = Periods.years(calendar), Periods.months(calendar)
    since = _years(world, calendar) if behaviour.limits and behaviour.limits.thrifting else None
    home = {world.countries[country].region for country in exporters}
    postponed = postponed_shares(world, behaviour)
    yearly: dict[str, list[Block]] = {}
    monthly: dict[str, list[Block]] = {}
    worlds = {"scenario": scenario, "reference": reference}
    needs = {
        run: (products_needed(records), elements_needed(records, world, since))
        for run, records in worlds.items()
    }
    for run, records in worlds.items():
        products, elements = needs[run]
        output, unit = main_output(records, world), world.basis
        yearly[run] = [
            *service_summary(
                records, products, elements, unit, years, first_day, reference, postponed
            ),
            *flow_blocks(records, output, world, years, behaviour),
            *origin_blocks(records, unit, years, home),
            *concentration_blocks(records, output, years),
            value_block(elements, world, years),
        ]
        # By month what plots need; of the reference only its gaps, the rest is there to compare by year.
        own = run == "scenario"
        monthly[run] = service_monthly(products, elements, unit, months, gaps_only=not own)
        if own and reference is not scenario:
            yearly[run] += caused_blocks(products, needs["reference"][0], unit, years)
            yearly[run] += caused_blocks(
                elements, needs["reference"][1], unit, years, name="embodied_"
            )
        if own:
            monthly[run] += flow_blocks(records, output, world, months, behaviour)
            monthly[run] += origin_blocks(records, unit, months, home)
    table = finish(yearly)
    limits = with_ceilings(main_limits(scenario), scenario, world)
    worst = worst_table(table, limits, starts)
    return Summary(
        summary=table,
        monthly=finish(monthly),
        headline=[
            *headline(
                table, worst, world, exporters, made_without=behaviour.postponable is not None
            ),
            *transport_and_stockpiles(scenario, world),
        ],
        worst=worst,
        reference=reference_table(
            table,
            limits
            if reference is scenario
            else with_ceilings(main_limits(reference), reference, world),
            starts,
            first_months(needs["reference"][0], months.names),
        ),
        chain=chain_table(scenario, reference, world, years),
        exports=exports_table(
            scenario, reference, world, calendar, exporters=exporters, restricted=restricted
        ),
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
    """Product x sector-region that are short in some month, by tonnes missing beyond the reference."""
    worst = _short(table, limits, starts, "scenario")
    order = ["caused_t", "shortfall_t", *PLACE]
    worst = worst.sort_values(
        order, ascending=[False, False, True, True, True], kind="stable", ignore_index=True
    )
    return worst[[*WORST_COLUMNS]]


def reference_table(
    table: pd.DataFrame, limits: Mapping[tuple[str, str], str], starts: date,
    first_months: Mapping[tuple[str, ...], str],
) -> pd.DataFrame:  # fmt: skip
    """The same of the reference, the most tonnes first, with the first month noticeably short."""
    short = _short(table, limits, starts, "reference")
    keys = zip(*(short[column] for column in PLACE), strict=True)
    short["first_month"] = pd.Series([first_months.get(key, "") for key in keys], dtype=str)
    short = short.sort_values(
        ["shortfall_t", *PLACE], ascending=[False, True, True, True],
        kind="stable", ignore_index=True,
    )  # fmt: skip
    return short[[*REFERENCE_COLUMNS]]


def _short(
    table: pd.DataFrame, limits: Mapping[tuple[str, str], str], starts: date, run: str
) -> pd.DataFrame:
    chosen = table[(table["run"] == run) & (table["period"] == "all") & (table["stage"] == "use")]
    plain = chosen.astype(dict.fromkeys(["metric", *PLACE], object))
    wide = plain[~plain["metric"].str.startswith(("embodied", "supply", "value"))].pivot_table(
        index=PLACE, columns="metric", values="value", aggfunc="first"
    )
    for metric in (
        "first_short", "time_to_recover", "peak_shortfall", "shortfall", "caused", "peak_caused",
        "first_caused", "peak_output_at_risk", "weeks_below_80",
    ):  # fmt: skip
        if metric not in wide:
            wide[metric] = float("nan")
    wide = wide[wide["shortfall"] > NAMED_T].reset_index()
    causes = [
        limits.get((end_use_id(s, r), m), "")
        for m, s, r in zip(wide["material"], wide["sector"], wide["region"], strict=True)
    ]
    return pd.DataFrame(
        {
            "material": wide["material"],
            "sector": wide["sector"],
            "region": wide["region"],
            "peak": wide["peak_shortfall"],
            "shortfall_t": wide["shortfall"],
            "first_short": _dates(wide["first_short"], starts),
            "recover_days": wide["time_to_recover"],
            "limited_by": pd.Series(causes, dtype=str),
            "caused_t": wide["caused"].fillna(0.0),
            "peak_caused": wide["peak_caused"].fillna(0.0),
            "first_caused": _dates(wide["first_caused"], starts),
            "output_at_risk": wide["peak_output_at_risk"].fillna(0.0),
            "weeks_below_80": wide["weeks_below_80"].fillna(0.0),
        }
    )


def _dates(days: pd.Series, starts: date) -> pd.Series:
    dates = [day_in_words(starts, day) if day == day else "" for day in days]
    return pd.Series(dates, dtype=str)
